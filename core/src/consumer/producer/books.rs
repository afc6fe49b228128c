//! The books of our subscriptions: what was asked, what came of it, and what the list says.

use super::{Producer, Request, Standing, Subscription, Trouble};
use crate::consumer::listing::{Entry, SubscriptionId};
use crate::consumer::stats::count;
use crate::event::Resource;
use crate::limits::POLLS_PER_LIST;
use crate::time::Instant;

impl Producer<'_> {
    /// A request is about to be sent.
    pub(in crate::consumer) fn begin(&mut self, now: Instant, request: Request) {
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
    pub(in crate::consumer) fn ask_again(&mut self, now: Instant, request: Request) {
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
    pub(in crate::consumer) fn take_entry(&mut self, request: Request, entry: &Entry) {
        let Some(is_ours) = entry.is_ours else { return };
        match request {
            Request::List => self.take_listed(entry, is_ours),
            Request::Subscribe(resource) => {
                if let Some(subscription) = self.subscriptions.get_mut(resource.index()) {
                    // What the list left out is there all the same, or it would be called something else.
                    subscription.is_hidden = subscription.standing == Standing::Missing
                        && !entry.id.is_empty()
                        && subscription.id == entry.id;
                }
                self.set_standing(resource, holder(is_ours), &entry.id);
            }
            _ => {}
        }
    }

    pub(super) fn take_listed(&mut self, entry: &Entry, is_ours: bool) {
        let wanted = entry.resource.filter(|resource| self.wants(*resource));
        let is_in_our_place = self.dialect.has_one_subscription_per_resource || self.config.is_guest;
        let subscription = wanted.and_then(|resource| self.subscriptions.get_mut(resource.index()));
        match (subscription, wanted) {
            (Some(subscription), Some(resource))
                if !subscription.is_listed && (is_ours || is_in_our_place) =>
            {
                subscription.is_listed = true;
                subscription.is_hidden = false;
                self.set_standing(resource, holder(is_ours), &entry.id);
            }
            // Ours, and not wanted or there already: what an earlier run left, or the producer's store brought back.
            _ if is_ours && !entry.id.is_empty() && !self.stale.contains(&entry.id) => {
                // More than fit are seen again in the next list.
                let _ = self.stale.push(entry.id.clone());
            }
            _ => {}
        }
    }

    /// Who holds the subscription to `resource` is known; if that is news, its state is asked for at once, for what
    /// changed in between was told to nobody.
    fn set_standing(&mut self, resource: Resource, standing: Standing, id: &SubscriptionId) {
        let Some(subscription) = self.subscriptions.get_mut(resource.index()) else { return };
        self.is_unjudged = true;
        let was_missing = subscription.is_missing();
        subscription.standing = standing;
        // What another consumer holds is not ours to renew.
        subscription.is_forgotten &= standing == Standing::Held;
        subscription.id.clone_from(id);
        if !subscription.is_unnamed() {
            subscription.attempts = 0;
        }
        if was_missing {
            // Before anything that has only been due for a while.
            subscription.poll_at = Instant::default();
        }
    }

    /// The list was read to its end: what is missing in it is gone, unless it is known to be kept all the same.
    pub(in crate::consumer) fn end_list(&mut self, now: Instant) {
        self.is_list_known = true;
        self.is_dialect_known = true;
        self.list_failures = 0;
        self.list_at = now.after(self.config.poll_ns.saturating_mul(POLLS_PER_LIST));
        let wait = self.backoff(MISLED_FAILURES);
        let Self { subscriptions, stats, .. } = self;
        let is_unlisted =
            |subscription: &&mut Subscription| !subscription.is_listed && !subscription.is_hidden;
        for subscription in subscriptions.iter_mut().filter(is_unlisted) {
            if subscription.standing == Standing::Missing {
                continue;
            }
            if subscription.standing != Standing::Taken {
                count(&mut stats.lost_subscriptions);
            }
            // Said to be there, and not listed: it is no use to ask at once for what is refused as doubled.
            subscription.retry_at = if subscription.is_unnamed() { now.after(wait) } else { now };
            subscription.lose();
        }
    }

    /// What is kept and not listed may be gone as well: the next list counts again.
    pub(in crate::consumer) fn doubt_hidden(&mut self) {
        for subscription in &mut self.subscriptions {
            subscription.is_hidden = false;
        }
    }

    /// The publisher behind a sidecar does not know of a subscription that the sidecar has. If asking for it again was no
    /// help a moment ago, it is no use to do that at once.
    pub(super) fn note_forgotten(&mut self, now: Instant, resource: Resource) {
        let renew_at = now.after(self.backoff(MISLED_FAILURES));
        let Self { subscriptions, stats, config, .. } = self;
        let Some(subscription) = subscriptions.get_mut(resource.index()) else { return };
        let is_ours = subscription.standing == Standing::Held && !config.is_guest;
        if is_ours && !subscription.is_forgotten && now >= subscription.renew_at {
            count(&mut stats.lost_subscriptions);
            subscription.is_forgotten = true;
            subscription.retry_at = now;
            subscription.renew_at = renew_at;
        }
    }

    /// The producer answered a subscription with `status`; for 201 its entry was taken before.
    pub(in crate::consumer) fn end_subscribe(&mut self, now: Instant, resource: Resource, status: u16) {
        if !matches!(status, 200 | 201 | 409) {
            return self.fail_subscribe(now, resource, status);
        }
        let Some(subscription) = self.subscriptions.get_mut(resource.index()) else { return };
        subscription.is_forgotten = false;
        if status != 409 && subscription.standing != Standing::Missing {
            count(&mut self.stats.subscribed);
        } else {
            // There already, or an answer that did not say: the list tells the id.
            self.set_standing(resource, Standing::Held, &SubscriptionId::new());
            self.list_at = now;
        }
        self.clear_trouble();
    }

    fn fail_subscribe(&mut self, now: Instant, resource: Resource, status: u16) {
        self.trouble = Some(Trouble::Subscribe(status));
        let attempts =
            self.subscription(resource).map_or(1, |subscription| subscription.attempts.saturating_add(1));
        let retry_at = now.after(self.backoff(attempts));
        if let Some(subscription) = self.subscriptions.get_mut(resource.index()) {
            subscription.attempts = attempts;
            subscription.retry_at = retry_at;
        }
    }

    /// Clears what went wrong once every subscription is there.
    pub(super) fn clear_trouble(&mut self) {
        let link = self.link();
        if link.subscribed.saturating_add(link.taken) == link.wanted {
            self.trouble = None;
        }
    }

    pub(in crate::consumer) fn end_unsubscribe(&mut self, resource: Resource) {
        count(&mut self.stats.deleted);
        if let Some(subscription) = self.subscriptions.get_mut(resource.index()) {
            subscription.lose();
        }
    }

    pub(in crate::consumer) fn end_delete_stale(&mut self) {
        count(&mut self.stats.deleted);
        self.stale.pop();
    }
}

/// Who holds a subscription whose endpoint is ours, or is not.
const fn holder(is_ours: bool) -> Standing {
    if is_ours { Standing::Held } else { Standing::Taken }
}

/// Failures that a subscription counts as which the producer says is there, and does not list.
const MISLED_FAILURES: u8 = 6;
