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

mod seat;

use ::smoltcp::iface::{Interface, SocketHandle, SocketSet};
use ::smoltcp::socket::AnySocket;
use ::smoltcp::socket::tcp::Socket;
use ::smoltcp::time::Instant as Timestamp;
use ::smoltcp::wire::{IpEndpoint, IpListenEndpoint};

use crate::consumer::{Action, ConnId, Consumer};
use crate::time::Instant;
use seat::{Seat, Usage};

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
/// opens connections and does not complete them (a SYN flood) has to be faster to keep others out: of two sockets not in
/// use one always listens. A crowd from addresses of our own network that nobody has is another matter: smoltcp keeps a
/// socket silent for a second that has asked for such a one's hardware address, so newcomers wait for a second, or for as
/// long as the flood lasts. It never costs those their place who are connected.
///
/// Every socket that is not in use listens. A peer is admitted once its connection stands, or waits at the door. What
/// the consumer closes still delivers what was sent, until the peer closes too, for
/// [`BODY_NS`](crate::limits::BODY_NS), or until the socket is needed at the door.
///
/// Buffers may be of any size. Keep-alive, and a time after which a silent peer is given up, are for the embedder to set
/// on the sockets, if that is wanted.
#[derive(Debug)]
pub struct Sockets<const SOCKETS: usize> {
    seats: [Seat; SOCKETS],
    endpoints: Endpoints,
    port: u16,
    /// Counts those who made way.
    turn: u16,
}

impl<const SOCKETS: usize> Sockets<SOCKETS> {
    /// Uses these sockets of a set, all of them different, and nobody else may. Local ports count on from `seed`: give one
    /// that differs from start to start, so that the producer does not take our first connections for our last.
    pub fn new(handles: [SocketHandle; SOCKETS], endpoints: Endpoints, seed: u16) -> Self {
        Self { seats: handles.map(Seat::new), endpoints, port: seed, turn: 0 }
    }

    /// Moves what sockets and consumer have for each other, and does what time asks for; whether that was anything.
    #[must_use = "if it was, poll the interface, and then this again"]
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
        let mut at = interface.poll_at(timestamp(now), set).map_or(Instant::MAX, instant);
        at = at.min(consumer.poll_timeout().unwrap_or(Instant::MAX));
        for seat in &self.seats {
            at = at.min(seat.deadline(now));
        }
        if at == Instant::MAX { None } else { Some(at) }
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
                Action::Open(conn) if self.dial(now, conn, interface, set) => {}
                Action::Open(conn) => consumer.handle_closed(now, conn),
                Action::Close(conn) => self.close(now, conn, set),
                // All seats are looked at anyway.
                Action::Write(_) => {}
            }
        }
        acted
    }

    /// Connects to the producer; `false` if there is no socket, or no way there.
    fn dial(
        &mut self,
        now: Instant,
        conn: ConnId,
        interface: &mut Interface,
        set: &mut SocketSet<'_>,
    ) -> bool {
        self.port = self.port.wrapping_add(1);
        let (producer, port) = (self.endpoints.producer, PORT_MIN | self.port);
        let Some((seat, socket)) = self.least_missed(set) else { return false };
        if seat.conn().is_some() {
            return false;
        }
        socket.abort();
        seat.becomes(now, Usage::Door);
        socket.set_nagle_enabled(false);
        let connected = socket.connect(interface.context(), producer, port);
        connected.is_ok() && seat.becomes(now, Usage::Dial(conn))
    }

    fn close(&mut self, now: Instant, conn: ConnId, set: &mut SocketSet<'_>) {
        for seat in self.seats.iter_mut().filter(|seat| seat.conn() == Some(conn)) {
            if let Some(socket) = find(set, seat.handle) {
                socket.close();
            }
            seat.becomes(now, Usage::Linger);
        }
    }

    /// Sees to it that somebody can come in: who lingers longest makes way, else of several who do not complete their
    /// handshake the first. Whether anybody did.
    fn keep_door(&mut self, now: Instant, set: &mut SocketSet<'_>) -> bool {
        let listen = self.endpoints.listen;
        let knocking = |seat: &&Seat| matches!(seat.usage, Usage::Knock);
        let is_crowd = self.seats.iter().filter(knocking).nth(1).is_some();
        self.turn = self.turn.wrapping_add(1);
        let turn = self.turn;
        let Some((seat, socket)) = self.least_missed(set) else { return false };
        match seat.usage {
            Usage::Linger => seat.leave(now, socket),
            Usage::Knock if is_crowd => {
                seat.turn = turn;
                seat.give_up(now, socket, listen)
            }
            _ => false,
        }
    }

    /// The seat that is missed least when it is taken for something else.
    fn least_missed<'s, 'b>(
        &'s mut self,
        set: &'s mut SocketSet<'b>,
    ) -> Option<(&'s mut Seat, &'s mut Socket<'b>)> {
        let seat = self.seats.iter_mut().min_by_key(|seat| seat.rank())?;
        let socket = find(set, seat.handle)?;
        Some((seat, socket))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_consumer_to_the_microsecond_before() {
        for (nanos, micros) in [(0, 0), (999, 0), (1_000, 1), (5_000_000_001, 5_000_000)] {
            let time = timestamp(Instant::from_nanos(nanos));
            assert_eq!(time.total_micros(), micros);
            assert_eq!(instant(time).as_nanos(), nanos / 1000 * 1000);
        }
        assert!(instant(timestamp(Instant::MAX)) <= Instant::MAX);
        assert_eq!(instant(Timestamp::from_micros_const(-1)), Instant::from_nanos(0));
        assert_eq!(instant(Timestamp::from_micros_const(i64::MAX)), Instant::MAX);
    }
}
