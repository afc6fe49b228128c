//! The consumer: a state machine over lent memory that an embedder moves with bytes and time.

mod config;
mod flight;
mod inbound;
mod listing;
mod outbound;
mod plan;
mod producer;
mod queues;
mod request;
mod slots;
mod stats;
mod storage;

pub use crate::track::ChannelSlot;
pub use config::{Config, ConfigError, Resources};
pub use producer::{Link, Trouble};
pub use slots::{Action, Conn, ConnId};
pub use stats::Stats;
pub use storage::{Memory, Storage};

use crate::event::Resource;
use crate::http::HeadCache;
use crate::time::Instant;
use crate::track::{Channel, ChannelReport, Outcomes};
use crate::verdict::{Verdict, VerdictReport};
use inbound::{Decision, Inbound};
use outbound::{Exchange, Outbound};
use producer::Producer;
use slots::{OUTBOUND, Slots};
use stats::count;

/// Follows one producer: subscribes, takes its notifications, polls it, and judges.
///
/// The contract:
/// 1. Time never goes back.
/// 2. After any `handle_*`, drain [`poll_action`](Self::poll_action) and [`poll_notice`](Self::poll_notice), then read
///    [`poll_timeout`](Self::poll_timeout). Where notices are urgent they come first: to send an answer takes longer.
/// 3. Bytes that appear in a `send_window` are announced by [`Action::Write`]; edge-triggered pollers are safe.
/// 4. Each `poll_*` takes the same time when there is nothing to say, however many connections there are.
/// 5. [`verdict_until`](Self::verdict_until) says when the verdict may change without input.
///
/// Inputs are total: a call that makes no sense does nothing and counts as [`Stats::misuse`].
// In the order that it is written in: what is small comes first, for the shortest instructions reach only so far.
#[derive(Debug)]
#[repr(C)]
pub struct Consumer<'s> {
    slots: Slots<'s>,
    outbound: Outbound,
    producer: Producer<'s>,
    path: &'s [u8],
    /// The head of the last notification.
    heads: HeadCache<Decision>,
}

/// A change, as the embedder is told. Changes do not queue: each tells the latest, and how often it changed.
#[derive(Clone, Copy, Debug)]
pub enum Notice<'c> {
    /// A channel of the producer of this number changed.
    Channel(u32, ChannelReport<'c>),
    /// The verdict on the node of the producer of this number changed.
    Verdict(u32, VerdictReport),
    /// The link to the producer of this number changed.
    Link(u32, Link),
}

impl<'s> Consumer<'s> {
    /// A consumer that has done nothing yet, in the memory of a `&mut` [`Storage`], or any other [`Memory`]. Have its
    /// listener ready before the first action is taken.
    ///
    /// # Errors
    /// What is wrong with `config` or `memory`; then nothing was started.
    pub fn new(memory: impl Into<Memory<'s>>, config: Config<'s>, now: Instant) -> Result<Self, ConfigError> {
        Self::within(memory.into(), config, now)
    }

    fn within(memory: Memory<'s>, config: Config<'s>, now: Instant) -> Result<Self, ConfigError> {
        config.check()?;
        memory.check()?;
        let Memory { receive, send, conns, channels, stage } = memory;
        let mut consumer = Self {
            slots: Slots::new(conns, receive, send),
            outbound: Outbound::new(),
            producer: Producer::new(config, channels, stage, now),
            path: config.path(),
            heads: HeadCache::new(),
        };
        consumer.settle(now);
        Ok(consumer)
    }

    /// Gives a slot to a peer who connects; `None` says to leave it waiting, and to try again after an action or a
    /// close.
    ///
    /// A free slot, else the one of the oldest stranger, who has not sent a complete message yet, else one idle for
    /// 120 s; never that of a known peer in mid-message. Who yields is closed by an action: read who is seated before
    /// the next is admitted.
    pub fn admit(&mut self, now: Instant) -> Option<ConnId> {
        let was_full = self.slots.is_full();
        let conn = self.slots.admit(now);
        if conn.is_some() && was_full {
            count(&mut self.producer.stats.evicted);
        }
        conn
    }

    /// The connection that [`Action::Open`] asked for is there.
    pub fn handle_opened(&mut self, now: Instant, conn: ConnId) {
        match self.slots.slot_of(conn) {
            Some(OUTBOUND) => {
                self.slots.conn(OUTBOUND).is_open = true;
                self.exchange(now).handle_opened();
            }
            _ => count(&mut self.producer.stats.misuse),
        }
        self.settle(now);
    }

    /// The peer sends no more; what it is owed still goes out.
    pub fn handle_end(&mut self, now: Instant, conn: ConnId) {
        if let Some(slot) = self.open_slot(conn) {
            self.slots.conn(slot).has_ended = true;
            self.advance(now, slot);
        }
        self.settle(now);
    }

    /// The embedder wrote `count` bytes to the front of the connection's `recv_window`.
    pub fn handle_received(&mut self, now: Instant, conn: ConnId, count: usize) {
        if let Some(slot) = self.open_slot(conn) {
            if !self.slots.received(slot, count) {
                stats::count(&mut self.producer.stats.misuse);
            }
            self.advance(now, slot);
        }
        self.settle(now);
    }

    /// The embedder sent `count` bytes off the front of the connection's `send_window`.
    pub fn handle_sent(&mut self, now: Instant, conn: ConnId, count: usize) {
        if let Some(slot) = self.open_slot(conn) {
            if !self.slots.sent(slot, count) {
                stats::count(&mut self.producer.stats.misuse);
            }
            self.slots.note_sent(slot, now);
            self.advance(now, slot);
        }
        self.settle(now);
    }

    /// The connection is gone, or could not be opened. Not needed after [`Action::Close`].
    pub fn handle_closed(&mut self, now: Instant, conn: ConnId) {
        // An id of another time is no misuse: we may have given the connection up in the same moment.
        if let Some(slot) = self.slots.slot_of(conn) {
            self.slots.clear(slot);
            if slot == OUTBOUND {
                self.exchange(now).handle_closed();
            }
        }
        self.settle(now);
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        let now = now.min(LAST);
        while let Some(slot) = self.slots.poll_overdue(now) {
            self.inbound(now, slot).handle_overdue();
        }
        self.settle(now);
    }

    /// Starts the way out: our subscriptions are deleted, unless the producer does not answer. Go on until
    /// [`is_stopped`](Self::is_stopped).
    pub fn handle_stop(&mut self, now: Instant) {
        self.producer.is_stopping = true;
        self.producer.is_plan_due = true;
        self.settle(now);
    }

    /// The memory to receive into; empty if the connection is closed, the peer sends no more, or nothing can be taken at
    /// present.
    pub fn recv_window(&mut self, conn: ConnId) -> &mut [u8] {
        let slot = self.slots.slot_of(conn);
        match slot.filter(|slot| !self.slots.conn(*slot).has_ended) {
            Some(slot) => self.slots.recv_window(slot),
            None => &mut [],
        }
    }

    /// The bytes to send.
    pub fn send_window(&self, conn: ConnId) -> &[u8] {
        self.slots.slot_of(conn).map_or(&[], |slot| self.slots.send_window(slot))
    }

    /// What the embedder has to do next.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.slots.poll_action()
    }

    /// What changed: channels first, then the verdict on them, then the link.
    pub fn poll_notice(&mut self) -> Option<Notice<'_>> {
        let number = self.producer.config.producer;
        if self.producer.channels.has_report() {
            return self.producer.channels.poll_report().map(|report| Notice::Channel(number, report));
        }
        if let Some(report) = self.producer.judge.poll_report() {
            return Some(Notice::Verdict(number, report));
        }
        self.producer.poll_link().map(|link| Notice::Link(number, link))
    }

    /// When to call [`handle_timeout`](Self::handle_timeout) at the latest; `None` if only input can change anything.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let at = self.slots.deadline().min(self.outbound.deadline()).min(self.producer.verdict_until());
        if at == Instant::MAX { None } else { Some(at) }
    }

    /// The verdict, as of the last `handle_*`.
    pub fn verdict(&self) -> Verdict {
        self.producer.judge.verdict()
    }

    /// When the verdict may change without input: who shows it elsewhere lets it expire then.
    pub fn verdict_until(&self) -> Instant {
        self.producer.verdict_until()
    }

    /// The channels, in no particular order.
    pub fn channels(&self) -> impl Iterator<Item = &Channel> + Clone {
        self.producer.channels.iter()
    }

    /// The link to the producer.
    pub fn link(&self) -> Link {
        self.producer.link()
    }

    /// Counters since the start.
    pub fn stats(&self) -> Stats {
        self.producer.stats
    }

    /// What became of the values pushed of `resource` since the start.
    pub fn outcomes(&self, resource: Resource) -> Outcomes {
        self.producer.channels.outcomes(resource)
    }

    /// Whether the way out is done; see [`handle_stop`](Self::handle_stop).
    pub fn is_stopped(&self) -> bool {
        self.producer.is_stopping && self.outbound.is_stopped()
    }

    /// The slot of an open connection; anything else is misuse.
    fn open_slot(&mut self, conn: ConnId) -> Option<usize> {
        let slot = self.slots.slot_of(conn);
        let slot = slot.filter(|slot| self.slots.conn(*slot).is_open);
        if slot.is_none() {
            count(&mut self.producer.stats.misuse);
        }
        slot
    }

    /// Reads what a connection has to say; of the one to the producer, `settle` does.
    fn advance(&mut self, now: Instant, slot: usize) {
        if slot != OUTBOUND {
            self.inbound(now, slot).advance();
        }
    }

    fn inbound(&mut self, now: Instant, slot: usize) -> Inbound<'_, 's> {
        let Self { slots, producer, path, heads, .. } = self;
        Inbound { slots, producer, path, heads, now, slot }
    }

    fn exchange(&mut self, now: Instant) -> Exchange<'_, 's> {
        Exchange { outbound: &mut self.outbound, slots: &mut self.slots, producer: &mut self.producer, now }
    }

    /// Does what can be done by now, and judges.
    fn settle(&mut self, now: Instant) {
        let now = now.min(LAST);
        self.producer.advance(now);
        while self.exchange(now).advance() {
            self.producer.advance(now);
        }
    }
}

/// The last point there is to be at. [`Instant::MAX`] is none: whatever waits until then would be due, again and again.
const LAST: Instant = Instant::from_nanos(u64::MAX - 1);

#[cfg(test)]
mod tests;
