//! The policy's own holdover budget: how long Holdover is trusted at most, whatever the producer says.

use super::unbroken::Unbroken;
use crate::event::State;
use crate::limits::{BUDGET_POLL_NS, REFILL_NS};
use crate::time::Instant;

/// The budget, from the first loss of LOCKED.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    budget_ns: Option<u64>,
    lost_at: Option<Instant>,
    locked: Unbroken,
    was_ever_locked: bool,
    /// Whether the required channels were LOCKED, all of them, when they were last known.
    was_locked: bool,
    is_start_unknown: bool,
    has_asked: bool,
}

/// How far the budget is spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spending {
    /// When the budget is spent, while it runs.
    pub(super) ends_at: Option<Instant>,
    pub(super) is_spent: bool,
    pub(super) is_start_unknown: bool,
    /// Whether the required channels have to be asked for, for it is spent in a moment.
    pub(super) asks: bool,
}

impl Budget {
    pub(super) const fn new(budget_ns: Option<u64>) -> Self {
        Self {
            budget_ns,
            lost_at: None,
            locked: Unbroken::new(),
            was_ever_locked: false,
            was_locked: false,
            is_start_unknown: false,
            has_asked: false,
        }
    }

    /// Takes note of the worst state of the required channels that is known, and of whether one of them is void.
    ///
    /// It runs from the first report that is not LOCKED, through FREERUN and back, and through silence that follows such
    /// a report; it is full again after LOCKED for a while.
    pub(super) fn note(
        &mut self,
        now: Instant,
        worst: State,
        is_void: bool,
        until: &mut Instant,
    ) -> Spending {
        let Some(budget_ns) = self.budget_ns else { return Spending::default() };
        let is_locked = worst == State::Locked && !is_void;
        self.was_ever_locked |= is_locked;
        self.was_locked = is_locked || (is_void && worst <= State::Locked && self.was_locked);
        if self.locked.note_and_lasts(now, is_locked, REFILL_NS, until) {
            self.lost_at = None;
        }
        if self.lost_at.is_none() && matches!(worst, State::Holdover | State::Freerun) {
            self.lost_at = Some(now);
            self.is_start_unknown = !self.was_ever_locked;
            self.has_asked = false;
        }
        let Some(lost_at) = self.lost_at else { return Spending::default() };
        let ends_at = lost_at.after(budget_ns);
        let ask_at = Instant::from_nanos(ends_at.as_nanos().saturating_sub(BUDGET_POLL_NS)).max(lost_at);
        let runs = !self.was_locked;
        let asks = runs && now >= ask_at && now < ends_at && !self.has_asked;
        self.has_asked |= asks;
        if runs {
            let next = if now < ask_at { ask_at } else { ends_at };
            *until = if now < next { next.min(*until) } else { *until };
        }
        Spending {
            ends_at: if runs { Some(ends_at) } else { None },
            is_spent: runs && now >= ends_at,
            is_start_unknown: runs && self.is_start_unknown,
            asks,
        }
    }
}
