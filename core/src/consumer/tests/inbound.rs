//! What peers send, and what they are answered.

use super::*;
use crate::limits::{BODY_NS, DRAIN_MAX, HEAD_NS, IDLE_NS};

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
