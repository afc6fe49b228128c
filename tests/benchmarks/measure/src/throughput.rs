//! Events a second over connections that are kept: wrk on one core, the server on the other. One connection is asked by a
//! client of our own as well, which goes from server to server within milliseconds.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use rustix::thread::{CpuSet, sched_setaffinity};

use crate::client::{Client, Events};
use crate::server::{ON_CORE_0, Server, built, peers, shipped, shipped_for_glibc};
use crate::table::{Row, connections, list, median, whole};

pub(crate) fn measure() -> Vec<Row> {
    let ours = [("", shipped()), ("profile `dist`: ", shipped_for_glibc())];
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
    let times = times_in_turn(&servers);
    let (ours, peers) = times.split_at(ours.len());
    rows.extend(ours.iter().map(|ours| row_of_times(ours, peers)));
    rows
}

/// A server's name, and the microseconds from an event to its answer.
type Time<'n> = (&'n str, f64);

/// Each server's median, with one connection. What else the machine does changes from second to second, but meets each of
/// them alike.
fn times_in_turn<'n>(servers: &[(&'n str, Server)]) -> Vec<Time<'n>> {
    // The affinity is that of a thread, which ends with the measure.
    let measured = thread::scope(|scope| {
        let client = scope.spawn(|| {
            let mut core = CpuSet::new();
            core.set(1);
            sched_setaffinity(None, &core).expect("there are two cores");
            let mut clients: Vec<_> =
                servers.iter().map(|(_, server)| Client::connect(server.address, Events::Same)).collect();
            let mut times = vec![Vec::new(); clients.len()];
            for _ in 0..TURNS {
                for (client, times) in clients.iter_mut().zip(&mut times) {
                    for _ in 0..EVENTS_IN_A_TURN {
                        let start = Instant::now();
                        client.post(1, 1);
                        times.push(start.elapsed().as_nanos() as f64 / 1000.0);
                    }
                }
            }
            times
        });
        client.join().expect("it does not panic")
    });
    servers.iter().zip(measured).map(|((name, _), times)| (*name, median(times))).collect()
}

fn row_of_times((name, ours): &Time<'_>, peers: &[Time<'_>]) -> Row {
    let beside: Vec<String> = peers.iter().map(|(name, time)| format!("{name} {time:.1}")).collect();
    let best = peers[1..].iter().map(|(_, time)| *time).fold(f64::INFINITY, f64::min);
    Row {
        measure: format!("{name}POST to 204, 1 connection, each server in turn, µs"),
        ours: format!("{ours:.1}"),
        beside: beside.join(", "),
        ratio: format!("{:.3} of epoll's rate, {:.3} of the best other", peers[0].1 / ours, best / ours),
        wanted: WANTED,
    }
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
        Events::InTurn => "POST to 204, each event a transition with its line",
    };
    Row {
        measure: format!("{name}{what}, {}, events/s", connections(conns)),
        ours: whole(median(ours.clone())),
        beside: list(&medians),
        ratio: format!("{:.2} of epoll, {of_best:.2} of the best other", share(&peers[0])),
        wanted: WANTED,
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

/// Connections, what is posted, and rounds of one second for each server.
const LOADS: [(usize, Events, usize); 4] =
    [(1, Events::Same, 9), (8, Events::Same, 15), (64, Events::Same, 15), (8, Events::InTurn, 15)];

/// How often the client goes round, and what it posts before it goes on.
const TURNS: usize = 100;
const EVENTS_IN_A_TURN: usize = 200;

const WANTED: &str = "≥ 0.95 of epoll, > 1; 0.98";
