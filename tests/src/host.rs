//! A host on smoltcp: an interface, its card and its sockets.

use crate::card::Card;
use ptpwatch_core::adapt::smoltcp::timestamp;
use ptpwatch_core::time::Instant;
use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet, SocketStorage};
use smoltcp::socket::tcp::{Socket, SocketBuffer};
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr};

/// An interface, its card and its sockets.
#[expect(missing_debug_implementations, reason = "smoltcp's interface has none")]
pub struct Host<const FRAMES: usize> {
    pub card: Card<FRAMES>,
    pub interface: Interface,
    pub set: SocketSet<'static>,
    /// When it was polled last.
    pub now: Instant,
}

impl<const FRAMES: usize> Host<FRAMES> {
    /// A host, and its `SOCKETS` sockets.
    pub fn new<const SOCKETS: usize>(
        address: IpAddress,
        now: Instant,
        socket: fn() -> Socket<'static>,
    ) -> (Self, [SocketHandle; SOCKETS]) {
        let mut card = Card::default();
        let IpAddress::Ipv4(ip) = address;
        let [.., last] = ip.octets();
        let config = Config::new(EthernetAddress([2, 0, 0, 0, 0, last]).into());
        let mut interface = Interface::new(config, &mut card, timestamp(now));
        interface.update_ip_addrs(|addresses| {
            addresses.push(IpCidr::new(address, 24)).expect("there is room for one");
        });
        let storage: Vec<_> = (0..SOCKETS).map(|_| SocketStorage::EMPTY).collect();
        let mut set = SocketSet::new(storage.leak());
        let handles = std::array::from_fn(|_| set.add(socket()));
        (Self { card, interface, set, now }, handles)
    }

    /// Moves what can be moved between the card and the sockets.
    pub fn poll(&mut self, now: Instant) {
        self.now = now;
        self.interface.poll(timestamp(now), &mut self.card, &mut self.set);
    }

    /// One of its sockets.
    pub fn socket(&mut self, handle: SocketHandle) -> &mut Socket<'static> {
        self.set.get_mut(handle)
    }
}

/// A socket with buffers of so many bytes.
pub fn socket(rx: usize, tx: usize) -> Socket<'static> {
    Socket::new(SocketBuffer::new(vec![0; rx].leak()), SocketBuffer::new(vec![0; tx].leak()))
}
