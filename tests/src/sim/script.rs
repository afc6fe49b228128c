//! What the clock and the producer do, drawn from the seed.

use crate::random::Random;
use ptpwatch_core::event::State;
use std::fmt::Write as _;

/// Draws `statements` statements that make a node's day.
pub(crate) fn draw(random: &mut Random, statements: u64) -> String {
    let mut script = String::from("os-clock LOCKED offset 7\nlock-state LOCKED offset 5\nclock-class 6\n");
    let mut offset = 7;
    for _ in 0..statements {
        let pause = match random.below(10) {
            0..3 => random.between(20, 500),
            3..8 => random.between(500, 8000),
            _ => random.between(8000, 40_000),
        };
        let _ = writeln!(script, "wait {pause}ms");
        let statement = match random.below(24) {
            0..4 => "ptp HOLDOVER".to_owned(),
            4..6 => "ptp FREERUN".to_owned(),
            6..14 => "ptp LOCKED".to_owned(),
            14 => {
                // An offset that moved: the host's clock has come loose by itself.
                offset += 1000;
                format!("os-clock FREERUN offset {offset}")
            }
            15 | 16 => format!("os-clock LOCKED offset {}", random.between(1, 60)),
            17 => format!("clock-class {}", random.pick(&[6, 7, 135, 140, 165, 248, 255, 0])),
            18 => format!("restart down {}ms", random.between(100, 5000)),
            19 => format!("restart down {}ms forget", random.between(100, 5000)),
            20 => {
                let _ = writeln!(script, "drop on\nwait {}ms", random.between(100, 15_000));
                "drop off".to_owned()
            }
            _ => "ptp LOCKED".to_owned(),
        };
        let _ = writeln!(script, "{statement}");
    }
    script
}

/// A clock that comes to rest, and the verdict it deserves. It is LOCKED for long enough to be seen first: what a clock was
/// while nobody could see it decides what a FREERUN of the host means beside HOLDOVER.
pub(crate) fn settle(random: &mut Random) -> (State, String) {
    let locked = "os-clock LOCKED offset 7\nlock-state LOCKED offset 5\nclock-class 6\nwait 40s\n";
    let (state, last) = *random.pick(&[
        (State::Locked, "ptp LOCKED\n"),
        (State::Holdover, "ptp HOLDOVER\n"),
        (State::Freerun, "ptp FREERUN\n"),
        (State::Freerun, "os-clock FREERUN offset 123456\n"),
        (State::Holdover, "clock-class 248\n"),
    ]);
    (state, format!("{locked}{last}wait 1000s\n"))
}
