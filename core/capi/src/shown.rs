//! The state page that a consumer is shown on, where the caller gave one.

use crate::error::Error;
use ptpwatch_core::consumer::Consumer;
#[cfg(target_has_atomic = "64")]
use ptpwatch_core::page::{BootId, Page, Sheet, Writer};
use ptpwatch_core::time::Instant;

/// A state page, if there is one.
#[derive(Debug, Default)]
#[cfg(target_has_atomic = "64")]
pub(crate) struct Shown(Option<Writer<'static>>);

#[cfg(target_has_atomic = "64")]
impl Shown {
    /// Takes over the page at `place`.
    ///
    /// # Errors
    /// [`Error::Null`]; [`Error::Page`] if it is none, or not aligned.
    ///
    /// # Safety
    /// `place` is null or points to a page's bytes, which nobody else writes until it is closed.
    pub(crate) unsafe fn open(place: *const u8, boot: u64, now: Instant) -> Result<Self, Error> {
        let page = place.cast::<Page>();
        if page.is_null() {
            return Err(Error::Null);
        }
        if !page.is_aligned() {
            return Err(Error::Page);
        }
        // SAFETY: it is aligned, and our caller vouches for the bytes. Any bytes are a page, all of it atomic, so that
        // others may look at it.
        let page: &'static Page = unsafe { &*page };
        Writer::take(page, BootId(boot), now).map(|writer| Self(Some(writer))).ok_or(Error::Page)
    }

    /// Shows what `consumer` has to say.
    pub(crate) fn update(&mut self, now: Instant, consumer: &Consumer<'_>) {
        if let Some(writer) = &mut self.0 {
            writer.update(now, Sheet::of(consumer));
        }
    }

    /// When to update it at the latest, changes apart.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.0.as_ref().map(Writer::poll_timeout)
    }

    /// Says that nobody keeps the page up any more, if there is one.
    pub(crate) fn close(&mut self, now: Instant) {
        if let Some(writer) = self.0.take() {
            writer.close(now);
        }
    }
}

#[cfg(target_has_atomic = "64")]
const _: () = assert!(Page::SIZE == crate::codes::PTPWATCH_PAGE_SIZE);

/// No state page: there are no atomics of 64 bits to make one of.
#[derive(Debug, Default)]
#[cfg(not(target_has_atomic = "64"))]
pub(crate) struct Shown;

#[cfg(not(target_has_atomic = "64"))]
impl Shown {
    /// # Safety
    /// None is needed.
    pub(crate) unsafe fn open(_: *const u8, _: u64, _: Instant) -> Result<Self, Error> {
        Err(Error::Page)
    }

    pub(crate) fn update(&mut self, _: Instant, _: &Consumer<'_>) {}

    pub(crate) fn deadline(&self) -> Option<Instant> {
        None
    }

    pub(crate) fn close(&mut self, _: Instant) {}
}
