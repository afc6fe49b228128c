//! One event as a line of JSON.

use std::fmt::{self, Write};
use std::str;

use ptpwatch_core::event::{Content, Decimal, Event, Metric, Reading, Resource, Word};

use crate::json::{Json, Object, Optional, members};

/// What an event says: first of the instance that it names first, then of the others.
#[derive(Debug)]
pub(super) struct Line<'b> {
    resource: Option<&'static str>,
    instance: Option<&'b str>,
    node: Option<&'b str>,
    kind: Option<&'b str>,
    /// The producer's, in UTC and nanoseconds.
    time: Option<String>,
    state: Option<&'static str>,
    metrics: Metrics,
    /// The address says that there is no data: a state that stands beside it is none.
    placeholder: bool,
    /// What was not understood.
    unknown: Vec<String>,
    others: Vec<Subject<'b>>,
    id: Option<&'b str>,
    source: Option<&'b str>,
}

/// What an event says of one instance.
#[derive(Debug, Default)]
struct Subject<'b> {
    /// In `others` where it is not the line's own: no producer was seen to mix them.
    resource: Option<&'static str>,
    instance: Option<&'b str>,
    state: Option<&'static str>,
    metrics: Metrics,
    placeholder: bool,
    about: Option<Resource>,
    /// Of several the worst.
    word: Option<Word>,
}

/// The metrics that were there; `None` in one for a number that stands for "no information".
#[derive(Debug, Default)]
struct Metrics {
    offset_ns: Option<Option<String>>,
    clock_class: Option<Option<i64>>,
    gnss_fix: Option<Option<i64>>,
    quality_level: Option<Option<i64>>,
    extended_quality_level: Option<Option<i64>>,
}

impl<'b> Line<'b> {
    /// The line of `event`; `is_cut` if there was more than could be read.
    pub(super) fn of(event: &Event<'b>, is_cut: bool) -> Self {
        let names_no_resource =
            event.resource().is_none() && event.readings().all(|reading| reading.resource.is_none());
        let found = [
            (names_no_resource, "resource"),
            (event.time().is_none() && !event.time_text().is_empty(), "time"),
            (event.has_unreadable_data(), "data"),
            (is_cut, "cut"),
        ];
        let found = found.into_iter().filter(|(is_so, _)| *is_so);
        let mut unknown: Vec<String> = found.map(|(_, what)| what.to_owned()).collect();
        let mut subjects: Vec<Subject<'b>> = Vec::new();
        for reading in event.readings() {
            let subject = subject_of(&mut subjects, &reading);
            if let Some(what) = subject.take(reading.content) {
                unknown.push(what);
            }
        }
        let mut subjects = subjects.into_iter();
        let first =
            subjects.next().unwrap_or_else(|| Subject { about: event.resource(), ..Subject::default() });
        let differs = |subject: &Subject<'_>| subject.about != first.about;
        let others = subjects.map(|subject| Subject {
            resource: subject.about.filter(|_| differs(&subject)).map(Resource::name),
            ..subject
        });
        Self {
            resource: first.about.map(Resource::name),
            instance: first.instance,
            node: event.readings().next().map_or(event.node(), |reading| reading.node).map(text),
            kind: some_text(event.kind()),
            time: event.time().map(|time| time.to_string()),
            state: first.state,
            placeholder: first.placeholder,
            others: others.collect(),
            metrics: first.metrics,
            unknown,
            id: some_text(event.id()),
            source: some_text(event.source()),
        }
    }
}

impl Json for Line<'_> {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        Object(members! {
            "v": &VERSION,
            "kind": &"event",
            "resource": &self.resource,
            "instance": &self.instance,
            "node": &self.node,
            "type": &self.kind,
            "time": &self.time,
            "state": &self.state,
            "metrics": &self.metrics,
            "placeholder": &Optional(Some(true).filter(|_| self.placeholder)),
            "unknown": &self.unknown.as_slice(),
            "others": &Optional(Some(self.others.as_slice()).filter(|others| !others.is_empty())),
            "id": &self.id,
            "source": &self.source,
        })
        .write(out)
    }
}

impl Json for Subject<'_> {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        Object(members! {
            "resource": &Optional(self.resource),
            "instance": &self.instance,
            "state": &self.state,
            "metrics": &self.metrics,
            "placeholder": &Optional(Some(true).filter(|_| self.placeholder)),
        })
        .write(out)
    }
}

impl Json for Metrics {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        Object(members! {
            "offset_ns": &Optional(self.offset_ns.as_ref()),
            "clock_class": &Optional(self.clock_class),
            "gnss_fix": &Optional(self.gnss_fix),
            "quality_level": &Optional(self.quality_level),
            "extended_quality_level": &Optional(self.extended_quality_level),
        })
        .write(out)
    }
}

impl Subject<'_> {
    /// Takes in what one value says; what of it was not understood.
    fn take(&mut self, content: Content<'_>) -> Option<String> {
        match content {
            Content::Word(word) if self.word.is_none_or(|held| word.badness() > held.badness()) => {
                self.word = Some(word);
                self.state = Some(word.name());
            }
            Content::Metric(metric, number) => return self.metrics.take(metric, number),
            Content::Placeholder => self.placeholder = true,
            Content::UnknownWord(word) => return Some(format!("word:{}", text(word))),
            Content::Word(_) | Content::Nothing => {}
        }
        None
    }
}

impl Metrics {
    /// Takes in a metric; the last of several counts. All but offsets are whole, or not understood.
    fn take(&mut self, metric: Metric, number: Option<Decimal>) -> Option<String> {
        let slot = match metric {
            Metric::Offset => {
                self.offset_ns = Some(number.map(|number| number.to_string()));
                return None;
            }
            Metric::ClockClass => &mut self.clock_class,
            Metric::GnssFix => &mut self.gnss_fix,
            Metric::QualityLevel => &mut self.quality_level,
            Metric::ExtendedQualityLevel => &mut self.extended_quality_level,
        };
        if let Some(number) = number.filter(|number| number.thousandths() != 0) {
            return Some(format!("number:{number}"));
        }
        *slot = Some(number.map(Decimal::whole));
        None
    }
}

/// The entry of what a reading is about.
fn subject_of<'s, 'b>(subjects: &'s mut Vec<Subject<'b>>, reading: &Reading<'b>) -> &'s mut Subject<'b> {
    let (about, instance) = (reading.resource, some_text(reading.instance));
    let is_known = |subject: &Subject<'_>| subject.about == about && subject.instance == instance;
    let index = subjects.iter().position(is_known).unwrap_or(subjects.len());
    if index == subjects.len() {
        subjects.push(Subject { about, instance, ..Subject::default() });
    }
    &mut subjects[index]
}

fn some_text(bytes: &[u8]) -> Option<&str> {
    Some(text(bytes)).filter(|text| !text.is_empty())
}

/// A text of the body; the scanner saw to it that it is UTF-8, and nothing cuts it but at a slash.
fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap_or_default()
}

/// The version of the format.
const VERSION: u8 = 1;
