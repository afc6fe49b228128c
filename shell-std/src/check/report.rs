//! The report: what each step found, as lines for people or for programs, and how it ended.

use std::fmt::{self, Write};
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use crate::escape::Escaping;
use crate::failure::Failure;
use crate::json::{Json, Object, Plain, members};
use crate::logger::Utc;
use crate::options::{Format, Watch};
use crate::output::Output;
use crate::signals::Signal;
use crate::view::{Moment, VERSION};

/// How a step came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grade {
    Ok,
    Skipped,
    Warn,
    Fail,
}

/// Writes the lines, and counts.
#[derive(Debug)]
pub(super) struct Report<'r> {
    output: Output,
    /// Why nobody reads any more.
    gone: Option<io::Error>,
    watch: &'r Watch,
    is_colored: bool,
    /// Whether failures alone are of interest, and those to somebody else.
    is_silent: bool,
    /// The step that is being taken, and of what.
    pub(super) step: &'static str,
    pub(super) subject: &'static str,
    /// What was said last, and what people were told of it: not the same twice in a row.
    said: String,
    told: String,
    /// How many steps came out how, by grade.
    counts: [u8; Grade::NAMES.len()],
}

impl Grade {
    const NAMES: [&'static str; 4] = ["ok", "skipped", "warn", "fail"];
    /// Green, grey, yellow and red: ECMA-48 section 8.3.117.
    const COLORS: [u8; 4] = [32, 90, 33, 31];
}

impl<'r> Report<'r> {
    /// # Errors
    /// Those of `dup`.
    pub(super) fn new(watch: &'r Watch, is_silent: bool) -> Result<Self, Failure> {
        Ok(Self {
            output: Output::stdout()?,
            gone: None,
            watch,
            is_colored: watch.lines.color.applies(io::stdout().is_terminal()),
            is_silent,
            step: "",
            subject: "",
            said: String::new(),
            told: String::new(),
            counts: [0; Grade::NAMES.len()],
        })
    }

    /// Says how the step came out and what it found; behind a tab each, unless all is well, the likely cause and what to do.
    pub(super) fn say(&mut self, grade: Grade, text: fmt::Arguments<'_>) {
        let Self { output, watch, said, told, .. } = self;
        said.clear();
        // A string takes everything.
        let _ = said.write_fmt(text);
        if self.is_silent {
            return;
        }
        let index = grade as usize;
        self.counts[index] = self.counts[index].saturating_add(1);
        let name = Grade::NAMES[index];
        let mut parts = said.split('\t');
        let [found, cause, fix] = [(); 3].map(|()| parts.next().unwrap_or_default());
        let (step, subject) = (self.step, self.subject);
        output.push_line_with(|line, _| {
            if watch.lines.format == Format::Json {
                return Object(members! {
                    "v": &VERSION,
                    "kind": &"check",
                    "at": &Plain(Utc(Moment::now().wall)),
                    "node": &watch.node,
                    "step": &step,
                    "subject": &there(subject),
                    "result": &name,
                    "found": &found,
                    "cause": &there(cause),
                    "fix": &there(fix),
                })
                .write(line);
            }
            match self.is_colored {
                true => write!(line, "\x1b[{}m{name:7}\x1b[0m", Grade::COLORS[index])?,
                false => write!(line, "{name:7}")?,
            }
            let gap = if subject.is_empty() { "" } else { " " };
            write!(line, "  {step}{gap}{subject}: ")?;
            let mut line = Escaping(line);
            line.write_str(found)?;
            if !cause.is_empty() && cause != told {
                told.clear();
                told.push_str(cause);
                line.0.write_str("\n         cause: ")?;
                line.write_str(cause)?;
                line.0.write_str("\n         fix: ")?;
                line.write_str(fix)?;
            }
            Ok(())
        });
        if let Err(error) = output.drain(Instant::now() + DRAIN) {
            self.gone = Some(error);
        }
    }

    /// Says that this was all, or what signal ended it before its time. Returns the exit code.
    ///
    /// # Errors
    /// If stdout is gone.
    pub(super) fn end(&mut self, signal: Option<Signal>) -> Result<u8, Failure> {
        let Self { output, watch, counts: [ok, skipped, warn, fail], .. } = self;
        let has_failed = *fail > 0 || signal.is_some();
        let cause = signal.map_or(if has_failed { "failed" } else { "done" }, Signal::name);
        output.push_line_with(|line, _| match watch.lines.format {
            Format::Json => Object(members! {
                "v": &VERSION,
                "kind": &"end",
                "at": &Plain(Utc(Moment::now().wall)),
                "node": &watch.node,
                "cause": &cause,
                "ok": ok,
                "skipped": skipped,
                "warn": warn,
                "fail": fail,
            })
            .write(line),
            Format::Text => write!(line, "{cause}: {ok} ok, {skipped} skipped, {warn} warn, {fail} fail"),
        });
        let result = output.drain(Instant::now() + DRAIN);
        match self.gone.take().or(result.err()) {
            Some(error) => Err(Failure::new(format_args!("stdout: {error}"))),
            None => Ok(u8::from(has_failed)),
        }
    }

    /// What was said last, as the failure that it is.
    pub(super) fn failure(&self) -> Failure {
        Failure::new(self.said.replace('\t', "; "))
    }
}

/// A text that is not empty.
fn there(text: &str) -> Option<&str> {
    if text.is_empty() { None } else { Some(text) }
}

/// How long a line may take.
const DRAIN: Duration = Duration::from_secs(2);
