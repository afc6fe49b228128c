//! A client on one connection that posts events and reads the answers.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use ours::payload::{Payload, request};

/// What is posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Events {
    /// The same event again and again: a duplicate each time.
    Same,
    /// LOCKED and HOLDOVER in turn: a transition each time.
    InTurn,
}

impl Events {
    /// The requests, which follow each other again and again.
    pub(crate) fn requests(self) -> Vec<Vec<u8>> {
        let locked = Payload::ALL[0];
        let body = std::str::from_utf8(locked.body).expect("it is text");
        match self {
            Self::Same => vec![locked.request()],
            Self::InTurn => vec![locked.request(), request(body.replace("LOCKED", "HOLDOVER").as_bytes())],
        }
    }
}

/// One connection to a server.
#[derive(Debug)]
pub(crate) struct Client {
    stream: TcpStream,
    requests: Vec<Vec<u8>>,
    sent: usize,
    answers: Answers,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr, events: Events) -> Self {
        let stream = TcpStream::connect(address).expect("somebody listens");
        stream.set_nodelay(true).expect("it can be set");
        stream.set_read_timeout(Some(PATIENCE)).expect("it can be set");
        Self { stream, requests: events.requests(), sent: 0, answers: Answers::default() }
    }

    /// Posts `count` events, `depth` of them before their answers are read.
    pub(crate) fn post(&mut self, count: usize, depth: usize) {
        let mut left = count;
        while left > 0 {
            let batch = left.min(depth);
            self.send(batch);
            self.receive(batch);
            left -= batch;
        }
    }

    /// Sends the next `count` events.
    pub(crate) fn send(&mut self, count: usize) {
        let turn = (self.sent..self.sent + count).map(|number| &self.requests[number % self.requests.len()]);
        let bytes: Vec<u8> = turn.flatten().copied().collect();
        self.stream.write_all(&bytes).expect("it is taken");
        self.sent += count;
    }

    /// Waits for `count` answers.
    pub(crate) fn receive(&mut self, count: usize) {
        let mut left = count;
        let mut buffer = [0; 1 << 16];
        while left > 0 {
            let length = match self.stream.read(&mut buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                length => length.expect("an answer comes"),
            };
            assert_ne!(length, 0, "the connection is kept");
            left = left.checked_sub(self.answers.count(&buffer[..length])).expect("one answer each");
        }
    }

    /// The same connection, to receive by.
    pub(crate) fn other_half(&self) -> Self {
        let stream = self.stream.try_clone().expect("it can be cloned");
        Self { stream, requests: self.requests.clone(), sent: 0, answers: Answers::default() }
    }
}

/// Counts answers without a body in what is received piece by piece, and refuses all but 204.
#[derive(Debug, Default)]
struct Answers {
    head: Vec<u8>,
}

impl Answers {
    fn count(&mut self, bytes: &[u8]) -> usize {
        let mut count = 0;
        for byte in bytes {
            self.head.push(*byte);
            if self.head.ends_with(b"\r\n\r\n") {
                assert!(self.head.starts_with(b"HTTP/1.1 204 "), "{}", self.head.escape_ascii());
                self.head.clear();
                count += 1;
            }
        }
        count
    }
}

/// How long an answer may take, under valgrind too.
const PATIENCE: Duration = Duration::from_secs(30);
