//! How news gets to the subscribers: queued in order or out of it, sent in turn or at once.

use ptpwatch_core::time::Instant;

use super::callbacks::{Callback, Outcome};
use super::clock::Kind;
use super::endpoint::Endpoint;
use super::event::{Stamp, Value};
use super::manners::{Envelope, Resource};
use super::subscriptions::Wanted;
use super::{Action, Conn, Producer, go};

/// What a callback is made for.
#[derive(Debug)]
pub(super) enum Purpose {
    /// To try the endpoint of someone who subscribes, and waits on `conn` for the answer.
    Check { conn: Conn, wanted: Wanted },
    /// To deliver an event.
    Push { kind: Kind, endpoint: String },
}

/// An event on its way to one subscriber.
#[derive(Debug)]
pub(super) struct Push {
    kind: Kind,
    subscription_id: String,
    endpoint: String,
    body: String,
}

impl Producer {
    /// Queues what is new about a quantity for those who subscribed to it. `cause` is the clock that changed.
    pub(super) fn announce(&mut self, now: Instant, kind: Kind, cause: &str) {
        let manners = self.site.manners;
        let Some(resource) = manners.resource(kind).filter(|_| self.has_data(now) && !self.drops_pushes)
        else {
            return;
        };
        let values = self.site.change(&self.clock, kind, cause);
        let time = go::rfc3339(self.wall_ns(now));
        let fresh_id = self.random.uuid();
        let address = self.site.address(resource);
        let room = QUEUE_MAX.saturating_sub(self.queue.len());
        for subscription in self.store.to(&address).take(room) {
            let stamp = Stamp { fresh_id: fresh_id.clone(), subscription_id: &subscription.id, time: &time };
            let push = Push {
                kind,
                subscription_id: subscription.id.clone(),
                endpoint: subscription.wanted.endpoint.clone().unwrap_or_default(),
                body: self.site.write(&manners.push, resource, &stamp, &values),
            };
            self.pushes_queued += 1;
            let due = now.after(self.random.below(manners.disorder_ns));
            self.queue.insert((due, self.pushes_queued), push);
        }
    }

    /// Sends what is due.
    pub(super) fn deliver(&mut self, now: Instant) {
        while self.next_delivery().is_some_and(|due| due <= now)
            && let Some((_, push)) = self.queue.pop_first()
        {
            let Push { kind, subscription_id, endpoint: uri, body } = push;
            if let Ok(endpoint) = Endpoint::parse(&uri)
                && self.store.is_kept(&subscription_id)
            {
                let deadline = now.after(self.site.manners.push_ns);
                let purpose = Purpose::Push { kind, endpoint: uri };
                self.send(Callback { endpoint: &endpoint, body: &body, deadline, purpose });
            }
        }
    }

    /// When to deliver next; `None` if there is nothing, or another delivery has to end first.
    pub(super) fn next_delivery(&self) -> Option<Instant> {
        let is_pushing = || self.callbacks.purposes().any(|purpose| matches!(purpose, Purpose::Push { .. }));
        let ((due, _), _) = self.queue.first_key_value()?;
        (!self.site.manners.sequential || !is_pushing()).then_some(*due)
    }

    pub(super) fn send(&mut self, callback: Callback<'_, Purpose>) {
        let conn = self.next_conn();
        let action = self.callbacks.send(callback, conn);
        self.actions.push_back(action);
    }

    /// A callback has ended.
    pub(super) fn finish(&mut self, now: Instant, purpose: Purpose, outcome: Outcome) {
        match purpose {
            Purpose::Check { conn, wanted } => self.conclude(now, conn, wanted, outcome),
            Purpose::Push { kind, endpoint } => {
                self.tell(format!("push {} -> {outcome}", kind.word()));
                self.judge(&endpoint, outcome);
            }
        }
        self.deliver(now);
    }

    /// Keeps count of an endpoint's failures. An answer that is not 204 counts for nothing.
    fn judge(&mut self, endpoint: &str, outcome: Outcome) {
        match outcome {
            Outcome::Answered(204) => self.store.note_success(endpoint),
            Outcome::Answered(_) => {}
            _ if self.store.note_failure(endpoint) => self.tell(format!("dropped {endpoint}")),
            _ => {}
        }
    }

    /// The body of an event that is made for one listener.
    pub(super) fn write_event(
        &mut self,
        now: Instant,
        envelope: &Envelope,
        about: &Resource,
        values: &[Value],
    ) -> String {
        let time = go::rfc3339(self.wall_ns(now));
        let stamp = Stamp { fresh_id: self.random.uuid(), subscription_id: "", time: &time };
        self.site.write(envelope, about, &stamp, values)
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
