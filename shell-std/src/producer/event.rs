//! Bodies of events: facts in the producer's envelope.

use super::envelope::{Envelope, Fill, Form, Slot};
use super::facts::{Content, Fact, Value};
use super::manners::Manners;
use super::resources::Resource;
use super::{go, python};

/// Who the producer is: what stands in its events and answers and never changes.
#[derive(Debug)]
pub(super) struct Site {
    pub manners: &'static Manners,
    pub node: String,
    /// The network interface with the PTP clock.
    pub interface: String,
    /// Host and port in the locations it hands out.
    pub authority: String,
}

/// What is new in each body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stamp<'a> {
    pub subscription_id: &'a str,
    /// What the listener calls the node.
    pub node: &'a str,
    /// In nanoseconds since the Unix epoch, by the node's own clock.
    pub now_ns: u64,
}

/// A fact, and what it is about.
pub(super) type News = (&'static Resource, Fact);

impl Site {
    /// A body that tells `news`, which is not empty; `fresh_id` makes the identifiers.
    pub(super) fn body(
        &self,
        envelope: &Envelope,
        news: Vec<News>,
        stamp: &Stamp<'_>,
        mut fresh_id: impl FnMut() -> String,
    ) -> String {
        let json = self.manners.json;
        let news = if envelope.form == Form::Event { merged(news) } else { news };
        let mut events: Vec<(String, String)> = Vec::new();
        for (resource, fact) in &news {
            let event = self.event(envelope, resource, fact, stamp, &fresh_id());
            let key = if resource.key.is_empty() { &fact.instance } else { resource.key };
            match events.iter_mut().find(|(known, _)| envelope.form == Form::Keyed && known == key) {
                Some((_, last)) => *last = event,
                None => events.push((key.to_string(), event)),
            }
        }
        let is_alone = |kind| matches!(&*news, [(resource, _)] if resource.kind == kind);
        let body = match envelope.form {
            Form::Array { bare } if !is_alone(bare) => {
                json.array(&events.into_iter().map(|(_, event)| event).collect::<Vec<_>>())
            }
            Form::Event | Form::Array { .. } => events.into_iter().map(|(_, event)| event).collect(),
            Form::Keyed => json.object(events.iter().map(|(key, event)| (key.as_str(), event.clone()))),
            Form::KeyedArray => json.object(events.iter().map(|(key, event)| {
                let event = json.array(std::slice::from_ref(event));
                (key.as_str(), event)
            })),
        };
        self.ended(body)
    }

    /// A body as it is sent.
    pub(super) fn ended(&self, body: String) -> String {
        body + self.manners.body_end
    }

    fn event(
        &self,
        envelope: &Envelope,
        about: &Resource,
        fact: &Fact,
        stamp: &Stamp<'_>,
        id: &str,
    ) -> String {
        let json = self.manners.json;
        let quoted = json.quoted;
        json.object(envelope.members.iter().map(|(key, fill)| {
            let text = match fill {
                Fill::Fixed(text) => quoted(text),
                Fill::FreshId => quoted(id),
                Fill::SubscriptionId => quoted(stamp.subscription_id),
                Fill::Suffix => quoted(about.suffix),
                Fill::Address => quoted(&self.address(about)),
                Fill::Type => quoted(about.event_type),
                Fill::Time => quoted(&go::rfc3339(stamp.now_ns)),
                Fill::ChangeTime => quoted(&python::time_without_dot(fact.changed_ns)),
                Fill::ChangeSeconds => python::seconds(fact.changed_ns),
                Fill::Data => self.data(envelope, about, fact, stamp.node),
                Fill::State => json.object([("State", quoted(&capitalised(fact)))]),
                Fill::Node => json.object([("NodeName", quoted(stamp.node))]),
            };
            (*key, text)
        }))
    }

    fn data(&self, envelope: &Envelope, about: &Resource, fact: &Fact, node: &str) -> String {
        let json = self.manners.json;
        let is_told = |value: &&Value| envelope.has_offsets || !matches!(value.content, Content::Metric(_));
        let values: Vec<String> = fact
            .values
            .iter()
            .filter(is_told)
            .map(|value| self.value(envelope, about, value, node))
            .collect();
        json.object([("version", (json.quoted)(envelope.data_version)), ("values", json.array(&values))])
    }

    fn value(&self, envelope: &Envelope, about: &Resource, value: &Value, node: &str) -> String {
        let json = self.manners.json;
        let address = if value.is_bare { value.place.clone() } else { self.place(node, about, &value.place) };
        let number = |number: i64| if envelope.floats { go::float(number) } else { number.to_string() };
        let [data_type, value_type] = match &value.content {
            Content::State(_) => ["notification", "enumeration"],
            Content::Class(_) => [envelope.class, envelope.number],
            Content::Metric(_) | Content::Quality(_) | Content::Odd(_) => ["metric", envelope.number],
        };
        let text = match &value.content {
            Content::State(word) | Content::Odd(word) => word.clone(),
            Content::Metric(metric) => number(*metric),
            Content::Class(level) | Content::Quality(level) => level.to_string(),
        };
        let is_number = matches!(value.content, Content::Quality(_)) && envelope.synce_quality.is_number;
        json.object(envelope.value.iter().map(|(key, slot)| {
            let text = match slot {
                Slot::Address => (json.quoted)(&address),
                Slot::DataType => (json.quoted)(data_type),
                Slot::ValueType => (json.quoted)(value_type),
                Slot::Value if is_number => text.clone(),
                Slot::Value => (json.quoted)(&text),
            };
            (*key, text)
        }))
    }
}

/// All facts as one; they are about one resource.
fn merged(news: Vec<News>) -> Vec<News> {
    let resource = news.first().map(|(resource, _)| *resource);
    let facts = news.into_iter().map(|(_, fact)| fact).collect();
    resource.zip(Fact::merged(facts)).into_iter().collect()
}

/// The state in a fact, spelled `Locked`.
fn capitalised(fact: &Fact) -> String {
    let states = fact.values.iter().filter_map(|value| match &value.content {
        Content::State(word) => Some(word.as_str()),
        _ => None,
    });
    let word = states.into_iter().next().unwrap_or_default();
    let (first, rest) = word.split_at(word.len().min(1));
    format!("{first}{}", rest.to_ascii_lowercase())
}
