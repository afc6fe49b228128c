//! A home on real sockets: the program's own turn on mio, by a clock that the world sets.
//!
//! The system delivers on its loopback before a call returns. In case it did not once, time stands still for a moment
//! more when nothing moves.

use super::Told;
use super::home::{Home, Wire};
use ptpwatch::turn::{Memory, Setup, Turn};
use ptpwatch_core::consumer::{Config, Consumer};
use ptpwatch_core::time::Instant;
use rustix::net::sockopt::set_socket_linger;
use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A turn, and the other ends of its connections.
#[derive(Debug)]
pub struct Loopback {
    turn: Turn<'static>,
    /// Where the turn listens, and where the producer would.
    ours: SocketAddr,
    producer: SocketAddr,
    /// The producer's, while it can be reached.
    listener: Option<TcpListener>,
    streams: BTreeMap<Wire, Stream>,
    calls: VecDeque<Wire>,
    closed: VecDeque<Wire>,
    named: u32,
    /// Whether nothing is on its way, for nobody sent anything since nothing moved.
    is_at_rest: bool,
}

#[derive(Debug)]
struct Stream {
    stream: TcpStream,
    /// Whether something can be read, as far as is known.
    is_readable: bool,
}

thread_local! {
    /// The time of the world that this thread plays.
    static NOW: Cell<Instant> = const { Cell::new(Instant::from_nanos(0)) };
}

impl Home for Loopback {
    type Machine = Consumer<'static>;
    type Memory = &'static mut Memory;

    fn memory() -> &'static mut Memory {
        Box::leak(Box::new(Memory::for_connections(CONNECTIONS)))
    }

    fn new(memory: &'static mut Memory, config: Config<'static>, now: Instant) -> Self {
        NOW.set(now);
        let host = own_address();
        let (listener, producer) = (listen((host, 0).into()), listen((host, 0).into()));
        let address = |listener: &TcpListener| listener.local_addr().expect("it is bound");
        let (ours, theirs) = (address(&listener), address(&producer));
        let setup = Setup {
            memory,
            config,
            listener,
            allow: Vec::new(),
            host: host.to_string(),
            port: theirs.port(),
            page: None,
        };
        Self {
            turn: Turn::with_clock(setup, || NOW.get()).expect("the configuration is good"),
            ours,
            producer: theirs,
            listener: Some(producer),
            streams: BTreeMap::new(),
            calls: VecDeque::new(),
            closed: VecDeque::new(),
            named: 0,
            is_at_rest: false,
        }
    }

    fn machine(&self) -> &Consumer<'static> {
        self.turn.consumer()
    }

    fn advance(&mut self, now: Instant) -> bool {
        NOW.set(now);
        self.is_at_rest &= self.poll_timeout().is_none_or(|at| at > now);
        let moved = self.step(Duration::ZERO);
        self.is_at_rest &= !moved;
        moved
    }

    fn wait(&mut self, _now: Instant) -> bool {
        let moved = !self.is_at_rest && self.step(MOMENT);
        self.is_at_rest = !moved;
        moved
    }

    fn poll_timeout(&mut self) -> Option<Instant> {
        self.turn.consumer().poll_timeout()
    }

    fn poll_notice(&mut self) -> Option<Told> {
        self.turn.poll_notice().map(Told::from)
    }

    fn stop(&mut self, now: Instant) {
        NOW.set(now);
        self.is_at_rest = false;
        self.turn.stop();
    }

    fn set_reachable(&mut self, is_reachable: bool) {
        if is_reachable != self.listener.is_some() {
            self.listener = is_reachable.then(|| listen(self.producer));
        }
    }

    fn poll_call(&mut self) -> Option<Wire> {
        self.calls.pop_front()
    }

    fn answer(&mut self, now: Instant, wire: Wire, is_taken: bool) {
        if !is_taken {
            self.reset(now, wire);
        }
    }

    fn connect(&mut self, _now: Instant) -> Option<Wire> {
        self.is_at_rest = false;
        TcpStream::connect(self.ours).ok().map(|stream| self.add(stream))
    }

    fn send(&mut self, _now: Instant, wire: Wire, bytes: &[u8]) -> usize {
        let Some(Stream { stream, .. }) = self.streams.get_mut(&wire) else { return 0 };
        self.is_at_rest = false;
        // Who is gone is found when it is read from.
        stream.write(bytes).unwrap_or(0)
    }

    fn receive(&mut self, _now: Instant, wire: Wire, room: usize) -> Vec<u8> {
        let Some(Stream { stream, is_readable }) = self.streams.get_mut(&wire) else { return Vec::new() };
        let mut bytes = vec![0; room.min(READ_MAX)];
        let count = stream.read(&mut bytes).unwrap_or(0);
        bytes.truncate(count);
        *is_readable = false;
        bytes
    }

    fn end(&mut self, _now: Instant, wire: Wire) {
        if let Some(Stream { stream, .. }) = self.streams.get(&wire) {
            let _ = stream.shutdown(Shutdown::Write);
            self.is_at_rest = false;
        }
    }

    fn close(&mut self, now: Instant, wire: Wire) {
        self.streams.remove(&wire);
        self.is_at_rest = false;
        self.advance(now);
    }

    fn reset(&mut self, now: Instant, wire: Wire) {
        let Some(Stream { stream, .. }) = self.streams.remove(&wire) else { return };
        set_socket_linger(&stream, Some(Duration::ZERO)).expect("it is a TCP socket");
        drop(stream);
        self.is_at_rest = false;
        self.advance(now);
    }

    fn poll_closed(&mut self) -> Option<Wire> {
        self.closed.pop_front()
    }
}

impl Loopback {
    /// Lets the turn do what there is to do; whether the others can tell.
    fn step(&mut self, patience: Duration) -> bool {
        self.turn.step(Some(patience), |_| {}).expect("the system polls");
        self.take_calls() | self.look()
    }

    /// Takes the connections that the turn has made; whether there were any.
    fn take_calls(&mut self) -> bool {
        let count = self.calls.len();
        while let Some(Ok((stream, _))) = self.listener.as_ref().map(TcpListener::accept) {
            let wire = self.add(stream);
            self.calls.push_back(wire);
        }
        self.calls.len() > count
    }

    /// Looks what can be read, and which connections are over; whether that is news.
    fn look(&mut self) -> bool {
        let mut is_news = false;
        let over = self.streams.extract_if(.., |_, Stream { stream, is_readable }| {
            let has_more = match stream.peek(&mut [0]) {
                Ok(count) => count > 0,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
                Err(_) => false,
            };
            is_news |= !std::mem::replace(is_readable, true);
            !has_more
        });
        self.closed.extend(over.map(|(wire, _)| wire));
        is_news
    }

    fn add(&mut self, stream: TcpStream) -> Wire {
        stream.set_nonblocking(true).expect("it is a socket");
        stream.set_nodelay(true).expect("it is a TCP socket");
        self.named += 1;
        self.streams.insert(Wire(self.named), Stream { stream, is_readable: false });
        Wire(self.named)
    }
}

fn listen(address: SocketAddr) -> TcpListener {
    let listener = TcpListener::bind(address).expect("the address is ours");
    listener.set_nonblocking(true).expect("it is a socket");
    listener
}

/// An address of this host that nobody else uses: where the producer stops listening, its port stays free.
fn own_address() -> Ipv4Addr {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = std::process::id().wrapping_mul(1 << 10).wrapping_add(COUNT.fetch_add(1, Ordering::Relaxed));
    let [_, b, c, d] = number.to_be_bytes();
    Ipv4Addr::new(127, b % 254 + 1, c, d.max(1))
}

/// Connections of a turn: the least that the program takes.
const CONNECTIONS: usize = 16;

/// Bytes taken at a time, at most.
const READ_MAX: usize = 64 * 1024;

/// How long nothing must move for everything to be at rest.
const MOMENT: Duration = Duration::from_millis(1);
