//! The simulated producer on real sockets and a real clock.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::vec;

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Registry, Token, Waker};
use ptpwatch_core::time::Instant;

use super::door::Door;
use super::names::Names;
use crate::producer::{Action, Config, Conn, Producer, Script};
use crate::table::Table;
use crate::tray::Tray;
use crate::view::Moment;

/// A producer that others can connect to, as long as it is given its [turns](Self::turn).
#[derive(Debug)]
pub struct Simulation {
    poll: Poll,
    events: Events,
    waker: Arc<Waker>,
    door: Door,
    producer: Producer,
    peers: Table<Token, Peer>,
    /// Those who had more to read than their share of a turn.
    unread: Vec<Token>,
    names: Names,
    sayings: Arc<Tray<Saying>>,
    /// [`Instant`] 0.
    origin: std::time::Instant,
}

/// What happened, for people, and when. It is told before others can know it from the wire.
#[derive(Clone, Debug)]
pub struct Saying {
    pub moment: Moment,
    pub text: String,
}

#[derive(Debug)]
struct Peer {
    conn: Conn,
    stream: TcpStream,
    /// Where else to try, for one that we connect to and that has not answered yet.
    connecting: Option<vec::IntoIter<SocketAddr>>,
}

impl Simulation {
    /// The token for whatever its owner registers: a turn ends when that is ready.
    pub const OWNER: Token = Token(2);

    /// Listens at `listen`; `configure` is told where that is, for its port may have been 0. The script begins with
    /// the first turn.
    ///
    /// # Errors
    /// Those of binding and polling.
    pub fn open(
        listen: SocketAddr,
        script: Script,
        configure: impl FnOnce(SocketAddr) -> Config,
    ) -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        let door = Door::new(poll.registry().try_clone()?, DOOR, listen)?;
        Ok(Self {
            poll,
            events: Events::with_capacity(EVENTS_MAX),
            names: Names::new(Arc::clone(&waker)),
            waker,
            producer: Producer::new(configure(door.address()), script, Instant::from_nanos(0)),
            door,
            peers: Table::new(),
            unread: Vec::new(),
            sayings: Arc::default(),
            origin: std::time::Instant::now(),
        })
    }

    /// Does what is to be done; waits for it if need be, `patience` at most.
    ///
    /// # Errors
    /// Those of polling.
    pub fn turn(&mut self, patience: Option<Duration>) -> io::Result<()> {
        let wait = self.wait(patience);
        match self.poll.poll(&mut self.events, wait) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        let mut ready = std::mem::take(&mut self.unread);
        for event in &self.events {
            note(&mut ready, event.token());
        }
        for token in ready {
            match token {
                WAKER => self.connect_named(),
                DOOR | Self::OWNER => {}
                token => self.serve(token),
            }
        }
        self.producer.handle_timeout(self.now());
        self.settle();
        self.mind_door();
        Ok(())
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.door.address()
    }

    /// Ends the wait of a turn, from any thread.
    pub fn waker(&self) -> Arc<Waker> {
        Arc::clone(&self.waker)
    }

    /// Where its owner registers what else is to end a turn, as [`Self::OWNER`].
    pub fn registry(&self) -> &Registry {
        self.poll.registry()
    }

    /// Whether the script ran to its end.
    pub fn is_finished(&self) -> bool {
        self.producer.is_finished()
    }

    /// Where it says what happens, for any thread to take.
    pub fn sayings(&self) -> &Arc<Tray<Saying>> {
        &self.sayings
    }

    fn now(&self) -> Instant {
        Instant::from_nanos(u64::try_from(self.origin.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }

    /// How long to wait for events.
    fn wait(&self, patience: Option<Duration>) -> Option<Duration> {
        if !self.unread.is_empty() {
            return Some(Duration::ZERO);
        }
        let now = self.now();
        let due = [self.producer.poll_timeout(), self.door.deadline()].into_iter().flatten().min();
        due.map(|due| Duration::from_nanos(due.since(now))).into_iter().chain(patience).min()
    }

    /// Lets in who connects, while the producer is up.
    fn mind_door(&mut self) {
        let now = self.now();
        self.door.set_open(now, !self.producer.is_down(now));
        while let Some(stream) = self.door.accept(now) {
            let Some(conn) = self.producer.handle_accepted(self.now()) else { continue };
            if self.add(conn, stream, None).is_err() {
                self.producer.handle_closed(self.now(), conn);
            }
            self.settle();
        }
    }

    /// Tells what happened, and does what follows from it.
    fn settle(&mut self) {
        while let Some(text) = self.producer.poll_line() {
            self.sayings.put(Saying { moment: Moment::now(), text });
        }
        while let Some(action) = self.producer.poll_action() {
            match action {
                Action::Open { conn, host, port } => {
                    if let Some(addresses) = self.names.ask(conn, &host, port) {
                        self.connect(conn, addresses.into_iter());
                    }
                }
                Action::Write(conn) => self.send(token(conn)),
                Action::Close(conn) => self.close(conn),
            }
        }
    }

    fn connect_named(&mut self) {
        while let Some((conn, addresses)) = self.names.poll() {
            self.connect(conn, addresses.into_iter());
            self.settle();
        }
    }

    /// Connects to the first of `addresses` that takes it; the others remain to be tried.
    fn connect(&mut self, conn: Conn, mut addresses: vec::IntoIter<SocketAddr>) {
        while let Some(address) = addresses.next() {
            if let Ok(stream) = TcpStream::connect(address)
                && self.add(conn, stream, Some(addresses.clone())).is_ok()
            {
                return;
            }
        }
        self.producer.handle_closed(self.now(), conn);
    }

    fn add(
        &mut self,
        conn: Conn,
        mut stream: TcpStream,
        connecting: Option<vec::IntoIter<SocketAddr>>,
    ) -> io::Result<()> {
        let token = token(conn);
        let _ = stream.set_nodelay(true);
        self.poll.registry().register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        self.peers.insert(token, Peer { conn, stream, connecting });
        Ok(())
    }

    /// Something is up with a peer: it is there, or it can be read or written.
    fn serve(&mut self, token: Token) {
        if self.is_connected(token) {
            self.send(token);
            self.receive(token);
        }
        self.settle();
    }

    /// Whether a peer is there by now; one that will not be is tried elsewhere.
    fn is_connected(&mut self, token: Token) -> bool {
        let Some(peer) = self.peers.get_mut(token) else { return false };
        let Some(addresses) = peer.connecting.take() else { return true };
        let conn = peer.conn;
        let has_failed = !matches!(peer.stream.take_error(), Ok(None));
        if has_failed {
            self.peers.remove(token);
            self.connect(conn, addresses);
        } else if peer.stream.peer_addr().is_ok() {
            self.producer.handle_opened(self.now(), conn);
            return true;
        } else {
            peer.connecting = Some(addresses);
        }
        false
    }

    fn receive(&mut self, token: Token) {
        let mut buffer = [0; READ_MAX];
        for _ in 0..READS_MAX {
            let Some(peer) = self.peers.get_mut(token) else { return };
            let conn = peer.conn;
            match peer.stream.read(&mut buffer) {
                Ok(0) => return self.lose(token),
                Ok(count) => {
                    let bytes = buffer.get(..count).unwrap_or_default();
                    self.producer.handle_received(self.now(), conn, bytes);
                    self.settle();
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return self.lose(token),
            }
        }
        note(&mut self.unread, token);
    }

    fn send(&mut self, token: Token) {
        while let Some(peer) = self.peers.get_mut(token).filter(|peer| peer.connecting.is_none()) {
            let conn = peer.conn;
            let window = self.producer.send_window(conn);
            if window.is_empty() {
                return;
            }
            match peer.stream.write(window) {
                Ok(count) => self.producer.handle_sent(self.now(), conn, count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return self.lose(token),
            }
        }
    }

    /// A peer is gone.
    fn lose(&mut self, token: Token) {
        if let Some(peer) = self.peers.remove(token) {
            self.producer.handle_closed(self.now(), peer.conn);
        }
    }

    /// Lets a peer go. What it sent is read first: it would cost it our last answer otherwise (RFC 9112 section 9.6).
    fn close(&mut self, conn: Conn) {
        self.names.forget(conn);
        let Some(mut peer) = self.peers.remove(token(conn)) else { return };
        let _ = peer.stream.shutdown(Shutdown::Write);
        let mut buffer = [0; READ_MAX];
        let mut reads = 0;
        while reads < READS_MAX && peer.stream.read(&mut buffer).is_ok_and(|count| count > 0) {
            reads += 1;
        }
    }
}

/// The wall clock, in nanoseconds since the Unix epoch: what a simulation's [`Config`] begins with.
pub fn wall_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// Adds a token that is not there yet.
fn note(tokens: &mut Vec<Token>, token: Token) {
    if !tokens.contains(&token) {
        tokens.push(token);
    }
}

fn token(conn: Conn) -> Token {
    Token(FIRST_PEER + conn.number() as usize)
}

const DOOR: Token = Token(0);
const WAKER: Token = Token(1);
const FIRST_PEER: usize = 3;

/// Events of one turn, at most.
const EVENTS_MAX: usize = 256;
/// Bytes of one read, and reads from one peer in one turn, at most.
const READ_MAX: usize = 16 * 1024;
const READS_MAX: usize = 16;
