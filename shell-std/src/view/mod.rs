//! The view: each change as a line, for people or for programs.

mod json;
mod names;
mod text;

use std::fmt::{self, Write};
use std::io::{self, IsTerminal};
use std::time::SystemTime;

use ptpwatch_core::consumer::{Link, Notice};
use ptpwatch_core::time::Instant;
use ptpwatch_core::verdict::Verdict;

pub(crate) use self::json::{
    Heading, Lossy, Names, VERSION, add_channel, add_link, end as json_end, known, notice as json_notice,
    word,
};
pub(crate) use self::names::{Span, TroubleName};

use crate::options::{Format, Lines};
use crate::output::Output;
use crate::turn::clock;

/// Writes lines about one node.
#[derive(Debug)]
pub struct View {
    node: String,
    format: Format,
    is_colored: bool,
    /// Stands before what text lines say, to tell them from those of others.
    margin: &'static str,
    /// The verdict and the link as they were before.
    verdict: Option<Verdict>,
    link: Link,
}

/// The time of a line, on both clocks.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub now: Instant,
    pub wall: SystemTime,
}

impl View {
    /// Lines about `node` to stdout.
    pub fn new(lines: Lines, node: &str) -> Self {
        Self {
            node: node.to_owned(),
            format: lines.format,
            is_colored: lines.color.applies(io::stdout().is_terminal()),
            margin: "",
            verdict: None,
            link: Link::default(),
        }
    }

    /// The same lines, those of text with `margin` behind their time.
    #[must_use]
    pub fn with_margin(self, margin: &'static str) -> Self {
        Self { margin, ..self }
    }

    /// Says what changed.
    pub fn push(&mut self, output: &mut Output, moment: Moment, notice: &Notice<'_>) {
        if self.is_worth_a_line(notice) {
            output.push_line_with(|line, dropped| self.write(line, moment, notice, dropped));
        }
        self.note(notice);
    }

    /// Says that no more lines follow, and why.
    pub fn push_end(&self, output: &mut Output, moment: Moment, cause: &str) {
        output.push_line_with(|line, dropped| match self.format {
            Format::Json => json::end(line, self.heading(moment, dropped), cause),
            Format::Text => text::end(line, self.pen(moment, dropped), cause),
        });
    }

    /// People need not hear of each subscription on the way to the last, nor of each dialect that is tried.
    fn is_worth_a_line(&self, notice: &Notice<'_>) -> bool {
        let (Notice::Link(_, link), Format::Text) = (notice, self.format) else { return true };
        let before = self.link;
        // The producer answers, and its dialect is not known yet.
        if link.is_up == Some(true) && link.dialect.is_none() {
            return link.trouble.is_some() && Link { wanted: before.wanted, ..*link } != before;
        }
        let is_on_the_way = before.subscribed < link.subscribed && link.subscribed + link.taken < link.wanted;
        !is_on_the_way || Link { subscribed: before.subscribed, ..*link } != before
    }

    fn note(&mut self, notice: &Notice<'_>) {
        match notice {
            Notice::Verdict(_, report) => self.verdict = Some(report.verdict),
            Notice::Link(_, link) => self.link = *link,
            Notice::Channel(..) => {}
        }
    }

    fn write(&self, line: &mut impl Write, moment: Moment, notice: &Notice<'_>, dropped: u64) -> fmt::Result {
        match self.format {
            Format::Json => json::notice(line, self.heading(moment, dropped), notice),
            Format::Text => text::notice(line, self.pen(moment, dropped), notice, self.verdict),
        }
    }

    fn heading(&self, moment: Moment, dropped: u64) -> Heading<'_> {
        Heading { moment, node: &self.node, dropped }
    }

    fn pen(&self, moment: Moment, dropped: u64) -> text::Pen {
        text::Pen { moment, is_colored: self.is_colored, margin: self.margin, dropped }
    }
}

impl Moment {
    /// This moment.
    pub fn now() -> Self {
        Self { now: clock::now(), wall: SystemTime::now() }
    }
}

#[cfg(test)]
mod tests;
