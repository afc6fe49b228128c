//! The reader: what a page says now, or why it says nothing.

use super::atomics::{AtomicU64, Ordering};
use super::layout::{BootId, Page};
use super::{Entries, PAGE_LIFE_NS, sequence, words};
use crate::event::State;
use crate::time::Instant;
use crate::verdict::{Reasons, Verdict};

/// Reads a page. Each read is a few loads: it neither waits, nor calls anybody, nor hinders the writer.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'p> {
    page: &'p Page,
    boot: BootId,
}

/// What a page says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The verdict. Where there is a doubt, it is Unknown without a reason; where that is [`Doubt::Expired`] alone, it has
    /// the last that was known.
    pub verdict: Verdict,
    /// Why the page is not believed; `None`: it is. Where a doubt lasts, another file may have the name of this one by now.
    pub doubt: Option<Doubt>,
    /// The worst clock class that is known.
    pub clock_class: Option<u8>,
    /// How often the verdict's state changed since the writer began. It moves with each change, also if a read between
    /// two of them was missed.
    pub transitions: u64,
    /// When the writer began: another value is another writer, whose `transitions` begin anew.
    pub epoch: Instant,
    /// When this was true.
    pub as_of: Instant,
    /// From when on it is not known to be.
    pub void_after: Instant,
}

/// Why a page is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doubt {
    /// It is no page, or one of another version.
    Layout,
    /// It is in the middle of a write: its writer was killed there, or was not given the processor for a while.
    Writing,
    /// It was written before the host was started anew.
    Boot,
    /// It was written later than now: `now` is of another clock than the page's.
    Clock,
    /// Nobody has renewed it: its writer is gone or stuck, or cannot tell any more.
    Expired,
}

impl<'p> Reader<'p> {
    /// A reader of `page`, on the boot that it says.
    pub const fn new(page: &'p Page, boot: BootId) -> Self {
        Self { page, boot }
    }

    /// What the page says `now`, of `CLOCK_MONOTONIC`.
    #[inline]
    pub fn read(&self, now: Instant) -> Reading {
        match self.load(|| Words::load(self.page)) {
            Ok(words) => self.judge(now, &words),
            Err(doubt) => doubt.into(),
        }
    }

    /// What the page says `now`, and `entries` of its channels, as they were at the same moment; none where it is not
    /// believed.
    pub fn read_channels(&self, now: Instant, entries: &mut Entries) -> Reading {
        let loaded = self.load(|| {
            entries.load(self.page);
            Words::load(self.page)
        });
        let reading = match loaded {
            Ok(words) => self.judge(now, &words),
            Err(doubt) => doubt.into(),
        };
        if reading.doubt.is_some() {
            entries.0.clear();
        }
        reading
    }

    /// Loads what is of one write.
    #[inline]
    fn load<T>(&self, loads: impl FnMut() -> T) -> Result<T, Doubt> {
        if !self.page.is_of_this_layout() {
            return Err(Doubt::Layout);
        }
        sequence::read(&self.page.sequence, loads).ok_or(Doubt::Writing)
    }

    #[inline]
    fn judge(&self, now: Instant, words: &Words) -> Reading {
        if words.boot != self.boot.0 {
            return Doubt::Boot.into();
        }
        if words.reading.as_of > now.after(PAGE_LIFE_NS) {
            return Doubt::Clock.into();
        }
        if now < words.reading.void_after { words.reading } else { words.reading.expired() }
    }
}

impl Reading {
    /// It was true until it was not known to be any more.
    fn expired(&self) -> Self {
        let last_known = match self.verdict.state {
            State::Unknown => self.verdict.last_known,
            state => state,
        };
        let verdict = Verdict { last_known, since: self.void_after, ..Verdict::default() };
        Self { verdict, doubt: Some(Doubt::Expired), clock_class: None, ..*self }
    }
}

impl Doubt {
    /// The name in JSON lines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Layout => "other-layout",
            Self::Writing => "being-written",
            Self::Boot => "other-boot",
            Self::Clock => "other-clock",
            Self::Expired => "expired",
        }
    }
}

impl From<Doubt> for Reading {
    /// Nothing but the doubt.
    fn from(doubt: Doubt) -> Self {
        Self { doubt: Some(doubt), ..Self::default() }
    }
}

/// What is of one write, but for its channels.
struct Words {
    boot: u64,
    reading: Reading,
}

impl Words {
    #[inline]
    fn load(page: &Page) -> Self {
        let word = |word: &AtomicU64| word.load(Ordering::Relaxed);
        let time = |word: &AtomicU64| Instant::from_nanos(word.load(Ordering::Relaxed));
        let verdict = Verdict {
            state: words::state(word(&page.state)),
            reasons: Reasons::from_bits(word(&page.reasons)),
            last_known: words::state(word(&page.last_known)),
            since: time(&page.since),
            holdover_until: words::time(word(&page.holdover_until)),
        };
        let reading = Reading {
            verdict,
            doubt: None,
            clock_class: words::level(word(&page.clock_class)),
            transitions: word(&page.transitions),
            epoch: time(&page.epoch),
            as_of: time(&page.as_of),
            void_after: time(&page.void_after),
        };
        Self { boot: word(&page.boot), reading }
    }
}
