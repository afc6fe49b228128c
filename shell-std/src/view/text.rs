//! Lines for people: the time, what changed, and what there is to know of it. Colours repeat what the words say.

use std::fmt::{self, Display, Write};

use ptpwatch_core::consumer::{Link, Notice};
use ptpwatch_core::event::{Resource, State};
use ptpwatch_core::track::{Channel, ChannelReport, Freshness, Value};
use ptpwatch_core::verdict::{Verdict, VerdictReport};

use super::Moment;
use super::names::{Span, TroubleName};
use crate::escape::Escaped;
use crate::logger::TimeOfDay;
use crate::output::Dropped;

/// What every line begins and ends with, and whether it may be coloured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pen {
    pub(super) moment: Moment,
    pub(super) is_colored: bool,
    pub(super) margin: &'static str,
    pub(super) dropped: u64,
}

/// Writes the line of a change; `told` is the verdict before this one.
pub(super) fn notice(
    line: &mut impl Write,
    pen: Pen,
    notice: &Notice<'_>,
    told: Option<Verdict>,
) -> fmt::Result {
    pen.begin(line)?;
    match notice {
        Notice::Channel(_, report) => channel(line, pen, report)?,
        Notice::Verdict(_, report) => verdict(line, pen, report, told)?,
        Notice::Link(_, report) => link(line, pen, report)?,
    }
    pen.end(line)
}

/// Writes the last line.
pub(super) fn end(line: &mut impl Write, pen: Pen, cause: &str) -> fmt::Result {
    pen.begin(line)?;
    write!(line, "END {}", Escaped(cause.as_bytes()))?;
    pen.end(line)
}

impl Pen {
    /// The time of day: the date is nowhere in doubt.
    fn begin(self, line: &mut impl Write) -> fmt::Result {
        self.paint(line, &GREY, &TimeOfDay(self.moment.wall))?;
        write!(line, "  {}", self.margin)
    }

    fn end(self, line: &mut impl Write) -> fmt::Result {
        write!(line, "{}", Dropped(self.dropped))
    }

    fn paint(self, line: &mut impl Write, color: &dyn Display, text: &dyn Display) -> fmt::Result {
        if self.is_colored { write!(line, "\x1b[{color}m{text}\x1b[0m") } else { write!(line, "{text}") }
    }
}

fn channel(line: &mut impl Write, pen: Pen, report: &ChannelReport<'_>) -> fmt::Result {
    let channel = report.channel;
    let color = channel_color(channel);
    match channel.value() {
        Some(value) => pen.paint(line, &color, &format_args!("{:8}", Name(channel.resource(), value)))?,
        None => pen.paint(line, &color, &format_args!("{:8}", "-"))?,
    }
    line.write_str("  ")?;
    if !channel.instance().is_empty() {
        write!(line, "{} ", Escaped(channel.instance()))?;
    }
    write!(line, "{}", channel.resource())?;
    if let Some(offset) = channel.offset() {
        write!(line, "  offset {offset} ns")?;
    }
    if let Some(fix) = channel.gnss_fix() {
        write!(line, "  fix {fix}")?;
    }
    match (report.is_gone, channel.freshness()) {
        (true, _) => pen.paint(line, &GREY, &"  gone")?,
        (_, Freshness::Fresh) => {}
        (_, aged) => pen.paint(line, &GREY, &format_args!("  {}", aged.name()))?,
    }
    if channel.has_unknown_word() {
        line.write_str("  unknown word")?;
    }
    changes(line, report.transitions, report.worst.and_then(word))
}

fn verdict(line: &mut impl Write, pen: Pen, report: &VerdictReport, told: Option<Verdict>) -> fmt::Result {
    let Verdict { state, reasons, since, holdover_until, .. } = report.verdict;
    let now = pen.moment.now;
    let color = state_color(state);
    pen.paint(line, &format_args!("{BOLD};{color}"), &format_args!("VERDICT {state}"))?;
    for (index, reason) in reasons.names().enumerate() {
        write!(line, "{}{reason}", if index == 0 { "  " } else { ", " })?;
    }
    if let Some(told) = told {
        match told.state == state {
            true => write!(line, "  (for {})", Span(now.since(since)))?,
            false => write!(line, "  (was {} for {})", told.state, Span(since.since(told.since)))?,
        }
    }
    if let Some(until) = holdover_until {
        write!(line, "  ({} of holdover left)", Span(until.since(now)))?;
    }
    let worst = Some(report.worst).filter(|worst| *worst != State::Unknown);
    changes(line, report.transitions, worst.map(State::name))
}

fn link(line: &mut impl Write, pen: Pen, link: &Link) -> fmt::Result {
    match link.is_up {
        Some(true) => line.write_str("LINK up")?,
        Some(false) => pen.paint(line, &RED, &"LINK down")?,
        None => line.write_str("LINK unknown")?,
    }
    match link.dialect {
        Some(dialect) => subscriptions(line, dialect, link)?,
        None => line.write_str("  dialect unknown")?,
    }
    match link.trouble {
        Some(trouble) => write!(line, "  {}", TroubleName(trouble)),
        None => Ok(()),
    }
}

fn subscriptions(line: &mut impl Write, dialect: &str, link: &Link) -> fmt::Result {
    write!(line, "  {dialect}  subscribed {} of {}", link.subscribed, link.wanted)?;
    match link.taken {
        0 => Ok(()),
        taken => write!(line, ", {taken} taken"),
    }
}

/// Says what is not seen in the last state: that there were others before it.
fn changes(line: &mut impl Write, transitions: u32, worst: Option<&str>) -> fmt::Result {
    match (transitions, worst) {
        (0 | 1, _) => Ok(()),
        (_, Some(worst)) => write!(line, "  ({transitions} changes, worst {worst})"),
        (_, None) => write!(line, "  ({transitions} changes)"),
    }
}

/// A value of a resource, which can be padded.
struct Name(Resource, Value);

impl Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, level) = match *self {
            Self(_, Value::Word(word)) => return f.pad(word.name()),
            Self(Resource::ClockClass, Value::Level(level)) => ("class ", level),
            Self(_, Value::Level(level)) => ("level ", level),
        };
        let width = f.width().unwrap_or_default().saturating_sub(what.len());
        write!(f, "{what}{level:<width$}")
    }
}

fn word(value: Value) -> Option<&'static str> {
    match value {
        Value::Word(word) => Some(word.name()),
        Value::Level(_) => None,
    }
}

fn channel_color(channel: &Channel) -> &'static str {
    match channel.value() {
        _ if channel.freshness() == Freshness::Void => GREY,
        Some(Value::Word(word)) => match word.badness() {
            0 => GREEN,
            1 => YELLOW,
            _ => RED,
        },
        Some(Value::Level(_)) | None => PLAIN,
    }
}

fn state_color(state: State) -> &'static str {
    match state {
        State::Unknown => GREY,
        State::Locked => GREEN,
        State::Holdover => YELLOW,
        State::Freerun => RED,
    }
}

// Select Graphic Rendition: ECMA-48 section 8.3.117.
const PLAIN: &str = "0";
const BOLD: &str = "1";
const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const GREY: &str = "90";
