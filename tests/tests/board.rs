//! The image for a board without an operating system: booted on an emulated one, beside `simulate`.
//!
//! `tests/board/run` builds the image and runs these.

use std::fs;
use std::net::SocketAddr;

use ptpwatch_tests::board::Board;
use ptpwatch_tests::process::{Running, address_of_our_own, subscriptions};

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
    let script = std::env::temp_dir().join(format!("ptpwatch-outages-{}", std::process::id()));
    fs::write(&script, OUTAGES).expect("there is room for it");
    let (mut simulate, producer) = Running::producer(DIALECT, script.to_str().expect("it is text"));
    fs::remove_file(&script).expect("it was there");
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
fn a_main_loop_that_hangs_says_unknown_and_begins_anew() {
    const BRANCH_TO_ITSELF: u16 = 0xE7FE;
    let (_simulate, producer) = Running::producer(DIALECT, "locked");
    let mut board = Board::following(address(&producer));
    board.uart.wait_for("VERDICT LOCKED");
    board.wait_for_pins(&[1]);
    let starts = board.starts();
    board.derail(BRANCH_TO_ITSELF);
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
    // What a panic is, too.
    const UNDEFINED: u16 = 0xDE00;
    let (_simulate, producer) = Running::producer(DIALECT, "locked");
    let mut board = Board::following(address(&producer));
    board.uart.wait_for("VERDICT LOCKED");
    board.wait_for_pins(&[1]);
    board.derail(UNDEFINED);
    board.uart.wait_for("fault pc 20008000");
    board.wait_for_pins(&[0]);
    board.uart.wait_for("ptpwatch starts");
    board.uart.wait_for("VERDICT LOCKED");
}

#[test]
#[ignore = "takes an image: tests/board/run"]
fn a_board_without_settings_says_so() {
    let mut board = Board::with_settings("node=node1\n", address_of_our_own());
    board.uart.wait_for("settings: producer");
    board.wait_for_pins(&[0]);
}

fn address(producer: &str) -> SocketAddr {
    producer.trim_start_matches("http://").parse().expect("it is an address")
}

/// Shows what it said, the stack that it took among it.
fn tell(board: &Board) {
    println!("{}", board.uart.seen.join("\n"));
}
