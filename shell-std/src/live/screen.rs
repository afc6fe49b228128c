//! The picture on a terminal: drawn over the one before it, so that the last one stays when the program ends.

use std::fmt::{Display, Write as _};
use std::io;
use std::time::{Duration, Instant};

use rustix::termios::tcgetwinsize;

use super::document::Value;
use super::model::Model;
use super::text::{Change, Linked, List, Plain, Reported, Since};
use crate::escape::Escaped;
use crate::output::Output;

/// What is on the terminal.
#[derive(Debug)]
pub(super) struct Screen {
    /// Lines of the last picture, to be drawn over.
    height: usize,
    drawn_at: Option<Instant>,
    /// Whether there is news that it does not show.
    is_stale: bool,
}

/// A picture in the making, of so many lines at most.
struct Picture {
    lines: Vec<String>,
    rows: usize,
    is_colored: bool,
}

impl Screen {
    pub(super) fn new() -> Self {
        Self { height: 0, drawn_at: None, is_stale: false }
    }

    /// There is news.
    pub(super) fn note(&mut self) {
        self.is_stale = true;
    }

    /// Draws what is known, if there is news or it has become older, and the terminal has taken the last picture.
    pub(super) fn draw(&mut self, output: &mut Output, model: &Model, is_colored: bool) {
        let pause = if self.is_stale { PAUSE } else { TICK };
        if output.is_pending() || self.drawn_at.is_some_and(|at| at.elapsed() < pause) {
            return;
        }
        let rows = tcgetwinsize(io::stdout()).map_or(0, |size| usize::from(size.ws_row));
        let rows = if rows == 0 { ROWS } else { rows.max(2) };
        let mut picture = Picture { lines: Vec::new(), rows: rows - 1, is_colored };
        picture.fill(model);
        let height = picture.lines.len();
        output.push_line_with(|line, _| {
            // Back to its first line; long ones are cut off at the edge, and the rest of the last picture goes.
            match self.height {
                0 => {}
                lines => write!(line, "\x1b[{lines}A")?,
            }
            line.write_str("\r\x1b[?7l")?;
            for text in &picture.lines {
                writeln!(line, "{text}\x1b[K")?;
            }
            line.write_str("\x1b[J\x1b[?7h\x1b[1A")
        });
        (self.height, self.drawn_at, self.is_stale) = (height, Some(Instant::now()), false);
    }
}

impl Picture {
    fn fill(&mut self, model: &Model) {
        let (state, age) = (&model.state, model.age());
        self.head(model);
        if !model.is_known() {
            return;
        }
        let verdict = state.get("verdict");
        let word = Plain(verdict.get("state")).to_string();
        let (color, was) = if model.is_old() { ("", "was ") } else { (word.as_str(), "") };
        let since = Since(verdict.get("age_ms"), age);
        let reasons = List(verdict.get("reasons"));
        self.push(&format_args!(
            " {}{reasons}  (for {since})",
            self.painted(color, &format_args!("{was}{word}"))
        ));
        if let Some(left) = verdict.get("holdover_left_ms").number() {
            let left = left.saturating_sub(u64::try_from(age.as_millis()).unwrap_or(0));
            self.push(&format_args!(
                "   {} of holdover left",
                Since(&Value::Number(left.to_string()), Duration::ZERO)
            ));
        }
        self.push(&"");
        for channel in state.get("channels").items() {
            let word = Plain(channel.get("state")).to_string();
            let word = if channel.get("freshness").text() == Some("void") { "" } else { &word };
            self.push(&format_args!(" {}", self.painted(word, &Reported(channel))));
        }
        self.push(&"");
        self.push(&format_args!(" producer {}", Linked(state.get("link"))));
        self.push(&"");
        for change in &model.history {
            self.push(&format_args!(" {}", Change(change)));
        }
    }

    /// Which instance this is, and whether it still speaks.
    fn head(&mut self, model: &Model) {
        let node = Plain(model.state.get("node"));
        let place = Escaped(model.place.as_bytes());
        let doubt = match &model.problem {
            Some(problem) => format!("not heard: {}", Escaped(problem.as_bytes())),
            None if model.is_old() => format!("silent for {} s", model.age().as_secs()),
            None if !model.is_known() => "connecting".to_owned(),
            None => String::new(),
        };
        self.push(&format_args!(" {node}  {place}  {}", self.painted("LOST", &doubt)));
    }

    fn push(&mut self, line: &dyn Display) {
        if self.lines.len() < self.rows {
            self.lines.push(line.to_string());
        }
    }

    /// `text` in the colour of `word`, which says the same.
    fn painted(&self, word: &str, text: &dyn Display) -> String {
        let color = match word {
            "LOCKED" | "SYNCHRONIZED" => "32",
            "HOLDOVER" | "ACQUIRING-SYNC" => "33",
            "" | "-" | "UNKNOWN" => "90",
            _ => "31",
        };
        if self.is_colored { format!("\x1b[{color}m{text}\x1b[0m") } else { text.to_string() }
    }
}

/// How often a picture is drawn at most, and at least.
const PAUSE: Duration = Duration::from_millis(90);
const TICK: Duration = Duration::from_secs(1);
/// Rows of a terminal that does not say how many it has.
const ROWS: usize = 24;
