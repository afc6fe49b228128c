//! The door: the listener, and the one peer that came in and has no seat yet.

use std::io;
use std::net::IpAddr;

use ipnet::IpNet;
use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Registry, Token};
use ptpwatch_core::time::{Instant, MILLISECOND_NS};
use rustix::io::Errno;

/// Lets peers in, one at a time; the others wait in the kernel's backlog.
#[derive(Debug)]
pub(crate) struct Door {
    listener: TcpListener,
    allow: Vec<IpNet>,
    /// Accepted, and not seated yet.
    guest: Option<TcpStream>,
    /// Whether the backlog may hold peers.
    may_have_more: bool,
    /// There was no seat for the guest, or no file descriptor for the next: another try is due then.
    retry_at: Option<Instant>,
    is_failing: bool,
    turned_away: u64,
}

impl Door {
    pub(crate) fn new(
        listener: std::net::TcpListener,
        allow: Vec<IpNet>,
        registry: &Registry,
        token: Token,
    ) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let mut listener = TcpListener::from_std(listener);
        registry.register(&mut listener, token, Interest::READABLE)?;
        Ok(Self {
            listener,
            allow,
            guest: None,
            may_have_more: true,
            retry_at: None,
            is_failing: false,
            turned_away: 0,
        })
    }

    /// Somebody knocked.
    pub(crate) fn handle_ready(&mut self) {
        self.may_have_more = true;
    }

    /// Whether a peer is there to be seated.
    pub(crate) fn has_guest(&mut self, now: Instant) -> bool {
        if self.guest.is_none() && self.may_have_more && self.retry_at.is_none_or(|at| at <= now) {
            self.accept(now);
        }
        self.guest.is_some()
    }

    /// The peer to seat.
    pub(crate) fn take_guest(&mut self) -> Option<TcpStream> {
        self.retry_at = None;
        self.guest.take()
    }

    /// There is no seat: the guest waits.
    pub(crate) fn keep_guest(&mut self, now: Instant) {
        self.retry_at = Some(now.after(RETRY_NS));
    }

    /// Whether nobody is there before the next knock.
    pub(crate) fn is_idle(&self) -> bool {
        self.guest.is_none() && !self.may_have_more
    }

    /// When there is something to do without a knock.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        if self.is_idle() { None } else { Some(self.retry_at.unwrap_or_default()) }
    }

    /// How many peers were turned away who may not connect.
    pub(crate) fn turned_away(&self) -> u64 {
        self.turned_away
    }

    fn is_allowed(&self, peer: IpAddr) -> bool {
        // A listener of both families sees IPv4 mapped into IPv6.
        let peer = peer.to_canonical();
        self.allow.is_empty() || self.allow.iter().any(|network| network.contains(&peer))
    }

    fn accept(&mut self, now: Instant) {
        self.retry_at = None;
        match self.listener.accept() {
            Ok((stream, peer)) => {
                self.is_failing = false;
                if self.is_allowed(peer.ip()) {
                    log::debug!("{peer} connects");
                    self.guest = Some(stream);
                } else {
                    self.turned_away += 1;
                    log::debug!("{peer} is none of those who may connect");
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.may_have_more = false,
            // What went wrong with one peer says nothing of the next: the next turn tries it.
            Err(error) if is_about_peer(&error) => {}
            Err(error) => {
                if !std::mem::replace(&mut self.is_failing, true) {
                    log::error!("cannot accept connections: {error}");
                }
                self.retry_at = Some(now.after(RETRY_NS));
            }
        }
    }
}

/// Whether accept(2) reports what happened to the connection before it was taken, and not a lack of anything.
fn is_about_peer(error: &io::Error) -> bool {
    let lacks = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
    !lacks.iter().any(|lack| error.raw_os_error() == Some(lack.raw_os_error()))
}

/// How long to wait for a seat or a file descriptor, in nanoseconds.
const RETRY_NS: u64 = 100 * MILLISECOND_NS;
