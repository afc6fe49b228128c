//! A consumer's life among peers that send anything: events, lists, JSON at its worst, what only looks like HTTP.

use crate::bench::{Bench, Depths};
use crate::message::{Body, Framing, Message};
use crate::random::Random;
use ptpwatch_core::consumer::{Action, Config, ConnId, Resources, Storage};
use ptpwatch_core::dialect::ALL;
use ptpwatch_core::event::Resource;
use ptpwatch_core::http::{Method, Writer};
use ptpwatch_core::time::MILLISECOND_NS;
use ptpwatch_core::verdict::OsClock;

/// Turns of one life.
const TURNS: usize = 40;

pub fn live(storage: &mut Storage, seed: u64, depths: &mut Depths) {
    let random = &mut Random::new(seed);
    let dialect = [None, Some(random.pick(&ALL))][random.below(2)];
    let mut config = Config::new(dialect, "n1", "publisher:9043", "http://192.0.2.1:8989/event");
    config.seed = seed;
    config.resources = Resource::ALL.into_iter().fold(Resources::NONE, Resources::with);
    if dialect.is_some_and(|dialect| !dialect.has(Resource::OsClock)) {
        config.policy.os_clock = OsClock::Info;
    }
    let bench = &mut Bench::new(storage, config, depths);
    for turn in 0..TURNS {
        if turn == TURNS * 3 / 4 && random.once_in(2) {
            bench.stop();
        }
        bench.pass(random.pick(&[0, 1, 100, 1000, 5000, 20_000]) * MILLISECOND_NS);
        if let Some(peer) = bench.admit() {
            let message = request(random);
            send(bench, random, peer, &message);
        }
        obey(bench, random);
        bench.drop_notices();
    }
}

fn obey(bench: &mut Bench<'_, '_>, random: &mut Random) {
    while let Some(action) = bench.next_action() {
        match action {
            Action::Open(conn) if random.once_in(8) => bench.close(conn),
            Action::Open(conn) => bench.open(conn),
            Action::Write(conn) => {
                // To a peer, an answer to an answer is more of what only looks like HTTP.
                let message = response(random);
                bench.send(conn);
                send(bench, random, conn, &message);
            }
            Action::Close(_) => {}
        }
    }
}

fn send(bench: &mut Bench<'_, '_>, random: &mut Random, conn: ConnId, message: &Message) {
    let length = if random.once_in(8) { random.below(message.length()) } else { message.length() };
    // However long it is, a message comes in a few dozen pieces at most: each is measured.
    let piece = random.pick(&[1, 7, 100, 1460, 8192, 8192]).max(length / 32);
    bench.receive(conn, message, length, piece);
    match random.below(8) {
        0 => bench.end(conn),
        1 => bench.close(conn),
        _ => {}
    }
}

fn request(random: &mut Random) -> Message {
    let method = random.pick(&[Method::Post, Method::Post, Method::Post, Method::Get, Method::Head]);
    let path = random.pick(&[&b"/event"[..], b"/event", b"/event", b"/", b"http://192.0.2.1/event?x"]);
    let start = |writer: &mut Writer<'_>| writer.request(method, &[path], b"192.0.2.1:8989");
    message(random, start)
}

fn response(random: &mut Random) -> Message {
    let status = random.pick(&[200, 200, 200, 200, 201, 201, 404, 409, 204, 100, 500]);
    message(random, |writer: &mut Writer<'_>| writer.status(status))
}

fn message(random: &mut Random, start: impl FnOnce(&mut Writer<'_>)) -> Message {
    if random.once_in(8) {
        let hostile = random.pick(&HOSTILE);
        return Message::new(|writer| writer.bytes(hostile), random.pick(&BODIES), Framing::Raw);
    }
    let fields = random.pick(&[0, 0, 3, 30, 40]);
    let start = |writer: &mut Writer<'_>| {
        start(writer);
        (0..fields).for_each(|_| writer.field("X-Filler", b"x"));
    };
    let framing = random.pick(&[Framing::Length, Framing::Length, Framing::Chunked]);
    let mut message = Message::new(start, random.pick(&BODIES), framing);
    if random.once_in(3) {
        message.damage = Some((random.below(message.length()), random.below(256) as u8));
    }
    message
}

/// What no server should send, or that it should not.
const HOSTILE: [&[u8]; 8] = [
    b"hello\r\n\r\n",
    b"POST /event HTTP/1.1\nHost: x\n\n",
    b"POST /event HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"POST /event HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
    b"POST /event HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\na\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\nConnection: close\r\n\r\n",
    b"HTTP/1.0 200 OK\r\n\r\n",
    b"GET /event HTTP/3.0\r\nHost: \xFF\r\nExpect: 100-continue\r\n\r\n",
];

const fn many(open: &'static [u8], unit: &'static [u8], count: usize, close: &'static [u8]) -> Body {
    Body { open, unit, count, close }
}

macro_rules! payload {
    ($name:literal) => {
        Body::of(include_bytes!(concat!("../../../../payloads/", $name, ".json")))
    };
}

const BODIES: [Body; 35] = [
    Body::of(b""),
    Body::of(b"null"),
    Body::of(b"{"),
    payload!("openshift-4.15-v1-currentstate-clock-class"),
    payload!("openshift-4.15-v1-push-clock-class"),
    payload!("openshift-4.15-v1-push-gnss"),
    payload!("openshift-4.15-v1-push-lock-state"),
    payload!("openshift-4.15-v1-push-os-clock-sentinel"),
    payload!("openshift-4.18-v1-hybrid-push-lock-state"),
    payload!("openshift-4.18-v2-push-lock-state"),
    payload!("openshift-4.20-v2-currentstate-metric-only"),
    payload!("openshift-4.20-v2-initial-placeholder"),
    payload!("openshift-4.20-v2-push-sync-state"),
    payload!("openshift-4.20-v2-push-synce-quality"),
    payload!("openshift-4.20-v2-push-synce-state"),
    payload!("openshift-4.20-v2-push-two-nics"),
    payload!("oran-v04-push-data-as-text"),
    payload!("starlingx-5-v1-currentstate-flat"),
    payload!("starlingx-8-v2-currentstate-dict"),
    payload!("starlingx-9-v2-currentstate-array"),
    // As deep as it goes, and deeper.
    many(b"", b"[", 32, b"]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"),
    many(b"", b"{\"values\":[", 16, b"1"),
    many(b"", b"[", 8000, b""),
    // Longer than a window, and than what is drained.
    many(b"[", b"{\"source\":\"x\"},", 3000, b"0]"),
    many(b"\"", b"long ", 20_000, b"\""),
    // More events and values than fit.
    many(
        b"[",
        b"{\"source\":\"/sync/ptp-status/lock-state\",\"data\":{\"values\":[{\"value\":\"LOCKED\"}]}},",
        40,
        b"0]",
    ),
    many(b"{\"source\":\"/sync/ptp-status/lock-state\",\"data\":{\"values\":[", VALUE, 60, b"0]}}"),
    // Escapes wherever there can be one.
    many(b"\"", b"\\ud83d\\ude00\\\"", 500, b"\""),
    many(
        b"{\"source\":\"\\/sync\\/ptp-status\\/lock-state\",\"data\":\"{\\\"values\\\":[",
        ESCAPED_VALUE,
        40,
        b"0]}\"}",
    ),
    // Numbers.
    many(b"[", b"-1.5e+300,", 700, b"0]"),
    many(
        b"{\"time\":1795370096.49,\"data\":{\"values\":[{\"data_type\":\"metric\",\"value\":\"",
        b"9",
        400,
        b"e99\"}]}}",
    ),
    // Subscriptions: ours, another's, more than fit.
    many(b"[", SUBSCRIPTION, 1, b"{}]"),
    many(b"[", SUBSCRIPTION, 200, b"{}]"),
    many(b"[", b"{\"EndpointUri\":\"http://198.51.100.1/\",\"SubscriptionId\":\"7\"},", 300, b"{}]"),
    Body::of(b"{\"message\":\"not registered with the event publisher\"}"),
];

const VALUE: &[u8] =
    b"{\"ResourceAddress\":\"/cluster/node/n1/ens1fx/master\",\"data_type\":\"notification\",\"value\":\"HOLDOVER\"},";

const ESCAPED_VALUE: &[u8] =
    b"{\\\"ResourceAddress\\\":\\\"/cluster/node/n1/ens2fx/master\\\",\\\"data_type\\\":\
    \\\"notification\\\",\\\"value\\\":\\\"FREER\\u0055N\\\"},";

const SUBSCRIPTION: &[u8] = b"{\"EndpointUri\":\"http://192.0.2.1:8989/event\",\"SubscriptionId\":\"3a5c\",\
    \"ResourceAddress\":\"/cluster/node/n1/sync/ptp-status/lock-state\"},";
