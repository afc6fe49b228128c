//! A home on smoltcp's sockets, at the end of a cable: the consumer's host with few sockets and small buffers, and a host
//! for everybody else.

use super::Told;
use super::home::{Home, Wire};
use super::machine::Machine;
use crate::card::Frame;
use crate::lan::{Lan, PRODUCER_PORT, socket};
use ptpwatch_core::consumer::{Config, Consumer, Storage};
use ptpwatch_core::time::Instant;
use smoltcp::iface::SocketHandle;
use smoltcp::socket::tcp::{Socket, State};
use std::collections::{BTreeMap, VecDeque};

/// A consumer on a host of its own, whose sockets have buffers of `RX` and `TX` bytes.
#[expect(missing_debug_implementations, reason = "smoltcp's interface has none")]
pub struct Ethernet<const RX: usize, const TX: usize> {
    lan: Lan<SOCKETS>,
    now: Instant,
    wires: BTreeMap<Wire, SocketHandle>,
    /// Calls that nobody has answered yet: the first segment of each.
    calls: BTreeMap<Wire, Frame>,
    untold: VecDeque<Wire>,
    closed: VecDeque<Wire>,
    /// Sockets of the others that nobody uses, and those that are done, but for what TCP still has to say.
    unused: Vec<SocketHandle>,
    leaving: Vec<SocketHandle>,
    named: u32,
}

impl<const RX: usize, const TX: usize> Home for Ethernet<RX, TX> {
    type Machine = Consumer<'static>;
    type Memory = &'static mut Storage;

    fn memory() -> &'static mut Storage {
        <Consumer<'_> as Machine>::memory()
    }

    fn new(memory: &'static mut Storage, config: Config<'static>, now: Instant) -> Self {
        let (lan, unused) = Lan::new(memory, config, now, [|| socket(RX, TX), their_socket]);
        Self {
            lan,
            now,
            unused: unused.to_vec(),
            wires: BTreeMap::new(),
            calls: BTreeMap::new(),
            untold: VecDeque::new(),
            closed: VecDeque::new(),
            leaving: Vec::new(),
            named: 0,
        }
    }

    fn machine(&self) -> &Consumer<'static> {
        &self.lan.consumer
    }

    fn advance(&mut self, now: Instant) -> bool {
        let moved = self.exchange(now);
        self.find_closed();
        self.let_go();
        moved
    }

    fn poll_timeout(&mut self) -> Option<Instant> {
        self.lan.poll_timeout(self.now)
    }

    fn poll_notice(&mut self) -> Option<Told> {
        Machine::poll_notice(&mut self.lan.consumer)
    }

    fn stop(&mut self, now: Instant) {
        self.lan.consumer.handle_stop(now);
    }

    fn poll_call(&mut self) -> Option<Wire> {
        self.untold.pop_front()
    }

    fn answer(&mut self, now: Instant, wire: Wire, is_taken: bool) {
        let Some(segment) = self.calls.remove(&wire) else { return };
        if is_taken {
            let handle = self.unused.pop().expect("there are enough");
            self.lan.peer(handle).listen(PRODUCER_PORT).expect("it is unused");
            self.wires.insert(wire, handle);
        }
        self.lan.others.card.incoming.push(&segment);
        self.exchange(now);
    }

    fn connect(&mut self, now: Instant) -> Option<Wire> {
        let wire = self.name();
        let port = 1024 + u16::try_from(wire.0 % 30_000).expect("it is less");
        let handle = self.unused.pop().expect("there are enough");
        self.lan.connect(handle, port);
        self.exchange(now);
        let is_open = self.lan.peer(handle).may_send();
        if is_open {
            self.wires.insert(wire, handle);
        } else {
            self.leave(handle);
        }
        is_open.then_some(wire)
    }

    fn send(&mut self, now: Instant, wire: Wire, bytes: &[u8]) -> usize {
        let Some(handle) = self.wires.get(&wire) else { return 0 };
        let count = self.lan.peer(*handle).send_slice(bytes).unwrap_or(0);
        self.exchange(now);
        count
    }

    fn receive(&mut self, now: Instant, wire: Wire, room: usize) -> Vec<u8> {
        let Some(handle) = self.wires.get(&wire) else { return Vec::new() };
        let mut bytes = vec![0; room.min(THEIR_BUFFER)];
        let count = self.lan.peer(*handle).recv_slice(&mut bytes).unwrap_or(0);
        bytes.truncate(count);
        self.exchange(now);
        bytes
    }

    fn end(&mut self, now: Instant, wire: Wire) {
        let Some(handle) = self.wires.get(&wire) else { return };
        self.lan.peer(*handle).close();
        self.exchange(now);
    }

    fn close(&mut self, now: Instant, wire: Wire) {
        let Some(handle) = self.wires.remove(&wire) else { return };
        self.leave(handle);
        self.exchange(now);
    }

    fn reset(&mut self, now: Instant, wire: Wire) {
        let Some(handle) = self.wires.remove(&wire) else { return };
        self.lan.peer(handle).abort();
        self.leave(handle);
        self.exchange(now);
    }

    fn poll_closed(&mut self) -> Option<Wire> {
        self.closed.pop_front()
    }
}

impl<const RX: usize, const TX: usize> Ethernet<RX, TX> {
    /// Moves frames and bytes until none moves, but for calls, which wait to be answered; whether any did.
    fn exchange(&mut self, now: Instant) -> bool {
        let Self { lan, calls, untold, named, .. } = self;
        self.now = now;
        lan.exchange(now, |frame| {
            if !is_call(frame.bytes()) {
                return true;
            }
            if !calls.values().any(|call| caller(call.bytes()) == caller(frame.bytes())) {
                *named += 1;
                calls.insert(Wire(*named), *frame);
                untold.push_back(Wire(*named));
            }
            false
        })
    }

    /// Looks for connections that the consumer has closed.
    fn find_closed(&mut self) {
        let Self { lan, wires, .. } = self;
        let over: Vec<_> = wires.extract_if(.., |_, handle| !lan.peer(*handle).may_recv()).collect();
        for (wire, handle) in over {
            self.closed.push_back(wire);
            self.leave(handle);
        }
    }

    fn leave(&mut self, handle: SocketHandle) {
        self.lan.peer(handle).close();
        self.leaving.push(handle);
    }

    /// Frees sockets that are done.
    fn let_go(&mut self) {
        let Self { lan, leaving, .. } = self;
        let done = leaving.extract_if(.., |handle| {
            let socket = lan.peer(*handle);
            while socket.recv(|bytes| (bytes.len(), bytes.len())).is_ok_and(|count| count > 0) {}
            let is_untold = socket.remote_endpoint().is_some() && socket.state() != State::TimeWait;
            !socket.is_open() && !is_untold
        });
        self.unused.extend(done);
    }

    fn name(&mut self) -> Wire {
        self.named += 1;
        Wire(self.named)
    }
}

/// A socket that acknowledges at once, and sends what it has.
fn their_socket() -> Socket<'static> {
    let mut socket = socket(THEIR_BUFFER, THEIR_BUFFER);
    socket.set_ack_delay(None);
    socket.set_nagle_enabled(false);
    socket
}

/// Whether a frame is the first of a connection to the producer: a SYN without an ACK, in IPv4 without options.
fn is_call(frame: &[u8]) -> bool {
    let is_tcp = frame.get(12..15) == Some(&[0x08, 0x00, 0x45]) && frame.get(23) == Some(&6);
    is_tcp
        && frame.get(36..38) == Some(&PRODUCER_PORT.to_be_bytes())
        && frame.get(47).is_some_and(|flags| flags & 0x12 == 0x02)
}

/// The port that a segment comes from.
fn caller(frame: &[u8]) -> Option<&[u8]> {
    frame.get(34..36)
}

/// One for each connection of a [`Storage`] and one at the door.
const SOCKETS: usize = 5;

/// More than any answer needs at a time.
const THEIR_BUFFER: usize = 4096;
