//! What to ask the producer next: a pure function of what is known and the time.

use super::producer::{Producer, Request, Standing, Subscription};
use crate::event::Resource;
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
    if let Some(resource) = polled(producer).find(|resource| is_urgent(producer, *resource, now)) {
        return Step::Ask(Request::CurrentState(resource));
    }
    if now >= producer.list_at {
        return Step::Ask(Request::List);
    }
    let due = candidates(producer).filter(|candidate| candidate.at <= now);
    if let Some(candidate) = due.min_by_key(|candidate| (!candidate.is_required, candidate.at)) {
        return Step::Ask(candidate.request);
    }
    if !producer.stale.is_empty() {
        return Step::Ask(Request::DeleteStale);
    }
    Step::Wait(candidates(producer).map(|candidate| candidate.at).fold(producer.list_at, Instant::min))
}

/// Something to be asked from then on.
struct Candidate {
    request: Request,
    at: Instant,
    is_required: bool,
}

/// The polls and the subscriptions there are to make: of those that are due the required come first, and then whoever
/// waits longest, so that no slow answer starves another resource.
fn candidates(producer: &Producer<'_>) -> impl Iterator<Item = Candidate> {
    let is_required = |resource| producer.is_required(resource);
    let polls = polled(producer).map(move |resource| Candidate {
        request: Request::CurrentState(resource),
        at: poll_at(producer, resource),
        is_required: is_required(resource),
    });
    let subscriptions = missing(producer).map(move |resource| Candidate {
        request: subscribe(producer, resource),
        at: retry_at(producer, resource),
        is_required: is_required(resource),
    });
    polls.chain(subscriptions)
}

/// The way out: our subscriptions go, and nobody else's. A producer that does not answer is not waited for.
fn stop(producer: &Producer<'_>, now: Instant) -> Step {
    if producer.link().is_up != Some(true) || now < producer.retry_at {
        return Step::Stopped;
    }
    let is_held = |resource: &Resource| {
        producer.subscription(*resource).is_some_and(|subscription| {
            subscription.standing == Standing::Held && !subscription.id.is_empty()
        })
    };
    match producer.wanted().find(is_held) {
        Some(resource) => Step::Ask(Request::Unsubscribe(resource)),
        None if !producer.stale.is_empty() => Step::Ask(Request::DeleteStale),
        None => Step::Stopped,
    }
}

/// The resources that CurrentState can be asked for: somebody holds a subscription, or we have tried.
fn polled(producer: &Producer<'_>) -> impl Iterator<Item = Resource> {
    producer.wanted().filter(|resource| {
        producer.subscription(*resource).is_some_and(|subscription| {
            subscription.standing != Standing::Missing || subscription.attempts > 0
        })
    })
}

/// The resources to subscribe to.
fn missing(producer: &Producer<'_>) -> impl Iterator<Item = Resource> {
    producer.wanted().filter(|resource| {
        producer.is_list_known && producer.subscription(*resource).is_some_and(Subscription::is_missing)
    })
}

/// How a subscription that is missing is made. What a sidecar still holds has to go first: v1 delivers to what was asked
/// for twice, even when it is deleted.
fn subscribe(producer: &Producer<'_>, resource: Resource) -> Request {
    let is_held = |subscription: &Subscription| {
        subscription.is_forgotten && subscription.standing == Standing::Held && !subscription.id.is_empty()
    };
    if producer.subscription(resource).is_some_and(is_held) {
        Request::Unsubscribe(resource)
    } else {
        Request::Subscribe(resource)
    }
}

fn is_urgent(producer: &Producer<'_>, resource: Resource, now: Instant) -> bool {
    producer
        .subscription(resource)
        .is_some_and(|subscription| subscription.is_urgent && now >= subscription.poll_at)
}

fn poll_at(producer: &Producer<'_>, resource: Resource) -> Instant {
    producer.subscription(resource).map_or(Instant::MAX, |subscription| subscription.poll_at)
}

fn retry_at(producer: &Producer<'_>, resource: Resource) -> Instant {
    producer.subscription(resource).map_or(Instant::MAX, |subscription| subscription.retry_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consumer::Config;
    use crate::consumer::listing::Entry;
    use crate::dialect::OPENSHIFT_V1;
    use crate::event::Stage;
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
        assert_eq!(subscribe(&producer, Resource::LockState), Request::Unsubscribe(Resource::LockState));
        // The sidecar loses its store before that is asked, and another consumer comes first.
        producer.begin(now, Request::List);
        producer.take_entry(Request::List, &entry("theirs", false));
        producer.end_list(now);
        assert!(missing(&producer).all(|resource| resource != Resource::LockState));
        assert_eq!(subscribe(&producer, Resource::LockState), Request::Subscribe(Resource::LockState));
    }
}
