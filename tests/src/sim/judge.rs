//! The rules that every run is held to.

use super::{Setup, worst};
use crate::world::{Direct, ENDPOINT, World};
use ptpwatch::producer::{self, Manners};
use ptpwatch_core::dialect::Dialect;
use ptpwatch_core::event::{Address, Resource, State};
use ptpwatch_core::time::Instant;
use ptpwatch_core::verdict::{Reason, Verdict};
use std::collections::VecDeque;

/// How long a loss that was told may wait for a poll to settle it, in nanoseconds.
const ACT_NS: u64 = 1_100_000_000;

/// The same where answers are up to two seconds old.
const LAGGING_ACT_NS: u64 = 3_100_000_000;

/// The truth as the run itself drew it, and what was seen of it.
pub(crate) struct Judge {
    dialect: &'static Dialect,
    lags: bool,
    setup: Setup,
    /// Whether the network does nothing to what is sent.
    is_quiet: bool,
    /// What the clock was, from when on: the PTP lock and the host's clock.
    truth: VecDeque<(u64, State, State)>,
    has_foreign: bool,
    /// Lines of the producer that were read.
    lines_read: usize,
    /// Since when the PTP lock has been lost.
    lost_since: Option<Instant>,
    /// When a loss was told to the consumer that has lasted since.
    told_at: Option<Instant>,
    /// Whether the consumer has acted on a loss that has lasted since.
    has_acted: bool,
}

impl Judge {
    pub(crate) fn new(dialect: &'static Dialect, lags: bool, setup: Setup) -> Self {
        Self {
            dialect,
            lags,
            setup,
            is_quiet: false,
            truth: VecDeque::new(),
            has_foreign: false,
            lines_read: 0,
            lost_since: None,
            told_at: None,
            has_acted: false,
        }
    }

    /// From now on the network does nothing to what is sent.
    pub(crate) fn quiet(&mut self) {
        self.is_quiet = true;
        self.restarted();
    }

    /// The consumer knows nothing any more; the truth is what it was.
    pub(crate) fn restarted(&mut self) {
        self.told_at = None;
        self.has_acted = false;
    }

    pub(crate) fn manners(&self) -> &'static Manners {
        Manners::named(self.dialect.name).expect("every dialect is simulated")
    }

    pub(crate) fn set_dialect(&mut self, dialect: &'static Dialect) {
        self.dialect = dialect;
    }

    /// Somebody else subscribes to the PTP lock, where the producer allows for more than one.
    pub(crate) fn plant_foreign(&mut self, world: &mut World<Direct<'_>>) {
        self.has_foreign = self.dialect.name != "openshift-v1";
        if !self.has_foreign {
            return;
        }
        world.subscribe(FOREIGN, Resource::LockState);
    }

    /// Checks the rules that must hold at every moment.
    pub(crate) fn check(&mut self, world: &mut World<Direct<'_>>) -> Result<(), String> {
        self.remember(world);
        self.read_lines(world);
        let now = world.millis();
        let verdict = world.consumer().verdict();
        let until = world.consumer().verdict_until();
        if until < world.now() {
            return Err("the verdict outlives its own word".to_owned());
        }
        if verdict.holdover_until.is_some_and(|end| end < world.now()) {
            return Err("Holdover outlives its budget".to_owned());
        }
        let is_lock_freerun = !self.setup.has_standby
            && world.consumer().channels().any(|channel| {
                channel.resource() == Resource::LockState && channel.state() == State::Freerun
            });
        if is_lock_freerun && verdict.state != State::Freerun {
            return Err(format!("{} though the lock is known to be FREERUN", verdict.state));
        }
        let has = |reason| verdict.reasons.contains(reason);
        match verdict.state {
            // A budget that is spent stays so through any silence, and a little longer.
            State::Freerun
                if self.setup.budget_ns.is_some()
                    && (has(Reason::HoldoverBudgetSpent) || has(Reason::Recovering)) =>
            {
                Ok(())
            }
            State::Freerun if !self.was(|lock, os| worst(lock, os) == State::Freerun) => {
                Err("falsely Freerun: nothing has been FREERUN for as long as anything is believed"
                    .to_owned())
            }
            // Each channel is believed by itself: the one may be older than the other.
            State::Locked if !self.was(|lock, _| lock == State::Locked) => {
                Err("falsely Locked: the lock has not been so for as long as anything is believed".to_owned())
            }
            State::Locked if !self.was(|_, os| os == State::Locked) => {
                Err("falsely Locked: the host's clock has not been so for as long as anything is believed"
                    .to_owned())
            }
            State::Locked if self.is_quiet && self.has_acted => {
                Err("a loss that lasts is taken back".to_owned())
            }
            _ if self.is_quiet && self.has_slept(world, verdict) => {
                Err("a loss was told and is not acted on".to_owned())
            }
            _ => {
                // Of two cards the one that stands by is always lost.
                let lost_since = self.lost_since.filter(|_| !self.setup.has_standby);
                self.has_acted |= lost_since.is_some_and(|since| {
                    world.consumer().channels().any(|channel| {
                        channel.resource() == Resource::LockState
                            && is_lost(channel.state())
                            && channel.confirmed() > since
                    })
                });
                while self.truth.len() > 1
                    && self.truth.get(1).is_some_and(|second| second.0 + self.setup.memory() < now)
                {
                    self.truth.pop_front();
                }
                Ok(())
            }
        }
    }

    /// Whether a loss was told, and the verdict stayed what it was for longer than a poll may take to settle it.
    fn has_slept(&self, world: &World<Direct<'_>>, verdict: Verdict) -> bool {
        let acted_at = if verdict.state == State::Locked { world.now() } else { verdict.since };
        let longest = if self.lags { LAGGING_ACT_NS } else { ACT_NS };
        self.told_at.is_some_and(|told| acted_at > told.after(longest))
    }

    /// Looks for losses that were told. Where each event travels by itself, one that arrives within moments of the loss is
    /// the loss; where they wait for one another it may be anything.
    fn read_lines(&mut self, world: &World<Direct<'_>>) {
        let travels_alone = self.dialect.name == "openshift-v1";
        for (_, line) in world.lines.iter().skip(self.lines_read) {
            let is_fresh = self.lost_since.is_some_and(|since| world.now().since(since) <= 10_000_000);
            if travels_alone && is_fresh && line == "push lock-state -> 204" {
                self.told_at = self.told_at.or(Some(world.now()));
            }
        }
        self.lines_read = world.lines.len();
    }

    /// Whether the clock was so at any time that still counts.
    fn was(&self, is_so: impl Fn(State, State) -> bool) -> bool {
        self.truth.iter().any(|(_, lock, os)| is_so(*lock, *os))
    }

    fn remember(&mut self, world: &World<Direct<'_>>) {
        let clock = world.producer.truth();
        let locks = || clock.lock_states().map(|(_, reading)| state(reading.state));
        let lock = if self.setup.has_standby { locks().min() } else { locks().max() }.unwrap_or_default();
        let os = clock.os_clock().map_or(State::Unknown, |reading| state(reading.state));
        if self.truth.back().is_none_or(|last| (last.1, last.2) != (lock, os)) {
            self.truth.push_back((world.millis(), lock, os));
            if is_lost(lock) {
                self.lost_since = self.lost_since.or(Some(world.now()));
            } else {
                self.lost_since = None;
                self.told_at = None;
                self.has_acted = false;
            }
        }
    }

    /// Checks that each resource is subscribed to exactly once by us, and that a stranger's subscription stands.
    pub(crate) fn check_subscriptions(&self, world: &mut World<Direct<'_>>) -> Result<(), String> {
        let link = world.consumer().link();
        if link.subscribed != link.wanted || link.is_up != Some(true) || link.trouble.is_some() {
            return Err(format!("in peace the link is {link:?}"));
        }
        let list = list(world);
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
    pub(crate) fn check_leave(&self, world: &mut World<Direct<'_>>) -> Result<(), String> {
        let list = list(world);
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
}

/// The list of subscriptions, as anybody may ask for it.
fn list(world: &mut World<Direct<'_>>) -> serde_json::Value {
    let answer = world.list();
    let json = answer
        .find(['[', '{'])
        .zip(answer.rfind([']', '}']))
        .and_then(|(first, last)| answer.get(first..=last));
    json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
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

fn is_lost(state: State) -> bool {
    matches!(state, State::Holdover | State::Freerun)
}

fn state(state: producer::State) -> State {
    match state.word() {
        "LOCKED" => State::Locked,
        "HOLDOVER" => State::Holdover,
        "FREERUN" => State::Freerun,
        _ => State::Unknown,
    }
}
