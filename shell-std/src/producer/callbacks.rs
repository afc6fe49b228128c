//! Our connections to consumers: requests out, answers in, kept for the next one as Go's client keeps them.

use std::fmt;

use ptpwatch_core::http::{Error, Line, Part, Receiver};
use ptpwatch_core::time::{Instant, SECOND_NS};

use super::endpoint::{Client, Endpoint};
use super::manners::Manners;
use super::pipe::Pipe;
use super::{Action, Conn};
use crate::table::Table;

/// The connections, each with at most one request. `P` is what a request was made for.
#[derive(Debug)]
pub(super) struct Callbacks<P> {
    client: &'static Client,
    links: Table<Conn, Link<P>>,
}

/// A request to make.
#[derive(Debug)]
pub(super) struct Callback<'a, P> {
    pub endpoint: &'a Endpoint,
    pub body: &'a str,
    pub deadline: Instant,
    pub purpose: P,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The status of the answer.
    Answered(u16),
    Refused,
    Closed,
    TimedOut,
    Garbled,
}

/// What came of a connection's doings.
#[derive(Debug)]
pub(super) struct Progress<P> {
    pub ended: Option<(P, Outcome)>,
    /// Close it; it is forgotten here.
    pub close: bool,
}

#[derive(Debug)]
struct Link<P> {
    pipe: Pipe,
    peer: (String, u16),
    is_open: bool,
    /// How the answer to the current request begins.
    head: Option<(u16, bool)>,
    state: State<P>,
    /// When an answer must be there; when to let go of an idle connection.
    deadline: Instant,
}

#[derive(Debug)]
enum State<P> {
    Idle,
    Busy(P),
}

impl<P> Callbacks<P> {
    pub(super) fn new(client: &'static Client) -> Self {
        Self { client, links: Table::new() }
    }

    /// Makes a request: on an idle connection, or on a new one named `conn`.
    pub(super) fn send(&mut self, callback: Callback<'_, P>, conn: Conn) -> Action {
        let Callback { endpoint, body, deadline, purpose } = callback;
        let peer = (endpoint.host.clone(), endpoint.port);
        let request = endpoint.post(self.client, body);
        if let Some((conn, link)) = self.links.iter_mut().find(|(_, link)| link.is_idle_to(&peer)) {
            link.begin(&request, deadline, purpose);
            return Action::Write(conn);
        }
        let action = Action::Open { conn, host: peer.0.clone(), port: peer.1 };
        let mut link = Link::new(peer);
        link.begin(&request, deadline, purpose);
        self.links.insert(conn, link);
        action
    }

    /// The connection stands; whether it is one of ours.
    pub(super) fn handle_opened(&mut self, conn: Conn) -> bool {
        let link = self.links.get_mut(conn);
        link.map(|link| link.is_open = true).is_some()
    }

    /// Bytes came; `None` if the connection is not one of ours.
    pub(super) fn handle_received(&mut self, now: Instant, conn: Conn, bytes: &[u8]) -> Option<Progress<P>> {
        let link = self.links.get_mut(conn)?;
        link.pipe.receive(bytes);
        let progress = match link.read() {
            Ok(None) => Progress { ended: None, close: matches!(link.state, State::Idle) },
            Ok(Some((status, keep_alive))) => {
                let close = !keep_alive || !self.client.reuses;
                Progress { ended: link.end(now, Outcome::Answered(status)), close }
            }
            Err(_) => Progress { ended: link.end(now, Outcome::Garbled), close: true },
        };
        let peer = link.peer.clone();
        let idle_count = self.links.values().filter(|link| link.is_idle_to(&peer)).count();
        let progress = Progress { close: progress.close || idle_count > IDLE_MAX, ..progress };
        if progress.close {
            self.links.remove(conn);
        }
        Some(progress)
    }

    /// The connection failed or ended; what its request came to.
    pub(super) fn handle_closed(&mut self, conn: Conn) -> Option<(P, Outcome)> {
        let link = self.links.remove(conn)?;
        let outcome = match link.head {
            Some((status, _)) => Outcome::Answered(status),
            None if link.is_open => Outcome::Closed,
            None => Outcome::Refused,
        };
        match link.state {
            State::Busy(purpose) => Some((purpose, outcome)),
            State::Idle => None,
        }
    }

    /// The next connection that took too long or idled too long; it is forgotten here.
    pub(super) fn expire(&mut self, now: Instant) -> Option<(Conn, Option<(P, Outcome)>)> {
        let conn = self.links.iter().find(|(_, link)| link.deadline <= now).map(|(conn, _)| conn)?;
        let link = self.links.remove(conn)?;
        match link.state {
            State::Busy(purpose) => Some((conn, Some((purpose, Outcome::TimedOut)))),
            State::Idle => Some((conn, None)),
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.links.values().map(|link| link.deadline).min()
    }

    pub(super) fn outbox(&self, conn: Conn) -> &[u8] {
        self.links.get(conn).map_or(&[], |link| link.pipe.outbox())
    }

    pub(super) fn handle_sent(&mut self, conn: Conn, count: usize) {
        if let Some(link) = self.links.get_mut(conn) {
            link.pipe.handle_sent(count);
        }
    }

    /// What requests are under way for.
    pub(super) fn purposes(&self) -> impl Iterator<Item = &P> {
        self.links.values().filter_map(|link| match &link.state {
            State::Busy(purpose) => Some(purpose),
            State::Idle => None,
        })
    }

    pub(super) fn clear(&mut self) {
        self.links.clear();
    }

    pub(super) fn conns(&self) -> impl Iterator<Item = Conn> {
        self.links.keys()
    }
}

impl<P> Link<P> {
    fn new(peer: (String, u16)) -> Self {
        Self {
            pipe: Pipe::new(Receiver::responses()),
            peer,
            is_open: false,
            head: None,
            state: State::Idle,
            deadline: Instant::MAX,
        }
    }

    fn begin(&mut self, request: &str, deadline: Instant, purpose: P) {
        self.pipe.send(request);
        self.head = None;
        self.deadline = deadline;
        self.state = State::Busy(purpose);
    }

    fn is_idle_to(&self, peer: &(String, u16)) -> bool {
        matches!(self.state, State::Idle) && self.peer == *peer
    }

    /// Reads on to the end of the answer: its status, and whether the connection lasts.
    fn read(&mut self) -> Result<Option<(u16, bool)>, Error> {
        let Self { pipe, head: kept, .. } = self;
        loop {
            let ended = pipe.read(|part| match part {
                Part::Head(head) => {
                    if let Line::Response { status } = head.line {
                        *kept = Some((status, head.keep_alive));
                    }
                    false
                }
                Part::Body(_) => false,
                Part::End => true,
            })?;
            match ended {
                Some(true) => return Ok(*kept),
                Some(false) => {}
                None => return Ok(None),
            }
        }
    }

    fn end(&mut self, now: Instant, outcome: Outcome) -> Option<(P, Outcome)> {
        self.deadline = now.after(IDLE_NS);
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Busy(purpose) => Some((purpose, outcome)),
            State::Idle => None,
        }
    }
}

impl Outcome {
    /// Whether the other side took what was sent.
    pub(super) fn is_success(self, manners: &Manners) -> bool {
        matches!(self, Self::Answered(status) if manners.accepts.contains(&status))
    }

    /// The complaint of Go's client about a request to `endpoint`; `None` if there was an answer.
    pub(super) fn complaint(self, endpoint: &Endpoint) -> Option<String> {
        let cause = match self {
            Self::Answered(_) => return None,
            Self::Refused => {
                format!("dial tcp {}:{}: connect: connection refused", endpoint.host, endpoint.port)
            }
            Self::Closed => "EOF".into(),
            Self::TimedOut => {
                "context deadline exceeded (Client.Timeout exceeded while awaiting headers)".into()
            }
            Self::Garbled => "net/http: HTTP/1.x transport connection broken: malformed HTTP response".into(),
        };
        Some(cause)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered(status) => write!(f, "{status}"),
            Self::Refused => f.write_str("refused"),
            Self::Closed => f.write_str("closed"),
            Self::TimedOut => f.write_str("timed out"),
            Self::Garbled => f.write_str("garbled"),
        }
    }
}

/// Idle connections kept to one peer, and for how long: Go's defaults.
const IDLE_MAX: usize = 2;
const IDLE_NS: u64 = 90 * SECOND_NS;
