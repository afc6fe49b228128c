//! A home on transports of embedded-io: a pipe each way for each connection.

use super::Told;
use super::home::{Home, Wire};
use super::machine::Machine;
use embedded_io::{ErrorKind, ErrorType, Read, ReadReady, Write, WriteReady};
use ptpwatch_core::adapt::embedded_io::{Progress, pump};
use ptpwatch_core::consumer::{Action, Config, ConnId, Consumer, Storage};
use ptpwatch_core::time::Instant;
use std::collections::{BTreeMap, VecDeque};

/// A consumer, and its connections: pipes that hold `SIZE` bytes each way.
#[derive(Debug)]
pub struct Pipes<const SIZE: usize> {
    consumer: Consumer<'static>,
    streams: BTreeMap<Wire, Stream<SIZE>>,
    /// Connected, and not admitted yet.
    backlog: VecDeque<Wire>,
    calls: VecDeque<Wire>,
    named: u32,
}

/// A connection, as the consumer has it.
#[derive(Debug)]
struct Stream<const SIZE: usize> {
    conn: Option<ConnId>,
    /// Whether the connection stands.
    is_open: bool,
    /// To be read, and to be sent.
    incoming: VecDeque<u8>,
    outgoing: VecDeque<u8>,
    /// Whether nothing more comes.
    has_ended: bool,
    /// Whether the others are gone, or the consumer is.
    is_broken: bool,
    is_closed: bool,
}

impl<const SIZE: usize> Home for Pipes<SIZE> {
    type Machine = Consumer<'static>;
    type Memory = &'static mut Storage;

    fn memory() -> &'static mut Storage {
        <Consumer<'_> as Machine>::memory()
    }

    fn new(memory: &'static mut Storage, config: Config<'static>, now: Instant) -> Self {
        Self {
            consumer: Machine::new(memory, config, now),
            streams: BTreeMap::new(),
            backlog: VecDeque::new(),
            calls: VecDeque::new(),
            named: 0,
        }
    }

    fn machine(&self) -> &Consumer<'static> {
        &self.consumer
    }

    fn advance(&mut self, now: Instant) -> bool {
        if self.consumer.poll_timeout().is_some_and(|at| at <= now) {
            self.consumer.handle_timeout(now);
        }
        let mut moved = false;
        while self.act() | self.pump(now) | self.admit(now) {
            moved = true;
        }
        moved
    }

    fn poll_timeout(&mut self) -> Option<Instant> {
        self.consumer.poll_timeout()
    }

    fn poll_notice(&mut self) -> Option<Told> {
        Machine::poll_notice(&mut self.consumer)
    }

    fn stop(&mut self, now: Instant) {
        self.consumer.handle_stop(now);
    }

    fn poll_call(&mut self) -> Option<Wire> {
        self.calls.pop_front()
    }

    fn answer(&mut self, now: Instant, wire: Wire, is_taken: bool) {
        let Some(stream) = self.streams.get_mut(&wire) else { return };
        let Some(conn) = stream.conn else { return };
        if is_taken {
            stream.is_open = true;
            self.consumer.handle_opened(now, conn);
        } else {
            self.streams.remove(&wire);
            self.consumer.handle_closed(now, conn);
        }
    }

    fn connect(&mut self, _now: Instant) -> Option<Wire> {
        let wire = self.connection(None);
        self.backlog.push_back(wire);
        Some(wire)
    }

    fn send(&mut self, now: Instant, wire: Wire, bytes: &[u8]) -> usize {
        let Some(stream) = self.streams.get_mut(&wire) else { return 0 };
        let count = bytes.len().min(SIZE - stream.incoming.len());
        stream.incoming.extend(&bytes[..count]);
        self.advance(now);
        count
    }

    fn receive(&mut self, now: Instant, wire: Wire, room: usize) -> Vec<u8> {
        let Some(stream) = self.streams.get_mut(&wire) else { return Vec::new() };
        let count = stream.outgoing.len().min(room);
        let bytes = stream.outgoing.drain(..count).collect();
        self.advance(now);
        bytes
    }

    fn end(&mut self, now: Instant, wire: Wire) {
        let Some(stream) = self.streams.get_mut(&wire) else { return };
        stream.has_ended = true;
        self.advance(now);
    }

    fn close(&mut self, now: Instant, wire: Wire) {
        self.end(now, wire);
        self.reset(now, wire);
    }

    fn reset(&mut self, now: Instant, wire: Wire) {
        self.backlog.retain(|waiting| *waiting != wire);
        let Some(stream) = self.streams.get_mut(&wire) else { return };
        stream.is_broken = true;
        self.advance(now);
        self.streams.remove(&wire);
    }

    fn poll_closed(&mut self) -> Option<Wire> {
        let is_over = |stream: &Stream<SIZE>| stream.is_closed && stream.outgoing.is_empty();
        let wire = self.streams.iter().find(|(_, stream)| is_over(stream)).map(|(wire, _)| *wire)?;
        self.streams.remove(&wire);
        Some(wire)
    }
}

impl<const SIZE: usize> Pipes<SIZE> {
    /// Does what the consumer asks for; whether it asked.
    fn act(&mut self) -> bool {
        let mut acted = false;
        while let Some(action) = self.consumer.poll_action() {
            acted = true;
            match action {
                Action::Open(conn) => {
                    let wire = self.connection(Some(conn));
                    self.calls.push_back(wire);
                }
                Action::Close(conn) => self.forget(conn),
                Action::Write(_) => {}
            }
        }
        acted
    }

    /// Moves bytes, as many as move at once; whether there were any.
    fn pump(&mut self, now: Instant) -> bool {
        let mut moved = false;
        for stream in self.streams.values_mut().filter(|stream| stream.is_open && !stream.is_closed) {
            let Some(conn) = stream.conn else { continue };
            match pump(&mut self.consumer, now, conn, stream) {
                Progress::Idle => continue,
                Progress::Moved => {}
                Progress::Closed => stream.is_closed = true,
            }
            moved = true;
        }
        moved
    }

    fn admit(&mut self, now: Instant) -> bool {
        let Some(stream) = self.backlog.front().and_then(|wire| self.streams.get_mut(wire)) else {
            return false;
        };
        let Some(conn) = self.consumer.admit(now) else { return false };
        (stream.conn, stream.is_open) = (Some(conn), true);
        self.backlog.pop_front();
        true
    }

    fn forget(&mut self, conn: ConnId) {
        let Some((wire, stream)) = self.streams.iter_mut().find(|(_, stream)| stream.conn == Some(conn))
        else {
            return;
        };
        stream.is_closed = true;
        self.calls.retain(|calling| calling != wire);
    }

    fn connection(&mut self, conn: Option<ConnId>) -> Wire {
        self.named += 1;
        self.streams.insert(Wire(self.named), Stream::new(conn));
        Wire(self.named)
    }
}

impl<const SIZE: usize> Stream<SIZE> {
    fn new(conn: Option<ConnId>) -> Self {
        Self {
            conn,
            is_open: false,
            incoming: VecDeque::with_capacity(SIZE),
            outgoing: VecDeque::with_capacity(SIZE),
            has_ended: false,
            is_broken: false,
            is_closed: false,
        }
    }
}

impl<const SIZE: usize> ErrorType for Stream<SIZE> {
    type Error = ErrorKind;
}

impl<const SIZE: usize> ReadReady for Stream<SIZE> {
    fn read_ready(&mut self) -> Result<bool, ErrorKind> {
        Ok(!self.incoming.is_empty() || self.has_ended || self.is_broken)
    }
}

impl<const SIZE: usize> Read for Stream<SIZE> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        if self.is_broken {
            return Err(ErrorKind::ConnectionReset);
        }
        assert!(self.read_ready()?, "it would block");
        let count = self.incoming.len().min(buffer.len());
        for (place, byte) in buffer.iter_mut().zip(self.incoming.drain(..count)) {
            *place = byte;
        }
        Ok(count)
    }
}

impl<const SIZE: usize> WriteReady for Stream<SIZE> {
    fn write_ready(&mut self) -> Result<bool, ErrorKind> {
        Ok(self.outgoing.len() < SIZE || self.is_broken)
    }
}

impl<const SIZE: usize> Write for Stream<SIZE> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        if self.is_broken {
            return Err(ErrorKind::BrokenPipe);
        }
        assert!(self.write_ready()?, "it would block");
        let count = bytes.len().min(SIZE - self.outgoing.len());
        self.outgoing.extend(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        panic!("it would block");
    }
}
