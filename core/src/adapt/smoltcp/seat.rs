//! A socket, what it is used for, and what becomes of it.

use ::smoltcp::iface::SocketHandle;
use ::smoltcp::socket::tcp::{Socket, State};
use ::smoltcp::wire::IpListenEndpoint;

use crate::consumer::{ConnId, Consumer};
use crate::limits::{BODY_NS, HANDSHAKE_NS, RETRY_NS};
use crate::time::Instant;

/// A socket, and what it is used for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seat {
    pub(super) handle: SocketHandle,
    pub(super) usage: Usage,
    /// Since when it is used for that.
    since: Instant,
    /// When it made way last, among the others: a clock may be coarse.
    pub(super) turn: u16,
}

/// What a socket is used for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Usage {
    /// It listens, or will.
    Door,
    /// It was aborted; the peer is told when the interface is polled next.
    Abort,
    /// We have closed, and the peer has not.
    Linger,
    /// A peer is connecting.
    Knock,
    /// A peer has connected and was not admitted yet.
    Guest,
    /// It connects to the producer.
    Dial(ConnId),
    Open(ConnId),
}

impl Seat {
    pub(super) fn new(handle: SocketHandle) -> Self {
        Self { handle, usage: Usage::Door, since: Instant::from_nanos(0), turn: 0 }
    }

    /// Goes on from what has become of the socket; whether anything did.
    pub(super) fn advance(
        &mut self,
        now: Instant,
        socket: &mut Socket<'_>,
        listen: IpListenEndpoint,
        consumer: &mut Consumer<'_>,
    ) -> bool {
        match self.usage {
            Usage::Door => self.watch_door(now, socket, listen),
            Usage::Abort => {
                let is_told = socket.remote_endpoint().is_none();
                (is_told || now >= self.since.after(RETRY_NS)) && self.becomes(now, Usage::Door)
            }
            Usage::Linger => self.linger(now, socket),
            Usage::Knock => self.watch_handshake(now, socket, listen),
            Usage::Guest => self.admit(now, socket, consumer),
            Usage::Dial(conn) => self.watch_dial(now, socket, conn, consumer),
            Usage::Open(conn) => {
                pump(now, socket, conn, consumer) || self.watch_end(now, socket, conn, consumer)
            }
        }
    }

    /// How much it is missed when it is taken for something else; of two alike, the older is missed less.
    pub(super) fn rank(&self) -> (u8, Instant, u16) {
        let rank = match self.usage {
            Usage::Door => 0,
            Usage::Abort => 1,
            Usage::Linger => 2,
            Usage::Knock => 3,
            Usage::Guest => 4,
            Usage::Dial(_) | Usage::Open(_) => 5,
        };
        (rank, self.since, self.turn)
    }

    /// When time alone changes something; [`Instant::MAX`] if it does not.
    pub(super) fn deadline(&self, now: Instant) -> Instant {
        match self.usage {
            Usage::Abort => self.since.after(RETRY_NS),
            Usage::Linger => self.since.after(BODY_NS),
            Usage::Knock => self.since.after(HANDSHAKE_NS),
            Usage::Guest => now.after(RETRY_NS),
            Usage::Door | Usage::Dial(_) | Usage::Open(_) => Instant::MAX,
        }
    }

    /// Whose connection it is.
    pub(super) fn conn(&self) -> Option<ConnId> {
        match self.usage {
            Usage::Dial(conn) | Usage::Open(conn) => Some(conn),
            _ => None,
        }
    }

    /// Breaks the connection off.
    pub(super) fn leave(&mut self, now: Instant, socket: &mut Socket<'_>) -> bool {
        socket.abort();
        self.becomes(now, Usage::Abort)
    }

    /// Forgets a peer that was not there yet, and listens again at once.
    pub(super) fn give_up(
        &mut self,
        now: Instant,
        socket: &mut Socket<'_>,
        listen: IpListenEndpoint,
    ) -> bool {
        socket.abort();
        self.becomes(now, Usage::Door) && self.watch_door(now, socket, listen)
    }

    /// Always `true`: something has happened.
    pub(super) fn becomes(&mut self, now: Instant, usage: Usage) -> bool {
        (self.usage, self.since) = (usage, now);
        true
    }

    fn watch_door(&mut self, now: Instant, socket: &mut Socket<'_>, listen: IpListenEndpoint) -> bool {
        match socket.state() {
            State::Listen => false,
            State::Closed | State::TimeWait => {
                socket.set_nagle_enabled(false);
                socket.listen(listen).is_ok()
            }
            State::SynReceived => self.becomes(now, Usage::Knock),
            State::Established | State::CloseWait => self.becomes(now, Usage::Guest),
            // Somebody else has used it.
            _ => self.leave(now, socket),
        }
    }

    /// Takes what still comes, unread, so that the peer gets to read what was sent.
    fn linger(&mut self, now: Instant, socket: &mut Socket<'_>) -> bool {
        if !socket.is_active() {
            return self.becomes(now, Usage::Door);
        }
        let is_rid = socket.recv(|bytes| (bytes.len(), !bytes.is_empty())).unwrap_or(false);
        is_rid || now >= self.since.after(BODY_NS) && self.leave(now, socket)
    }

    fn watch_handshake(&mut self, now: Instant, socket: &mut Socket<'_>, listen: IpListenEndpoint) -> bool {
        match socket.state() {
            State::SynReceived => now >= self.since.after(HANDSHAKE_NS) && self.give_up(now, socket, listen),
            State::Established | State::CloseWait => self.becomes(now, Usage::Guest),
            _ => self.becomes(now, Usage::Door),
        }
    }

    fn admit(&mut self, now: Instant, socket: &Socket<'_>, consumer: &mut Consumer<'_>) -> bool {
        if !socket.is_active() {
            return self.becomes(now, Usage::Door);
        }
        consumer.admit(now).is_some_and(|conn| self.becomes(now, Usage::Open(conn)))
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
                self.becomes(now, Usage::Open(conn))
            }
            _ => self.lose(now, conn, consumer),
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
            return self.lose(now, conn, consumer);
        }
        // The window of who has ended is empty from then on.
        let has_ended = !socket.may_recv() && !consumer.recv_window(conn).is_empty();
        if has_ended {
            consumer.handle_end(now, conn);
        }
        has_ended
    }

    /// The connection is gone, or was not to be had.
    fn lose(&mut self, now: Instant, conn: ConnId, consumer: &mut Consumer<'_>) -> bool {
        consumer.handle_closed(now, conn);
        self.becomes(now, Usage::Door)
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
