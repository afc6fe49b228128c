//! The writer: keeps a page in step with a consumer.

use super::atomics::{AtomicU64, Ordering};
use super::layout::{BootId, Page};
use super::{Entry, PAGE_LIFE_NS, sequence, words};
use crate::consumer::Consumer;
use crate::event::State;
use crate::time::Instant;
use crate::verdict::Verdict;

/// Writes a page; there is one for each page.
///
/// [`update`](Self::update) it after each `handle_*` of the consumer, before anybody else is told, and at
/// [`poll_timeout`](Self::poll_timeout). It stores only what changed, and what must be renewed.
#[derive(Debug)]
pub struct Writer<'p> {
    page: &'p Page,
    renew_at: Instant,
}

/// What is to be shown.
#[derive(Clone, Debug)]
pub struct Sheet<C> {
    /// The verdict.
    pub verdict: Verdict,
    /// When it may change without input: the page is not believed for longer.
    pub until: Instant,
    /// What its channels report.
    pub channels: C,
}

impl<'p> Writer<'p> {
    /// Takes over `page`, in whatever state another writer left it, which may be dead by now and must not be at work.
    /// The page says Unknown until the first [`update`](Self::update).
    ///
    /// `None` for a page of another layout, which stays as it is.
    pub fn take(page: &'p Page, boot: BootId, now: Instant) -> Option<Self> {
        if !page.is_blank() && !page.is_of_this_layout() {
            return None;
        }
        sequence::write(&page.sequence, || {
            page.identify();
            store(&page.boot, boot.0);
            store(&page.epoch, now.as_nanos());
            store(&page.transitions, 0);
            Summary::default().store(page);
            // Whatever a reader takes for now.
            store_life(page, now, Instant::default());
        });
        Some(Self { page, renew_at: now })
    }

    /// Shows `sheet` if it says anything new, or the page grows old.
    pub fn update<C: Iterator<Item = Entry> + Clone>(&mut self, now: Instant, sheet: Sheet<C>) {
        let listing = Listing::of(sheet.channels.clone(), self.page);
        let summary = Summary::of(&sheet.verdict, &listing);
        let void_after = now.after(PAGE_LIFE_NS).min(sheet.until);
        if summary.is_shown(self.page) && listing.is_shown && self.is_good(now, void_after) {
            return;
        }
        self.renew_at = now.after(PAGE_LIFE_NS / 2);
        let transitions = load(&self.page.transitions).saturating_add(summary.changes_since(self.page));
        sequence::write(&self.page.sequence, || {
            store(&self.page.transitions, transitions);
            summary.store(self.page);
            store_life(self.page, now, void_after);
            if !listing.is_shown {
                let lines = self.page.channels.iter().zip(sheet.channels);
                lines.for_each(|(line, entry)| line.store(entry.to_words()));
            }
        });
    }

    /// Says that nobody keeps the page up any more: it says Unknown from now on.
    pub fn close(self, now: Instant) {
        sequence::write(&self.page.sequence, || store_life(self.page, now, now));
    }

    /// When to call [`update`](Self::update) at the latest, changes apart. That the verdict may change by itself, the
    /// consumer's own timeout says.
    pub const fn poll_timeout(&self) -> Instant {
        self.renew_at
    }

    /// Whether what the page says of its own life can stay.
    fn is_good(&self, now: Instant, void_after: Instant) -> bool {
        let shown = Instant::from_nanos(load(&self.page.void_after));
        now < self.renew_at && now < shown && shown <= void_after
    }
}

impl Sheet<()> {
    /// What `consumer` has to say.
    pub fn of<'c>(consumer: &'c Consumer<'_>) -> Sheet<impl Iterator<Item = Entry> + Clone + use<'c>> {
        Sheet {
            verdict: consumer.verdict(),
            until: consumer.verdict_until(),
            channels: consumer.channels().map(Entry::of),
        }
    }
}

/// What there is to know of the channels beside their lines.
struct Listing {
    clock_class: u64,
    count: u64,
    /// Whether the page has their lines already.
    is_shown: bool,
}

impl Listing {
    fn of(channels: impl Iterator<Item = Entry>, page: &Page) -> Self {
        let mut listing = Self { clock_class: 0, count: 0, is_shown: true };
        let mut lines = page.channels.iter();
        for entry in channels {
            listing.count = listing.count.saturating_add(1);
            listing.clock_class = listing.clock_class.max(words::from_level(entry.clock_class()));
            listing.is_shown &= lines.next().is_none_or(|line| line.is(entry.to_words()));
        }
        listing
    }
}

/// The words that are shown beside the channels themselves.
#[derive(Default)]
struct Summary {
    state: u64,
    reasons: u64,
    holdover_until: u64,
    since: u64,
    last_known: u64,
    clock_class: u64,
    channel_count: u64,
}

impl Summary {
    fn of(verdict: &Verdict, listing: &Listing) -> Self {
        Self {
            state: verdict.state as u64,
            reasons: verdict.reasons.bits(),
            holdover_until: words::from_time(verdict.holdover_until),
            since: verdict.since.as_nanos(),
            last_known: verdict.last_known as u64,
            clock_class: listing.clock_class,
            channel_count: listing.count,
        }
    }

    fn is_shown(&self, page: &Page) -> bool {
        load(&page.state) == self.state
            && load(&page.reasons) == self.reasons
            && load(&page.holdover_until) == self.holdover_until
            && load(&page.since) == self.since
            && load(&page.last_known) == self.last_known
            && load(&page.clock_class) == self.clock_class
            && load(&page.channel_count) == self.channel_count
    }

    /// How often the state changed, as far as can be told from what is shown now and then.
    fn changes_since(&self, page: &Page) -> u64 {
        let (state, since) = (load(&page.state), load(&page.since));
        match (state == self.state, since == self.since) {
            (false, _) => 1,
            // It was another in between, if it was any.
            (true, false) if since != 0 => 2,
            (true, _) => 0,
        }
    }

    fn store(&self, page: &Page) {
        store(&page.state, self.state);
        store(&page.reasons, self.reasons);
        store(&page.holdover_until, self.holdover_until);
        store(&page.since, self.since);
        store(&page.last_known, self.last_known);
        store(&page.clock_class, self.clock_class);
        store(&page.channel_count, self.channel_count);
    }
}

fn store_life(page: &Page, as_of: Instant, void_after: Instant) {
    store(&page.as_of, as_of.as_nanos());
    store(&page.void_after, void_after.as_nanos());
}

/// Nobody else stores.
fn load(word: &AtomicU64) -> u64 {
    word.load(Ordering::Relaxed)
}

fn store(word: &AtomicU64, value: u64) {
    word.store(value, Ordering::Relaxed);
}

// Zeros say that nothing is known.
const _: () = assert!(State::Unknown as u64 == 0);
