//! How the producer speaks: told, or found out by asking for the list at the path of each dialect in turn.

use super::{Producer, Trouble};
use crate::dialect::DETECTED;
use crate::time::Instant;

impl Producer<'_> {
    /// The list could not be had. A dialect that is known to be spoken is asked again, and after a while is done without
    /// a list, for that is better than no subscription; one that is only tried gives way to the next.
    pub(in crate::consumer) fn fail_list(&mut self, now: Instant, status: u16) {
        self.list_failures = self.list_failures.saturating_add(1);
        if self.is_dialect_known && self.list_failures >= LIST_FAILURES_MAX {
            self.give_up_list(status);
        }
        let tries_next = !self.is_dialect_known && self.try_next_dialect();
        if tries_next {
            self.list_at = now;
        } else {
            self.trouble = Some(Trouble::List(status));
            self.list_at = now.after(self.backoff(self.list_failures));
        }
    }

    pub(super) fn give_up_list(&mut self, status: u16) {
        let is_detected = self.config.dialect.is_none();
        if !is_detected || status != 404 {
            self.is_list_known = true;
            return;
        }
        // An upgrade has put another API in the place of this one; its subscriptions are worth nothing there.
        self.is_dialect_known = false;
        self.is_list_known = false;
        self.list_failures = 0;
        self.candidates_tried = 0;
        self.stale.clear();
        for subscription in &mut self.subscriptions {
            subscription.lose();
            subscription.attempts = 0;
        }
    }

    /// Goes on to the next dialect to be detected; `false` once all were tried.
    pub(super) fn try_next_dialect(&mut self) -> bool {
        self.candidate = self.candidate.wrapping_add(1);
        if usize::from(self.candidate) >= DETECTED.len() {
            self.candidate = 0;
        }
        self.dialect = DETECTED.get(usize::from(self.candidate)).copied().unwrap_or(self.dialect);
        self.candidates_tried = self.candidates_tried.wrapping_add(1);
        if usize::from(self.candidates_tried) < DETECTED.len() {
            return true;
        }
        self.candidates_tried = 0;
        false
    }
}

/// Failed lists after which subscriptions are made without one.
const LIST_FAILURES_MAX: u8 = 3;
