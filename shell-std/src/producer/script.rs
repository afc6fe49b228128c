//! The language in which one says what happens to the simulated node.
//!
//! One command a line; `#` starts a comment. Lines are carried out at once, one after the other, until a `wait`.
//!
//! ```text
//! wait TIME                                        lets time pass: 500ms, 2s, 1m
//! ptp STATE [offset N] [instance NAME]             the PTP clock changes, and the OS clock follows as it does there
//! lock-state STATE [offset N] [instance NAME]      the PTP clock alone
//! os-clock STATE [offset N]                        the OS clock
//! clock-class N [instance NAME]                    0 to 255
//! gnss WORD [offset N]                             SYNCHRONIZED, ANTENNA-DISCONNECTED and so on
//! synce-lock STATE|UNLOCKED                        the SyncE clock
//! synce-quality N [extended N]                     its quality level (G.8264), 0 to 255 each
//! sync-state STATE|derived                         instead of the worst of PTP and OS clock, which is `derived`
//! step-clock TIME                                  sets the node's clock: -2s back, +500ms forth
//! drop on|off                                      pushes are lost
//! duplicate on|off                                 pushes come twice
//! lag TIME|off                                     CurrentState tells what was true that long ago
//! freeze TIME|off                                  CurrentState is answered only after that time
//! lose-subscriptions                               all at once, and nobody is told
//! lose-registrations                               the publisher behind a sidecar forgets it; the list shows nothing
//! restart [down TIME] [ready TIME] [forget]        the producer dies, is gone, comes back, has data again
//! repeat N ... end                                 the lines between, N times
//! loop ... end                                     for ever
//! ```
//!
//! STATE is LOCKED, HOLDOVER or FREERUN; offsets are whole nanoseconds and stay until another is given. Each line is
//! reported to subscribers, also if nothing changed. NAME is what the producer calls one of the node's PTP clocks, such
//! as `ens2fx/master` or `ptp-inst2`; a number counts them in the producer's own words, and without a name it is the
//! first. The times in events are those of the node's clock. Without `down` a restart takes 2 s; without `ready` the
//! producer takes its own time until it has data; with `forget` its stored subscriptions are lost.

use std::fmt;
use std::str::FromStr;

use super::clock::State;
use super::faults::Fault;
use super::words::parse_line;

/// What happens to the simulated node, step by step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    pub(super) steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Wait(u64),
    LockState {
        state: State,
        offset_ns: Option<i64>,
        instance: Option<String>,
        followed: bool,
    },
    OsClock {
        state: State,
        offset_ns: Option<i64>,
    },
    ClockClass {
        class: u8,
        instance: Option<String>,
    },
    Gnss {
        word: String,
        offset_ns: Option<i64>,
    },
    SynceLock(String),
    SynceQuality {
        level: u8,
        extended: u8,
    },
    /// `None`: derived.
    SyncState(Option<State>),
    Fault(Fault),
    Restart(Restart),
    /// `None`: for ever.
    Repeat(Option<u32>),
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Restart {
    pub down_ns: u64,
    /// From coming back to having data; `None`: as the producer does.
    pub ready_ns: Option<u64>,
    pub forget: bool,
}

/// Why a text is no script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// Counted from 1.
    pub line: usize,
    pub cause: ScriptFault,
}

/// What is wrong with a line of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScriptFault {
    UnknownCommand(String),
    /// Something should follow; its name.
    Missing(&'static str),
    /// A word that is not what should stand there: its name, the word.
    NotA(&'static str, String),
    /// A word too many.
    Unexpected(String),
    /// An `end` with nothing to end.
    StrayEnd,
    /// A `repeat` or `loop` without its `end`.
    NoEnd,
    /// A `repeat` or `loop` in which no time passes.
    NoWait,
}

impl Script {
    /// The script over and over again; as it is if no time passes in it.
    #[must_use]
    pub fn looped(mut self) -> Self {
        if self.steps.iter().any(|step| matches!(step, Step::Wait(_))) {
            self.steps.insert(0, Step::Repeat(None));
            self.steps.push(Step::End);
        }
        self
    }

    /// Reads a script.
    ///
    /// # Errors
    /// The first line that cannot be read, and why.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let mut steps = Vec::new();
        let mut open: Vec<Block> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line_number = index + 1;
            let fault = |cause| ScriptError { line: line_number, cause };
            let Some(step) = parse_line(line).map_err(fault)? else { continue };
            match step {
                Step::Repeat(_) => open.push(Block { line: line_number, waits: false }),
                Step::Wait(_) => open.iter_mut().for_each(|block| block.waits = true),
                Step::End => match open.pop() {
                    Some(Block { waits: true, .. }) => {}
                    Some(block) => return Err(ScriptError { line: block.line, cause: ScriptFault::NoWait }),
                    None => return Err(fault(ScriptFault::StrayEnd)),
                },
                _ => {}
            }
            steps.push(step);
        }
        match open.last() {
            Some(block) => Err(ScriptError { line: block.line, cause: ScriptFault::NoEnd }),
            None => Ok(Self { steps }),
        }
    }
}

impl FromStr for Script {
    type Err = ScriptError;

    fn from_str(text: &str) -> Result<Self, ScriptError> {
        Self::parse(text)
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.cause)
    }
}

impl std::error::Error for ScriptError {}

impl fmt::Display for ScriptFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownCommand(word) => write!(f, "unknown command `{word}`"),
            Self::Missing(what) => write!(f, "{what} is missing"),
            Self::NotA(what, word) => write!(f, "`{word}` is not {what}"),
            Self::Unexpected(word) => write!(f, "unexpected `{word}`"),
            Self::StrayEnd => f.write_str("`end` without `repeat` or `loop`"),
            Self::NoEnd => f.write_str("its `end` is missing"),
            Self::NoWait => f.write_str("a `wait` is missing before its `end`"),
        }
    }
}

/// A `repeat` or `loop` that has not ended.
struct Block {
    line: usize,
    waits: bool,
}

#[cfg(test)]
mod tests {
    use ptpwatch_core::time::{MILLISECOND_NS, SECOND_NS};

    use super::*;

    fn fault(text: &str) -> (usize, String) {
        let error = Script::parse(text).unwrap_err();
        (error.line, error.cause.to_string())
    }

    #[test]
    fn every_command_is_read() {
        let script = Script::parse(
            "# a comment\n\n wait 2s # two\nptp HOLDOVER offset -3 instance ens2fx/master\nlock-state LOCKED\n\
             os-clock FREERUN offset 20\nclock-class 135\nclock-class 7 instance 2\n\
             gnss SYNCHRONIZED offset 4\nsynce-lock UNLOCKED\nsynce-quality 2\nsynce-quality 1 extended 32\n\
             sync-state FREERUN\nsync-state derived\nstep-clock -2s\nstep-clock +5ms\nstep-clock 1m\ndrop on\n\
             duplicate off\nlag 5s\nlag off\nfreeze 300ms\nlose-subscriptions\nlose-registrations\nrestart\nrestart down 1m ready 500ms forget\nrepeat 3\nwait 1ms\nend",
        )
        .unwrap();
        let again = Restart { down_ns: 60 * SECOND_NS, ready_ns: Some(500 * MILLISECOND_NS), forget: true };
        assert_eq!(
            script.steps,
            [
                Step::Wait(2 * SECOND_NS),
                Step::LockState {
                    state: State::Holdover,
                    offset_ns: Some(-3),
                    instance: Some("ens2fx/master".into()),
                    followed: true,
                },
                Step::LockState { state: State::Locked, offset_ns: None, instance: None, followed: false },
                Step::OsClock { state: State::Freerun, offset_ns: Some(20) },
                Step::ClockClass { class: 135, instance: None },
                Step::ClockClass { class: 7, instance: Some("2".into()) },
                Step::Gnss { word: "SYNCHRONIZED".into(), offset_ns: Some(4) },
                Step::SynceLock("UNLOCKED".into()),
                Step::SynceQuality { level: 2, extended: 255 },
                Step::SynceQuality { level: 1, extended: 32 },
                Step::SyncState(Some(State::Freerun)),
                Step::SyncState(None),
                Step::Fault(Fault::StepClock(-2_000_000_000)),
                Step::Fault(Fault::StepClock(5_000_000)),
                Step::Fault(Fault::StepClock(60_000_000_000)),
                Step::Fault(Fault::Drop(true)),
                Step::Fault(Fault::Duplicate(false)),
                Step::Fault(Fault::Lag(5 * SECOND_NS)),
                Step::Fault(Fault::Lag(0)),
                Step::Fault(Fault::Freeze(300 * MILLISECOND_NS)),
                Step::Fault(Fault::LoseSubscriptions),
                Step::Fault(Fault::LoseRegistrations),
                Step::Restart(Restart { down_ns: 2 * SECOND_NS, ready_ns: None, forget: false }),
                Step::Restart(again),
                Step::Repeat(Some(3)),
                Step::Wait(MILLISECOND_NS),
                Step::End,
            ]
        );
    }

    #[test]
    fn faults_name_their_line_and_cause() {
        for (text, line, cause) in [
            ("wait 2s\nwiat 3s", 2, "unknown command `wiat`"),
            ("wait", 1, "a time is missing"),
            ("wait 2", 1, "`2` is not a time"),
            ("wait 0s", 1, "`0s` is not a time"),
            ("wait s", 1, "`s` is not a time"),
            ("wait 99999999999999999999s", 1, "`99999999999999999999s` is not a time"),
            ("\n\nlock-state locked", 3, "`locked` is not a state"),
            ("lock-state LOCKED offset", 1, "an offset is missing"),
            ("lock-state LOCKED offset 1.5", 1, "`1.5` is not an offset"),
            ("lock-state LOCKED instance", 1, "an instance is missing"),
            ("os-clock LOCKED instance x", 1, "unexpected `instance`"),
            ("clock-class 256", 1, "`256` is not a clock class"),
            ("gnss", 1, "a GNSS state is missing"),
            ("sync-state worst", 1, "`worst` is not a state"),
            ("clock-class 6 offset 1", 1, "unexpected `offset`"),
            ("clock-class 6 instance", 1, "an instance is missing"),
            ("synce-lock LOST", 1, "`LOST` is not a SyncE state"),
            ("synce-quality", 1, "a quality level is missing"),
            ("synce-quality 256", 1, "`256` is not a quality level"),
            ("synce-quality 2 extended", 1, "an extended quality level is missing"),
            ("synce-quality 2 32", 1, "unexpected `32`"),
            ("step-clock", 1, "a step in time is missing"),
            ("step-clock back", 1, "`back` is not a step in time"),
            ("step-clock -2", 1, "`-2` is not a step in time"),
            ("step-clock --2s", 1, "`--2s` is not a step in time"),
            ("lag", 1, "a time or off is missing"),
            ("lag on", 1, "`on` is not a time or off"),
            ("freeze 5", 1, "`5` is not a time or off"),
            ("lose-subscriptions now", 1, "unexpected `now`"),
            ("duplicate twice", 1, "`twice` is not on or off"),
            ("drop maybe", 1, "`maybe` is not on or off"),
            ("restart forget down 2s", 1, "unexpected `down`"),
            ("repeat\nend", 1, "a count is missing"),
            ("repeat 0\nwait 1s\nend", 1, "`0` is not a count"),
            ("wait 1s\nend", 2, "`end` without `repeat` or `loop`"),
            ("loop\nwait 1s\nrepeat 2\nwait 1s\nend", 1, "its `end` is missing"),
            ("loop\nclock-class 6\nend", 1, "a `wait` is missing before its `end`"),
        ] {
            assert_eq!(fault(text), (line, cause.into()), "{text}");
        }
        assert_eq!(
            Script::parse("\nend").unwrap_err().to_string(),
            "line 2: `end` without `repeat` or `loop`"
        );
    }

    #[test]
    fn a_script_in_which_time_passes_can_go_on_for_ever() {
        let looped = |text: &str| Script::parse(text).unwrap().looped();
        assert_eq!(
            looped("clock-class 6\nwait 1s"),
            Script::parse("loop\nclock-class 6\nwait 1s\nend").unwrap()
        );
        assert_eq!(looped("clock-class 6"), Script::parse("clock-class 6").unwrap());
    }
}
