//! `state`: the verdict once, as a line and an exit code.

use std::time::{Duration, Instant};

use ptpwatch_core::consumer::{Link, Notice};
use ptpwatch_core::event;
use ptpwatch_core::verdict::{Reason, Reasons, Verdict, VerdictReport};

use crate::failure::Failure;
use crate::options::{State, Watch};
use crate::output::Output;
use crate::signals::Signals;
use crate::turn::{Turn, clock};
use crate::view::{Moment, TroubleName, View};
use crate::watch::{Ground, Manner, check_found};

/// Asks until the verdict is known, or for as long as it may take; returns the exit code that tells it.
///
/// # Errors
/// If it cannot begin, or stdout is gone.
#[inline(never)]
pub fn state(options: &State) -> Result<u8, Failure> {
    let watch = &options.watch;
    let deadline = Instant::now() + options.wait;
    let mut signals = Signals::new()?;
    let Some(mut ground) = Ground::lay(watch, Manner::Guest, &mut signals, Some(options.wait))? else {
        return tell(options, out_of_reach());
    };
    let mut turn = ground.turn(&mut signals, None)?;
    let is_known = |turn: &Turn<'_>| turn.consumer().verdict().state != event::State::Unknown;
    go_on(&mut turn, deadline, |turn| is_known(turn) || signals.take().is_some())?;
    log_link(watch, turn.consumer().link());
    let code = tell(options, turn.consumer().verdict())?;
    turn.stop();
    go_on(&mut turn, Instant::now() + STOP_MAX, |turn| turn.consumer().is_stopped())?;
    Ok(code)
}

fn log_link(watch: &Watch, link: Link) {
    if let Some(found) = link.dialect {
        check_found(watch, found);
    }
    if let Some(trouble) = link.trouble {
        let search = if link.dialect.is_none() { "dialect unknown, " } else { "" };
        log::warn!("the producer: {search}{}", TroubleName(trouble));
    }
}

/// Takes turns until `is_done` or the deadline.
fn go_on(
    turn: &mut Turn<'_>,
    deadline: Instant,
    mut is_done: impl FnMut(&Turn<'_>) -> bool,
) -> Result<(), Failure> {
    while !is_done(turn) {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        turn.step(Some(left), |_| {})?;
    }
    Ok(())
}

fn tell(options: &State, verdict: Verdict) -> Result<u8, Failure> {
    let mut output = Output::stdout()?;
    let mut view = View::new(options.watch.lines, &options.watch.node);
    let report = VerdictReport { verdict, transitions: 0, worst: event::State::Unknown };
    view.push(&mut output, Moment::now(), &Notice::Verdict(0, report));
    output.drain(Instant::now() + DRAIN).map_err(|error| Failure::new(format_args!("stdout: {error}")))?;
    Ok(exit_code(verdict.state))
}

/// How an exit code tells a verdict.
pub(crate) fn exit_code(state: event::State) -> u8 {
    match state {
        event::State::Locked => 0,
        event::State::Holdover => 10,
        event::State::Freerun => 11,
        event::State::Unknown => 12,
    }
}

/// The verdict on a node whose producer was not even found.
fn out_of_reach() -> Verdict {
    Verdict {
        reasons: Reasons::NONE.with(Reason::Starting).with(Reason::ProducerLost),
        since: clock::now(),
        ..Verdict::default()
    }
}

/// How long the way out may take.
const STOP_MAX: Duration = Duration::from_secs(2);
/// How long the line may take.
const DRAIN: Duration = Duration::from_secs(2);
