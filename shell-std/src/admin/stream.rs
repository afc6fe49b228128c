//! A stream of changes to one reader: server-sent events, by the HTML standard, section 9.2.

use std::fmt::{self, Write};

use ptpwatch_core::time::{Instant, MILLISECOND_NS, SECOND_NS};

use super::facts::Facts;
use super::fill::Fill;
use super::history::Told;
use super::state::{Extent, State};
use crate::json::{Json, Object, members};
use crate::view::VERSION;

/// What a reader was told.
#[derive(Debug)]
pub(super) struct Stream {
    /// The number of the last entry of the history.
    told: u64,
    /// When it was told how all stands.
    told_at: Instant,
    /// Whether something changed since then.
    is_stale: bool,
    /// Whether there may be entries of the history that it was not told.
    is_behind: bool,
}

/// A reader is so slow that what it was not told is forgotten.
#[derive(Debug)]
pub(super) struct Slow;

impl Stream {
    /// Begins with all there is.
    ///
    /// # Errors
    /// If it does not fit.
    pub(super) fn begin(out: &mut Fill<'_>, facts: &Facts<'_>) -> Result<Self, fmt::Error> {
        write!(out, "retry: {RETRY_MS}\n\n")?;
        push(out, "snapshot", &State(facts, Extent::WithHistory))?;
        Ok(Self { told: facts.history.last(), told_at: facts.moment.now, is_stale: false, is_behind: false })
    }

    /// Something changed, and may be in the history.
    pub(super) fn note(&mut self) {
        (self.is_stale, self.is_behind) = (true, true);
    }

    /// When there is something to tell.
    pub(super) fn due(&self) -> Instant {
        match (self.is_behind, self.is_stale) {
            (true, _) => self.told_at,
            (false, true) => self.told_at.after(PAUSE_NS),
            (false, false) => self.told_at.after(HEARTBEAT_NS),
        }
    }

    /// Tells what is new: each entry of the history, and how all stands.
    ///
    /// # Errors
    /// If some of it is forgotten already.
    pub(super) fn go_on(&mut self, out: &mut Fill<'_>, facts: &Facts<'_>) -> Result<(), Slow> {
        for entry in facts.history.after(self.told).ok_or(Slow)?.take(ENTRIES_AT_ONCE) {
            // What does not fit is for the next time.
            if push(out, "change", &Told(facts.moment.now, entry)).is_err() {
                break;
            }
            self.told = entry.number;
        }
        self.is_behind = self.told != facts.history.last();
        if !self.is_behind && facts.moment.now >= self.due() {
            // There is room for it: see `OUTPUT_MAX`.
            let _ = push(out, "state", &State(facts, Extent::Present));
            (self.told_at, self.is_stale) = (facts.moment.now, false);
        }
        Ok(())
    }
}

/// Writes the last event of a stream.
///
/// # Errors
/// If it does not fit.
pub(super) fn end(out: &mut Fill<'_>, cause: &str) -> fmt::Result {
    push(out, "end", &Object(members! { "v": &VERSION, "kind": &"end", "cause": &cause }))
}

/// Writes an event, all of it or nothing. What is to be known of all that stands is a sign of life too.
fn push(out: &mut Fill<'_>, name: &str, data: &dyn Json) -> fmt::Result {
    let start = out.length();
    let comment = if name == "state" { ": keep-alive\n" } else { "" };
    let result = write!(out, "{comment}event: {name}\ndata: ")
        .and_then(|()| data.write(out))
        .and_then(|()| out.write_str("\n\n"));
    result.inspect_err(|_| out.truncate(start))
}

/// How long a browser waits before it comes back, in milliseconds.
const RETRY_MS: u32 = 1000;
/// How far apart it is told how all stands: while something changes, and while nothing does; in nanoseconds.
const PAUSE_NS: u64 = 100 * MILLISECOND_NS;
const HEARTBEAT_NS: u64 = 5 * SECOND_NS;
/// Entries of the history in one turn, at most.
const ENTRIES_AT_ONCE: usize = 32;
