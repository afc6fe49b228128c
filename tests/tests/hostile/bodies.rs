//! Bodies of ten megabytes: refused without being read into memory.

use std::fs;

use super::{Events, Target, counted};

const BODY: usize = 10_000_000;
const COUNT: u64 = 50;
/// What the memory of the program may grow by for anything else, in kilobytes: one body has forty times as much.
const GROWTH_MAX_KB: u64 = 256;

/// Resident memory of a process, in kilobytes.
#[derive(Debug)]
struct Resident {
    /// What is no file's, now.
    own: u64,
    /// The most there ever was.
    peak: u64,
}

impl Resident {
    fn of(pid: u32) -> Self {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
        let kb = |name| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("Linux says so");
            line.trim().trim_end_matches(" kB").parse().expect("it is a number")
        };
        Self { own: kb("RssAnon:"), peak: kb("VmHWM:") }
    }
}

/// Sends ten megabytes behind `head`, piece by piece, until the other side has enough.
fn refuse(target: &Target, head: &str, piece: &[u8]) {
    let mut peer = target.connect();
    assert!(peer.send(head.as_bytes()));
    let mut sent = 0;
    while sent < BODY && peer.send(piece) {
        sent += piece.len();
    }
    // Whoever goes on sending may lose the answer with the connection.
    let answer = peer.rest();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

fn grows_by_nothing(head: &str, piece: &[u8]) {
    let target = Target::start(&[]);
    // All windows are touched once, by bodies that are drained.
    let drained = format!("POST /event HTTP/1.1\r\nContent-Length: 60000\r\n\r\n{}", "x".repeat(60_000));
    let mut peers: Vec<_> = (0..40).map(|_| target.connect()).collect();
    for peer in &mut peers {
        assert!(peer.send(drained.as_bytes()));
        assert!(peer.answer().expect("it is answered").starts_with("HTTP/1.1 204 "));
    }
    drop(peers);
    refuse(&target, head, piece);
    let mut events = Events::begin(&target);
    let before = Resident::of(target.running.pid());
    for _ in 0..COUNT {
        refuse(&target, head, piece);
        events.push();
    }
    let after = Resident::of(target.running.pid());
    println!("{COUNT} bodies of {BODY} bytes: in kilobytes {before:?}, then {after:?}");
    assert!(after.own <= before.own + GROWTH_MAX_KB, "{before:?}, then {after:?}");
    assert!(after.peak <= before.peak + GROWTH_MAX_KB, "{before:?}, then {after:?}");
    let stats = target.stop();
    assert_eq!(counted(&stats, "oversized"), 40 + COUNT + 1, "{stats}");
    assert_eq!(counted(&stats, "notifications"), 40 + events.sent as u64, "{stats}");
}

#[test]
fn a_long_body_with_its_length_told_costs_no_memory() {
    let head = format!("POST /event HTTP/1.1\r\nContent-Length: {BODY}\r\n\r\n");
    grows_by_nothing(&head, &[b'['; 64 * 1024]);
}

#[test]
fn a_long_body_in_chunks_costs_no_memory() {
    let head = "POST /event HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = format!("4000\r\n{}\r\n", "[".repeat(0x4000));
    grows_by_nothing(head, chunk.repeat(4).as_bytes());
}

/// The length alone decides: the answer is there before the body.
#[test]
fn a_long_body_is_refused_by_its_length() {
    let target = Target::start(&[]);
    let mut peer = target.connect();
    assert!(peer.send(format!("POST /event HTTP/1.1\r\nContent-Length: {BODY}\r\n\r\n").as_bytes()));
    let answer = peer.rest();
    assert_eq!(answer, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}
