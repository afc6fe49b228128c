//! The events of a document, found by meaning: what `event` says it reads, in the fewest words.
//!
//! The vocabulary (`Resource`, `Word`, `Metric`) is core's; what is read as which word stands here once more.

mod address;
mod number;
mod time;
mod words;

pub(crate) use number::Number;
pub(crate) use time::{Time, time};

use ptpwatch_core::event::{Metric, Resource, Word};

use crate::json::{self, Json, Refusal};
use address::{Address, node};

/// An event.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) source: String,
    pub(crate) time: String,
    pub(crate) resource: Option<Resource>,
    pub(crate) node: Option<String>,
    pub(crate) has_unreadable_data: bool,
    pub(crate) readings: Vec<Reading>,
}

/// What a value says.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub(crate) resource: Option<Resource>,
    pub(crate) node: Option<String>,
    pub(crate) instance: String,
    pub(crate) content: Content,
}

#[derive(Clone, Debug)]
pub(crate) enum Content {
    Word(Word),
    Metric(Metric, Option<Number>),
    Placeholder,
    Nothing,
    UnknownWord(String),
}

type Members = [(String, Json)];

/// The events of a document: it is one, or an array of some, or an object that holds either under names of its own.
pub(crate) fn events(document: &Json) -> Vec<Event> {
    match document {
        Json::Object(members) if is_event(members) => vec![event(members, "")],
        Json::Object(members) => {
            let held = members.iter().filter(|(name, _)| !FIELDS.contains(&name.as_str()));
            held.flat_map(|(name, value)| match value {
                Json::Array(elements) => events_among(elements, name),
                value => events_among(std::slice::from_ref(value), name),
            })
            .collect()
        }
        Json::Array(elements) => events_among(elements, ""),
        _ => Vec::new(),
    }
}

/// Names that mean something in an event, and are no names for one.
const FIELDS: [&str; 11] = [
    "id",
    "Id",
    "type",
    "source",
    "subject",
    "time",
    "EventTimestamp",
    "data",
    "ResourceType",
    "EventData",
    "ResourceQualifier",
];

fn events_among(values: &[Json], hint: &str) -> Vec<Event> {
    let objects = values.iter().filter_map(|value| match value {
        Json::Object(members) if is_event(members) => Some(members),
        _ => None,
    });
    objects.map(|members| event(members, hint)).collect()
}

/// Whether an object is an event: it says what it is, where from, or what happened.
fn is_event(members: &Members) -> bool {
    members.iter().any(|(name, value)| {
        matches!(
            (name.as_str(), value),
            ("type" | "source", Json::Text(_))
                | ("data", Json::Object(_) | Json::Text(_))
                | ("EventData", Json::Object(_))
        )
    })
}

fn event(members: &Members, hint: &str) -> Event {
    let source = text_of(members, &["source"]);
    let subject = text_of(members, &["subject"]);
    let kind = text_of(members, &["type"]);
    let is_flat_ptp = text_of(members, &["ResourceType"]).eq_ignore_ascii_case("PTP");
    let by_address = Address::parse(&source).resource.or(Address::parse(&subject).resource);
    let resource = if is_flat_ptp {
        Some(Resource::LockState)
    } else {
        by_address.or_else(|| words::resource_of_type(&kind))
    };
    let qualified = qualified_node(members);
    let node = if qualified.is_empty() {
        Address::parse(&source).node.or(Address::parse(&subject).node)
    } else {
        node(&qualified)
    };
    let values = values_of_event(members);
    let reading = |value: &Value| reading(value, resource, node.clone(), hint);
    Event {
        id: text_of(members, &["id", "Id"]),
        time: time_of(members),
        readings: values.iter().flatten().map(reading).collect(),
        has_unreadable_data: values.is_none(),
        kind,
        source,
        resource,
        node,
    }
}

/// The text under one of `names`; empty if there is none. Of several the last counts, and what is no text does not.
fn text_of(members: &Members, names: &[&str]) -> String {
    let texts = members.iter().filter(|(name, _)| names.contains(&name.as_str()));
    let mut texts =
        texts.filter_map(|(_, value)| if let Json::Text(text) = value { Some(text) } else { None });
    texts.next_back().cloned().unwrap_or_default()
}

fn time_of(members: &Members) -> String {
    let times = members.iter().filter(|(name, _)| matches!(name.as_str(), "time" | "EventTimestamp"));
    let mut times = times.filter_map(|(_, value)| match value {
        Json::Text(text) | Json::Number(text) => Some(text),
        _ => None,
    });
    times.next_back().cloned().unwrap_or_default()
}

/// The node that `StarlingX` v1 names beside the event.
fn qualified_node(members: &Members) -> String {
    let qualifiers = members.iter().filter_map(|(name, value)| match value {
        Json::Object(members) if name == "ResourceQualifier" => Some(members),
        _ => None,
    });
    let names: Vec<_> = qualifiers.flatten().cloned().collect();
    text_of(&names, &["NodeName"])
}

/// One value of an event.
#[derive(Clone, Debug)]
struct Value {
    address: String,
    is_notification: bool,
    /// The text it holds, and whether it was a number; `None` for anything but a text or a number.
    scalar: Option<(String, bool)>,
}

/// The values of an event: those of the last of its `data` and `EventData`; `None` if that is a text and no JSON.
fn values_of_event(members: &Members) -> Option<Vec<Value>> {
    let last = members
        .iter()
        .rfind(|(name, value)| name == "data" || (name == "EventData" && matches!(value, Json::Object(_))));
    match last {
        Some((name, Json::Object(members))) if name == "data" => Some(values_of_data(members)),
        Some((_, Json::Object(members))) => Some(flat_value(members).into_iter().collect()),
        Some((_, Json::Text(text))) => match json::read(text.as_bytes()) {
            Ok(Json::Object(members)) => Some(values_of_data(&members)),
            Ok(_) | Err(Refusal::Blank) => Some(Vec::new()),
            Err(_) => None,
        },
        _ => Some(Vec::new()),
    }
}

fn values_of_data(members: &Members) -> Vec<Value> {
    let mut arrays = members.iter().filter_map(|(name, value)| match value {
        Json::Array(elements) if name == "values" => Some(elements),
        _ => None,
    });
    let objects = arrays.next_back().into_iter().flatten().filter_map(|value| match value {
        Json::Object(members) => Some(members),
        _ => None,
    });
    objects.map(|members| value(members)).collect()
}

fn value(members: &Members) -> Value {
    Value {
        address: text_of(members, &["ResourceAddress", "resource"]),
        is_notification: text_of(members, &["data_type", "dataType", "type"])
            .eq_ignore_ascii_case("notification"),
        scalar: members.iter().rfind(|(name, _)| name == "value").and_then(|(_, value)| scalar(value)),
    }
}

/// `EventData` of `StarlingX` v1: a state, and no more.
fn flat_value(members: &Members) -> Option<Value> {
    let (_, state) = members.iter().rfind(|(name, _)| name == "State")?;
    Some(Value { address: String::new(), is_notification: true, scalar: scalar(state) })
}

fn scalar(value: &Json) -> Option<(String, bool)> {
    match value {
        Json::Text(text) => Some((text.clone(), false)),
        Json::Number(text) => Some((text.clone(), true)),
        _ => None,
    }
}

fn reading(value: &Value, resource: Option<Resource>, node: Option<String>, hint: &str) -> Reading {
    let address = Address::parse(&value.address);
    let resource = address.resource.or(resource);
    let is_of_an_instance =
        resource.is_some_and(|resource| !matches!(resource, Resource::OsClock | Resource::SyncState));
    let instance =
        if address.instance.is_empty() && is_of_an_instance { hint.to_owned() } else { address.instance };
    let content = match resource {
        _ if address.is_placeholder => Content::Placeholder,
        Some(resource) => content(value, resource, address.metric),
        None => content_for_people(value),
    };
    Reading { resource, node: address.node.or(node), instance, content }
}

/// Of a resource that is not known, a word is shown, whosever it is.
fn content_for_people(value: &Value) -> Content {
    let text = value.scalar.as_ref().filter(|(_, is_number)| !is_number).map(|(text, _)| text);
    let word =
        text.and_then(|text| Resource::ALL.into_iter().find_map(|resource| words::word(resource, text)));
    word.map_or(Content::Nothing, Content::Word)
}

fn content(value: &Value, resource: Resource, metric: Option<Metric>) -> Content {
    let Some((text, _)) = value.scalar.as_ref().filter(|(text, _)| !text.is_empty()) else {
        return Content::Nothing;
    };
    if let Some(word) = words::word(resource, text) {
        return Content::Word(word);
    }
    let Some(number) = Number::parse(text) else { return Content::UnknownWord(text.clone()) };
    let reports_words = !matches!(resource, Resource::ClockClass | Resource::SynceQuality);
    let says_a_word = value.is_notification && metric.is_none() && reports_words;
    match resource {
        // OpenShift 4.18 in v1 mode has a zero for every state.
        Resource::SynceLock => Content::Nothing,
        _ if says_a_word => Content::UnknownWord(text.clone()),
        _ => {
            let metric = metric.unwrap_or_else(|| words::metric_of_resource(resource));
            Content::Metric(metric, Some(number).filter(|number| !number.is_sentinel()))
        }
    }
}
