//! How news gets to the subscribers: queued in order or out of it, sent in turn or at once.

use ptpwatch_core::time::Instant;

use super::callbacks::{Callback, Outcome};
use super::clock::Kind;
use super::endpoint::Endpoint;
use super::event::Stamp;
use super::facts::Fact;
use super::resources::Resource;
use super::subscribe::Applicant;
use super::subscriptions::Subscription;
use super::{Action, Producer};

/// What a callback is made for.
#[derive(Debug)]
pub(super) enum Purpose {
    /// To try the endpoint of someone who subscribes.
    Check(Applicant),
    /// To deliver an event.
    Push(Push),
}

/// An event on its way to one subscriber.
#[derive(Clone, Debug)]
pub(super) struct Push {
    kind: Kind,
    subscription_id: String,
    endpoint: String,
    body: String,
    /// How often it may still be tried.
    tries_left: u8,
}

impl Producer {
    /// Queues what is new about a quantity for those who subscribed to it. `cause` is the clock that changed.
    pub(super) fn announce(&mut self, now: Instant, kind: Kind, cause: &str) {
        let manners = self.site.manners;
        let Some(resource) = manners.resource(kind).filter(|_| self.has_data(now) && !self.faults.drops)
        else {
            return;
        };
        for fact in self.site.facts(&self.clock, kind, Some(cause), manners.push) {
            for push in self.pushes(now, resource, &fact) {
                for _ in 0..if self.faults.duplicates { 2 } else { 1 } {
                    self.enqueue(now, push.clone());
                }
            }
        }
    }

    /// A fact for each of those who subscribed to it.
    fn pushes(&mut self, now: Instant, resource: &'static Resource, fact: &Fact) -> Vec<Push> {
        let manners = self.site.manners;
        let now_ns = self.wall_ns(now);
        let fresh_id = self.random.uuid();
        let push = |subscription: &Subscription| {
            let sought = self.site.seek(&subscription.wanted.resource).ok();
            let node = sought.map_or_else(String::new, |sought| sought.node);
            let stamp = Stamp { subscription_id: &subscription.id, node: &node, now_ns };
            let news = vec![(resource, fact.clone())];
            Push {
                kind: resource.kind,
                subscription_id: subscription.id.clone(),
                endpoint: subscription.wanted.endpoint.clone().unwrap_or_default(),
                body: self.site.body(manners.push, news, &stamp, || fresh_id.clone()),
                tries_left: manners.tries,
            }
        };
        self.store.to(&self.site, resource, &fact.instance).map(push).collect()
    }

    fn enqueue(&mut self, now: Instant, push: Push) {
        if self.queue.len() < QUEUE_MAX {
            let due = now.after(self.random.below(self.site.manners.disorder_ns));
            self.queue.insert(due, push);
        }
    }

    /// Sends what is due.
    pub(super) fn deliver(&mut self, now: Instant) {
        while self.next_delivery().is_some_and(|due| due <= now)
            && let Some(push) = self.queue.pop(now)
        {
            if self.store.is_kept(&push.subscription_id) {
                self.send_push(now, push);
            }
        }
    }

    fn send_push(&mut self, now: Instant, mut push: Push) {
        let Ok(endpoint) = Endpoint::parse(&push.endpoint) else { return };
        push.tries_left = push.tries_left.saturating_sub(1);
        let body = push.body.clone();
        let deadline = now.after(self.site.manners.push_ns);
        self.send(Callback { endpoint: &endpoint, body: &body, deadline, purpose: Purpose::Push(push) });
    }

    /// When to deliver next; `None` if there is nothing, or another delivery has to end first.
    pub(super) fn next_delivery(&self) -> Option<Instant> {
        let is_pushing = || self.callbacks.purposes().any(|purpose| matches!(purpose, Purpose::Push(_)));
        self.queue.due().filter(|_| !self.site.manners.sequential || !is_pushing())
    }

    pub(super) fn send(&mut self, callback: Callback<'_, Purpose>) {
        let conn = self.next_conn();
        let action = self.callbacks.send(callback, conn);
        self.actions.push_back(action);
    }

    /// A callback has ended.
    pub(super) fn finish(&mut self, now: Instant, purpose: Purpose, outcome: Outcome) {
        match purpose {
            Purpose::Check(applicant) => self.conclude(now, applicant, outcome),
            Purpose::Push(push) => {
                self.tell(format!("push {} -> {outcome}", push.kind.word()));
                self.judge(&push.endpoint, outcome);
                if !outcome.is_success(self.site.manners) && push.tries_left > 0 {
                    self.send_push(now, push);
                }
            }
        }
        self.deliver(now);
    }

    /// Keeps count of an endpoint's failures. An answer that is not as good as a 204 counts for nothing.
    fn judge(&mut self, endpoint: &str, outcome: Outcome) {
        match outcome {
            _ if outcome.is_success(self.site.manners) => self.store.note_success(endpoint),
            Outcome::Answered(_) => {}
            _ if self.store.note_failure(endpoint) => self.tell(format!("dropped {endpoint}")),
            _ => {}
        }
    }

    /// Lets callbacks go that took too long, and idle connections.
    pub(super) fn expire(&mut self, now: Instant) {
        while let Some((conn, ended)) = self.callbacks.expire(now) {
            self.actions.push_back(Action::Close(conn));
            if let Some((purpose, outcome)) = ended {
                self.finish(now, purpose, outcome);
            }
        }
    }
}

/// Pushes that wait at a time; more are lost.
const QUEUE_MAX: usize = 4096;
