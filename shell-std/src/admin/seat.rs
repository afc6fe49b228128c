//! A seat at the admin port: one connection, the request that is read from it and the answer that is sent.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::ops::Range;

use mio::event::Event;
use mio::net::TcpStream;
use ptpwatch_core::http::{Error, Part, Receiver};
use ptpwatch_core::limits::{BODY_NS, DRAIN_MAX, HEAD_NS, IDLE_NS};
use ptpwatch_core::time::{Instant, SECOND_NS};

use super::request::Request;
use super::stream::Stream;

/// The memory of all seats, zeroed by the system in one block: a page of it that is never used takes none.
#[derive(Debug)]
pub(crate) struct Memory(Vec<u8>);

/// A seat, free or taken.
#[derive(Debug)]
pub(super) struct Seat<'m> {
    peer: Option<TcpStream>,
    doing: Doing,
    /// Since when it does that, or got on with it.
    since: Instant,
    receiver: Receiver,
    input: &'m mut [u8],
    filled: usize,
    /// The request whose end is awaited.
    request: Option<Request>,
    /// Bytes of its body, which are of no use.
    drained: usize,
    pub(super) output: &'m mut [u8],
    unsent: Range<usize>,
    /// Whether the kernel may hold bytes that were not read.
    is_readable: bool,
    /// Whether the kernel knows that the peer sends no more, and whether we do.
    is_ending: bool,
    has_ended: bool,
}

/// What is going on.
#[derive(Debug)]
enum Doing {
    /// A request is awaited; whether some of it is there.
    Reading { has_begun: bool },
    /// A request is there, or the status that refuses what is none.
    Asked(Result<Request, u16>),
    /// The answer is sent before the next request is read.
    Sending,
    /// What is there is sent, and that is all.
    Ending { patience_ns: u64 },
    /// Changes are sent as they come.
    Streaming(Stream),
}

impl Memory {
    pub(crate) fn new() -> Self {
        Self(vec![0; SEATS * (INPUT_MAX + OUTPUT_MAX)])
    }

    pub(super) fn seats(&mut self) -> Vec<Seat<'_>> {
        self.0.chunks_exact_mut(INPUT_MAX + OUTPUT_MAX).map(Seat::new).collect()
    }
}

impl<'m> Seat<'m> {
    /// A free one, with `room` to read to and to send from.
    fn new(room: &'m mut [u8]) -> Self {
        let (input, output) = room.split_at_mut(INPUT_MAX);
        Self {
            peer: None,
            doing: Doing::Ending { patience_ns: 0 },
            since: Instant::default(),
            receiver: Receiver::requests(),
            input,
            filled: 0,
            request: None,
            drained: 0,
            output,
            unsent: 0..0,
            is_readable: false,
            is_ending: false,
            has_ended: false,
        }
    }

    /// Gives the seat to a peer.
    pub(super) fn take(&mut self, now: Instant, peer: TcpStream) {
        (self.peer, self.receiver) = (Some(peer), Receiver::requests());
        (self.doing, self.since) = (Doing::Reading { has_begun: false }, now);
        (self.filled, self.request, self.drained, self.unsent) = (0, None, 0, 0..0);
        (self.is_readable, self.is_ending, self.has_ended) = (true, false, false);
    }

    /// Closes the connection: what was sent is delivered, and the end of it.
    pub(super) fn leave(&mut self) {
        if let Some(peer) = self.peer.take() {
            let _ = peer.shutdown(Shutdown::Write);
        }
        self.doing = Doing::Ending { patience_ns: 0 };
    }

    /// The peer had its time: whoever began a request is told so.
    pub(super) fn time_out(&mut self) {
        match self.doing {
            Doing::Reading { has_begun: true } => self.doing = Doing::Asked(Err(408)),
            _ => self.leave(),
        }
    }

    pub(super) fn is_free(&self) -> bool {
        self.peer.is_none()
    }

    /// Since when whoever has the seat asked for nothing; `None` if something is going on.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        matches!(self.doing, Doing::Reading { has_begun: false }).then_some(self.since)
    }

    /// Whether that is so once all was read that it has said; it may have left, too.
    pub(super) fn is_still_idle(&mut self, now: Instant) -> bool {
        self.is_readable = true;
        self.read(now);
        self.is_free() || self.idle_since().is_some()
    }

    /// What is to be answered.
    pub(super) fn asked(&self) -> Option<Result<Request, u16>> {
        match self.doing {
            Doing::Asked(request) => Some(request),
            _ => None,
        }
    }

    /// The stream, if that is what is going on, and whether all of it was sent that there was.
    pub(super) fn stream(&mut self) -> Option<(&mut Stream, bool)> {
        match &mut self.doing {
            Doing::Streaming(stream) => Some((stream, self.unsent.is_empty())),
            _ => None,
        }
    }

    /// Whether there is something to do that no event will tell of.
    pub(super) fn is_unfinished(&self) -> bool {
        match self.doing {
            Doing::Asked(_) => true,
            Doing::Reading { .. } | Doing::Streaming(_) => self.is_readable,
            Doing::Sending | Doing::Ending { .. } => false,
        }
    }

    /// When the peer will have taken too long.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let patience_ns = match &self.doing {
            Doing::Reading { has_begun: false } => IDLE_NS,
            Doing::Reading { has_begun: true } => HEAD_NS,
            Doing::Ending { patience_ns } => *patience_ns,
            Doing::Sending => BODY_NS,
            Doing::Streaming(_) if !self.unsent.is_empty() => BODY_NS,
            Doing::Asked(_) | Doing::Streaming(_) => return None,
        };
        (!self.is_free()).then(|| self.since.after(patience_ns))
    }

    pub(super) fn handle_event(&mut self, event: &Event) {
        self.is_readable |= event.is_readable() || event.is_read_closed() || event.is_error();
        self.is_ending |= event.is_read_closed();
    }

    /// Reads once what the peer says.
    pub(super) fn read(&mut self, now: Instant) {
        let is_stream = matches!(self.doing, Doing::Streaming(_));
        if !self.is_readable || !(is_stream || matches!(self.doing, Doing::Reading { .. })) {
            return;
        }
        // Whoever listens has nothing more to say, but may go.
        let start = if is_stream { 0 } else { self.filled };
        let (Some(peer), Some(room)) = (&mut self.peer, self.input.get_mut(start..)) else { return };
        match peer.read(room) {
            Ok(0) => (self.is_readable, self.has_ended) = (false, true),
            Ok(count) => {
                self.is_readable = count == room.len() || self.is_ending;
                self.filled = start + count;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => self.is_readable = false,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return self.leave(),
        }
        match is_stream {
            true if self.has_ended => self.leave(),
            true => {}
            false => self.parse(now),
        }
    }

    /// An answer lies in `output`, and is the last one or not.
    pub(super) fn answer(&mut self, now: Instant, answer: Range<usize>, is_last: bool) {
        (self.unsent, self.since) = (answer, now);
        self.doing = if is_last { Doing::Ending { patience_ns: BODY_NS } } else { Doing::Sending };
    }

    /// The beginning of a stream lies in `output`.
    pub(super) fn begin_stream(&mut self, now: Instant, beginning: Range<usize>, stream: Stream) {
        (self.unsent, self.since, self.doing) = (beginning, now, Doing::Streaming(stream));
    }

    /// Where in `output` is what was not sent.
    #[cfg(test)]
    pub(super) fn unsent(&self) -> Range<usize> {
        self.unsent.clone()
    }

    /// More of a stream lies at the front of `output`, of which all that was there before is sent.
    pub(super) fn go_on(&mut self, now: Instant, length: usize) {
        (self.unsent, self.since) = (0..length, now);
    }

    /// Sends `last` behind what was not sent yet, and then no more.
    pub(super) fn end_stream(&mut self, now: Instant, last: &[u8]) {
        let length = self.unsent.len();
        self.output.copy_within(self.unsent.clone(), 0);
        self.unsent = 0..length;
        if let Some(room) = self.output.get_mut(length..length + last.len()) {
            room.copy_from_slice(last);
            self.unsent.end += last.len();
        }
        (self.doing, self.since) = (Doing::Ending { patience_ns: END_NS }, now);
    }

    /// Sends what the kernel takes of it.
    pub(super) fn write(&mut self, now: Instant) {
        while !self.unsent.is_empty() {
            let Some(peer) = &mut self.peer else { return };
            match peer.write(self.output.get(self.unsent.clone()).unwrap_or_default()) {
                Ok(0) => return self.leave(),
                Ok(count) => self.unsent.start += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => return self.leave(),
            }
            if matches!(self.doing, Doing::Streaming(_)) {
                self.since = now;
            }
        }
        match self.doing {
            Doing::Sending => {
                (self.doing, self.since) = (Doing::Reading { has_begun: false }, now);
                self.parse(now);
            }
            Doing::Ending { .. } => self.leave(),
            Doing::Reading { .. } | Doing::Asked(_) | Doing::Streaming(_) => {}
        }
    }

    /// Looks for a request in what was read.
    fn parse(&mut self, now: Instant) {
        loop {
            let window = self.input.get(..self.filled).unwrap_or_default();
            let (length, is_whole) = match self.receiver.next_part(window, self.has_ended) {
                Ok(Some((Part::Head(head), length))) => {
                    self.request = Some(Request::of(&head, window.get(..length).unwrap_or_default()));
                    (length, false)
                }
                Ok(Some((Part::Body(data), length))) => {
                    self.drained += data.len();
                    (length, false)
                }
                Ok(Some((Part::End, length))) => (length, true),
                Ok(None) if self.filled == self.input.len() => return self.doing = Doing::Asked(Err(431)),
                Ok(None) => return self.wait_for_more(now),
                Err(Error::Truncated) => return self.leave(),
                Err(error) => return self.doing = Doing::Asked(Err(refusal(error))),
            };
            self.input.copy_within(length..self.filled, 0);
            self.filled -= length;
            if self.drained > DRAIN_MAX {
                return self.doing = Doing::Asked(Err(413));
            }
            if let Some(request) = self.request.take_if(|_| is_whole) {
                self.drained = 0;
                return self.doing = Doing::Asked(Ok(request));
            }
        }
    }

    /// From its first byte on, a request has to get done.
    fn wait_for_more(&mut self, now: Instant) {
        if self.has_ended {
            return self.leave();
        }
        let begins = self.filled > 0 || self.request.is_some();
        if begins && self.idle_since().is_some() {
            (self.doing, self.since) = (Doing::Reading { has_begun: true }, now);
        }
    }
}

/// The status that refuses what is no request: RFC 9110 section 15.
fn refusal(error: Error) -> u16 {
    match error {
        Error::HeadTooLong => 431,
        Error::Version => 505,
        Error::NotImplemented => 501,
        _ => 400,
    }
}

/// Connections at a time.
pub(super) const SEATS: usize = 16;
/// Longest head of a request, in bytes: a browser's has some hundred.
const INPUT_MAX: usize = 4096;
/// How long a peer that is told of the end may take for that, in nanoseconds.
const END_NS: u64 = 2 * SECOND_NS;
/// Longest answer, its head included, in bytes: metrics, or the state with its history, where 32 channels have the
/// longest names, of letters that have to be escaped.
const OUTPUT_MAX: usize = 192 * 1024;
