//! The policy's own holdover budget: how long Holdover is trusted at most, whatever the producer says.

use super::case::{Case, Unbroken};
use crate::event::State;
use crate::limits::{BUDGET_POLL_NS, REFILL_NS};
use crate::time::Instant;

/// The budget, from the first loss of LOCKED.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
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
    pub(super) const fn new() -> Self {
        Self {
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
    pub(super) fn note(&mut self, case: &mut Case<'_, '_>, worst: State, is_void: bool) -> Spending {
        let Some(budget_ns) = case.policy.holdover_budget_ns else { return Spending::default() };
        let is_locked = worst == State::Locked && !is_void;
        self.was_ever_locked |= is_locked;
        self.was_locked = is_locked || (is_void && worst <= State::Locked && self.was_locked);
        if self.locked.note_and_lasts(case, is_locked, REFILL_NS) {
            self.lost_at = None;
        }
        if self.lost_at.is_none() && worst >= State::Holdover {
            self.lost_at = Some(case.now);
            self.is_start_unknown = !self.was_ever_locked;
            self.has_asked = false;
        }
        let Some(lost_at) = self.lost_at.filter(|_| !self.was_locked) else { return Spending::default() };
        let ends_at = lost_at.after(budget_ns);
        let is_near = case.is_past(lost_at.after(budget_ns.saturating_sub(BUDGET_POLL_NS)));
        let is_spent = case.is_past(ends_at);
        let asks = is_near && !is_spent && !self.has_asked;
        self.has_asked |= asks;
        Spending { ends_at: Some(ends_at), is_spent, is_start_unknown: self.is_start_unknown, asks }
    }
}
