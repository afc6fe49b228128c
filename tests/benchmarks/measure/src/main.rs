//! Runs the benchmarks and writes the table: `measure [SECTION]...`, all if none is named. `measure --budgets` holds
//! counts to their budgets instead.

mod budget;
mod burst;
mod callgrind;
mod calls;
mod client;
mod decode;
mod latency;
mod machine;
mod memory;
mod page;
mod server;
mod sizes;
mod slots;
mod start;
mod table;
mod throughput;
mod whole;
mod wrk;

use std::process::ExitCode;

use table::{HEAD, Row};

/// A section's name, and what measures it.
type Section = (&'static str, fn() -> Vec<Row>);

const SECTIONS: [Section; 11] = [
    ("decode", decode::measure),
    ("throughput", throughput::measure),
    ("instructions", whole::measure),
    ("calls", calls::measure),
    ("memory", memory::measure),
    ("sizes", sizes::measure),
    ("start", start::measure),
    ("latency", latency::measure),
    ("page", page::measure),
    ("slots", slots::measure),
    ("burst", burst::measure),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("--budgets") if budget::hold(include_str!("../../budgets")) => ExitCode::SUCCESS,
        Some("--budgets") => ExitCode::FAILURE,
        _ => measure(&arguments),
    }
}

/// Measures the sections that are named, or all.
fn measure(wanted: &[String]) -> ExitCode {
    if let Some(unknown) = wanted.iter().find(|wanted| SECTIONS.iter().all(|(name, _)| name != wanted)) {
        eprintln!("no such section: {unknown}");
        return ExitCode::from(2);
    }
    let mut rows = Vec::new();
    for (name, measure) in SECTIONS {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            eprintln!("measures {name}");
            rows.extend(measure());
        }
    }
    println!("{}\n\n{HEAD}", machine::describe());
    rows.iter().for_each(|row| println!("{row}"));
    ExitCode::SUCCESS
}
