//! One producer: its subscriptions, its channels, the link to it, and the verdict on its node.

use super::config::Config;
use super::inbound::Notification;
use super::listing::{Entry, Own, SubscriptionId};
use super::stats::{Stats, add, count};
use crate::dialect::{DETECTED, Dialect, Filling, OPENSHIFT_V2};
use crate::event::{Resource, Stage, decode};
use crate::limits::{BACKOFF_MAX_NS, BACKOFF_MIN_NS, DELETIONS_MAX, POLLS_PER_LIST, SETTLE_NS, URGENT_NS};
use crate::time::Instant;
use crate::track::{Ask, ChannelSlot, Channels, Updates};
use crate::verdict::{Judge, LinkFacts, OsClock};
use heapless::Vec;

/// A request to the producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// The list of subscriptions.
    List,
    /// A subscription to a resource.
    Subscribe(Resource),
    /// The current state of a resource.
    CurrentState(Resource),
    /// The end of our subscription to a resource.
    Unsubscribe(Resource),
    /// The end of the first of the subscriptions that are ours and not wanted.
    DeleteStale,
}

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

/// What is known of the subscription to one resource, and when to ask next.
#[derive(Clone, Debug)]
pub(super) struct Subscription {
    pub(super) standing: Standing,
    /// Whether the list that is being read holds it.
    is_listed: bool,
    pub(super) retry_at: Instant,
    pub(super) attempts: u8,
    pub(super) poll_at: Instant,
    pub(super) is_urgent: bool,
    /// When it was last brought forward.
    wished_at: Option<Instant>,
    /// Whether CurrentState held a state the last time.
    has_answered: bool,
    has_no_data: bool,
}

/// Who holds the subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nobody that we know of.
    Missing,
    /// We do; the id is empty until the list tells it.
    Held(SubscriptionId),
    /// Somebody else does, in our place.
    Taken,
}

/// One producer.
#[derive(Debug)]
pub(super) struct Producer<'s> {
    pub(super) config: Config<'s>,
    pub(super) channels: Channels<'s>,
    pub(super) judge: Judge<'s>,
    pub(super) subscriptions: [Subscription; Resource::COUNT],
    pub(super) stale: Vec<SubscriptionId, DELETIONS_MAX>,
    pub(super) list_at: Instant,
    pub(super) is_list_known: bool,
    /// Which of the dialects to be detected is tried, or was found.
    candidate: usize,
    candidates_tried: usize,
    is_dialect_known: bool,
    pub(super) retry_at: Instant,
    pub(super) is_stopping: bool,
    is_up: Option<bool>,
    trouble: Option<Trouble>,
    failures: u8,
    list_failures: u8,
    random: u64,
    reported: Link,
    pub(super) stats: Stats,
}

impl<'s> Producer<'s> {
    pub(super) fn new(config: Config<'s>, channels: &'s mut [ChannelSlot], now: Instant) -> Self {
        let subscription = Subscription {
            standing: Standing::Missing,
            is_listed: false,
            retry_at: now,
            attempts: 0,
            poll_at: now,
            is_urgent: false,
            wished_at: None,
            has_answered: false,
            has_no_data: false,
        };
        Self {
            config,
            channels: Channels::new(channels, config.policy.ageing),
            judge: Judge::new(config.policy, now),
            subscriptions: core::array::from_fn(|_| subscription.clone()),
            stale: Vec::new(),
            list_at: now,
            is_list_known: false,
            candidate: 0,
            candidates_tried: 0,
            is_dialect_known: config.dialect.is_some(),
            retry_at: now,
            is_stopping: false,
            is_up: None,
            trouble: None,
            failures: 0,
            list_failures: 0,
            random: config.seed | 1,
            reported: Link::default(),
            stats: Stats::default(),
        }
    }

    /// How the producer speaks, as far as is known.
    pub(super) fn dialect(&self) -> &'static Dialect {
        let candidate = || DETECTED.get(self.candidate).copied().unwrap_or(&OPENSHIFT_V2);
        self.config.dialect.unwrap_or_else(candidate)
    }

    pub(super) fn filling(&self) -> Filling<'s> {
        Filling { node: self.config.node, endpoint: self.config.endpoint }
    }

    pub(super) fn own(&self) -> Own<'s> {
        Own { dialect: self.dialect(), endpoint: self.config.endpoint, node: self.config.node }
    }

    /// Whether the policy requires `resource`.
    pub(super) fn is_required(&self, resource: Resource) -> bool {
        match resource {
            Resource::LockState => self.config.policy.requires_lock,
            Resource::OsClock => self.config.policy.os_clock != OsClock::Info,
            _ => false,
        }
    }

    /// The resources to be followed.
    pub(super) fn wanted(&self) -> impl Iterator<Item = Resource> + use<> {
        let (resources, dialect) = (self.config.resources, self.dialect());
        Resource::ALL
            .into_iter()
            .filter(move |resource| resources.contains(*resource) && dialect.has(*resource))
    }

    pub(super) fn subscription(&self, resource: Resource) -> Option<&Subscription> {
        self.subscriptions.get(resource.index())
    }

    pub(super) fn link(&self) -> Link {
        let dialect = if self.is_dialect_known { Some(self.dialect().name) } else { None };
        let mut link = Link { is_up: self.is_up, trouble: self.trouble, dialect, ..Link::default() };
        if dialect.is_none() {
            return link;
        }
        for resource in self.wanted() {
            link.wanted = link.wanted.saturating_add(1);
            match self.subscription(resource).map(|subscription| &subscription.standing) {
                Some(Standing::Held(_)) => link.subscribed = link.subscribed.saturating_add(1),
                Some(Standing::Taken) => link.taken = link.taken.saturating_add(1),
                _ => {}
            }
        }
        link
    }

    /// The link, if it changed since it was last told and the last request has ended.
    pub(super) fn poll_link(&mut self) -> Option<Link> {
        let link = self.link();
        if link == self.reported || link.is_up.is_none() {
            return None;
        }
        self.reported = link;
        Some(link)
    }

    /// Takes in a notification.
    pub(super) fn take_notification(&mut self, now: Instant, notification: Notification<'_>) {
        count(&mut self.stats.notifications);
        match notification {
            Notification::Oversized => {
                count(&mut self.stats.oversized);
                self.poll_everything(now);
            }
            Notification::Body(body) if body.iter().all(u8::is_ascii_whitespace) => {
                count(&mut self.stats.empty);
            }
            Notification::Body(body) => self.take_events(now, body),
        }
    }

    fn take_events(&mut self, now: Instant, body: &mut [u8]) {
        let mut stage = Stage::new();
        let Ok(decoded) = decode(body, &mut stage) else {
            count(&mut self.stats.malformed);
            self.poll_everything(now);
            return;
        };
        let updates = Updates::fold(decoded, self.config.node.as_bytes());
        self.count_updates(&updates);
        add(&mut self.stats.events, u64::from(updates.events));
        let reorders = self.dialect().reorders;
        let Self { channels, subscriptions, .. } = self;
        channels.push(now, &updates, reorders, |resource, ask| {
            wish(subscriptions, now, resource, ask);
        });
        if updates.is_cut {
            self.poll_everything(now);
        }
    }

    /// Takes in the body of an answer 200 to CurrentState.
    pub(super) fn take_current_state(
        &mut self,
        now: Instant,
        asked: Instant,
        resource: Resource,
        body: &mut [u8],
    ) {
        let mut stage = Stage::new();
        let Ok(decoded) = decode(body, &mut stage) else {
            count(&mut self.stats.malformed);
            return self.take_no_state(now, resource);
        };
        let updates = Updates::fold(decoded, self.config.node.as_bytes());
        self.count_updates(&updates);
        let has_state =
            updates.list.iter().any(|update| update.resource == resource && update.value.is_some());
        let Self { channels, subscriptions, .. } = self;
        channels.poll(now, asked, resource, &updates, |resource, ask| {
            wish(subscriptions, now, resource, ask);
        });
        if !has_state {
            return self.take_no_state(now, resource);
        }
        count(&mut self.stats.polls);
        if let Some(subscription) = self.subscriptions.get_mut(resource.index()) {
            subscription.has_answered = true;
            subscription.has_no_data = false;
        }
    }

    /// Takes note that CurrentState held no state. Absence proves nothing about the clock; of a resource that had a
    /// state before, it may mean that our subscription is gone.
    pub(super) fn take_no_state(&mut self, now: Instant, resource: Resource) {
        count(&mut self.stats.polls_without_data);
        let Some(subscription) = self.subscriptions.get_mut(resource.index()) else { return };
        subscription.has_no_data = true;
        if core::mem::take(&mut subscription.has_answered) {
            self.list_at = now;
        }
    }

    fn count_updates(&mut self, updates: &Updates<'_>) {
        add(&mut self.stats.foreign, u64::from(updates.foreign));
        add(&mut self.stats.placeholders, u64::from(updates.placeholders));
        add(&mut self.stats.unknown, u64::from(updates.unknown));
        add(&mut self.stats.cut, u64::from(updates.is_cut));
    }

    fn poll_everything(&mut self, now: Instant) {
        for resource in self.wanted() {
            wish(&mut self.subscriptions, now, resource, Ask { at: now, is_urgent: false });
        }
    }

    /// A request is about to be sent.
    pub(super) fn begin(&mut self, now: Instant, request: Request) {
        count(&mut self.stats.requests);
        match request {
            Request::List => {
                self.stale.clear();
                for subscription in &mut self.subscriptions {
                    subscription.is_listed = false;
                }
            }
            Request::CurrentState(resource) => {
                let poll_ns = self.config.poll_ns;
                if let Some(subscription) = self.subscriptions.get_mut(resource.index()) {
                    subscription.is_urgent = false;
                    subscription.poll_at = now.after(poll_ns);
                }
            }
            Request::Subscribe(_) | Request::Unsubscribe(_) | Request::DeleteStale => {}
        }
    }

    /// A request may never have reached the producer: it is asked again at once. What a subscription came to, the list
    /// says: it is never posted twice.
    pub(super) fn ask_again(&mut self, now: Instant, request: Request) {
        match request {
            Request::CurrentState(resource) => {
                if let Some(subscription) = self.subscriptions.get_mut(resource.index()) {
                    subscription.poll_at = now;
                }
            }
            Request::Subscribe(_) => self.list_at = now,
            Request::List | Request::Unsubscribe(_) | Request::DeleteStale => {}
        }
    }

    /// A subscription that the producer told of: in its list, or as what it made.
    pub(super) fn take_entry(&mut self, now: Instant, request: Request, entry: &Entry) {
        let Some(is_ours) = entry.is_ours else { return };
        match request {
            Request::List => self.take_listed(now, entry, is_ours),
            Request::Subscribe(resource) => {
                let standing = if is_ours { Standing::Held(entry.id.clone()) } else { Standing::Taken };
                self.set_standing(now, resource, standing);
            }
            _ => {}
        }
    }

    fn take_listed(&mut self, now: Instant, entry: &Entry, is_ours: bool) {
        let wanted = entry.resource.filter(|resource| self.wanted().any(|wanted| wanted == *resource));
        let is_in_our_place = self.dialect().has_one_subscription_per_resource || self.config.is_guest;
        let subscription = wanted.and_then(|resource| self.subscriptions.get_mut(resource.index()));
        match (subscription, wanted, is_ours) {
            (Some(subscription), Some(resource), true) if !subscription.is_listed => {
                subscription.is_listed = true;
                self.set_standing(now, resource, Standing::Held(entry.id.clone()));
            }
            (Some(subscription), Some(resource), false) if !subscription.is_listed && is_in_our_place => {
                subscription.is_listed = true;
                self.set_standing(now, resource, Standing::Taken);
            }
            // Ours, and not wanted or there already: what an earlier run left, or the producer's store brought back.
            (_, _, true) if !entry.id.is_empty() && !self.stale.contains(&entry.id) => {
                // More than fit are seen again in the next list.
                let _ = self.stale.push(entry.id.clone());
            }
            _ => {}
        }
    }

    /// Who holds the subscription to `resource` is known; if that is news, its state is asked for at once, for what
    /// changed in between was told to nobody.
    fn set_standing(&mut self, now: Instant, resource: Resource, standing: Standing) {
        let Some(subscription) = self.subscriptions.get_mut(resource.index()) else { return };
        let was_missing = subscription.standing == Standing::Missing;
        if standing != Standing::Held(SubscriptionId::new()) {
            subscription.attempts = 0;
        }
        subscription.standing = standing;
        if was_missing {
            subscription.poll_at = now;
        }
    }

    /// The list was read to its end: what is missing in it is gone.
    pub(super) fn end_list(&mut self, now: Instant) {
        self.is_list_known = true;
        self.is_dialect_known = true;
        self.list_failures = 0;
        self.list_at = now.after(self.config.poll_ns.saturating_mul(POLLS_PER_LIST));
        let wait = self.backoff(MISLED_FAILURES);
        let Self { subscriptions, stats, .. } = self;
        for subscription in subscriptions.iter_mut().filter(|subscription| !subscription.is_listed) {
            if subscription.standing == Standing::Missing {
                continue;
            }
            // Said to be there, and not listed: it is no use to ask at once for what is refused as doubled.
            let is_misled = subscription.standing == Standing::Held(SubscriptionId::new());
            if subscription.standing != Standing::Taken {
                count(&mut stats.lost_subscriptions);
            }
            subscription.standing = Standing::Missing;
            subscription.retry_at = if is_misled { now.after(wait) } else { now };
        }
    }

    /// The list could not be had. A dialect that is known to be spoken is asked again, and after a while is done without
    /// a list, for that is better than no subscription; one that is only tried gives way to the next.
    pub(super) fn fail_list(&mut self, now: Instant, status: u16) {
        self.list_failures = self.list_failures.saturating_add(1);
        if self.is_dialect_known && self.list_failures >= LIST_FAILURES_MAX {
            self.give_up_list(status);
        }
        let tries_next = !self.is_dialect_known && self.try_next_dialect();
        if tries_next {
            self.list_at = now;
        } else {
            self.trouble = Some(Trouble::List(status));
            self.list_at = now.after(self.backoff(self.list_failures));
        }
    }

    fn give_up_list(&mut self, status: u16) {
        let is_detected = self.config.dialect.is_none();
        if !is_detected || status != 404 {
            self.is_list_known = true;
            return;
        }
        // An upgrade has put another API in the place of this one; its subscriptions are worth nothing there.
        self.is_dialect_known = false;
        self.is_list_known = false;
        self.list_failures = 0;
        self.candidates_tried = 0;
        self.stale.clear();
        for subscription in &mut self.subscriptions {
            subscription.standing = Standing::Missing;
            subscription.attempts = 0;
        }
    }

    /// Goes on to the next dialect to be detected; `false` once all were tried.
    fn try_next_dialect(&mut self) -> bool {
        self.candidate = self.candidate.saturating_add(1);
        if self.candidate >= DETECTED.len() {
            self.candidate = 0;
        }
        self.candidates_tried = self.candidates_tried.saturating_add(1);
        if self.candidates_tried < DETECTED.len() {
            return true;
        }
        self.candidates_tried = 0;
        false
    }

    /// The producer answered a subscription with `status`; for 201 its entry was taken before.
    pub(super) fn end_subscribe(&mut self, now: Instant, resource: Resource, status: u16) {
        let standing = self.subscription(resource).map(|subscription| subscription.standing.clone());
        match (status, standing) {
            (200 | 201, Some(Standing::Held(_) | Standing::Taken)) => {
                count(&mut self.stats.subscribed);
                self.clear_trouble();
            }
            // There already, or an answer that did not say: the list tells the id.
            (200 | 201 | 409, Some(_)) => {
                self.set_standing(now, resource, Standing::Held(SubscriptionId::new()));
                self.list_at = now;
                self.clear_trouble();
            }
            (status, _) => {
                self.trouble = Some(Trouble::Subscribe(status));
                let attempts = self
                    .subscription(resource)
                    .map_or(1, |subscription| subscription.attempts.saturating_add(1));
                let wait = self.backoff(attempts);
                if let Some(subscription) = self.subscriptions.get_mut(resource.index()) {
                    subscription.attempts = attempts;
                    subscription.retry_at = now.after(wait);
                }
            }
        }
    }

    /// Clears what went wrong once every subscription is there.
    fn clear_trouble(&mut self) {
        let link = self.link();
        if link.subscribed.saturating_add(link.taken) == link.wanted {
            self.trouble = None;
        }
    }

    pub(super) fn end_unsubscribe(&mut self, resource: Resource) {
        count(&mut self.stats.deleted);
        if let Some(subscription) = self.subscriptions.get_mut(resource.index()) {
            subscription.standing = Standing::Missing;
        }
    }

    pub(super) fn end_delete_stale(&mut self) {
        count(&mut self.stats.deleted);
        if !self.stale.is_empty() {
            self.stale.remove(0);
        }
    }

    /// The producer answered.
    pub(super) fn note_answer(&mut self) {
        self.is_up = Some(true);
        self.failures = 0;
        if matches!(self.trouble, Some(Trouble::Unreachable | Trouble::Timeout | Trouble::NotHttp)) {
            self.trouble = None;
        }
    }

    /// A request failed without an answer: wait before the next, longer each time.
    pub(super) fn fail(&mut self, now: Instant, request: Option<Request>, trouble: Trouble) {
        count(&mut self.stats.failures);
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

    /// Time-driven changes, and the verdict.
    pub(super) fn advance(&mut self, now: Instant) {
        self.channels.advance(now);
        let link = LinkFacts {
            is_lost: self.is_up == Some(false),
            is_subscription_taken: self
                .wanted()
                .filter_map(|resource| self.subscription(resource))
                .any(|subscription| subscription.standing == Standing::Taken && !self.config.is_guest),
            has_no_data: self.has_no_data(),
        };
        self.judge.judge(now, &self.channels, link);
        let wishes = self.judge.take_wishes();
        let mut ask = |resource, at| {
            wish(&mut self.subscriptions, now, resource, Ask { at, is_urgent: true });
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

    /// Whether the producer has no data of a required resource.
    fn has_no_data(&self) -> bool {
        Resource::ALL
            .into_iter()
            .filter(|resource| self.is_required(*resource))
            .filter_map(|resource| self.subscription(resource))
            .any(|subscription| subscription.has_no_data)
    }

    /// How long to wait after `failures` failures: doubled each time, with jitter in its second half.
    fn backoff(&mut self, failures: u8) -> u64 {
        let doublings = u32::from(failures.saturating_sub(1)).min(16);
        let longest = BACKOFF_MIN_NS.saturating_mul(1_u64.wrapping_shl(doublings)).min(BACKOFF_MAX_NS);
        self.random ^= self.random.wrapping_shl(13);
        self.random ^= self.random.wrapping_shr(7);
        self.random ^= self.random.wrapping_shl(17);
        let half = longest.wrapping_shr(1);
        half.saturating_add(self.random.checked_rem(half.max(1)).unwrap_or(0))
    }
}

/// Brings forward the next poll of `resource`; at most once in a settling time, however often it is asked for, and a few
/// times if it is urgent.
fn wish(subscriptions: &mut [Subscription; Resource::COUNT], now: Instant, resource: Resource, ask: Ask) {
    let Some(subscription) = subscriptions.get_mut(resource.index()) else { return };
    let spacing = if ask.is_urgent { URGENT_NS } else { SETTLE_NS };
    let earliest = subscription.wished_at.map_or(now, |wished| wished.after(spacing));
    let at = ask.at.max(earliest);
    subscription.is_urgent |= ask.is_urgent;
    if at < subscription.poll_at {
        subscription.poll_at = at;
        subscription.wished_at = Some(now);
    }
}

/// Failures that a subscription counts as which the producer says is there, and does not list.
const MISLED_FAILURES: u8 = 6;

/// Failed lists after which subscriptions are made without one.
const LIST_FAILURES_MAX: u8 = 3;
