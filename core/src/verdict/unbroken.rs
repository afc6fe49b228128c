//! How long something has been so without a break.

use crate::time::Instant;

/// Since when something has been so without a break, if it is so.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Unbroken(Option<Instant>);

impl Unbroken {
    pub(super) const fn new() -> Self {
        Self(None)
    }

    /// Takes note of whether it is so.
    pub(super) fn note(&mut self, now: Instant, is_so: bool) {
        self.0 = if is_so { self.0.or(Some(now)) } else { None };
    }

    /// Whether it has been so for `nanos`; if it has not yet, `until` is brought forward to when it will have been.
    pub(super) fn lasts(self, now: Instant, nanos: u64, until: &mut Instant) -> bool {
        let Some(since) = self.0 else { return false };
        let due = since.after(nanos);
        if now < due {
            *until = due.min(*until);
        }
        now >= due
    }

    /// Takes note, and says whether it has been so for `nanos`.
    pub(super) fn note_and_lasts(
        &mut self,
        now: Instant,
        is_so: bool,
        nanos: u64,
        until: &mut Instant,
    ) -> bool {
        self.note(now, is_so);
        self.lasts(now, nanos, until)
    }
}
