//! Instructions in user mode for an event's whole way through a process, in a closed loop on one connection.

use std::path::Path;
use std::process::Stdio;

use crate::callgrind::{WRAPPER, both, collected, per_one};
use crate::client::{Client, Events};
use crate::server::{Server, built, shipped_static};
use crate::table::{Row, list, whole};

pub(crate) fn measure() -> Vec<Row> {
    let peers = ["hyper", "axum"].map(|name| (name, instructions_of_peer(name)));
    let hyper = peers[0].1;
    let row = |measure: &str, ours: f64| Row {
        measure: measure.to_owned(),
        ours: whole(ours),
        beside: list(&peers),
        ratio: format!("{:.2} of hyper", ours / hyper),
        wanted: "≤ 8,000; ≤ 6,000",
    };
    let changes = "each event a transition with its line";
    vec![
        row("whole path, instructions per event", instructions("release", Events::Same)),
        row(&format!("the same, {changes}"), instructions("release", Events::InTurn)),
        row("whole path, profile `dist`, instructions per event", instructions("dist", Events::Same)),
        row(&format!("the same, {changes}"), instructions("dist", Events::InTurn)),
        row("whole path, static, instructions per event", instructions_of(&shipped_static(), Events::Same)),
    ]
}

/// Instructions of the program, built with a profile, for an event.
pub(crate) fn instructions(profile: &str, events: Events) -> f64 {
    instructions_of(&built(profile).join("ptpwatch"), events)
}

fn instructions_of(program: &Path, events: Events) -> f64 {
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
