//! What changed, for people: lines as `ptpwatch run` has them.

use crate::stack::Depth;
use crate::uart::Uart;
use ptpwatch_core::consumer::{Link, Notice};
use ptpwatch_core::time::{Instant, SECOND_NS};
use ptpwatch_core::verdict::Verdict;

impl Uart {
    /// Tells of a change. One of a channel has no line: what follows from it has.
    pub fn notice(&mut self, now: Instant, notice: &Notice<'_>) {
        match notice {
            Notice::Channel(..) => {}
            Notice::Verdict(_, report) => self.verdict(now, &report.verdict),
            Notice::Link(_, link) => self.link(now, link),
        }
    }

    fn verdict(&mut self, now: Instant, verdict: &Verdict) {
        self.begin(now);
        self.text("VERDICT ");
        self.text(verdict.state.name());
        let mut separator = "  ";
        for reason in verdict.reasons.names() {
            self.text(separator);
            self.text(reason);
            separator = ", ";
        }
        self.end();
    }

    fn link(&mut self, now: Instant, link: &Link) {
        self.begin(now);
        self.text(match link.is_up {
            Some(true) => "LINK up  ",
            Some(false) => "LINK down  ",
            None => "LINK unknown  ",
        });
        self.text(link.dialect.unwrap_or("dialect unknown"));
        self.text("  subscribed ");
        self.number(link.subscribed.into());
        self.text(" of ");
        self.number(link.wanted.into());
        self.end();
    }

    /// Tells how deep the stack has been.
    pub fn stack(&mut self, now: Instant, depth: &Depth) {
        self.begin(now);
        self.text("STACK ");
        self.number(depth.deepest as u32);
        self.text(" of ");
        self.number(depth.size as u32);
        self.end();
    }

    /// Begins a line with the seconds since the start.
    fn begin(&mut self, now: Instant) {
        let (seconds, nanos) = (now.as_nanos() / SECOND_NS, now.as_nanos() % SECOND_NS);
        self.number(seconds as u32);
        self.text(".");
        self.digits(nanos as u32 / 1_000_000, 3);
        self.text("  ");
    }
}
