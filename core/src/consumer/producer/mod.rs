//! One producer: its subscriptions, its channels, the link to it, and the verdict on its node.

mod books;
mod intake;
mod link;
mod speech;

pub use link::{Link, Trouble};

use super::config::Config;
use super::listing::{Own, SubscriptionId};
use super::stats::Stats;
use crate::dialect::{DETECTED, Dialect};
use crate::event::{Resource, Stage};
use crate::limits::{DELETIONS_MAX, SETTLE_NS, URGENT_NS};
use crate::time::Instant;
use crate::track::{Ask, ChannelSlot, Channels};
use crate::verdict::{Judge, LinkFacts, OsClock};
use heapless::Vec;

/// A request to the producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::consumer) enum Request {
    /// The list of subscriptions.
    List,
    /// A subscription to a resource.
    Subscribe(Resource),
    /// The current state of a resource.
    CurrentState(Resource),
    /// The end of our subscription to a resource.
    Unsubscribe(Resource),
    /// The end of the last of the subscriptions that are ours and not wanted.
    DeleteStale,
}

/// What is known of the subscription to one resource, and when to ask next.
// In the order that it is written in: what is small comes first, for the shortest instructions reach only so far.
#[derive(Clone, Debug)]
#[repr(C)]
pub(in crate::consumer) struct Subscription {
    pub(in crate::consumer) resource: Resource,
    pub(in crate::consumer) standing: Standing,
    /// Whether the list that is being read holds it.
    is_listed: bool,
    /// Whether the producer keeps it and does not list it.
    is_hidden: bool,
    /// Whether a sidecar keeps it that gets no events for it any more: it has to go, and be asked for again.
    pub(in crate::consumer) is_forgotten: bool,
    pub(in crate::consumer) is_urgent: bool,
    /// Whether CurrentState held a state the last time.
    has_answered: bool,
    has_no_data: bool,
    pub(in crate::consumer) attempts: u8,
    /// No such renewal before then.
    renew_at: Instant,
    pub(in crate::consumer) retry_at: Instant,
    pub(in crate::consumer) poll_at: Instant,
    /// When it was last brought forward.
    wished_at: Option<Instant>,
    /// What the producer called it last; empty if it did not say.
    pub(in crate::consumer) id: SubscriptionId,
}

/// Who holds the subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::consumer) enum Standing {
    /// Nobody that we know of.
    Missing,
    /// We do.
    Held,
    /// Somebody else does, in our place.
    Taken,
}

impl Subscription {
    /// Nobody holds it that we know of, and everything about it is due.
    const EMPTY: Self = Self {
        resource: Resource::LockState,
        standing: Standing::Missing,
        is_listed: false,
        is_hidden: false,
        is_forgotten: false,
        is_urgent: false,
        has_answered: false,
        has_no_data: false,
        attempts: 0,
        renew_at: Instant::from_nanos(0),
        retry_at: Instant::from_nanos(0),
        poll_at: Instant::from_nanos(0),
        wished_at: None,
        id: SubscriptionId::new(),
    };

    /// One for each resource, at its number.
    fn all() -> [Self; Resource::COUNT] {
        let mut all = [Self::EMPTY; Resource::COUNT];
        for (subscription, resource) in all.iter_mut().zip(&Resource::ALL) {
            subscription.resource = *resource;
        }
        all
    }

    /// Whether CurrentState can be asked for: somebody holds a subscription, or we have tried.
    pub(in crate::consumer) fn can_be_polled(&self) -> bool {
        self.standing != Standing::Missing || self.attempts > 0
    }

    /// Whether we hold it and know what it is called.
    pub(in crate::consumer) fn is_named(&self) -> bool {
        self.standing == Standing::Held && !self.id.is_empty()
    }

    /// Whether it has to be asked for.
    pub(in crate::consumer) fn is_missing(&self) -> bool {
        self.standing == Standing::Missing || self.is_forgotten
    }

    /// Whether we are said to hold it, and do not know what it is called: the list tells.
    fn is_unnamed(&self) -> bool {
        self.standing == Standing::Held && self.id.is_empty()
    }

    /// Nobody holds it any more.
    fn lose(&mut self) {
        self.standing = Standing::Missing;
        self.is_hidden = false;
        self.is_forgotten = false;
    }
}

/// One producer.
// In the order that it is written in: what is small comes first, for the shortest instructions reach only so far.
#[derive(Debug)]
#[repr(C)]
pub(in crate::consumer) struct Producer<'s> {
    pub(in crate::consumer) is_stopping: bool,
    /// Whether what the plan goes by has changed since it was made.
    pub(in crate::consumer) is_plan_due: bool,
    pub(in crate::consumer) is_up: Option<bool>,
    pub(in crate::consumer) is_list_known: bool,
    is_dialect_known: bool,
    /// Which of the dialects to be detected is tried, or was found.
    candidate: u8,
    candidates_tried: u8,
    failures: u8,
    list_failures: u8,
    /// Whether something was heard, of the clock or of the link, that was not judged yet.
    is_unjudged: bool,
    /// Whether the link may have changed since it was last told.
    is_link_due: bool,
    trouble: Option<Trouble>,
    /// How the producer speaks, as far as is known.
    pub(in crate::consumer) dialect: &'static Dialect,
    /// For the body that is being read.
    stage: &'s mut Stage,
    pub(in crate::consumer) list_at: Instant,
    pub(in crate::consumer) retry_at: Instant,
    /// No sign of life shortens that wait before then.
    hurry_at: Instant,
    random: u32,
    reported: Link,
    pub(in crate::consumer) channels: Channels<'s>,
    pub(in crate::consumer) config: Config<'s>,
    pub(in crate::consumer) judge: Judge,
    pub(in crate::consumer) stats: Stats,
    pub(in crate::consumer) subscriptions: [Subscription; Resource::COUNT],
    pub(in crate::consumer) stale: Vec<SubscriptionId, DELETIONS_MAX>,
}

impl<'s> Producer<'s> {
    // Apart from the rest of what is made: it is moved as a whole.
    #[inline(never)]
    pub(in crate::consumer) fn new(
        config: Config<'s>,
        channels: &'s mut [ChannelSlot],
        stage: &'s mut Stage,
        now: Instant,
    ) -> Self {
        let [first, ..] = DETECTED;
        Self {
            config,
            channels: Channels::new(channels, config.policy.ageing),
            stage,
            judge: Judge::new(now),
            subscriptions: Subscription::all(),
            stale: Vec::new(),
            list_at: Instant::default(),
            is_list_known: false,
            dialect: config.dialect.unwrap_or(first),
            candidate: 0,
            candidates_tried: 0,
            is_dialect_known: config.dialect.is_some(),
            retry_at: Instant::default(),
            hurry_at: Instant::default(),
            is_stopping: false,
            is_plan_due: true,
            is_up: None,
            trouble: None,
            failures: 0,
            list_failures: 0,
            random: (config.seed ^ config.seed.wrapping_shr(32)) as u32 | 1,
            is_unjudged: true,
            reported: Link::default(),
            is_link_due: false,
            stats: Stats::default(),
        }
    }

    pub(in crate::consumer) fn own(&self) -> Own<'s> {
        Own { dialect: self.dialect, endpoint: self.config.endpoint, node: self.config.node }
    }

    /// Whether the policy requires `resource`.
    pub(in crate::consumer) fn is_required(&self, resource: Resource) -> bool {
        match resource {
            Resource::LockState => self.config.policy.requires_lock,
            Resource::OsClock => self.config.policy.os_clock != OsClock::Info,
            _ => false,
        }
    }

    /// Whether `resource` is to be followed.
    pub(in crate::consumer) fn wants(&self, resource: Resource) -> bool {
        self.config.resources.contains(resource) && self.dialect.has(resource)
    }

    /// The subscriptions to the resources to be followed.
    pub(in crate::consumer) fn wanted(&self) -> impl Iterator<Item = &Subscription> {
        self.subscriptions.iter().filter(|subscription| self.wants(subscription.resource))
    }

    pub(in crate::consumer) fn subscription(&self, resource: Resource) -> Option<&Subscription> {
        self.subscriptions.get(resource.index())
    }

    /// Time-driven changes, and the verdict.
    pub(in crate::consumer) fn advance(&mut self, now: Instant) {
        self.is_unjudged |= self.channels.advance(now);
        if core::mem::take(&mut self.is_unjudged) || now >= self.judge.until() {
            self.judge(now);
        }
    }

    /// When the verdict may change without input.
    pub(in crate::consumer) fn verdict_until(&self) -> Instant {
        self.judge.until().min(self.channels.deadline())
    }

    fn judge(&mut self, now: Instant) {
        let mut link = LinkFacts { is_lost: self.is_up == Some(false), ..LinkFacts::default() };
        for subscription in &self.subscriptions {
            link.has_no_data |= subscription.has_no_data && self.is_required(subscription.resource);
            link.is_subscription_taken |=
                subscription.standing == Standing::Taken && self.wants(subscription.resource);
        }
        link.is_subscription_taken &= !self.config.is_guest;
        self.judge.judge(now, &self.config.policy, &self.channels, link);
        let wishes = self.judge.take_wishes();
        let mut ask = |resource, at| {
            self.is_plan_due |= wish(&mut self.subscriptions, now, resource, Ask { at, is_urgent: true });
        };
        if let Some((resource, at)) = wishes.follow {
            ask(resource, at);
        }
        if wishes.required {
            ask(Resource::LockState, now);
            ask(Resource::OsClock, now);
        }
        if wishes.sync_state {
            ask(Resource::SyncState, now);
        }
    }
}

/// Brings forward the next poll of `resource`; at most once in a settling time, however often it is asked for, and a few
/// times if it is urgent. `true` if that changes what is to be asked next.
fn wish(
    subscriptions: &mut [Subscription; Resource::COUNT],
    now: Instant,
    resource: Resource,
    ask: Ask,
) -> bool {
    let Some(subscription) = subscriptions.get_mut(resource.index()) else { return false };
    let spacing = if ask.is_urgent { URGENT_NS } else { SETTLE_NS };
    let earliest = subscription.wished_at.map_or(now, |wished| wished.after(spacing));
    let at = ask.at.max(earliest);
    let (is_sooner, is_raised) = (at < subscription.poll_at, ask.is_urgent && !subscription.is_urgent);
    subscription.is_urgent |= ask.is_urgent;
    if is_sooner {
        subscription.poll_at = at;
        subscription.wished_at = Some(now);
    }
    is_sooner || is_raised
}
