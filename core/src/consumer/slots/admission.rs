//! Who gets a slot, who yields, and by when a peer has to be done.

use super::{ConnId, Intake, OUTBOUND, Slots};
use crate::consumer::queues::Queue;
use crate::limits::{BODY_NS, HEAD_NS, IDLE_NS};
use crate::time::Instant;

impl Slots<'_> {
    /// A slot for a peer who connects: the free one that was used last, for its memory is there, else that of the oldest
    /// stranger, else of one idle for long.
    pub(in crate::consumer) fn admit(&mut self, now: Instant) -> Option<ConnId> {
        if self.evicted.is_some() {
            return None;
        }
        let slot = match self.free.pop_last(self.conns) {
            Some(slot) => slot,
            None => self.evict(now)?,
        };
        let conn = self.conns.get_mut(usize::from(slot))?;
        conn.is_open = true;
        conn.since = now;
        let generation = conn.generation;
        self.strangers.push(self.conns, slot);
        Some(ConnId { slot, generation })
    }

    pub(super) fn evict(&mut self, now: Instant) -> Option<u16> {
        let slot = self.strangers.first().or_else(|| {
            let slot = self.idle.first()?;
            let since = self.conns.get(usize::from(slot))?.since;
            if now.since(since) >= IDLE_NS { Some(slot) } else { None }
        })?;
        let generation = self.conns.get(usize::from(slot))?.generation;
        self.clear(slot);
        self.free.remove(self.conns, slot);
        self.evicted = Some(ConnId { slot, generation });
        Some(slot)
    }

    /// Whether a newcomer would have to take the place of another.
    pub(in crate::consumer) const fn is_full(&self) -> bool {
        self.free.count() == 0
    }

    /// Whether a peer should not be kept waiting idle: few slots are left for newcomers. Those of strangers are, for
    /// they yield; a crowd of strangers costs nobody a connection.
    pub(in crate::consumer) fn is_crowded(&self) -> bool {
        let left = self.free.count().wrapping_add(self.strangers.count());
        usize::from(left) < self.conns.len().wrapping_shr(3).max(1)
    }

    /// Notes that a peer began a message: it has until then for the head.
    pub(in crate::consumer) fn begin_head(&mut self, slot: u16, now: Instant) {
        self.idle.remove(self.conns, slot);
        if let Some(conn) = self.get(slot) {
            conn.since = now;
        }
        self.heads.push(self.conns, slot);
    }

    /// Notes that the head is complete, or that an answer waits to be taken: another while for what follows.
    pub(in crate::consumer) fn begin_body(&mut self, slot: u16, now: Instant) {
        self.forget_deadline(slot);
        if let Some(conn) = self.get(slot) {
            conn.since = now;
        }
        self.bodies.push(self.conns, slot);
    }

    /// Notes that the rest of a body has to come: the time for it began with the end of the head.
    pub(in crate::consumer) fn expect_body(&mut self, slot: u16, now: Instant) {
        if !self.bodies.contains(self.conns, slot) {
            self.idle.remove(self.conns, slot);
            self.begin_body(slot, now);
        }
    }

    /// Notes that a message is complete: its sender is no stranger any more.
    pub(in crate::consumer) fn end_message(&mut self, slot: u16, now: Instant) {
        self.forget_deadline(slot);
        self.strangers.remove(self.conns, slot);
        self.idle.remove(self.conns, slot);
        if let Some(conn) = self.get(slot) {
            conn.intake = Intake::Head;
            conn.since = now;
        }
        self.idle.push(self.conns, slot);
    }

    /// Whether the slot is between a message's first byte and its last.
    pub(in crate::consumer) fn has_deadline(&self, slot: u16) -> bool {
        self.heads.contains(self.conns, slot) || self.bodies.contains(self.conns, slot)
    }

    pub(in crate::consumer) fn forget_deadline(&mut self, slot: u16) {
        self.heads.remove(self.conns, slot);
        self.bodies.remove(self.conns, slot);
    }

    /// The next time that a peer has taken too long.
    pub(in crate::consumer) fn deadline(&self) -> Instant {
        let due = |queue: &Queue, limit: u64| {
            let first = queue.first().and_then(|slot| self.conns.get(usize::from(slot)));
            first.map_or(Instant::MAX, |conn| conn.since.after(limit))
        };
        due(&self.heads, HEAD_NS).min(due(&self.bodies, BODY_NS))
    }

    /// The next peer that has taken too long by now.
    pub(in crate::consumer) fn poll_overdue(&mut self, now: Instant) -> Option<u16> {
        for (queue, limit) in [(&mut self.heads, HEAD_NS), (&mut self.bodies, BODY_NS)] {
            let Some(slot) = queue.first() else { continue };
            let since = self.conns.get(usize::from(slot)).map_or(now, |conn| conn.since);
            if now >= since.after(limit) {
                queue.remove(self.conns, slot);
                return Some(slot);
            }
        }
        None
    }

    /// Gives a peer that is slow to take its answers a while for the rest, anew with each part it takes.
    pub(in crate::consumer) fn note_sent(&mut self, slot: u16, now: Instant) {
        let Some(conn) = self.get(slot).filter(|_| slot != OUTBOUND) else { return };
        let (is_waiting, is_mid_message) = (!conn.tx.is_empty(), conn.receiver.is_in_body());
        if is_waiting {
            self.begin_body(slot, now);
        } else if !is_mid_message && self.bodies.contains(self.conns, slot) {
            self.forget_deadline(slot);
        }
    }
}
