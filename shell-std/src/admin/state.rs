//! How all stands, as JSON: what `/state` answers and streams tell.

use std::fmt::{self, Write};

use ptpwatch_core::consumer::{Link, Stats};
use ptpwatch_core::time::{Instant, MILLISECOND_NS};
use ptpwatch_core::track::Channel;
use ptpwatch_core::verdict::Verdict;

use super::facts::Facts;
use super::history::Told;
use crate::json::{Json, Members, Object, Optional, Plain, array, members};
use crate::logger::Utc;
use crate::view::{Names, VERSION, add_channel, add_link, known};

/// How all stands, as far as is asked for.
pub(super) struct State<'f>(pub(super) &'f Facts<'f>, pub(super) Extent);

/// How much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// What is true now.
    Present,
    /// And what was.
    WithHistory,
}

impl Json for State<'_> {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        let Self(facts, extent) = self;
        let (moment, about) = (facts.moment, facts.about);
        let history = (*extent == Extent::WithHistory).then_some(Entries(facts));
        Object(members! {
            "v": &VERSION,
            "kind": &"state",
            "at": &Plain(Utc(moment.wall)),
            "node": &about.node,
            "version": &env!("CARGO_PKG_VERSION"),
            "uptime_ms": &(moment.now.since(about.started.now) / MILLISECOND_NS),
            "ready": &facts.is_ready(),
            "verdict": &Judged(moment.now, facts.verdict),
            "channels": &Channels(facts),
            "link": &Linked(facts.link),
            "counts": &Counted(facts.stats),
            // The newest first.
            "history": &Optional(history),
        })
        .write(out)
    }
}

struct Judged(Instant, Verdict);

impl Json for Judged {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        let Self(now, verdict) = *self;
        Object(members! {
            "state": &verdict.state.name(),
            "reasons": &Names(verdict.reasons),
            "last_known": &known(verdict.last_known),
            "age_ms": &(now.since(verdict.since) / MILLISECOND_NS),
            "holdover_left_ms": &verdict.holdover_until.map(|until| until.since(now) / MILLISECOND_NS),
        })
        .write(out)
    }
}

struct Channels<'f>(&'f Facts<'f>);

impl Json for Channels<'_> {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        array(out, self.0.consumer.channels().map(|channel| Reported(self.0.moment.now, channel)))
    }
}

struct Reported<'f>(Instant, &'f Channel);

impl Json for Reported<'_> {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        let Self(now, channel) = *self;
        let mut members = Members::new(out);
        add_channel(
            &mut members,
            channel.resource(),
            channel.instance(),
            channel.value(),
            channel.freshness(),
        )?;
        members.add(members! {
            "offset_ns": &channel.offset().map(Plain),
            "gnss_fix": &channel.gnss_fix(),
            // The producer's own.
            "time": &channel.time().map(Plain),
            // Since the value came to be, and since it was last confirmed.
            "age_ms": &(now.since(channel.change().at) / MILLISECOND_NS),
            "confirmed_ms": &(now.since(channel.confirmed()) / MILLISECOND_NS),
        })?;
        members.end()
    }
}

struct Linked(Link);

impl Json for Linked {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        let mut members = Members::new(out);
        add_link(&mut members, &self.0)?;
        members.end()
    }
}

struct Counted(Stats);

impl Json for Counted {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        let Self(stats) = self;
        Object(members! {
            "notifications": &stats.notifications,
            "events": &stats.events,
            "malformed": &stats.malformed,
            "requests": &stats.requests,
            "failures": &stats.failures,
            "polls": &stats.polls,
            "subscribed": &stats.subscribed,
            "lost_subscriptions": &stats.lost_subscriptions,
        })
        .write(out)
    }
}

struct Entries<'f>(&'f Facts<'f>);

impl Json for Entries<'_> {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        let Self(Facts { history, moment, .. }) = self;
        array(out, history.newest_first().map(|entry| Told(moment.now, entry)))
    }
}
