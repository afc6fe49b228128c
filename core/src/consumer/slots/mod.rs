//! Slots: the windows of each connection, who gets one, and what the embedder has to be told of them.

mod admission;
mod windows;

use super::queues::{Conns, Kind, Link, Links, Queue};
use crate::http::Receiver;
use crate::limits::{CONNS_MAX, REQUEST_MAX};
use crate::time::Instant;
use core::ops::Range;

/// A connection's place in the consumer: opaque, and worth nothing once the connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConnId {
    slot: u16,
    generation: u16,
}

impl ConnId {
    const fn new(slot: usize, generation: u16) -> Self {
        Self { slot: slot as u16, generation }
    }

    /// A number below the capacity `CONNS`, for the embedder's own table: no two open connections share it.
    pub fn index(self) -> usize {
        usize::from(self.slot)
    }

    /// The id as a number, for an embedder that can keep nothing else; never `u32::MAX`.
    pub const fn to_bits(self) -> u32 {
        (self.generation as u32).wrapping_shl(16) | self.slot as u32
    }

    /// The id whose [`to_bits`](Self::to_bits) these are. That of any other number is worth nothing.
    pub const fn from_bits(bits: u32) -> Self {
        Self { slot: bits as u16, generation: bits.wrapping_shr(16) as u16 }
    }
}

// No slot has the number that would make an id `u32::MAX`.
const _: () = assert!(CONNS_MAX < u16::MAX as usize);

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
pub(in crate::consumer) const OUTBOUND: usize = 0;

/// The memory of one connection, lent by the embedder.
// In the order that it is written in: what is small comes first, for the shortest instructions reach only so far.
#[derive(Clone, Debug)]
#[repr(C)]
pub struct Conn {
    pub(in crate::consumer) is_open: bool,
    /// Whether the peer sends no more.
    pub(in crate::consumer) has_ended: bool,
    /// Whether the connection is to be closed once everything is sent.
    pub(in crate::consumer) is_closing: bool,
    wants: Wants,
    pub(in crate::consumer) request: Request,
    generation: u16,
    pub(in crate::consumer) intake: Intake,
    /// The part of a message's body that is collected, and bytes received behind it that are not read yet.
    body: Range<usize>,
    raw: Range<usize>,
    tx: Range<usize>,
    since: Instant,
    pub(in crate::consumer) links: Links,
    pub(in crate::consumer) receiver: Receiver,
}

/// What a peer's request is answered with, once it is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::consumer) struct Request {
    pub(in crate::consumer) status: u16,
    pub(in crate::consumer) keep_alive: bool,
    pub(in crate::consumer) is_http10: bool,
}

/// What becomes of the message that is coming in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::consumer) enum Intake {
    /// Nothing was decided: its head is not read.
    #[default]
    Head,
    /// Its body is collected.
    Collect,
    /// Its body is passed over; so many bytes of it so far.
    Drain(usize),
}

#[derive(Clone, Copy, Debug, Default)]
struct Wants {
    open: bool,
    close: bool,
    write: bool,
}

impl Conn {
    /// A constant, for the compiler to see that it is all zeros.
    pub(in crate::consumer) const EMPTY: Self = Self::new();

    /// No connection: all zeros.
    pub const fn new() -> Self {
        Self {
            is_open: false,
            has_ended: false,
            is_closing: false,
            wants: Wants { open: false, close: false, write: false },
            request: Request { status: 0, keep_alive: false, is_http10: false },
            generation: 0,
            intake: Intake::Head,
            body: 0..0,
            raw: 0..0,
            tx: 0..0,
            since: Instant::from_nanos(0),
            links: Link::NOWHERE,
            receiver: Receiver::requests(),
        }
    }
}

impl Default for Conn {
    fn default() -> Self {
        Self::new()
    }
}

/// All connections, in lent memory.
#[derive(Debug)]
pub(in crate::consumer) struct Slots<'s> {
    conns: Conns<'s>,
    rx: &'s mut [u8],
    /// To send from: requests, and answers to peers.
    request: &'s mut [u8],
    answers: &'s mut [u8],
    rx_size: usize,
    answers_size: usize,
    /// Who yielded to a newcomer and is not closed yet.
    evicted: Option<ConnId>,
}

impl<'s> Slots<'s> {
    pub(in crate::consumer) fn new(conns: &'s mut [Conn], rx: &'s mut [u8], tx: &'s mut [u8]) -> Self {
        let count = conns.len();
        let peers = count.saturating_sub(1);
        let (request, answers) = tx.split_at_mut_checked(REQUEST_MAX).unwrap_or_default();
        let rx_size = rx.len().checked_div(count).unwrap_or(0);
        let answers_size = answers.len().checked_div(peers).unwrap_or(0);
        // The memory may have served another consumer before.
        for conn in conns.iter_mut() {
            *conn = Conn::EMPTY;
        }
        let mut slots =
            Self { conns: Conns::new(conns), rx, request, answers, rx_size, answers_size, evicted: None };
        for slot in (1..count).rev() {
            slots.conns.push(Queue::Free, slot);
        }
        slots
    }

    /// The connection to the producer, to be opened by the embedder.
    pub(in crate::consumer) fn open_outbound(&mut self) {
        let conn = self.conn(OUTBOUND);
        conn.wants.open = true;
        conn.receiver = Receiver::responses();
        self.conns.push(Queue::Actions, OUTBOUND);
    }

    /// The slot of an open connection; `None` for an id of another time.
    pub(in crate::consumer) fn slot_of(&self, id: ConnId) -> Option<usize> {
        let slot = id.index();
        let is_here = slot < self.conns.len() && self.conns.get(slot).generation == id.generation;
        if is_here { Some(slot) } else { None }
    }

    pub(in crate::consumer) fn conn(&mut self, slot: usize) -> &mut Conn {
        self.conns.get_mut(slot)
    }

    pub(in crate::consumer) fn poll_action(&mut self) -> Option<Action> {
        if let Some(evicted) = self.evicted.take() {
            return Some(Action::Close(evicted));
        }
        let slot = self.conns.first(Queue::Actions)?;
        let conn = self.conn(slot);
        let id = ConnId::new(slot, conn.generation);
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
            self.conns.remove(Kind::Action, slot);
        }
        Some(action)
    }

    /// Has the embedder close a connection; nothing more is read from it or sent.
    pub(in crate::consumer) fn close(&mut self, slot: usize) {
        let conn = self.conn(slot);
        conn.wants = Wants { close: true, ..Wants::default() };
        conn.is_closing = true;
        conn.tx = 0..0;
        self.forget_deadline(slot);
        self.conns.push(Queue::Actions, slot);
    }

    /// Closes a connection that has nothing left to do.
    pub(in crate::consumer) fn close_if_drained(&mut self, slot: usize) {
        let conn = self.conn(slot);
        if conn.is_closing && conn.tx.is_empty() {
            self.close(slot);
        }
    }

    /// Empties a slot for the next connection; the ids given out for it are worth nothing from now on.
    pub(in crate::consumer) fn clear(&mut self, slot: usize) {
        for kind in [Kind::Admission, Kind::Deadline, Kind::Action] {
            self.conns.remove(kind, slot);
        }
        let conn = self.conn(slot);
        let generation = conn.generation.wrapping_add(1);
        *conn = Conn::EMPTY;
        conn.generation = generation;
        if slot != OUTBOUND {
            self.conns.push(Queue::Free, slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::IDLE_NS;

    #[test]
    fn an_id_comes_back_from_its_number() {
        for id in [ConnId { slot: 0, generation: 0 }, ConnId { slot: 4095, generation: u16::MAX }] {
            assert_eq!(ConnId::from_bits(id.to_bits()), id);
            assert_ne!(id.to_bits(), u32::MAX);
        }
    }

    #[test]
    fn idle_peers_yield_only_after_two_minutes_the_longest_idle_first() {
        let mut conns = vec![const { Conn::new() }; 3];
        let (mut rx, mut tx) = (vec![0; 3 * 64], vec![0; REQUEST_MAX + 2 * 64]);
        let mut slots = Slots::new(&mut conns, &mut rx, &mut tx);
        let start = Instant::from_nanos(0);
        let (first, second) = (slots.admit(start).unwrap(), slots.admit(start).unwrap());
        assert!(slots.is_full());
        slots.end_message(second.index(), start);
        slots.end_message(first.index(), start.after(1));
        assert_eq!(slots.admit(start.after(IDLE_NS - 1)), None);
        slots.begin_head(second.index(), start.after(IDLE_NS - 1));
        assert_eq!(slots.admit(start.after(IDLE_NS)), None, "one begins a message, the other is not due");
        let newcomer = slots.admit(start.after(IDLE_NS + 1)).unwrap();
        assert_eq!(newcomer.index(), first.index());
        assert_eq!(slots.poll_action(), Some(Action::Close(first)));
        assert_eq!((slots.slot_of(first), slots.slot_of(newcomer)), (None, Some(newcomer.index())));
    }

    #[test]
    fn peers_that_come_one_after_the_other_use_the_same_memory() {
        let mut conns = vec![const { Conn::new() }; 9];
        let (mut rx, mut tx) = (vec![0; 9 * 64], vec![0; REQUEST_MAX + 8 * 64]);
        let mut slots = Slots::new(&mut conns, &mut rx, &mut tx);
        let start = Instant::from_nanos(0);
        let stays = slots.admit(start).unwrap();
        for _ in 0..20 {
            let comes = slots.admit(start).unwrap();
            assert_eq!((stays.index(), comes.index()), (1, 2));
            slots.clear(comes.index());
        }
    }

    #[test]
    fn a_close_comes_before_the_open_that_follows_it() {
        let mut conns = vec![const { Conn::new() }; 2];
        let (mut rx, mut tx) = (vec![0; 2 * 64], vec![0; REQUEST_MAX + 64]);
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
