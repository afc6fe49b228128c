//! What to ask the producer next: a pure function of what is known and the time.

use super::producer::{Producer, Request, Subscription};
use crate::time::Instant;

/// The next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Ask this now.
    Ask(Request),
    /// Nothing before then.
    Wait(Instant),
    /// Nothing any more.
    Stopped,
}

/// The next step at `now`.
///
/// In this order: what is disputed; the list, which says what is there; CurrentState of what is due and subscriptions
/// that are missing; those that are not wanted. One request at a time.
pub(super) fn next_step(producer: &Producer<'_>, now: Instant) -> Step {
    if producer.is_stopping {
        return stop(producer, now);
    }
    if now < producer.retry_at {
        return Step::Wait(producer.retry_at);
    }
    let next = Next::of(producer, now);
    match next.due {
        Some(Candidate { rank: Rank::Disputed, request, .. }) => Step::Ask(request),
        _ if now >= producer.list_at => Step::Ask(Request::List),
        Some(Candidate { request, .. }) => Step::Ask(request),
        None if !producer.stale.is_empty() => Step::Ask(Request::DeleteStale),
        None => Step::Wait(next.at),
    }
}

/// What is to be asked next, of the polls and the subscriptions there are to make.
struct Next {
    due: Option<Candidate>,
    /// When something is due at the latest.
    at: Instant,
}

/// Something to be asked from then on.
///
/// Of those that are due the first by rank goes first, then whoever waits longest, so that no slow answer starves another
/// resource, and then a poll.
#[derive(Clone, Copy)]
struct Candidate {
    rank: Rank,
    at: Instant,
    is_new: bool,
    request: Request,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Disputed,
    Required,
    Optional,
}

impl Next {
    fn of(producer: &Producer<'_>, now: Instant) -> Self {
        let mut next = Self { due: None, at: producer.list_at };
        for subscription in producer.wanted() {
            let is_required = producer.is_required(subscription.resource);
            let rank = if is_required { Rank::Required } else { Rank::Optional };
            if subscription.can_be_polled() {
                let request = Request::CurrentState(subscription.resource);
                let rank = if subscription.is_urgent { Rank::Disputed } else { rank };
                next.take(now, Candidate { rank, at: subscription.poll_at, is_new: false, request });
            }
            if producer.is_list_known && subscription.is_missing() {
                let request = subscribe(subscription);
                next.take(now, Candidate { rank, at: subscription.retry_at, is_new: true, request });
            }
        }
        next
    }

    fn take(&mut self, now: Instant, candidate: Candidate) {
        self.at = self.at.min(candidate.at);
        let key = |candidate: &Candidate| (candidate.rank, candidate.at, candidate.is_new);
        if candidate.at <= now && self.due.is_none_or(|due| key(&candidate) < key(&due)) {
            self.due = Some(candidate);
        }
    }
}

/// The way out: our subscriptions go, and nobody else's. A producer that does not answer is not waited for.
fn stop(producer: &Producer<'_>, now: Instant) -> Step {
    if producer.is_up != Some(true) || now < producer.retry_at {
        return Step::Stopped;
    }
    match producer.wanted().find(|subscription| subscription.is_named()) {
        Some(held) => Step::Ask(Request::Unsubscribe(held.resource)),
        None if !producer.stale.is_empty() => Step::Ask(Request::DeleteStale),
        None => Step::Stopped,
    }
}

/// How a subscription that is missing is made. What a sidecar still holds has to go first: v1 delivers to what was asked
/// for twice, even when it is deleted.
fn subscribe(subscription: &Subscription) -> Request {
    if subscription.is_forgotten && subscription.is_named() {
        Request::Unsubscribe(subscription.resource)
    } else {
        Request::Subscribe(subscription.resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consumer::Config;
    use crate::consumer::listing::Entry;
    use crate::dialect::OPENSHIFT_V1;
    use crate::event::{Resource, Stage};
    use crate::time::SECOND_NS;
    use crate::track::ChannelSlot;

    const FORGOTTEN: &[u8] =
        br#"{"error":"{\"message\":\"client is not registered with the event publisher x \"}\n"}"#;

    fn entry(id: &str, is_ours: bool) -> Entry {
        let id = heapless::Vec::from_slice(id.as_bytes()).unwrap();
        Entry { id, is_ours: Some(is_ours), resource: Some(Resource::LockState) }
    }

    #[test]
    fn what_the_publisher_forgot_is_deleted_only_while_it_is_ours() {
        let now = Instant::from_nanos(SECOND_NS);
        let config = Config::new(&OPENSHIFT_V1, "n1", "localhost:8089", "http://localhost:8989/event");
        let (mut slots, mut stage) = ([const { ChannelSlot::new() }; 4], Stage::new());
        let mut producer = Producer::new(config, &mut slots, &mut stage, now);
        producer.begin(now, Request::List);
        producer.take_entry(Request::List, &entry("ours", true));
        producer.end_list(now);
        producer.take_refusal(now, Resource::LockState, FORGOTTEN);
        let lock = |producer: &Producer<'_>| producer.subscription(Resource::LockState).cloned().unwrap();
        assert_eq!(subscribe(&lock(&producer)), Request::Unsubscribe(Resource::LockState));
        // The sidecar loses its store before that is asked, and another consumer comes first.
        producer.begin(now, Request::List);
        producer.take_entry(Request::List, &entry("theirs", false));
        producer.end_list(now);
        assert!(!lock(&producer).is_missing());
        assert_eq!(subscribe(&lock(&producer)), Request::Subscribe(Resource::LockState));
    }
}
