//! The link to the producer: whether it answers, and how long to wait when it does not.

use super::{Producer, Request, Standing};
use crate::consumer::stats::count;
use crate::limits::{BACKOFF_MAX_NS, BACKOFF_MIN_NS};
use crate::time::Instant;

/// Why the producer does not answer as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trouble {
    /// No connection could be opened, or it was closed before the answer.
    Unreachable,
    /// No answer came in time.
    Timeout,
    /// The answer was no HTTP.
    NotHttp,
    /// A subscription was answered with this status.
    Subscribe(u16),
    /// The list of subscriptions was answered with this status.
    List(u16),
}

/// The link to the producer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Whether the producer answers; `None` before the first attempt ended.
    pub is_up: Option<bool>,
    /// Resources that we hold a subscription to.
    pub subscribed: u8,
    /// Resources that another consumer holds the subscription to: polls alone tell of them.
    pub taken: u8,
    /// Resources to be subscribed to; 0 until the dialect is known.
    pub wanted: u8,
    /// What went wrong last; `None` while all is well.
    pub trouble: Option<Trouble>,
    /// The name of the dialect, once it is known.
    pub dialect: Option<&'static str>,
}

impl Producer<'_> {
    pub(in crate::consumer) fn link(&self) -> Link {
        let dialect = if self.is_dialect_known { Some(self.dialect.name) } else { None };
        let mut link = Link { is_up: self.is_up, trouble: self.trouble, dialect, ..Link::default() };
        if dialect.is_none() {
            return link;
        }
        for subscription in self.wanted() {
            link.wanted = link.wanted.wrapping_add(1);
            match subscription.standing {
                Standing::Held if !subscription.is_forgotten => {
                    link.subscribed = link.subscribed.wrapping_add(1);
                }
                Standing::Taken => link.taken = link.taken.wrapping_add(1),
                Standing::Held | Standing::Missing => {}
            }
        }
        link
    }

    /// The link, if it changed since it was last told and the last request has ended.
    pub(in crate::consumer) fn poll_link(&mut self) -> Option<Link> {
        if !core::mem::take(&mut self.is_link_due) {
            return None;
        }
        let link = self.link();
        let is_new = link != self.reported;
        self.reported = link;
        if is_new { Some(link) } else { None }
    }

    /// A request has ended, and what it changes may change anything.
    fn note_end(&mut self) {
        self.is_unjudged = true;
        self.is_link_due = true;
    }

    /// The producer answered.
    pub(in crate::consumer) fn note_answer(&mut self) {
        self.note_end();
        self.is_up = Some(true);
        self.failures = 0;
        if matches!(self.trouble, Some(Trouble::Unreachable | Trouble::Timeout | Trouble::NotHttp)) {
            self.trouble = None;
        }
    }

    /// A request failed without an answer: wait before the next, longer each time.
    pub(in crate::consumer) fn fail(&mut self, now: Instant, request: Option<Request>, trouble: Trouble) {
        count(&mut self.stats.failures);
        self.note_end();
        self.is_up = Some(false);
        self.trouble = Some(trouble);
        self.failures = self.failures.saturating_add(1);
        self.retry_at = now.after(self.backoff(self.failures));
        // Whoever does not answer may have lost everything.
        self.list_at = self.list_at.min(self.retry_at);
        if let Some(Request::CurrentState(resource)) = request
            && let Some(subscription) = self.subscriptions.get_mut(resource.index())
        {
            subscription.poll_at = now.after(self.config.poll_ns);
        }
    }

    /// The producer sent something: nobody needs to wait much longer for it to answer. Whoever may post could make us
    /// hurry for ever, so that helps once in the longest wait.
    pub(super) fn note_sign_of_life(&mut self, now: Instant) {
        if now < self.retry_at && now >= self.hurry_at {
            self.is_plan_due = true;
            self.retry_at = self.retry_at.min(now.after(BACKOFF_MIN_NS));
            self.hurry_at = now.after(BACKOFF_MAX_NS);
        }
    }

    /// How long to wait after `failures` failures: doubled each time, with jitter in its second half.
    pub(super) fn backoff(&mut self, failures: u8) -> u64 {
        let doublings = u32::from(failures.saturating_sub(1)).min(DOUBLINGS_MAX);
        let longest = BACKOFF_MIN_NS.wrapping_shl(doublings).min(BACKOFF_MAX_NS);
        self.random ^= self.random.wrapping_shl(13);
        self.random ^= self.random.wrapping_shr(17);
        self.random ^= self.random.wrapping_shl(5);
        let half = longest.wrapping_shr(1);
        // Some 65536ths of the half, without a division of 64 bits.
        half.saturating_add(half.wrapping_shr(16).wrapping_mul(u64::from(self.random & 0xffff)))
    }
}

/// Doublings that bring the shortest wait to the longest.
const DOUBLINGS_MAX: u32 = 6;

const _: () = assert!(BACKOFF_MIN_NS << DOUBLINGS_MAX >= BACKOFF_MAX_NS);
