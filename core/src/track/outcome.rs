//! What becomes of what is pushed, counted.

/// What became of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::track) enum Outcome {
    /// The channel's value is another one now.
    Changed,
    /// It is what was known already.
    Repeated,
    /// It came out of order: a poll settles what is true.
    Late,
    /// It named no value that is known: a metric alone, or an unknown word.
    Stateless,
}

/// What became of the pushes of one resource: counts since the start, one for each channel that a message speaks of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcomes {
    /// Those that changed a channel's value.
    pub changed: u64,
    /// Those that said what was known already.
    pub repeated: u64,
    /// Those that came out of order, so that a poll had to settle what is true.
    pub late: u64,
    /// Those without a value that is known: a metric alone, or an unknown word.
    pub stateless: u64,
}

impl Outcomes {
    pub(in crate::track) const NONE: Self = Self { changed: 0, repeated: 0, late: 0, stateless: 0 };

    pub(in crate::track) fn add(&mut self, outcome: Outcome) {
        let count = match outcome {
            Outcome::Changed => &mut self.changed,
            Outcome::Repeated => &mut self.repeated,
            Outcome::Late => &mut self.late,
            Outcome::Stateless => &mut self.stateless,
        };
        *count = count.wrapping_add(1);
    }
}
