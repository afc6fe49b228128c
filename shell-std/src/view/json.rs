//! Lines for programs: one JSON object each, in a format that only ever gains fields.

use std::fmt::{self, Display, Write};

use ptpwatch_core::consumer::{Link, Notice};
use ptpwatch_core::event::{Resource, State};
use ptpwatch_core::time::MILLISECOND_NS;
use ptpwatch_core::track::{ChannelReport, Freshness, Value};
use ptpwatch_core::verdict::{Reasons, VerdictReport};

use super::Moment;
use super::names::TroubleName;
use crate::json::{self, Json, Members, Optional, Plain, Text, members};
use crate::logger::Utc;

/// What every line says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heading<'v> {
    pub(crate) moment: Moment,
    pub(crate) node: &'v str,
    pub(crate) dropped: u64,
}

/// Writes the line of a change.
pub(crate) fn notice(line: &mut dyn Write, heading: Heading<'_>, notice: &Notice<'_>) -> fmt::Result {
    match notice {
        Notice::Channel(_, report) => channel(line, heading, report),
        Notice::Verdict(_, report) => verdict(line, heading, report),
        Notice::Link(_, report) => link(line, heading, report),
    }
}

/// Writes the last line.
pub(crate) fn end(line: &mut dyn Write, heading: Heading<'_>, cause: &str) -> fmt::Result {
    let mut members = heading.begin(line, "end")?;
    members.add(members! { "cause": &cause })?;
    heading.end(members)
}

impl Heading<'_> {
    fn begin<'w>(&self, line: &'w mut dyn Write, kind: &str) -> Result<Members<'w>, fmt::Error> {
        let mut members = Members::new(line);
        members.add(members! {
            "v": &VERSION,
            "kind": &kind,
            "at": &Plain(Utc(self.moment.wall)),
            "node": &self.node,
        })?;
        Ok(members)
    }

    fn end(&self, mut members: Members<'_>) -> fmt::Result {
        members.add(members! { "dropped": &Optional(Some(self.dropped).filter(|lines| *lines > 0)) })?;
        members.end()
    }
}

fn channel(line: &mut dyn Write, heading: Heading<'_>, report: &ChannelReport<'_>) -> fmt::Result {
    let channel = report.channel;
    let mut members = heading.begin(line, "channel")?;
    add_channel(&mut members, channel.resource(), channel.instance(), channel.value(), channel.freshness())?;
    members.add(members! {
        "offset_ns": &channel.offset().map(Plain),
        "gnss_fix": &channel.gnss_fix(),
        "transitions": &report.transitions,
        "worst": &report.worst.and_then(word),
        "gone": &report.is_gone,
        // The producer's own.
        "time": &channel.time().map(Plain),
    })?;
    heading.end(members)
}

fn verdict(line: &mut dyn Write, heading: Heading<'_>, report: &VerdictReport) -> fmt::Result {
    let (verdict, now) = (report.verdict, heading.moment.now);
    let mut members = heading.begin(line, "verdict")?;
    members.add(members! {
        "state": &verdict.state.name(),
        "reasons": &Names(verdict.reasons),
        "last_known": &known(verdict.last_known),
        // How long the state has been what it is.
        "age_ms": &(now.since(verdict.since) / MILLISECOND_NS),
        // When a holdover budget of ours will be spent; `null` without one.
        "holdover_left_ms": &verdict.holdover_until.map(|until| until.since(now) / MILLISECOND_NS),
        "transitions": &report.transitions,
        "worst": &known(report.worst),
    })?;
    heading.end(members)
}

fn link(line: &mut dyn Write, heading: Heading<'_>, link: &Link) -> fmt::Result {
    let mut members = heading.begin(line, "link")?;
    add_link(&mut members, link)?;
    heading.end(members)
}

/// What a channel is and reports: what was last reported, however long ago. See `freshness`.
///
/// # Errors
/// If the object takes no more.
pub(crate) fn add_channel(
    members: &mut Members<'_>,
    resource: Resource,
    instance: &[u8],
    value: Option<Value>,
    freshness: Freshness,
) -> fmt::Result {
    let instance = Some(instance).filter(|instance| !instance.is_empty());
    members.add(members! {
        "resource": &resource.name(),
        "instance": &instance.map(|instance| Text(Lossy(instance))),
        "state": &value.and_then(word),
        "level": &value.and_then(level),
        "freshness": &freshness.name(),
    })
}

/// How the producer answers.
///
/// # Errors
/// If the object takes no more.
pub(crate) fn add_link(members: &mut Members<'_>, link: &Link) -> fmt::Result {
    members.add(members! {
        "up": &link.is_up,
        "subscribed": &link.subscribed,
        "taken": &link.taken,
        "wanted": &link.wanted,
        "trouble": &link.trouble.map(|trouble| Plain(TroubleName(trouble))),
        // `null` until it is known.
        "dialect": &link.dialect,
    })
}

/// Text that is UTF-8 as far as the peer's bytes are.
pub(crate) struct Lossy<'v>(pub(crate) &'v [u8]);

impl Display for Lossy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            if !chunk.invalid().is_empty() {
                f.write_char(char::REPLACEMENT_CHARACTER)?;
            }
        }
        Ok(())
    }
}

/// The names of reasons.
pub(crate) struct Names(pub(crate) Reasons);

impl Json for Names {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        json::array(out, self.0.names())
    }
}

/// The word of a value that is one.
pub(crate) fn word(value: Value) -> Option<&'static str> {
    match value {
        Value::Word(word) => Some(word.name()),
        Value::Level(_) => None,
    }
}

fn level(value: Value) -> Option<u8> {
    match value {
        Value::Level(level) => Some(level),
        Value::Word(_) => None,
    }
}

/// The name of a state, if it is known.
pub(crate) fn known(state: State) -> Option<&'static str> {
    Some(state.name()).filter(|_| state != State::Unknown)
}

/// The version of the format.
pub(crate) const VERSION: u8 = 1;
