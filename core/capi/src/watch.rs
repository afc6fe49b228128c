//! The consumer in a caller's memory.

use crate::codes::*;
use crate::config::Config;
use crate::error::Error;
use crate::memory::{Parts, Profile};
use crate::settings;
use crate::shown::Shown;
use ptpwatch_core::consumer::{ChannelSlot, Conn, Consumer, Memory};
use ptpwatch_core::event::Stage;
use ptpwatch_core::time::Instant;

/// A consumer of PTP events, in memory of the caller's: what a handle points to.
#[derive(Debug)]
pub struct Watch {
    /// [`MAGIC`] and where it is: memory that was moved or copied is no consumer.
    magic: u64,
    pub(crate) producer: u32,
    pub(crate) consumer: Consumer<'static>,
    pub(crate) shown: Shown,
}

impl Watch {
    /// Makes one at `memory`.
    ///
    /// # Errors
    /// What is wrong with the memory or with `config`; then there is none.
    ///
    /// # Safety
    /// There are `size` bytes at `memory`, which may be read and written and are nobody else's until the end of the
    /// consumer. The pointers of `config` are null or point to what the header says they do.
    pub(crate) unsafe fn make(
        memory: *mut u8,
        size: usize,
        profile: Profile,
        config: &Config,
        now: Instant,
    ) -> Result<*mut Self, Error> {
        let place = memory.cast::<Self>();
        if memory.is_null() {
            return Err(Error::Null);
        }
        if !memory.addr().is_multiple_of(PTPWATCH_ALIGN) || size < self::size(profile) {
            return Err(Error::Memory);
        }
        let left = size.saturating_sub(size_of::<Self>());
        // SAFETY: there is room for a head, aligned. Whatever consumer was there ends here, for its parts do.
        unsafe { (*place).magic = 0 };
        // SAFETY: as our caller vouches for; this is what the head leaves of the bytes.
        let mut parts = unsafe { Parts::new(memory.wrapping_add(size_of::<Self>()), left) };
        let memory = lent(profile, &mut parts)?;
        // SAFETY: as our caller vouches for.
        let settings = unsafe { settings::copy(config, &mut parts) }?;
        let (magic, producer, shown) = (magic(place), config.producer, Shown::default());
        let consumer = Consumer::new(memory, settings, now)?;
        // SAFETY: it is aligned, and there is room for it before the parts.
        unsafe { place.write(Self { magic, producer, consumer, shown }) };
        Ok(place)
    }

    /// The consumer at `place`.
    ///
    /// # Errors
    /// [`Error::Null`], or [`Error::Consumer`] if there is none.
    ///
    /// # Safety
    /// `place` is null or points to as many bytes as a consumer has at least, which may be read and written and which nobody
    /// else uses meanwhile.
    pub(crate) unsafe fn at<'w>(place: *mut Self) -> Result<&'w mut Self, Error> {
        // SAFETY: as our caller vouches for.
        unsafe { check(place) }?;
        // SAFETY: its magic says that it was made there.
        Ok(unsafe { &mut *place })
    }

    /// The consumer at `place`, which is not changed.
    ///
    /// # Errors
    /// As [`at`](Self::at).
    ///
    /// # Safety
    /// As for [`at`](Self::at), but for writing.
    pub(crate) unsafe fn seen_at<'w>(place: *const Self) -> Result<&'w Self, Error> {
        // SAFETY: as our caller vouches for.
        unsafe { check(place) }?;
        // SAFETY: its magic says that it was made there.
        Ok(unsafe { &*place })
    }

    /// Tells the page, if there is one, what the consumer has to say.
    pub(crate) fn show(&mut self, now: Instant) {
        self.shown.update(now, &self.consumer);
    }

    /// Ends it: from now on there is none.
    pub(crate) fn end(&mut self, now: Instant) {
        self.shown.close(now);
        self.magic = 0;
    }
}

/// Bytes of a consumer of `profile`.
pub(crate) const fn size(profile: Profile) -> usize {
    profile.size(size_of::<Watch>())
}

/// The memory that a consumer of `profile` is lent.
fn lent(profile: Profile, parts: &mut Parts) -> Result<Memory<'static>, Error> {
    let Profile { conns, receive, send, channels } = profile;
    let (conns, channels) = (parts.take(conns, Conn::new)?, parts.take(channels, ChannelSlot::new)?);
    let [stage, ..] = parts.take(1, Stage::new)? else { return Err(Error::Memory) };
    let receive = parts.take(conns.len().saturating_mul(receive), || 0)?;
    let send = parts.take(conns.len().saturating_mul(send), || 0)?;
    Ok(Memory { receive, send, conns, channels, stage })
}

/// # Safety
/// As for [`Watch::seen_at`].
unsafe fn check(place: *const Watch) -> Result<(), Error> {
    if place.is_null() {
        return Err(Error::Null);
    }
    if !place.is_aligned() {
        return Err(Error::Consumer);
    }
    // SAFETY: it is aligned, and our caller vouches for the bytes, whatever they are.
    let found = unsafe { (*place).magic };
    if found == magic(place) { Ok(()) } else { Err(Error::Consumer) }
}

/// What the consumer at `place` begins with.
fn magic(place: *const Watch) -> u64 {
    MAGIC ^ place.addr() as u64
}

/// No address, no text, no small number.
const MAGIC: u64 = 0x9e37_79b9_7f4a_7c15;

const fn fits(profile: u32, most: usize) -> bool {
    match Profile::of(profile) {
        Ok(profile) => size(profile) <= most,
        Err(_) => false,
    }
}

// What the header promises.
const _: () = assert!(align_of::<Watch>() <= PTPWATCH_ALIGN);
const _: () = assert!(fits(PTPWATCH_PROFILE_SMALL, PTPWATCH_SIZE_SMALL));
const _: () = assert!(fits(PTPWATCH_PROFILE_DEFAULT, PTPWATCH_SIZE_DEFAULT));
const _: () = assert!(fits(PTPWATCH_PROFILE_LARGE, PTPWATCH_SIZE_LARGE));
