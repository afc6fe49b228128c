//! Events a second over connections that are kept: wrk on one core, the server on the other.

use std::process::{Command, Stdio};

use crate::client::Events;
use crate::server::{ON_CORE_0, Server, built, peers, shipped, shipped_static};
use crate::table::{Row, connections, list, median, whole};

pub(crate) fn measure() -> Vec<Row> {
    let ours = [("", shipped()), ("static: ", shipped_static())];
    let mut servers: Vec<_> = ours
        .iter()
        .map(|(name, program)| {
            (*name, Server::ptpwatch(&ON_CORE_0, program, &["--connections", "256"], Stdio::null()))
        })
        .collect();
    servers.extend(
        peers().map(|(name, program)| (name, Server::peer(&ON_CORE_0, &program, &[], Stdio::null()))),
    );
    let mut rows = Vec::new();
    for (conns, events, rounds) in LOADS {
        let rates = rates(&servers, conns, events, rounds);
        let (ours, peers) = rates.split_at(ours.len());
        rows.extend(ours.iter().map(|ours| row(conns, events, ours, peers)));
    }
    rows
}

/// A server's name, and its rate in each round.
type Rates<'n> = (&'n str, Vec<f64>);

/// The servers' rates in rounds in which each has its turn.
fn rates<'n>(servers: &[(&'n str, Server)], conns: usize, events: Events, rounds: usize) -> Vec<Rates<'n>> {
    let mut rates: Vec<Rates<'_>> = servers.iter().map(|(name, _)| (*name, Vec::new())).collect();
    for _ in 0..rounds {
        for ((_, server), (_, rates)) in servers.iter().zip(&mut rates) {
            rates.push(rate(server, conns, events));
        }
    }
    rates
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

fn row(conns: usize, events: Events, (name, ours): &Rates<'_>, peers: &[Rates<'_>]) -> Row {
    let medians: Vec<(&str, f64)> =
        peers.iter().map(|(name, rates)| (*name, median(rates.clone()))).collect();
    let share = |(_, theirs): &Rates<'_>| share(ours, theirs);
    let of_best = peers[1..].iter().map(share).fold(f64::INFINITY, f64::min);
    let what = match events {
        Events::Same => "POST to 204",
        Events::InTurn => "POST to 204, each event a transition",
    };
    Row {
        measure: format!("{name}{what}, {}, events/s", connections(conns)),
        ours: whole(median(ours.clone())),
        beside: list(&medians),
        ratio: format!("{:.2} of epoll, {of_best:.2} of the best other", share(&peers[0])),
        wanted: "≥ 0.95 of epoll, > 1; 0.98",
    }
}

/// The folder of the benchmarks.
fn folder() -> std::path::PathBuf {
    built("").join("../tests/benchmarks")
}

/// The median of the ratios within each round: what else the machine does changes from one to the next.
fn share(ours: &[f64], theirs: &[f64]) -> f64 {
    median(ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect())
}

/// Connections, what is posted, and rounds of one second for each server. One connection takes both cores from sleep to sleep,
/// which varies most.
const LOADS: [(usize, Events, usize); 4] =
    [(1, Events::Same, 25), (8, Events::Same, 5), (64, Events::Same, 5), (8, Events::InTurn, 5)];
