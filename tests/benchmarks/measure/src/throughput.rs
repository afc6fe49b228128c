//! Events a second over connections that are kept: wrk on one core, the server on the other. The servers are asked in turns of
//! some milliseconds: what else the machine does changes within seconds, and meets each of them alike. With several
//! connections, wrk has more to do than the faster servers, unless the packets that it sends are taken in by the server's
//! core.

use std::fmt;
use std::fs;
use std::process::{Command, Stdio};

use crate::client::Events;
use crate::server::{ON_CORE_0, Process, Server, peers, shipped, shipped_for_glibc};
use crate::table::{Row, connections, list, median, whole};
use crate::wrk::Alternating;

pub(crate) fn measure() -> Vec<Row> {
    let _awake = kept_awake();
    let mut rows = Vec::new();
    for load in LOADS {
        let samples = samples(&load);
        let (ours, peers) = samples.split_at(OURS);
        rows.extend(ours.iter().map(|ours| row(&load, ours, peers)));
    }
    rows
}

/// Ours, which are [`OURS`], and the others.
fn servers() -> impl Iterator<Item = (&'static str, Server)> {
    let programs: [_; OURS] = [("", shipped()), ("profile `dist`: ", shipped_for_glibc())];
    let ours = programs.map(|(name, program)| {
        (name, Server::ptpwatch(&ON_CORE_0, &program, &["--connections", "256"], Stdio::null()))
    });
    let peers = peers().map(|(name, program)| (name, Server::peer(&ON_CORE_0, &program, &[], Stdio::null())));
    ours.into_iter().chain(peers)
}

/// Who keeps the two cores from sleep for as long as it is there, as `idle=poll` does on hosts of vDUs, and has them only when
/// nobody else wants them: to wake a virtual machine's takes longer than to answer an event, and as long as it pleases.
fn kept_awake() -> [Process; 2] {
    ["0", "1"].map(|core| {
        let turning = ["--idle", "0", "taskset", "-c", core, "sh", "-c", "while :; do :; done"];
        Process::spawn(Command::new("chrt").args(turning))
    })
}

/// What wrk posts, and how many rates it finds for each server.
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
type Samples = (&'static str, Vec<f64>);

/// What is seen of the servers, which are started for each round.
fn samples(load: &Load) -> Vec<Samples> {
    load.intake.arrange();
    let rounds: Vec<_> = (0..load.rounds).map(|_| round(load)).collect();
    Intake::Client.arrange();
    let of_server = |index: usize| rounds.iter().map(|round| round[index].1).collect();
    rounds[0].iter().enumerate().map(|(index, (name, _))| (*name, of_server(index))).collect()
}

/// Has every server asked in turns, the first of one time as the last of the next: the events a second of each.
fn round(load: &Load) -> Vec<(&'static str, f64)> {
    let start = |(name, server)| (name, Alternating::start(server, load.conns, load.events));
    let mut servers: Vec<_> = servers().map(start).collect();
    for _ in 0..LAPS {
        servers.iter_mut().for_each(|(_, server)| server.turn());
        servers.iter_mut().rev().for_each(|(_, server)| server.turn());
    }
    servers.into_iter().map(|(name, server)| (name, server.end())).collect()
}

fn row(load: &Load, (name, ours): &Samples, peers: &[Samples]) -> Row {
    let medians: Vec<(&str, f64)> =
        peers.iter().map(|(name, rates)| (*name, median(rates.clone()))).collect();
    let share = |(_, theirs): &Samples| Share::of(ours, theirs);
    let of_best = peers[1..].iter().map(share).min_by(|one, other| one.median.total_cmp(&other.median));
    let of_best = of_best.expect("there are others");
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
        ratio: format!("{} of epoll, {of_best} of the best other", share(&peers[0])),
        wanted: WANTED,
    }
}

/// Our rate for another's, within each round: what else the machine does changes from one to the next.
#[derive(Debug)]
struct Share {
    median: f64,
    least: f64,
    most: f64,
}

impl Share {
    fn of(ours: &[f64], theirs: &[f64]) -> Self {
        let shares: Vec<f64> = ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect();
        Self {
            least: shares.iter().copied().fold(f64::INFINITY, f64::min),
            most: shares.iter().copied().fold(0.0, f64::max),
            median: median(shares),
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { median, least, most } = self;
        write!(formatter, "{median:.2} ({least:.2} to {most:.2})")
    }
}

const LOADS: [Load; 6] = [
    Load { conns: 1, events: Events::Same, intake: Intake::Client, rounds: 9 },
    Load { conns: 8, events: Events::Same, intake: Intake::Client, rounds: 9 },
    Load { conns: 8, events: Events::Same, intake: Intake::Server, rounds: 5 },
    Load { conns: 64, events: Events::Same, intake: Intake::Client, rounds: 9 },
    Load { conns: 64, events: Events::Same, intake: Intake::Server, rounds: 5 },
    Load { conns: 8, events: Events::InTurn, intake: Intake::Server, rounds: 5 },
];

/// How often a round goes to and fro among the servers, of which each has two seconds in all.
const LAPS: usize = 20;

/// How many of the servers are ours.
const OURS: usize = 2;

const WANTED: &str = "≥ 0.95 of epoll, > 1; 0.98";
