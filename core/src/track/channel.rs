//! One channel: what a resource of an instance last reported, and how far that is still known.

use super::update::{Update, Value};
use crate::event::{Decimal, Resource, State, Word};
use crate::limits::{
    FROZEN_NS, INSTANCE_MAX, LATE_ARRIVAL_NS, LATE_TIME_NS, LOOK_AGAIN_NS, SECOND_OPINION_NS, SETTLE_NS,
    UNCONFIRMED_NS, USUAL_OFFSET_NS,
};
use crate::time::{Instant, Timestamp};
use heapless::Vec;

/// How far a channel's value is known to be true.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Freshness {
    /// Not at all: never heard, or not for long.
    #[default]
    Void,
    /// Heard or confirmed a short while ago.
    Fresh,
    /// Not confirmed for longer than it should take.
    Stale,
}

impl Freshness {
    /// The name in JSON lines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Void => "void",
            Self::Fresh => "fresh",
            Self::Stale => "stale",
        }
    }
}

/// When a value came to be: at `at` as far as we saw, and not before `earliest`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The last time the value before it was confirmed.
    pub earliest: Instant,
    /// The time this value was first seen.
    pub at: Instant,
}

impl Change {
    /// Nanoseconds that lie between the two changes at least.
    pub fn distance(self, other: Self) -> u64 {
        self.earliest.since(other.at).max(other.earliest.since(self.at))
    }
}

/// How long a channel's value stays known without being confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ageing {
    /// After this it is stale, in nanoseconds.
    pub stale_ns: u64,
    /// After this it is void, in nanoseconds.
    pub void_ns: u64,
}

/// A wish to have CurrentState asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) at: Instant,
    /// Whether it goes before everything else.
    pub(crate) is_urgent: bool,
}

/// What a resource of one instance reports.
#[derive(Clone, Debug)]
pub struct Channel {
    pub(super) resource: Resource,
    pub(super) instance: Vec<u8, INSTANCE_MAX>,
    pub(super) value: Option<Value>,
    pub(super) freshness: Freshness,
    pub(super) confirmed: Instant,
    change: Change,
    previous: Option<Value>,
    offset: Option<Decimal>,
    is_offset_quiet: bool,
    /// The largest offset, without its sign, that was heard while the value was LOCKED, since it came to be that.
    locked_offset_ns: u64,
    /// Since when the offset has been what it is, and when it was last said to be.
    offset_since: Instant,
    offset_heard: Instant,
    fix: Option<u8>,
    time: Option<Timestamp>,
    push: Option<Push>,
    disputed: Option<Disputed>,
    /// A dispute that a poll has settled against the late push, and that is looked at again: CurrentState may lag.
    dismissed: Option<Disputed>,
    contradiction: Option<Contradiction>,
    has_unknown_word: bool,
    is_unconfirmed: bool,
    pub(super) missing_count: u8,
    pub(super) report: Report,
}

/// The last push that was applied.
#[derive(Clone, Copy, Debug)]
struct Push {
    at: Instant,
    time: Option<Timestamp>,
    value: Value,
}

/// A push that came late, and may be older than what is known.
#[derive(Clone, Copy, Debug)]
struct Disputed {
    at: Instant,
    value: Value,
}

/// A poll that contradicts the last push for the better, and waits for a second opinion.
#[derive(Clone, Copy, Debug)]
struct Contradiction {
    asked: Instant,
    value: Value,
}

/// What is not told yet.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Report {
    pub(super) transitions: u32,
    pub(super) worst: Option<Value>,
    pub(super) is_due: bool,
    pub(super) is_gone: bool,
}

impl Channel {
    pub(super) const EMPTY: Self = Self {
        resource: Resource::LockState,
        instance: Vec::new(),
        value: None,
        freshness: Freshness::Void,
        confirmed: Instant::from_nanos(0),
        change: Change { earliest: Instant::from_nanos(0), at: Instant::from_nanos(0) },
        previous: None,
        offset: None,
        is_offset_quiet: true,
        locked_offset_ns: 0,
        offset_since: Instant::from_nanos(0),
        offset_heard: Instant::from_nanos(0),
        fix: None,
        time: None,
        push: None,
        disputed: None,
        dismissed: None,
        contradiction: None,
        has_unknown_word: false,
        is_unconfirmed: false,
        missing_count: 0,
        report: Report { transitions: 0, worst: None, is_due: false, is_gone: false },
    };

    /// A channel that was never heard.
    pub(super) fn new(resource: Resource, instance: Vec<u8, INSTANCE_MAX>) -> Self {
        Self { resource, instance, ..Self::EMPTY }
    }

    /// The resource.
    pub const fn resource(&self) -> Resource {
        self.resource
    }

    /// The instance, such as `ens1fx/master`; empty where the resource has none.
    pub fn instance(&self) -> &[u8] {
        &self.instance
    }

    /// What was last reported, also when it is void by now.
    pub const fn value(&self) -> Option<Value> {
        self.value
    }

    /// How far the value is still known.
    pub const fn freshness(&self) -> Freshness {
        self.freshness
    }

    /// The state that the channel vouches for: [`State::Unknown`] while it is void or reports no state.
    pub const fn state(&self) -> State {
        match (self.freshness, self.value) {
            (Freshness::Void, _) => State::Unknown,
            (_, Some(Value::Word(word))) => word.state(),
            _ => State::Unknown,
        }
    }

    /// The offset last reported, in nanoseconds; `None` where the producer has none.
    pub const fn offset(&self) -> Option<Decimal> {
        self.offset
    }

    /// The kind of fix of a GNSS receiver, as last reported.
    pub const fn gnss_fix(&self) -> Option<u8> {
        self.fix
    }

    /// When the value came to be.
    pub const fn change(&self) -> Change {
        self.change
    }

    /// A push that came late and waits for a poll, or for a second one: what it said, and until when it waits.
    pub fn disputed(&self) -> Option<(Value, Instant)> {
        let disputed = self.disputed.map(|disputed| (disputed.value, disputed.at.after(UNCONFIRMED_NS)));
        let dismissed =
            || self.dismissed.map(|held| (held.value, held.at.after(LOOK_AGAIN_NS + UNCONFIRMED_NS)));
        disputed.or_else(dismissed)
    }

    /// When the value was last pushed; `None` if it never was.
    pub fn pushed(&self) -> Option<Instant> {
        self.push.map(|push| push.at)
    }

    /// The value before the present one.
    pub const fn previous(&self) -> Option<Value> {
        self.previous
    }

    /// The last time the value was heard or confirmed.
    pub const fn confirmed(&self) -> Instant {
        self.confirmed
    }

    /// The producer's own time of the last push.
    pub const fn time(&self) -> Option<Timestamp> {
        self.time
    }

    /// Whether the value came with an offset that told nothing new: none, a sentinel, the one before, or one as small as
    /// those of a clock that is LOCKED.
    pub const fn is_offset_quiet(&self) -> bool {
        self.is_offset_quiet
    }

    /// Whether the offset has been said for long, and never moved by a nanosecond.
    pub fn is_offset_frozen(&self) -> bool {
        self.freshness == Freshness::Fresh
            && self.offset.is_some()
            && self.offset_heard.since(self.offset_since) >= FROZEN_NS
    }

    /// Whether the last push held a word that is none of the resource's.
    pub const fn has_unknown_word(&self) -> bool {
        self.has_unknown_word
    }

    /// Whether the value is the worse of two pushes that no poll has settled.
    pub const fn is_unconfirmed(&self) -> bool {
        self.is_unconfirmed
    }

    /// Takes in a push. `reorders`: the producer may deliver events out of order.
    pub(super) fn push(&mut self, now: Instant, update: &Update<'_>, reorders: bool) -> Option<Ask> {
        let Some(value) = update.value else { return self.push_without_value(now, update) };
        if reorders && self.is_late(now, update.time) {
            return self.dispute(now, value);
        }
        // A producer that waited for a peer may deliver what was true a while ago.
        let is_better = self.value.is_some_and(|held| held.is_worse_than(value));
        (self.disputed, self.dismissed) = (None, None);
        self.push = Some(Push { at: now, time: update.time, value });
        self.time = update.time;
        self.take_metrics(now, update, self.value != Some(value));
        self.set(value, Change { earliest: now, at: now });
        self.confirm(now);
        if is_better { Some(Ask { at: now.after(SETTLE_NS), is_urgent: false }) } else { None }
    }

    /// Takes in an answer to CurrentState that was asked for at `asked`.
    pub(super) fn poll(&mut self, now: Instant, asked: Instant, update: &Update<'_>) -> Option<Ask> {
        let Some(value) = update.value else {
            self.take_metrics(now, update, false);
            return None;
        };
        if let Some(push) = self.push
            && asked < push.at
        {
            return Some(Ask { at: push.at.after(SETTLE_NS), is_urgent: false });
        }
        if let Some(disputed) = self.disputed.filter(|disputed| asked >= disputed.at) {
            self.disputed = None;
            self.dismissed = Some(disputed);
        }
        if self.freshness == Freshness::Void || self.value == Some(value) || self.is_worse(value) {
            self.accept_poll(now, value, update);
            return self.look_again(now, asked);
        }
        self.upgrade(now, asked, value, update)
    }

    /// What has to happen by the clock alone: a dispute that no poll settled, and age.
    pub(super) fn advance(&mut self, now: Instant, ageing: Ageing) {
        if let Some(disputed) = self.disputed
            && now >= disputed.at.after(UNCONFIRMED_NS)
        {
            self.disputed = None;
            if self.is_worse(disputed.value) {
                self.set(disputed.value, Change { earliest: disputed.at, at: now });
                self.is_unconfirmed = true;
            }
        }
        let freshness = match now.since(self.confirmed) {
            _ if self.freshness == Freshness::Void => Freshness::Void,
            age if age < ageing.stale_ns => Freshness::Fresh,
            age if age < ageing.void_ns => Freshness::Stale,
            _ => Freshness::Void,
        };
        self.set_freshness(freshness);
    }

    /// The next time that [`advance`](Self::advance) may change something.
    pub(super) fn deadline(&self, ageing: Ageing) -> Instant {
        let age = match self.freshness {
            Freshness::Void => Instant::MAX,
            Freshness::Fresh => self.confirmed.after(ageing.stale_ns),
            Freshness::Stale => self.confirmed.after(ageing.void_ns),
        };
        let dispute = self.disputed.map_or(Instant::MAX, |disputed| disputed.at.after(UNCONFIRMED_NS));
        age.min(dispute)
    }

    /// A push that names no value: it confirms nothing, and an unknown word voids what was known.
    fn push_without_value(&mut self, now: Instant, update: &Update<'_>) -> Option<Ask> {
        self.take_metrics(now, update, false);
        if !update.has_unknown_word {
            return None;
        }
        self.has_unknown_word = true;
        self.set_freshness(Freshness::Void);
        self.report.is_due = true;
        Some(Ask { at: now, is_urgent: true })
    }

    /// Whether a push is slightly older by its own time than the last one, and close behind it: v1 sends every event
    /// from a task of its own. A larger step back is a clock that was set.
    fn is_late(&self, now: Instant, time: Option<Timestamp>) -> bool {
        let (Some(last), Some(time)) = (self.push, time) else { return false };
        let Some(last_time) = last.time else { return false };
        let step = last_time.unix_nanos().saturating_sub(time.unix_nanos());
        step > 0 && step.unsigned_abs() <= LATE_TIME_NS && now.since(last.at) <= LATE_ARRIVAL_NS
    }

    fn dispute(&mut self, now: Instant, value: Value) -> Option<Ask> {
        if self.value == Some(value) {
            return None;
        }
        let worst = match self.disputed {
            Some(held) if held.value.is_worse_than(value) => held.value,
            _ => value,
        };
        let at = self.disputed.map_or(now, |held| held.at);
        self.disputed = Some(Disputed { at, value: worst });
        Some(Ask { at: now, is_urgent: true })
    }

    /// A poll that says better than what is known: believed only when it was asked late enough, and twice where it
    /// contradicts the last push. CurrentState lags behind pushes.
    fn upgrade(&mut self, now: Instant, asked: Instant, value: Value, update: &Update<'_>) -> Option<Ask> {
        let Some(push) = self.push.filter(|push| push.value != value) else {
            self.accept_poll(now, value, update);
            return None;
        };
        let settled = push.at.after(SETTLE_NS);
        if asked < settled {
            return Some(Ask { at: settled.max(now), is_urgent: false });
        }
        match self.contradiction.filter(|first| first.value == value) {
            Some(first) if asked >= first.asked.after(SECOND_OPINION_NS) => {
                self.accept_poll(now, value, update);
                None
            }
            Some(first) => Some(Ask { at: first.asked.after(SECOND_OPINION_NS).max(now), is_urgent: false }),
            None => {
                self.contradiction = Some(Contradiction { asked, value });
                Some(Ask { at: asked.after(SECOND_OPINION_NS).max(now), is_urgent: false })
            }
        }
    }

    /// Asks again while a settled dispute is young: an answer may be as old as the dispute.
    fn look_again(&mut self, now: Instant, asked: Instant) -> Option<Ask> {
        let dismissed = self.dismissed.filter(|dismissed| asked < dismissed.at.after(LOOK_AGAIN_NS));
        self.dismissed = dismissed;
        dismissed.map(|_| Ask { at: asked.after(SETTLE_NS).max(now), is_urgent: true })
    }

    fn accept_poll(&mut self, now: Instant, value: Value, update: &Update<'_>) {
        self.take_metrics(now, update, self.value != Some(value));
        let earliest = if self.value.is_some() { self.confirmed } else { Instant::from_nanos(0) };
        self.set(value, Change { earliest, at: now });
        self.confirm(now);
    }

    fn is_worse(&self, value: Value) -> bool {
        self.value.is_none_or(|held| value.is_worse_than(held))
    }

    fn set(&mut self, value: Value, change: Change) {
        self.contradiction = None;
        self.is_unconfirmed = false;
        self.has_unknown_word = false;
        if self.dismissed.is_some_and(|dismissed| !dismissed.value.is_worse_than(value)) {
            self.dismissed = None;
        }
        if self.value == Some(value) {
            if self.freshness == Freshness::Void {
                // It may have been something else meanwhile, and come back at any time.
                self.change.at = change.at;
                self.is_offset_quiet = true;
            }
            return;
        }
        // What was known before a silence says nothing of the moment before.
        self.previous = if self.freshness == Freshness::Void { None } else { self.value };
        self.value = Some(value);
        self.change = change;
        self.report.transitions = self.report.transitions.saturating_add(1);
        if self.report.worst.is_none_or(|worst| value.is_worse_than(worst)) {
            self.report.worst = Some(value);
        }
        self.report.is_due = true;
    }

    fn confirm(&mut self, now: Instant) {
        self.confirmed = now;
        self.set_freshness(Freshness::Fresh);
    }

    fn set_freshness(&mut self, freshness: Freshness) {
        if self.freshness != freshness {
            self.freshness = freshness;
            self.report.is_due = true;
        }
    }

    /// Takes in the metrics of an update that is, or is not, a change of the value.
    fn take_metrics(&mut self, now: Instant, update: &Update<'_>, is_change: bool) {
        if update.value.is_some() {
            self.is_offset_quiet = self.is_quiet(update.offset.flatten(), is_change);
        }
        if let Some(offset) = update.offset {
            if self.offset != offset {
                self.offset_since = now;
            }
            self.offset = offset;
            self.offset_heard = now;
        }
        let is_locked = update.value.or(self.value) == Some(Value::Word(Word::Locked));
        let heard = self.offset.map_or(0, |offset| offset.whole().unsigned_abs());
        self.locked_offset_ns = match (is_locked, is_change) {
            (true, true) => heard,
            (true, false) => self.locked_offset_ns.max(heard),
            (false, _) => self.locked_offset_ns,
        };
        if update.fix.is_some() {
            self.fix = update.fix;
        }
    }

    /// Whether an offset tells nothing new beside what is known; beside what is void, nothing is new. One that was there
    /// before a change did not cause it.
    fn is_quiet(&self, heard: Option<Decimal>, is_change: bool) -> bool {
        let (Some(before), Some(heard)) = (self.offset, heard) else { return true };
        let usual = self.locked_offset_ns.max(USUAL_OFFSET_NS);
        self.freshness == Freshness::Void
            || (is_change && before == heard)
            || heard.whole().unsigned_abs() <= usual
    }
}
