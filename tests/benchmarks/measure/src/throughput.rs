//! Events a second over connections that are kept: wrk on one core, the server on the other. One connection is asked by a
//! client of our own as well, which goes from server to server within milliseconds. With several, wrk has as much to do as
//! the server, or more: what the server would do for a faster client can be told from its processor time, roughly.

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_getcpuclockid};
use nix::unistd::Pid;
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
        let samples = samples(&servers, conns, events, rounds);
        let (ours, peers) = samples.split_at(ours.len());
        for rate in [&BY_CLOCK, &BY_PROCESSOR] {
            if rate.connections_min <= conns {
                rows.extend(ours.iter().map(|ours| row(conns, events, rate, ours, peers)));
            }
        }
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

/// Events a second that a server answered in a round, by the clock and by its own processor time.
#[derive(Clone, Copy, Debug)]
struct Sample {
    by_clock: f64,
    by_processor: f64,
}

/// A server's name, and what was seen of it in each round.
type Samples<'n> = (&'n str, Vec<Sample>);

/// How one figure of the samples is told.
struct Rate {
    of: fn(Sample) -> f64,
    unit: &'static str,
    wanted: &'static str,
    /// With fewer connections a server mostly goes to sleep and wakes up.
    connections_min: usize,
}

const BY_CLOCK: Rate =
    Rate { of: |sample| sample.by_clock, unit: "events/s", wanted: WANTED, connections_min: 1 };

const BY_PROCESSOR: Rate = Rate {
    of: |sample| sample.by_processor,
    unit: "events a second of the server's processor time",
    wanted: "reported",
    connections_min: 8,
};

/// What is seen of the servers in rounds in which each has its turn, the first of one round as the last of the next.
fn samples<'n>(
    servers: &[(&'n str, Server)],
    conns: usize,
    events: Events,
    rounds: usize,
) -> Vec<Samples<'n>> {
    let mut samples: Vec<Samples<'_>> = servers.iter().map(|(name, _)| (*name, Vec::new())).collect();
    for round in 0..rounds {
        for turn in 0..servers.len() {
            let index = if round % 2 == 0 { turn } else { servers.len() - 1 - turn };
            samples[index].1.push(sample(&servers[index].1, conns, events));
        }
    }
    samples
}

/// Has wrk ask a server for a second.
fn sample(server: &Server, conns: usize, events: Events) -> Sample {
    let mut wrk = Command::new("taskset");
    wrk.args(["-c", "1", "wrk", "--threads", "1", "--duration", "1s", "--connections", &conns.to_string()])
        .args(["--script", "post.lua", &format!("http://{}/event", server.address), "--"])
        .arg("payloads/v1-compact.json");
    if events == Events::InTurn {
        wrk.arg("in-turn");
    }
    let before = processor_time(server);
    let output = wrk.current_dir(folder()).output().expect("wrk is installed");
    let busy = processor_time(server) - before;
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(!said.contains("Non-2xx") && !said.contains("Socket errors"), "{said}");
    // `131482 requests in 1.10s, 5.02MB read`, and `Requests/sec: 119529.83`, each behind spaces.
    let answered = said.split(" requests in ").next().and_then(|text| number(text.rsplit(' ').next()?));
    let rate = said.split("Requests/sec:").nth(1).and_then(|text| number(text.split_whitespace().next()?));
    let (Some(answered), Some(by_clock)) = (answered, rate) else { panic!("no figures in: {said}") };
    Sample { by_clock, by_processor: answered / busy.as_secs_f64() }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok()
}

/// How long a server had a processor, in all its threads.
fn processor_time(server: &Server) -> Duration {
    let pid = Pid::from_raw(server.process.0.id().cast_signed());
    clock_getcpuclockid(pid).and_then(ClockId::now).expect("it is there").into()
}

fn row(conns: usize, events: Events, rate: &Rate, (name, ours): &Samples<'_>, peers: &[Samples<'_>]) -> Row {
    let rates = |samples: &[Sample]| samples.iter().map(|sample| (rate.of)(*sample)).collect::<Vec<_>>();
    let medians: Vec<(&str, f64)> =
        peers.iter().map(|(name, samples)| (*name, median(rates(samples)))).collect();
    let ours = rates(ours);
    let share = |(_, theirs): &Samples<'_>| share(&ours, &rates(theirs));
    let of_best = peers[1..].iter().map(share).fold(f64::INFINITY, f64::min);
    let what = match events {
        Events::Same => "POST to 204",
        Events::InTurn => "POST to 204, each event a transition",
    };
    Row {
        measure: format!("{name}{what}, {}, {}", connections(conns), rate.unit),
        ours: whole(median(ours.clone())),
        beside: list(&medians),
        ratio: format!("{:.2} of epoll, {of_best:.2} of the best other", share(&peers[0])),
        wanted: rate.wanted,
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

/// Connections, what is posted, and rounds of one second for each server. With one connection a second is one of sleep and
/// waking up, and its rate varies by a tenth.
const LOADS: [(usize, Events, usize); 4] =
    [(1, Events::Same, 25), (8, Events::Same, 15), (64, Events::Same, 15), (8, Events::InTurn, 15)];

/// How often the client goes round, and what it posts before it goes on.
const TURNS: usize = 100;
const EVENTS_IN_A_TURN: usize = 200;

const WANTED: &str = "≥ 0.95 of epoll, > 1; 0.98";
