//! Events a second over connections that are kept: wrk on one core, the server on the other.

use std::process::{Command, Stdio};

use crate::client::Events;
use crate::server::{ON_CORE_0, Server, built, peers, shipped};
use crate::table::{Row, connections, list, median, whole};

pub(crate) fn measure() -> Vec<Row> {
    let ours = Server::ptpwatch(&ON_CORE_0, &shipped(), &["--connections", "256"], Stdio::null());
    let mut servers = vec![("ptpwatch", ours)];
    servers.extend(
        peers().map(|(name, program)| (name, Server::peer(&ON_CORE_0, &program, &[], Stdio::null()))),
    );
    let mut rows = Vec::new();
    for (conns, events) in LOADS {
        rows.push(row(conns, events, &rates(&servers, conns, events)));
    }
    rows
}

/// The median of each server's rates, in rounds in which each has its turn.
fn rates<'n>(servers: &[(&'n str, Server)], conns: usize, events: Events) -> Vec<(&'n str, f64)> {
    let mut rates: Vec<(&str, Vec<f64>)> = servers.iter().map(|(name, _)| (*name, Vec::new())).collect();
    for _ in 0..ROUNDS {
        for ((_, server), (_, rates)) in servers.iter().zip(&mut rates) {
            rates.push(rate(server, conns, events));
        }
    }
    rates.into_iter().map(|(name, rates)| (name, median(rates))).collect()
}

/// Requests a second that wrk has answered by `server`.
fn rate(server: &Server, conns: usize, events: Events) -> f64 {
    let mut wrk = Command::new("taskset");
    wrk.args(["-c", "1", "wrk", "--threads", "1", "--duration", "1s", "--connections", &conns.to_string()])
        .args(["--script", "post.lua", &format!("http://{}/event", server.address), "--"])
        .arg("payloads/v1-compact.json");
    if events == Events::InTurn {
        wrk.arg("in-turn");
    }
    let output = wrk.current_dir(folder()).output().expect("wrk is installed");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(!said.contains("Non-2xx") && !said.contains("Socket errors"), "{said}");
    let rate = said.lines().find_map(|line| line.strip_prefix("Requests/sec:")?.trim().parse().ok());
    rate.unwrap_or_else(|| panic!("no rate in: {said}"))
}

fn row(conns: usize, events: Events, rates: &[(&str, f64)]) -> Row {
    let (_, ours) = rates[0];
    let peers = &rates[1..];
    let (_, epoll) = peers[0];
    let best = peers[1..].iter().map(|(_, rate)| *rate).fold(0.0, f64::max);
    let what = match events {
        Events::Same => "POST to 204",
        Events::InTurn => "POST to 204, each event a transition",
    };
    Row {
        measure: format!("{what}, {}, events/s", connections(conns)),
        ours: whole(ours),
        beside: list(peers),
        ratio: format!("{:.2} of epoll, {:.2} of the best other", ours / epoll, ours / best),
        wanted: "≥ 0.95 of epoll, > 1; 0.98",
    }
}

/// The folder of the benchmarks.
fn folder() -> std::path::PathBuf {
    built("").join("../tests/benchmarks")
}

const LOADS: [(usize, Events); 4] =
    [(1, Events::Same), (8, Events::Same), (64, Events::Same), (8, Events::InTurn)];
/// Rounds of one second for each server.
const ROUNDS: usize = 5;
