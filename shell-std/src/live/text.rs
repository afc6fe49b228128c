//! What is known, in words: nothing in them acts on a terminal but our own colours.

use std::fmt::{self, Display, Write as _};
use std::time::Duration;

use ptpwatch_core::time::MILLISECOND_NS;

use super::document::Value;
use crate::escape::Escaped;
use crate::json::{Json, Object, members};
use crate::options::Format;
use crate::output::{Dropped, Output};
use crate::view::{Span, VERSION};

/// Writes the data of an event as it came: what acts on a terminal is escaped in our JSON, and else here.
pub(super) fn push_json(output: &mut Output, data: &[u8]) {
    output.push_line_with(|line, _| write!(line, "{}", Escaped(data.trim_ascii_end())));
}

/// Writes a line for what an event tells: a change, or the verdict that holds when it is heard of at first, or again.
pub(super) fn push_news(output: &mut Output, event: &str, document: &Value) {
    match event {
        "change" | "snapshot" => push(output, &Change(document)),
        "end" => push(output, &format_args!("END {}", Plain(document.get("cause")))),
        _ => {}
    }
}

/// Writes a line for why nothing is heard.
pub(super) fn push_problem(output: &mut Output, format: Format, problem: &str) {
    match format {
        Format::Text => push(output, &format_args!("LOST {}", Escaped(problem.as_bytes()))),
        Format::Json => output.push_line_with(|line, _| {
            Object(members! { "v": &VERSION, "kind": &"lost", "problem": &problem }).write(line)
        }),
    }
}

fn push(output: &mut Output, what: &dyn Display) {
    output.push_line_with(|line, dropped| write!(line, "{what}{}", Dropped(dropped)));
}

/// A value as it is, or a dash.
pub(super) struct Plain<'v>(pub(super) &'v Value);

/// An entry of the history, or the verdict of a state, in one line.
pub(super) struct Change<'v>(pub(super) &'v Value);

/// What a channel reports.
pub(super) struct Reported<'v>(pub(super) &'v Value);

/// How the producer answers.
pub(super) struct Linked<'v>(pub(super) &'v Value);

/// A time span, `more` longer than it was.
pub(super) struct Since<'v>(pub(super) &'v Value, pub(super) Duration);

/// Words with commas between them.
pub(super) struct List<'v>(pub(super) &'v Value);

impl Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Escaped(self.0.text().unwrap_or("-").as_bytes()))
    }
}

impl Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = "  ";
        for item in self.0.items() {
            write!(f, "{before}{}", Plain(item))?;
            before = ", ";
        }
        Ok(())
    }
}

impl Display for Since<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = u64::try_from(self.1.as_millis()).unwrap_or(0);
        let milliseconds = self.0.number().unwrap_or(0).saturating_add(more);
        write!(f, "{}", Span(milliseconds.saturating_mul(MILLISECOND_NS)))
    }
}

impl Display for Change<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(change) = self;
        write!(f, "{}  ", Time(change.get("at")))?;
        let kind = change.get("kind").text();
        match kind {
            Some("verdict" | "state") => {
                let verdict = if kind == Some("state") { change.get("verdict") } else { change };
                write!(f, "VERDICT {}{}", Plain(verdict.get("state")), List(verdict.get("reasons")))
            }
            Some("link") => write!(f, "LINK {}", Linked(change)),
            _ => write!(f, "{}", Reported(change)),
        }
    }
}

impl Display for Reported<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(channel) = self;
        match (channel.get("state").text(), channel.get("level").text()) {
            (Some(state), _) => write!(f, "{:9}", Padded(state))?,
            (None, Some(level)) => {
                let is_class = channel.get("resource").text() == Some("clock-class");
                let what = if is_class { "class" } else { "level" };
                write!(f, "{:9}", Padded(&format!("{what} {level}")))?;
            }
            (None, None) => write!(f, "{:9}", "-")?,
        }
        write!(f, " {}", Plain(channel.get("resource")))?;
        if let Some(instance) = channel.get("instance").text() {
            write!(f, " {}", Escaped(instance.as_bytes()))?;
        }
        if let Some(offset) = channel.get("offset_ns").text() {
            write!(f, "  offset {} ns", Escaped(offset.as_bytes()))?;
        }
        match (channel.get("gone").bool(), channel.get("freshness").text()) {
            (Some(true), _) => write!(f, "  gone"),
            (_, Some("fresh") | None) => Ok(()),
            (_, Some(freshness)) => write!(f, "  {}", Escaped(freshness.as_bytes())),
        }
    }
}

impl Display for Linked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(link) = self;
        let up = match link.get("up").bool() {
            Some(true) => "up",
            Some(false) => "down",
            None => "unknown",
        };
        let [subscribed, wanted] = ["subscribed", "wanted"].map(|name| Plain(link.get(name)));
        write!(f, "{up}  {}  subscribed {subscribed} of {wanted}", Plain(link.get("dialect")))?;
        match link.get("taken").number() {
            Some(0) | None => {}
            Some(taken) => write!(f, ", {taken} taken")?,
        }
        match link.get("trouble").text() {
            Some(trouble) => write!(f, "  {}", Escaped(trouble.as_bytes())),
            None => Ok(()),
        }
    }
}

/// The time of day of a moment, as lines have it.
struct Time<'v>(&'v Value);

impl Display for Time<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.0.text().unwrap_or("-");
        let time = at.split_once('T').map_or(at, |(_, time)| time);
        write!(f, "{}", Escaped(time.as_bytes()))
    }
}

/// A word, escaped and then padded.
struct Padded<'v>(&'v str);

impl Display for Padded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&Escaped(self.0.as_bytes()).to_string())
    }
}
