//! The reader of a stream of changes: HTTP, and server-sent events in it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::time::Duration;

use mio::net::TcpStream;
use ptpwatch_core::http::{Line, Part, Receiver};
use rustix::event::PollFlags;

use crate::options::Uri;
use crate::output::is_ready;
use crate::resolver::look_up;

/// A connection on which events come.
#[derive(Debug)]
pub(super) struct Client {
    stream: TcpStream,
    receiver: Receiver,
    input: Vec<u8>,
    body: Body,
}

/// An event, as its fields have it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) name: String,
    pub(super) data: Vec<u8>,
}

/// What came of the body.
#[derive(Debug, Default)]
struct Body {
    /// What is not a whole line yet.
    line: Vec<u8>,
    /// What is not a whole event yet.
    event: Event,
    /// Whole events, the first one last.
    events: Vec<Event>,
}

impl Client {
    /// Asks `admin` for its events, at the first of its addresses that answers.
    pub(super) fn connect(admin: &Uri) -> io::Result<Self> {
        let mut result = Err(ErrorKind::NotFound.into());
        for address in look_up(&admin.host, admin.port)? {
            result = connect(address);
            if result.is_ok() {
                break;
            }
        }
        let mut stream = result?;
        let request = format!("GET /events HTTP/1.1\r\nHost: {}\r\n\r\n", admin.authority());
        // A connection that has just begun has room for it.
        stream.write_all(request.as_bytes())?;
        Ok(Self { stream, receiver: Receiver::responses(), input: Vec::new(), body: Body::default() })
    }

    /// The next event; `Ok(None)` if none came for a moment.
    ///
    /// # Errors
    /// Why none will come any more.
    pub(super) fn next_event(&mut self) -> Result<Option<Event>, String> {
        if self.body.events.is_empty() && is_ready(self.stream.as_fd(), PollFlags::IN, PATIENCE) == Ok(true) {
            self.read().map_err(|error| error.to_string())?;
            self.take_input()?;
        }
        Ok(self.body.events.pop())
    }

    fn read(&mut self) -> io::Result<()> {
        let mut bytes = [0; READ_MAX];
        match self.stream.read(&mut bytes) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => self.input.extend_from_slice(bytes.get(..count).unwrap_or_default()),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn take_input(&mut self) -> Result<(), String> {
        let mut taken = 0;
        loop {
            let window = self.input.get(taken..).unwrap_or_default();
            match self.receiver.next_part(window, false).map_err(|error| error.to_string())? {
                Some((Part::Head(head), length)) => {
                    taken += length;
                    match head.line {
                        Line::Response { status: 200 } => {}
                        Line::Response { status } => return Err(format!("the answer is {status}")),
                        Line::Request { .. } => return Err("the answer is none".to_owned()),
                    }
                }
                Some((Part::Body(data), length)) => {
                    taken += length;
                    self.body.take(data)?;
                }
                Some((Part::End, _)) => return Err("the stream has ended".to_owned()),
                None if window.len() > EVENT_MAX => return Err("the head is too long".to_owned()),
                None => break,
            }
        }
        self.input.drain(..taken);
        self.body.events.reverse();
        Ok(())
    }
}

impl Body {
    /// Takes in more of the stream: the HTML standard, section 9.2.6.
    fn take(&mut self, data: &[u8]) -> Result<(), String> {
        for piece in data.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if self.line.len() + self.event.data.len() > EVENT_MAX {
                return Err("an event is too long".to_owned());
            }
            if self.line.pop_if(|last| *last == b'\n').is_some() {
                self.line.pop_if(|last| *last == b'\r');
                self.take_line();
                self.line.clear();
            }
        }
        Ok(())
    }

    fn take_line(&mut self) {
        let value = |line: &[u8]| line.strip_prefix(b" ").unwrap_or(line).to_vec();
        if self.line.is_empty() {
            let event = std::mem::take(&mut self.event);
            if !event.data.is_empty() {
                self.events.push(event);
            }
        } else if let Some(name) = self.line.strip_prefix(b"event:") {
            self.event.name = String::from_utf8_lossy(&value(name)).into_owned();
        } else if let Some(data) = self.line.strip_prefix(b"data:") {
            self.event.data.extend_from_slice(&value(data));
            self.event.data.push(b'\n');
        }
    }
}

fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    if !is_ready(stream.as_fd(), PollFlags::OUT, CONNECT)? {
        return Err(ErrorKind::TimedOut.into());
    }
    match stream.take_error()? {
        Some(error) => Err(error),
        None => Ok(stream),
    }
}

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(1);
/// How long to wait for an event before looking for a signal.
const PATIENCE: Duration = Duration::from_millis(100);
/// Bytes in one read, at most.
const READ_MAX: usize = 4096;
/// Longest event, in bytes.
const EVENT_MAX: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_out_of_any_pieces() {
        let text = ": hello\nretry: 1000\n\nevent: snapshot\ndata: {\"a\":\ndata:1}\n\nevent: x\n\ndata: 2\r\n\r\nevent: y";
        let event = |name: &str, data: &str| Event { name: name.into(), data: data.into() };
        for size in 1..text.len() {
            let mut body = Body::default();
            text.as_bytes().chunks(size).for_each(|piece| body.take(piece).unwrap());
            assert_eq!(body.events, [event("snapshot", "{\"a\":\n1}\n"), event("", "2\n")], "{size}");
        }
    }

    #[test]
    fn an_event_without_end_is_given_up() {
        let mut body = Body::default();
        assert!((0..=EVENT_MAX / 1024).any(|_| body.take(&[b'x'; 1024]).is_err()));
    }
}
