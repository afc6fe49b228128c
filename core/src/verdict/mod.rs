//! The verdict: from channels to an answer one can act on.
//!
//! Locked: transmit. Holdover: transmit, time is running. Freerun: stop (O-RAN: the O-DU disables RF until it is
//! synchronised again). Unknown: no information, and neither a reason to start nor to stop; never the same as Freerun.

mod budget;
mod case;
mod facts;
mod follow;
mod policy;
mod reasons;

pub use policy::{Instances, OsClock, Policy, Role};
pub use reasons::{Reason, Reasons};

use crate::event::{Resource, State};
use crate::limits::{CAP_NS, DISAGREEMENT_NS, DISAGREEMENT_POLL_NS};
use crate::time::Instant;
use crate::track::{Channel, Channels, Freshness};
use budget::Budget;
use case::{Case, Unbroken};
use facts::{Optional, Side};
use follow::Follow;

/// What can be said of the node's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The state.
    pub state: State,
    /// Why.
    pub reasons: Reasons,
    /// The last state that was not Unknown; Unknown if there was none since the start.
    pub last_known: State,
    /// Since when the state is what it is.
    pub since: Instant,
    /// When the policy's own budget ends Holdover; `None` where it is not Holdover, or without such a budget: then the
    /// producer alone ends it.
    pub holdover_until: Option<Instant>,
}

/// A change of the verdict, as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerdictReport {
    /// The verdict as it is now.
    pub verdict: Verdict,
    /// How often its state changed since it was last told; 0 where only reasons did.
    pub transitions: u32,
    /// The worst state it had since then; Unknown is none.
    pub worst: State,
}

/// What the verdict has to know of the link to the producer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LinkFacts {
    pub(crate) is_lost: bool,
    pub(crate) is_subscription_taken: bool,
    pub(crate) has_no_data: bool,
}

/// Judges the channels, and remembers what the chart has to know of the past.
#[derive(Debug)]
pub(crate) struct Judge {
    started: Instant,
    has_started: bool,
    verdict: Verdict,
    until: Instant,
    follow: Follow,
    budget: Budget,
    /// The chart says Locked.
    locked: Unbroken,
    /// The chart says Locked or Holdover.
    usable: Unbroken,
    class_caps: Unbroken,
    gnss_caps: Unbroken,
    disagrees: Unbroken,
    has_asked_sync_state: bool,
    wishes: Wishes,
    transitions: u32,
    worst: State,
    is_report_due: bool,
}

/// What the judge wants to have asked for, once.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wishes {
    /// The PTP lock or the host's clock, then.
    pub(crate) follow: Option<(Resource, Instant)>,
    /// All that is required, now.
    pub(crate) required: bool,
    /// The producer's own state, now.
    pub(crate) sync_state: bool,
}

impl Judge {
    pub(crate) fn new(now: Instant) -> Self {
        let reasons = Reasons::NONE.with(Reason::Starting);
        Self {
            started: now,
            has_started: false,
            verdict: Verdict { reasons, since: now, ..Verdict::default() },
            until: now,
            follow: Follow::No,
            budget: Budget::new(),
            locked: Unbroken::new(),
            usable: Unbroken::new(),
            class_caps: Unbroken::new(),
            gnss_caps: Unbroken::new(),
            disagrees: Unbroken::new(),
            has_asked_sync_state: false,
            wishes: Wishes::default(),
            transitions: 0,
            worst: State::Unknown,
            is_report_due: false,
        }
    }

    pub(crate) const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// When the verdict may change without input, and without a change of the channels.
    pub(crate) const fn until(&self) -> Instant {
        self.until
    }

    pub(crate) fn poll_report(&mut self) -> Option<VerdictReport> {
        if !self.is_report_due {
            return None;
        }
        let report =
            VerdictReport { verdict: self.verdict, transitions: self.transitions, worst: self.worst };
        self.is_report_due = false;
        self.transitions = 0;
        self.worst = State::Unknown;
        Some(report)
    }

    /// What has to be asked for since the last time.
    pub(crate) fn take_wishes(&mut self) -> Wishes {
        core::mem::take(&mut self.wishes)
    }

    /// Judges anew.
    pub(crate) fn judge(
        &mut self,
        now: Instant,
        policy: &Policy<'_>,
        channels: &Channels<'_>,
        link: LinkFacts,
    ) {
        let mut case = Case { policy, channels, link, now, until: Instant::MAX };
        let mut chart = self.chart(&mut case);
        self.compare(&mut case, &mut chart);
        let state = self.debounce(&mut case, chart.state);
        self.until = case.until;
        let reasons = &mut chart.reasons;
        reasons.set(Reason::Recovering, state != chart.state);
        reasons.set(Reason::RoleAssumed, policy.is_role_assumed);
        reasons.set(Reason::SubscriptionTaken, link.is_subscription_taken);
        reasons.set(Reason::ProducerLost, link.is_lost);
        self.verdict.holdover_until = chart.holdover_until.filter(|_| state == State::Holdover);
        self.settle(now, state, chart.reasons);
    }

    /// The rows of the chart, the first that holds: what the channels say at this moment, before any debouncing.
    fn chart(&mut self, case: &mut Case<'_, '_>) -> Chart {
        let required = self.required(case);
        let optional = Optional::of(case.channels, case.policy);
        let lacks_place = lacks_place(case);
        let class_caps = self.class_caps.note_and_lasts(case, optional.class_caps, CAP_NS);
        let gnss_lost = optional.gnss_lost && case.policy.gnss_caps;
        let gnss_caps = self.gnss_caps.note_and_lasts(case, gnss_lost, CAP_NS);
        let is_void = required.is_void || lacks_place;
        self.has_started |= !is_void;
        let known = if is_void && required.worst != State::Freerun { State::Unknown } else { required.worst };
        let spending = self.budget.note(case, required.worst, known == State::Unknown);
        self.wishes.required |= spending.asks;

        let mut reasons = optional.reasons.and(required.reasons);
        reasons.set(Reason::ChannelsFull, case.channels.is_full());
        reasons.set(Reason::HoldoverStartUnknown, spending.is_start_unknown && known == State::Holdover);
        let state = match known {
            State::Freerun => State::Freerun,
            State::Holdover | State::Unknown if spending.is_spent => {
                reasons.set(Reason::HoldoverBudgetSpent, true);
                State::Freerun
            }
            State::Unknown => {
                self.explain_void(case, required.is_missing, lacks_place, &mut reasons);
                State::Unknown
            }
            State::Locked if class_caps || gnss_caps => State::Holdover,
            known => known,
        };
        Chart { state, reasons, holdover_until: spending.ends_at }
    }

    /// What the required channels say together.
    fn required(&mut self, case: &mut Case<'_, '_>) -> Required {
        let (channels, policy) = (case.channels, case.policy);
        let is_listed = channels.is_listed(Resource::LockState);
        let lock = Side::of(channels, Resource::LockState, policy.instances, is_listed);
        let os = Side::of(channels, Resource::OsClock, Instances::Worst, true);
        let mut required = Required::default();
        if policy.requires_lock {
            required.add(lock.state, &lock);
            required.reasons.set(Reason::LockFreerun, lock.state == State::Freerun);
            required.reasons.set(Reason::LockHoldover, lock.state == State::Holdover);
        }
        if policy.os_clock != OsClock::Info {
            let state = self.os_clock(case, &lock, &os);
            let follows = os.state == State::Freerun && state == State::Holdover;
            required.add(state, &os);
            required.reasons.set(Reason::OsFreerun, state == State::Freerun);
            required.reasons.set(Reason::OsFollows, follows);
            required.reasons.set(Reason::OsHoldover, state == State::Holdover && !follows);
        }
        required
    }

    fn os_clock(&mut self, case: &mut Case<'_, '_>, lock: &Side<'_>, os: &Side<'_>) -> State {
        if case.policy.os_clock != OsClock::Follow || !case.policy.requires_lock {
            return os.state;
        }
        let followed = self.follow.apply(case, lock, os);
        self.wishes.follow = followed.ask.or(self.wishes.follow);
        followed.state
    }

    /// Why nothing is known.
    fn explain_void(
        &mut self,
        case: &mut Case<'_, '_>,
        is_missing: bool,
        is_full: bool,
        reasons: &mut Reasons,
    ) {
        let overdue = self.started.after(case.policy.ageing.void_ns);
        let instance_missing = reasons.contains(Reason::InstanceMissing);
        reasons.set(Reason::Starting, !self.has_started);
        reasons.set(Reason::Void, !is_missing && !is_full && !instance_missing);
        let is_overdue = is_missing && case.is_past(overdue);
        reasons.set(Reason::RequiredMissing, is_overdue || (is_missing && self.has_started));
        reasons.set(Reason::NoData, is_missing && case.link.has_no_data);
    }

    /// Compares the chart with the producer's own state, which counts only if the policy says so.
    fn compare(&mut self, case: &mut Case<'_, '_>, chart: &mut Chart) {
        let theirs = case.channels.iter().find(|channel| channel.resource() == Resource::SyncState);
        let theirs = theirs.filter(|channel| channel.freshness() == Freshness::Fresh).map(Channel::state);
        let theirs = theirs.filter(|theirs| *theirs != State::Unknown && chart.state != State::Unknown);
        let differs = theirs.is_some_and(|theirs| theirs != chart.state);
        let asks = self.disagrees.note_and_lasts(case, differs, DISAGREEMENT_POLL_NS);
        self.wishes.sync_state |= asks && !self.has_asked_sync_state;
        self.has_asked_sync_state = asks;
        let lasts = self.disagrees.lasts(case, DISAGREEMENT_NS);
        chart.reasons.set(Reason::Disagreement, lasts);
        if let Some(theirs) = theirs.filter(|_| case.policy.producer_floor) {
            chart.state = chart.state.max(theirs);
        }
    }

    /// Lets the verdict get worse at once, and better only when it has been so for a while without a break.
    fn debounce(&mut self, case: &mut Case<'_, '_>, chart: State) -> State {
        let is_locked = chart == State::Locked;
        self.locked.note(case, is_locked);
        self.usable.note(case, is_locked || chart == State::Holdover);
        let before = match self.verdict.state {
            State::Unknown if self.verdict.last_known == State::Freerun => State::Freerun,
            state => state,
        };
        if chart == State::Unknown || before == State::Unknown || chart >= before {
            return chart;
        }
        let recover_ns = case.policy.recover_ns;
        let long_enough = if is_locked { &self.locked } else { &self.usable };
        if long_enough.lasts(case, recover_ns) { chart } else { self.verdict.state }
    }

    fn settle(&mut self, now: Instant, state: State, reasons: Reasons) {
        if state != self.verdict.state {
            self.verdict.state = state;
            self.verdict.since = now;
            self.transitions = self.transitions.saturating_add(1);
            self.worst = self.worst.max(state);
            self.is_report_due = true;
        }
        if state != State::Unknown {
            self.verdict.last_known = state;
        }
        if reasons != self.verdict.reasons {
            self.verdict.reasons = reasons;
            self.is_report_due = true;
        }
    }
}

/// Whether a required channel found no place.
fn lacks_place(case: &Case<'_, '_>) -> bool {
    let Case { channels, policy, .. } = case;
    (policy.requires_lock && channels.lacks_place_for(Resource::LockState))
        || (policy.os_clock != OsClock::Info && channels.lacks_place_for(Resource::OsClock))
}

/// What the chart says.
struct Chart {
    state: State,
    reasons: Reasons,
    holdover_until: Option<Instant>,
}

/// What the required channels say together.
#[derive(Default)]
struct Required {
    worst: State,
    is_void: bool,
    is_missing: bool,
    reasons: Reasons,
}

impl Required {
    /// Adds a side that counts as `state`.
    fn add(&mut self, state: State, side: &Side<'_>) {
        self.worst = self.worst.max(state);
        self.is_void |= state == State::Unknown;
        self.is_missing |= side.counting.is_none();
        self.reasons = self.reasons.and(side.reasons);
    }
}

#[cfg(test)]
mod tests;
