//! What the demo says beside the lines that `run` would write: before, between and after them.

use std::fmt::{self, Display, Write};
use std::io::{self, IsTerminal};

use super::NODE;
use super::tally::Tally;
use crate::escape::Escaped;
use crate::json::{Json, Object, Optional, Plain, members};
use crate::logger::Utc;
use crate::options::{Demo, Format};
use crate::output::{Dropped, Output};
use crate::simulate::Saying;
use crate::view::Moment;

/// Says what people need to make sense of it; programs get the end alone.
#[derive(Debug)]
pub(super) struct Screen {
    format: Format,
    is_colored: bool,
}

/// A time span in nanoseconds, shown in whole tenths of milliseconds.
struct InMs(u64);

impl Screen {
    pub(super) fn new(demo: &Demo) -> Self {
        let is_colored = demo.lines.color.applies(io::stdout().is_terminal());
        Self { format: demo.lines.format, is_colored }
    }

    /// What will happen, for how long, and what to look for.
    pub(super) fn push_opening(&self, output: &mut Output, demo: &Demo) {
        if self.format == Format::Json {
            return;
        }
        let script = match demo.script.as_str() {
            "demo" => "a node loses its clock and gets it back, in 20 s".to_owned(),
            script => format!("the script {}", Escaped(script.as_bytes())),
        };
        let often = if demo.once { "" } else { ", again and again until Ctrl-C" };
        output.push_line(&format!("A simulated {} producer plays: {script}{often}.", demo.dialect));
        let (node, run) = (self.painted(PRODUCER), WATCHER.trim_end());
        output.push_line(&format!("{node} what happens to the node; {run} what `ptpwatch run` says to it."));
        output
            .push_line("Look for VERDICT: worse comes at once, LOCKED again only after 3 s without a break.");
        output.push_line("");
    }

    /// The producer said something.
    pub(super) fn push_saying(&self, output: &mut Output, saying: &Saying) {
        // What got through shows in the consumer's lines.
        if self.format == Format::Json || saying.text.ends_with("-> 204") {
            return;
        }
        let at = Utc(saying.moment.wall).to_string();
        let time = at.split_once('T').map_or(at.as_str(), |(_, time)| time);
        let text = match saying.text.split_once(" -> ") {
            Some((subscribed, _)) if subscribed.starts_with("subscribed") => subscribed,
            _ => &saying.text,
        };
        let text = format!("{PRODUCER} {}", Escaped(text.as_bytes()));
        output.push_line_with(|line, dropped| {
            write!(line, "{}  {}{}", self.gray(time), self.painted(&text), Dropped(dropped))
        });
    }

    /// What was seen, and what to try next; `is_wrong` if it should have been something else.
    pub(super) fn push_end(
        &self,
        output: &mut Output,
        cause: &str,
        tally: &Tally,
        events: u64,
        is_wrong: bool,
    ) {
        match self.format {
            Format::Json => {
                output
                    .push_line_with(|line, dropped| write_end(line, cause, tally, events, is_wrong, dropped));
            }
            Format::Text => push_summary(output, tally, events, is_wrong),
        }
    }

    fn painted<'t>(&self, text: &'t str) -> Painted<'t> {
        Painted(text, if self.is_colored { "36" } else { "" })
    }

    fn gray<'t>(&self, text: &'t str) -> Painted<'t> {
        Painted(text, if self.is_colored { "90" } else { "" })
    }
}

fn push_summary(output: &mut Output, tally: &Tally, events: u64, is_wrong: bool) {
    let remark = match (tally.has_expectations(), is_wrong) {
        (false, _) => "",
        (true, false) => ", as it should be",
        (true, true) => ", as it should NOT be",
    };
    output.push_line("");
    output.push_line(&format!("Verdicts  {}{remark}", tally.verdicts()));
    output.push_line(&format!("Events    {events} taken, {} changes of the node's clocks", tally.changes));
    let Tally { losses, recoveries, .. } = tally;
    if let (Some(median), Some(max)) = (losses.median(), losses.max()) {
        let (median, max) = (InMs(median), InMs(max));
        output.push_line(&format!("Loss      {median} from the change to its verdict, {max} at most"));
    }
    if let Some(max) = recoveries.max() {
        output.push_line(&format!("Recovery  {} at most, 3000 of them to be sure", InMs(max)));
    }
    output.push_line("Next      ptpwatch simulate    the producer alone; it says how to watch it");
    output.push_line("          ptpwatch help run    how to watch a real one");
}

impl Display for InMs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = self.0 / 100_000;
        write!(f, "{}.{} ms", tenths / 10, tenths % 10)
    }
}

/// The end for programs: as `run` has it, and what was counted.
fn write_end(
    line: &mut dyn Write,
    cause: &str,
    tally: &Tally,
    events: u64,
    is_wrong: bool,
    dropped: u64,
) -> fmt::Result {
    let us = |nanos: Option<u64>| nanos.map(|nanos| nanos / 1000);
    Object(members! {
        "v": &1_u8,
        "kind": &"end",
        "at": &Plain(Utc(Moment::now().wall)),
        "node": &NODE,
        "cause": &cause,
        "verdicts": &tally.verdicts().names().as_slice(),
        // Whether they are those that the script leads to; `null` where that is not known.
        "as_scripted": &tally.has_expectations().then_some(!is_wrong),
        "changes": &tally.changes,
        "events": &events,
        "loss_p50_us": &us(tally.losses.median()),
        "loss_max_us": &us(tally.losses.max()),
        "recovery_max_us": &us(tally.recoveries.max()),
        "dropped": &Optional(Some(dropped).filter(|lines| *lines > 0)),
    })
    .write(line)
}

/// A text in a colour; in none if that is empty.
struct Painted<'t>(&'t str, &'static str);

impl Display for Painted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text, color) = self;
        if color.is_empty() { f.write_str(text) } else { write!(f, "\x1b[{color}m{text}\x1b[0m") }
    }
}

/// How the producer's lines begin, behind their time, and how those of the consumer do.
const PRODUCER: &str = "producer |";
pub(super) const WATCHER: &str = "ptpwatch | ";

#[cfg(test)]
mod tests {
    use std::io::Read;

    use ptpwatch_core::event::State;
    use ptpwatch_core::time::Instant;
    use ptpwatch_core::verdict::{Verdict, VerdictReport};

    use super::*;

    fn at(us: u64) -> Moment {
        Moment { now: Instant::from_nanos(1000 * us), wall: std::time::UNIX_EPOCH }
    }

    fn saying(us: u64, text: &str) -> Saying {
        Saying { moment: at(us), text: text.to_owned() }
    }

    /// A tally of LOCKED, HOLDOVER.
    fn tally() -> Tally {
        let mut tally = Tally::new("demo");
        let verdict = |state| VerdictReport {
            verdict: Verdict { state, ..Verdict::default() },
            transitions: 1,
            worst: State::Unknown,
        };
        tally.handle_verdict(at(0), &verdict(State::Locked));
        tally.handle_saying(&saying(1000, "lock-state HOLDOVER"));
        tally.handle_verdict(at(1250), &verdict(State::Holdover));
        tally
    }

    fn written(format: Format, write: impl FnOnce(&Screen, &mut Output)) -> String {
        let (mut reader, writer) = io::pipe().unwrap();
        let mut output = Output::to(writer.into());
        write(&Screen { format, is_colored: false }, &mut output);
        output.flush().unwrap();
        drop(output);
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn people_are_told_what_was_seen() {
        let text =
            written(Format::Text, |screen, output| screen.push_end(output, "SIGINT", &tally(), 7, false));
        assert!(text.starts_with(
            "\nVerdicts  LOCKED > HOLDOVER, as it should be\nEvents    7 taken, 1 changes of the node's clocks\n\
             Loss      0.2 ms from the change to its verdict, 0.2 ms at most\nNext      "
        ));
    }

    #[test]
    fn programs_are_told_the_same_in_one_line() {
        let text = written(Format::Json, |screen, output| {
            screen.push_saying(output, &saying(0, "lock-state LOCKED"));
            screen.push_end(output, "SIGINT", &tally(), 7, true);
        });
        let (head, tail) = text.split_once("\"at\":\"").unwrap();
        assert_eq!(head, "{\"v\":1,\"kind\":\"end\",");
        assert_eq!(
            tail.split_once(',').unwrap().1,
            "\"node\":\"node1\",\"cause\":\"SIGINT\",\"verdicts\":[\"LOCKED\",\"HOLDOVER\"],\"as_scripted\":false,\
             \"changes\":1,\"events\":7,\"loss_p50_us\":250,\"loss_max_us\":250,\"recovery_max_us\":null}\n"
        );
    }

    #[test]
    fn what_the_producer_says_is_short_and_escaped() {
        let text = written(Format::Text, |screen, output| {
            for text in
                ["subscribed /r -> http://h/", "push lock-state -> 204", "push gnss -> refused", "\x1b[2J"]
            {
                screen.push_saying(output, &saying(0, text));
            }
        });
        let lines: Vec<&str> = text.lines().collect();
        let expected = ["subscribed /r", "push gnss -> refused", "\\x1b[2J"];
        assert_eq!(lines, expected.map(|text| format!("00:00:00.000Z  producer | {text}")));
    }
}
