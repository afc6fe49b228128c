//! The journal: each change as a line of JSON in a file of bounded size, written by a thread of its own.
//!
//! The loop never waits for a disk. What the thread has not taken yet waits in memory of a fixed size; once that is
//! full, lines are dropped, as they are if they cannot be written, and the next one says how many.

mod desk;
mod file;

use std::fmt::{self, Write};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use ptpwatch_core::consumer::Notice;
use signal_hook::consts::SIGXFSZ;
use signal_hook::flag;

use self::desk::{Desk, Lines};
use self::file::JournalFile;
use crate::escape::Escaped;
use crate::failure::Failure;
use crate::threads;
use crate::view::{Heading, Moment, json_end, json_notice};

/// Our end of the journal. Once it is dropped, the thread ends as soon as it has written what it has.
#[derive(Debug)]
pub(crate) struct Journal {
    node: String,
    desk: Arc<Desk>,
    /// Lines that the thread was not given yet.
    waiting: Lines,
    /// Lines that were dropped and are to be told of.
    dropped: u64,
    /// Lines that found no room, ever.
    dropped_ever: u64,
}

impl Journal {
    /// Opens the journal at `path`, and has a thread write it.
    ///
    /// # Errors
    /// If it cannot be opened, or the system lacks something.
    pub(crate) fn open(path: &Path, size: u64, node: &str) -> Result<Self, Failure> {
        let file = JournalFile::open(path, size).map_err(|error| {
            let path = Escaped(path.as_os_str().as_encoded_bytes());
            Failure::usage(format_args!("--journal {path}: {error}"))
        })?;
        // A limit on the size of files is an error like any other, and no end of the program.
        flag::register(SIGXFSZ, Arc::default())?;
        let desk = Arc::new(Desk::new());
        let of_thread = Arc::clone(&desk);
        threads::spawn("journal", Box::new(move || write(&of_thread, file)))?;
        Ok(Self { node: node.to_owned(), desk, waiting: Lines::new(), dropped: 0, dropped_ever: 0 })
    }

    /// Takes note of a change.
    pub(crate) fn note(&mut self, moment: Moment, notice: &Notice<'_>) {
        self.push(moment, |line, heading| json_notice(line, heading, notice));
    }

    /// Takes note of the end.
    pub(crate) fn note_end(&mut self, moment: Moment, cause: &str) {
        self.push(moment, |line, heading| json_end(line, heading, cause));
    }

    /// Gives the thread what there is, unless it is busy: to be called at the end of a turn.
    pub(crate) fn send(&mut self) {
        if !self.waiting.is_empty() {
            self.desk.give(&mut self.waiting);
        }
    }

    /// Whether lines wait for a [`send`](Self::send).
    pub(crate) fn is_pending(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// How many lines were dropped since the start.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped_ever + self.desk.lost()
    }

    /// Waits until all is written, or for `deadline`: for the end of the program.
    pub(crate) fn drain(&mut self, deadline: Instant) {
        while self.is_pending() || self.desk.is_busy() {
            self.send();
            if Instant::now() >= deadline {
                return log::warn!("the journal lacks the last lines: its disk is too slow");
            }
            thread::sleep(GLANCE);
        }
    }

    fn push(&mut self, moment: Moment, make: impl FnOnce(&mut dyn Write, Heading<'_>) -> fmt::Result) {
        self.dropped += self.desk.take_untold();
        let node = &self.node;
        let line =
            self.waiting.push(self.dropped, |line, dropped| make(line, Heading { moment, node, dropped }));
        match line {
            Ok(untold) => self.dropped = untold,
            Err(_) => {
                self.dropped += 1;
                self.dropped_ever += 1;
            }
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.desk.leave();
    }
}

/// Writes lines until nobody brings any.
fn write(desk: &Desk, mut file: JournalFile) {
    let (mut lines, mut is_failing) = (Lines::new(), false);
    while desk.take(&mut lines) {
        let lost = file.write(lines.bytes()).unwrap_or_else(|(lost, error)| {
            complain(&mut is_failing, &error);
            lost
        });
        is_failing &= lost > 0;
        desk.finish(lost, lines.untold(lost));
        lines.clear();
    }
}

/// Says what went wrong: once, until it goes right again.
fn complain(is_failing: &mut bool, error: &io::Error) {
    if !std::mem::replace(is_failing, true) {
        log::error!("the journal cannot be written: {error}");
    }
}

/// How often to look whether all is written.
const GLANCE: Duration = Duration::from_millis(1);

#[cfg(test)]
mod tests {
    use ptpwatch_core::consumer::Link;
    use serde_json::Value;

    use super::*;

    fn journal(desk: &Arc<Desk>) -> Journal {
        let desk = Arc::clone(desk);
        Journal { node: "n1".to_owned(), desk, waiting: Lines::new(), dropped: 0, dropped_ever: 0 }
    }

    fn note(journal: &mut Journal) {
        journal.note(Moment::now(), &Notice::Link(0, Link::default()));
        journal.send();
    }

    fn documents(lines: &Lines) -> Vec<Value> {
        let lines = lines.bytes().split_inclusive(|byte| *byte == b'\n');
        lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
    }

    /// A disk that takes nothing for a while.
    #[test]
    fn what_finds_no_room_is_dropped_and_told() {
        let desk = Arc::new(Desk::new());
        let mut journal = journal(&desk);
        while journal.dropped() < 3 {
            note(&mut journal);
        }
        let mut lines = Lines::new();
        assert!(desk.take(&mut lines) && desk.is_busy());
        assert_eq!(documents(&lines).len(), 1, "the first was given at once");
        journal.send();
        desk.finish(0, 0);
        lines.clear();
        assert!(desk.take(&mut lines) && documents(&lines).iter().all(|line| line.get("dropped").is_none()));
        note(&mut journal);
        desk.finish(2, lines.untold(2));
        note(&mut journal);
        lines.clear();
        assert!(desk.take(&mut lines));
        assert_eq!(documents(&lines)[0]["dropped"], 3);
        note(&mut journal);
        desk.finish(0, 0);
        journal.send();
        lines.clear();
        assert!(desk.take(&mut lines));
        assert_eq!(
            (&documents(&lines)[0]["dropped"], journal.dropped()),
            (&2.into(), 5),
            "and what was not written"
        );
    }

    /// Of those whose line was lost itself, another one tells.
    #[test]
    fn who_is_lost_has_told_nobody() {
        let desk = Arc::new(Desk::new());
        let (mut journal, mut lines) = (journal(&desk), Lines::new());
        // Three times one line is lost, then one that tells and one behind it, then only what is behind it.
        for (notes, lost, told) in [
            (1, 1, None),
            (1, 1, Some(1)),
            (1, 1, Some(2)),
            (2, 2, Some(3)),
            (2, 1, Some(5)),
            (1, 0, Some(1)),
        ] {
            for _ in 0..notes {
                journal.note(Moment::now(), &Notice::Link(0, Link::default()));
            }
            journal.send();
            lines.clear();
            assert!(desk.take(&mut lines));
            let documents = documents(&lines);
            assert_eq!(documents[0].get("dropped").and_then(Value::as_u64), told);
            assert!(documents[1..].iter().all(|line| line.get("dropped").is_none()));
            desk.finish(lost, lines.untold(lost));
        }
        assert_eq!(journal.dropped(), 6);
    }

    #[test]
    fn the_thread_ends_with_the_journal() {
        let desk = Arc::new(Desk::new());
        let mut journal = journal(&desk);
        note(&mut journal);
        drop(journal);
        let mut lines = Lines::new();
        assert!(desk.take(&mut lines), "what was given is written");
        desk.finish(0, 0);
        lines.clear();
        assert!(!desk.take(&mut lines) && !desk.is_busy());
    }
}
