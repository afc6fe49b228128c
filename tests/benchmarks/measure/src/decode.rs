//! One event decoded and tracked, beside decoders of JSON: instructions and nanoseconds.

use ours::payload::Payload;

use crate::callgrind::{command, instructions_per_one};
use crate::server::built;
use crate::table::{Row, list, whole};

/// The decoders by their names.
const OURS: &str = "ours";
const PEERS: [&str; 4] = ["serde_json", "simd-json", "sonic-rs", "serde-json-core"];
/// What the copy for simd-json costs, and the least that anybody has to do.
const COPY: &str = "copy";
const FLOOR: &str = "floor";

/// Figures by the decoder's name.
type Figures = Vec<(String, f64)>;

pub(crate) fn measure() -> Vec<Row> {
    Payload::ALL
        .into_iter()
        .flat_map(|payload| {
            [
                row(payload, "instructions", &instructions(payload.name)),
                row(payload, "ns", &nanoseconds(payload.name)),
            ]
        })
        .collect()
}

/// Instructions of ours for each payload, as they are in the budget.
pub(crate) fn instructions_of_ours(payload: &str) -> f64 {
    let program = built("benchmarks/release/ours");
    instructions_per_one(COUNT, |count| command(&program, &["decode", payload, &count.to_string()]))
}

fn instructions(payload: &str) -> Figures {
    let program = built("benchmarks-decoders/release/decoders");
    let count = |name: &str| {
        instructions_per_one(COUNT, |count| command(&program, &["count", name, payload, &count.to_string()]))
    };
    names().map(|name| (name.to_owned(), count(name))).collect()
}

/// The least of several runs, each of which is the least of its own.
fn nanoseconds(payload: &str) -> Figures {
    let program = built("benchmarks-decoders/release/decoders");
    let runs: Vec<Figures> = (0..RUNS).map(|_| timed(&program, payload)).collect();
    names()
        .map(|name| {
            let times = runs.iter().map(|figures| figure(figures, name));
            (name.to_owned(), times.fold(f64::INFINITY, f64::min))
        })
        .collect()
}

fn timed(program: &std::path::Path, payload: &str) -> Figures {
    let output = std::process::Command::new(program).args(["time", payload]).output().expect("it was built");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let line = |line: &str| {
        let (figure, name) = line.split_once(' ').expect("a figure and a name");
        (name.to_owned(), figure.parse().expect("a number"))
    };
    text.lines().map(line).collect()
}

fn row(payload: Payload, unit: &str, figures: &Figures) -> Row {
    let ours = figure(figures, OURS);
    let mut beside: Vec<(&str, f64)> = PEERS.map(|name| (name, figure(figures, name))).to_vec();
    beside.push(("simd-json without its copy", figure(figures, "simd-json") - figure(figures, COPY)));
    let fastest = beside.iter().map(|(_, figure)| *figure).fold(f64::INFINITY, f64::min);
    beside.push((FLOOR, figure(figures, FLOOR)));
    Row {
        measure: format!("decode + track, {} ({} B), {unit}", payload.name, whole(payload.body.len() as f64)),
        ours: whole(ours),
        beside: list(&beside),
        ratio: format!("{:.2} of the fastest", ours / fastest),
        wanted: wanted(payload.name, unit),
    }
}

fn wanted(payload: &str, unit: &str) -> &'static str {
    match (payload, unit) {
        ("v1-compact", "instructions") => "< 1; 0.5, ≤ 3,500",
        _ => "< 1; 0.5",
    }
}

fn names() -> impl Iterator<Item = &'static str> {
    [OURS].into_iter().chain(PEERS).chain([COPY, FLOOR])
}

fn figure(figures: &Figures, name: &str) -> f64 {
    figures.iter().find(|(known, _)| known == name).expect("every decoder has a figure").1
}

/// Bodies between the two counts.
const COUNT: usize = 500;
/// Runs of which the least is taken.
const RUNS: usize = 5;
