//! The admin port of the program itself, what it shows in a browser and in a terminal, and the journal.

mod answers;
mod browser;
mod journal;
mod scrape;
mod seats;
mod streams;
mod watch;

use std::net::SocketAddr;
use std::time::Instant;

use ptpwatch_tests::peer::{Peer, notification};
use ptpwatch_tests::process::{PATIENCE, Running, run};
use serde_json::{Value, json};

/// A consumer with an admin port.
struct Instance {
    running: Running,
    admin: SocketAddr,
    /// Where it awaits events.
    events: SocketAddr,
}

impl Instance {
    /// One that follows the producer at `producer`.
    fn of(producer: &str, options: &[&str]) -> Self {
        let base = run("openshift-v2", producer);
        let told = ["--log-level", "info", "--admin", "127.0.0.1:0"];
        Self::started(Running::start(&[&base[..], &told, options].concat()))
    }

    /// One that is told all it knows by peers, for its producer is never there, and it knows that.
    fn alone(options: &[&str]) -> Self {
        let told = ["--callback", "http://127.0.0.1/event"];
        let instance = Self::of("http://127.0.0.1:1", &[&told, options].concat());
        instance.running.wait_for_error("the producer is lost: ");
        instance
    }

    fn started(running: Running) -> Self {
        let admin = said(&running, "the admin port is http://");
        let events = said(&running, "listens on ");
        Self { running, admin, events }
    }

    fn connect(&self) -> Peer {
        Peer::connect(self.admin)
    }

    /// The head and the body of the answer to a GET.
    fn get(&self, path: &str) -> (String, String) {
        let mut peer = self.connect();
        peer.send(format!("GET {path} HTTP/1.1\r\nHost: us\r\nConnection: close\r\n\r\n").as_bytes());
        let head = peer.answer().expect("an answer");
        (head, peer.rest())
    }

    fn state(&self) -> Value {
        serde_json::from_str(&self.get("/state").1).expect("it is JSON")
    }

    /// The value of a metric, by its name and labels as they stand in the text.
    fn metric(&self, series: &str) -> f64 {
        let (_, text) = self.get("/metrics");
        let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {series} in {text}")).parse().expect("it is a number")
    }

    /// Waits until `holds`.
    fn wait_until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds(self) {
            assert!(self.running.is_alive(), "it has ended: {}", self.running.errors());
            assert!(Instant::now() < end, "{what}: {}\n{}", self.state(), self.running.errors());
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }

    /// Somebody who posts events.
    fn producer(&self) -> Poster {
        Poster { peer: Peer::connect(self.events), sent: 0 }
    }

    /// Ends it; returns what it wrote to stdout.
    fn stop(self) -> Vec<String> {
        self.running.signal("-TERM");
        let (status, lines) = self.running.end();
        assert_eq!(status.code(), Some(0));
        lines
    }
}

/// What the verdict is in turn where a producer is [`restless`].
const ROUND: [&str; 4] = ["LOCKED", "HOLDOVER", "FREERUN", "LOCKED"];

/// A producer whose clock is lost and found for ever: who comes late sees the next round.
fn restless() -> (Running, String) {
    let lines = "os-clock LOCKED\nlock-state LOCKED\nclock-class 6\nloop\nwait 5s\nptp HOLDOVER\nclock-class 135\n\
                 wait 3s\nptp FREERUN\nclock-class 165\nwait 3s\nptp LOCKED\nclock-class 6\nend\n";
    Running::producer_of("openshift-v2", lines)
}

/// The address that stands behind `what` in what a program said on stderr.
fn said(running: &Running, what: &str) -> SocketAddr {
    let errors = running.wait_for_error(what);
    let (_, rest) = errors.split_once(what).expect("it says so");
    let end = rest.find(|letter: char| letter.is_whitespace() || letter == ';');
    rest[..end.expect("lines are whole")].parse().expect("it is an address")
}

/// Somebody who posts events, each a change of the PTP lock.
struct Poster {
    peer: Peer,
    sent: usize,
}

impl Poster {
    /// Posts so many events, and waits for their answers.
    fn post(&mut self, count: usize) {
        for _ in 0..count {
            let state = ["LOCKED", "HOLDOVER"][self.sent % 2];
            self.sent += 1;
            self.post_lock("ens1fx/master", state);
        }
    }

    fn post_lock(&mut self, instance: &str, state: &str) {
        let address = format!("/cluster/node/node1/{instance}");
        let event = json!({
            "id": "1", "source": "/sync/ptp-status/lock-state", "time": "2026-11-22T09:30:00Z",
            "data": {"version": "1.0", "values": [
                {"ResourceAddress": address, "data_type": "notification", "value": state},
            ]},
        });
        assert!(self.peer.send(&notification("/event", event.to_string().as_bytes())));
        assert!(self.peer.answer().expect("an answer").starts_with("HTTP/1.1 204"));
    }
}

#[test]
fn an_address_in_use_is_refused_by_name() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let taken = taken.local_addr().expect("it has one").to_string();
    let arguments = [&run("openshift-v2", "http://127.0.0.1:1")[..], &["--admin", &taken]].concat();
    let (status, [_, errors]) = Running::start(&arguments).end_with_bytes();
    let errors = String::from_utf8_lossy(&errors).into_owned();
    assert_eq!((status.code(), errors.lines().count()), (Some(2), 1), "{errors}");
    assert!(errors.starts_with(&format!("ptpwatch: --admin {taken}: ")), "{errors}");
}

#[test]
fn demo_has_the_port_too() {
    let mut running =
        Running::start(&["demo", "--admin", "127.0.0.1:0", "--log-level", "info", "--format", "json"]);
    let admin = said(&running, "the admin port is http://");
    running.wait_for(r#""state":"LOCKED""#);
    let mut peer = Peer::connect(admin);
    peer.send(b"GET /state HTTP/1.1\r\nHost: us\r\n\r\n");
    let (_, body) = peer.request().expect("an answer");
    let state: Value = serde_json::from_slice(&body).expect("it is JSON");
    assert_eq!(state["node"], "node1");
    running.signal("-TERM");
    assert_eq!(running.end().0.code(), Some(0));
}
