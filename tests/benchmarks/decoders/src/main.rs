//! Decoders beside each other, on the same bytes, once all of them gave the same answer.
//!
//! `decoders count DECODER PAYLOAD COUNT` decodes a payload so often, to be counted from outside.
//! `decoders time PAYLOAD` writes a line for each decoder: the least of its times for one body, in nanoseconds. What else the
//! machine does only adds to them, and a virtual one has minutes at half its speed.

mod answer;
mod decoder;
mod event;

use std::time::Instant;

use answer::Answer;
use decoder::{Decoder, Sink, Workbench};
use ours::payload::Payload;
use ours::tracker::{Tracker, slots};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut slots = slots();
    let tracker = Tracker::new(&mut slots);
    match *arguments {
        ["count", decoder, name, count] => {
            let count = count.parse().expect("a number");
            Workbench::new(payload(name), tracker).repeat(named(decoder), count);
        }
        ["time", name] => {
            check(payload(name));
            time(&mut Workbench::new(payload(name), tracker));
        }
        _ => panic!("decoders count DECODER PAYLOAD COUNT | time PAYLOAD"),
    }
}

fn payload(name: &str) -> Payload {
    Payload::named(name).expect("a payload's name")
}

fn named(name: &str) -> Decoder {
    Decoder::ALL.into_iter().find(|(known, _)| *known == name).expect("a decoder's name").1
}

/// Where a peer's answer is written down.
#[derive(Debug, Default)]
struct Lines(String);

impl Sink for Lines {
    fn take(&mut self, events: &impl Answer) {
        events.push_to(&mut self.0);
    }
}

/// Holds every peer's answer to ours.
fn check(payload: Payload) {
    let ours = answer::of_ours(&mut payload.body.to_vec());
    let mut slots = slots();
    let mut workbench = Workbench::new(payload, Tracker::new(&mut slots));
    for (name, decoder) in Decoder::ALL {
        if matches!(decoder, Decoder::Ours | Decoder::Copy | Decoder::Floor) {
            continue;
        }
        let mut lines = Lines::default();
        workbench.decode(decoder, &mut lines);
        assert_eq!(lines.0, ours, "{name} says something else");
    }
}

/// Rounds in which every decoder has its turn, and bodies in a turn.
const ROUNDS: usize = 101;
const TURN: usize = 400;

fn time(workbench: &mut Workbench<'_>) {
    let mut least = Decoder::ALL.map(|_| f64::INFINITY);
    for _ in 0..ROUNDS {
        for ((_, decoder), least) in Decoder::ALL.into_iter().zip(&mut least) {
            let start = Instant::now();
            workbench.repeat(decoder, TURN);
            *least = least.min(start.elapsed().as_nanos() as f64 / TURN as f64);
        }
    }
    for ((name, _), time) in Decoder::ALL.into_iter().zip(least) {
        println!("{time:.1} {name}");
    }
}
