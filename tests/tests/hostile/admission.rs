//! Who gets a seat when there are not enough, and a file descriptor when there are none.

use std::time::Instant;

use ptpwatch_tests::peer::Peer;
use ptpwatch_tests::process::{Files, PATIENCE};

use super::{Events, PATH, Target, counted, notification};

/// Seats for peers: one of 16 connections is to the producer.
const SEATS: usize = 15;

#[test]
fn a_half_finished_stranger_yields_to_a_newcomer() {
    let target = Target::start(&["--connections", "16"]);
    let mut strangers: Vec<Peer> = (0..SEATS).map(|_| stranger(&target)).collect();
    let mut newcomer = target.connect();
    assert!(newcomer.send(&notification(PATH, b"{}")));
    assert_eq!(newcomer.answer().as_deref(), Some("HTTP/1.1 204 No Content\r\n\r\n"));
    // The answer came, so whoever had to make room for it has.
    assert_eq!(strangers[0].rest(), "", "the oldest goes, without a word");
    assert!(strangers[1..].iter_mut().all(|stranger| !stranger.is_closed()));
    let stats = target.stop();
    assert_eq!((counted(&stats, "evicted"), counted(&stats, "notifications")), (1, 1), "{stats}");
}

#[test]
fn strangers_cost_a_live_connection_nothing() {
    let mut target = Target::start(&["--connections", "16"]);
    let mut events = Events::begin(&target);
    let mut strangers = Vec::new();
    for _ in 0..20 * SEATS {
        strangers.push(stranger(&target));
        events.push();
    }
    events.wait_until_told(&mut target.running);
    let stats = target.stop();
    assert_eq!(counted(&stats, "notifications"), events.sent as u64, "{stats}");
    assert!(counted(&stats, "evicted") + counted(&stats, "slow") >= (20 * SEATS - SEATS) as u64, "{stats}");
}

/// File descriptors for the program itself, and a few peers.
const FILES: u32 = 32;

#[test]
fn events_go_on_without_file_descriptors_and_newcomers_come_in_once_there_are_some() {
    let mut target = Target::start_with_files(Files::Most(FILES), &["--connections", "64"]);
    let mut events = Events::begin(&target);
    let strangers: Vec<Peer> = (0..2 * FILES).map(|_| target.connect()).collect();
    let end = Instant::now() + PATIENCE;
    while !target.running.errors().contains("cannot accept connections") {
        assert!(Instant::now() < end, "{FILES} file descriptors are enough");
        events.push();
    }
    let mut waiting = target.connect();
    assert!(waiting.send(&notification(PATH, b"{}")));
    // Each answer ends a turn: by now there was a try to let it in.
    (0..100).for_each(|_| events.push());
    assert!(target.running.is_alive());
    // What could not be had is tried again at leisure, and not told each time: a try to connect may free one for a while.
    let errors = target.running.errors();
    assert!(errors.matches("cannot accept connections").count() <= 3, "{errors}");
    assert!(errors.contains(&format!("we get {FILES} at most")), "{errors}");
    drop(strangers);
    // Nobody knocks any more: whoever waits is remembered.
    assert_eq!(waiting.answer().as_deref(), Some("HTTP/1.1 204 No Content\r\n\r\n"));
    let mut newcomer = target.connect();
    assert!(newcomer.send(&notification(PATH, b"{}")));
    assert_eq!(newcomer.answer().as_deref(), Some("HTTP/1.1 204 No Content\r\n\r\n"));
    events.push();
    events.wait_until_told(&mut target.running);
    let stats = target.stop();
    assert_eq!(counted(&stats, "notifications"), events.sent as u64 + 2, "{stats}");
}

/// A limit of our own is raised, so that seats run out first: for them strangers yield.
#[test]
fn each_seat_has_a_file_descriptor() {
    let target = Target::start_with_files(Files::First(FILES), &["--connections", "64"]);
    let _strangers: Vec<Peer> = (0..200).map(|_| target.connect()).collect();
    let mut newcomer = target.connect();
    assert!(newcomer.send(&notification(PATH, b"{}")));
    assert_eq!(newcomer.answer().as_deref(), Some("HTTP/1.1 204 No Content\r\n\r\n"));
    let (_, [_, errors]) = target.stop_with_bytes();
    let errors = String::from_utf8_lossy(&errors);
    assert!(!errors.contains("file descriptors") && !errors.contains("cannot accept"), "{errors}");
}

/// A peer that has begun a message, and the program knows it.
fn stranger(target: &Target) -> Peer {
    let mut peer = target.connect();
    assert!(peer.send(b"POST /event HTTP/1.1\r\n"));
    peer
}
