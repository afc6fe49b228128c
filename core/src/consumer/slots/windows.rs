//! The windows of each connection: what was received, what of it is collected, and what is to be sent.

use super::{Intake, OUTBOUND, Slots};
use crate::http::{Receiver, Writer};
use core::ops::Range;

impl Slots<'_> {
    /// The memory to receive into; what was received and not read is moved to the front if there is no room behind.
    pub(in crate::consumer) fn recv_window(&mut self, slot: u16) -> &mut [u8] {
        self.compact(slot);
        let size = self.rx_size;
        let Some(conn) = self.conns.get(usize::from(slot)).filter(|conn| conn.is_open) else {
            return &mut [];
        };
        let end = conn.raw.end;
        part_mut(self.rx, slot, size).get_mut(end..).unwrap_or(&mut [])
    }

    pub(super) fn compact(&mut self, slot: u16) {
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
    pub(in crate::consumer) fn received(&mut self, slot: u16, count: usize) -> bool {
        let size = self.rx_size;
        let Some(conn) = self.get(slot) else { return false };
        let end = conn.raw.end.saturating_add(count);
        conn.raw.end = end.min(size);
        end <= size
    }

    /// Bytes received and not read yet, and whether no more come.
    pub(in crate::consumer) fn unread(&mut self, slot: u16) -> Option<(&mut Receiver, &[u8], bool)> {
        let size = self.rx_size;
        let conn = self.conns.get_mut(usize::from(slot))?;
        let window = part(self.rx, slot, size).get(conn.raw.clone())?;
        Some((&mut conn.receiver, window, conn.has_ended))
    }

    /// Drops `count` unread bytes.
    pub(in crate::consumer) fn consume(&mut self, slot: u16, count: usize) {
        if let Some(conn) = self.get(slot) {
            conn.raw.start = conn.raw.start.saturating_add(count).min(conn.raw.end);
        }
    }

    /// Begins to collect a body at the front of what is unread.
    pub(in crate::consumer) fn begin_collecting(&mut self, slot: u16) {
        if let Some(conn) = self.get(slot) {
            conn.body = conn.raw.start..conn.raw.start;
            conn.intake = Intake::Collect;
        }
    }

    /// Adds to the body collected the last `length` of `count` unread bytes, and drops those.
    pub(in crate::consumer) fn collect(&mut self, slot: u16, count: usize, length: usize) {
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
    pub(in crate::consumer) fn body(&mut self, slot: u16) -> &mut [u8] {
        let size = self.rx_size;
        let Some(conn) = self.conns.get(usize::from(slot)) else { return &mut [] };
        part_mut(self.rx, slot, size).get_mut(conn.body.clone()).unwrap_or(&mut [])
    }

    pub(in crate::consumer) fn body_length(&mut self, slot: u16) -> usize {
        self.get(slot).map_or(0, |conn| conn.body.len())
    }

    /// Whether more of the body can be collected.
    pub(in crate::consumer) const fn rx_size(&self) -> usize {
        self.rx_size
    }

    /// Drops `count` bytes off the front of the body collected; what it was kept for has them.
    pub(in crate::consumer) fn consume_body(&mut self, slot: u16, count: usize) {
        if let Some(conn) = self.get(slot) {
            conn.body.start = conn.body.start.saturating_add(count).min(conn.body.end);
            if conn.body.is_empty() {
                conn.body = conn.raw.start..conn.raw.start;
            }
        }
    }

    pub(in crate::consumer) fn drop_body(&mut self, slot: u16) {
        self.consume_body(slot, usize::MAX);
    }

    /// The bytes to send.
    pub(in crate::consumer) fn send_window(&self, slot: u16) -> &[u8] {
        let Some(conn) = self.conns.get(usize::from(slot)) else { return &[] };
        let window = match slot {
            OUTBOUND => &*self.request,
            _ => part(self.answers, slot.saturating_sub(1), self.answers_size),
        };
        window.get(conn.tx.clone()).unwrap_or(&[])
    }

    /// Takes note that `count` bytes were sent; `false` if that is more than there were.
    pub(in crate::consumer) fn sent(&mut self, slot: u16, count: usize) -> bool {
        let Some(conn) = self.get(slot) else { return false };
        let is_right = count <= conn.tx.len();
        conn.tx.start = conn.tx.start.saturating_add(count).min(conn.tx.end);
        if conn.tx.is_empty() {
            conn.tx = 0..0;
        }
        is_right
    }

    /// Whether an answer of `length` bytes finds room behind those that wait.
    pub(in crate::consumer) fn has_room(&mut self, slot: u16, length: usize) -> bool {
        let size = self.answers_size;
        self.get(slot).is_some_and(|conn| size.saturating_sub(conn.tx.len()) >= length)
    }

    /// Writes a message behind those that wait, and tells the embedder; `false` if it does not fit.
    pub(in crate::consumer) fn write(&mut self, slot: u16, message: impl FnOnce(&mut Writer<'_>)) -> bool {
        let Some(conn) = self.conns.get_mut(usize::from(slot)) else { return false };
        let window = match slot {
            OUTBOUND => &mut *self.request,
            _ => part_mut(self.answers, slot.saturating_sub(1), self.answers_size),
        };
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
///
/// Byte by byte: `copy_within` checks its ranges once more, and keeps a panic reachable.
fn move_down(window: &mut [u8], from: Range<usize>, to: usize) -> Range<usize> {
    if to >= from.start || from.end > window.len() {
        return from;
    }
    let length = from.len();
    for offset in 0..length {
        let Some(byte) = window.get(from.start.saturating_add(offset)).copied() else { break };
        if let Some(place) = window.get_mut(to.saturating_add(offset)) {
            *place = byte;
        }
    }
    to..to.saturating_add(length)
}
