//! Who gets a slot, who yields, and by when a peer has to be done.

use super::{ConnId, Intake, OUTBOUND, Slots};
use crate::consumer::queues::{Kind, Queue};
use crate::limits::{BODY_NS, HEAD_NS, IDLE_NS};
use crate::time::Instant;

impl Slots<'_> {
    /// A slot for a peer who connects: the free one that was used last, for its memory is there, else that of the oldest
    /// stranger, else of one idle for long.
    pub(in crate::consumer) fn admit(&mut self, now: Instant) -> Option<ConnId> {
        if self.evicted.is_some() {
            return None;
        }
        let slot = self.conns.last(Queue::Free).or_else(|| self.evict(now))?;
        self.conns.remove(Kind::Admission, slot);
        let conn = self.conn(slot);
        conn.is_open = true;
        conn.since = now;
        let generation = conn.generation;
        self.conns.push(Queue::Strangers, slot);
        Some(ConnId::new(slot, generation))
    }

    pub(super) fn evict(&mut self, now: Instant) -> Option<usize> {
        let slot = self.conns.first(Queue::Strangers).or_else(|| {
            let slot = self.conns.first(Queue::Idle)?;
            if now.since(self.conns.get(slot).since) >= IDLE_NS { Some(slot) } else { None }
        })?;
        let generation = self.conns.get(slot).generation;
        self.clear(slot);
        self.evicted = Some(ConnId::new(slot, generation));
        Some(slot)
    }

    /// Whether a newcomer would have to take the place of another.
    pub(in crate::consumer) fn is_full(&self) -> bool {
        self.conns.count(Queue::Free) == 0
    }

    /// Whether a peer should not be kept waiting idle: few slots are left for newcomers. Those of strangers are, for
    /// they yield; a crowd of strangers costs nobody a connection.
    pub(in crate::consumer) fn is_crowded(&self) -> bool {
        let left = self.conns.count(Queue::Free).wrapping_add(self.conns.count(Queue::Strangers));
        left < self.conns.len().wrapping_shr(3).max(1)
    }

    /// Notes that a peer began a message: it has until then for the head.
    pub(in crate::consumer) fn begin_head(&mut self, slot: usize, now: Instant) {
        self.leave_idle(slot);
        self.conn(slot).since = now;
        self.conns.push(Queue::Heads, slot);
    }

    /// Notes that the head is complete, or that an answer waits to be taken: another while for what follows.
    pub(in crate::consumer) fn begin_body(&mut self, slot: usize, now: Instant) {
        self.forget_deadline(slot);
        self.conn(slot).since = now;
        self.conns.push(Queue::Bodies, slot);
    }

    /// Notes that the rest of a body has to come: the time for it began with the end of the head.
    pub(in crate::consumer) fn expect_body(&mut self, slot: usize, now: Instant) {
        if !self.conns.stands_in(Queue::Bodies, slot) {
            self.leave_idle(slot);
            self.begin_body(slot, now);
        }
    }

    /// Notes that a message is complete: its sender is no stranger any more.
    pub(in crate::consumer) fn end_message(&mut self, slot: usize, now: Instant) {
        self.forget_deadline(slot);
        self.conns.remove(Kind::Admission, slot);
        let conn = self.conn(slot);
        conn.intake = Intake::Head;
        conn.since = now;
        self.conns.push(Queue::Idle, slot);
    }

    /// Whether the slot is between a message's first byte and its last.
    pub(in crate::consumer) fn has_deadline(&self, slot: usize) -> bool {
        self.conns.stands_in(Queue::Heads, slot) || self.conns.stands_in(Queue::Bodies, slot)
    }

    pub(in crate::consumer) fn forget_deadline(&mut self, slot: usize) {
        self.conns.remove(Kind::Deadline, slot);
    }

    fn leave_idle(&mut self, slot: usize) {
        if self.conns.stands_in(Queue::Idle, slot) {
            self.conns.remove(Kind::Admission, slot);
        }
    }

    /// The next time that a peer has taken too long.
    pub(in crate::consumer) fn deadline(&self) -> Instant {
        self.due(Queue::Heads, HEAD_NS).min(self.due(Queue::Bodies, BODY_NS))
    }

    /// When the first of a queue has stood there for `limit_ns`.
    fn due(&self, queue: Queue, limit_ns: u64) -> Instant {
        let first = self.conns.first(queue);
        first.map_or(Instant::MAX, |slot| self.conns.get(slot).since.after(limit_ns))
    }

    /// The next peer that has taken too long by now.
    pub(in crate::consumer) fn poll_overdue(&mut self, now: Instant) -> Option<usize> {
        let queue = if now >= self.due(Queue::Heads, HEAD_NS) { Queue::Heads } else { Queue::Bodies };
        if queue == Queue::Bodies && now < self.due(Queue::Bodies, BODY_NS) {
            return None;
        }
        let slot = self.conns.first(queue)?;
        self.conns.remove(Kind::Deadline, slot);
        Some(slot)
    }

    /// Gives a peer that is slow to take its answers a while for the rest, anew with each part it takes.
    pub(in crate::consumer) fn note_sent(&mut self, slot: usize, now: Instant) {
        if slot == OUTBOUND {
            return;
        }
        let conn = self.conn(slot);
        let (is_waiting, is_mid_message) = (!conn.tx.is_empty(), conn.receiver.is_in_body());
        if is_waiting {
            self.begin_body(slot, now);
        } else if !is_mid_message && self.conns.stands_in(Queue::Bodies, slot) {
            self.forget_deadline(slot);
        }
    }
}
