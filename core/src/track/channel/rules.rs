//! How push and poll change a channel, and what time alone does to it.

use super::{Ageing, Ask, Change, Channel, Freshness, Said};
use crate::event::{Decimal, Word};
use crate::limits::{
    LATE_ARRIVAL_NS, LATE_TIME_NS, LOOK_AGAIN_NS, SECOND_OPINION_NS, SETTLE_NS, UNCONFIRMED_NS,
    USUAL_OFFSET_NS,
};
use crate::time::{Instant, Timestamp};
use crate::track::outcome::Outcome;
use crate::track::update::{Update, Value};

impl Channel {
    /// Takes in a push, and says what became of it. `reorders`: the producer may deliver events out of order.
    // Where registers are few, it is better apart from the loop around it.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(in crate::track) fn push(
        &mut self,
        now: Instant,
        update: &Update<'_>,
        reorders: bool,
    ) -> (Outcome, Option<Ask>) {
        let Some(value) = update.value else {
            return (Outcome::Stateless, self.push_without_value(now, update));
        };
        if reorders && self.is_late(now, update.time) {
            return (Outcome::Late, self.dispute(now, value));
        }
        let outcome = if self.value == Some(value) { Outcome::Repeated } else { Outcome::Changed };
        // A producer that waited for a peer may deliver what was true a while ago.
        let is_better = self.value.is_some_and(|held| held.is_worse_than(value));
        (self.disputed, self.dismissed) = (None, None);
        self.push = Some(Said { at: now, value });
        self.time = update.time;
        self.take_metrics(now, update, self.value != Some(value));
        self.set(value, Change { earliest: now, at: now });
        self.confirm(now);
        let ask = Ask { at: now.after(SETTLE_NS), is_urgent: false };
        (outcome, if is_better { Some(ask) } else { None })
    }

    /// Takes in an answer to CurrentState that was asked for at `asked`.
    pub(in crate::track) fn poll(
        &mut self,
        now: Instant,
        asked: Instant,
        update: &Update<'_>,
    ) -> Option<Ask> {
        self.missing_count = 0;
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
    pub(in crate::track) fn advance(&mut self, now: Instant, ageing: Ageing) {
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
    pub(in crate::track) fn deadline(&self, ageing: Ageing) -> Instant {
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

    /// Whether a push is older by its own time than the last one, and close behind it: v1 sends every event from a task of
    /// its own, and a sidecar that was frozen sends those of half a minute at once, in any order. It may as well be a clock
    /// that was set back a little, so a poll decides; one that is older still is a clock that was set.
    fn is_late(&self, now: Instant, time: Option<Timestamp>) -> bool {
        let (Some(last), Some(last_time), Some(time)) = (self.push, self.time, time) else { return false };
        let step = last_time.unix_nanos().wrapping_sub(time.unix_nanos()) as u64;
        time < last_time && step <= LATE_TIME_NS && now.since(last.at) <= LATE_ARRIVAL_NS
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
        self.disputed = Some(Said { at, value: worst });
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
        let first = self.contradiction.filter(|first| first.value == value);
        let first = first.map_or(asked, |first| first.at);
        let second = first.after(SECOND_OPINION_NS);
        if asked >= second {
            self.accept_poll(now, value, update);
            return None;
        }
        self.contradiction = Some(Said { at: first, value });
        Some(Ask { at: second.max(now), is_urgent: false })
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
                self.is_offset_news = false;
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
            self.is_offset_news = !self.is_quiet(update.offset.flatten(), is_change);
        }
        if let Some(offset) = update.offset {
            if self.offset != offset {
                self.offset_since = now;
            }
            self.offset = offset;
            self.offset_heard = now;
        }
        if update.value.or(self.value) == Some(Value::Word(Word::Locked)) {
            let before = if is_change { 0 } else { self.locked_offset_ns };
            self.locked_offset_ns = before.max(self.offset.map_or(0, magnitude_ns));
        }
        if update.fix.is_some() {
            self.fix = update.fix;
        }
    }

    /// Whether an offset tells nothing new beside what is known; beside what is void, nothing is new. One that was there
    /// before a change did not cause it.
    fn is_quiet(&self, heard: Option<Decimal>, is_change: bool) -> bool {
        let (Some(before), Some(heard)) = (self.offset, heard) else { return true };
        let usual = self.locked_offset_ns.max(USUAL_OFFSET_NS);
        self.freshness == Freshness::Void || (is_change && before == heard) || magnitude_ns(heard) <= usual
    }
}

/// An offset without its sign.
const fn magnitude_ns(offset: Decimal) -> u64 {
    offset.whole().unsigned_abs()
}
