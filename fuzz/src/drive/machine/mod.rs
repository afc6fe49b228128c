//! A consumer under calls.

mod duties;

use ptpwatch_core::consumer::{ConnId, Consumer, Stats};
use ptpwatch_core::limits::BACKOFF_MIN_NS;
use ptpwatch_core::time::{Instant, SECOND_NS};
use ptpwatch_core::verdict::{Reason, Verdict};

use super::records::{Record, assert_requests};
use super::{CONNS, RX, messages};
use crate::framing::{self, Message, Role};

/// A consumer, and what its embedder knows.
pub(super) struct Machine<'s> {
    consumer: Consumer<'s>,
    now: Instant,
    /// The time of the last `handle_*`.
    settled_at: Instant,
    /// Whether the embedder takes actions and notices after each call.
    is_prompt: bool,
    /// The connection to the producer, once `Action::Open` was taken.
    producer: Option<Dial>,
    /// Before then the producer is not to be called again.
    redial_at: Instant,
    peers: Vec<Peer>,
    stats: Stats,
}

/// The connection to the producer.
struct Dial {
    id: ConnId,
    is_open: bool,
    /// Whether the embedder may have missed that it was given up: see [`Dial::assert_requests`].
    is_unknown: bool,
    sent: Vec<u8>,
    /// What was sent since the producer last answered.
    unanswered: Vec<u8>,
    /// Bytes that the embedder knows are to be sent.
    announced: usize,
}

/// A connection from a peer, be it long gone.
struct Peer {
    id: ConnId,
    is_open: bool,
    record: Record,
    announced: usize,
}

impl Dial {
    /// Panics unless what was sent are requests. Policy: an embedder that takes no actions after a call does not know of a
    /// connection that is given up; what it calls opened then, and sends on it, is nobody's fault but its own.
    fn assert_requests(&self) {
        if !self.is_unknown {
            assert_requests(&self.sent);
        }
    }
}

const LETTERS: &[u8] = b"aocerwlst+Tpq.";
const PEERS_MAX: usize = 6;

/// Most `handle_timeout` that one moment takes.
const TIMEOUTS_MAX: usize = 4;

impl<'s> Machine<'s> {
    pub(super) fn new(consumer: Consumer<'s>, now: Instant, is_prompt: bool) -> Self {
        let stats = consumer.stats();
        Self {
            consumer,
            now,
            settled_at: now,
            is_prompt,
            producer: None,
            redial_at: now,
            peers: Vec::new(),
            stats,
        }
    }

    /// Makes the calls of a script.
    pub(super) fn run(&mut self, script: &[u8]) {
        let mut bytes = script.iter().copied();
        while let Some(byte) = bytes.next() {
            let letter = match LETTERS.contains(&byte) {
                true => byte,
                false => LETTERS[usize::from(byte) % LETTERS.len()],
            };
            let mut next = || bytes.next().unwrap_or_default();
            match letter {
                b'a' => self.admit(),
                b'o' => self.open(next()),
                b'c' => self.close(next()),
                b'e' => self.end(next()),
                b'r' => {
                    let (conn, choice) = (next(), next());
                    self.receive(conn, &messages::of_peer(choice));
                }
                b'w' => {
                    let (conn, count) = (next(), next());
                    let text: Vec<u8> = bytes.by_ref().take(usize::from(count)).collect();
                    self.receive(conn, &text);
                }
                b'l' => self.claim(next(), usize::from(next()) * 7),
                b's' => self.send(next(), next()),
                b't' => self.time_out(),
                b'+' => self.pass(next()),
                b'T' => self.wait(),
                b'p' => self.serve(next()),
                b'q' => self.call(0, Consumer::handle_stop),
                _ => self.drain(),
            }
            self.assert_bounds();
        }
    }

    fn admit(&mut self) {
        self.admit_one();
    }

    fn admit_one(&mut self) -> Option<ConnId> {
        let id = self.consumer.admit(self.now)?;
        assert!((1..CONNS).contains(&id.index()));
        assert!(self.consumer.recv_window(id).len() == RX && self.consumer.send_window(id).is_empty());
        // Who sat there has yielded, and is closed by the next action.
        if let Some(seated) = self.peers.iter_mut().find(|peer| peer.id.index() == id.index() && peer.is_open)
        {
            seated.is_open = false;
        }
        if self.peers.len() == PEERS_MAX {
            self.peers.remove(0).record.assert_answers();
        }
        self.peers.push(Peer { id, is_open: true, record: Record::default(), announced: 0 });
        self.after_call();
        Some(id)
    }

    fn open(&mut self, conn: u8) {
        let Some(id) = self.id(conn) else { return };
        let is_producer = self.producer.as_ref().is_some_and(|dial| dial.id == id);
        if let Some(dial) = self.producer.as_mut().filter(|_| is_producer) {
            dial.is_open = true;
        }
        self.call(u64::from(!is_producer), |consumer, now| consumer.handle_opened(now, id));
    }

    fn close(&mut self, conn: u8) {
        let Some(id) = self.id(conn) else { return };
        if self.producer.as_ref().is_some_and(|dial| dial.id == id && !dial.is_open && !dial.is_unknown) {
            // It could not be opened: the shortest wait, less its jitter.
            self.redial_at = self.now.after(BACKOFF_MIN_NS / 2);
        }
        self.forget(id);
        self.call(0, |consumer, now| consumer.handle_closed(now, id));
        assert!(self.consumer.recv_window(id).is_empty() && self.consumer.send_window(id).is_empty());
    }

    fn end(&mut self, conn: u8) {
        let Some(id) = self.id(conn) else { return };
        let misuse = u64::from(!self.is_open(id));
        self.call(misuse, |consumer, now| consumer.handle_end(now, id));
    }

    /// Bytes arrive, as many as fit.
    fn receive(&mut self, conn: u8, bytes: &[u8]) {
        let Some(id) = self.id(conn) else { return };
        let window = self.consumer.recv_window(id);
        let count = window.len().min(bytes.len());
        window[..count].copy_from_slice(&bytes[..count]);
        if let Some(peer) = self.peers.iter_mut().find(|peer| peer.id == id) {
            peer.record.received.extend(&bytes[..count]);
        }
        let misuse = u64::from(!self.is_open(id));
        self.call(misuse, |consumer, now| consumer.handle_received(now, id, count));
    }

    /// The embedder says that bytes came.
    fn claim(&mut self, conn: u8, count: usize) {
        let Some(id) = self.id(conn) else { return };
        if let Some(peer) = self.peers.iter_mut().find(|peer| peer.id == id) {
            peer.record.is_unknown = true;
        }
        let misuse = u64::from(!self.is_open(id) || count > self.consumer.recv_window(id).len());
        self.call(misuse, |consumer, now| consumer.handle_received(now, id, count));
    }

    fn send(&mut self, conn: u8, count: u8) {
        let Some(id) = self.id(conn) else { return };
        let window = self.consumer.send_window(id);
        let count = if count == b'~' { window.len() } else { usize::from(count) };
        let sent = &window[..count.min(window.len())];
        let misuse = u64::from(!self.is_open(id) || count > window.len());
        if self.is_open(id) {
            if let Some(dial) = self.producer.as_mut().filter(|dial| dial.id == id) {
                dial.sent.extend(sent);
                dial.unanswered.extend(sent);
                dial.announced = dial.announced.saturating_sub(sent.len());
            }
            if let Some(peer) = self.peers.iter_mut().find(|peer| peer.id == id) {
                peer.record.sent.extend(sent);
                peer.announced = peer.announced.saturating_sub(sent.len());
            }
        }
        self.call(misuse, |consumer, now| consumer.handle_sent(now, id, count));
    }

    /// The producer does its part, in a manner of its own.
    fn serve(&mut self, manner: u8) {
        let Some(Dial { id, is_open, .. }) = self.producer else { return };
        if !is_open {
            return self.open(0);
        }
        self.send(0, b'~');
        let Some(request) = self.next_request() else { return };
        let answer = messages::of_producer(&request, manner);
        let mut rest = &answer[..];
        while !rest.is_empty() && self.is_open(id) {
            let count = self.consumer.recv_window(id).len().min(rest.len());
            if count == 0 {
                break;
            }
            self.receive(0, &rest[..count]);
            rest = &rest[count..];
        }
    }

    /// The request that was not answered, if all of it is there: there is never more than one.
    fn next_request(&mut self) -> Option<Message> {
        let dial = self.producer.as_mut()?;
        let requests = framing::read(&dial.unanswered, Role::Server, false).messages;
        let request = requests.into_iter().next().filter(|request| request.has_ended)?;
        dial.unanswered.clear();
        Some(request)
    }

    /// Time passes: one to sixteen of a unit of between a nanosecond and a hundred seconds.
    fn pass(&mut self, time: u8) {
        let unit = 10_u64.pow(u32::from(time >> 4).min(11));
        self.now = self.now.after(unit * (u64::from(time & 15) + 1));
    }

    /// Time passes until something is due, if that is within the hour.
    fn wait(&mut self) {
        let soon = self.now.after(3600 * SECOND_NS);
        if let Some(next) = self.consumer.poll_timeout().filter(|next| *next < soon) {
            self.now = self.now.max(next);
        }
        self.time_out();
    }

    /// Tells the time until nothing is due by now, which takes a few calls and no more. A verdict that was to hold until
    /// later holds.
    fn time_out(&mut self) {
        let (verdict, until) = (with_producer_lost(self.consumer.verdict()), self.consumer.verdict_until());
        for _ in 0..TIMEOUTS_MAX {
            self.call(0, Consumer::handle_timeout);
            if self.now < until {
                assert_eq!(with_producer_lost(self.consumer.verdict()), verdict, "until {until:?}");
            }
            if self.consumer.poll_timeout().is_none_or(|next| next > self.now) {
                return;
            }
        }
        panic!("{:?} is due and stays so", self.consumer.poll_timeout());
    }

    /// The connection that a byte of the script means: the producer's, or one of the last peers'.
    fn id(&self, conn: u8) -> Option<ConnId> {
        match usize::from(conn) % 8 {
            0 => self.producer.as_ref().map(|dial| dial.id),
            place => self.peers.iter().rev().nth(place - 1).map(|peer| peer.id),
        }
    }

    fn is_open(&self, id: ConnId) -> bool {
        self.producer.as_ref().is_some_and(|dial| dial.id == id && dial.is_open)
            || self.peers.iter().any(|peer| peer.id == id && peer.is_open)
    }

    /// A connection is closed, by whomever.
    fn forget(&mut self, id: ConnId) {
        self.producer.take_if(|dial| dial.id == id).iter().for_each(Dial::assert_requests);
        if let Some(peer) = self.peers.iter_mut().find(|peer| peer.id == id) {
            peer.is_open = false;
        }
    }

    /// Makes a call that is `misuse` (0 or 1), and does what is owed after it.
    fn call(&mut self, misuse: u64, call: impl FnOnce(&mut Consumer<'s>, Instant)) {
        let before = self.consumer.stats().misuse;
        call(&mut self.consumer, self.now);
        self.settled_at = self.now;
        // Who does not take actions cannot know what is closed.
        if self.is_prompt {
            assert_eq!(self.consumer.stats().misuse, before + misuse, "misuse");
        }
        self.after_call();
    }

    fn after_call(&mut self) {
        if self.is_prompt {
            self.drain();
        }
        assert!(self.consumer.verdict_until() >= self.settled_at, "the verdict was over before it was given");
    }
}

/// Policy: that the producer does not answer is said when its time is up, which may be before `verdict_until`. Nothing
/// else of a verdict changes before then without input.
fn with_producer_lost(mut verdict: Verdict) -> Verdict {
    verdict.reasons.set(Reason::ProducerLost, true);
    verdict
}
