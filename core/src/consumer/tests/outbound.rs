//! What the producer is asked, and what its answers come to.

use super::*;

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
