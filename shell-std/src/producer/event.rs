//! Bodies of events: what is true of the clocks, in the producer's spelling.

use super::clock::{Clock, Kind, Reading};
use super::go;
use super::manners::{Envelope, Fill, Manners, Resource};

/// Who the producer is: what stands in its events and answers and never changes.
#[derive(Debug)]
pub(super) struct Site {
    pub manners: &'static Manners,
    pub node: String,
    /// The PTP clock that a script means where it names none: `ens1fx/master`.
    pub instance: String,
    /// Host and port in the locations it hands out.
    pub authority: String,
}

/// One entry of `data.values`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// The address, without the node in front of it.
    place: String,
    content: Content,
}

#[derive(Debug, PartialEq, Eq)]
enum Content {
    State(String),
    Metric(i64),
}

/// What is new in each event.
#[derive(Debug)]
pub(super) struct Stamp<'a> {
    pub fresh_id: String,
    pub subscription_id: &'a str,
    /// RFC 3339.
    pub time: &'a str,
}

impl Site {
    /// The address of a resource on this node.
    pub(super) fn address(&self, resource: &Resource) -> String {
        format!("/cluster/node/{}{}", self.node, resource.suffix)
    }

    /// What CurrentState says of a quantity; empty if nothing is known.
    pub(super) fn current(&self, clock: &Clock, kind: Kind) -> Vec<Value> {
        self.values(clock, kind, None, &self.manners.current)
    }

    /// What a push says of a quantity after a change of the clock called `cause`.
    pub(super) fn change(&self, clock: &Clock, kind: Kind, cause: &str) -> Vec<Value> {
        self.values(clock, kind, Some(cause), &self.manners.push)
    }

    /// What an initial notification says where nothing is known: FREERUN, at an address that takes it back.
    pub(super) fn placeholder(kind: Kind) -> Vec<Value> {
        let mut values = Vec::new();
        if kind.has_state() {
            values.push(Value::state("ptp-not-set", "FREERUN"));
        }
        if kind.has_metric() {
            values.push(Value::metric("ptp-not-set", 0));
        }
        values
    }

    fn values(&self, clock: &Clock, kind: Kind, cause: Option<&str>, envelope: &Envelope) -> Vec<Value> {
        match kind {
            Kind::LockState => {
                let changed = |instance: &str| cause.is_none_or(|cause| cause == instance);
                let locks = clock.lock_states().filter(|(instance, _)| changed(instance));
                locks.flat_map(|(instance, reading)| read(instance, reading)).collect()
            }
            Kind::OsClock => {
                clock.os_clock().into_iter().flat_map(|reading| read(OS_INSTANCE, reading)).collect()
            }
            Kind::ClockClass => {
                let place = format!("{}{}", self.instance, envelope.class_tail);
                clock.clock_class().map(|class| Value::metric(&place, class.into())).into_iter().collect()
            }
            Kind::Gnss => self.gnss_values(clock),
            Kind::SyncState => {
                let own = self.manners.resource(kind).map_or("", |resource| resource.suffix);
                let filed = cause.filter(|_| envelope.sync_state_by_cause);
                let place = filed.unwrap_or(own.trim_start_matches('/'));
                clock.sync_state().map(|state| Value::state(place, state.word())).into_iter().collect()
            }
            Kind::SynceLock | Kind::SynceQuality => Vec::new(),
        }
    }

    fn gnss_values(&self, clock: &Clock) -> Vec<Value> {
        let Some(gnss) = clock.gnss() else { return Vec::new() };
        let fix = if gnss.word == "SYNCHRONIZED" { 3 } else { 0 };
        vec![
            Value::state(&self.instance, &gnss.word),
            Value::metric(&self.instance, gnss.offset_ns),
            Value::metric(&format!("{}/gpsFix", self.instance), fix),
        ]
    }

    /// The body of an event.
    pub(super) fn write(
        &self,
        envelope: &Envelope,
        about: &Resource,
        stamp: &Stamp<'_>,
        values: &[Value],
    ) -> String {
        let mut body = String::from("{");
        for (key, fill) in envelope.members {
            let address = self.address(about);
            let text = match fill {
                Fill::Fixed(text) => text,
                Fill::FreshId => &*stamp.fresh_id,
                Fill::SubscriptionId => stamp.subscription_id,
                Fill::Suffix => about.suffix,
                Fill::Address => &*address,
                Fill::Type => about.event_type,
                Fill::Time => stamp.time,
            };
            body += &format!("\"{key}\":{},", go::quoted(text));
        }
        let values: Vec<String> = values.iter().map(|value| self.write_value(envelope, value)).collect();
        body + &format!(
            "\"data\":{{\"version\":\"{}\",\"values\":[{}]}}}}",
            envelope.data_version,
            values.join(",")
        )
    }

    fn write_value(&self, envelope: &Envelope, value: &Value) -> String {
        let [address_key, data_type_key, value_type_key, value_key] = envelope.value_keys;
        let (data_type, value_type, text) = match &value.content {
            Content::State(word) => ("notification", "enumeration", word.clone()),
            Content::Metric(number) if envelope.floats => ("metric", "decimal64.3", go::float(*number)),
            Content::Metric(number) => ("metric", "decimal64.3", number.to_string()),
        };
        let address = format!("/cluster/node/{}/{}", self.node, value.place);
        format!(
            "{{\"{address_key}\":{},\"{data_type_key}\":\"{data_type}\",\"{value_type_key}\":\"{value_type}\",\
             \"{value_key}\":{}}}",
            go::quoted(&address),
            go::quoted(&text)
        )
    }
}

impl Value {
    fn state(place: &str, word: &str) -> Self {
        Self { place: place.into(), content: Content::State(word.into()) }
    }

    fn metric(place: &str, number: i64) -> Self {
        Self { place: place.into(), content: Content::Metric(number) }
    }
}

fn read(instance: &str, reading: Reading) -> [Value; 2] {
    [Value::state(instance, reading.state.word()), Value::metric(instance, reading.offset_ns)]
}

/// What producers call the OS clock.
pub(super) const OS_INSTANCE: &str = "CLOCK_REALTIME";
