//! The admin port: what people and their tools ask over HTTP, on a listener of its own, and answered last in each turn.
//!
//! Its memory is there before the first connection. In a turn each connection is read from once, and one of them is
//! written to: a request is answered, or a reader of changes is told what is new. Who is slow is given up, and a reader
//! that does not keep up is told so.

mod accept;
mod answer;
mod facts;
mod fill;
mod history;
mod lobby;
mod metrics;
mod request;
mod seat;
mod state;
mod stream;
mod tally;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use mio::event::Event;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use ptpwatch_core::consumer::{Consumer, Notice};
use ptpwatch_core::time::Instant;

pub(crate) use self::facts::{About, Counts};
pub(crate) use self::lobby::Lobby;
pub(crate) use self::seat::Memory;

use self::answer::answer;
use self::facts::Facts;
use self::fill::Fill;
use self::history::History;
use self::seat::{SEATS, Seat};
use self::stream::Slow;
use self::tally::Tally;
use crate::failure::Failure;
use crate::turn::{Door, FOREIGN};
use crate::view::Moment;
use crate::watch::{self, Manner};

/// The admin port and all its connections.
#[derive(Debug)]
pub(crate) struct Admin<'m> {
    registry: Registry,
    door: Door,
    seats: Vec<Seat<'m>>,
    /// The seat that is served first.
    first: usize,
    about: About,
    history: History,
    tally: Tally,
    streams_dropped: u64,
    /// Whether something came that was not looked at.
    has_news: bool,
    /// When to look without that.
    due: Option<Instant>,
    is_stopping: bool,
}

impl<'m> Admin<'m> {
    /// Listens at `address`.
    ///
    /// # Errors
    /// If it cannot be.
    pub(crate) fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
        watch::listen(address, Manner::Host)
            .map_err(|error| Failure::usage(format_args!("--admin {address}: {error}")))
    }

    /// Opens what listens, among the others who wait in a turn's poll.
    ///
    /// # Errors
    /// Those of the system.
    pub(crate) fn open(
        listener: TcpListener,
        memory: &'m mut Memory,
        registry: &Registry,
        about: About,
    ) -> io::Result<Box<Self>> {
        log::info!("the admin port is http://{}", listener.local_addr()?);
        Ok(Box::new(Self {
            door: Door::new(listener, Vec::new(), registry, LISTENER)?,
            registry: registry.try_clone()?,
            seats: memory.seats(),
            first: 0,
            about,
            history: History::new(),
            tally: Tally::default(),
            streams_dropped: 0,
            has_news: true,
            due: None,
            is_stopping: false,
        }))
    }

    /// Takes note of a change.
    pub(crate) fn note(&mut self, moment: Moment, notice: &Notice<'_>) {
        self.history.note(moment, notice);
        self.tally.note(moment, notice);
        for (stream, _) in self.seats.iter_mut().filter_map(Seat::stream) {
            stream.note();
            self.has_news = true;
        }
    }

    /// Takes note of what the poll says, if it is of this port.
    pub(crate) fn handle_event(&mut self, event: &Event) {
        match event.token() {
            LISTENER => self.door.handle_ready(),
            Token(token) => match token.checked_sub(FIRST_SEAT).and_then(|index| self.seats.get_mut(index)) {
                Some(seat) => seat.handle_event(event),
                None => return,
            },
        }
        self.has_news = true;
    }

    /// How long there is nothing to do; `None`: until the poll says so.
    pub(crate) fn patience(&self, now: Instant) -> Option<Duration> {
        match self.has_news {
            true => Some(Duration::ZERO),
            false => self.due.map(|due| Duration::from_nanos(due.since(now))),
        }
    }

    /// Does what there is to do: to be called last in a turn.
    pub(crate) fn serve(&mut self, now: Instant, consumer: &Consumer<'_>, counts: Counts) {
        if !self.has_news && self.due.is_none_or(|due| due > now) {
            return;
        }
        self.admit(now);
        self.move_seats(now, consumer, counts);
        let deadline = |seat: &mut Seat| match seat.stream() {
            Some((stream, true)) => Some(stream.due()),
            _ => seat.deadline(),
        };
        self.has_news = self.seats.iter().any(Seat::is_unfinished);
        let deadlines = self.seats.iter_mut().filter_map(deadline);
        self.due = deadlines.chain(self.door.deadline()).min();
    }

    /// Says to all who listen that no more follows, and why.
    pub(crate) fn end(&mut self, now: Instant, cause: &str) {
        for seat in &mut self.seats {
            if seat.stream().is_some() {
                end_stream(seat, now, cause);
                seat.write(now);
            }
        }
    }

    /// From now on it is not ready.
    pub(crate) fn stop(&mut self) {
        self.is_stopping = true;
    }

    /// Lets in who waits at the door: to a free seat, or to that of whoever asked for nothing for longest.
    fn admit(&mut self, now: Instant) {
        for _ in 0..SEATS {
            if !self.door.has_guest(now) {
                return;
            }
            let free = self.seats.iter().position(Seat::is_free);
            let index = free.or_else(|| self.longest_idle(now));
            let Some((index, seat)) = index.and_then(|index| Some((index, self.seats.get_mut(index)?)))
            else {
                return self.door.keep_guest(now);
            };
            seat.leave();
            let Some(peer) = self.door.take_guest() else { return };
            match register(&self.registry, index, peer) {
                Ok(peer) => seat.take(now, peer),
                Err(error) => log::debug!("a peer is gone: {error}"),
            }
        }
    }

    /// The seat of whoever asked for nothing for longest, nor has begun to meanwhile.
    fn longest_idle(&mut self, now: Instant) -> Option<usize> {
        loop {
            let idle = self.seats.iter().enumerate();
            let (_, index) = idle.filter_map(|(index, seat)| Some((seat.idle_since()?, index))).min()?;
            if self.seats.get_mut(index)?.is_still_idle(now) {
                return Some(index);
            }
        }
    }

    fn move_seats(&mut self, now: Instant, consumer: &Consumer<'_>, counts: Counts) {
        let Self { seats, about, history, tally, streams_dropped, is_stopping, .. } = self;
        let streams = seats.iter_mut().filter_map(Seat::stream).count();
        let facts = Facts {
            moment: Moment { now, ..Moment::now() },
            about,
            consumer,
            verdict: consumer.verdict(),
            link: consumer.link(),
            stats: consumer.stats(),
            history,
            tally,
            counts,
            streams,
            streams_dropped: *streams_dropped,
            is_stopping: *is_stopping,
        };
        // Whoever was written to last time comes last.
        let (behind, front) = seats.split_at_mut(self.first);
        let mut written = None;
        for (offset, seat) in front.iter_mut().chain(behind).enumerate().filter(|(_, seat)| !seat.is_free()) {
            seat.read(now);
            if written.is_none() && write_to(seat, &facts, streams_dropped) {
                written = Some(offset);
            }
            seat.write(now);
            *streams_dropped += u64::from(give_up_if_overdue(seat, now));
        }
        self.first = written.map_or(self.first, |offset| (self.first + offset + 1) % SEATS);
    }
}

/// Answers what was asked, or tells what is new to whoever listens; `false` if there was neither.
fn write_to(seat: &mut Seat<'_>, facts: &Facts<'_>, streams_dropped: &mut u64) -> bool {
    if let Some(asked) = seat.asked() {
        answer(seat, asked, facts);
        return true;
    }
    let told = tell(seat, facts);
    *streams_dropped += u64::from(told.is_err());
    told.unwrap_or(true)
}

/// Tells whoever listens what is new, once all was sent that it was told before; `false` if there is nothing.
///
/// # Errors
/// If that is no longer known: it is told so.
fn tell(seat: &mut Seat<'_>, facts: &Facts<'_>) -> Result<bool, Slow> {
    let now = facts.moment.now;
    let output = std::mem::take(&mut seat.output);
    let mut out = Fill::new(output);
    let told = match seat.stream() {
        Some((stream, true)) => stream.go_on(&mut out, facts),
        _ => Ok(()),
    };
    let length = out.length();
    seat.output = output;
    match told {
        Ok(()) if length > 0 => seat.go_on(now, length),
        Ok(()) => {}
        Err(Slow) => end_stream(seat, now, TOO_SLOW),
    }
    told.map(|()| length > 0)
}

/// Gives up on a peer that had its time; who listens is told so, if it ever reads that. Returns whether it listened.
fn give_up_if_overdue(seat: &mut Seat<'_>, now: Instant) -> bool {
    if seat.deadline().is_none_or(|deadline| deadline > now) {
        return false;
    }
    let is_stream = seat.stream().is_some();
    match is_stream {
        true => end_stream(seat, now, TOO_SLOW),
        false => seat.time_out(),
    }
    is_stream
}

fn end_stream(seat: &mut Seat<'_>, now: Instant, cause: &str) {
    let mut last = [0; END_MAX];
    let mut out = Fill::new(&mut last);
    let length = stream::end(&mut out, cause).map_or(0, |()| out.length());
    seat.end_stream(now, last.get(..length).unwrap_or_default());
}

fn register(registry: &Registry, index: usize, mut peer: TcpStream) -> io::Result<TcpStream> {
    peer.set_nodelay(true)?;
    registry.register(&mut peer, Token(FIRST_SEAT + index), Interest::READABLE | Interest::WRITABLE)?;
    Ok(peer)
}

/// Tokens in the poll: one is that of signals.
const LISTENER: Token = Token(FOREIGN + 1);
const FIRST_SEAT: usize = FOREIGN + 2;
/// Longest last event of a stream, in bytes.
const END_MAX: usize = 256;
/// Why a stream is ended whose reader does not keep up.
const TOO_SLOW: &str = "too-slow";

#[cfg(test)]
mod tests;
