//! wrk, which posts events from the second core.

use std::io::Read;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::client::Events;
use crate::server::{Process, built};

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

/// A wrk that posts in its turns only, and is stopped between them.
#[derive(Debug)]
pub(crate) struct InTurns {
    process: Process,
    /// What all its turns took.
    asked: Duration,
}

impl InTurns {
    /// Starts it, which is its first turn.
    pub(crate) fn start(address: SocketAddr, conns: usize, events: Events) -> Self {
        let start = Instant::now();
        let process = Process::spawn(command(address, conns, events, "1h").stdout(Stdio::piped()));
        let mut wrk = Self { process, asked: Duration::ZERO };
        wrk.rest_of_turn(start);
        wrk
    }

    /// Has it post for [`TURN`].
    pub(crate) fn turn(&mut self) {
        let start = Instant::now();
        self.signal(Signal::CONT);
        self.rest_of_turn(start);
    }

    /// Gives it a last turn, and the events a second of all of them.
    pub(crate) fn end(mut self) -> f64 {
        let start = Instant::now();
        self.signal(Signal::CONT);
        // A signal that comes while all threads stand still goes to any of them; the one that waits for it is the first.
        thread::sleep(TURN);
        self.signal(Signal::INT);
        let mut said = Vec::new();
        let stdout = self.process.0.stdout.as_mut().expect("it is piped");
        stdout.read_to_end(&mut said).expect("a pipe can be read");
        self.asked += start.elapsed();
        Said::parse(&said).count() / self.asked.as_secs_f64()
    }

    fn rest_of_turn(&mut self, start: Instant) {
        thread::sleep(TURN);
        self.signal(Signal::STOP);
        self.asked += start.elapsed();
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process.0), signal).expect("it is a child of ours");
    }
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
/// How long an answer may take. A server of threads lets connections wait for one, and wrk stands still most of the time.
const PATIENCE: &str = "1m";
