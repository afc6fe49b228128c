//! The desk between the loop, which brings lines, and the thread, which writes them.

use std::fmt::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, TryLockError};

use crate::output::BUFFER_MAX;

/// Whole lines, in memory of a fixed size. One of them at most tells how many were dropped before it.
#[derive(Debug)]
pub(super) struct Lines {
    text: Vec<u8>,
    /// How many that line tells of; 0 if there is none.
    told: u64,
    /// Lines from that one on.
    since_told: u64,
}

/// What both threads see. Each holds it for no longer than it takes to swap two pointers.
#[derive(Debug)]
pub(super) struct Desk {
    papers: Mutex<Papers>,
    /// There are lines, or nobody brings any more.
    changed: Condvar,
    /// Lines that were not written, ever.
    lost: AtomicU64,
    /// Those that nobody was told of yet, and those that a line told of which was not written itself.
    untold: AtomicU64,
}

#[derive(Debug)]
struct Papers {
    lines: Lines,
    /// Whether the thread writes what it took.
    is_writing: bool,
    is_left: bool,
}

impl Lines {
    pub(super) fn new() -> Self {
        Self { text: Vec::with_capacity(BUFFER_MAX), told: 0, since_told: 0 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.text
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.told = 0;
    }

    /// Adds the line that `make` writes, without its newline. It is given how many were `dropped`, unless another line
    /// tells; returns how many are still to be told of.
    ///
    /// # Errors
    /// If it does not fit; then nothing was added.
    pub(super) fn push(
        &mut self,
        dropped: u64,
        make: impl FnOnce(&mut dyn Write, u64) -> fmt::Result,
    ) -> Result<u64, fmt::Error> {
        let start = self.text.len();
        let telling = if self.told == 0 { dropped } else { 0 };
        let result = make(self, telling).and_then(|()| self.write_char('\n'));
        result.inspect_err(|_| self.text.truncate(start))?;
        if telling > 0 {
            (self.told, self.since_told) = (telling, 0);
        }
        self.since_told += 1;
        Ok(dropped - telling)
    }

    /// How many are untold if the last `lost` lines are not written.
    pub(super) fn untold(&self, lost: u64) -> u64 {
        lost + if lost >= self.since_told { self.told } else { 0 }
    }
}

impl Write for Lines {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.len() > BUFFER_MAX - self.text.len() {
            return Err(fmt::Error);
        }
        self.text.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

impl Desk {
    pub(super) fn new() -> Self {
        let papers = Papers { lines: Lines::new(), is_writing: false, is_left: false };
        Self {
            papers: Mutex::new(papers),
            changed: Condvar::new(),
            lost: AtomicU64::new(0),
            untold: AtomicU64::new(0),
        }
    }

    /// Puts `lines` on the desk, if there are none, and nobody stands in the way.
    pub(super) fn give(&self, lines: &mut Lines) {
        let mut papers = match self.papers.try_lock() {
            Ok(papers) => papers,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        if papers.lines.is_empty() {
            std::mem::swap(&mut papers.lines, lines);
            self.changed.notify_one();
        }
    }

    /// Whether lines wait on the desk or are being written.
    pub(super) fn is_busy(&self) -> bool {
        let papers = self.papers();
        papers.is_writing || !papers.lines.is_empty()
    }

    /// Waits for lines and takes them in place of `empty`; `false` once there are none, and nobody brings any more.
    pub(super) fn take(&self, empty: &mut Lines) -> bool {
        let is_idle = |papers: &mut Papers| papers.lines.is_empty() && !papers.is_left;
        let papers = self.changed.wait_while(self.papers(), is_idle);
        let mut papers = papers.unwrap_or_else(PoisonError::into_inner);
        std::mem::swap(&mut papers.lines, empty);
        papers.is_writing = !empty.is_empty();
        papers.is_writing
    }

    /// What was taken is written, but for the last lines of it: so many, and so many that nobody was told of.
    pub(super) fn finish(&self, lost: u64, untold: u64) {
        self.lost.fetch_add(lost, Ordering::Relaxed);
        self.untold.fetch_add(untold, Ordering::Relaxed);
        self.papers().is_writing = false;
    }

    /// How many lines were not written since the start.
    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// How many lines were not written that nobody was told of yet.
    pub(super) fn take_untold(&self) -> u64 {
        self.untold.swap(0, Ordering::Relaxed)
    }

    /// Nobody brings lines any more.
    pub(super) fn leave(&self) {
        self.papers().is_left = true;
        self.changed.notify_one();
    }

    fn papers(&self) -> MutexGuard<'_, Papers> {
        self.papers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
