//! The desk: waits in one poll for whatever comes next, until a deadline or a signal, and minds the door meanwhile.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Registry, Token, Waker};
use ptpwatch_core::http::Method;
use ptpwatch_core::time::Timestamp;

use super::door::Door;
use super::exchange::Exchange;
use super::outcome::Outcome;
use super::request;
use crate::options::Uri;
use crate::resolver::{Addresses, Resolver};
use crate::signals::{Signal, Signals};

/// Asks others over HTTP, one question at a time.
#[derive(Debug)]
pub(crate) struct Desk {
    poll: Poll,
    events: Events,
    signals: Signals,
    /// The last signal that came.
    signal: Option<Signal>,
    /// Whether what is asked now is asked to leave nothing behind.
    is_clearing_up: bool,
    resolver: Resolver,
    /// Where we are called back.
    pub(crate) door: Option<Door>,
    /// How long an answer may take.
    patience: Duration,
    /// The body of the last answer, its Date, and how long it took.
    pub(crate) body: Vec<u8>,
    pub(crate) date: Option<Timestamp>,
    pub(crate) took: Duration,
}

impl Desk {
    /// # Errors
    /// If the system lacks something.
    pub(crate) fn new(patience: Duration) -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), TOKEN)?);
        let mut signals = Signals::new()?;
        poll.registry().register(signals.stream(), TOKEN, Interest::READABLE)?;
        Ok(Self {
            poll,
            events: Events::with_capacity(EVENTS_MAX),
            signals,
            signal: None,
            is_clearing_up: false,
            resolver: Resolver::new(waker),
            door: None,
            patience,
            body: Vec::new(),
            date: None,
            took: Duration::ZERO,
        })
    }

    /// The addresses of a name, or why there are none.
    pub(crate) fn resolve(&mut self, host: &str, port: u16) -> Result<Addresses, String> {
        let deadline = Instant::now() + self.patience;
        self.resolver.ask(host, port);
        loop {
            if let Some(answer) = self.resolver.take_answer() {
                return answer.map_err(|error| error.to_string());
            }
            self.wait(deadline, Outcome::Silent).map_err(|outcome| outcome.to_string())?;
        }
    }

    /// Connects to `to`.
    pub(crate) fn connect(&mut self, to: SocketAddr) -> Result<TcpStream, Outcome> {
        self.go_on()?;
        let deadline = Instant::now() + self.patience;
        let mut stream = TcpStream::connect(to)?;
        self.registry().register(&mut stream, TOKEN, Interest::READABLE | Interest::WRITABLE)?;
        loop {
            if let Some(error) = stream.take_error()? {
                return Err(error.into());
            }
            if stream.peer_addr().is_ok() {
                return Ok(stream);
            }
            self.wait(deadline, Outcome::NoConnection)?;
        }
    }

    /// Sends `request` to `to`, and awaits the answer.
    pub(crate) fn ask(&mut self, to: SocketAddr, request: &[u8]) -> Outcome {
        let begin = Instant::now();
        let result = self.connect(to).and_then(|stream| {
            let mut exchange = Exchange::new(stream, request);
            loop {
                if exchange.advance()? {
                    break;
                }
                self.wait(begin + self.patience, Outcome::Silent)?;
            }
            self.body = exchange.body;
            self.date = exchange.date;
            Ok(exchange.status)
        });
        self.took = begin.elapsed();
        result.map_or_else(|outcome| outcome, Outcome::Answered)
    }

    /// Asks at a URI, wherever it is.
    ///
    /// # Errors
    /// Why its host has no address.
    pub(crate) fn ask_uri(
        &mut self,
        method: Method,
        uri: &Uri,
        body: Option<&[u8]>,
    ) -> Result<Outcome, String> {
        let request = request(method, &uri.authority(), &[uri.path.as_bytes()], body);
        let mut outcome = Outcome::Unreachable;
        for address in self.resolve(&uri.host, uri.port)? {
            outcome = self.ask(address, &request);
            if matches!(outcome, Outcome::Answered(_)) {
                break;
            }
        }
        Ok(outcome)
    }

    /// The signal that came, if one did: from then on nobody is asked or waited for, until [`clear_up`](Self::clear_up).
    pub(crate) fn signal(&self) -> Option<Signal> {
        self.signal
    }

    /// From now on others are asked whatever signal comes: else something would be left behind.
    pub(crate) fn clear_up(&mut self) {
        self.is_clearing_up = true;
    }

    pub(crate) fn registry(&self) -> &Registry {
        self.poll.registry()
    }

    /// Waits until something happens. After `deadline` it is `overdue`.
    fn wait(&mut self, deadline: Instant, overdue: Outcome) -> Result<(), Outcome> {
        self.go_on()?;
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(overdue);
        }
        match self.poll.poll(&mut self.events, Some(left)) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error.into()),
            _ => {}
        }
        if let Some(door) = &mut self.door {
            door.serve(self.poll.registry());
        }
        self.signal = self.signals.take().or(self.signal);
        Ok(())
    }

    /// Whether no signal stands against it.
    fn go_on(&self) -> Result<(), Outcome> {
        if self.signal.is_some() && !self.is_clearing_up { Err(Outcome::Interrupted) } else { Ok(()) }
    }
}

/// That of everything: whatever the poll is ended by, all of it is looked at.
pub(super) const TOKEN: Token = Token(0);
/// Events that one poll reports, at most.
const EVENTS_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn after_a_signal_only_who_clears_up_asks() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        silent.set_nonblocking(true).unwrap();
        let to = silent.local_addr().unwrap();
        let mut desk = Desk::new(Duration::from_millis(50)).unwrap();
        let ask = |desk: &mut Desk| {
            let outcome = desk.ask(to, b"GET / HTTP/1.1\r\n\r\n");
            (outcome == Outcome::Interrupted, silent.accept().is_ok())
        };
        let (asked, refrained) = ((false, true), (true, false));
        assert_eq!(ask(&mut desk), asked);
        desk.signal = Some(Signal::Interrupt);
        for question in 0..3 {
            assert_eq!(ask(&mut desk), refrained, "{question}");
        }
        desk.clear_up();
        assert_eq!(ask(&mut desk), asked);
        assert_eq!(desk.signal(), Some(Signal::Interrupt));
    }
}
