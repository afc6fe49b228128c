//! The desk between the loop, which brings lines, and the thread, which writes them.

use std::fmt::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, TryLockError};

use crate::output::BUFFER_MAX;

/// Whole lines, in memory of a fixed size.
#[derive(Debug)]
pub(super) struct Lines(Vec<u8>);

/// What both threads see. Each holds it for no longer than it takes to swap two pointers.
#[derive(Debug)]
pub(super) struct Desk {
    papers: Mutex<Papers>,
    /// There are lines, or nobody brings any more.
    changed: Condvar,
    /// Lines that were not written, and were not told of yet.
    lost: AtomicU64,
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
        Self(Vec::with_capacity(BUFFER_MAX))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Adds the line that `make` writes, without its newline.
    ///
    /// # Errors
    /// If it does not fit; then nothing was added.
    pub(super) fn push(&mut self, make: impl FnOnce(&mut dyn Write) -> fmt::Result) -> fmt::Result {
        let start = self.0.len();
        let result = make(self).and_then(|()| self.write_char('\n'));
        result.inspect_err(|_| self.0.truncate(start))
    }
}

impl Write for Lines {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.len() > BUFFER_MAX - self.0.len() {
            return Err(fmt::Error);
        }
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

impl Desk {
    pub(super) fn new() -> Self {
        let papers = Papers { lines: Lines::new(), is_writing: false, is_left: false };
        Self { papers: Mutex::new(papers), changed: Condvar::new(), lost: AtomicU64::new(0) }
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

    /// What was taken is written, but for so many lines of it.
    pub(super) fn finish(&self, lost: u64) {
        self.lost.fetch_add(lost, Ordering::Relaxed);
        self.papers().is_writing = false;
    }

    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// How many lines were not written that nobody was told of yet.
    pub(super) fn take_lost(&self) -> u64 {
        self.lost.swap(0, Ordering::Relaxed)
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
