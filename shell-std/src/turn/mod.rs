//! The turn: moves bytes and time between sockets and one consumer, and waits nowhere but in one poll.

pub mod clock;
mod dial;
mod door;
mod floor;
mod memory;
mod rush;
mod shown;
mod socket;

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use ipnet::IpNet;
use mio::event::Event;
use mio::{Events, Poll, Registry, Token};
use ptpwatch_core::consumer::{Config, Consumer, Notice};
use ptpwatch_core::limits::CONNS_MAX;
use ptpwatch_core::page::Writer;
use ptpwatch_core::time::Instant;

pub(crate) use self::door::Door;
pub use self::memory::Memory;

use self::floor::Floor;
use self::rush::Rush;
use crate::failure::Failure;

/// A consumer at work.
///
/// After each [`step`](Self::step), or each of the two it consists of, and after [`new`](Self::new), drain
/// [`poll_notice`](Self::poll_notice).
#[derive(Debug)]
pub struct Turn<'s> {
    poll: Poll,
    events: Events,
    floor: Box<Floor<'s>>,
    rush: Rush,
    clock: fn() -> Instant,
    /// When it has last taken something in.
    now: Instant,
}

/// What a turn begins with.
#[derive(Debug)]
pub struct Setup<'s> {
    pub memory: &'s mut Memory,
    pub config: Config<'s>,
    /// Where notifications arrive: there before the producer is asked for any.
    pub listener: TcpListener,
    /// Who may connect; nobody named: everybody.
    pub allow: Vec<IpNet>,
    /// The producer's name or address, IPv6 without brackets.
    pub host: String,
    /// The producer's port.
    pub port: u16,
    /// Where the verdict is shown to other processes.
    pub page: Option<Writer<'s>>,
}

impl<'s> Turn<'s> {
    /// A turn that has begun to open the connection to the producer.
    ///
    /// # Errors
    /// If the configuration cannot be, or the system lacks something.
    pub fn new(setup: Setup<'s>) -> Result<Self, Failure> {
        Self::with_clock(setup, clock::now)
    }

    /// The same by a clock of the caller's: a test plays hours in seconds. Only how long a [`step`](Self::step) waits goes
    /// by the system's.
    ///
    /// # Errors
    /// Those of [`new`](Self::new).
    pub fn with_clock(setup: Setup<'s>, clock: fn() -> Instant) -> Result<Self, Failure> {
        let poll = Poll::new()?;
        let now = clock();
        let mut floor = Floor::new(setup, poll.registry(), now)?;
        floor.act(now);
        let events = Events::with_capacity(EVENTS_MAX);
        Ok(Self { poll, events, floor, rush: Rush::default(), clock, now })
    }

    /// Waits until there is something to do, `max_wait` at most, and does it: [`take_in`](Self::take_in), then
    /// [`answer`](Self::answer).
    ///
    /// # Errors
    /// Those of [`take_in`](Self::take_in).
    pub fn step(&mut self, max_wait: Option<Duration>, others: impl FnMut(&Event)) -> io::Result<()> {
        self.take_in(max_wait, others)?;
        self.answer();
        Ok(())
    }

    /// Waits until there is something to take in, `max_wait` at most, and does so. `others` is told of what else the poll
    /// says: of tokens from [`FOREIGN`] on, registered with [`registry`](Self::registry).
    ///
    /// What changed can be told before [`answer`](Self::answer) lets the producer have its answers, which takes longer
    /// than all else. It has to follow.
    ///
    /// # Errors
    /// Those of the poll itself.
    pub fn take_in(&mut self, max_wait: Option<Duration>, mut others: impl FnMut(&Event)) -> io::Result<()> {
        let start = (self.clock)();
        let patience = shorter(self.floor.patience(start), max_wait);
        match self.wait(patience) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        let Self { events, floor, rush, clock, now, .. } = self;
        *now = clock();
        for event in &*events {
            match event.token() {
                LISTENER => floor.handle_knock(),
                WAKER => floor.handle_wake(*now),
                Token(index) if index < CONNS_MAX => {
                    rush.handle_heard(index);
                    floor.handle_socket(*now, event);
                }
                _ => others(event),
            }
        }
        rush.handle_turn(now.since(start));
        floor.advance(*now);
        Ok(())
    }

    /// Sends what there is to send, opens and closes connections, and lets in who waits at the door. Some of what came in may
    /// be taken in by that only, as answers make room for it.
    pub fn answer(&mut self) {
        self.floor.serve(self.now);
    }

    /// Starts the way out: go on with [`step`](Self::step) until [`Consumer::is_stopped`].
    pub fn stop(&mut self) {
        self.now = (self.clock)();
        self.floor.consumer.handle_stop(self.now);
        self.floor.act(self.now);
    }

    /// What changed.
    pub fn poll_notice(&mut self) -> Option<Notice<'_>> {
        self.floor.consumer.poll_notice()
    }

    /// The consumer.
    pub fn consumer(&self) -> &Consumer<'s> {
        &self.floor.consumer
    }

    /// How many peers were turned away who may not connect.
    pub fn turned_away(&self) -> u64 {
        self.floor.turned_away()
    }

    /// Where others are registered who wait in the same poll.
    pub fn registry(&self) -> &Registry {
        self.poll.registry()
    }

    /// Waits for something to take in, `patience` at most; in a rush it stays awake for a while.
    fn wait(&mut self, patience: Option<Duration>) -> io::Result<()> {
        let Self { poll, events, rush, .. } = self;
        if rush.is_on() && patience != Some(Duration::ZERO) {
            rush::look(poll, events)?;
            if !events.is_empty() {
                return Ok(());
            }
        }
        poll.poll(events, patience)
    }
}

/// The shorter of two waits; `None` is one without an end.
///
/// Each turn asks several times: it is worth no call, and a list would be gone through twice.
#[inline(always)]
pub fn shorter(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        _ => one.or(other),
    }
}

/// The first token that is free for others.
pub const FOREIGN: usize = CONNS_MAX + 2;

const LISTENER: Token = Token(CONNS_MAX);
const WAKER: Token = Token(CONNS_MAX + 1);

/// Events that one poll reports, at most.
const EVENTS_MAX: usize = 256;

#[cfg(test)]
mod tests;
