//! The consumer as embedders see it.

mod inbound;
mod outbound;

use super::*;
use crate::dialect::{OPENSHIFT_V1, OPENSHIFT_V2};
use crate::event::State;
use crate::limits::{REQUEST_MAX, RX_MIN, TX_MIN};
use crate::time::SECOND_NS;

/// A consumer whose producer never answers: what peers send is all that happens.
struct Bench<'s> {
    consumer: Consumer<'s>,
    now: Instant,
}

const EVENT: &str = r#"{"source":"/cluster/node/n1/sync/ptp-status/lock-state","data":{"values":[{"resource":
"/cluster/node/n1/ens1fx/master","dataType":"notification","valueType":"enumeration","value":"LOCKED"}]}}"#;

const NO_CONTENT: &str = "HTTP/1.1 204 No Content\r\n\r\n";

impl Bench<'static> {
    fn new() -> Self {
        Self::with_room::<8192>()
    }

    /// One that receives into so many bytes from each peer.
    fn with_room<const RX: usize>() -> Self {
        let storage: &'static mut Storage<4, RX> = Box::leak(Box::default());
        let config = Config::new(&OPENSHIFT_V1, "n1", "localhost:8089", "http://localhost:8989/event");
        let now = Instant::from_nanos(SECOND_NS);
        Self { consumer: Consumer::new(storage, config, now).unwrap(), now }
    }
}

impl Bench<'_> {
    fn peer(&mut self) -> ConnId {
        self.consumer.admit(self.now).unwrap()
    }

    /// Sends as much as is taken, and collects what is answered on the way; whether all was taken.
    fn send(&mut self, conn: ConnId, mut bytes: &[u8], piece: usize) -> (String, bool) {
        let mut answers = String::new();
        while !bytes.is_empty() {
            let window = self.consumer.recv_window(conn);
            let count = window.len().min(bytes.len()).min(piece);
            if count == 0 {
                return (answers, false);
            }
            window[..count].copy_from_slice(&bytes[..count]);
            bytes = &bytes[count..];
            self.consumer.handle_received(self.now, conn, count);
            answers.push_str(&self.take(conn));
        }
        (answers, true)
    }

    fn take(&mut self, conn: ConnId) -> String {
        let bytes = self.consumer.send_window(conn).to_vec();
        self.consumer.handle_sent(self.now, conn, bytes.len());
        String::from_utf8(bytes).unwrap()
    }

    fn exchange(&mut self, conn: ConnId, request: &str) -> String {
        self.send(conn, request.as_bytes(), usize::MAX).0
    }

    fn closes(&mut self, conn: ConnId) -> bool {
        let mut closes = false;
        while let Some(action) = self.consumer.poll_action() {
            closes |= action == Action::Close(conn);
        }
        closes
    }

    fn pass(&mut self, nanos: u64) {
        self.now = self.now.after(nanos);
        self.consumer.handle_timeout(self.now);
    }
}

fn post(body: &str) -> String {
    format!("POST /event HTTP/1.1\r\nHost: localhost:8989\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// As who says when to be here again, and takes "never" for a time. What was due then was due again at once, for ever.
#[test]
fn never_is_no_time_to_be_at() {
    let mut bench = Bench::new();
    let [half_head, half_body] = [bench.peer(), bench.peer()];
    assert_eq!(
        bench.exchange(half_body, "POST /event HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{"),
        ""
    );
    bench.now = Instant::MAX;
    assert_eq!(bench.exchange(half_head, "GET / HTTP/1.1\r\nHost: a\r\n"), "");
    for _ in 0..2 {
        bench.consumer.handle_timeout(bench.now);
        while let Some(action) = bench.consumer.poll_action() {
            if let Action::Open(conn) = action {
                bench.consumer.handle_opened(bench.now, conn);
            }
        }
    }
    bench.consumer.handle_stop(bench.now);
    assert_eq!(bench.consumer.poll_timeout(), None);
}

#[test]
fn misuse_is_inert_and_counted() {
    let mut bench = Bench::new();
    let conn = bench.peer();
    bench.consumer.handle_received(bench.now, conn, usize::MAX);
    bench.consumer.handle_sent(bench.now, conn, usize::MAX);
    bench.consumer.handle_closed(bench.now, conn);
    bench.consumer.handle_received(bench.now, conn, 1);
    bench.consumer.handle_opened(bench.now, conn);
    bench.consumer.handle_closed(bench.now, conn);
    assert!(bench.consumer.recv_window(conn).is_empty() && bench.consumer.send_window(conn).is_empty());
    assert_eq!(bench.consumer.stats().misuse, 4);
}

#[test]
fn bytes_behind_a_peer_s_end_are_misuse() {
    let mut bench = Bench::new();
    let (conn, now, message) = (bench.peer(), bench.now, post(EVENT));
    bench.consumer.recv_window(conn)[..message.len()].copy_from_slice(message.as_bytes());
    bench.consumer.handle_received(now, conn, message.len());
    // It waits for its answer.
    bench.consumer.handle_end(now, conn);
    bench.consumer.handle_received(now, conn, 0);
    assert_eq!(bench.consumer.stats().misuse, 0);
    bench.consumer.handle_received(now, conn, 1);
    assert_eq!(bench.consumer.stats().misuse, 1);
}

#[test]
fn random_bytes_are_answered_or_closed_and_nothing_is_lost() {
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    let mut bench = Bench::new();
    let alphabet = b"POST /event HTTP/1.1\r\n\r\n:0123456789abcdef{}[]\",\\\x00\xFF";
    for _ in 0..2000 {
        let conn = bench.peer();
        let mut bytes = if next() % 2 == 0 { post(EVENT).into_bytes() } else { vec![] };
        for _ in 0..next() % 300 {
            bytes.push(alphabet[next() as usize % alphabet.len()]);
        }
        bench.send(conn, &bytes, next() as usize % 40 + 1);
        bench.consumer.handle_end(bench.now, conn);
        bench.take(conn);
        bench.consumer.handle_closed(bench.now, conn);
        bench.closes(conn);
    }
    let conn = bench.peer();
    assert_eq!(bench.exchange(conn, &post(EVENT)), NO_CONTENT);
    assert_eq!(bench.consumer.stats().misuse, 0);
}

#[test]
fn a_known_word_beside_an_unknown_one_is_no_good_news() {
    let mut bench = Bench::new();
    let conn = bench.peer();
    let value = |word: &str| {
        format!(
            r#"{{"resource":"/cluster/node/n1/ens1fx/master","dataType":"notification","value":"{word}"}}"#
        )
    };
    let body = |words: [&str; 2]| {
        format!(
            r#"{{"source":"/cluster/node/n1/sync/ptp-status/lock-state","data":{{"values":[{},{}]}}}}"#,
            value(words[0]),
            value(words[1])
        )
    };
    bench.exchange(conn, &post(&body(["LOCKED", "LOCKED"])));
    assert_eq!(bench.consumer.channels().next().unwrap().state(), State::Locked);
    bench.exchange(conn, &post(&body(["DEGRADED", "LOCKED"])));
    assert_eq!(bench.consumer.channels().next().unwrap().state(), State::Unknown);
    bench.exchange(conn, &post(&body(["FREERUN", "DEGRADED"])));
    assert_eq!(bench.consumer.channels().next().unwrap().state(), State::Freerun);
}

#[test]
fn memory_can_be_lent_again() {
    let mut storage: Storage = Storage::default();
    let config = Config::new(&OPENSHIFT_V1, "n1", "localhost:8089", "http://localhost:8989/event");
    for _ in 0..3 {
        let now = Instant::from_nanos(SECOND_NS);
        let mut bench = Bench { consumer: Consumer::new(&mut storage, config, now).unwrap(), now };
        let conns = [bench.peer(), bench.peer(), bench.peer()];
        assert_eq!(bench.consumer.channels().count(), 0);
        assert!(bench.exchange(conns[0], &post(EVENT)).starts_with("HTTP/1.1 204"));
        bench.exchange(conns[1], "POST /ev");
        assert_eq!(bench.consumer.channels().count(), 1);
    }
}

#[test]
fn a_config_that_cannot_work_is_refused() {
    let storage: &'static mut Storage = Box::leak(Box::default());
    let config = Config::new(&OPENSHIFT_V2, "", "localhost:9043", "http://localhost:8989/event");
    assert_eq!(Consumer::new(storage, config, Instant::default()).unwrap_err(), ConfigError::Node);
}

#[test]
fn memory_that_is_too_small_or_uneven_is_refused() {
    let is_enough = |count: usize, receive: usize, send: usize, channels: usize| {
        let (mut receive, mut send) = (vec![0; receive], vec![0; send]);
        let (mut conns, mut channels) = (vec![Conn::new(); count], vec![ChannelSlot::new(); channels]);
        let memory = Memory {
            receive: &mut receive,
            send: &mut send,
            conns: &mut conns,
            channels: &mut channels,
            stage: &mut crate::event::Stage::new(),
        };
        let config = Config::new(&OPENSHIFT_V2, "n1", "localhost:9043", "http://localhost:8989/event");
        match Consumer::new(memory, config, Instant::default()) {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(error, ConfigError::Memory);
                false
            }
        }
    };
    let send = REQUEST_MAX + 2 * TX_MIN;
    assert!(is_enough(3, 3 * RX_MIN, send, 2));
    for (count, receive, send, channels) in [
        (0, 3 * RX_MIN, send, 2),
        (1, 3 * RX_MIN, send, 2),
        (3, 3 * RX_MIN - 3, send, 2),
        (3, 3 * RX_MIN + 1, send, 2),
        (3, 3 * RX_MIN, send - 1, 2),
        (3, 3 * RX_MIN, send, 1),
    ] {
        assert!(!is_enough(count, receive, send, channels), "{count} {receive} {send} {channels}");
    }
}
