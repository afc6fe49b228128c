//! A consumer's connection to us: requests in, answers out, one at a time.

use ptpwatch_core::http::{Line, Method, Part, Receiver, Version};

use super::answer::{Answer, Framing, bad_request};
use super::pipe::Pipe;
use super::server::Server;

/// A request with its whole body.
#[derive(Debug)]
pub(super) struct Request {
    pub method: Method,
    pub target: String,
    pub body: Vec<u8>,
    /// The body is said to be JSON.
    pub is_json: bool,
    framing: Framing,
    has_host: bool,
}

#[derive(Debug)]
pub(super) struct Session {
    server: &'static Server,
    pipe: Pipe,
    /// A request that has not ended.
    reading: Option<Request>,
    /// A request that has, and waits for its answer.
    open: Option<Framing>,
    closing: bool,
}

impl Session {
    pub(super) fn new(server: &'static Server) -> Self {
        Self { server, pipe: Pipe::new(Receiver::requests()), reading: None, open: None, closing: false }
    }

    pub(super) fn receive(&mut self, bytes: &[u8]) {
        if !self.closing {
            self.pipe.receive(bytes);
            self.closing = self.pipe.is_flooded();
        }
    }

    /// The next request; none while one is open. What is no request is answered here.
    pub(super) fn poll(&mut self) -> Option<Request> {
        while self.open.is_none() && !self.closing {
            match self.step() {
                Ok(Some(request)) => {
                    self.open = Some(request.framing);
                    return Some(request);
                }
                Ok(None) => return None,
                Err(cause) => self.fail(cause),
            }
        }
        None
    }

    /// Answers the open request.
    pub(super) fn answer(&mut self, answer: &Answer, date: &str) {
        let Some(framing) = self.open.take() else { return };
        self.pipe.send(&self.server.write(answer, framing, date));
        self.closing |= !self.server.keeps_alive(answer, framing);
    }

    pub(super) fn outbox(&self) -> &[u8] {
        self.pipe.outbox()
    }

    /// Bytes have left; whether the connection is to be closed now.
    pub(super) fn handle_sent(&mut self, count: usize) -> bool {
        self.pipe.handle_sent(count);
        self.closing && self.pipe.outbox().is_empty()
    }

    /// A complete request; `Ok(None)` asks for more bytes.
    fn step(&mut self) -> Result<Option<Request>, &'static str> {
        let Self { server, pipe, reading, .. } = self;
        loop {
            let step = pipe.read(|part| take(reading, part)).map_err(|_| "")?;
            match step {
                None => return Ok(None),
                Some(Step::Done(request)) if server.needs_host && !request.has_host => return Err(NO_HOST),
                Some(Step::Done(request)) => return Ok(Some(request)),
                Some(Step::Continue) => pipe.send("HTTP/1.1 100 Continue\r\n\r\n"),
                Some(Step::More) => {}
                Some(Step::TooLong) => return Err(""),
            }
        }
    }

    fn fail(&mut self, cause: &'static str) {
        self.pipe.send(&bad_request(cause));
        self.closing = true;
    }
}

enum Step {
    More,
    /// The client wants to hear that it may send the body.
    Continue,
    TooLong,
    Done(Request),
}

fn take(reading: &mut Option<Request>, part: Part<'_>) -> Step {
    match (part, reading) {
        (Part::Head(head), reading) => {
            let Line::Request { method, target } = head.line else { return Step::More };
            let is_http10 = head.version == Version::Http10;
            *reading = Some(Request {
                method,
                target: String::from_utf8_lossy(target).into_owned(),
                body: Vec::new(),
                is_json: head.field("Content-Type").is_some_and(is_json),
                framing: Framing { is_http10, keep_alive: head.keep_alive, is_head: method == Method::Head },
                has_host: is_http10 || head.field("Host").is_some(),
            });
            if head.expects_continue { Step::Continue } else { Step::More }
        }
        (Part::Body(bytes), Some(request)) => {
            request.body.extend_from_slice(bytes);
            if request.body.len() > BODY_MAX { Step::TooLong } else { Step::More }
        }
        (Part::End, reading) => reading.take().map_or(Step::More, Step::Done),
        (Part::Body(_), None) => Step::More,
    }
}

fn is_json(content_type: &[u8]) -> bool {
    let media = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
    media.trim_ascii().eq_ignore_ascii_case(b"application/json")
}

const NO_HOST: &str = ": missing required Host header";

/// Longest body of a request.
const BODY_MAX: usize = 65_536;
