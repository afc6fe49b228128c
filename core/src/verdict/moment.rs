//! The moment of a judgement, how long that holds, and how long something has been so without a break.

use crate::time::Instant;

/// The moment of a judgement, and until when that holds without input.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) now: Instant,
    pub(super) until: Instant,
}

impl Moment {
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
    pub(super) fn note(&mut self, moment: &Moment, is_so: bool) {
        self.0 = if is_so { self.0.min(moment.now) } else { Instant::MAX };
    }

    /// Whether it has been so for `nanos`.
    pub(super) fn lasts(self, moment: &mut Moment, nanos: u64) -> bool {
        moment.is_past(self.0.after(nanos))
    }

    /// Takes note, and says whether it has been so for `nanos`.
    pub(super) fn note_and_lasts(&mut self, moment: &mut Moment, is_so: bool, nanos: u64) -> bool {
        self.note(moment, is_so);
        self.lasts(moment, nanos)
    }
}
