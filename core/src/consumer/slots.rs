//! Slots: the windows of each connection, who gets one, and what the embedder has to be told of them.

use super::queues::{KINDS, Kind, Link, Queue};
use crate::http::{Receiver, Writer};
use crate::limits::{BODY_NS, HEAD_NS, IDLE_NS};
use crate::time::Instant;
use core::ops::Range;

/// A connection's place in the consumer: opaque, and worth nothing once the connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConnId {
    slot: u16,
    generation: u16,
}

impl ConnId {
    /// A number below the capacity `CONNS`, for the embedder's own table: no two open connections share it.
    pub fn index(self) -> usize {
        usize::from(self.slot)
    }
}

/// What the embedder has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Open a connection to the producer; then `handle_opened`, or `handle_closed` if it fails.
    Open(ConnId),
    /// Close the connection, without a word; the id is worth nothing any more.
    Close(ConnId),
    /// There are bytes in the connection's `send_window` that the embedder has not seen.
    Write(ConnId),
}

/// The slot of the connection to the producer; the others are for peers who connect.
pub(super) const OUTBOUND: u16 = 0;

/// One connection.
#[derive(Clone, Debug)]
pub(crate) struct Conn {
    generation: u16,
    pub(super) is_open: bool,
    /// Whether the peer sends no more.
    pub(super) has_ended: bool,
    /// Whether the connection is to be closed once everything is sent.
    pub(super) is_closing: bool,
    wants: Wants,
    pub(super) receiver: Receiver,
    pub(super) intake: Intake,
    pub(super) request: Request,
    /// The part of a message's body that is collected, and bytes received behind it that are not read yet.
    body: Range<usize>,
    raw: Range<usize>,
    tx: Range<usize>,
    since: Instant,
    pub(super) links: [Link; KINDS],
}

/// What a peer's request is answered with, once it is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) reply: Reply,
    pub(super) keep_alive: bool,
    pub(super) is_http10: bool,
}

/// The answers to a request that is framed as HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// To a notification: 204, whatever it holds.
    NoContent,
    /// To a path that is not ours: 404.
    NotFound,
    /// To another method on our path: 405.
    NotAllowed,
}

/// What becomes of the message that is coming in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Intake {
    /// Nothing was decided: its head is not read.
    #[default]
    Head,
    /// Its body is collected.
    Collect,
    /// Its body is passed over; so many bytes of it so far.
    Drain(u64),
}

#[derive(Clone, Copy, Debug, Default)]
struct Wants {
    open: bool,
    close: bool,
    write: bool,
}

impl Conn {
    pub(super) const fn new() -> Self {
        Self {
            generation: 0,
            is_open: false,
            has_ended: false,
            is_closing: false,
            wants: Wants { open: false, close: false, write: false },
            receiver: Receiver::requests(),
            intake: Intake::Head,
            request: Request { reply: Reply::NotFound, keep_alive: false, is_http10: false },
            body: 0..0,
            raw: 0..0,
            tx: 0..0,
            since: Instant::from_nanos(0),
            links: [const { Link::new() }; KINDS],
        }
    }
}

/// All connections, in lent memory.
#[derive(Debug)]
pub(super) struct Slots<'s> {
    conns: &'s mut [Conn],
    rx: &'s mut [u8],
    tx: &'s mut [u8],
    rx_size: usize,
    tx_size: usize,
    free: Queue,
    strangers: Queue,
    idle: Queue,
    heads: Queue,
    bodies: Queue,
    actions: Queue,
    /// Who yielded to a newcomer and is not closed yet.
    evicted: Option<ConnId>,
}

impl<'s> Slots<'s> {
    pub(super) fn new(conns: &'s mut [Conn], rx: &'s mut [u8], tx: &'s mut [u8]) -> Self {
        let count = conns.len().max(1);
        let (rx_size, tx_size) =
            (rx.len().checked_div(count).unwrap_or(0), tx.len().checked_div(count).unwrap_or(0));
        // The memory may have served another consumer before.
        conns.fill(Conn::new());
        let mut slots = Self {
            conns,
            rx,
            tx,
            rx_size,
            tx_size,
            free: Queue::new(Kind::Admission, 1),
            strangers: Queue::new(Kind::Admission, 2),
            idle: Queue::new(Kind::Admission, 3),
            heads: Queue::new(Kind::Deadline, 1),
            bodies: Queue::new(Kind::Deadline, 2),
            actions: Queue::new(Kind::Action, 1),
            evicted: None,
        };
        for slot in 1..u16::try_from(count).unwrap_or(u16::MAX) {
            slots.free.push(slots.conns, slot);
        }
        slots
    }

    /// A slot for a peer who connects: a free one, else that of the oldest stranger, else of one idle for long.
    pub(super) fn admit(&mut self, now: Instant) -> Option<ConnId> {
        if self.evicted.is_some() {
            return None;
        }
        let slot = match self.free.pop(self.conns) {
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

    fn evict(&mut self, now: Instant) -> Option<u16> {
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
    pub(super) const fn is_full(&self) -> bool {
        self.free.count() == 0
    }

    /// Whether a peer should not be kept waiting idle: the next newcomer finds no free slot.
    pub(super) fn is_crowded(&self) -> bool {
        usize::from(self.free.count()) < self.conns.len().wrapping_shr(3).max(1)
    }

    /// The connection to the producer, to be opened by the embedder.
    pub(super) fn open_outbound(&mut self) {
        if let Some(conn) = self.conns.get_mut(usize::from(OUTBOUND)) {
            conn.wants.open = true;
            conn.receiver = Receiver::responses();
            self.actions.push(self.conns, OUTBOUND);
        }
    }

    /// The slot of an open connection; `None` for an id of another time.
    pub(super) fn slot_of(&self, id: ConnId) -> Option<u16> {
        let conn = self.conns.get(id.index())?;
        if conn.generation == id.generation { Some(id.slot) } else { None }
    }

    pub(super) fn get(&mut self, slot: u16) -> Option<&mut Conn> {
        self.conns.get_mut(usize::from(slot))
    }

    pub(super) fn poll_action(&mut self) -> Option<Action> {
        if let Some(evicted) = self.evicted.take() {
            return Some(Action::Close(evicted));
        }
        let slot = self.actions.first()?;
        let conn = self.conns.get_mut(usize::from(slot))?;
        let id = ConnId { slot, generation: conn.generation };
        if conn.wants.close {
            let reopens = conn.wants.open;
            self.clear(slot);
            if reopens {
                self.open_outbound();
            }
            return Some(Action::Close(id));
        }
        let action = if conn.wants.open { Action::Open(id) } else { Action::Write(id) };
        conn.wants.write &= conn.wants.open;
        conn.wants.open = false;
        if !conn.wants.write {
            self.actions.remove(self.conns, slot);
        }
        Some(action)
    }

    /// Has the embedder close a connection; nothing more is read from it or sent.
    pub(super) fn close(&mut self, slot: u16) {
        let Some(conn) = self.get(slot) else { return };
        conn.wants = Wants { close: true, ..Wants::default() };
        conn.is_closing = true;
        conn.tx = 0..0;
        self.forget_deadline(slot);
        self.actions.push(self.conns, slot);
    }

    /// Closes a connection that has nothing left to do.
    pub(super) fn close_if_drained(&mut self, slot: u16) {
        if self.get(slot).is_some_and(|conn| conn.is_closing && conn.tx.is_empty()) {
            self.close(slot);
        }
    }

    /// Empties a slot for the next connection; the ids given out for it are worth nothing from now on.
    pub(super) fn clear(&mut self, slot: u16) {
        self.forget_deadline(slot);
        self.actions.remove(self.conns, slot);
        self.strangers.remove(self.conns, slot);
        self.idle.remove(self.conns, slot);
        let Some(conn) = self.conns.get_mut(usize::from(slot)) else { return };
        *conn = Conn { generation: conn.generation.wrapping_add(1), links: conn.links, ..Conn::new() };
        if slot != OUTBOUND {
            self.free.push(self.conns, slot);
        }
    }

    /// Notes that a peer began a message: it has until then for the head.
    pub(super) fn begin_head(&mut self, slot: u16, now: Instant) {
        self.idle.remove(self.conns, slot);
        if let Some(conn) = self.get(slot) {
            conn.since = now;
        }
        self.heads.push(self.conns, slot);
    }

    /// Notes that the head is complete, or that an answer waits to be taken: another while for what follows.
    pub(super) fn begin_body(&mut self, slot: u16, now: Instant) {
        self.forget_deadline(slot);
        if let Some(conn) = self.get(slot) {
            conn.since = now;
        }
        self.bodies.push(self.conns, slot);
    }

    /// Notes that the rest of a body has to come: the time for it began with the end of the head.
    pub(super) fn expect_body(&mut self, slot: u16, now: Instant) {
        if !self.bodies.contains(self.conns, slot) {
            self.idle.remove(self.conns, slot);
            self.begin_body(slot, now);
        }
    }

    /// Notes that a message is complete: its sender is no stranger any more.
    pub(super) fn end_message(&mut self, slot: u16, now: Instant) {
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
    pub(super) fn has_deadline(&self, slot: u16) -> bool {
        self.heads.contains(self.conns, slot) || self.bodies.contains(self.conns, slot)
    }

    pub(super) fn forget_deadline(&mut self, slot: u16) {
        self.heads.remove(self.conns, slot);
        self.bodies.remove(self.conns, slot);
    }

    /// The next time that a peer has taken too long.
    pub(super) fn deadline(&self) -> Instant {
        let due = |queue: &Queue, limit: u64| {
            let first = queue.first().and_then(|slot| self.conns.get(usize::from(slot)));
            first.map_or(Instant::MAX, |conn| conn.since.after(limit))
        };
        due(&self.heads, HEAD_NS).min(due(&self.bodies, BODY_NS))
    }

    /// The next peer that has taken too long by now.
    pub(super) fn poll_overdue(&mut self, now: Instant) -> Option<u16> {
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

    /// The memory to receive into; what was received and not read is moved to the front if there is no room behind.
    pub(super) fn recv_window(&mut self, slot: u16) -> &mut [u8] {
        self.compact(slot);
        let size = self.rx_size;
        let Some(conn) = self.conns.get(usize::from(slot)).filter(|conn| conn.is_open) else {
            return &mut [];
        };
        let end = conn.raw.end;
        part_mut(self.rx, slot, size).get_mut(end..).unwrap_or(&mut [])
    }

    fn compact(&mut self, slot: u16) {
        let size = self.rx_size;
        let Some(conn) = self.conns.get_mut(usize::from(slot)) else { return };
        if conn.body.is_empty() && conn.raw.is_empty() {
            (conn.body, conn.raw) = (0..0, 0..0);
        }
        if conn.raw.end < size {
            return;
        }
        let window = part_mut(self.rx, slot, size);
        let body = move_down(window, conn.body.clone(), 0);
        conn.raw = move_down(window, conn.raw.clone(), body.end);
        conn.body = body;
    }

    /// Takes in `count` bytes that the embedder wrote to the window; fewer if it claims more than fit.
    pub(super) fn received(&mut self, slot: u16, count: usize) -> bool {
        let size = self.rx_size;
        let Some(conn) = self.get(slot) else { return false };
        let end = conn.raw.end.saturating_add(count);
        conn.raw.end = end.min(size);
        end <= size
    }

    /// Bytes received and not read yet, and whether no more come.
    pub(super) fn unread(&mut self, slot: u16) -> Option<(&mut Receiver, &[u8], bool)> {
        let size = self.rx_size;
        let conn = self.conns.get_mut(usize::from(slot))?;
        let window = part(self.rx, slot, size).get(conn.raw.clone())?;
        Some((&mut conn.receiver, window, conn.has_ended))
    }

    /// Drops `count` unread bytes.
    pub(super) fn consume(&mut self, slot: u16, count: usize) {
        if let Some(conn) = self.get(slot) {
            conn.raw.start = conn.raw.start.saturating_add(count).min(conn.raw.end);
        }
    }

    /// Begins to collect a body at the front of what is unread.
    pub(super) fn begin_collecting(&mut self, slot: u16) {
        if let Some(conn) = self.get(slot) {
            conn.body = conn.raw.start..conn.raw.start;
            conn.intake = Intake::Collect;
        }
    }

    /// Adds to the body collected the last `length` of `count` unread bytes, and drops those.
    pub(super) fn collect(&mut self, slot: u16, count: usize, length: usize) {
        let size = self.rx_size;
        let Some(conn) = self.conns.get_mut(usize::from(slot)) else { return };
        let end = conn.raw.start.saturating_add(count).min(conn.raw.end);
        let data = end.saturating_sub(length)..end;
        if conn.body.is_empty() {
            conn.body = data;
        } else {
            conn.body.end = move_down(part_mut(self.rx, slot, size), data, conn.body.end).end;
        }
        conn.raw.start = end;
    }

    /// The body collected so far.
    pub(super) fn body(&mut self, slot: u16) -> &mut [u8] {
        let size = self.rx_size;
        let Some(conn) = self.conns.get(usize::from(slot)) else { return &mut [] };
        part_mut(self.rx, slot, size).get_mut(conn.body.clone()).unwrap_or(&mut [])
    }

    pub(super) fn body_length(&mut self, slot: u16) -> usize {
        self.get(slot).map_or(0, |conn| conn.body.len())
    }

    /// Whether more of the body can be collected.
    pub(super) const fn rx_size(&self) -> usize {
        self.rx_size
    }

    /// Drops `count` bytes off the front of the body collected; what it was kept for has them.
    pub(super) fn consume_body(&mut self, slot: u16, count: usize) {
        if let Some(conn) = self.get(slot) {
            conn.body.start = conn.body.start.saturating_add(count).min(conn.body.end);
            if conn.body.is_empty() {
                conn.body = conn.raw.start..conn.raw.start;
            }
        }
    }

    pub(super) fn drop_body(&mut self, slot: u16) {
        self.consume_body(slot, usize::MAX);
    }

    /// The bytes to send.
    pub(super) fn send_window(&self, slot: u16) -> &[u8] {
        let Some(conn) = self.conns.get(usize::from(slot)) else { return &[] };
        part(self.tx, slot, self.tx_size).get(conn.tx.clone()).unwrap_or(&[])
    }

    /// Takes note that `count` bytes were sent; `false` if that is more than there were.
    pub(super) fn sent(&mut self, slot: u16, count: usize) -> bool {
        let Some(conn) = self.get(slot) else { return false };
        let is_right = count <= conn.tx.len();
        conn.tx.start = conn.tx.start.saturating_add(count).min(conn.tx.end);
        if conn.tx.is_empty() {
            conn.tx = 0..0;
        }
        is_right
    }

    /// Gives a peer that is slow to take its answers a while for the rest, anew with each part it takes.
    pub(super) fn note_sent(&mut self, slot: u16, now: Instant) {
        let Some(conn) = self.get(slot).filter(|_| slot != OUTBOUND) else { return };
        let (is_waiting, is_mid_message) = (!conn.tx.is_empty(), conn.receiver.is_in_body());
        if is_waiting {
            self.begin_body(slot, now);
        } else if !is_mid_message && self.bodies.contains(self.conns, slot) {
            self.forget_deadline(slot);
        }
    }

    /// Whether a message of `length` bytes finds room behind those that wait.
    pub(super) fn has_room(&mut self, slot: u16, length: usize) -> bool {
        let size = self.tx_size;
        self.get(slot).is_some_and(|conn| size.saturating_sub(conn.tx.len()) >= length)
    }

    /// Writes a message behind those that wait, and tells the embedder; `false` if it does not fit.
    pub(super) fn write(&mut self, slot: u16, message: impl FnOnce(&mut Writer<'_>)) -> bool {
        let size = self.tx_size;
        let Some(conn) = self.conns.get_mut(usize::from(slot)) else { return false };
        let window = part_mut(self.tx, slot, size);
        conn.tx = move_down(window, conn.tx.clone(), 0);
        let mut writer = Writer::new(window.get_mut(conn.tx.end..).unwrap_or(&mut []));
        message(&mut writer);
        let Some(length) = writer.finish() else { return false };
        conn.tx.end = conn.tx.end.saturating_add(length);
        conn.wants.write = true;
        self.actions.push(self.conns, slot);
        true
    }
}

fn part(memory: &[u8], slot: u16, size: usize) -> &[u8] {
    let start = usize::from(slot).saturating_mul(size);
    memory.get(start..start.saturating_add(size)).unwrap_or(&[])
}

fn part_mut(memory: &mut [u8], slot: u16, size: usize) -> &mut [u8] {
    let start = usize::from(slot).saturating_mul(size);
    memory.get_mut(start..start.saturating_add(size)).unwrap_or(&mut [])
}

/// Moves the bytes at `from` down to `to` and returns where they are now; not if they would move up.
fn move_down(window: &mut [u8], from: Range<usize>, to: usize) -> Range<usize> {
    if to >= from.start || from.end > window.len() {
        return from;
    }
    let length = from.len();
    window.copy_within(from, to);
    to..to.saturating_add(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_peers_yield_only_after_two_minutes_the_longest_idle_first() {
        let mut conns = vec![const { Conn::new() }; 3];
        let (mut rx, mut tx) = (vec![0; 3 * 64], vec![0; 3 * 64]);
        let mut slots = Slots::new(&mut conns, &mut rx, &mut tx);
        let start = Instant::from_nanos(0);
        let (first, second) = (slots.admit(start).unwrap(), slots.admit(start).unwrap());
        assert!(slots.is_full());
        slots.end_message(second.slot, start);
        slots.end_message(first.slot, start.after(1));
        assert_eq!(slots.admit(start.after(IDLE_NS - 1)), None);
        slots.begin_head(second.slot, start.after(IDLE_NS - 1));
        assert_eq!(slots.admit(start.after(IDLE_NS)), None, "one begins a message, the other is not due");
        let newcomer = slots.admit(start.after(IDLE_NS + 1)).unwrap();
        assert_eq!(newcomer.index(), first.index());
        assert_eq!(slots.poll_action(), Some(Action::Close(first)));
        assert_eq!((slots.slot_of(first), slots.slot_of(newcomer)), (None, Some(newcomer.slot)));
    }

    #[test]
    fn a_close_comes_before_the_open_that_follows_it() {
        let mut conns = vec![const { Conn::new() }; 2];
        let (mut rx, mut tx) = (vec![0; 2 * 64], vec![0; 2 * 64]);
        let mut slots = Slots::new(&mut conns, &mut rx, &mut tx);
        slots.open_outbound();
        let Some(Action::Open(first)) = slots.poll_action() else { panic!("it opens") };
        slots.close(OUTBOUND);
        slots.open_outbound();
        assert_eq!(slots.poll_action(), Some(Action::Close(first)));
        let Some(Action::Open(second)) = slots.poll_action() else { panic!("it opens again") };
        assert_ne!(first, second);
        assert_eq!(slots.poll_action(), None);
    }
}
