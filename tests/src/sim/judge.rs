//! The rules that every run is held to.

use super::worst;
use crate::world::{ENDPOINT, NODE, World};
use ptpwatch::producer::{self, Manners};
use ptpwatch_core::dialect::Dialect;
use ptpwatch_core::event::{Address, Resource, State};
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

    /// Somebody else subscribes to the PTP lock, where the producer allows for more than one.
    pub(crate) fn plant_foreign(&mut self, world: &mut World<'_>) {
        self.has_foreign = self.dialect.name != "openshift-v1";
        if !self.has_foreign {
            return;
        }
        let address = format!("{}{NODE}{}", self.address_prefix(), Resource::LockState.suffix());
        let body = format!(r#"{{"ResourceAddress":"{address}","EndpointUri":"{FOREIGN}"}}"#);
        let answer = world.ask(&format!(
            "POST {}/subscriptions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.dialect.base,
            body.len()
        ));
        assert!(answer.starts_with("HTTP/1.1 201"), "the stranger is subscribed: {answer}");
    }

    fn address_prefix(&self) -> &'static str {
        if self.dialect.name.starts_with("openshift") { "/cluster/node/" } else { "/./" }
    }

    /// Checks the rules that must hold at every moment.
    pub(crate) fn check(&mut self, world: &mut World<'_>) -> Result<(), String> {
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

    fn remember(&mut self, world: &World<'_>) {
        let clock = world.producer.truth();
        let lock = clock.lock_states().map(|(_, reading)| state(reading.state)).max().unwrap_or_default();
        let os = clock.os_clock().map_or(State::Unknown, |reading| state(reading.state));
        if self.truth.back().is_none_or(|last| (last.1, last.2) != (lock, os)) {
            self.truth.push_back((world.millis(), lock, os));
        }
    }

    /// Checks that each resource is subscribed to exactly once by us, and that a stranger's subscription stands.
    pub(crate) fn check_subscriptions(&self, world: &mut World<'_>) -> Result<(), String> {
        let link = world.consumer.link();
        if link.subscribed != link.wanted || link.is_up != Some(true) || link.trouble.is_some() {
            return Err(format!("in peace the link is {link:?}"));
        }
        let list = self.list(world);
        for resource in Resource::ALL.into_iter().filter(|resource| self.dialect.has(*resource)) {
            let count = count(&list, ENDPOINT, resource);
            let wanted = usize::from(!matches!(resource, Resource::SynceLock | Resource::SynceQuality));
            if count != wanted {
                return Err(format!("{count} subscriptions of ours to {resource}, not {wanted}: {list:#}"));
            }
        }
        self.check_foreign(&list)
    }

    /// Checks that none of ours is left once the consumer has taken its leave, and that a stranger's stands.
    pub(crate) fn check_leave(&self, world: &mut World<'_>) -> Result<(), String> {
        let list = self.list(world);
        let left: usize = Resource::ALL.into_iter().map(|resource| count(&list, ENDPOINT, resource)).sum();
        if left != 0 {
            return Err(format!("{left} subscriptions of ours are left behind: {list:#}"));
        }
        self.check_foreign(&list)
    }

    fn check_foreign(&self, list: &serde_json::Value) -> Result<(), String> {
        if self.has_foreign && count(list, FOREIGN, Resource::LockState) != 1 {
            return Err(format!("a subscription of somebody else's is gone: {list:#}"));
        }
        Ok(())
    }

    /// The list of subscriptions, as anybody may ask for it.
    fn list(&self, world: &mut World<'_>) -> serde_json::Value {
        let request = format!(
            "GET {}/subscriptions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            self.dialect.base
        );
        let answer = world.ask(&request);
        let json = answer
            .find(['[', '{'])
            .zip(answer.rfind([']', '}']))
            .and_then(|(first, last)| answer.get(first..=last));
        json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
    }
}

/// How many subscriptions of `list` are of `endpoint` and to `resource`, whatever its fields are called.
fn count(list: &serde_json::Value, endpoint: &str, resource: Resource) -> usize {
    let is_it = |entry: &&serde_json::Value| {
        let texts = || {
            entry
                .as_object()
                .into_iter()
                .flat_map(|object| object.values())
                .filter_map(|value| value.as_str())
        };
        texts().any(|text| text == endpoint)
            && texts().any(|text| Address::parse(text.as_bytes()).resource == Some(resource))
    };
    list.as_array().into_iter().flatten().filter(is_it).count()
}

/// Where somebody else takes notifications.
const FOREIGN: &str = "http://localhost:9999/event";

fn state(state: producer::State) -> State {
    match state.word() {
        "LOCKED" => State::Locked,
        "HOLDOVER" => State::Holdover,
        "FREERUN" => State::Freerun,
        _ => State::Unknown,
    }
}
