//! A home on smoltcp's sockets, at the end of a cable: the consumer's host with few sockets and small buffers, and a host
//! for everybody else.

use super::Told;
use super::home::{Home, Machine, Wire};
use crate::card::{Card, Frame, Ring};
use ptpwatch_core::adapt::smoltcp::{Endpoints, Sockets, instant, timestamp};
use ptpwatch_core::consumer::{Config, Consumer, Storage};
use ptpwatch_core::time::Instant;
use smoltcp::iface::{self, Interface, SocketHandle, SocketSet, SocketStorage};
use smoltcp::socket::tcp::{Socket, SocketBuffer, State};
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr};
use std::collections::{BTreeMap, VecDeque};

/// A consumer on a host of its own, whose sockets have buffers of `RX` and `TX` bytes.
#[expect(missing_debug_implementations, reason = "smoltcp's interface has none")]
pub struct Ethernet<const RX: usize, const TX: usize> {
    consumer: Consumer<'static>,
    sockets: Sockets<SOCKETS>,
    ours: Host<OUR_FRAMES>,
    others: Host<THEIR_FRAMES>,
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
        let endpoints = Endpoints { listen: PORT.into(), producer: (THEIRS, PRODUCER_PORT).into() };
        let (ours, handles) = Host::new(OURS, now, || socket(RX, TX));
        let (others, unused) = Host::new::<THEIR_SOCKETS>(THEIRS, now, their_socket);
        Self {
            consumer: Machine::new(memory, config, now),
            sockets: Sockets::new(handles, endpoints, 0),
            ours,
            others,
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
        &self.consumer
    }

    fn advance(&mut self, now: Instant) -> bool {
        let moved = self.exchange(now);
        self.find_closed();
        self.let_go();
        moved
    }

    fn poll_timeout(&mut self) -> Option<Instant> {
        let Self { ours, others, .. } = self;
        let of_ours = self.sockets.poll_timeout(ours.now, &mut ours.interface, &ours.set, &self.consumer);
        let of_others = others.interface.poll_at(timestamp(others.now), &others.set).map(instant);
        [of_ours, of_others].into_iter().flatten().min()
    }

    fn poll_notice(&mut self) -> Option<Told> {
        Machine::poll_notice(&mut self.consumer)
    }

    fn stop(&mut self, now: Instant) {
        self.consumer.handle_stop(now);
    }

    fn poll_call(&mut self) -> Option<Wire> {
        self.untold.pop_front()
    }

    fn answer(&mut self, now: Instant, wire: Wire, is_taken: bool) {
        let Some(segment) = self.calls.remove(&wire) else { return };
        if is_taken {
            let handle = self.unused.pop().expect("there are enough");
            self.others.socket(handle).listen(PRODUCER_PORT).expect("it is unused");
            self.wires.insert(wire, handle);
        }
        self.others.card.incoming.push(&segment);
        self.exchange(now);
    }

    fn connect(&mut self, now: Instant) -> Option<Wire> {
        let wire = self.name();
        let port = 1024 + u16::try_from(wire.0 % 30_000).expect("it is less");
        let handle = self.unused.pop().expect("there are enough");
        let Host { interface, set, .. } = &mut self.others;
        let socket = set.get_mut::<Socket<'_>>(handle);
        socket.connect(interface.context(), (OURS, PORT), port).expect("there is a way");
        self.exchange(now);
        let is_open = self.others.socket(handle).may_send();
        if is_open {
            self.wires.insert(wire, handle);
        } else {
            self.leave(handle);
        }
        is_open.then_some(wire)
    }

    fn send(&mut self, now: Instant, wire: Wire, bytes: &[u8]) -> usize {
        let Some(handle) = self.wires.get(&wire) else { return 0 };
        let count = self.others.socket(*handle).send_slice(bytes).unwrap_or(0);
        self.exchange(now);
        count
    }

    fn receive(&mut self, now: Instant, wire: Wire, room: usize) -> Vec<u8> {
        let Some(handle) = self.wires.get(&wire) else { return Vec::new() };
        let mut bytes = vec![0; room.min(THEIR_BUFFER)];
        let count = self.others.socket(*handle).recv_slice(&mut bytes).unwrap_or(0);
        bytes.truncate(count);
        self.exchange(now);
        bytes
    }

    fn end(&mut self, now: Instant, wire: Wire) {
        let Some(handle) = self.wires.get(&wire) else { return };
        self.others.socket(*handle).close();
        self.exchange(now);
    }

    fn close(&mut self, now: Instant, wire: Wire) {
        let Some(handle) = self.wires.remove(&wire) else { return };
        self.leave(handle);
        self.exchange(now);
    }

    fn reset(&mut self, now: Instant, wire: Wire) {
        let Some(handle) = self.wires.remove(&wire) else { return };
        self.others.socket(handle).abort();
        self.leave(handle);
        self.exchange(now);
    }

    fn poll_closed(&mut self) -> Option<Wire> {
        self.closed.pop_front()
    }
}

impl<const RX: usize, const TX: usize> Ethernet<RX, TX> {
    /// Moves frames and bytes until none moves; whether any did.
    fn exchange(&mut self, now: Instant) -> bool {
        let mut moved = false;
        loop {
            self.others.poll(now);
            self.ours.poll(now);
            let Self { ours, sockets, consumer, .. } = self;
            let is_changed = sockets.poll(now, &mut ours.interface, &mut ours.set, consumer);
            let is_carried = self.carry();
            if !is_changed && !is_carried {
                return moved;
            }
            moved = true;
        }
    }

    /// Carries frames along the cable, but for calls, which wait to be answered; whether there were any.
    fn carry(&mut self) -> bool {
        let mut carried = carry(&mut self.others.card.outgoing, &mut self.ours.card.incoming);
        while let Some(frame) = self.ours.card.outgoing.pop() {
            carried = true;
            if !is_call(frame.bytes()) {
                self.others.card.incoming.push(&frame);
            } else if !self.calls.values().any(|call| caller(call.bytes()) == caller(frame.bytes())) {
                let wire = self.name();
                self.calls.insert(wire, frame);
                self.untold.push_back(wire);
            }
        }
        carried
    }

    /// Looks for connections that the consumer has closed.
    fn find_closed(&mut self) {
        let Self { others, wires, .. } = self;
        let over: Vec<_> = wires.extract_if(.., |_, handle| !others.socket(*handle).may_recv()).collect();
        for (wire, handle) in over {
            self.closed.push_back(wire);
            self.leave(handle);
        }
    }

    fn leave(&mut self, handle: SocketHandle) {
        self.others.socket(handle).close();
        self.leaving.push(handle);
    }

    /// Frees sockets that are done.
    fn let_go(&mut self) {
        let Self { others, leaving, .. } = self;
        let done = leaving.extract_if(.., |handle| {
            let socket = others.socket(*handle);
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

/// An interface, its card and its sockets.
struct Host<const FRAMES: usize> {
    card: Card<FRAMES>,
    interface: Interface,
    set: SocketSet<'static>,
    now: Instant,
}

impl<const FRAMES: usize> Host<FRAMES> {
    /// A host, and its `SOCKETS` sockets.
    fn new<const SOCKETS: usize>(
        address: IpAddress,
        now: Instant,
        socket: fn() -> Socket<'static>,
    ) -> (Self, [SocketHandle; SOCKETS]) {
        let mut card = Card::default();
        let IpAddress::Ipv4(ip) = address;
        let [.., last] = ip.octets();
        let config = iface::Config::new(EthernetAddress([2, 0, 0, 0, 0, last]).into());
        let mut interface = Interface::new(config, &mut card, timestamp(now));
        interface.update_ip_addrs(|addresses| {
            addresses.push(IpCidr::new(address, 24)).expect("there is room for one");
        });
        let storage: Vec<_> = (0..SOCKETS).map(|_| SocketStorage::EMPTY).collect();
        let mut set = SocketSet::new(storage.leak());
        let handles = std::array::from_fn(|_| set.add(socket()));
        (Self { card, interface, set, now }, handles)
    }

    fn poll(&mut self, now: Instant) {
        self.now = now;
        self.interface.poll(timestamp(now), &mut self.card, &mut self.set);
    }

    fn socket(&mut self, handle: SocketHandle) -> &mut Socket<'static> {
        self.set.get_mut(handle)
    }
}

fn socket(rx: usize, tx: usize) -> Socket<'static> {
    Socket::new(SocketBuffer::new(vec![0; rx].leak()), SocketBuffer::new(vec![0; tx].leak()))
}

/// A socket that acknowledges at once, and sends what it has.
fn their_socket() -> Socket<'static> {
    let mut socket = socket(THEIR_BUFFER, THEIR_BUFFER);
    socket.set_ack_delay(None);
    socket.set_nagle_enabled(false);
    socket
}

fn carry<const FROM: usize, const TO: usize>(from: &mut Ring<FROM>, to: &mut Ring<TO>) -> bool {
    let mut carried = false;
    while !to.is_full()
        && let Some(frame) = from.pop()
    {
        to.push(&frame);
        carried = true;
    }
    carried
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

const OURS: IpAddress = IpAddress::v4(192, 0, 2, 1);
const THEIRS: IpAddress = IpAddress::v4(192, 0, 2, 2);
const PORT: u16 = 8989;
const PRODUCER_PORT: u16 = 9043;

/// One for each connection of a [`Storage`] and one at the door.
const SOCKETS: usize = 5;

/// Frames that fit a card, each way: if neither took any until it has sent some, both could wait for ever.
const OUR_FRAMES: usize = 2;
const THEIR_FRAMES: usize = 64;

/// What the others have, as much as they need.
const THEIR_SOCKETS: usize = 32;
const THEIR_BUFFER: usize = 4096;
