//! Events: finds them in any body a producer sends, and says what each of their values means.
//!
//! ```
//! use ptpwatch_core::event::{Content, Resource, Stage, Word, decode};
//!
//! let mut body = br#"{"source":"/sync/ptp-status/lock-state","data":{"values":[
//!     {"ResourceAddress":"/cluster/node/n1/ens1fx/master","data_type":"notification","value":"LOCKED"}]}}"#.to_vec();
//! let mut stage = Stage::new();
//! let decoded = decode(&mut body, &mut stage).unwrap();
//! let event = decoded.events().next().unwrap();
//! let reading = event.readings().next().unwrap();
//! assert_eq!(reading.resource, Some(Resource::LockState));
//! assert_eq!(reading.instance, b"ens1fx/master");
//! assert_eq!(reading.content, Content::Word(Word::Locked));
//! ```

mod address;
mod decimal;
mod field;
mod metric;
mod resource;
mod scan;
mod stage;

pub use address::{Address, is_same_node};
pub use decimal::Decimal;
pub use metric::Metric;
pub use resource::{Resource, State, Word};
pub use stage::Stage;

use crate::json::Error;
use crate::limits::BODY_MAX;
use crate::swar::is_same;
use crate::time::Timestamp;
use field::{Field, ValueField};
use stage::{Span, StagedEvent, StagedValue};

/// Finds the events of a whole body: a bare event, an array of events, an object whose values are events or arrays of
/// events, or `StarlingX` v1's flat object; in either spelling of the keys.
///
/// Of a key that comes twice in an object the last counts. Escapes are resolved in place, so `body` is changed; it is
/// read by one pass, and one more over a `data` that is a string. A blank body and JSON without events hold none. One over
/// [`BODY_MAX`] is checked, and all of it [cut](Decoded::is_cut).
///
/// # Errors
/// Whatever makes the body no JSON, with the offset of the byte that does.
pub fn decode<'b>(body: &'b mut [u8], stage: &'b mut Stage) -> Result<Decoded<'b>, Error> {
    stage.clear();
    scan::scan_document(body, stage)?;
    if body.len() > BODY_MAX {
        stage.give_up();
    }
    if stage.is_unresolved {
        resolve(body, stage);
    }
    Ok(Decoded { body, stage })
}

/// Resolves the escapes in the texts of events and values, and reads `data` where it is a string.
fn resolve(body: &mut [u8], stage: &mut Stage) {
    let mut hint = [Span::default(); 2];
    for index in 0..stage.events.len() {
        resolve_event(index, body, stage, &mut hint);
    }
    for value in &mut stage.values {
        for text in &mut value.texts {
            text.unescape(body);
        }
    }
}

/// Resolves the escapes in an event's own texts, and reads its `data` if that is a string. `hint` is the one of the event
/// before it, as it stood in the body and resolved: events that one key holds share it.
fn resolve_event(index: usize, body: &mut [u8], stage: &mut Stage, hint: &mut [Span; 2]) {
    let Some(mut event) = stage.events.get(index).copied() else { return };
    for text in event.texts.iter_mut().chain([&mut event.node]) {
        text.unescape(body);
    }
    let [raw, resolved] = hint;
    if event.hint != *raw {
        (*raw, *resolved) = (event.hint, event.hint);
        resolved.unescape(body);
    }
    event.hint = *resolved;
    if !event.data.is_empty() {
        event.data.unescape(body);
        let values = stage.value_count();
        if scan::scan_data(event.data.of(body), event.data.start(), stage, &mut event).is_err() {
            stage.truncate_values(values);
            event.value_count = 0;
            event.has_unreadable_data = true;
        }
    }
    if let Some(slot) = stage.events.get_mut(index) {
        *slot = event;
    }
}

/// The events of one body.
#[derive(Clone, Copy, Debug)]
pub struct Decoded<'b> {
    body: &'b [u8],
    stage: &'b Stage,
}

impl<'b> Decoded<'b> {
    /// The events, in the order of the body.
    pub fn events(self) -> impl Iterator<Item = Event<'b>> {
        let Self { body, stage } = self;
        stage.events.iter().map(move |staged| Event::new(body, staged, values_of(stage, staged)))
    }

    /// Whether there was more in the body than [`EVENTS_MAX`](crate::limits::EVENTS_MAX) events or
    /// [`VALUES_MAX`](crate::limits::VALUES_MAX) values: what came first is here, the rest is not. Of a body over
    /// [`BODY_MAX`] nothing is.
    pub const fn is_cut(self) -> bool {
        self.stage.is_full
    }
}

fn values_of<'b>(stage: &'b Stage, event: &StagedEvent) -> &'b [StagedValue] {
    let start = usize::from(event.first_value);
    let end = start.saturating_add(usize::from(event.value_count));
    stage.values.get(start..end.min(stage.values.len())).unwrap_or(&[])
}

/// One event: a CloudEvents-like object.
#[derive(Clone, Copy, Debug)]
pub struct Event<'b> {
    body: &'b [u8],
    staged: &'b StagedEvent,
    values: &'b [StagedValue],
    resource: Option<Resource>,
    node: Option<&'b [u8]>,
}

impl<'b> Event<'b> {
    fn new(body: &'b [u8], staged: &'b StagedEvent, values: &'b [StagedValue]) -> Self {
        let text = |field| staged.text(field).of(body);
        let source = Address::parse(text(Field::Source));
        let subject = || Address::parse(text(Field::Subject));
        let resource = if text(Field::FlatType).eq_ignore_ascii_case(b"PTP") {
            Some(Resource::LockState)
        } else {
            source.resource.or_else(|| subject().resource).or_else(|| Resource::from_type(text(Field::Kind)))
        };
        let node = if staged.node.is_empty() {
            source.node.or_else(|| subject().node)
        } else {
            Some(staged.node.of(body)).filter(|node| !address::is_any_node(node))
        };
        Self { body, staged, values, resource, node }
    }

    /// The `id`; empty if there is none. `OpenShift` v1 repeats the subscription's id, so it tells no events apart.
    pub fn id(&self) -> &'b [u8] {
        self.text(Field::Id)
    }

    /// The `type`; empty if there is none.
    pub fn kind(&self) -> &'b [u8] {
        self.text(Field::Kind)
    }

    /// The `source`; empty if there is none.
    pub fn source(&self) -> &'b [u8] {
        self.text(Field::Source)
    }

    /// The `time` as it was written; empty if there is none.
    pub fn time_text(&self) -> &'b [u8] {
        self.text(Field::Time)
    }

    /// The `time`; `None` if there is none that can be read, which is no reason to reject the event.
    pub fn time(&self) -> Option<Timestamp> {
        Timestamp::parse(self.time_text())
    }

    /// The resource: by `source`, else `subject`, else `type`; `None` if none of them is known.
    pub const fn resource(&self) -> Option<Resource> {
        self.resource
    }

    /// The node that the event itself names, apart from its values' addresses.
    pub const fn node(&self) -> Option<&'b [u8]> {
        self.node
    }

    /// Whether `data` is a string that is no JSON.
    pub const fn has_unreadable_data(&self) -> bool {
        self.staged.has_unreadable_data
    }

    fn text(&self, field: Field) -> &'b [u8] {
        self.staged.text(field).of(self.body)
    }

    /// What the values say, in the order of the body.
    pub fn readings(&self) -> impl Iterator<Item = Reading<'b>> {
        let (body, values) = (self.body, self.values);
        let (resource, node, hint) = (self.resource, self.node, self.staged.hint.of(body));
        // The values of an event mostly repeat their address.
        let (mut text, mut address) = (&b""[..], Address::default());
        values.iter().map(move |value| {
            let theirs = value.text(ValueField::Address).of(body);
            if !is_same(text, theirs) {
                (text, address) = (theirs, Address::parse(theirs));
            }
            Reading::new(body, value, &address, resource, node, hint)
        })
    }
}

/// What one value says of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading<'b> {
    /// The resource; `None` if it is not known.
    pub resource: Option<Resource>,
    /// The node; `None` where neither the value nor its event names one.
    pub node: Option<&'b [u8]>,
    /// The instance of the resource, such as `ens1fx/master`; empty if none is named.
    pub instance: &'b [u8],
    /// What is said of it.
    pub content: Content<'b>,
}

/// What a value says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'b> {
    /// A word of the resource's enumeration.
    Word(Word),
    /// A number; `None` for one that stands for "no information".
    Metric(Metric, Option<Decimal>),
    /// The resource has no data: nothing that stands beside it is information, a literal FREERUN included.
    Placeholder,
    /// No information: absent, null, empty, or neither text nor number.
    Nothing,
    /// A text that is none of the resource's words.
    UnknownWord(&'b [u8]),
}

impl<'b> Reading<'b> {
    fn new(
        body: &'b [u8],
        value: &StagedValue,
        address: &Address<'b>,
        resource: Option<Resource>,
        node: Option<&'b [u8]>,
        hint: &'b [u8],
    ) -> Self {
        let resource = address.resource.or(resource);
        let takes_hint =
            address.instance.is_empty() && resource.is_some_and(|resource| !resource.is_node_wide());
        let instance = if takes_hint { hint } else { address.instance };
        let content = match (address.is_placeholder, resource) {
            (true, _) => Content::Placeholder,
            (false, Some(resource)) => content(body, value, resource, address.metric),
            (false, None) => content_of_unknown(body, value),
        };
        Self { resource, node: address.node.or(node), instance, content }
    }
}

/// What a value of an unknown resource holds, for people to read: a word that any resource has.
fn content_of_unknown<'b>(body: &'b [u8], value: &StagedValue) -> Content<'b> {
    Word::parse_any(value.text(ValueField::Value).of(body)).map_or(Content::Nothing, Content::Word)
}

/// The meaning of a value: by what it holds rather than by its declared type, which producers mix up. `OpenShift`
/// sends SyncE states as metrics, `StarlingX` the clock class as a notification.
fn content<'b>(
    body: &'b [u8],
    value: &StagedValue,
    resource: Resource,
    metric: Option<Metric>,
) -> Content<'b> {
    let text = value.text(ValueField::Value).of(body);
    if text.is_empty() {
        return Content::Nothing;
    }
    if let Some(word) = Word::parse(resource, text) {
        return Content::Word(word);
    }
    let is_word_expected = || resource.has_words() && metric.is_none() && is_notification(body, value);
    match Decimal::parse(text) {
        Some(_) if resource != Resource::SynceLock && is_word_expected() => Content::UnknownWord(text),
        // OpenShift 4.18 in v1 mode sends "0" for every SyncE state.
        Some(_) if resource == Resource::SynceLock => Content::Nothing,
        Some(number) if number.is_sentinel() => {
            Content::Metric(metric.unwrap_or(resource.default_metric()), None)
        }
        Some(number) => Content::Metric(metric.unwrap_or(resource.default_metric()), Some(number)),
        None => Content::UnknownWord(text),
    }
}

/// Whether a value is declared to be a state.
fn is_notification(body: &[u8], value: &StagedValue) -> bool {
    let is_type = || value.text(ValueField::Type).of(body).eq_ignore_ascii_case(b"notification");
    value.is_state.unwrap_or_else(is_type)
}

#[cfg(test)]
mod tests;
