//! What other processes are shown of the consumer: a state page, if there is one.

use ptpwatch_core::consumer::Consumer;
use ptpwatch_core::page::{Sheet, Writer};
use ptpwatch_core::time::Instant;

use super::clock;

/// Keeps a state page in step with the consumer; in the end the page says that nobody does any more.
#[derive(Debug)]
pub(super) struct Shown<'s>(Option<Writer<'s>>);

impl<'s> Shown<'s> {
    pub(super) fn new(page: Option<Writer<'s>>) -> Self {
        Self(page)
    }

    /// To be called before anybody else is told what has changed.
    pub(super) fn update(&mut self, now: Instant, consumer: &Consumer<'_>) {
        if let Some(page) = &mut self.0 {
            page.update(now, Sheet::of(consumer));
        }
    }

    /// When it has to be updated at the latest, whatever happens.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.0.as_ref().map(Writer::poll_timeout)
    }
}

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        if let Some(page) = self.0.take() {
            page.close(clock::now());
        }
    }
}
