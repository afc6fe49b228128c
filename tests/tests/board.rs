//! The image for a board without an operating system: booted on an emulated one, beside `simulate`.
//!
//! `tests/board/run` builds the image and runs these.

use std::net::SocketAddr;
use std::time::Instant;

use ptpwatch_tests::board::Board;
use ptpwatch_tests::peer::{Peer, address_of_our_own, notification, subscriptions};
use ptpwatch_tests::process::{PATIENCE, Running};

const DIALECT: &str = "openshift-v2";

/// An outage, over and over again: whenever the board comes, all of it is still to be played.
const OUTAGES: &str = "os-clock LOCKED offset 20
lock-state LOCKED offset -3
clock-class 6
loop
    wait 10s
    ptp HOLDOVER
    clock-class 135
    wait 10s
    ptp FREERUN
    clock-class 165
    wait 10s
    ptp LOCKED offset 5
    clock-class 6
end
";

#[test]
#[ignore = "takes an image: tests/board/run"]
fn the_verdicts_are_those_of_the_outage_that_is_played() {
    let (mut simulate, producer) = Running::producer_of(DIALECT, OUTAGES);
    let mut board = Board::following(address(&producer));
    // It may come in the middle of an outage; from here on every verdict counts.
    board.uart.wait_for("VERDICT LOCKED");
    let mut played = Vec::new();
    let mut before = "LOCKED";
    for (next, reason, number, after) in
        [("HOLDOVER", "lock-holdover", 2, 3), ("FREERUN", "lock-freerun", 3, 1), ("LOCKED", "", 1, 2)]
    {
        let line = board.wait_for_verdict(before, next);
        assert!(line.contains(reason), "{line} without {reason}");
        // On a machine that is busy with other things, the next may be there by now.
        board.wait_for_pins(&[number, after]);
        before = next;
        // What is told was played before, and in this order.
        played.push(simulate.wait_for(&format!("lock-state {next}")));
    }
    assert_eq!(subscriptions(&producer, DIALECT), 5);
    tell(&board);
}

#[test]
#[ignore = "takes an image: tests/board/run"]
fn a_producer_that_was_killed_is_subscribed_again() {
    let address = address_of_our_own();
    let producer = format!("http://{address}");
    let start = || {
        let listen = address.to_string();
        let mut simulate =
            Running::start(&["simulate", "--listen", &listen, "--dialect", DIALECT, "--script", "locked"]);
        simulate.wait_for("127.0.0.1:");
        simulate
    };
    let simulate = start();
    let mut board = Board::following(address);
    board.uart.wait_for("subscribed 5 of 5");
    board.wait_for_pins(&[1]);
    drop(simulate);
    board.uart.wait_for("LINK down");
    let _simulate = start();
    assert_eq!(subscriptions(&producer, DIALECT), 0);
    board.uart.wait_for("LINK up");
    board.uart.wait_for("subscribed 5 of 5");
    assert_eq!(subscriptions(&producer, DIALECT), 5);
    board.wait_for_pins(&[1]);
    assert!(!board.uart.seen.iter().any(|line| line.contains("FREERUN")), "{:#?}", board.uart.seen);
    tell(&board);
}

#[test]
#[ignore = "takes an image: tests/board/run"]
fn strangers_keep_no_event_out() {
    const FREERUN: &[u8] = br#"{"source":"/sync/ptp-status/lock-state","data":{"values":[{"ResourceAddress":
"/cluster/node/node1/ens1f0/master","data_type":"notification","value":"FREERUN"}]}}"#;
    let (_simulate, producer) = Running::producer(DIALECT, "locked");
    let mut board = Board::following(address(&producer));
    board.uart.wait_for("subscribed 5 of 5");
    for _ in 0..100 {
        let mut stranger = Peer::connect(board.door);
        let answer =
            if stranger.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n") { stranger.answer() } else { None };
        assert!(answer.is_none_or(|answer| answer.starts_with("HTTP/1.1 404 ")));
    }
    // More than it has connections, and none says a word.
    let _silent: Vec<_> = (0..20).map(|_| Peer::connect(board.door)).collect();
    let is_taken = || {
        let mut peer = Peer::connect(board.door);
        peer.send(&notification("/event", FREERUN))
            && peer.answer().is_some_and(|answer| answer.contains("204"))
    };
    let end = Instant::now() + PATIENCE;
    while !is_taken() {
        assert!(Instant::now() < end, "no event comes in:\n{}", board.uart.seen.join("\n"));
    }
    board.wait_for_verdict("LOCKED", "FREERUN");
    let starts = board.uart.seen.iter().filter(|line| line.contains("ptpwatch starts")).count();
    assert_eq!(starts, 1, "{:#?}", board.uart.seen);
}

#[test]
#[ignore = "takes an image: tests/board/run"]
fn a_main_loop_that_hangs_says_unknown_and_begins_anew() {
    // Most of the time it sleeps, with interrupts disabled. A branch to itself.
    const HANG: [u16; 2] = [ENABLE_INTERRUPTS, 0xE7FE];
    let (_simulate, producer) = Running::producer(DIALECT, "locked");
    let mut board = Board::following(address(&producer));
    board.uart.wait_for("VERDICT LOCKED");
    board.wait_for_pins(&[1]);
    let starts = board.starts();
    board.derail(HANG);
    board.wait_for_pins(&[0]);
    board.uart.wait_for("ptpwatch starts");
    board.uart.wait_for("VERDICT LOCKED");
    board.wait_for_pins(&[1]);
    // So that ports and sequence numbers are others than before.
    assert_eq!(board.starts(), starts + 1);
}

#[test]
#[ignore = "takes an image: tests/board/run"]
fn a_fault_is_told_and_followed_by_a_reset() {
    // Undefined, as a panic is.
    const FAULT: [u16; 2] = [ENABLE_INTERRUPTS, 0xDE00];
    let (_simulate, producer) = Running::producer(DIALECT, "locked");
    let mut board = Board::following(address(&producer));
    board.uart.wait_for("VERDICT LOCKED");
    board.wait_for_pins(&[1]);
    board.derail(FAULT);
    board.uart.wait_for("fault pc 20008002");
    board.wait_for_pins(&[0]);
    board.uart.wait_for("ptpwatch starts");
    board.uart.wait_for("VERDICT LOCKED");
}

#[test]
#[ignore = "takes an image: tests/board/run"]
fn a_board_without_settings_says_so() {
    let mut board = Board::with_settings("node=node1\n");
    board.uart.wait_for("settings: producer");
    board.wait_for_pins(&[0]);
}

/// `cpsie i`
const ENABLE_INTERRUPTS: u16 = 0xB662;

fn address(producer: &str) -> SocketAddr {
    producer.trim_start_matches("http://").parse().expect("it is an address")
}

/// Shows what it said, the stack that it took among it.
fn tell(board: &Board) {
    println!("{}", board.uart.seen.join("\n"));
}
