//! Lines for programs: one JSON object each, in a format that only ever gains fields.

use std::fmt::{self, Display, Write};

use ptpwatch_core::consumer::{Link, Notice};
use ptpwatch_core::event::{Decimal, State};
use ptpwatch_core::time::{MILLISECOND_NS, Timestamp};
use ptpwatch_core::track::{ChannelReport, Value};
use ptpwatch_core::verdict::{Reasons, VerdictReport};
use serde::ser::{Serialize, SerializeSeq, Serializer};

use super::Moment;
use super::names::TroubleName;
use crate::json;
use crate::logger::Utc;

/// What every line says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heading<'v> {
    pub(super) moment: Moment,
    pub(super) node: &'v str,
    pub(super) dropped: u64,
}

/// Writes the line of a change.
pub(super) fn notice(line: &mut impl Write, heading: Heading<'_>, notice: &Notice<'_>) -> fmt::Result {
    match notice {
        Notice::Channel(_, report) => json::write(line, &ChannelLine::of(heading, report)),
        Notice::Verdict(_, report) => json::write(line, &VerdictLine::of(heading, report)),
        Notice::Link(_, link) => json::write(line, &LinkLine::of(heading, link)),
    }
}

/// Writes the last line.
pub(super) fn end(line: &mut impl Write, heading: Heading<'_>, cause: &str) -> fmt::Result {
    let Heading { moment, node, dropped } = heading;
    json::write(line, &EndLine { v: VERSION, kind: "end", at: Text(Utc(moment.wall)), node, cause, dropped })
}

#[derive(serde::Serialize)]
struct ChannelLine<'v> {
    v: u8,
    kind: &'static str,
    at: Text<Utc>,
    node: &'v str,
    resource: &'static str,
    instance: Option<Text<Lossy<'v>>>,
    /// What was last reported, however long ago: see `freshness`.
    state: Option<&'static str>,
    level: Option<u8>,
    freshness: &'static str,
    offset_ns: Option<Text<Decimal>>,
    gnss_fix: Option<u8>,
    transitions: u32,
    worst: Option<&'static str>,
    gone: bool,
    /// The producer's own.
    time: Option<Text<Timestamp>>,
    #[serde(skip_serializing_if = "is_zero")]
    dropped: u64,
}

#[derive(serde::Serialize)]
struct VerdictLine<'v> {
    v: u8,
    kind: &'static str,
    at: Text<Utc>,
    node: &'v str,
    state: &'static str,
    reasons: Names,
    last_known: Option<&'static str>,
    /// How long the state has been what it is.
    age_ms: u64,
    /// When a holdover budget of ours will be spent; `null` without one.
    holdover_left_ms: Option<u64>,
    transitions: u32,
    worst: Option<&'static str>,
    #[serde(skip_serializing_if = "is_zero")]
    dropped: u64,
}

#[derive(serde::Serialize)]
struct LinkLine<'v> {
    v: u8,
    kind: &'static str,
    at: Text<Utc>,
    node: &'v str,
    up: Option<bool>,
    subscribed: u8,
    taken: u8,
    wanted: u8,
    trouble: Option<Text<TroubleName>>,
    /// `null` until it is known.
    dialect: Option<&'static str>,
    #[serde(skip_serializing_if = "is_zero")]
    dropped: u64,
}

#[derive(serde::Serialize)]
struct EndLine<'v> {
    v: u8,
    kind: &'static str,
    at: Text<Utc>,
    node: &'v str,
    cause: &'v str,
    #[serde(skip_serializing_if = "is_zero")]
    dropped: u64,
}

impl<'v> ChannelLine<'v> {
    fn of(heading: Heading<'v>, report: &ChannelReport<'v>) -> Self {
        let channel = report.channel;
        let instance = Some(channel.instance()).filter(|instance| !instance.is_empty());
        Self {
            v: VERSION,
            kind: "channel",
            at: Text(Utc(heading.moment.wall)),
            node: heading.node,
            resource: channel.resource().name(),
            instance: instance.map(|instance| Text(Lossy(instance))),
            state: channel.value().and_then(word),
            level: channel.value().and_then(level),
            freshness: channel.freshness().name(),
            offset_ns: channel.offset().map(Text),
            gnss_fix: channel.gnss_fix(),
            transitions: report.transitions,
            worst: report.worst.and_then(word),
            gone: report.is_gone,
            time: channel.time().map(Text),
            dropped: heading.dropped,
        }
    }
}

impl<'v> VerdictLine<'v> {
    fn of(heading: Heading<'v>, report: &VerdictReport) -> Self {
        let (verdict, now) = (report.verdict, heading.moment.now);
        Self {
            v: VERSION,
            kind: "verdict",
            at: Text(Utc(heading.moment.wall)),
            node: heading.node,
            state: verdict.state.name(),
            reasons: Names(verdict.reasons),
            last_known: known(verdict.last_known),
            age_ms: now.since(verdict.since) / MILLISECOND_NS,
            holdover_left_ms: verdict.holdover_until.map(|until| until.since(now) / MILLISECOND_NS),
            transitions: report.transitions,
            worst: known(report.worst),
            dropped: heading.dropped,
        }
    }
}

impl<'v> LinkLine<'v> {
    fn of(heading: Heading<'v>, link: &Link) -> Self {
        Self {
            v: VERSION,
            kind: "link",
            at: Text(Utc(heading.moment.wall)),
            node: heading.node,
            up: link.is_up,
            subscribed: link.subscribed,
            taken: link.taken,
            wanted: link.wanted,
            trouble: link.trouble.map(|trouble| Text(TroubleName(trouble))),
            dialect: link.dialect,
            dropped: heading.dropped,
        }
    }
}

/// Something that is written as a JSON string.
struct Text<T>(T);

impl<T: Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Text that is UTF-8 as far as the peer's bytes are.
struct Lossy<'v>(&'v [u8]);

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
struct Names(Reasons);

impl Serialize for Names {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for name in self.0.names() {
            list.serialize_element(name)?;
        }
        list.end()
    }
}

fn word(value: Value) -> Option<&'static str> {
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

fn known(state: State) -> Option<&'static str> {
    Some(state.name()).filter(|_| state != State::Unknown)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The version of the format.
const VERSION: u8 = 1;
