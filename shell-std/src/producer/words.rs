//! Reads one line of a script.

use std::str::{FromStr, SplitWhitespace};

use ptpwatch_core::time::{MILLISECOND_NS, SECOND_NS};

use super::clock::State;
use super::faults::Fault;
use super::script::{Restart, ScriptFault, Step};

/// What a line says to do; `None` for an empty one.
pub(super) fn parse_line(line: &str) -> Result<Option<Step>, ScriptFault> {
    let code = line.split('#').next().unwrap_or_default();
    let mut words = Words(code.split_whitespace());
    let Some(command) = words.0.next() else { return Ok(None) };
    let step = match command {
        "wait" => Step::Wait(words.time()?),
        "ptp" => words.lock_state(true)?,
        "lock-state" => words.lock_state(false)?,
        "os-clock" => Step::OsClock { state: words.state()?, offset_ns: words.offset()? },
        "clock-class" => words.clock_class()?,
        "gnss" => Step::Gnss { word: words.word("a GNSS state")?.into(), offset_ns: words.offset()? },
        "sync-state" => Step::SyncState(words.state_or_derived()?),
        "synce-lock" => Step::SynceLock(words.synce_state()?),
        "synce-quality" => words.synce_quality()?,
        "drop" => Step::Fault(Fault::Drop(words.on_or_off()?)),
        "duplicate" => Step::Fault(Fault::Duplicate(words.on_or_off()?)),
        "lag" => Step::Fault(Fault::Lag(words.time_or_off()?)),
        "freeze" => Step::Fault(Fault::Freeze(words.time_or_off()?)),
        "step-clock" => Step::Fault(Fault::StepClock(words.read("a step in time", parse_step)?)),
        "lose-subscriptions" => Step::Fault(Fault::LoseSubscriptions),
        "lose-registrations" => Step::Fault(Fault::LoseRegistrations),
        "restart" => Step::Restart(words.restart()?),
        "repeat" => Step::Repeat(Some(words.count()?)),
        "loop" => Step::Repeat(None),
        "end" => Step::End,
        _ => return Err(ScriptFault::UnknownCommand(command.into())),
    };
    match words.0.next() {
        Some(word) => Err(ScriptFault::Unexpected(word.into())),
        None => Ok(Some(step)),
    }
}

/// The words of a line that are left to read.
struct Words<'t>(SplitWhitespace<'t>);

impl<'t> Words<'t> {
    fn word(&mut self, what: &'static str) -> Result<&'t str, ScriptFault> {
        self.0.next().ok_or(ScriptFault::Missing(what))
    }

    /// Takes the next word if it is `word`.
    fn accept(&mut self, word: &str) -> bool {
        let mut ahead = self.0.clone();
        let found = ahead.next() == Some(word);
        if found {
            self.0 = ahead;
        }
        found
    }

    fn read<T>(&mut self, what: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<T, ScriptFault> {
        let word = self.word(what)?;
        parse(word).ok_or_else(|| ScriptFault::NotA(what, word.into()))
    }

    fn number<T: FromStr>(&mut self, what: &'static str) -> Result<T, ScriptFault> {
        self.read(what, |word| word.parse().ok())
    }

    fn count(&mut self) -> Result<u32, ScriptFault> {
        self.read("a count", |word| word.parse().ok().filter(|count| *count > 0))
    }

    fn time(&mut self) -> Result<u64, ScriptFault> {
        self.read("a time", parse_time)
    }

    fn time_or_off(&mut self) -> Result<u64, ScriptFault> {
        self.read("a time or off", |word| if word == "off" { Some(0) } else { parse_time(word) })
    }

    fn state(&mut self) -> Result<State, ScriptFault> {
        self.read("a state", State::parse)
    }

    fn state_or_derived(&mut self) -> Result<Option<State>, ScriptFault> {
        if self.accept("derived") { Ok(None) } else { self.state().map(Some) }
    }

    fn on_or_off(&mut self) -> Result<bool, ScriptFault> {
        self.read("on or off", |word| match word {
            "on" => Some(true),
            "off" => Some(false),
            _ => None,
        })
    }

    fn offset(&mut self) -> Result<Option<i64>, ScriptFault> {
        if self.accept("offset") { self.number("an offset").map(Some) } else { Ok(None) }
    }

    fn lock_state(&mut self, followed: bool) -> Result<Step, ScriptFault> {
        let state = self.state()?;
        let offset_ns = self.offset()?;
        Ok(Step::LockState { state, offset_ns, instance: self.instance()?, followed })
    }

    fn clock_class(&mut self) -> Result<Step, ScriptFault> {
        Ok(Step::ClockClass { class: self.number("a clock class")?, instance: self.instance()? })
    }

    fn instance(&mut self) -> Result<Option<String>, ScriptFault> {
        if self.accept("instance") {
            self.word("an instance").map(|word| Some(word.into()))
        } else {
            Ok(None)
        }
    }

    fn synce_state(&mut self) -> Result<String, ScriptFault> {
        let is_known = |word: &str| word == "UNLOCKED" || State::parse(word).is_some();
        self.read("a SyncE state", |word| is_known(word).then(|| word.into()))
    }

    fn synce_quality(&mut self) -> Result<Step, ScriptFault> {
        let level = self.number("a quality level")?;
        let has_extended = self.accept("extended");
        let extended = if has_extended { self.number("an extended quality level")? } else { u8::MAX };
        Ok(Step::SynceQuality { level, extended })
    }

    fn restart(&mut self) -> Result<Restart, ScriptFault> {
        let down_ns = if self.accept("down") { self.time()? } else { 2 * SECOND_NS };
        let ready_ns = if self.accept("ready") { Some(self.time()?) } else { None };
        Ok(Restart { down_ns, ready_ns, forget: self.accept("forget") })
    }
}

/// Nanoseconds of a time such as `500ms`, `2s` or `1m`; none is too short for time to pass.
fn parse_time(word: &str) -> Option<u64> {
    let unit_at = word.find(|character: char| !character.is_ascii_digit())?;
    let (count, unit) = word.split_at(unit_at);
    let unit_ns = match unit {
        "ms" => MILLISECOND_NS,
        "s" => SECOND_NS,
        "m" => 60 * SECOND_NS,
        _ => return None,
    };
    count.parse::<u64>().ok()?.checked_mul(unit_ns).filter(|nanos| *nanos > 0)
}

/// The same with a sign, which may be missing.
fn parse_step(word: &str) -> Option<i64> {
    let (is_back, time) = match word.strip_prefix('-') {
        Some(time) => (true, time),
        None => (false, word.strip_prefix('+').unwrap_or(word)),
    };
    let nanos = i64::try_from(parse_time(time)?).ok()?;
    Some(if is_back { -nanos } else { nanos })
}
