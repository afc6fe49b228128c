//! The port of the simulated producer: open while the producer is up, and only then.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Registry, Token};
use ptpwatch_core::time::{Instant, MILLISECOND_NS};

/// A listener that comes and goes, always at the same address.
#[derive(Debug)]
pub(super) struct Door {
    registry: Registry,
    token: Token,
    address: SocketAddr,
    /// `None` while the door is closed: who connects then is refused.
    listener: Option<TcpListener>,
    /// Something failed: another try is due then.
    retry_at: Option<Instant>,
}

impl Door {
    /// An open door.
    ///
    /// # Errors
    /// Those of binding.
    pub(super) fn new(registry: Registry, token: Token, address: SocketAddr) -> io::Result<Self> {
        let mut door = Self { registry, token, address, listener: None, retry_at: None };
        let listener = door.bind()?;
        door.address = listener.local_addr()?;
        door.listener = Some(listener);
        Ok(door)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Opens or closes the door.
    pub(super) fn set_open(&mut self, now: Instant, is_open: bool) {
        if !is_open {
            self.listener = None;
            self.retry_at = None;
        } else if self.listener.is_none() && self.is_due(now) {
            match self.bind() {
                Ok(listener) => self.listener = Some(listener),
                Err(error) => self.fail(now, "listen again", &error),
            }
        }
    }

    /// The next who connects.
    pub(super) fn accept(&mut self, now: Instant) -> Option<TcpStream> {
        while self.is_due(now)
            && let Some(listener) = &self.listener
        {
            match listener.accept() {
                Ok((stream, _)) => return Some(stream),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
                Err(error)
                    if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::ConnectionAborted) => {}
                Err(error) => self.fail(now, "accept a connection", &error),
            }
        }
        None
    }

    /// When to try again what failed.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.retry_at
    }

    /// Whether no wait for another try is left; it counts as tried.
    fn is_due(&mut self, now: Instant) -> bool {
        let is_due = self.retry_at.is_none_or(|at| at <= now);
        if is_due {
            self.retry_at = None;
        }
        is_due
    }

    fn fail(&mut self, now: Instant, what: &str, error: &io::Error) {
        log::warn!("cannot {what}: {error}");
        self.retry_at = Some(now.after(RETRY_NS));
    }

    fn bind(&self) -> io::Result<TcpListener> {
        let mut listener = TcpListener::bind(self.address)?;
        self.registry.register(&mut listener, self.token, Interest::READABLE)?;
        Ok(listener)
    }
}

/// How long to wait before what failed is tried again: time for others to give back what is lacking.
const RETRY_NS: u64 = 100 * MILLISECOND_NS;
