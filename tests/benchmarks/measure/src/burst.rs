//! A burst of events on one connection, the next before the answer to the last.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::thread;

use crate::client::{Client, Events};
use crate::memory::Resident;
use crate::server::{Server, shipped};
use crate::table::{Row, whole};

pub(crate) fn measure() -> Vec<Row> {
    let mut server = Server::ptpwatch(&[], &shipped(), &[], Stdio::piped());
    let lines = BufReader::new(server.process.0.stdout.take().expect("it is piped"));
    let transitions = thread::spawn(move || transitions(lines));
    let mut receiver = Client::connect(server.address, Events::InTurn);
    // The first takes what a burst takes: lines wait for who reads them.
    burst(&mut receiver);
    let before = Resident::of(&server);
    burst(&mut receiver);
    let after = Resident::of(&server);
    server.end();
    // The first event repeats what the producer has said at the start, which was a transition too.
    let tracked = transitions.join().expect("it does not panic") - BURST as u64;
    vec![Row {
        measure: "100,000 events on one connection, pipelined: answered, transitions tracked".to_owned(),
        ours: format!("{}, {}", whole(BURST as f64), whole(tracked as f64)),
        ratio: format!("RssAnon {:+} kB beside the burst before", after.anonymous - before.anonymous),
        wanted: "all, in order; 0",
        ..Row::default()
    }]
}

fn burst(receiver: &mut Client) {
    let mut sender = receiver.other_half();
    thread::scope(|scope| {
        scope.spawn(move || (0..BURST / BATCH).for_each(|_| sender.send(BATCH)));
        receiver.receive(BURST);
    });
}

/// Transitions of lock-state in JSON lines.
fn transitions(lines: impl BufRead) -> u64 {
    let lines = lines.lines().map(|line| line.expect("it is text"));
    let of_lock = lines.filter(|line| line.contains(r#""resource":"lock-state""#));
    let count = |line: String| -> u64 {
        let number = line.split(r#""transitions":"#).nth(1).expect("each has some");
        let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().expect("a number")
    };
    of_lock.map(count).sum()
}

/// An even number: the next event is LOCKED again.
const BURST: usize = 100_000;
/// Events that are sent at once.
const BATCH: usize = 100;
