//! wrk, which posts events from the second core for a second.

use std::net::SocketAddr;
use std::process::Command;

use crate::client::Events;
use crate::server::built;

/// What posts `events` to a server at `address`.
pub(crate) fn command(address: SocketAddr, conns: usize, events: Events) -> Command {
    let mut wrk = Command::new("taskset");
    wrk.args(["-c", "1", "wrk", "--threads", "1", "--duration", "1s"])
        .args(["--connections", &conns.to_string()])
        .args(["--script", "post.lua", &format!("http://{address}/event"), "--"])
        .arg("payloads/v1-compact.json");
    if events == Events::InTurn {
        wrk.arg("in-turn");
    }
    wrk.current_dir(built("").join("../tests/benchmarks"));
    wrk
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

    /// Events a second: `Requests/sec: 119529.83`, with spaces between.
    pub(crate) fn rate(&self) -> f64 {
        let rate = self.0.split("Requests/sec:").nth(1).and_then(|text| text.split_whitespace().next());
        self.number(rate)
    }

    /// Events in all: `131482 requests in 1.10s`.
    pub(crate) fn count(&self) -> f64 {
        self.number(self.0.split(" requests in ").next().and_then(|text| text.split_whitespace().last()))
    }

    fn number(&self, word: Option<&str>) -> f64 {
        word.and_then(|word| word.parse().ok()).unwrap_or_else(|| panic!("no number in: {}", self.0))
    }
}
