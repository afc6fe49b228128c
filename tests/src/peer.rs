//! Peers over real sockets, and what they say.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::process::PATIENCE;

/// A peer on a connection of its own.
#[derive(Debug)]
pub struct Peer {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Peer {
    pub fn connect(address: SocketAddr) -> Self {
        Self::of(TcpStream::connect(address).expect("somebody listens"))
    }

    pub fn of(stream: TcpStream) -> Self {
        stream.set_nodelay(true).expect("it can be set");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out can be set");
        Self { stream, received: Vec::new() }
    }

    /// Sends all of `bytes`; `false` if the other side takes no more.
    pub fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// Says that no more follows.
    pub fn finish(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// The next answer, which has no body; `None` if the connection ended before it.
    pub fn answer(&mut self) -> Option<String> {
        self.until(b"\r\n\r\n")
    }

    /// What comes up to `end`, and that too; `None` if the connection ended before it.
    pub fn until(&mut self, end: &[u8]) -> Option<String> {
        loop {
            if let Some(at) = self.received.windows(end.len()).position(|window| window == end) {
                let text: Vec<u8> = self.received.drain(..at + end.len()).collect();
                return Some(String::from_utf8_lossy(&text).into_owned());
            }
            if !self.receive() {
                return None;
            }
        }
    }

    /// The next request, or the next answer that has a body: its head, and its body of the length that it says.
    pub fn request(&mut self) -> Option<(String, Vec<u8>)> {
        let head = self.answer()?;
        let length = head.to_ascii_lowercase().lines().find_map(|line| {
            line.strip_prefix("content-length:").map(|length| length.trim().parse().expect("it is a number"))
        });
        while self.received.len() < length.unwrap_or(0) {
            if !self.receive() {
                return None;
            }
        }
        let body = self.received.drain(..length.unwrap_or(0)).collect();
        Some((head, body))
    }

    /// All that comes until the other side closes.
    pub fn rest(&mut self) -> String {
        while self.receive() {}
        String::from_utf8_lossy(&std::mem::take(&mut self.received)).into_owned()
    }

    /// Whether the other side has given the connection up: nothing more can be sent to it.
    pub fn has_failed(&mut self) -> bool {
        self.stream.take_error().map_or(true, |error| error.is_some()) || !self.send(b"\r\n")
    }

    /// Whether the other side has closed by now.
    pub fn is_closed(&mut self) -> bool {
        self.stream.set_nonblocking(true).expect("it can be set");
        let is_closed = match self.stream.peek(&mut [0]) {
            Ok(count) => count == 0,
            Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
        };
        self.stream.set_nonblocking(false).expect("it can be set");
        is_closed
    }

    /// Receives what comes next; `false` at the end.
    ///
    /// # Panics
    /// If nothing comes, and no end either.
    fn receive(&mut self) -> bool {
        let mut buffer = [0; 4096];
        match self.stream.read(&mut buffer) {
            Ok(count) => {
                self.received.extend_from_slice(&buffer[..count]);
                assert!(self.received.len() < 1 << 20, "there is no end of it");
                count > 0
            }
            Err(error)
                if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) =>
            {
                panic!("neither an answer nor the end comes");
            }
            Err(_) => false,
        }
    }
}

/// One exchange with whoever listens at `address`, until it closes.
pub fn exchange(address: &str, request: &[u8]) -> String {
    let address = address.trim_start_matches("http://").parse().expect("it is an address");
    let mut peer = Peer::connect(address);
    assert!(peer.send(request), "it takes the request");
    peer.rest()
}

/// What a simulated producer lists as subscribed.
pub fn list(producer: &str, dialect: &str) -> String {
    let version = dialect.trim_start_matches("openshift-");
    let request = format!(
        "GET /api/ocloudNotifications/{version}/subscriptions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    );
    exchange(producer, request.as_bytes())
}

/// How many subscriptions a simulated producer holds.
pub fn subscriptions(producer: &str, dialect: &str) -> usize {
    list(producer, dialect).matches("/sync/").count()
}

/// A notification with `body`.
pub fn notification(path: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("POST {path} HTTP/1.1\r\nHost: us\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// An address of the loopback that is free, and stays so between two who listen there: its port is below those that the
/// system gives out to others.
pub fn address_of_our_own() -> SocketAddr {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let first = std::process::id() as usize * 31;
    loop {
        let port = 10_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 20_000;
        let address = SocketAddr::from(([127, 0, 0, 1], u16::try_from(port).expect("it fits")));
        // Nobody listens. To listen here for a moment would not do: a program that another thread starts in that moment would
        // listen too, until it is itself.
        if TcpStream::connect(address).is_err() {
            return address;
        }
    }
}
