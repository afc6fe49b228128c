//! What a page says, as lines for people or as one for programs.

use std::fmt::{self, Write};

use ptpwatch_core::event::{Resource, State};
use ptpwatch_core::page::{Doubt, Entries, Entry, Reading};
use ptpwatch_core::time::{Instant, MILLISECOND_NS};
use ptpwatch_core::track::Freshness;

use crate::escape::Escaped;
use crate::json::{self, Json, Object, Optional, Plain, Text, members};
use crate::logger::{TimeOfDay, Utc};
use crate::options::Format;
use crate::output::{Dropped, Line, Output};
use crate::view::{Lossy, Moment, Names, Span, VERSION, known};

/// What was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sight {
    pub(super) reading: Reading,
    pub(super) entries: Entries,
    /// Why there is nothing to be seen.
    pub(super) problem: Option<String>,
}

impl Sight {
    /// Whether the verdict says anything else than that of `told`, and not only that it still holds.
    fn has_news_after(&self, told: &Self) -> bool {
        let Reading { as_of, void_after, .. } = self.reading;
        self.reading != Reading { as_of, void_after, ..told.reading } || self.problem != told.problem
    }
}

/// Says what was seen, and was not `told` yet.
pub(super) fn push(output: &mut Output, format: Format, moment: Moment, sight: &Sight, told: Option<&Sight>) {
    let has_news = told.is_none_or(|told| sight.has_news_after(told));
    let told = told.map_or(&[][..], |told| told.entries.as_slice());
    match format {
        Format::Json if has_news || sight.entries.as_slice() != told => {
            output.push_line_with(|line, dropped| json(line, moment, sight, dropped));
        }
        Format::Json => {}
        Format::Text => {
            if has_news {
                push_text(output, moment, |line| summary(line, moment.now, sight));
            }
            for entry in sight.entries.as_slice().iter().filter(|entry| !told.contains(entry)) {
                push_text(output, moment, |line| channel(line, moment.now, entry));
            }
        }
    }
}

fn push_text(output: &mut Output, moment: Moment, what: impl FnOnce(&mut Line<'_>) -> fmt::Result) {
    output.push_line_with(|line, dropped| {
        write!(line, "{}  ", TimeOfDay(moment.wall))?;
        what(line)?;
        write!(line, "{}", Dropped(dropped))
    });
}

fn summary(line: &mut impl Write, now: Instant, sight: &Sight) -> fmt::Result {
    let Reading { verdict, doubt, clock_class, .. } = sight.reading;
    write!(line, "PAGE {}", verdict.state)?;
    if let Some(problem) = &sight.problem {
        return write!(line, "  no page: {}", Escaped(problem.as_bytes()));
    }
    let reasons = doubt.map(Doubt::name).into_iter().chain(verdict.reasons.names());
    for (index, reason) in reasons.enumerate() {
        write!(line, "{}{reason}", if index == 0 { "  " } else { ", " })?;
    }
    if let Some(age) = age(now, verdict.since) {
        write!(line, "  (for {})", Span(age))?;
    }
    if verdict.state == State::Unknown && verdict.last_known != State::Unknown {
        write!(line, "  (last {})", verdict.last_known)?;
    }
    if let Some(until) = verdict.holdover_until {
        write!(line, "  ({} of holdover left)", Span(until.since(now)))?;
    }
    match clock_class {
        Some(class) => write!(line, "  class {class}"),
        None => Ok(()),
    }
}

fn channel(line: &mut impl Write, now: Instant, entry: &Entry) -> fmt::Result {
    match (entry.level, entry.resource) {
        (None, _) => write!(line, "{:9}", entry.state.name())?,
        (Some(class), Resource::ClockClass) => write!(line, "class {class:<3}")?,
        (Some(level), _) => write!(line, "level {level:<3}")?,
    }
    line.write_str(" ")?;
    if !entry.instance.as_bytes().is_empty() {
        write!(line, "{} ", Escaped(entry.instance.as_bytes()))?;
    }
    write!(line, "{}", entry.resource)?;
    if entry.freshness != Freshness::Fresh {
        write!(line, "  {}", entry.freshness.name())?;
    }
    match age(now, entry.since) {
        Some(age) => write!(line, "  (for {})", Span(age)),
        None => Ok(()),
    }
}

fn json(line: &mut dyn Write, moment: Moment, sight: &Sight, dropped: u64) -> fmt::Result {
    let (now, reading) = (moment.now, sight.reading);
    let verdict = reading.verdict;
    Object(members! {
        "v": &VERSION,
        "kind": &"page",
        "at": &Plain(Utc(moment.wall)),
        "state": &verdict.state.name(),
        "reasons": &Names(verdict.reasons),
        "last_known": &known(verdict.last_known),
        // How long the state has been what it is.
        "age_ms": &age_ms(now, verdict.since),
        // When a holdover budget of the writer's will be spent; `null` without one.
        "holdover_left_ms": &verdict.holdover_until.map(|until| until.since(now) / MILLISECOND_NS),
        "clock_class": &reading.clock_class,
        "transitions": &reading.transitions,
        // How long there has been this writer, since when its page is true, and how long it will be believed.
        "writer_age_ms": &age_ms(now, reading.epoch),
        "as_of_age_ms": &age_ms(now, reading.as_of),
        "void_left_ms": &(reading.void_after.since(now) / MILLISECOND_NS),
        // Why the page is not believed, and why there is none.
        "doubt": &reading.doubt.map(Doubt::name),
        "problem": &sight.problem.as_deref(),
        "channels": &Channels(now, sight.entries.as_slice()),
        "dropped": &Optional(Some(dropped).filter(|lines| *lines > 0)),
    })
    .write(line)
}

/// Channels as they are now.
struct Channels<'s>(Instant, &'s [Entry]);

/// A channel as it is now.
struct Channel<'s>(Instant, &'s Entry);

impl Json for Channels<'_> {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        json::array(out, self.1.iter().map(|entry| Channel(self.0, entry)))
    }
}

impl Json for Channel<'_> {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        let Self(now, entry) = *self;
        let instance = Some(entry.instance.as_bytes()).filter(|instance| !instance.is_empty());
        Object(members! {
            "resource": &entry.resource.name(),
            "instance": &instance.map(|instance| Text(Lossy(instance))),
            // What the channel vouches for.
            "state": &entry.state.name(),
            "level": &entry.level,
            "freshness": &entry.freshness.name(),
            "age_ms": &age_ms(now, entry.since),
        })
        .write(out)
    }
}

fn age_ms(now: Instant, since: Instant) -> Option<u64> {
    age(now, since).map(|age| age / MILLISECOND_NS)
}

/// Nanoseconds since `since`; `None` if that never was.
fn age(now: Instant, since: Instant) -> Option<u64> {
    Some(now.since(since)).filter(|_| since != Instant::default())
}
