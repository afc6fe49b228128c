//! Plays seeds: `--seed N` one, with its trace if a rule is broken; `--runs N` so many; `--years N` as many as that takes,
//! every other one a calm one, in which things happen by the hour.

use ptpwatch_tests::sim::{Report, memory, play};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1)?.parse::<u64>().ok()
    };
    let is_calm = arguments.iter().any(|argument| argument == "--calm");
    let mut memory = memory();
    if let Some(seed) = number("--seed") {
        return match play(&mut memory, seed, is_calm) {
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
        eprintln!(
            "usage: ptpwatch-sim --seed N [--calm] | --runs N [--from SEED] [--calm] | --years N [--from SEED]"
        );
        return ExitCode::from(2);
    }
    let mut report = Report::default();
    let first = number("--from").unwrap_or(1);
    let mut seed = first;
    let wanted = years.unwrap_or(0) * 31_557_600_000;
    while report.millis < wanted || seed - first < runs.unwrap_or(0) {
        // Of a long time most is calm.
        let is_calm = is_calm || (years.is_some() && seed % 2 == 0);
        match play(&mut memory, seed, is_calm) {
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
