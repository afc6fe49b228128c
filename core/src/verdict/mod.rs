//! The verdict: from channels to an answer one can act on.
//!
//! Locked: transmit. Holdover: transmit, time is running. Freerun: stop (O-RAN: the O-DU disables RF until it is
//! synchronised again). Unknown: no information, and neither a reason to start nor to stop; never the same as Freerun.

mod facts;
mod policy;
mod reasons;

pub use policy::{Instances, OsClock, Policy, Role};
pub use reasons::{Reason, Reasons};

use crate::event::{Resource, State};
use crate::limits::{CAP_NS, FOLLOW_END_NS, FOLLOW_NS, FOLLOW_WAIT_NS};
use crate::time::Instant;
use crate::track::Channels;
use facts::{Optional, Side};

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
    policy: Policy,
    started: Instant,
    has_started: bool,
    verdict: Verdict,
    until: Instant,
    follow: Follow,
    asks_os_clock_at: Option<Instant>,
    /// Since when the chart says Locked without a break.
    locked_since: Option<Instant>,
    /// Since when the chart says Locked or Holdover without a break.
    usable_since: Option<Instant>,
    class_since: Option<Instant>,
    gnss_since: Option<Instant>,
    transitions: u32,
    worst: State,
    is_report_due: bool,
}

/// Whether the host's clock is FREERUN only in name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Follow {
    /// It is what it says.
    No,
    /// It followed the PTP lock into HOLDOVER.
    Yes,
    /// It may have, and the PTP lock's own report has until then to come.
    Coming(Instant),
    /// The PTP lock is LOCKED again, and the host clock's own report has until then to come.
    Going(Instant),
}

impl Judge {
    pub(crate) const fn new(policy: Policy, now: Instant) -> Self {
        let reasons = Reasons::NONE.with(Reason::Starting);
        Self {
            policy,
            started: now,
            has_started: false,
            verdict: Verdict { state: State::Unknown, reasons, last_known: State::Unknown, since: now },
            until: now,
            follow: Follow::No,
            asks_os_clock_at: None,
            locked_since: None,
            usable_since: None,
            class_since: None,
            gnss_since: None,
            transitions: 0,
            worst: State::Unknown,
            is_report_due: false,
        }
    }

    pub(crate) const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// When the verdict may change without input.
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

    /// Judges anew.
    pub(crate) fn judge(&mut self, now: Instant, channels: &Channels<'_>, link: LinkFacts) {
        self.until = channels.deadline();
        let chart = self.chart(now, channels, link);
        let state = self.debounce(now, chart.state);
        let mut reasons = chart.reasons;
        reasons.set(Reason::Recovering, state != chart.state);
        reasons.set(Reason::RoleAssumed, self.policy.is_role_assumed);
        reasons.set(Reason::SubscriptionTaken, link.is_subscription_taken);
        reasons.set(Reason::ProducerLost, link.is_lost);
        self.settle(now, state, reasons);
    }

    /// The rows of the chart, the first that holds: what the channels say at this moment, before any debouncing.
    fn chart(&mut self, now: Instant, channels: &Channels<'_>, link: LinkFacts) -> Chart {
        let lock = Side::of(channels.iter(), Resource::LockState, self.policy.instances);
        let os = Side::of(channels.iter(), Resource::OsClock, Instances::Worst);
        let requires_os = self.policy.os_clock != OsClock::Info;
        let os_state = if requires_os { self.follow(now, lock, os) } else { State::Locked };
        let lock_state = if self.policy.requires_lock { lock.state } else { State::Locked };
        let optional = Optional::of(channels.iter(), &self.policy);
        let class_caps = self.holds_for(now, optional.class_caps, |judge| &mut judge.class_since);
        let gnss_lost = optional.gnss_lost && self.policy.gnss_caps;
        let gnss_caps = self.holds_for(now, gnss_lost, |judge| &mut judge.gnss_since);

        let mut reasons = optional.reasons;
        if self.policy.requires_lock {
            reasons = reasons.and(lock.reasons);
        }
        if requires_os {
            reasons = reasons.and(os.reasons);
        }
        reasons.set(Reason::LockFreerun, lock_state == State::Freerun);
        reasons.set(Reason::OsFreerun, os_state == State::Freerun);
        reasons.set(Reason::LockHoldover, lock_state == State::Holdover);
        let follows = os.state == State::Freerun && os_state == State::Holdover;
        reasons.set(Reason::OsFollows, follows);
        reasons.set(Reason::OsHoldover, os_state == State::Holdover && !follows);

        let worst = lock_state.max(os_state);
        let is_void = lock_state == State::Unknown || os_state == State::Unknown || channels.is_full();
        if !self.has_started && !is_void {
            self.has_started = true;
        }
        let state = match worst {
            State::Freerun => State::Freerun,
            _ if is_void => {
                let missing = (self.policy.requires_lock && !lock.is_known) || (requires_os && !os.is_known);
                self.explain_void(now, missing, channels.is_full(), link, &mut reasons);
                State::Unknown
            }
            State::Locked if class_caps || gnss_caps => State::Holdover,
            worst => worst,
        };
        Chart { state, reasons }
    }

    /// Why nothing is known.
    fn explain_void(
        &mut self,
        now: Instant,
        is_missing: bool,
        is_full: bool,
        link: LinkFacts,
        reasons: &mut Reasons,
    ) {
        let overdue = self.started.after(self.policy.ageing.void_ns);
        reasons.set(Reason::Starting, !self.has_started);
        reasons.set(Reason::Void, !is_missing && !is_full);
        reasons.set(Reason::RequiredMissing, is_missing && (self.has_started || now >= overdue));
        reasons.set(Reason::NoData, is_missing && link.has_no_data);
        reasons.set(Reason::ChannelsFull, is_full);
        if is_missing && now < overdue {
            self.until = self.until.min(overdue);
        }
    }

    /// The state of the host's clock as it counts: FREERUN that only follows the PTP lock into HOLDOVER is Holdover.
    ///
    /// Whichever of the two reports comes first, the other may take a moment: the one delay that any degradation has.
    /// Once the PTP lock is back, the FREERUN that it had forced says nothing until it is said again.
    fn follow(&mut self, now: Instant, lock: Side, os: Side) -> State {
        if os.state != State::Freerun || self.policy.os_clock != OsClock::Follow {
            self.follow = Follow::No;
            return os.state;
        }
        let came_together = lock.change.distance(os.change) <= FOLLOW_NS;
        let said_again = lock.change.at.after(FOLLOW_WAIT_NS);
        self.follow = match (lock.state, self.follow) {
            (State::Holdover, Follow::Yes | Follow::Coming(_) | Follow::Going(_)) => Follow::Yes,
            (State::Holdover, Follow::No) if os.is_quiet && came_together => Follow::Yes,
            (State::Locked, Follow::Yes) => {
                self.asks_os_clock_at = Some(said_again);
                Follow::Going(lock.change.at.after(FOLLOW_END_NS))
            }
            (State::Locked, Follow::Going(until)) if os.confirmed < said_again => Follow::Going(until),
            (State::Locked, Follow::No) if os.is_quiet && os.previous != State::Unknown => {
                Follow::Coming(os.change.at.after(FOLLOW_WAIT_NS))
            }
            (State::Locked, Follow::Coming(until)) => Follow::Coming(until),
            _ => Follow::No,
        };
        match self.follow {
            Follow::Yes => State::Holdover,
            Follow::Coming(until) if now < until => self.wait_for(until, os.previous),
            Follow::Going(until) if now < until => self.wait_for(until, State::Holdover),
            Follow::Coming(_) | Follow::Going(_) | Follow::No => State::Freerun,
        }
    }

    fn wait_for(&mut self, until: Instant, meanwhile: State) -> State {
        self.until = self.until.min(until);
        meanwhile
    }

    /// When the host's clock has to be asked for, if it has to.
    pub(crate) fn take_os_clock_ask(&mut self) -> Option<Instant> {
        self.asks_os_clock_at.take()
    }

    /// Whether something has been so for [`CAP_NS`].
    fn holds_for(
        &mut self,
        now: Instant,
        holds: bool,
        since: impl Fn(&mut Self) -> &mut Option<Instant>,
    ) -> bool {
        if !holds {
            *since(self) = None;
            return false;
        }
        let caps_at = since(self).get_or_insert(now).after(CAP_NS);
        if now < caps_at {
            self.until = self.until.min(caps_at);
        }
        now >= caps_at
    }

    /// Lets the verdict get worse at once, and better only when it has been so for a while without a break.
    fn debounce(&mut self, now: Instant, chart: State) -> State {
        let locked = chart == State::Locked;
        let usable = locked || chart == State::Holdover;
        self.locked_since = if locked { self.locked_since.or(Some(now)) } else { None };
        self.usable_since = if usable { self.usable_since.or(Some(now)) } else { None };
        let before = match self.verdict.state {
            State::Unknown if self.verdict.last_known == State::Freerun => State::Freerun,
            state => state,
        };
        if chart == State::Unknown || before == State::Unknown || chart >= before {
            return chart;
        }
        if locked && self.has_passed(now, self.locked_since) {
            return State::Locked;
        }
        if before == State::Freerun && self.has_passed(now, self.usable_since) {
            return State::Holdover;
        }
        self.verdict.state
    }

    /// Whether what has been so since `since` has been so for long enough; if not, the verdict changes when it has.
    fn has_passed(&mut self, now: Instant, since: Option<Instant>) -> bool {
        let Some(since) = since else { return false };
        let due = since.after(self.policy.recover_ns);
        if now < due {
            self.until = self.until.min(due);
        }
        now >= due
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

/// What the chart says.
struct Chart {
    state: State,
    reasons: Reasons,
}

#[cfg(test)]
mod tests;
