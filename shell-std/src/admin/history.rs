//! The history: the last transitions, in memory that is there from the start.

use std::fmt::{self, Write};

use ptpwatch_core::consumer::{Link, Notice};
use ptpwatch_core::event::Resource;
use ptpwatch_core::limits::INSTANCE_MAX;
use ptpwatch_core::time::{Instant, MILLISECOND_NS};
use ptpwatch_core::track::{ChannelReport, Freshness, Value};
use ptpwatch_core::verdict::VerdictReport;

use crate::json::{Json, Members, Plain, members};
use crate::logger::Utc;
use crate::view::{Moment, Names, VERSION, add_channel, add_link, known, word};

/// The last transitions. Verdicts and everything else leave each other half of the places, so that a channel that flaps
/// does not make the verdicts of the last hours forgotten.
#[derive(Debug)]
pub(super) struct History {
    /// The oldest first.
    entries: Vec<Entry>,
    /// How many of them are verdicts.
    verdicts: usize,
    /// The number of the last entry, 0 before the first, and of the last that was forgotten.
    last: u64,
    forgotten: u64,
    /// The link as it was last noted.
    link: Link,
}

/// A transition.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Counted from 1.
    pub(super) number: u64,
    moment: Moment,
    change: Change,
}

#[derive(Clone, Debug)]
enum Change {
    Verdict(VerdictReport),
    Channel(ChannelChange),
    Link(Link),
}

#[derive(Clone, Debug)]
struct ChannelChange {
    resource: Resource,
    instance: heapless::Vec<u8, INSTANCE_MAX, u8>,
    value: Option<Value>,
    freshness: Freshness,
    transitions: u32,
    worst: Option<Value>,
    is_gone: bool,
}

/// An entry as it is told at a moment.
pub(super) struct Told<'h>(pub(super) Instant, pub(super) &'h Entry);

impl History {
    pub(super) fn new() -> Self {
        Self {
            entries: Vec::with_capacity(ENTRIES_MAX),
            verdicts: 0,
            last: 0,
            forgotten: 0,
            link: Link::default(),
        }
    }

    /// Takes note of what changed, if it is a transition.
    pub(super) fn note(&mut self, moment: Moment, notice: &Notice<'_>) {
        let Some(change) = self.transition(notice) else { return };
        self.last += 1;
        self.verdicts += usize::from(matches!(change, Change::Verdict(_)));
        if self.entries.len() >= ENTRIES_MAX {
            self.forget_one();
        }
        self.entries.push(Entry { number: self.last, moment, change });
    }

    /// The entries, the newest first.
    pub(super) fn newest_first(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().rev()
    }

    /// The entries behind the one of this number, the oldest first; `None` if one of them is forgotten.
    pub(super) fn after(&self, number: u64) -> Option<impl Iterator<Item = &Entry>> {
        let first = self.entries.partition_point(|entry| entry.number <= number);
        (self.forgotten <= number).then(|| self.entries.iter().skip(first))
    }

    /// The number of the last entry; 0 if there was none.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    fn transition(&mut self, notice: &Notice<'_>) -> Option<Change> {
        match notice {
            Notice::Verdict(_, report) => (report.transitions > 0).then_some(Change::Verdict(*report)),
            Notice::Channel(_, report) => ChannelChange::of(report).map(Change::Channel),
            Notice::Link(_, link) => {
                let before = std::mem::replace(&mut self.link, *link);
                (standing(*link) != standing(before)).then_some(Change::Link(*link))
            }
        }
    }

    /// Drops the oldest of the kind that has more than its share, the newcomer counted.
    fn forget_one(&mut self) {
        let is_verdict = self.verdicts > ENTRIES_MAX / 2;
        let of_kind = |entry: &Entry| matches!(entry.change, Change::Verdict(_)) == is_verdict;
        if let Some(index) = self.entries.iter().position(of_kind) {
            let oldest = self.entries.remove(index);
            self.forgotten = self.forgotten.max(oldest.number);
            self.verdicts -= usize::from(is_verdict);
        }
    }
}

impl ChannelChange {
    /// `None` if it is no transition: the value is the same, and is still known.
    fn of(report: &ChannelReport<'_>) -> Option<Self> {
        let channel = report.channel;
        let is_transition =
            report.transitions > 0 || report.is_gone || channel.freshness() == Freshness::Void;
        is_transition.then(|| Self {
            resource: channel.resource(),
            instance: heapless::Vec::from_slice(channel.instance()).unwrap_or_default(),
            value: channel.value(),
            freshness: channel.freshness(),
            transitions: report.transitions,
            worst: report.worst,
            is_gone: report.is_gone,
        })
    }
}

/// What is a transition of the link if it changes: not each subscription on the way to the last.
fn standing(link: Link) -> (Option<bool>, Option<&'static str>, bool, bool) {
    let is_subscribed = link.wanted > 0 && link.subscribed + link.taken >= link.wanted;
    (link.is_up, link.dialect, is_subscribed, link.trouble.is_some())
}

impl Json for Told<'_> {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        let Self(now, Entry { moment, change, .. }) = self;
        let mut members = Members::new(out);
        members.add(members! {
            "v": &VERSION,
            "kind": &change.kind(),
            "at": &Plain(Utc(moment.wall)),
            "age_ms": &(now.since(moment.now) / MILLISECOND_NS),
        })?;
        match change {
            Change::Verdict(report) => members.add(members! {
                "state": &report.verdict.state.name(),
                "reasons": &Names(report.verdict.reasons),
                "transitions": &report.transitions,
                "worst": &known(report.worst),
            })?,
            Change::Channel(channel) => {
                let ChannelChange { resource, ref instance, value, freshness, .. } = *channel;
                add_channel(&mut members, resource, instance, value, freshness)?;
                members.add(members! {
                    "transitions": &channel.transitions,
                    "worst": &channel.worst.and_then(word),
                    "gone": &channel.is_gone,
                })?;
            }
            Change::Link(link) => add_link(&mut members, link)?,
        }
        members.end()
    }
}

impl Change {
    fn kind(&self) -> &'static str {
        match self {
            Self::Verdict(_) => "verdict",
            Self::Channel(_) => "channel",
            Self::Link(_) => "link",
        }
    }
}

/// Transitions that are kept, at most.
pub(super) const ENTRIES_MAX: usize = 256;
