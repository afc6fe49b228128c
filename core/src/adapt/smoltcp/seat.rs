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
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Usage {
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

impl Seat {
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
            Usage::Knock(since) => self.watch_handshake(now, socket, since, listen),
            Usage::Guest => self.admit(now, socket, consumer),
            Usage::Dial(conn) => self.watch_dial(now, socket, conn, consumer),
            Usage::Open(conn) => {
                pump(now, socket, conn, consumer) || self.watch_end(now, socket, conn, consumer)
            }
            Usage::Linger(since) => self.linger(now, socket, since),
            Usage::Abort(since) => {
                let is_told = socket.remote_endpoint().is_none();
                (is_told || now >= since.after(RETRY_NS)) && self.becomes(Usage::Door)
            }
        }
    }

    /// Makes way for whoever may come.
    pub(super) fn make_way(&mut self, now: Instant, socket: &mut Socket<'_>, listen: IpListenEndpoint) {
        if matches!(self.usage, Usage::Knock(_)) {
            self.give_up(now, socket, listen);
        } else {
            self.leave(now, socket);
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

    fn watch_handshake(
        &mut self,
        now: Instant,
        socket: &mut Socket<'_>,
        since: Instant,
        listen: IpListenEndpoint,
    ) -> bool {
        match socket.state() {
            State::SynReceived => now >= since.after(HANDSHAKE_NS) && self.give_up(now, socket, listen),
            State::Established | State::CloseWait => self.becomes(Usage::Guest),
            _ => self.becomes(Usage::Door),
        }
    }

    /// Forgets who was not there yet, and listens again at once.
    fn give_up(&mut self, now: Instant, socket: &mut Socket<'_>, listen: IpListenEndpoint) -> bool {
        socket.abort();
        self.becomes(Usage::Door) && self.watch_door(now, socket, listen)
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
        is_rid || now >= since.after(BODY_NS) && self.leave(now, socket)
    }

    /// Breaks the connection off.
    fn leave(&mut self, now: Instant, socket: &mut Socket<'_>) -> bool {
        socket.abort();
        self.becomes(Usage::Abort(now))
    }

    /// Always `true`: something has moved.
    fn becomes(&mut self, usage: Usage) -> bool {
        self.usage = usage;
        true
    }
}

impl Usage {
    /// Whose it is.
    pub(super) fn conn(self) -> Option<ConnId> {
        match self {
            Self::Dial(conn) | Self::Open(conn) => Some(conn),
            _ => None,
        }
    }

    /// How much it is missed when it is taken for something else, and since when it is what it is.
    pub(super) fn rank(self) -> (u8, Instant) {
        match self {
            Self::Door => (0, Instant::default()),
            Self::Abort(since) => (1, since),
            Self::Linger(since) => (2, since),
            Self::Knock(since) => (3, since),
            Self::Guest | Self::Dial(_) | Self::Open(_) => (4, Instant::default()),
        }
    }

    /// When time alone changes something.
    pub(super) fn deadline(self, now: Instant) -> Option<Instant> {
        match self {
            Self::Knock(since) => Some(since.after(HANDSHAKE_NS)),
            Self::Guest => Some(now.after(RETRY_NS)),
            Self::Linger(since) => Some(since.after(BODY_NS)),
            Self::Abort(since) => Some(since.after(RETRY_NS)),
            Self::Door | Self::Dial(_) | Self::Open(_) => None,
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
