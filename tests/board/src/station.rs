//! The consumer on the network: its memory, its making, and a turn of the main loop.

use board::settings::Settings;
use core::mem::MaybeUninit;
use ptpwatch_core::adapt::smoltcp::{Endpoints, Sockets, timestamp};
use ptpwatch_core::consumer::{Config, ConfigError, Consumer, Storage};
use ptpwatch_core::time::Instant;
use smoltcp::iface::{
    Interface, PollIngressSingleResult, PollResult, SocketHandle, SocketSet, SocketStorage,
};
use smoltcp::phy::Device;
use smoltcp::socket::tcp::{Socket, SocketBuffer};
use smoltcp::wire::{EthernetAddress, IpCidr};

/// Connections: one to the producer, and those from it.
const CONNS: usize = 3;

/// A socket for each connection, and one at the door.
const SOCKETS: usize = CONNS + 1;

/// Most frames that a turn takes: a flood of them must not keep the main loop from its other duties.
const TURN_MAX: usize = 32;

/// The memory of the consumer.
pub type Memory = Storage<CONNS, 2048, 640, 8>;

/// The memory of the sockets.
pub struct SocketMemory {
    sockets: MaybeUninit<[SocketStorage<'static>; SOCKETS]>,
    buffers: [Buffers; SOCKETS],
}

/// To receive into and to send from: on the way between a segment and the consumer.
type Buffers = ([u8; 1072], [u8; 512]);

impl SocketMemory {
    pub const fn new() -> Self {
        Self { sockets: MaybeUninit::uninit(), buffers: [([0; _], [0; _]); _] }
    }
}

/// What stands between the consumer and the network.
pub struct Station {
    interface: Interface,
    set: SocketSet<'static>,
    sockets: Sockets<SOCKETS>,
}

impl Station {
    /// The interface at the address in `settings`, and a socket that listens for each in `memory`.
    #[inline(never)]
    pub fn new(
        memory: &'static mut SocketMemory,
        device: &mut impl Device,
        mac: EthernetAddress,
        settings: &Settings<'static>,
        seed: u32,
        now: Instant,
    ) -> Self {
        let mut set = SocketSet::new(&mut memory.sockets.write([const { SocketStorage::EMPTY }; _])[..]);
        let mut handles = [SocketHandle::default(); SOCKETS];
        for (handle, (receive, send)) in handles.iter_mut().zip(&mut memory.buffers) {
            let socket = Socket::new(SocketBuffer::new(&mut receive[..]), SocketBuffer::new(&mut send[..]));
            *handle = set.add(socket);
        }
        let endpoints = Endpoints { listen: settings.port.into(), producer: settings.producer.into() };
        Self {
            interface: interface(device, mac, settings, seed, now),
            set,
            sockets: Sockets::new(handles, endpoints, (seed >> 16) as u16),
        }
    }

    /// Moves frames, and bytes between sockets and consumer: until neither moves, or many were.
    pub fn turn(&mut self, now: Instant, device: &mut impl Device, consumer: &mut Consumer<'_>) {
        let Self { interface, set, sockets } = self;
        for _ in 0..TURN_MAX {
            let received = interface.poll_ingress_single(timestamp(now), device, set);
            let sent = interface.poll_egress(timestamp(now), device, set);
            let moved = sockets.poll(now, interface, set, consumer);
            if !moved && received == PollIngressSingleResult::None && sent == PollResult::None {
                break;
            }
        }
    }

    /// When the next turn is due, if no frame comes before.
    pub fn poll_timeout(&mut self, now: Instant, consumer: &Consumer<'_>) -> Option<Instant> {
        self.sockets.poll_timeout(now, &mut self.interface, &self.set, consumer)
    }
}

/// A consumer of these settings.
///
/// # Errors
/// What is wrong with them.
// It is made on the stack before it is in its place: only while it is made.
#[inline(never)]
pub fn consumer<'s>(
    memory: &'s mut Memory,
    settings: &Settings<'s>,
    seed: u32,
    now: Instant,
) -> Result<Consumer<'s>, ConfigError> {
    let config = Config {
        policy: settings.policy,
        seed: seed.into(),
        ..Config::new(None, settings.node, settings.authority, settings.endpoint)
    };
    Consumer::new(memory, config, now)
}

fn interface(
    device: &mut impl Device,
    mac: EthernetAddress,
    settings: &Settings<'_>,
    seed: u32,
    now: Instant,
) -> Interface {
    let mut config = smoltcp::iface::Config::new(mac.into());
    config.random_seed = seed.into();
    let mut interface = Interface::new(config, device, timestamp(now));
    let (address, bits) = settings.address;
    interface.update_ip_addrs(|addresses| {
        let _ = addresses.push(IpCidr::new(address.into(), bits));
    });
    if let Some(gateway) = settings.gateway {
        let _ = interface.routes_mut().add_default_ipv4_route(gateway);
    }
    interface
}
