//! Two hosts on a cable: the consumer's, with few sockets and a small card, and one for everybody else.

use crate::card::{Card, Frame, Ring};
use ptpwatch_core::adapt::smoltcp::{Endpoints, Sockets, instant, timestamp};
use ptpwatch_core::consumer::{Config, Consumer, Storage};
use ptpwatch_core::time::Instant;
use smoltcp::iface::{self, Interface, SocketHandle, SocketSet, SocketStorage};
use smoltcp::socket::tcp::{Socket, SocketBuffer};
use smoltcp::wire::{EthernetAddress, IpCidr, Ipv4Address};

/// A consumer on `SOCKETS` sockets, and the others.
#[expect(missing_debug_implementations, reason = "smoltcp's interface has none")]
pub struct Lan<const SOCKETS: usize> {
    pub consumer: Consumer<'static>,
    pub sockets: Sockets<SOCKETS>,
    pub ours: Host<OUR_FRAMES>,
    pub others: Host<THEIR_FRAMES>,
}

/// An interface, its card and its sockets.
#[expect(missing_debug_implementations, reason = "smoltcp's interface has none")]
pub struct Host<const FRAMES: usize> {
    pub card: Card<FRAMES>,
    pub interface: Interface,
    pub set: SocketSet<'static>,
}

impl<const SOCKETS: usize> Lan<SOCKETS> {
    /// Hosts that have sent nothing yet, with sockets made by `ours` and `theirs`; and the others' sockets.
    pub fn new(
        memory: &'static mut Storage,
        config: Config<'static>,
        now: Instant,
        [ours, theirs]: [fn() -> Socket<'static>; 2],
    ) -> (Self, [SocketHandle; THEIR_SOCKETS]) {
        let endpoints = Endpoints { listen: PORT.into(), producer: (OTHERS, PRODUCER_PORT).into() };
        let (mut ours, handles) = Host::new(OURS, now, ours);
        // Who is not on the cable is behind the others.
        ours.interface.routes_mut().add_default_ipv4_route(OTHERS).expect("there is room for one");
        let (others, unused) = Host::new(OTHERS, now, theirs);
        let consumer = Consumer::new(memory, config, now).expect("the configuration is good");
        (Self { consumer, sockets: Sockets::new(handles, endpoints, 0), ours, others }, unused)
    }

    /// Moves frames and bytes until none moves; whether any did. Frames of ours are lost that `takes` does not let
    /// through.
    pub fn exchange(&mut self, now: Instant, mut takes: impl FnMut(&Frame) -> bool) -> bool {
        let mut moved = false;
        loop {
            let is_carried = self.carry(now, &mut takes);
            let Self { consumer, sockets, ours, .. } = self;
            let is_changed = sockets.poll(now, &mut ours.interface, &mut ours.set, consumer);
            if !is_changed && !is_carried {
                return moved;
            }
            moved = true;
        }
    }

    /// Moves what can be moved between the hosts, and nothing to the consumer; whether that was anything.
    pub fn carry(&mut self, now: Instant, takes: impl FnMut(&Frame) -> bool) -> bool {
        let Self { ours, others, .. } = self;
        others.poll(now);
        ours.poll(now);
        carry(&mut others.card.outgoing, &mut ours.card.incoming, |_| true)
            | carry(&mut ours.card.outgoing, &mut others.card.incoming, takes)
    }

    /// When something happens by itself next.
    pub fn poll_timeout(&mut self, now: Instant) -> Option<Instant> {
        let Self { consumer, sockets, ours, others } = self;
        let of_ours = sockets.poll_timeout(now, &mut ours.interface, &ours.set, consumer);
        let of_others = others.interface.poll_at(timestamp(now), &others.set).map(instant);
        [of_ours, of_others].into_iter().flatten().min()
    }

    /// Begins to connect one of the others' sockets to the consumer.
    pub fn connect(&mut self, handle: SocketHandle, port: u16) {
        let Host { interface, set, .. } = &mut self.others;
        let socket = set.get_mut::<Socket<'_>>(handle);
        socket.connect(interface.context(), (OURS, PORT), port).expect("there is a way");
    }

    /// One of the others' sockets.
    pub fn peer(&mut self, handle: SocketHandle) -> &mut Socket<'static> {
        self.others.set.get_mut(handle)
    }
}

impl<const FRAMES: usize> Host<FRAMES> {
    /// A host, and its sockets.
    fn new<const SOCKETS: usize>(
        address: Ipv4Address,
        now: Instant,
        socket: fn() -> Socket<'static>,
    ) -> (Self, [SocketHandle; SOCKETS]) {
        let mut card = Card::default();
        let [.., last] = address.octets();
        let config = iface::Config::new(EthernetAddress([2, 0, 0, 0, 0, last]).into());
        let interface = Interface::new(config, &mut card, timestamp(now));
        let storage: Vec<_> = (0..SOCKETS).map(|_| SocketStorage::EMPTY).collect();
        let mut set = SocketSet::new(storage.leak());
        let handles = std::array::from_fn(|_| set.add(socket()));
        let mut host = Self { card, interface, set };
        host.set_address(Some(address));
        (host, handles)
    }

    /// Gives the host an address, or takes it away.
    pub fn set_address(&mut self, address: Option<Ipv4Address>) {
        self.interface.update_ip_addrs(|addresses| {
            addresses.clear();
            addresses.extend(address.map(|address| IpCidr::new(address.into(), 24)));
        });
    }

    fn poll(&mut self, now: Instant) {
        self.interface.poll(timestamp(now), &mut self.card, &mut self.set);
    }
}

/// A socket with buffers of so many bytes, to receive into and to send from.
pub fn socket(rx: usize, tx: usize) -> Socket<'static> {
    Socket::new(SocketBuffer::new(vec![0; rx].leak()), SocketBuffer::new(vec![0; tx].leak()))
}

/// Carries frames along the cable, as many as fit; whether there were any.
fn carry<const FROM: usize, const TO: usize>(
    from: &mut Ring<FROM>,
    to: &mut Ring<TO>,
    mut takes: impl FnMut(&Frame) -> bool,
) -> bool {
    let mut carried = false;
    while !to.is_full()
        && let Some(frame) = from.pop()
    {
        carried = true;
        if takes(&frame) {
            to.push(&frame);
        }
    }
    carried
}

/// The consumer's address, and where it listens.
pub const OURS: Ipv4Address = Ipv4Address::new(192, 0, 2, 1);
pub const PORT: u16 = 8989;

/// The others' address, and where the producer listens.
pub const OTHERS: Ipv4Address = Ipv4Address::new(192, 0, 2, 2);
pub const PRODUCER_PORT: u16 = 9043;

/// Sockets of the others: as many as are needed.
pub const THEIR_SOCKETS: usize = 40;

/// Frames that fit a card, each way: if neither took any until it has sent some, both could wait for ever.
const OUR_FRAMES: usize = 2;
const THEIR_FRAMES: usize = 64;
