//! The door: takes what is posted to one path, and answers it as a producer wants to be answered.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;

use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Registry};
use ptpwatch_core::http::{Line, Method, Part, Receiver, target_path};

use super::desk::TOKEN;

/// A listener and whoever came in.
#[derive(Debug)]
pub(crate) struct Door {
    listener: TcpListener,
    path: Vec<u8>,
    visitors: Vec<Visitor>,
    /// What was posted to the path, and answered 204.
    pub(crate) calls: Vec<Call>,
}

/// A notification.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) from: SocketAddr,
    pub(crate) body: Vec<u8>,
}

#[derive(Debug)]
struct Visitor {
    stream: TcpStream,
    from: SocketAddr,
    received: Vec<u8>,
    receiver: Receiver,
    /// Whether the current request is for us.
    is_call: bool,
    body: Vec<u8>,
}

impl Door {
    /// # Errors
    /// Those of registering.
    pub(crate) fn new(listener: std::net::TcpListener, path: &[u8], registry: &Registry) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let mut listener = TcpListener::from_std(listener);
        registry.register(&mut listener, TOKEN, Interest::READABLE)?;
        Ok(Self { listener, path: path.to_owned(), visitors: Vec::new(), calls: Vec::new() })
    }

    /// Lets in who has come, and answers who has asked.
    pub(super) fn serve(&mut self, registry: &Registry) {
        while let Ok((mut stream, from)) = self.listener.accept() {
            if registry.register(&mut stream, TOKEN, Interest::READABLE).is_ok() {
                let receiver = Receiver::requests();
                let visitor = Visitor {
                    stream,
                    from,
                    received: Vec::new(),
                    receiver,
                    is_call: false,
                    body: Vec::new(),
                };
                self.visitors.push(visitor);
            }
            if self.visitors.len() > VISITORS_MAX {
                self.visitors.remove(0);
            }
        }
        let Self { path, visitors, calls, .. } = self;
        visitors.retain_mut(|visitor| visitor.serve(path, calls).is_ok());
    }
}

impl Visitor {
    /// Answers what there is.
    ///
    /// # Errors
    /// Once there is nobody to be answered any more.
    fn serve(&mut self, path: &[u8], calls: &mut Vec<Call>) -> io::Result<()> {
        let mut buffer = [0; READ_MAX];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.received.extend_from_slice(buffer.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
            while self.take_part(path, calls)? {}
            if self.received.len() + self.body.len() > REQUEST_MAX {
                return Err(ErrorKind::FileTooLarge.into());
            }
        }
    }

    /// Takes a part of a request off what came; `false` if there is none yet.
    fn take_part(&mut self, path: &[u8], calls: &mut Vec<Call>) -> io::Result<bool> {
        let Self { stream, from, received, receiver, is_call, body } = self;
        let part = receiver.next_part(received, false).map_err(io::Error::other)?;
        let Some((part, count)) = part else { return Ok(false) };
        match part {
            Part::Head(head) => {
                *is_call = matches!(head.line, Line::Request { method: Method::Post, target }
                    if target_path(target) == path);
            }
            Part::Body(bytes) => body.extend_from_slice(bytes),
            Part::End => {
                let body = std::mem::take(body);
                stream.write_all(if *is_call { TAKEN } else { NOT_FOUND })?;
                if *is_call {
                    calls.push(Call { from: *from, body });
                }
            }
        }
        received.drain(..count);
        Ok(true)
    }
}

const TAKEN: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";
const NOT_FOUND: &[u8] = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
/// Bytes of one read.
const READ_MAX: usize = 4096;
/// Longest request, in bytes.
const REQUEST_MAX: usize = 64 * 1024;
/// Most who are in at a time: the first who came goes for the next.
const VISITORS_MAX: usize = 16;
