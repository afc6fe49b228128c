//! A rush: connections that are heard one right after another.

use std::mem;

use ptpwatch_core::time::{Instant, MILLISECOND_NS};

/// Who was heard last, and whether another may be heard before there is time to sleep.
///
/// To fall asleep and be woken takes both sides longer than an event does. A single connection is no rush: what it says next
/// comes a round trip after its answer, and looks for it would be calls in vain.
#[derive(Debug)]
pub(super) struct Rush {
    /// The connection's index.
    heard: usize,
    at: Instant,
    is_on: bool,
}

impl Rush {
    pub(super) fn new(now: Instant) -> Self {
        Self { heard: 0, at: now, is_on: false }
    }

    /// Notes that the connection of `index` is heard.
    pub(super) fn handle_heard(&mut self, now: Instant, index: usize) {
        let heard = mem::replace(&mut self.heard, index);
        let before = mem::replace(&mut self.at, now);
        self.is_on |= index != heard && now.since(before) < GAP_NS;
    }

    /// How often to look before sleep. The rush is over, unless somebody is heard.
    pub(super) fn take_looks(&mut self) -> u32 {
        if mem::take(&mut self.is_on) { LOOKS } else { 0 }
    }
}

/// Two who are heard in a rush are heard within less than this.
const GAP_NS: u64 = MILLISECOND_NS / 10;

/// Looks before sleep: calls of a quarter of a microsecond each.
const LOOKS: u32 = 64;

#[cfg(test)]
mod tests {
    use super::*;

    const START: Instant = Instant::from_nanos(1_000_000_000);

    #[test]
    fn connections_in_a_row_are_a_rush() {
        let mut rush = Rush::new(START);
        for turn in 1..10 {
            rush.handle_heard(START.after(turn * 1000), usize::try_from(turn % 2).unwrap());
            assert_eq!(rush.take_looks(), LOOKS, "turn {turn}");
        }
    }

    #[test]
    fn connections_at_once_are_a_rush() {
        let mut rush = Rush::new(START);
        rush.handle_heard(START.after(10 * GAP_NS), 1);
        rush.handle_heard(START.after(10 * GAP_NS), 2);
        assert_eq!(rush.take_looks(), LOOKS);
    }

    #[test]
    fn one_connection_is_none() {
        let mut rush = Rush::new(START);
        rush.handle_heard(START.after(1), 3);
        rush.take_looks();
        for turn in 1..10 {
            rush.handle_heard(START.after(turn * 1000), 3);
            assert_eq!(rush.take_looks(), 0, "turn {turn}");
        }
    }

    #[test]
    fn connections_far_between_are_none() {
        let mut rush = Rush::new(START);
        for turn in 1..10 {
            rush.handle_heard(START.after(turn * GAP_NS), usize::try_from(turn % 2).unwrap());
            assert_eq!(rush.take_looks(), 0, "turn {turn}");
        }
    }

    #[test]
    fn looks_in_vain_end_it() {
        let mut rush = Rush::new(START);
        rush.handle_heard(START.after(1), 1);
        assert_eq!(rush.take_looks(), LOOKS);
        assert_eq!(rush.take_looks(), 0);
    }
}
