//! Does one thing a number of times, to be counted from outside.
//!
//! `ours decode PAYLOAD COUNT` or `ours consumer CONNS COUNT`.

use std::hint::black_box;

use ours::consumer;
use ours::payload::Payload;
use ours::tracker::{Tracker, slots};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *arguments {
        ["decode", name, count] => decode(Payload::named(name).expect("a payload's name"), number(count)),
        ["consumer", conns, count] => post(number(conns), number(count)),
        _ => panic!("ours decode PAYLOAD COUNT | consumer CONNS COUNT"),
    }
}

fn number(text: &str) -> usize {
    text.parse().expect("a number")
}

fn decode(payload: Payload, count: usize) {
    let mut slots = slots();
    let mut tracker = Tracker::new(&mut slots);
    let mut body = payload.body.to_vec();
    for _ in 0..count {
        black_box(tracker.take(black_box(&mut body))).expect("it is JSON");
    }
}

fn post(conns: usize, count: usize) {
    let request = Payload::ALL[0].request();
    match conns {
        4 => consumer::post::<4>(&request, count),
        16 => consumer::post::<16>(&request, count),
        64 => consumer::post::<64>(&request, count),
        256 => consumer::post::<256>(&request, count),
        _ => panic!("connections: 4, 16, 64 or 256"),
    }
}
