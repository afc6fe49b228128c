//! Hostile peers, against the program itself: none of them keeps events out, costs memory, or gets a word into a terminal.

mod admission;
mod bodies;
mod escaping;
mod slow;
mod smuggling;

use std::net::SocketAddr;
use std::process::ExitStatus;

use ptpwatch_tests::peer::{Peer, notification};
use ptpwatch_tests::process::{Files, Running, run};
use serde_json::Value;

/// The path that notifications are taken on.
const PATH: &str = "/event";

/// A consumer whose producer is never there: all that it knows it is told by peers.
struct Target {
    running: Running,
    address: SocketAddr,
}

impl Target {
    fn start(options: &[&str]) -> Self {
        Self::start_with_files(Files::First(1024), options)
    }

    fn start_with_files(files: Files, options: &[&str]) -> Self {
        Self::of("http://127.0.0.1:1", files, options)
    }

    fn of(producer: &str, files: Files, options: &[&str]) -> Self {
        let base = run("openshift-v2", producer);
        let told = ["--callback", "http://127.0.0.1/event", "--log-level", "debug"];
        let running = Running::start_with_files(files, &[&base[..], &told, options].concat());
        let said = running.wait_for_error("listens on ");
        let (_, rest) = said.split_once("listens on ").expect("it says so");
        let (address, _) = rest.split_once(';').expect("lines are whole");
        let address = address.parse().expect("it is an address");
        Self { running, address }
    }

    fn connect(&self) -> Peer {
        Peer::connect(self.address)
    }

    /// Ends it as it should, and returns what it counted: `notifications: 7` and so on.
    fn stop(self) -> String {
        self.running.signal("-TERM");
        let (status, [_, errors]) = self.running.end_with_bytes();
        assert_eq!(status.code(), Some(0));
        last_stats(&String::from_utf8_lossy(&errors))
    }

    /// As [`stop`](Self::stop), and the lines.
    fn stop_with_bytes(self) -> (ExitStatus, [Vec<u8>; 2]) {
        self.running.signal("-TERM");
        self.running.end_with_bytes()
    }
}

/// What was counted in the end.
fn last_stats(errors: &str) -> String {
    let (_, stats) = errors.rsplit_once("in the end: ").expect("it says what it counted");
    stats.lines().next().unwrap_or_default().to_owned()
}

/// One of the counters.
fn counted(stats: &str, name: &str) -> u64 {
    let (_, rest) = stats.split_once(&format!("{name}: ")).expect("it is counted");
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().expect("it is a number")
}

/// A notification that the PTP lock of `instance` is in `state`; `number` of them came before.
fn lock_state(number: usize, instance: &str, state: &str) -> Vec<u8> {
    let (hour, minute, second) = (number / 3600 % 24, number / 60 % 60, number % 60);
    let body = format!(
        r#"{{"id":"{number}","type":"event.sync.ptp-status.ptp-state-change","source":"/cluster/node/node1/sync/ptp-status/lock-state","dataContentType":"application/json","time":"2026-11-22T{hour:02}:{minute:02}:{second:02}Z","data":{{"version":"1.0","values":[{{"ResourceAddress":"/cluster/node/node1/{instance}","data_type":"notification","value_type":"enumeration","value":"{state}"}}]}}}}"#
    );
    notification(PATH, body.as_bytes())
}

/// The producer's live connection: events that come one after the other, each a change.
struct Events {
    peer: Peer,
    sent: usize,
}

impl Events {
    fn begin(target: &Target) -> Self {
        let mut events = Self { peer: target.connect(), sent: 0 };
        events.push();
        events
    }

    /// Posts an event, which has to be answered, and not as the last.
    fn push(&mut self) {
        let state = if self.sent.is_multiple_of(2) { "LOCKED" } else { "HOLDOVER" };
        assert!(self.peer.send(&lock_state(self.sent, "ens1fx/master", state)), "event {}", self.sent);
        let answer = self.peer.answer();
        assert_eq!(answer.as_deref(), Some("HTTP/1.1 204 No Content\r\n\r\n"), "event {}", self.sent);
        self.sent += 1;
    }

    /// Waits until lines tell of every event: each was a change.
    fn wait_until_told(&self, running: &mut Running) {
        let mut told = 0;
        while told < self.sent {
            let line = running.wait_for(r#""kind":"channel""#);
            let line: Value = serde_json::from_str(&line).expect("each line is JSON");
            assert_eq!(line["instance"], "ens1fx/master");
            told += usize::try_from(line["transitions"].as_u64().expect("it is a count")).expect("it fits");
        }
        assert_eq!(told, self.sent);
    }
}
