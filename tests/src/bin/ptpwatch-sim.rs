//! Plays seeds: `ptpwatch-sim --seed N` one, with its trace if a rule is broken; `--years N` as many as that takes.

use ptpwatch_tests::sim::{Report, memory, play};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1)?.parse::<u64>().ok()
    };
    let mut memory = memory();
    if let Some(seed) = number("--seed") {
        return match play(&mut memory, seed) {
            Ok(report) => {
                print(&report, 1);
                ExitCode::SUCCESS
            }
            Err(violation) => {
                println!("{violation}");
                ExitCode::FAILURE
            }
        };
    }
    let (years, runs) = (number("--years"), number("--runs"));
    if years.is_none() && runs.is_none() {
        eprintln!("usage: ptpwatch-sim --seed N | --runs N [--from SEED] | --years N [--from SEED]");
        return ExitCode::from(2);
    }
    let mut report = Report::default();
    let first = number("--from").unwrap_or(1);
    let mut seed = first;
    let wanted = years.unwrap_or(0) * 31_557_600_000;
    while report.millis < wanted || seed - first < runs.unwrap_or(0) {
        match play(&mut memory, seed) {
            Ok(run) => report.add(&run),
            Err(violation) => {
                println!("{violation}");
                return ExitCode::FAILURE;
            }
        }
        seed += 1;
    }
    print(&report, seed - first);
    ExitCode::SUCCESS
}

fn print(report: &Report, runs: u64) {
    let hours = report.millis / 3_600_000;
    println!("{runs} runs, {hours} simulated hours ({:.2} years)", hours as f64 / 8766.0);
    for (kind, count) in Report::FAULTS.into_iter().zip(report.faults) {
        println!("{count:>12}  {kind}");
    }
    let [unknown, locked, holdover, freerun] = report.states;
    println!(
        "{:>12}  verdicts: {locked} Locked, {holdover} Holdover, {freerun} Freerun, {unknown} Unknown",
        report.verdicts
    );
    println!("           0  violations");
}
