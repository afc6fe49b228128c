//! Events a second over connections that are kept: wrk on one core, the server on the other. One connection is asked by a
//! client of our own as well, which goes from server to server within milliseconds. With several, wrk has more to do than
//! the faster servers, unless the packets that it sends are taken in by the server's core.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use rustix::thread::{CpuSet, sched_setaffinity};

use crate::client::{Client, Events};
use crate::server::{ON_CORE_0, Process, Server, peers, shipped, shipped_for_glibc};
use crate::table::{Row, connections, list, median, whole};
use crate::wrk::{self, Said};

pub(crate) fn measure() -> Vec<Row> {
    let _awake = kept_awake();
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
    for load in LOADS {
        let samples = samples(&servers, &load);
        let (ours, peers) = samples.split_at(ours.len());
        rows.extend(ours.iter().map(|ours| row(&load, ours, peers)));
    }
    let times = times_in_turn(&servers);
    let (ours, peers) = times.split_at(ours.len());
    rows.extend(ours.iter().map(|ours| row_of_times(ours, peers)));
    rows
}

/// Who keeps the two cores from sleep for as long as it is there, as `idle=poll` does on hosts of vDUs, and has them only when
/// nobody else wants them: to wake a virtual machine's takes longer than to answer an event, and as long as it pleases.
fn kept_awake() -> [Process; 2] {
    ["0", "1"].map(|core| {
        let turning = ["--idle", "0", "taskset", "-c", core, "sh", "-c", "while :; do :; done"];
        Process::spawn(Command::new("chrt").args(turning))
    })
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

/// What wrk posts, and how often each server has its turn of a second.
struct Load {
    conns: usize,
    events: Events,
    intake: Intake,
    rounds: usize,
}

/// Which core takes in the packets that a client sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Intake {
    /// Its own, as always on a loopback: it does a part of what the server's has to do behind a network card, and is what
    /// limits the faster servers.
    Client,
    /// The server's, which is what limits then.
    Server,
}

impl Intake {
    /// By receive packet steering (RPS; Linux, `Documentation/networking/scaling.rst`). `run` gave us a loopback of our own.
    fn arrange(self) {
        let mask = match self {
            Self::Client => "0",
            Self::Server => "1",
        };
        fs::write("/sys/class/net/lo/queues/rx-0/rps_cpus", mask).expect("the loopback is ours");
    }
}

/// A server's name, and the events a second that it answered in each round.
type Samples<'n> = (&'n str, Vec<f64>);

/// What is seen of the servers in rounds in which each has its turn, the first of one round as the last of the next.
fn samples<'n>(servers: &[(&'n str, Server)], load: &Load) -> Vec<Samples<'n>> {
    let mut samples: Vec<Samples<'_>> = servers.iter().map(|(name, _)| (*name, Vec::new())).collect();
    load.intake.arrange();
    for round in 0..load.rounds {
        for turn in 0..servers.len() {
            let index = if round % 2 == 0 { turn } else { servers.len() - 1 - turn };
            samples[index].1.push(sample(&servers[index].1, load));
        }
    }
    Intake::Client.arrange();
    samples
}

/// Has wrk ask a server for a second.
fn sample(server: &Server, load: &Load) -> f64 {
    let output = wrk::command(server.address, load.conns, load.events).output().expect("wrk is installed");
    Said::parse(&output.stdout).rate()
}

fn row(load: &Load, (name, ours): &Samples<'_>, peers: &[Samples<'_>]) -> Row {
    let medians: Vec<(&str, f64)> =
        peers.iter().map(|(name, rates)| (*name, median(rates.clone()))).collect();
    let share = |(_, theirs): &Samples<'_>| share(ours, theirs);
    let of_best = peers[1..].iter().map(share).fold(f64::INFINITY, f64::min);
    let what = match load.events {
        Events::Same => "POST to 204",
        Events::InTurn => "POST to 204, each event a transition",
    };
    let where_taken_in = match load.intake {
        Intake::Client => "",
        Intake::Server => ", taken in by the server's core",
    };
    Row {
        measure: format!("{name}{what}, {}{where_taken_in}, events/s", connections(load.conns)),
        ours: whole(median(ours.clone())),
        beside: list(&medians),
        ratio: format!("{:.2} of epoll, {of_best:.2} of the best other", share(&peers[0])),
        wanted: WANTED,
    }
}

/// The median of the ratios within each round: what else the machine does changes from one to the next.
fn share(ours: &[f64], theirs: &[f64]) -> f64 {
    median(ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect())
}

/// With one connection a second is one of sleep and waking up, and its rate varies most.
const LOADS: [Load; 6] = [
    Load { conns: 1, events: Events::Same, intake: Intake::Client, rounds: 25 },
    Load { conns: 8, events: Events::Same, intake: Intake::Client, rounds: 15 },
    Load { conns: 8, events: Events::Same, intake: Intake::Server, rounds: 11 },
    Load { conns: 64, events: Events::Same, intake: Intake::Client, rounds: 15 },
    Load { conns: 64, events: Events::Same, intake: Intake::Server, rounds: 11 },
    Load { conns: 8, events: Events::InTurn, intake: Intake::Server, rounds: 11 },
];

/// How often the client goes round, and what it posts before it goes on.
const TURNS: usize = 100;
const EVENTS_IN_A_TURN: usize = 200;

const WANTED: &str = "≥ 0.95 of epoll, > 1; 0.98";
