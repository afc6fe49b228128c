//! The floor: the consumer with its sockets, door and dial, and what is done in a turn, in its order.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use std::{io, iter};

use mio::event::Event;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token, Waker};
use ptpwatch_core::consumer::{Action, ConnId, Consumer};
use ptpwatch_core::time::Instant;

use super::dial::{Dial, Outcome};
use super::door::Door;
use super::shown::Shown;
use super::socket::{Reading, Socket};
use super::{LISTENER, Setup, WAKER};
use crate::failure::Failure;

/// The consumer and all its sockets.
#[derive(Debug)]
pub(super) struct Floor<'s> {
    /// On the heap, for it is large: each move of it would touch a page of the stack.
    pub(super) consumer: Box<Consumer<'s>>,
    registry: Registry,
    /// By the connection's index.
    sockets: Vec<Option<Socket>>,
    door: Door,
    dial: Dial,
    shown: Shown<'s>,
    /// Indices of sockets to read from.
    unread: VecDeque<usize>,
}

impl<'s> Floor<'s> {
    pub(super) fn new(setup: Setup<'s>, registry: &Registry, now: Instant) -> Result<Box<Self>, Failure> {
        let waker = Arc::new(Waker::new(registry, WAKER)?);
        let connections = setup.memory.connections();
        let consumer = Box::new(Consumer::new(setup.memory, setup.config, now)?);
        Ok(Box::new(Self {
            door: Door::new(setup.listener, setup.allow, registry, LISTENER)?,
            dial: Dial::new(setup.host, setup.port, waker),
            shown: Shown::new(setup.page),
            consumer,
            registry: registry.try_clone()?,
            sockets: iter::repeat_with(|| None).take(connections).collect(),
            unread: VecDeque::with_capacity(connections),
        }))
    }

    /// How long nothing needs to be done; `None`: until the poll says so.
    pub(super) fn patience(&self, now: Instant) -> Option<Duration> {
        if !self.unread.is_empty() {
            return Some(Duration::ZERO);
        }
        let or_never = |at: Option<Instant>| at.unwrap_or(Instant::MAX);
        let first = or_never(self.consumer.poll_timeout())
            .min(or_never(self.door.deadline()))
            .min(or_never(self.shown.deadline()));
        if first == Instant::MAX { None } else { Some(Duration::from_nanos(first.since(now))) }
    }

    pub(super) fn turned_away(&self) -> u64 {
        self.door.turned_away()
    }

    pub(super) fn handle_knock(&mut self) {
        self.door.handle_ready();
    }

    pub(super) fn handle_wake(&mut self, now: Instant) {
        let outcome = self.dial.handle_answer(&self.registry);
        self.take_outcome(now, outcome);
    }

    pub(super) fn handle_socket(&mut self, now: Instant, event: &Event) {
        let index = event.token().0;
        let Some(Some(socket)) = self.sockets.get_mut(index) else {
            let outcome = self.dial.handle_ready(&self.registry);
            return self.take_outcome(now, outcome);
        };
        let is_taken_again = socket.handle_event(event);
        socket.queue(&mut self.unread);
        if is_taken_again {
            self.write(now, index);
        }
    }

    /// Takes in input first, then time, then somebody who waits at the door and may have said something already, if nobody has
    /// to yield for it; and shows what came of it.
    pub(super) fn advance(&mut self, now: Instant) {
        for _ in 0..self.unread.len() {
            if let Some(index) = self.unread.pop_front() {
                self.read(now, index);
            }
        }
        if self.consumer.poll_timeout().is_some_and(|at| at <= now) {
            self.consumer.handle_timeout(now);
        }
        if !self.door.is_idle() && self.has_room() {
            self.seat(now);
        }
        self.shown.update(now, &self.consumer);
    }

    /// Does what the consumer asks for, answers first, then lets in who else waits at the door.
    pub(super) fn serve(&mut self, now: Instant) {
        self.act(now);
        for _ in 0..SEATS_MAX {
            if self.door.is_idle() || !self.seat(now) {
                break;
            }
            self.act(now);
        }
    }

    /// Shows what has changed, and does what the consumer asks for.
    pub(super) fn act(&mut self, now: Instant) {
        self.shown.update(now, &self.consumer);
        while let Some(action) = self.consumer.poll_action() {
            match action {
                Action::Open(conn) => {
                    let outcome = self.dial.open(&self.registry, conn);
                    self.take_outcome(now, outcome);
                }
                Action::Close(conn) => self.close(conn),
                Action::Write(conn) => self.write(now, conn.index()),
            }
        }
    }

    fn take_outcome(&mut self, now: Instant, outcome: Outcome) {
        match outcome {
            Outcome::Pending => {}
            Outcome::Opened(conn, stream) => {
                self.consumer.handle_opened(now, conn);
                self.place(now, Socket::new(conn, stream));
            }
            Outcome::Failed(conn) => self.consumer.handle_closed(now, conn),
        }
    }

    /// Whether there is a place that no socket has, beside the one for the producer.
    fn has_room(&self) -> bool {
        self.sockets.iter().skip(1).any(Option::is_none)
    }

    /// Gives the peer at the door a seat; `false` if there is no peer, or no seat.
    fn seat(&mut self, now: Instant) -> bool {
        if !self.door.has_guest(now) {
            return false;
        }
        let Some(conn) = self.consumer.admit(now) else {
            self.door.keep_guest(now);
            return false;
        };
        let Some(stream) = self.door.take_guest() else { return false };
        match self.register(conn, stream) {
            Ok(socket) => self.place(now, socket),
            Err(error) => {
                log::debug!("a peer is gone: {error}");
                self.consumer.handle_closed(now, conn);
            }
        }
        true
    }

    fn register(&self, conn: ConnId, mut stream: TcpStream) -> io::Result<Socket> {
        stream.set_nodelay(true)?;
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.registry.register(&mut stream, Token(conn.index()), interest)?;
        Ok(Socket::new(conn, stream))
    }

    /// Reads at once what is there: what was said before the poll knew the socket, and whoever has said something is
    /// not the one to yield to the next.
    fn place(&mut self, now: Instant, socket: Socket) {
        let index = socket.conn().index();
        if let Some(place) = self.sockets.get_mut(index) {
            *place = Some(socket);
            self.read(now, index);
        }
    }

    fn read(&mut self, now: Instant, index: usize) {
        let Some(Some(socket)) = self.sockets.get_mut(index) else { return };
        match socket.read(now, &mut self.consumer) {
            Ok(Reading::Done | Reading::Blocked) => {}
            Ok(Reading::Unfinished) => socket.queue(&mut self.unread),
            Err(error) => self.lose(now, index, &error),
        }
    }

    fn write(&mut self, now: Instant, index: usize) {
        let Some(Some(socket)) = self.sockets.get_mut(index) else { return };
        match socket.write(now, &mut self.consumer, &mut self.shown) {
            // What was sent may have made room for what waits to be read.
            Ok(()) => socket.queue(&mut self.unread),
            Err(error) => self.lose(now, index, &error),
        }
    }

    fn close(&mut self, conn: ConnId) {
        if self.dial.close(conn) {
            return;
        }
        let place = self.sockets.get_mut(conn.index());
        if let Some(socket) = place.and_then(|place| place.take_if(|socket| socket.conn() == conn)) {
            socket.close();
        }
    }

    /// A connection is lost; one to a peer often is, and says nothing of the others.
    fn lose(&mut self, now: Instant, index: usize, error: &io::Error) {
        let Some(socket) = self.sockets.get_mut(index).and_then(Option::take) else { return };
        log::debug!("connection {index} is lost: {error}");
        self.consumer.handle_closed(now, socket.conn());
    }
}

/// Peers let in at one turn, at most.
const SEATS_MAX: usize = 64;
