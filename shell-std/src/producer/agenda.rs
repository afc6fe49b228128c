//! An agenda: what is to be done, and when.

use std::collections::VecDeque;

use ptpwatch_core::time::Instant;

/// Things to do, by when they are due; of those due at one time the first that came is first.
#[derive(Debug)]
pub(super) struct Agenda<T>(VecDeque<(Instant, T)>);

impl<T> Agenda<T> {
    pub(super) const fn new() -> Self {
        Self(VecDeque::new())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn insert(&mut self, due: Instant, thing: T) {
        let place = self.0.partition_point(|(other, _)| *other <= due);
        self.0.insert(place, (due, thing));
    }

    /// When the first is due; `None` if there is nothing to do.
    pub(super) fn due(&self) -> Option<Instant> {
        self.0.front().map(|(due, _)| *due)
    }

    /// The next that is due by now.
    pub(super) fn pop(&mut self, now: Instant) -> Option<T> {
        self.due().filter(|due| *due <= now)?;
        self.0.pop_front().map(|(_, thing)| thing)
    }

    pub(super) fn retain(&mut self, mut is_kept: impl FnMut(&T) -> bool) {
        self.0.retain(|(_, thing)| is_kept(thing));
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_comes_in_its_order() {
        let at = Instant::from_nanos;
        let mut agenda = Agenda::new();
        for (due, thing) in [(3, "c"), (1, "a"), (3, "d"), (2, "b"), (9, "e")] {
            agenda.insert(at(due), thing);
        }
        agenda.retain(|thing| *thing != "d");
        assert_eq!((agenda.due(), agenda.len()), (Some(at(1)), 4));
        let mut done = Vec::new();
        while let Some(thing) = agenda.pop(at(3)) {
            done.push(thing);
        }
        assert_eq!(done, ["a", "b", "c"]);
        assert_eq!(agenda.due(), Some(at(9)));
    }
}
