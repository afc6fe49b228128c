//! From the first connection to a verdict, and to the next one: a producer that does everything right.

use crate::bench::{Bench, Depths};
use crate::message::{Body, Framing, Message};
use ptpwatch_core::consumer::{Action, Config, ConnId, Storage};
use ptpwatch_core::dialect::OPENSHIFT_V2;
use ptpwatch_core::event::State;
use ptpwatch_core::http::Method;
use ptpwatch_core::time::{MILLISECOND_NS, SECOND_NS};

const LOCKED: Body = Body::of(
    br#"{"source":"/sync/ptp-status/lock-state","data":{"values":[{"ResourceAddress":
"/cluster/node/n1/ens1fx/master","data_type":"notification","value":"LOCKED"}]}}"#,
);

const OS_LOCKED: Body = Body::of(
    br#"{"source":"/sync/sync-status/os-clock-sync-state","data":{"values":[{
"ResourceAddress":"/cluster/node/n1/CLOCK_REALTIME","data_type":"notification","value":"LOCKED"}]}}"#,
);

const FREERUN: Body = Body::of(
    br#"{"source":"/sync/ptp-status/lock-state","data":{"values":[{"ResourceAddress":
"/cluster/node/n1/ens1fx/master","data_type":"notification","value":"FREERUN"}]}}"#,
);

const NO_CONTENT: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

/// Ends in a panic if the verdict is not what it should be.
pub fn follow(storage: &mut Storage, depths: &mut Depths) {
    let config = Config::new(&OPENSHIFT_V2, "n1", "publisher:9043", "http://192.0.2.1:8989/event");
    let mut bench = Bench::new(storage, config, depths);
    while bench.consumer.verdict().state != State::Locked {
        assert!(bench.now.as_nanos() < 20 * SECOND_NS, "never locked");
        answer_all(&mut bench);
        bench.pass(100 * MILLISECOND_NS);
    }
    let peer = bench.admit().expect("a free slot");
    let start = |writer: &mut ptpwatch_core::http::Writer<'_>| {
        writer.request(Method::Post, &[b"/event"], b"192.0.2.1:8989");
    };
    let push = Message::new(start, FREERUN, Framing::Length);
    assert!(bench.receive(peer, &push, push.length(), usize::MAX));
    assert_eq!(bench.consumer.send_window(peer), NO_CONTENT);
    assert_eq!(bench.consumer.verdict().state, State::Freerun);
    assert_eq!(bench.consumer.stats().misuse, 0);
}

fn answer_all(bench: &mut Bench<'_, '_>) {
    while let Some(action) = bench.next_action() {
        match action {
            Action::Open(conn) => bench.open(conn),
            Action::Write(conn) => answer(bench, conn),
            Action::Close(_) => {}
        }
    }
    bench.drop_notices();
}

/// Answers as the publisher does.
fn answer(bench: &mut Bench<'_, '_>, conn: ConnId) {
    let request = bench.consumer.send_window(conn);
    let holds = |words: &[u8]| request.windows(words.len()).any(|window| window == words);
    let (status, body) = match () {
        () if holds(b"POST ") && holds(b"/lock-state") => (201, SUBSCRIBED_LOCK),
        () if holds(b"POST ") && holds(b"/os-clock-sync-state") => (201, SUBSCRIBED_OS),
        () if holds(b"/lock-state/CurrentState") => (200, LOCKED),
        () if holds(b"/os-clock-sync-state/CurrentState") => (200, OS_LOCKED),
        () if holds(b"GET ") && holds(b"/subscriptions ") => (200, Body::of(b"[]")),
        () => (404, Body::of(b"")),
    };
    let message = Message::new(|writer| writer.status(status), body, Framing::Length);
    bench.send(conn);
    assert!(bench.receive(conn, &message, message.length(), usize::MAX));
}

const SUBSCRIBED_LOCK: Body = Body::of(
    br#"{"SubscriptionId":"1","EndpointUri":"http://192.0.2.1:8989/event",
"ResourceAddress":"/cluster/node/n1/sync/ptp-status/lock-state"}"#,
);

const SUBSCRIBED_OS: Body = Body::of(
    br#"{"SubscriptionId":"2","EndpointUri":"http://192.0.2.1:8989/event",
"ResourceAddress":"/cluster/node/n1/sync/sync-status/os-clock-sync-state"}"#,
);
