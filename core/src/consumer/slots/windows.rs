//! The windows of each connection: what was received, what of it is collected, and what is to be sent.

use super::{Conn, Intake, OUTBOUND, Slots};
use crate::consumer::queues::Queue;
use crate::http::{Receiver, Writer};
use core::ops::Range;

impl Slots<'_> {
    /// The memory to receive into; what was received and not read is moved to the front if there is no room behind.
    pub(in crate::consumer) fn recv_window(&mut self, slot: usize) -> &mut [u8] {
        let (conn, window) = self.seat(slot);
        conn.compact(window);
        if !conn.is_open {
            return &mut [];
        }
        window.get_mut(conn.raw.end..).unwrap_or_default()
    }

    /// Takes in `count` bytes that the embedder wrote to the window; fewer if it claims more than fit, none after the end.
    pub(in crate::consumer) fn received(&mut self, slot: usize, count: usize) -> bool {
        let size = self.rx_size;
        let conn = self.conn(slot);
        // The window of who has ended is empty.
        let size = if conn.has_ended { conn.raw.end } else { size };
        let end = conn.raw.end.saturating_add(count);
        conn.raw.end = end.min(size);
        end <= size
    }

    /// Bytes received and not read yet, and whether no more come.
    pub(in crate::consumer) fn unread(&mut self, slot: usize) -> (&mut Receiver, &[u8], bool) {
        let (conn, window) = self.seat(slot);
        (&mut conn.receiver, window.get(conn.raw.clone()).unwrap_or_default(), conn.has_ended)
    }

    /// Whether there is nothing to read: no bytes, and no end that would mean something.
    pub(in crate::consumer) fn is_read(&mut self, slot: usize) -> bool {
        let conn = self.conn(slot);
        conn.raw.is_empty() && !conn.has_ended && conn.receiver.is_between_messages()
    }

    /// Drops `count` unread bytes.
    pub(in crate::consumer) fn consume(&mut self, slot: usize, count: usize) {
        drop_front(&mut self.conn(slot).raw, count);
    }

    /// Begins to collect a body at the front of what is unread.
    pub(in crate::consumer) fn begin_collecting(&mut self, slot: usize) {
        let conn = self.conn(slot);
        conn.body = conn.raw.start..conn.raw.start;
        conn.intake = Intake::Collect;
    }

    /// Has the rest of a body passed over, as `count` bytes of it were; what is collected of it is dropped.
    pub(in crate::consumer) fn drain(&mut self, slot: usize, count: usize) {
        self.begin_collecting(slot);
        self.conn(slot).intake = Intake::Drain(count);
    }

    /// Drops `count` unread bytes, the last `length` of which are of a body: these are collected, or passed over.
    /// Returns how many of it were passed over so far.
    pub(in crate::consumer) fn take_data(&mut self, slot: usize, count: usize, length: usize) -> usize {
        let (conn, window) = self.seat(slot);
        drop_front(&mut conn.raw, count);
        if let Intake::Drain(drained) = &mut conn.intake {
            *drained = drained.saturating_add(length);
            return *drained;
        }
        let end = conn.raw.start;
        let data = end.saturating_sub(length)..end;
        if conn.body.is_empty() {
            conn.body = data;
        } else {
            conn.body.end = move_down(window, data, conn.body.end).end;
        }
        0
    }

    /// The body collected so far.
    pub(in crate::consumer) fn body(&mut self, slot: usize) -> &mut [u8] {
        let (conn, window) = self.seat(slot);
        window.get_mut(conn.body.clone()).unwrap_or_default()
    }

    pub(in crate::consumer) fn body_length(&mut self, slot: usize) -> usize {
        self.conn(slot).body.len()
    }

    /// Whether more of the body can be collected.
    pub(in crate::consumer) const fn rx_size(&self) -> usize {
        self.rx_size
    }

    /// Drops `count` bytes off the front of the body collected; what it was kept for has them.
    pub(in crate::consumer) fn consume_body(&mut self, slot: usize, count: usize) {
        drop_front(&mut self.conn(slot).body, count);
    }

    pub(in crate::consumer) fn drop_body(&mut self, slot: usize) {
        self.consume_body(slot, usize::MAX);
    }

    /// The bytes to send.
    pub(in crate::consumer) fn send_window(&self, slot: usize) -> &[u8] {
        let window = match slot {
            OUTBOUND => &*self.request,
            _ => self.answers.get(self.answers_of(slot)).unwrap_or_default(),
        };
        window.get(self.conns.get(slot).tx.clone()).unwrap_or_default()
    }

    /// Takes note that `count` bytes were sent; `false` if that is more than there were.
    pub(in crate::consumer) fn sent(&mut self, slot: usize, count: usize) -> bool {
        let conn = self.conn(slot);
        let is_right = count <= conn.tx.len();
        drop_front(&mut conn.tx, count);
        if conn.tx.is_empty() {
            conn.tx = 0..0;
        }
        is_right
    }

    /// Whether an answer of `length` bytes finds room behind those that wait.
    pub(in crate::consumer) fn has_room(&mut self, slot: usize, length: usize) -> bool {
        self.answers_size.saturating_sub(self.conn(slot).tx.len()) >= length
    }

    /// A writer of a message behind those that wait; what it has written is to be [sent](Self::send).
    pub(in crate::consumer) fn writer(&mut self, slot: usize) -> Writer<'_> {
        let answers = self.answers_of(slot);
        let window = match slot {
            OUTBOUND => &mut *self.request,
            _ => self.answers.get_mut(answers).unwrap_or_default(),
        };
        let conn = self.conns.get_mut(slot);
        conn.tx = move_down(window, conn.tx.clone(), 0);
        Writer::new(window.get_mut(conn.tx.end..).unwrap_or_default())
    }

    /// Sends a message of `length` bytes that was written, and tells the embedder; `false` if it did not fit.
    pub(in crate::consumer) fn send(&mut self, slot: usize, length: Option<usize>) -> bool {
        let Some(length) = length else { return false };
        let conn = self.conn(slot);
        conn.tx.end = conn.tx.end.wrapping_add(length);
        conn.wants.write = true;
        self.conns.push(Queue::Actions, slot);
        true
    }

    /// A connection, and its part of the memory to receive into.
    fn seat(&mut self, slot: usize) -> (&mut Conn, &mut [u8]) {
        let window = self.rx.get_mut(part(slot, self.rx_size)).unwrap_or_default();
        (self.conns.get_mut(slot), window)
    }

    /// The place of a peer's answers in the memory for them.
    fn answers_of(&self, slot: usize) -> Range<usize> {
        part(slot.wrapping_sub(1), self.answers_size)
    }
}

impl Conn {
    /// Moves what was received and not read to the front, if there is no room behind.
    fn compact(&mut self, window: &mut [u8]) {
        if self.body.is_empty() && self.raw.is_empty() {
            (self.body, self.raw) = (0..0, 0..0);
        }
        if self.raw.end < window.len() {
            return;
        }
        self.body = move_down(window, self.body.clone(), 0);
        self.raw = move_down(window, self.raw.clone(), self.body.end);
    }
}

/// The place of part `number`, of `size` bytes.
fn part(number: usize, size: usize) -> Range<usize> {
    let start = number.wrapping_mul(size);
    start..start.wrapping_add(size)
}

/// Drops `count` bytes off the front of a place, or all there are.
fn drop_front(place: &mut Range<usize>, count: usize) {
    place.start = place.start.wrapping_add(count.min(place.len()));
}

/// Moves the bytes at `from` down to `to` and returns where they are now; not if they would move up.
///
/// Byte by byte: `copy_within` checks its ranges once more, and keeps a panic reachable.
fn move_down(window: &mut [u8], from: Range<usize>, to: usize) -> Range<usize> {
    if to >= from.start || from.end > window.len() {
        return from;
    }
    let length = from.len();
    for offset in 0..length {
        let Some(byte) = window.get(from.start.wrapping_add(offset)).copied() else { break };
        if let Some(place) = window.get_mut(to.wrapping_add(offset)) {
            *place = byte;
        }
    }
    to..to.wrapping_add(length)
}
