//! Resident memory, when many events came and went.

use std::fs::read_to_string;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::thread;

use crate::client::{Client, Events};
use crate::server::{Server, peers, shipped, shipped_for_glibc};
use crate::table::{Row, list, whole};

pub(crate) fn measure() -> Vec<Row> {
    let server = Server::ptpwatch(&[], &shipped(), &[], Stdio::null());
    let mut clients = connect(server.address, 8);
    post(&mut clients, MANY / 10);
    let before = Resident::of(&server);
    post(&mut clients, MANY - MANY / 10);
    let after = Resident::of(&server);
    drop(server);
    let peers: Vec<(&str, Resident)> = peers().map(|(name, program)| (name, of_peer(&program))).collect();
    let row = |measure: &str, figure: fn(&Resident) -> f64, wanted: &'static str| Row {
        measure: format!("{measure} after 1,000,000 events over 8 connections (100,000 beside), kB"),
        ours: whole(figure(&after)),
        beside: list(&peers.iter().map(|(name, resident)| (*name, figure(resident))).collect::<Vec<_>>()),
        ratio: format!("{:.2} of epoll", figure(&after) / figure(&peers[0].1)),
        wanted,
    };
    vec![
        row("RssAnon", |resident| resident.anonymous, "≤ 250"),
        row("PSS", |resident| resident.proportional, "≤ 800; ≤ 700"),
        row("RSS", |resident| resident.all, "reported; ≤ 200"),
        Row {
            measure: "growth of RssAnon from 100,000 to 1,000,000 events, kB".to_owned(),
            ours: whole(after.anonymous - before.anonymous),
            wanted: "0",
            ..Row::default()
        },
        row_of_three("with 64 connections", &shipped(), &["--connections", "256"], 64, "reported"),
        row_of_three("profile `dist`, with 8 connections", &shipped_for_glibc(), &[], 8, "≤ 250, ≤ 800"),
    ]
}

fn row_of_three(measure: &str, program: &Path, options: &[&str], conns: usize, wanted: &'static str) -> Row {
    let server = Server::ptpwatch(&[], program, options, Stdio::null());
    post(&mut connect(server.address, conns), MANY / 10);
    let Resident { anonymous, proportional, all } = Resident::of(&server);
    Row {
        measure: format!("{measure}: RssAnon, PSS, RSS, kB"),
        ours: [anonymous, proportional, all].map(whole).join(", "),
        wanted,
        ..Row::default()
    }
}

fn connect(address: SocketAddr, conns: usize) -> Vec<Client> {
    (0..conns).map(|_| Client::connect(address, Events::Same)).collect()
}

/// Posts `count` events over all connections; on each the next when the last was answered, as not every peer takes another
/// before.
fn post(clients: &mut [Client], count: usize) {
    let share = count / clients.len();
    thread::scope(|scope| {
        for client in clients {
            scope.spawn(move || client.post(share, 1));
        }
    });
}

fn of_peer(program: &Path) -> Resident {
    let server = Server::peer(&[], program, &[], Stdio::null());
    post(&mut connect(server.address, 8), MANY / 10);
    Resident::of(&server)
}

/// A process's resident memory, in kB.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resident {
    pub(crate) anonymous: f64,
    proportional: f64,
    all: f64,
}

impl Resident {
    pub(crate) fn of(server: &Server) -> Self {
        let pid = server.process.0.id();
        let field = |file: &str, name: &str| {
            let text = read_to_string(format!("/proc/{pid}/{file}")).expect("it runs");
            let line = text.lines().find_map(|line| line.strip_prefix(name)).expect("the kernel tells it");
            line.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number")
        };
        Self {
            anonymous: field("status", "RssAnon:"),
            proportional: field("smaps_rollup", "Pss:"),
            all: field("status", "VmRSS:"),
        }
    }
}

const MANY: usize = 1_000_000;
