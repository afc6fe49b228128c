use super::*;
use crate::dialect::{OPENSHIFT_V1, OPENSHIFT_V2};
use crate::event::State;
use crate::limits::{BODY_NS, DRAIN_MAX, HEAD_NS, IDLE_NS, REQUEST_MAX, RX_MIN, TX_MIN};
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
fn a_head_that_came_before_means_what_it_means_when_it_is_read() {
    let lines = "POST /event HTTP/1.1\r\nHost: a\r\n";
    for head in [
        lines,
        &lines.replace("1.1", "1.0"),
        &format!("{lines}Connection: close\r\n"),
        &format!("{lines}Expect: 100-continue\r\n"),
    ] {
        let request = |length: usize, body: &str| format!("{head}Content-Length: {length}\r\n\r\n{body}");
        // The one saw the same head before, the other another one.
        let (mut known, mut other) = (Bench::new(), Bench::new());
        for message in [
            request(2, "{}"),
            request(EVENT.len(), EVENT),
            request(0, ""),
            [request(EVENT.len(), EVENT), request(3, " {}"), request(2, "{}")].concat(),
            request(DRAIN_MAX + 1, "{}"),
            request(2, "{}").replace("Length: 2", "Length: 2 2"),
            request(2, "{}").replace("Host: a", "Host: a\r\nHost: a"),
        ] {
            for piece in [1, 2, 3, 7, 100, usize::MAX] {
                let told =
                    [(&mut known, request(2, "{}")), (&mut other, post("{}"))].map(|(bench, first)| {
                        let conn = bench.peer();
                        assert!(bench.exchange(conn, &first).contains("204"));
                        bench.consumer.handle_closed(bench.now, conn);
                        let conn = bench.peer();
                        let (answers, _) = bench.send(conn, message.as_bytes(), piece);
                        let closes = bench.closes(conn);
                        bench.consumer.handle_closed(bench.now, conn);
                        (answers, closes, bench.consumer.stats())
                    });
                assert_eq!(told[0], told[1], "{message} in pieces of {piece}");
            }
        }
    }
}

#[test]
fn a_notification_is_tracked_and_answered_in_any_pieces() {
    let chunked = format!(
        "POST http://x/event?a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{}\r\n{:x};e\r\n{}\r\n0\r\nT: 1\r\n\r\n",
        &EVENT[..16],
        EVENT.len() - 16,
        &EVENT[16..]
    );
    // With a head that is not known, one that is, and chunks.
    for (before, request) in [("", post(EVENT)), (&*post("{}"), post(EVENT)), ("", chunked)] {
        for piece in [1, 2, 3, 7, 100, usize::MAX] {
            let mut bench = Bench::new();
            let conn = bench.peer();
            bench.exchange(conn, before);
            let (answer, all) = bench.send(conn, request.as_bytes(), piece);
            assert_eq!((answer.as_str(), all), (NO_CONTENT, true), "{piece}");
            let channel = bench.consumer.channels().next().unwrap();
            assert_eq!((channel.state(), channel.instance()), (State::Locked, &b"ens1fx/master"[..]));
            assert!(!bench.closes(conn));
        }
    }
}

#[test]
fn whatever_is_posted_to_our_path_is_answered_204() {
    let mut bench = Bench::new();
    let conn = bench.peer();
    let nested = "[".repeat(6000);
    for body in ["", " ", "null", "[]", "{}", "{", "\u{1F552}", "\"\\ud800\"", EVENT, &nested] {
        assert_eq!(bench.exchange(conn, &post(body)), NO_CONTENT, "{body}");
    }
    assert_eq!(bench.exchange(conn, "POST /event HTTP/1.1\r\n\r\n"), NO_CONTENT);
    assert_eq!(
        bench.send(conn, b"POST /event HTTP/1.1\r\nContent-Length: 2\r\n\r\n\xFF\xFE", 1).0,
        NO_CONTENT
    );
    let stats = bench.consumer.stats();
    assert_eq!((stats.notifications, stats.empty, stats.malformed, stats.events), (12, 3, 4, 1));
    assert_eq!(stats.misuse, 0);
}

#[test]
fn bodies_over_the_window_are_drained_and_longer_ones_refused() {
    for length in [8193, 26_000, DRAIN_MAX] {
        let mut bench = Bench::new();
        let conn = bench.peer();
        let (answer, all) = bench.send(conn, post(&"[".repeat(length)).as_bytes(), usize::MAX);
        assert_eq!((answer.as_str(), all), (NO_CONTENT, true), "{length}");
        assert_eq!(bench.consumer.stats().oversized, 1);
        assert_eq!(bench.exchange(conn, &post(EVENT)), NO_CONTENT, "the connection goes on");
        let chunks = format!("1f40\r\n{}\r\n", "[".repeat(8000)).repeat(length / 8000 + 1);
        let request = format!("POST /event HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n");
        if length < DRAIN_MAX {
            assert_eq!(bench.send(conn, request.as_bytes(), 1000), (NO_CONTENT.to_owned(), true));
        }
    }
    let mut bench = Bench::new();
    let conn = bench.peer();
    let answer = bench.exchange(conn, "POST /event HTTP/1.1\r\nContent-Length: 10485760\r\n\r\n[[[[");
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(bench.closes(conn));
    let mut bench = Bench::new();
    let conn = bench.peer();
    let chunks = format!("1f40\r\n{}\r\n", "[".repeat(8000)).repeat(100);
    let request = format!("POST /event HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
    let (answer, all) = bench.send(conn, request.as_bytes(), usize::MAX);
    assert!(answer.starts_with("HTTP/1.1 413 ") && !all, "{answer}");
    assert!(bench.closes(conn));
}

#[test]
fn other_paths_and_methods_are_told_so_and_kept() {
    let mut bench = Bench::new();
    let conn = bench.peer();
    let long = "x".repeat(9000);
    for (request, status) in [
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), "404 Not Found"),
        ("POST /events HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc".to_owned(), "404 Not Found"),
        (format!("POST / HTTP/1.1\r\nContent-Length: 9000\r\n\r\n{long}"), "404 Not Found"),
        ("GET /event HTTP/1.1\r\n\r\n".to_owned(), "405 Method Not Allowed"),
        ("HEAD /event HTTP/1.1\r\n\r\n".to_owned(), "405 Method Not Allowed"),
        ("OPTIONS * HTTP/1.1\r\n\r\n".to_owned(), "404 Not Found"),
    ] {
        let answer = bench.exchange(conn, &request);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{answer}");
        assert!(answer.ends_with("Content-Length: 0\r\n\r\n"), "{answer}");
        assert_eq!(answer.contains("Allow: POST"), status.starts_with("405"));
    }
    assert!(!bench.closes(conn));
    assert_eq!(bench.consumer.stats().misdirected, 6);
}

#[test]
fn what_is_no_http_is_refused_and_closed() {
    let long_head = format!("POST /event HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(100_000));
    for (request, status) in [
        ("hello\r\n\r\n", "400"),
        ("POST /event HTTP/1.1\nHost: x\n\n", "400"),
        ("POST /event HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "400"),
        ("POST /event HTTP/1.1\r\nContent-Length: +1\r\n\r\na", "400"),
        ("POST /event HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
        ("POST /event HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", "400"),
        ("POST /event HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "501"),
        ("POST /event HTTP/3.0\r\n\r\n", "505"),
        (long_head.as_str(), "431"),
    ] {
        let mut bench = Bench::new();
        let conn = bench.peer();
        let answer = bench.exchange(conn, request);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(answer.contains("Connection: close\r\n"), "{answer}");
        assert!(bench.closes(conn));
    }
}

#[test]
fn pipelined_requests_are_answered_in_order_within_the_send_window() {
    let mut bench = Bench::new();
    let conn = bench.peer();
    let requests = [post(EVENT).as_str(), "GET / HTTP/1.1\r\n\r\n", &post("")].concat().repeat(40);
    let mut rest = requests.as_bytes();
    let mut answers = String::new();
    while !rest.is_empty() {
        let window = bench.consumer.recv_window(conn);
        let count = window.len().min(rest.len());
        window[..count].copy_from_slice(&rest[..count]);
        rest = &rest[count..];
        bench.consumer.handle_received(bench.now, conn, count);
        // Whoever takes answers a few bytes at a time still gets all of them.
        while !bench.consumer.send_window(conn).is_empty() {
            let bytes = bench.consumer.send_window(conn);
            let bytes = bytes[..bytes.len().min(50)].to_vec();
            answers.push_str(core::str::from_utf8(&bytes).unwrap());
            bench.consumer.handle_sent(bench.now, conn, bytes.len());
        }
    }
    assert_eq!(answers.matches("HTTP/1.1 204").count(), 80);
    assert_eq!(answers.matches("HTTP/1.1 404").count(), 40);
    assert!(answers.starts_with("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 404"));
}

#[test]
fn a_body_that_is_all_there_is_as_long_as_any_may_be() {
    let mut bench = Bench::with_room::<{ DRAIN_MAX + 256 }>();
    for (length, expected) in [(DRAIN_MAX, "HTTP/1.1 204 "), (DRAIN_MAX + 1, "HTTP/1.1 413 ")] {
        // With a head that is not known, and one that is.
        for before in ["GET / HTTP/1.1\r\n\r\n", &post("")] {
            let conn = bench.peer();
            bench.exchange(conn, before);
            let answer = bench.exchange(conn, &post(&" ".repeat(length)));
            assert!(answer.starts_with(expected), "{answer}");
            bench.consumer.handle_closed(bench.now, conn);
        }
    }
}

/// Some of a head was read before it was known as a whole, and what was read is no part of the next.
#[test]
fn a_head_that_is_known_by_its_second_half_leaves_nothing_behind() {
    let head = post("").len();
    for split in 1..head {
        let mut bench = Bench::new();
        let conn = bench.peer();
        assert_eq!(bench.exchange(conn, &post("")), NO_CONTENT);
        let request = post(EVENT);
        let (front, back) = request.split_at(split);
        assert_eq!([bench.exchange(conn, front), bench.exchange(conn, back)].concat(), NO_CONTENT);
        let answer = bench.exchange(conn, "GET /a HTTP/1.1\r\nHost: a\r\nAccept: b\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 404 "), "{split}: {answer}");
        assert_eq!(bench.consumer.stats().events, 1, "{split}");
    }
}

#[test]
fn keep_alive_is_what_the_peer_asks_for() {
    let mut bench = Bench::new();
    let conn = bench.peer();
    let answer =
        bench.exchange(conn, "POST /event HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(answer, "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n");
    let answer = bench.exchange(conn, "POST /event HTTP/1.0\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(answer, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    assert!(bench.closes(conn));
    let conn = bench.peer();
    let answer =
        bench.exchange(conn, "POST /event HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    assert!(answer.ends_with("Connection: close\r\n\r\n"));
    assert!(bench.closes(conn));
}

#[test]
fn who_waits_for_continue_is_told_to_go_on() {
    let mut bench = Bench::new();
    let conn = bench.peer();
    let head =
        format!("POST /event HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n", EVENT.len());
    assert_eq!(bench.exchange(conn, &head), "HTTP/1.1 100 Continue\r\n\r\n");
    assert_eq!(bench.exchange(conn, EVENT), NO_CONTENT);
}

#[test]
fn slow_peers_are_closed() {
    let mut bench = Bench::new();
    let (head, body, idle) = (bench.peer(), bench.peer(), bench.peer());
    assert_eq!(bench.exchange(head, "POST /ev"), "");
    assert_eq!(bench.exchange(body, "POST /event HTTP/1.1\r\nContent-Length: 9\r\n\r\n["), "");
    bench.pass(HEAD_NS - 1);
    assert_eq!(bench.take(head), "");
    // A byte now and then makes no difference: the time runs from the first.
    bench.exchange(head, "e");
    bench.exchange(body, "1");
    bench.pass(1);
    assert!(bench.take(head).starts_with("HTTP/1.1 408 "));
    assert!(bench.closes(head));
    bench.pass(BODY_NS - HEAD_NS);
    assert!(bench.take(body).starts_with("HTTP/1.1 408 "));
    assert!(bench.closes(body));
    bench.pass(IDLE_NS);
    assert_eq!(bench.exchange(idle, &post(EVENT)), NO_CONTENT, "who has sent nothing is left alone");
    assert_eq!(bench.consumer.stats().slow, 2);
}

#[test]
fn strangers_yield_to_newcomers_and_known_peers_do_not() {
    let mut bench = Bench::new();
    let (known, half, silent) = (bench.peer(), bench.peer(), bench.peer());
    assert_eq!(bench.exchange(known, &post(EVENT)), NO_CONTENT, "strangers cost nobody a connection");
    bench.exchange(half, "POST");
    let newcomer = bench.peer();
    assert_eq!(bench.consumer.admit(bench.now), None, "one at a time, until the action is taken");
    assert!(bench.closes(half), "the oldest stranger yields");
    let other = bench.peer();
    assert!(bench.closes(silent));
    for conn in [known, newcomer] {
        assert_eq!(bench.exchange(conn, &post(EVENT)), NO_CONTENT);
    }
    let answer = bench.exchange(other, &post(EVENT));
    assert!(answer.contains("Connection: close"), "nobody would yield any more, so nobody idles: {answer}");
    assert_eq!(bench.consumer.stats().misuse, 0);
}

#[test]
fn a_peer_that_sends_no_more_still_gets_its_answers() {
    let mut bench = Bench::new();
    let conn = bench.peer();
    let request = post(EVENT);
    let window = bench.consumer.recv_window(conn);
    window[..request.len()].copy_from_slice(request.as_bytes());
    bench.consumer.handle_received(bench.now, conn, request.len());
    bench.consumer.handle_end(bench.now, conn);
    assert!(bench.consumer.recv_window(conn).is_empty(), "the end has come, and comes once");
    bench.consumer.handle_received(bench.now, conn, 1);
    assert_eq!(bench.consumer.stats().misuse, 1, "nothing comes after it");
    assert!(!bench.closes(conn));
    assert_eq!(bench.take(conn), NO_CONTENT);
    assert!(bench.closes(conn));
    let conn = bench.peer();
    bench.exchange(conn, "POST /event HTTP/1.1\r\nContent-Length: 9\r\n\r\n[");
    bench.consumer.handle_end(bench.now, conn);
    assert!(bench.closes(conn), "half a message is worth no answer");
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
fn the_producer_is_asked_again_and_again_with_growing_pauses() {
    let storage: &'static mut Storage<2, 2048, 1536, 4> = Box::leak(Box::default());
    let config = Config::new(&OPENSHIFT_V2, "n1", "localhost:9043", "http://localhost:8989/event");
    let mut now = Instant::from_nanos(0);
    let mut consumer = Consumer::new(storage, config, now).unwrap();
    let mut waits = vec![];
    for _ in 0..12 {
        let Some(Action::Open(conn)) = consumer.poll_action() else { panic!("it opens") };
        consumer.handle_closed(now, conn);
        let next = consumer.poll_timeout().unwrap();
        waits.push(next.since(now) / 1_000_000);
        now = next;
        consumer.handle_timeout(now);
    }
    assert!(waits.windows(2).all(|pair| pair[1] > pair[0] || pair[1] >= 2500), "{waits:?}");
    assert!(waits.iter().all(|wait| (50..=5000).contains(wait)), "{waits:?}");
    assert_eq!(consumer.link().trouble, Some(Trouble::Unreachable));
    assert_eq!(consumer.verdict().state, State::Unknown);
}

/// Whether a word fits into the window is no matter of the pieces that it comes in.
#[test]
fn a_number_fits_into_the_window_or_not_in_any_pieces() {
    // A number is no endpoint; one that is passed over may have been somebody's.
    let is_taken = |length: usize, piece: usize| {
        let list = format!(
            r#"[{{"id":"a","resource":"/cluster/node/n1/sync/ptp-status/lock-state","endpointUri":{}}}]"#,
            "1".repeat(length)
        );
        let chunks = list.as_bytes().chunks(64);
        let chunks: String = chunks
            .map(|chunk| format!("{:x}\r\n{}\r\n", chunk.len(), str::from_utf8(chunk).unwrap()))
            .collect();
        let answer = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n");
        let mut storage = Storage::<2, 2048, 1536, 4>::new();
        let config = Config::new(&OPENSHIFT_V1, "n1", "localhost:8089", "http://localhost:8989/event");
        let now = Instant::from_nanos(SECOND_NS);
        let mut bench = Bench { consumer: Consumer::new(&mut storage, config, now).unwrap(), now };
        let Some(Action::Open(conn)) = bench.consumer.poll_action() else { panic!("it opens") };
        bench.consumer.handle_opened(now, conn);
        bench.take(conn);
        assert!(bench.send(conn, answer.as_bytes(), piece).1);
        bench.consumer.link().taken == 1
    };
    assert!(!is_taken(1900, 1) && is_taken(2050, 1));
    for length in 1900..2050 {
        let expected = is_taken(length, 1);
        for piece in [7, 100, 1000, usize::MAX] {
            assert_eq!(is_taken(length, piece), expected, "{length} in pieces of {piece}");
        }
    }
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

/// A producer that answers each request by `answer`, over `millis` virtual milliseconds; the requests, by their first
/// lines.
fn served(
    role: crate::verdict::Role,
    millis: u64,
    mut answer: impl FnMut(&str, u64) -> (u64, String),
) -> Vec<String> {
    let mut storage: Storage = Storage::default();
    let mut config = Config::new(&OPENSHIFT_V2, "n1", "localhost:9043", "http://localhost:8989/event");
    config.policy = crate::verdict::Policy::for_role(role);
    let mut now = Instant::from_nanos(0);
    let mut consumer = Consumer::new(&mut storage, config, now).unwrap();
    let (mut requests, mut pending): (Vec<String>, Option<(Instant, String)>) = (vec![], None);
    let mut open = None;
    while now < Instant::from_nanos(millis * 1_000_000) {
        while let Some(action) = consumer.poll_action() {
            match action {
                Action::Open(conn) => {
                    open = Some(conn);
                    consumer.handle_opened(now, conn);
                }
                Action::Close(_) => (open, pending) = (None, None),
                Action::Write(conn) => {
                    let request = String::from_utf8(consumer.send_window(conn).to_vec()).unwrap();
                    consumer.handle_sent(now, conn, request.len());
                    if let Some(line) = request.lines().next() {
                        let (wait, text) = answer(&request, now.as_nanos() / 1_000_000);
                        pending = Some((now.after(wait * 1_000_000), text));
                        requests.push(line.to_owned());
                    }
                }
            }
        }
        while consumer.poll_notice().is_some() {}
        let at = pending.as_ref().map_or(Instant::MAX, |(at, _)| *at);
        let next = consumer.poll_timeout().unwrap_or(Instant::MAX).min(at);
        now = now.max(next);
        match (open, pending.take_if(|(at, _)| *at <= now)) {
            (Some(conn), Some((_, text))) => {
                consumer.recv_window(conn)[..text.len()].copy_from_slice(text.as_bytes());
                consumer.handle_received(now, conn, text.len());
            }
            _ => consumer.handle_timeout(now),
        }
    }
    requests
}

fn status(line: &str, body: &str) -> String {
    format!("HTTP/1.1 {line}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

#[test]
fn slow_answers_starve_neither_subscriptions_nor_other_resources() {
    // Whatever is said of the PTP lock takes five seconds; this node has none, and nobody requires it.
    let requests = served(crate::verdict::Role::Ntp, 120_000, |request, _| {
        let is_lock = request.contains("lock-state");
        let text = if request.starts_with("GET /api/ocloudNotifications/v2/subscriptions") {
            status("200 OK", "[]")
        } else {
            status("404 Not Found", "")
        };
        (if is_lock { 5000 } else { 1 }, text)
    });
    let of_os = requests.iter().filter(|line| line.contains("os-clock") || line.starts_with("POST")).count();
    assert!(of_os > 20, "{requests:#?}");
    assert!(requests.iter().any(|line| line.contains("os-clock-sync-state/CurrentState")), "{requests:#?}");
}

#[test]
fn a_subscription_that_is_refused_as_doubled_and_not_listed_is_not_asked_for_in_a_loop() {
    let requests = served(crate::verdict::Role::OrdinaryClock, 60_000, |request, _| {
        let text = match request.split(' ').next() {
            Some("POST") => status("409 Conflict", ""),
            _ if request.contains("CurrentState") => status("404 Not Found", ""),
            _ => status("200 OK", "[]"),
        };
        (1, text)
    });
    let posts = requests.iter().filter(|line| line.starts_with("POST")).count();
    assert!((10..200).contains(&posts), "{posts} of {}", requests.len());
}

#[test]
fn a_flood_delays_no_answer_to_the_check_of_our_endpoint() {
    let mut bench = Bench::new();
    let (flood, check) = (bench.peer(), bench.peer());
    let events = post(EVENT).repeat(100);
    let mut rest = events.as_bytes();
    // A peer that sends and sends, and takes no answer.
    loop {
        let window = bench.consumer.recv_window(flood);
        let count = window.len().min(rest.len());
        if count == 0 {
            break;
        }
        window[..count].copy_from_slice(&rest[..count]);
        rest = &rest[count..];
        bench.consumer.handle_received(bench.now, flood, count);
    }
    assert!(!rest.is_empty(), "it is held back");
    assert_eq!(bench.exchange(check, &post("")), NO_CONTENT);
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
