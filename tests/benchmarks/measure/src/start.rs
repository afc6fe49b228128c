//! From the start of the program until it is subscribed to everything.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::server::{Process, Producer, free_address, run_arguments, shipped};
use crate::table::{Row, median};

pub(crate) fn measure() -> Vec<Row> {
    let producer = Producer::start();
    let times = (0..STARTS).map(|_| start(&producer)).collect();
    vec![Row {
        measure: format!("exec to all subscribed, median of {STARTS}, ms"),
        ours: format!("{:.1}", median(times)),
        wanted: "≤ 10; 3",
        ..Row::default()
    }]
}

/// Milliseconds until the line that says so was read.
fn start(producer: &Producer) -> f64 {
    let mut command = Command::new(shipped());
    command.args(run_arguments(free_address(), producer.address)).stdout(Stdio::piped());
    let begin = Instant::now();
    let mut process = Process::spawn(&mut command);
    // Open until the process has ended, which would complain.
    let mut lines = BufReader::new(process.0.stdout.take().expect("it is piped")).lines();
    let last = lines.find(|line| line.as_ref().is_ok_and(|line| line.contains(r#""subscribed":5,"#)));
    let time = begin.elapsed();
    assert!(last.is_some(), "it has ended");
    process.end();
    time.as_nanos() as f64 / 1e6
}

const STARTS: usize = 20;
