//! What the clock and the producer do, drawn from the seed.

use super::Setup;
use crate::random::Random;
use ptpwatch_core::event::State;
use std::fmt::Write as _;

/// The card that stands by, as `OpenShift` reports it: FREERUN, and of no class.
const STANDBY: &str = "lock-state FREERUN instance 2\nclock-class 248 instance 2\n";

/// Draws `statements` statements that make a node's day; with `lag`, answers to CurrentState come late or are old;
/// at the pace of the run.
pub(crate) fn draw(random: &mut Random, statements: u64, lag: bool, setup: Setup) -> String {
    let mut script = String::from("os-clock LOCKED offset 7\nlock-state LOCKED offset 5\nclock-class 6\n");
    if setup.has_standby {
        script.push_str(STANDBY);
    }
    let mut offset = 7;
    for _ in 0..statements {
        let pause = match random.below(10) {
            0..3 => random.between(20, 500),
            3..8 => random.between(500, 8000),
            _ => random.between(8000, 40_000),
        };
        let _ = writeln!(script, "wait {}ms", pause * setup.pace());
        if lag && random.once_in(5) {
            let _ = writeln!(
                script,
                "{}",
                random.pick(&["lag 1900ms", "lag 700ms", "lag off", "freeze 5s", "freeze off"])
            );
        }
        if random.once_in(12) {
            // What happens to a clock that loses its source.
            let _ = writeln!(script, "step-clock -{}ms", random.between(500, 3000));
        }
        let statement = match random.below(27) {
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
            21 => "lose-subscriptions".to_owned(),
            22 => "lose-registrations".to_owned(),
            23 => format!("duplicate {}", random.pick(&["on", "off"])),
            _ => "ptp LOCKED".to_owned(),
        };
        let _ = writeln!(script, "{statement}");
    }
    script
}

/// A clock that comes to rest, and the verdict it deserves. It is LOCKED for long enough to be seen first: what a clock was
/// while nobody could see it decides what a FREERUN of the host means beside HOLDOVER.
pub(crate) fn settle(random: &mut Random, lags: bool, setup: Setup) -> (State, String) {
    let lag = if lags { "lag 1900ms\n" } else { "" };
    let pause = if setup.is_calm { 1000 } else { 40 };
    let locked =
        format!("os-clock LOCKED offset 7\nlock-state LOCKED offset 5\nclock-class 6\nwait {pause}s\n");
    // A push just before the loss, by a clock that is set back at that moment: the loss seems to come late.
    let step = if random.once_in(2) { "lock-state LOCKED\nwait 1s\nstep-clock -1500ms\n" } else { "" };
    let (state, last) = *random.pick(&[
        (State::Locked, "ptp LOCKED\n"),
        (State::Holdover, "ptp HOLDOVER\n"),
        (State::Freerun, "ptp FREERUN\n"),
        (State::Freerun, "os-clock FREERUN offset 123456\n"),
        (State::Holdover, "clock-class 248\n"),
    ]);
    // A budget is shorter than the peace is.
    let is_lock_lost = last == "ptp HOLDOVER\n";
    let state = if setup.budget_ns.is_some() && is_lock_lost { State::Freerun } else { state };
    let standby = if setup.has_standby { STANDBY } else { "" };
    // The publisher behind a sidecar forgets it, and the list does not show that.
    let forgets = if random.once_in(3) { "lose-registrations\n" } else { "" };
    // Two cards are judged with a host's clock that is taken at its word, and some producers force that to FREERUN.
    let (state, last) =
        if setup.has_standby && is_lock_lost { (State::Locked, "ptp LOCKED\n") } else { (state, last) };
    (state, format!("{lag}{standby}wait 1s\n{forgets}{locked}{step}{last}wait 5000s\n"))
}
