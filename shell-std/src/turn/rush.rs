//! A rush: turns that follow each other so soon that sleep between them costs more than it saves.

use std::hint;
use std::io;
use std::mem;
use std::time::Duration;

use mio::{Events, Poll};
use ptpwatch_core::time::Instant;

use super::clock;

/// Whether what comes next is awaited awake.
///
/// To fall asleep and be woken takes both sides longer than an event does. But to stay awake in vain takes time too, and
/// keeps this core from whoever may be about to send on it. So it takes several turns in a row that waited less than that
/// long, and each for another connection: what a single one says next comes a round trip after its answer.
#[derive(Debug, Default)]
pub(super) struct Rush {
    /// Index of the connection that was heard last.
    last: Option<usize>,
    /// Whether this turn hears another one.
    is_other: bool,
    /// Turns in a row that heard another one soon.
    streak: u32,
}

impl Rush {
    /// Notes that this turn hears the connection with this index.
    pub(super) fn handle_heard(&mut self, index: usize) {
        self.is_other |= self.last.replace(index) != Some(index);
    }

    /// Notes how long this turn waited.
    pub(super) fn handle_turn(&mut self, waited_ns: u64) {
        let is_other = mem::take(&mut self.is_other);
        self.streak = if is_other && waited_ns < AWAKE_NS { self.streak.saturating_add(1) } else { 0 };
    }

    pub(super) fn is_on(&self) -> bool {
        self.streak >= STREAK_MIN
    }
}

/// Awaits events awake, for [`AWAKE_NS`] by the system's clock; there may be none then.
///
/// # Errors
/// Those of the poll.
pub(super) fn look(poll: &mut Poll, events: &mut Events) -> io::Result<()> {
    let start = clock::now();
    let mut looked = start;
    loop {
        pause(looked);
        poll.poll(events, Some(Duration::ZERO))?;
        looked = clock::now();
        if !events.is_empty() || looked.since(start) >= AWAKE_NS {
            return Ok(());
        }
    }
}

/// Before a look more may come, which it finds at once.
fn pause(start: Instant) {
    while clock::now().since(start) < PAUSE_NS {
        hint::spin_loop();
    }
}

/// Turns in a row that make a rush.
const STREAK_MIN: u32 = 8;

/// Longest wait awake, about what it takes to be woken.
const AWAKE_NS: u64 = 16_000;

/// Time before each look, which is a call to the system.
const PAUSE_NS: u64 = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// A turn that waited so long and hears these.
    fn take_turn(rush: &mut Rush, waited_ns: u64, heard: &[usize]) {
        for &index in heard {
            rush.handle_heard(index);
        }
        rush.handle_turn(waited_ns);
    }

    /// A rush of connections 1 and 2.
    fn rush() -> Rush {
        let mut rush = Rush::default();
        for turn in 0..STREAK_MIN {
            assert!(!rush.is_on(), "turn {turn}");
            take_turn(&mut rush, AWAKE_NS - 1, &[1 + (turn % 2) as usize]);
        }
        assert!(rush.is_on());
        rush
    }

    #[test]
    fn one_after_another_is_a_rush_until_nobody_is_heard() {
        let mut rush = rush();
        take_turn(&mut rush, 0, &[1, 2]);
        assert!(rush.is_on());
        take_turn(&mut rush, 0, &[]);
        assert!(!rush.is_on());
    }

    #[test]
    fn a_wait_that_sleep_is_worth_ends_it() {
        let mut rush = rush();
        take_turn(&mut rush, AWAKE_NS, &[1]);
        assert!(!rush.is_on());
    }

    #[test]
    fn one_connection_is_no_rush() {
        let mut rush = Rush::default();
        for _ in 0..2 * STREAK_MIN {
            take_turn(&mut rush, 0, &[3]);
        }
        assert!(!rush.is_on());
    }

    #[test]
    fn pairs_far_between_are_no_rush() {
        let mut rush = Rush::default();
        for _ in 0..STREAK_MIN {
            take_turn(&mut rush, 2 * AWAKE_NS, &[1]);
            take_turn(&mut rush, 0, &[2]);
            assert!(!rush.is_on());
        }
    }
}
