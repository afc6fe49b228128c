//! Dialling: from the producer's name to an open connection, one address after the other.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token, Waker};
use ptpwatch_core::consumer::ConnId;

use crate::resolver::{Addresses, Answer, Resolver};

/// Opens connections to the producer, one at a time. How long that may take is the consumer's to say.
#[derive(Debug)]
pub(super) struct Dial {
    host: String,
    port: u16,
    resolver: Resolver,
    state: State,
    /// Addresses that the connection being opened did not try yet.
    untried: Addresses,
    /// The consumer gave up on the resolver once: until it answers, the last good addresses serve.
    is_resolver_slow: bool,
    /// The address that the last try got stuck at: the next begins with the others.
    stuck: Option<SocketAddr>,
    is_failing: bool,
}

#[derive(Debug)]
enum State {
    Idle,
    Resolving(ConnId),
    Connecting { conn: ConnId, stream: TcpStream, address: SocketAddr },
}

/// What became of a try.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Nothing yet.
    Pending,
    Opened(ConnId, TcpStream),
    Failed(ConnId),
}

impl Dial {
    pub(super) fn new(host: String, port: u16, waker: Arc<Waker>) -> Self {
        Self {
            host,
            port,
            resolver: Resolver::new(waker),
            state: State::Idle,
            untried: Addresses::default(),
            is_resolver_slow: false,
            stuck: None,
            is_failing: false,
        }
    }

    /// Begins to open `conn`.
    pub(super) fn open(&mut self, registry: &Registry, conn: ConnId) -> Outcome {
        self.resolver.ask(&self.host, self.port);
        self.state = State::Resolving(conn);
        match self.handle_answer(registry) {
            Outcome::Pending if self.is_resolver_slow && !self.resolver.last_good().is_empty() => {
                self.connect_to_last_good(registry, conn)
            }
            outcome => outcome,
        }
    }

    /// Gives up on `conn`; `false` if it is not the one being opened.
    pub(super) fn close(&mut self, conn: ConnId) -> bool {
        match self.state {
            State::Resolving(opening) if opening == conn => {
                self.complain(format_args!("{} is not resolved in time", self.host));
                self.is_resolver_slow = true;
            }
            State::Connecting { conn: opening, address, .. } if opening == conn => {
                self.complain(format_args!("{address} does not answer in time"));
                self.stuck = Some(address);
            }
            _ => return false,
        }
        (self.state, self.is_failing) = (State::Idle, true);
        true
    }

    /// The resolver may have answered.
    pub(super) fn handle_answer(&mut self, registry: &Registry) -> Outcome {
        let Some(answer) = self.resolver.take_answer() else { return Outcome::Pending };
        self.is_resolver_slow = false;
        let State::Resolving(conn) = self.state else { return Outcome::Pending };
        self.take_answer(registry, conn, answer)
    }

    /// The connection being opened may be open.
    pub(super) fn handle_ready(&mut self, registry: &Registry) -> Outcome {
        let State::Connecting { stream, .. } = &self.state else { return Outcome::Pending };
        let error = match is_connected(stream) {
            Ok(false) => return Outcome::Pending,
            Ok(true) => None,
            Err(error) => Some(error),
        };
        let State::Connecting { conn, stream, address } = std::mem::replace(&mut self.state, State::Idle)
        else {
            return Outcome::Pending;
        };
        if let Some(error) = error {
            self.complain(format_args!("cannot connect to {address}: {}", Cause(&error)));
            return self.connect_to_next(registry, conn);
        }
        log::debug!("connected to {address}");
        (self.stuck, self.is_failing) = (None, false);
        Outcome::Opened(conn, stream)
    }

    fn take_answer(&mut self, registry: &Registry, conn: ConnId, answer: Answer) -> Outcome {
        match answer {
            Ok(addresses) => self.connect(registry, conn, addresses),
            Err(error) => {
                self.complain(format_args!("cannot resolve {}: {error}", self.host));
                self.connect_to_last_good(registry, conn)
            }
        }
    }

    fn connect_to_last_good(&mut self, registry: &Registry, conn: ConnId) -> Outcome {
        self.connect(registry, conn, self.resolver.last_good().clone())
    }

    /// Tries the first of `addresses` that can be tried.
    pub(super) fn connect(&mut self, registry: &Registry, conn: ConnId, addresses: Addresses) -> Outcome {
        self.untried = addresses;
        self.stuck.take_if(|stuck| postpone(&mut self.untried, *stuck));
        self.connect_to_next(registry, conn)
    }

    fn connect_to_next(&mut self, registry: &Registry, conn: ConnId) -> Outcome {
        while !self.untried.is_empty() {
            let address = self.untried.remove(0);
            match connect_to(registry, conn, address) {
                Ok(stream) => {
                    self.state = State::Connecting { conn, stream, address };
                    return Outcome::Pending;
                }
                Err(error) => self.complain(format_args!("cannot connect to {address}: {}", Cause(&error))),
            }
        }
        (self.state, self.is_failing) = (State::Idle, true);
        Outcome::Failed(conn)
    }

    /// Says what went wrong: aloud once, until it goes right again.
    fn complain(&self, problem: fmt::Arguments<'_>) {
        let level = if self.is_failing { log::Level::Debug } else { log::Level::Warn };
        log::log!(level, "{problem}");
    }
}

/// What the system says went wrong, in words for which no memory is needed.
struct Cause<'a>(&'a io::Error);

impl fmt::Display for Cause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.raw_os_error() {
            Some(code) => write!(f, "{} (os error {code})", self.0.kind()),
            None => write!(f, "{}", self.0),
        }
    }
}

/// Puts `address` behind the others; `false` if it is not among them.
fn postpone(addresses: &mut Addresses, address: SocketAddr) -> bool {
    let count = addresses.len();
    addresses.retain(|other| *other != address);
    addresses.len() < count && addresses.push(address).is_ok()
}

fn connect_to(registry: &Registry, conn: ConnId, address: SocketAddr) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    registry.register(&mut stream, Token(conn.index()), Interest::READABLE | Interest::WRITABLE)?;
    Ok(stream)
}

/// Whether a connection is there, after the poll spoke of it.
fn is_connected(stream: &TcpStream) -> io::Result<bool> {
    if let Some(error) = stream.take_error()? {
        return Err(error);
    }
    match stream.peer_addr() {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotConnected => Ok(false),
        Err(error) => Err(error),
    }
}
