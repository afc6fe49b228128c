//! What can go wrong at a producer, to be switched on and off while it runs.

use std::collections::VecDeque;
use std::fmt;

use ptpwatch_core::time::MILLISECOND_NS;

use super::Producer;
use super::clock::Clock;
use super::manners::Manners;

/// Something that goes wrong, or right again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Drop(bool),
    Duplicate(bool),
    /// In nanoseconds, likewise below; 0: off.
    Lag(u64),
    Freeze(u64),
    StepClock(i64),
    LoseSubscriptions,
    LoseRegistrations,
}

/// What is wrong at the moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Faults {
    /// How old CurrentState is.
    pub lag_ns: u64,
    /// How long CurrentState takes.
    pub freeze_ns: u64,
    /// How long the answer to a subscriber is held back.
    pub subscribe_ns: u64,
    /// How long it looks for a node that there is not.
    pub node_wait_ns: u64,
    /// Pushes are lost.
    pub drops: bool,
    /// Each push comes twice.
    pub duplicates: bool,
    /// How far the node's clock was set.
    pub step_ns: i64,
}

impl Faults {
    pub(super) fn none(manners: &Manners) -> Self {
        Self {
            lag_ns: 0,
            freeze_ns: 0,
            subscribe_ns: 0,
            node_wait_ns: manners.node_wait_ns,
            drops: false,
            duplicates: false,
            step_ns: 0,
        }
    }
}

impl Producer {
    /// CurrentState tells what was true this long ago; 0 ends that.
    pub fn set_lag(&mut self, nanos: u64) {
        self.faults.lag_ns = nanos;
    }

    /// The answer to CurrentState is made at once, but comes after this time; 0 ends that.
    pub fn set_freeze(&mut self, nanos: u64) {
        self.faults.freeze_ns = nanos;
    }

    /// The answer to one who subscribes comes this much later; 0 ends that.
    pub fn set_subscribe_delay(&mut self, nanos: u64) {
        self.faults.subscribe_ns = nanos;
    }

    /// How long a producer that looks for an unknown node does so, instead of its usual time.
    pub fn set_node_wait(&mut self, nanos: u64) {
        self.faults.node_wait_ns = nanos;
    }

    /// Whether pushes are lost.
    pub fn set_drops(&mut self, drops: bool) {
        self.faults.drops = drops;
    }

    /// Whether each push comes twice.
    pub fn set_duplicates(&mut self, duplicates: bool) {
        self.faults.duplicates = duplicates;
    }

    /// Loses all subscriptions, also those on disk. Nobody is told.
    pub fn lose_subscriptions(&mut self) {
        self.store.clear();
    }

    /// The publisher behind a sidecar forgets it: the subscriptions are listed as before, and nothing comes of them
    /// until they are asked for again. Where there is no sidecar nothing happens.
    pub fn lose_registrations(&mut self) {
        self.store.lose_registrations();
    }

    /// Sets the node's clock this far from where it is: the times in events step with it.
    pub fn step_clock(&mut self, nanos: i64) {
        self.faults.step_ns = self.faults.step_ns.saturating_add(nanos);
    }
}

/// The line of a script that says so.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on = |is_on: &bool| if *is_on { "on" } else { "off" };
        match self {
            Self::Drop(drops) => write!(f, "drop {}", on(drops)),
            Self::Duplicate(duplicates) => write!(f, "duplicate {}", on(duplicates)),
            Self::Lag(0) => f.write_str("lag off"),
            Self::Lag(nanos) => write!(f, "lag {}ms", nanos / MILLISECOND_NS),
            Self::Freeze(0) => f.write_str("freeze off"),
            Self::Freeze(nanos) => write!(f, "freeze {}ms", nanos / MILLISECOND_NS),
            Self::StepClock(nanos) => write!(f, "step-clock {:+}ms", nanos / MILLISECOND_NS as i64),
            Self::LoseSubscriptions => f.write_str("lose-subscriptions"),
            Self::LoseRegistrations => f.write_str("lose-registrations"),
        }
    }
}

/// What the clocks were, and when.
#[derive(Debug)]
pub(super) struct History(VecDeque<(u64, Clock)>);

impl History {
    pub(super) fn new() -> Self {
        Self(VecDeque::from([(0, Clock::default())]))
    }

    /// Notes what is true from `nanos` on, counted as an `Instant` is.
    pub(super) fn push(&mut self, nanos: u64, clock: Clock) {
        if self.0.len() >= HISTORY_MAX {
            self.0.pop_front();
        }
        self.0.push_back((nanos, clock));
    }

    /// What was true at `nanos`, or as far back as is known.
    pub(super) fn at(&self, nanos: u64) -> &Clock {
        let known = self.0.iter().rev().find(|(since, _)| *since <= nanos);
        &known.unwrap_or(&self.0[0]).1
    }
}

/// Changes that are remembered.
const HISTORY_MAX: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(class: u8) -> Clock {
        let mut clock = Clock::default();
        clock.set_clock_class("a", class);
        clock
    }

    #[test]
    fn the_past_is_what_it_was() {
        let mut history = History::new();
        history.push(5, clock(5));
        history.push(9, clock(8));
        history.push(9, clock(9));
        for (nanos, expected) in [(0, Clock::default()), (5, clock(5)), (8, clock(5)), (9, clock(9))] {
            assert_eq!(*history.at(nanos), expected);
        }
    }

    #[test]
    fn the_distant_past_is_forgotten() {
        let mut history = History::new();
        for nanos in 0..HISTORY_MAX as u64 + 100 {
            history.push(nanos, clock((nanos % 256) as u8));
        }
        assert_eq!(history.0.len(), HISTORY_MAX);
        assert_eq!(*history.at(0), clock(100));
    }
}
