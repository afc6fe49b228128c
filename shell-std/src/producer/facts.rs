//! What is true of the clocks, in the producer's words.

use super::clock::{Clock, Kind, Reading};
use super::envelope::{Envelope, SynceState};
use super::event::Site;

/// What there is to say of one instance of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fact {
    pub instance: String,
    /// When it became so, in nanoseconds since the Unix epoch by the node's own clock.
    pub changed_ns: u64,
    pub values: Vec<Value>,
}

/// One entry of `data.values`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// The instance with all that belongs to it; empty: the resource itself.
    pub place: String,
    /// The address is the place alone, without the node.
    pub is_bare: bool,
    pub content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    State(String),
    /// An offset, or what else stands beside a state.
    Metric(i64),
    Class(u8),
    Quality(u8),
    /// A state that is passed off as a number.
    Odd(String),
}

impl Site {
    /// What is known of a quantity; `cause`: after a change of the clock of this name, and no more than that.
    pub(super) fn facts(
        &self,
        clock: &Clock,
        kind: Kind,
        cause: Option<&str>,
        envelope: &Envelope,
    ) -> Vec<Fact> {
        let is_meant = |instance: &str| {
            cause.is_none_or(|cause| cause == instance)
                && (!self.manners.has_one_clock || instance == self.instance(None))
        };
        let fact = |instance: &str, values| {
            let changed_ns = clock.changed_ns(kind, instance);
            Fact { instance: instance.into(), changed_ns, values }
        };
        match kind {
            Kind::LockState => {
                let locks = clock.lock_states().filter(|(instance, _)| is_meant(instance));
                locks.map(|(instance, reading)| fact(instance, read(instance, reading))).collect()
            }
            Kind::ClockClass => {
                let classes = clock.clock_classes().filter(|(instance, _)| is_meant(instance));
                let value = |instance: &str, class| {
                    let place = format!("{instance}{}", envelope.class_tail);
                    fact(instance, vec![Value::new(&place, Content::Class(class))])
                };
                classes.map(|(instance, class)| value(instance, class)).collect()
            }
            Kind::OsClock => {
                let os = self.manners.names.os;
                clock.os_clock().map(|reading| fact(os, read(os, reading))).into_iter().collect()
            }
            Kind::SyncState => {
                let place = cause.filter(|_| envelope.sync_state_by_cause).unwrap_or_default();
                let value = |word| Value::new(place, Content::State(word));
                let state = clock.sync_state().map(|state| fact("", vec![value(state.to_string())]));
                state.into_iter().collect()
            }
            Kind::Gnss => {
                let instance = self.gnss_instance();
                self.gnss_values(clock).map(|values| fact(&instance, values)).into_iter().collect()
            }
            Kind::SynceLock | Kind::SynceQuality => {
                let instance = self.synce_instance();
                let values = self.synce_values(clock, kind, envelope);
                values.map(|values| fact(&instance, values)).into_iter().collect()
            }
        }
    }

    fn gnss_values(&self, clock: &Clock) -> Option<Vec<Value>> {
        let gnss = clock.gnss()?;
        let fix = if gnss.word == "SYNCHRONIZED" { 3 } else { 0 };
        let instance = self.gnss_instance();
        Some(vec![
            Value::new(&instance, Content::State(gnss.word.clone())),
            Value::new(&instance, Content::Metric(gnss.offset_ns)),
            Value::new(&format!("{instance}/gpsFix"), Content::Metric(fix)),
        ])
    }

    fn synce_values(&self, clock: &Clock, kind: Kind, envelope: &Envelope) -> Option<Vec<Value>> {
        let instance = self.synce_instance();
        if kind == Kind::SynceLock {
            let word = clock.synce().word.clone()?;
            let content = match envelope.synce_state {
                SynceState::Word => Content::State(word),
                SynceState::Number => Content::Odd(word),
                SynceState::Zero => Content::Odd("0".into()),
            };
            return Some(vec![Value::new(&instance, content)]);
        }
        let (level, extended) = clock.synce().quality?;
        let told = envelope.synce_quality;
        let mut values = vec![Value::new(&format!("{instance}{}", told.tail), Content::Quality(level))];
        values.extend(told.extended_tail.map(|tail| Value {
            is_bare: told.is_bare,
            ..Value::new(&format!("{instance}{tail}"), Content::Quality(extended))
        }));
        Some(values)
    }
}

impl Fact {
    /// What is said where nothing is known: FREERUN, at an address that takes it back.
    pub(super) fn placeholder(kind: Kind) -> Self {
        let mut values = Vec::new();
        if kind.has_state() {
            values.push(Value::new(NO_DATA, Content::State("FREERUN".into())));
        }
        if kind.has_metric() {
            values.push(Value::new(NO_DATA, Content::Metric(0)));
        }
        Self { instance: String::new(), changed_ns: 0, values }
    }

    /// All facts as one.
    pub(super) fn merged(facts: Vec<Self>) -> Option<Self> {
        facts.into_iter().reduce(|mut all, fact| {
            all.values.extend(fact.values);
            all
        })
    }
}

impl Value {
    fn new(place: &str, content: Content) -> Self {
        Self { place: place.into(), is_bare: false, content }
    }
}

fn read(instance: &str, reading: Reading) -> Vec<Value> {
    vec![
        Value::new(instance, Content::State(reading.state.to_string())),
        Value::new(instance, Content::Metric(reading.offset_ns)),
    ]
}

const NO_DATA: &str = "ptp-not-set";
