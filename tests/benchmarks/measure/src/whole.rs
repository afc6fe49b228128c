//! Instructions in user mode for an event's whole way through a process, in a closed loop on one connection.

use std::path::Path;
use std::process::Stdio;

use crate::callgrind::{WRAPPER, both, collected, per_one};
use crate::client::{Client, Events};
use crate::server::{Server, built, shipped, shipped_for_glibc};
use crate::table::{Row, list, whole};

pub(crate) fn measure() -> Vec<Row> {
    let peers = ["hyper", "axum"].map(|name| (name, instructions_of_peer(name)));
    let hyper = peers[0].1;
    let row = |profile: &str, changes: &str, ours: f64| Row {
        measure: format!("whole path{profile}, instructions per event{changes}"),
        ours: whole(ours),
        beside: list(&peers),
        ratio: format!("{:.2} of hyper", ours / hyper),
        wanted: "≤ 8,000; ≤ 6,000",
    };
    let programs = [
        ("", shipped()),
        (", profile `dist`", shipped_for_glibc()),
        (", `release`", built("release/ptpwatch")),
    ];
    let rows = programs.iter().flat_map(|(profile, program)| {
        let changes = ", each of them a transition with its line";
        [
            row(profile, "", instructions(program, Events::Same)),
            row(profile, changes, instructions(program, Events::InTurn)),
        ]
    });
    rows.collect()
}

/// Instructions of the program for an event.
pub(crate) fn instructions(program: &Path, events: Events) -> f64 {
    of(events, || Server::ptpwatch(&WRAPPER, program, &[], Stdio::null()))
}

fn instructions_of_peer(name: &str) -> f64 {
    let program = built(&format!("benchmarks/release/{name}"));
    of(Events::Same, || Server::peer(&WRAPPER, &program, &[], Stdio::null()))
}

fn of(events: Events, start: impl Fn() -> Server + Sync) -> f64 {
    let [once, twice] = both(|times| {
        let server = start();
        let mut client = Client::connect(server.address, events);
        client.post(times * COUNT, 1);
        drop(client);
        collected(&server.end())
    });
    per_one(once, twice, COUNT)
}

/// Events between the two counts.
const COUNT: usize = 2_000;
