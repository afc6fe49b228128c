//! The rules that every run is held to.

use super::worst;
use crate::world::{ENDPOINT, NODE, World};
use ptpwatch::producer::{self, Manners};
use ptpwatch_core::dialect::Dialect;
use ptpwatch_core::event::{Resource, State};
use ptpwatch_core::limits::{POLL_NS, REQUEST_NS, VOID_NS};
use std::collections::VecDeque;

/// How far back a report may lie that is still believed, in milliseconds: until it is void, a poll later, and an answer
/// that took its time.
const MEMORY: u64 = (VOID_NS + POLL_NS + 2 * REQUEST_NS) / 1_000_000 + 5_000;

/// The truth as the run itself drew it, and what was seen of it.
pub(crate) struct Judge {
    dialect: &'static Dialect,
    /// What the clock was, from when on: the PTP lock and the host's clock.
    truth: VecDeque<(u64, State, State)>,
    has_foreign: bool,
}

impl Judge {
    pub(crate) fn new(dialect: &'static Dialect) -> Self {
        Self { dialect, truth: VecDeque::new(), has_foreign: false }
    }

    pub(crate) fn manners(&self) -> &'static Manners {
        Manners::named(self.dialect.name).expect("every dialect is simulated")
    }

    pub(crate) fn set_dialect(&mut self, dialect: &'static Dialect) {
        self.dialect = dialect;
    }

    /// The consumer knows nothing any more; the truth is what it was.
    pub(crate) fn restart(&mut self) {}

    /// The producer's store is another.
    pub(crate) fn replaced(&mut self) {
        self.has_foreign = false;
    }

    /// Somebody else subscribes, where the producer allows for more than one.
    pub(crate) fn plant_foreign(&mut self, world: &mut World) {
        let _ = world;
    }

    /// Checks the rules that must hold at every moment.
    pub(crate) fn check(&mut self, world: &mut World) -> Result<(), String> {
        self.remember(world);
        let now = world.millis();
        match world.consumer.verdict().state {
            State::Freerun if !self.was(|lock, os| worst(lock, os) == State::Freerun) => {
                Err("falsely Freerun: nothing has been FREERUN for as long as anything is believed"
                    .to_owned())
            }
            State::Locked if !self.was(|lock, os| lock == State::Locked && os == State::Locked) => {
                Err(format!(
                    "falsely Locked: the clock has been otherwise since {:?} ms",
                    self.truth.front().map(|first| first.0)
                ))
            }
            _ => {
                while self.truth.len() > 1 && self.truth.get(1).is_some_and(|second| second.0 + MEMORY < now)
                {
                    self.truth.pop_front();
                }
                Ok(())
            }
        }
    }

    /// Whether the clock was so at any time that still counts.
    fn was(&self, is_so: impl Fn(State, State) -> bool) -> bool {
        self.truth.iter().any(|(_, lock, os)| is_so(*lock, *os))
    }

    fn remember(&mut self, world: &World) {
        let clock = world.producer.truth();
        let lock = clock.lock_states().map(|(_, reading)| state(reading.state)).max().unwrap_or_default();
        let os = clock.os_clock().map_or(State::Unknown, |reading| state(reading.state));
        if self.truth.back().is_none_or(|last| (last.1, last.2) != (lock, os)) {
            self.truth.push_back((world.millis(), lock, os));
        }
    }

    /// Checks that each resource is subscribed to exactly once by us.
    pub(crate) fn check_subscriptions(&self, world: &mut World) -> Result<(), String> {
        let link = world.consumer.link();
        if link.subscribed != link.wanted || link.is_up != Some(true) || link.trouble.is_some() {
            return Err(format!("in peace the link is {link:?}"));
        }
        let list = world.ask(&format!(
            "GET {}/subscriptions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            self.dialect.base
        ));
        for resource in Resource::ALL.into_iter().filter(|resource| self.dialect.has(*resource)) {
            let suffix = resource.suffix().replace(
                "/clock-class",
                if self.dialect.name == "openshift-v1" { "/ptp-clock-class-change" } else { "/clock-class" },
            );
            let address = format!("{NODE}{suffix}\"");
            let count = list.matches(&address).count();
            let wanted = usize::from(!matches!(resource, Resource::SynceLock | Resource::SynceQuality));
            if count != wanted {
                return Err(format!("{count} subscriptions to {address} {ENDPOINT}, not {wanted}:\n{list}"));
            }
        }
        Ok(())
    }
}

fn state(state: producer::State) -> State {
    match state.word() {
        "LOCKED" => State::Locked,
        "HOLDOVER" => State::Holdover,
        "FREERUN" => State::Freerun,
        _ => State::Unknown,
    }
}
