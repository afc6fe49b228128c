//! The host's clock that is FREERUN only in name: it follows the PTP lock into HOLDOVER.

use super::case::Case;
use super::facts::Side;
use crate::event::{Resource, State};
use crate::limits::{FOLLOW_END_NS, FOLLOW_NS, FOLLOW_WAIT_NS};
use crate::time::Instant;
use crate::track::Change;

/// Whether the host's clock is FREERUN only in name.
///
/// `OpenShift` up to 4.18 forces it to FREERUN in the very millisecond that PTP enters HOLDOVER. Whichever of the two
/// reports comes first, the other may take a moment: beside a push that waits for a poll, the one delay that any
/// degradation has. Once the PTP lock is back, the FREERUN it had forced says nothing until it is pushed again, or has
/// stood for too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Follow {
    /// It is what it says.
    No,
    /// It followed the PTP lock into HOLDOVER.
    Yes,
    /// It may have, and the PTP lock's own report has until then to come.
    Coming(Instant),
    /// The PTP lock is LOCKED again, and the host clock's own report has until then to come.
    Going(Instant),
}

/// The state of the host's clock as it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Followed {
    pub(super) state: State,
    /// What has to be asked for, and when: whichever of the two is waited for.
    pub(super) ask: Option<(Resource, Instant)>,
}

impl Follow {
    /// The state of the host's clock as it counts beside the PTP lock.
    pub(super) fn apply(&mut self, case: &mut Case<'_, '_>, lock: &Side<'_>, os: &Side<'_>) -> Followed {
        let before = *self;
        *self = if os.state == State::Freerun { before.next(case.now, lock, os) } else { Self::No };
        let said_again = lock.change().at.after(FOLLOW_WAIT_NS);
        let ask = match (before, *self) {
            (Self::Yes, Self::Going(_)) => Some((Resource::OsClock, said_again)),
            (Self::No, Self::Coming(_)) => Some((Resource::LockState, case.now)),
            _ => None,
        };
        let state = match *self {
            Self::No => os.state,
            // Beside a lock that is FREERUN it is what it says; only when the lock gets better does it count as less.
            Self::Yes if lock.state == State::Freerun => State::Freerun,
            Self::Yes => State::Holdover,
            Self::Coming(until) if !case.is_past(until) => os.previous(),
            Self::Going(until) if !case.is_past(until) => State::Holdover,
            Self::Coming(_) | Self::Going(_) => State::Freerun,
        };
        Followed { state, ask }
    }

    /// What a FREERUN of the host's clock is, given what it was.
    fn next(self, now: Instant, lock: &Side<'_>, os: &Side<'_>) -> Self {
        let (lock_change, os_change) = (lock.change(), os.change());
        let said = os.pushed().map(|at| Change { earliest: at, at });
        let came_together = lock_change.distance(os_change) <= FOLLOW_NS
            || said.is_some_and(|said| lock_change.distance(said) <= FOLLOW_NS);
        // A report of the lock that came late is there already, and waits for a poll.
        let coming = os_change.at.after(FOLLOW_WAIT_NS).max(lock.disputed_until);
        match (lock.state, self) {
            // An offset that moved is a clock that has come loose by itself.
            _ if !os.is_quiet() => Self::No,
            // It follows the lock into FREERUN as well, and stays there when the lock gets better by one. A lock that
            // is void by now takes the verdict with it; that makes no FREERUN of what was none.
            (State::Holdover | State::Freerun | State::Unknown, Self::Yes) => Self::Yes,
            (State::Holdover | State::Freerun | State::Unknown, Self::Going(until)) if now < until => {
                Self::Yes
            }
            (State::Holdover | State::Freerun, Self::Coming(until)) if now < until => Self::Yes,
            (State::Holdover | State::Freerun, _) if came_together => Self::Yes,
            (State::Locked, Self::Yes) => Self::Going(lock_change.at.after(FOLLOW_END_NS)),
            // A poll only repeats what was forced: the host's clock is looked at once a second, by its own daemon.
            (State::Locked, Self::Going(until))
                if os.pushed() < Some(lock_change.at.after(FOLLOW_WAIT_NS)) =>
            {
                Self::Going(until)
            }
            (State::Locked, Self::No) if os.previous() != State::Unknown => Self::Coming(coming),
            (State::Unknown, Self::No) => Self::Coming(coming),
            (State::Locked | State::Unknown, Self::Coming(until)) => Self::Coming(until.max(coming)),
            _ => Self::No,
        }
    }
}
