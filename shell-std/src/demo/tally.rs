//! The tally: what was seen, and whether it is what the script is about.

use std::fmt;

use ptpwatch_core::event::State;
use ptpwatch_core::time::Instant;
use ptpwatch_core::verdict::VerdictReport;

use crate::simulate::Saying;
use crate::view::Moment;

/// What was seen so far.
#[derive(Debug)]
pub(super) struct Tally {
    /// The verdicts that the script leads to; again from the second on where it is played again. `None`: anybody's guess.
    expected: Option<&'static [State]>,
    /// The first of the verdicts.
    verdicts: Vec<State>,
    verdicts_count: usize,
    last: State,
    has_strayed: bool,
    /// What the producer said of its clocks.
    pub(super) changes: u64,
    /// What the PTP clock went to last, and when; until a verdict followed.
    cause: Option<(State, Instant)>,
    /// From the PTP clock's change to a verdict that is worse than the one before.
    pub(super) losses: Delays,
    /// The same to LOCKED.
    pub(super) recoveries: Delays,
}

/// Time spans, in nanoseconds, the shortest first.
#[derive(Debug, Default)]
pub(super) struct Delays(Vec<u64>);

/// States in their order: `LOCKED > HOLDOVER`.
#[derive(Debug)]
pub(super) struct Row<'t>(&'t [State], bool);

impl Tally {
    pub(super) fn new(script: &str) -> Self {
        Self {
            expected: EXPECTED.iter().find(|(name, _)| *name == script).map(|(_, states)| *states),
            verdicts: Vec::new(),
            verdicts_count: 0,
            last: State::Unknown,
            has_strayed: false,
            changes: 0,
            cause: None,
            losses: Delays::default(),
            recoveries: Delays::default(),
        }
    }

    /// The producer said something.
    pub(super) fn handle_saying(&mut self, saying: &Saying) {
        let Some((what, value)) = saying.text.split_once(' ').filter(|(what, _)| CLOCKS.contains(what))
        else {
            return;
        };
        self.changes += 1;
        let states = [State::Locked, State::Holdover, State::Freerun];
        if let Some(state) = states.into_iter().find(|state| what == "lock-state" && state.name() == value) {
            self.cause = Some((state, saying.moment.now));
        }
    }

    /// The verdict changed, or its reasons.
    pub(super) fn handle_verdict(&mut self, moment: Moment, report: &VerdictReport) {
        let state = report.verdict.state;
        let before = std::mem::replace(&mut self.last, state);
        if state == before {
            return;
        }
        if let Some((_, at)) = self.cause.take_if(|(cause, _)| *cause == state)
            && before != State::Unknown
        {
            let delays = if state > before { &mut self.losses } else { &mut self.recoveries };
            delays.push(moment.now.since(at));
        }
        self.has_strayed |= self.expected_at(self.verdicts_count).is_some_and(|expected| expected != state);
        if self.verdicts.len() < VERDICTS_MAX {
            self.verdicts.push(state);
        }
        self.verdicts_count += 1;
    }

    /// The verdicts.
    pub(super) fn verdicts(&self) -> Row<'_> {
        Row(&self.verdicts, self.verdicts_count > self.verdicts.len())
    }

    /// The verdicts that there should have been, if there were others: less is no fault unless the play `is_over`.
    pub(super) fn missed(&self, is_over: bool) -> Option<Row<'static>> {
        let expected = self.expected?;
        let is_short = is_over && self.verdicts_count < expected.len();
        (self.has_strayed || is_short).then_some(Row(expected, false))
    }

    /// Whether it is known what should be seen.
    pub(super) fn has_expectations(&self) -> bool {
        self.expected.is_some()
    }

    fn expected_at(&self, index: usize) -> Option<State> {
        let expected = self.expected?;
        let again = index.saturating_sub(1).checked_rem(expected.len() - 1).map_or(0, |place| place + 1);
        expected.get(if index == 0 { 0 } else { again }).copied()
    }
}

impl Row<'_> {
    /// The names, in their order.
    pub(super) fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|state| state.name()).collect()
    }
}

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        let more = if self.1 { " > ..." } else { "" };
        write!(f, "{}{more}", self.names().join(" > "))
    }
}

impl Delays {
    fn push(&mut self, nanos: u64) {
        if self.0.len() < DELAYS_MAX {
            let place = self.0.partition_point(|other| *other <= nanos);
            self.0.insert(place, nanos);
        }
    }

    /// The median; of an even number the smaller of the two.
    pub(super) fn median(&self) -> Option<u64> {
        self.0.get(self.0.len().saturating_sub(1) / 2).copied()
    }

    pub(super) fn max(&self) -> Option<u64> {
        self.0.last().copied()
    }
}

/// Scripts that lead to the same verdicts wherever they are played.
const EXPECTED: [(&str, &[State]); 3] = [("demo", ROUND), ("link-down", ROUND), ("gnss-loss", ROUND)];
const ROUND: &[State] = &[State::Locked, State::Holdover, State::Freerun, State::Locked];
/// How the producer's lines about its clocks begin.
const CLOCKS: [&str; 5] = ["lock-state", "os-clock", "clock-class", "gnss", "sync-state"];
/// Verdicts and time spans that are kept.
const VERDICTS_MAX: usize = 13;
const DELAYS_MAX: usize = 10_000;

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use ptpwatch_core::time::MILLISECOND_NS;
    use ptpwatch_core::verdict::Verdict;

    use super::*;

    fn at(ms: u64) -> Moment {
        Moment { now: Instant::from_nanos(ms * MILLISECOND_NS), wall: SystemTime::UNIX_EPOCH }
    }

    fn say(tally: &mut Tally, ms: u64, text: &str) {
        tally.handle_saying(&Saying { moment: at(ms), text: text.to_owned() });
    }

    fn judge(tally: &mut Tally, ms: u64, state: State) {
        let report = VerdictReport {
            verdict: Verdict { state, ..Verdict::default() },
            transitions: 1,
            worst: State::Unknown,
        };
        tally.handle_verdict(at(ms), &report);
    }

    #[test]
    fn a_round_is_what_was_expected_and_so_are_more_of_them() {
        let mut tally = Tally::new("demo");
        judge(&mut tally, 0, State::Unknown);
        for (index, state) in ROUND.iter().chain(&ROUND[1..]).enumerate() {
            assert_eq!(tally.missed(true).is_some(), index < ROUND.len());
            assert!(tally.missed(false).is_none());
            judge(&mut tally, 1, *state);
            judge(&mut tally, 2, *state);
        }
        assert!(tally.missed(true).is_none());
        judge(&mut tally, 3, State::Unknown);
        assert_eq!(tally.missed(false).unwrap().to_string(), "LOCKED > HOLDOVER > FREERUN > LOCKED");
        assert_eq!(tally.verdicts().names().len(), 8);
        (0..10).for_each(|index| judge(&mut tally, 4, ROUND[index % 3]));
        assert!(tally.verdicts().to_string().ends_with(" > ..."));
        assert_eq!(tally.verdicts().names().len(), VERDICTS_MAX);
    }

    #[test]
    fn of_another_script_nothing_is_expected() {
        let mut tally = Tally::new("./mine");
        judge(&mut tally, 0, State::Freerun);
        assert!(tally.missed(true).is_none() && !tally.has_expectations());
    }

    #[test]
    fn losses_and_recoveries_are_timed_apart() {
        let mut tally = Tally::new("demo");
        say(&mut tally, 0, "lock-state LOCKED");
        judge(&mut tally, 9, State::Locked);
        say(&mut tally, 1000, "lock-state HOLDOVER");
        say(&mut tally, 1001, "os-clock FREERUN");
        say(&mut tally, 1001, "push lock-state -> 204");
        judge(&mut tally, 1002, State::Holdover);
        say(&mut tally, 2000, "lock-state FREERUN");
        judge(&mut tally, 2005, State::Freerun);
        say(&mut tally, 3000, "lock-state LOCKED");
        judge(&mut tally, 6000, State::Locked);
        let ms = |nanos: Option<u64>| nanos.unwrap() / MILLISECOND_NS;
        assert_eq!((tally.losses.0.len(), ms(tally.losses.median()), ms(tally.losses.max())), (2, 2, 5));
        assert_eq!((tally.recoveries.0.len(), ms(tally.recoveries.max())), (1, 3000));
        assert_eq!(tally.changes, 5);
        assert_eq!(Delays::default().median(), None);
    }
}
