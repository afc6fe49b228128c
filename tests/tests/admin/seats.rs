//! Who is slow, silent or many keeps nobody out.

use ptpwatch_tests::peer::Peer;

use super::Instance;

const SEATS: usize = 16;
const STREAMS: usize = 8;

#[test]
fn peers_that_say_nothing_yield() {
    let instance = Instance::alone(&[]);
    let mut silent: Vec<Peer> = (0..3 * SEATS).map(|_| instance.connect()).collect();
    assert_eq!(instance.get("/livez").1, "ok\n");
    let closed = silent.iter_mut().map(Peer::is_closed).filter(|is_closed| *is_closed).count();
    assert!(closed >= 2 * SEATS, "{closed}");
}

/// Half a request is given up after a while, and told so.
#[test]
fn half_requests_hold_no_seat_for_long() {
    let instance = Instance::alone(&[]);
    let mut half: Vec<Peer> = (0..SEATS).map(|_| instance.connect()).collect();
    for peer in &mut half {
        peer.send(b"GET /livez HTTP/1.1\r\nHost: ");
    }
    assert_eq!(instance.get("/livez").1, "ok\n");
    for mut peer in half {
        assert!(peer.rest().starts_with("HTTP/1.1 408 "));
    }
}

#[test]
fn readers_of_changes_leave_seats_for_questions() {
    let mut instance = Instance::alone(&[]);
    let mut readers: Vec<Peer> = (0..STREAMS).map(|_| instance.connect()).collect();
    for reader in &mut readers {
        reader.send(b"GET /events HTTP/1.1\r\nHost: us\r\n\r\n");
        assert!(reader.until(b"event: snapshot\n").is_some());
    }
    let (head, body) = instance.get("/events");
    assert!(head.starts_with("HTTP/1.1 503 ") && head.contains("\r\nRetry-After: 5\r\n"), "{head}");
    assert_eq!(body, "there are too many readers\n");
    assert_eq!(instance.metric("ptpwatch_event_streams"), 8.0);
    // Those who listen are not taken for idle.
    let _silent: Vec<Peer> = (0..2 * SEATS).map(|_| instance.connect()).collect();
    assert_eq!(instance.get("/livez").1, "ok\n");
    assert!(!readers.iter_mut().any(Peer::is_closed));
    drop(readers);
    instance.wait_until("they are missed", |instance| instance.metric("ptpwatch_event_streams") == 0.0);
    let mut again = instance.connect();
    again.send(b"GET /events HTTP/1.1\r\nHost: us\r\n\r\n");
    assert!(again.until(b"event: snapshot\n").is_some());
}

/// Whoever does not read its answers is given up, and nobody waits for it meanwhile: neither questions nor events.
#[test]
fn a_peer_that_reads_nothing_is_given_up() {
    let mut instance = Instance::alone(&[]);
    let mut slow = instance.connect();
    // Answers of more than any kernel keeps for a connection.
    for _ in 0..2000 {
        if !slow.send("GET /metrics HTTP/1.1\r\nHost: us\r\n\r\n".repeat(10).as_bytes()) {
            break;
        }
    }
    let mut producer = instance.producer();
    while instance.running.is_alive() && !slow.has_failed() {
        producer.post(10);
        assert_eq!(instance.get("/livez").1, "ok\n");
        slow.send(b"GET /");
    }
    assert_eq!(instance.stop().last().map(|line| line.contains("SIGTERM")), Some(true));
}
