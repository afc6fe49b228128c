//! wrk, which posts events from the second core.

use std::io::Read;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::client::Events;
use crate::server::{Process, Server, built};

/// What posts `events` to a server at `address`, for so long as wrk writes it.
pub(crate) fn command(address: SocketAddr, conns: usize, events: Events, duration: &str) -> Command {
    let mut wrk = Command::new("taskset");
    wrk.args(["-c", "1", "wrk", "--threads", "1", "--duration", duration, "--timeout", PATIENCE])
        .args(["--connections", &conns.to_string()])
        .args(["--script", "post.lua", &format!("http://{address}/event"), "--"])
        .arg("payloads/v1-compact.json");
    if events == Events::InTurn {
        wrk.arg("in-turn");
    }
    wrk.current_dir(built("").join("../tests/benchmarks"));
    wrk
}

/// A server and its wrk that work in their turns only, and stand still between them.
#[derive(Debug)]
pub(crate) struct Alternating {
    server: Server,
    wrk: Process,
    /// What all turns took.
    asked: Duration,
}

impl Alternating {
    /// Starts wrk, which is the first turn.
    pub(crate) fn start(server: Server, conns: usize, events: Events) -> Self {
        let start = Instant::now();
        let wrk = Process::spawn(command(server.address, conns, events, "1m").stdout(Stdio::piped()));
        let mut pair = Self { server, wrk, asked: Duration::ZERO };
        pair.rest_of_turn(start);
        pair
    }

    /// Has wrk ask for [`TURN`].
    pub(crate) fn turn(&mut self) {
        let start = self.go_on();
        self.rest_of_turn(start);
    }

    /// Ends both after a last turn, and gives the events a second of all of them.
    pub(crate) fn end(mut self) -> f64 {
        let start = self.go_on();
        // A signal that comes while all threads stand still goes to any of them; the one that waits for it is the first.
        thread::sleep(TURN);
        signal(&self.wrk, Signal::INT);
        let mut said = Vec::new();
        let stdout = self.wrk.0.stdout.as_mut().expect("it is piped");
        stdout.read_to_end(&mut said).expect("a pipe can be read");
        let turn = start.elapsed();
        assert!(turn < 20 * TURN, "wrk took {turn:?} to end");
        self.asked += turn;
        Said::parse(&said).count() / self.asked.as_secs_f64()
    }

    fn go_on(&self) -> Instant {
        signal(&self.server.process, Signal::CONT);
        let start = Instant::now();
        signal(&self.wrk, Signal::CONT);
        start
    }

    fn rest_of_turn(&mut self, start: Instant) {
        thread::sleep(TURN);
        signal(&self.wrk, Signal::STOP);
        self.asked += start.elapsed();
        signal(&self.server.process, Signal::STOP);
    }
}

fn signal(process: &Process, signal: Signal) {
    kill_process(Pid::from_child(&process.0), signal).expect("it is a child of ours");
}

/// What wrk said, of a server that answered everything.
#[derive(Debug)]
pub(crate) struct Said(String);

impl Said {
    pub(crate) fn parse(stdout: &[u8]) -> Self {
        let said = String::from_utf8_lossy(stdout).into_owned();
        assert!(!said.contains("Non-2xx") && !said.contains("Socket errors"), "{said}");
        Self(said)
    }

    /// Events in all: `131482 requests in 1.10s`.
    pub(crate) fn count(&self) -> f64 {
        let word = self.0.split(" requests in ").next().and_then(|text| text.split_whitespace().last());
        word.and_then(|word| word.parse().ok()).unwrap_or_else(|| panic!("no count in: {}", self.0))
    }
}

/// Longer by far than a server's caches take to be warm, and shorter than what else the machine does.
const TURN: Duration = Duration::from_millis(50);
/// How long an answer may take, for wrk stands still most of the time.
const PATIENCE: &str = "1m";
