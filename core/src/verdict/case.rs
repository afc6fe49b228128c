//! What is judged, at which moment, and how long something in it has been so without a break.

use super::{LinkFacts, Policy};
use crate::time::Instant;
use crate::track::Channels;

/// What is judged, at which moment, and until when the judgement holds without input.
pub(super) struct Case<'c, 's> {
    pub(super) policy: &'c Policy<'c>,
    pub(super) channels: &'c Channels<'s>,
    pub(super) link: LinkFacts,
    pub(super) now: Instant,
    pub(super) until: Instant,
}

impl Case<'_, '_> {
    /// Whether `due` is past; a judgement holds no longer than to what is yet to come.
    // Where 64 bits are two registers, a call is a third of it.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(super) fn is_past(&mut self, due: Instant) -> bool {
        let is_past = self.now >= due;
        if !is_past {
            self.until = self.until.min(due);
        }
        is_past
    }
}

/// Since when something has been so without a break; never, if it is not so.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unbroken(Instant);

impl Unbroken {
    pub(super) const fn new() -> Self {
        Self(Instant::MAX)
    }

    /// Takes note of whether it is so.
    pub(super) fn note(&mut self, case: &Case<'_, '_>, is_so: bool) {
        self.0 = if is_so { self.0.min(case.now) } else { Instant::MAX };
    }

    /// Whether it has been so for `nanos`.
    pub(super) fn lasts(self, case: &mut Case<'_, '_>, nanos: u64) -> bool {
        case.is_past(self.0.after(nanos))
    }

    /// Takes note, and says whether it has been so for `nanos`.
    pub(super) fn note_and_lasts(&mut self, case: &mut Case<'_, '_>, is_so: bool, nanos: u64) -> bool {
        self.note(case, is_so);
        self.lasts(case, nanos)
    }
}
