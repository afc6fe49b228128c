//! The consumer on the TCP sockets of `smoltcp`: peers are listened for, the producer is connected to, nothing is
//! allocated.
//!
//! The interface, its device and the memory of the sockets are the embedder's. It moves frames, then bytes, until
//! neither moves; then it is told how long to wait for a frame:
//!
//! ```
//! # use ptpwatch_core::{adapt::smoltcp::{Sockets, timestamp}, consumer::{Consumer, Notice}, time::Instant};
//! # use smoltcp::{iface::{Interface, SocketSet}, phy::Device};
//! fn turn(
//!     now: Instant,
//!     device: &mut impl Device,
//!     interface: &mut Interface,
//!     set: &mut SocketSet<'_>,
//!     sockets: &mut Sockets<5>, // one for each connection of the consumer, and one at the door
//!     consumer: &mut Consumer<'_>,
//! ) -> Option<Instant> {
//!     loop {
//!         interface.poll(timestamp(now), device, set);
//!         if !sockets.poll(now, interface, set, consumer) {
//!             break;
//!         }
//!     }
//!     while let Some(notice) = consumer.poll_notice() {
//!         if let Notice::Verdict(_, report) = notice { /* act on it */ }
//!     }
//!     sockets.poll_timeout(now, interface, set, consumer) // be here again by then, or with the next frame
//! }
//! ```

use ::smoltcp::iface::{Interface, SocketHandle, SocketSet};
use ::smoltcp::socket::AnySocket;
use ::smoltcp::socket::tcp::{Socket, State};
use ::smoltcp::time::Instant as Timestamp;
use ::smoltcp::wire::{IpEndpoint, IpListenEndpoint};

use crate::consumer::{Action, ConnId, Consumer};
use crate::limits::{ADMIT_NS, HANDSHAKE_NS, LINGER_NS};
use crate::time::Instant;

/// Whom to talk to, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// Where peers connect to; the consumer's `endpoint` tells the producer of it.
    pub listen: IpListenEndpoint,
    /// Where the producer is.
    pub producer: IpEndpoint,
}

/// The consumer's connections, on `SOCKETS` sockets: one for each, and one more at the door.
///
/// With fewer, peers are refused while all are taken, and those who say nothing yield to nobody. With more, a crowd that
/// opens connections and does not complete them (a SYN flood) has to be larger to keep others out.
///
/// Every socket that is not in use listens. A peer is admitted once its connection stands, or waits at the door. What
/// the consumer closes still delivers what was sent, until the peer closes too, for [`LINGER_NS`], or until the socket is
/// needed at the door.
#[derive(Debug)]
pub struct Sockets<const SOCKETS: usize> {
    seats: [Seat; SOCKETS],
    endpoints: Endpoints,
    port: u16,
}

/// A socket, and what it is used for.
#[derive(Clone, Copy, Debug)]
struct Seat {
    handle: SocketHandle,
    usage: Usage,
}

#[derive(Clone, Copy, Debug)]
enum Usage {
    /// It listens, or will.
    Door,
    /// A peer is connecting since then.
    Knock(Instant),
    /// A peer has connected and was not admitted yet.
    Guest,
    /// It connects to the producer.
    Dial(ConnId),
    Open(ConnId),
    /// We have closed, and the peer has not, since then.
    Linger(Instant),
    /// It was aborted then; the peer is told when the interface is polled next.
    Abort(Instant),
}

impl<const SOCKETS: usize> Sockets<SOCKETS> {
    /// Uses these sockets of a set, and nobody else may. Local ports are counted on from some number made of `seed`: one
    /// that differs from start to start, so that what the last connections left on the network is not taken for ours.
    pub fn new(handles: [SocketHandle; SOCKETS], endpoints: Endpoints, seed: u16) -> Self {
        let seats = handles.map(|handle| Seat { handle, usage: Usage::Door });
        Self { seats, endpoints, port: seed }
    }

    /// Moves what sockets and consumer have for each other, and does what time asks for; whether that was anything. If
    /// so, poll the interface, and then this again.
    pub fn poll(
        &mut self,
        now: Instant,
        interface: &mut Interface,
        set: &mut SocketSet<'_>,
        consumer: &mut Consumer<'_>,
    ) -> bool {
        let is_due = consumer.poll_timeout().is_some_and(|at| at <= now);
        if is_due {
            consumer.handle_timeout(now);
        }
        let mut moved = self.act(now, interface, set, consumer);
        for seat in &mut self.seats {
            let Some(socket) = find(set, seat.handle) else { continue };
            moved |= seat.advance(now, socket, self.endpoints.listen, consumer);
        }
        moved | self.keep_door(now, set)
    }

    /// When to poll the interface and this again, though no frame has come; `None` if nothing but a frame changes
    /// anything.
    pub fn poll_timeout(
        &self,
        now: Instant,
        interface: &mut Interface,
        set: &SocketSet<'_>,
        consumer: &Consumer<'_>,
    ) -> Option<Instant> {
        let of_interface = interface.poll_at(timestamp(now), set).map(instant);
        let of_seats = self.seats.iter().filter_map(|seat| seat.usage.deadline(now)).min();
        [of_interface, of_seats, consumer.poll_timeout()].into_iter().flatten().min()
    }

    /// Does what the consumer asks for; whether it asked.
    fn act(
        &mut self,
        now: Instant,
        interface: &mut Interface,
        set: &mut SocketSet<'_>,
        consumer: &mut Consumer<'_>,
    ) -> bool {
        let mut acted = false;
        while let Some(action) = consumer.poll_action() {
            acted = true;
            match action {
                Action::Open(conn) if self.dial(conn, interface, set) => {}
                Action::Open(conn) => consumer.handle_closed(now, conn),
                Action::Close(conn) => self.close(now, conn, set),
                // All seats are looked at anyway.
                Action::Write(_) => {}
            }
        }
        acted
    }

    /// Connects to the producer, from the socket that is missed least; `false` if there is none, or no way there.
    fn dial(&mut self, conn: ConnId, interface: &mut Interface, set: &mut SocketSet<'_>) -> bool {
        let free = self.seats.iter_mut().filter(|seat| seat.usage.conn().is_none());
        let Some(seat) = free.min_by_key(|seat| seat.usage.rank()) else { return false };
        let Some(socket) = find(set, seat.handle) else { return false };
        self.port = self.port.wrapping_add(1);
        socket.abort();
        socket.set_nagle_enabled(false);
        let connected = socket.connect(interface.context(), self.endpoints.producer, PORT_MIN | self.port);
        seat.usage = if connected.is_ok() { Usage::Dial(conn) } else { Usage::Door };
        connected.is_ok()
    }

    fn close(&mut self, now: Instant, conn: ConnId, set: &mut SocketSet<'_>) {
        let Some(seat) = self.seats.iter_mut().find(|seat| seat.usage.conn() == Some(conn)) else { return };
        let Some(socket) = find(set, seat.handle) else { return };
        socket.close();
        seat.usage = Usage::Linger(now);
    }

    /// Sees to it that somebody can come in: whoever lingers longest makes way, else of several who do not complete
    /// their handshake the first. Whether anybody did.
    fn keep_door(&mut self, now: Instant, set: &mut SocketSet<'_>) -> bool {
        let count = |is_it: fn(Usage) -> bool| self.seats.iter().filter(|seat| is_it(seat.usage)).count();
        if count(|usage| matches!(usage, Usage::Door | Usage::Abort(_))) > 0 {
            return false;
        }
        let is_crowd = count(|usage| matches!(usage, Usage::Knock(_))) > 1;
        let yielding = self.seats.iter_mut().filter(|seat| match seat.usage {
            Usage::Linger(_) => true,
            Usage::Knock(_) => is_crowd,
            _ => false,
        });
        let Some(seat) = yielding.min_by_key(|seat| seat.usage.rank()) else { return false };
        let Some(socket) = find(set, seat.handle) else { return false };
        seat.leave(now, socket);
        true
    }
}

impl Seat {
    /// Goes on from what has become of the socket; whether anything did.
    fn advance(
        &mut self,
        now: Instant,
        socket: &mut Socket<'_>,
        listen: IpListenEndpoint,
        consumer: &mut Consumer<'_>,
    ) -> bool {
        match self.usage {
            Usage::Door => self.watch_door(now, socket, listen),
            Usage::Knock(since) => self.watch_handshake(now, socket, since),
            Usage::Guest => self.admit(now, socket, consumer),
            Usage::Dial(conn) => self.watch_dial(now, socket, conn, consumer),
            Usage::Open(conn) => {
                pump(now, socket, conn, consumer) || self.watch_end(now, socket, conn, consumer)
            }
            Usage::Linger(since) => self.linger(now, socket, since),
            // One poll of the interface tells the peer, if it can be told.
            Usage::Abort(since) => {
                (socket.remote_endpoint().is_none() || since < now) && self.becomes(Usage::Door)
            }
        }
    }

    fn watch_door(&mut self, now: Instant, socket: &mut Socket<'_>, listen: IpListenEndpoint) -> bool {
        match socket.state() {
            State::Listen => false,
            State::Closed | State::TimeWait => {
                socket.set_nagle_enabled(false);
                socket.listen(listen).is_ok()
            }
            State::SynReceived => self.becomes(Usage::Knock(now)),
            State::Established | State::CloseWait => self.becomes(Usage::Guest),
            // Somebody else has used it.
            _ => self.leave(now, socket),
        }
    }

    fn watch_handshake(&mut self, now: Instant, socket: &mut Socket<'_>, since: Instant) -> bool {
        match socket.state() {
            State::SynReceived => now >= since.after(HANDSHAKE_NS) && self.leave(now, socket),
            State::Established | State::CloseWait => self.becomes(Usage::Guest),
            _ => self.becomes(Usage::Door),
        }
    }

    fn admit(&mut self, now: Instant, socket: &Socket<'_>, consumer: &mut Consumer<'_>) -> bool {
        if !socket.is_active() {
            return self.becomes(Usage::Door);
        }
        consumer.admit(now).is_some_and(|conn| self.becomes(Usage::Open(conn)))
    }

    fn watch_dial(
        &mut self,
        now: Instant,
        socket: &Socket<'_>,
        conn: ConnId,
        consumer: &mut Consumer<'_>,
    ) -> bool {
        match socket.state() {
            State::SynSent | State::SynReceived => false,
            State::Established | State::CloseWait => {
                consumer.handle_opened(now, conn);
                self.becomes(Usage::Open(conn))
            }
            _ => {
                consumer.handle_closed(now, conn);
                self.becomes(Usage::Door)
            }
        }
    }

    /// Looks for the end of a connection on which nothing moves.
    fn watch_end(
        &mut self,
        now: Instant,
        socket: &Socket<'_>,
        conn: ConnId,
        consumer: &mut Consumer<'_>,
    ) -> bool {
        if !socket.is_active() {
            consumer.handle_closed(now, conn);
            return self.becomes(Usage::Door);
        }
        // The window of who has ended is empty from then on.
        let has_ended = !socket.may_recv() && !consumer.recv_window(conn).is_empty();
        if has_ended {
            consumer.handle_end(now, conn);
        }
        has_ended
    }

    /// Takes what still comes, unread, so that the peer gets to read what was sent.
    fn linger(&mut self, now: Instant, socket: &mut Socket<'_>, since: Instant) -> bool {
        if !socket.is_active() {
            return self.becomes(Usage::Door);
        }
        let is_rid = socket.recv(|bytes| (bytes.len(), !bytes.is_empty())).unwrap_or(false);
        is_rid || now >= since.after(LINGER_NS) && self.leave(now, socket)
    }

    /// Breaks the connection off.
    fn leave(&mut self, now: Instant, socket: &mut Socket<'_>) -> bool {
        socket.abort();
        // Who is not there yet is told nothing, and the door is open at once.
        let usage = if matches!(self.usage, Usage::Knock(_)) { Usage::Door } else { Usage::Abort(now) };
        self.becomes(usage)
    }

    /// Always `true`: something has moved.
    fn becomes(&mut self, usage: Usage) -> bool {
        self.usage = usage;
        true
    }
}

impl Usage {
    fn conn(self) -> Option<ConnId> {
        match self {
            Self::Dial(conn) | Self::Open(conn) => Some(conn),
            _ => None,
        }
    }

    /// How much it is missed when it is taken for something else, and since when it is what it is.
    fn rank(self) -> (u8, Instant) {
        match self {
            Self::Door => (0, Instant::default()),
            Self::Abort(since) => (1, since),
            Self::Linger(since) => (2, since),
            Self::Knock(since) => (3, since),
            Self::Guest | Self::Dial(_) | Self::Open(_) => (4, Instant::default()),
        }
    }

    /// When time alone changes something.
    fn deadline(self, now: Instant) -> Option<Instant> {
        match self {
            Self::Knock(since) => Some(since.after(HANDSHAKE_NS)),
            Self::Guest => Some(now.after(ADMIT_NS)),
            Self::Linger(since) => Some(since.after(LINGER_NS)),
            Self::Door | Self::Dial(_) | Self::Open(_) | Self::Abort(_) => None,
        }
    }
}

/// Moves what there is for each other, once each way; whether that was anything.
fn pump(now: Instant, socket: &mut Socket<'_>, conn: ConnId, consumer: &mut Consumer<'_>) -> bool {
    let received = socket.recv_slice(consumer.recv_window(conn)).unwrap_or(0);
    if received > 0 {
        consumer.handle_received(now, conn, received);
    }
    let sent = socket.send_slice(consumer.send_window(conn)).unwrap_or(0);
    if sent > 0 {
        consumer.handle_sent(now, conn, sent);
    }
    received > 0 || sent > 0
}

/// A socket of the set; unlike the set's own way to it, this does not panic.
fn find<'s, 'b>(set: &'s mut SocketSet<'b>, handle: SocketHandle) -> Option<&'s mut Socket<'b>> {
    let (_, socket) = set.iter_mut().find(|(other, _)| *other == handle)?;
    Socket::downcast_mut(socket)
}

/// The time as smoltcp has it: whole microseconds.
pub fn timestamp(now: Instant) -> Timestamp {
    Timestamp::from_micros_const(i64::try_from(now.as_nanos() / MICROSECOND_NS).unwrap_or(i64::MAX))
}

/// The time as the consumer has it.
pub fn instant(timestamp: Timestamp) -> Instant {
    let micros = u64::try_from(timestamp.total_micros()).unwrap_or(0);
    Instant::from_nanos(micros.saturating_mul(MICROSECOND_NS))
}

const MICROSECOND_NS: u64 = 1_000;

/// The first of the dynamic ports, which are 2^14. RFC 6335 section 6.
const PORT_MIN: u16 = 0xc000;
