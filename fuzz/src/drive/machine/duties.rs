//! What has to hold after each call, and in the end.

use ptpwatch_core::consumer::{Action, ConnId, Stats};
use ptpwatch_core::event::State;
use ptpwatch_core::limits::{BODY_NS, IDLE_NS, REQUEST_MAX, VOID_NS};
use ptpwatch_core::time::SECOND_NS;

use super::{Dial, Machine};
use crate::drive::{CHANNELS, CONNS, RX, TX};

impl Machine<'_> {
    /// Everybody falls silent, for longer than anything waits. Then nothing is known, and every slot is to be had.
    pub(in crate::drive) fn rest(&mut self, has_budget: bool) {
        self.drain();
        self.is_prompt = true;
        let end = self.now.after(REST_NS);
        let (mut opens, mut rounds) = (0, 0);
        while let Some(next) = self.consumer.poll_timeout().filter(|next| *next < end) {
            rounds += 1;
            assert!(rounds < 10_000, "it spins");
            self.now = self.now.max(next);
            let before = self.producer.as_ref().map(|dial| dial.id);
            self.time_out();
            opens += usize::from(self.producer.as_ref().map(|dial| dial.id) != before);
        }
        self.now = self.now.max(end);
        self.time_out();
        let stopping = self.consumer.poll_timeout().is_none();
        assert_eq!(self.consumer.is_stopped(), stopping, "it waits for nothing");
        assert!(stopping || opens >= 2, "it asks no more");
        let state = self.consumer.verdict().state;
        assert!(state == State::Unknown || has_budget && state == State::Freerun, "{state} of nothing");
        self.assert_every_slot_is_free();
        for peer in &self.peers {
            peer.record.assert_answers();
        }
        self.producer.iter().for_each(Dial::assert_requests);
    }

    /// Whoever still sits somewhere has been idle for long enough to yield. Each newcomer says something, for a stranger
    /// would yield before them.
    fn assert_every_slot_is_free(&mut self) {
        let mut slots = Vec::new();
        for _ in 1..CONNS {
            let id = self.admit_one().expect("a slot");
            slots.push(id.index());
            self.receive(1, b"POST /event HTTP/1.1\r\n\r\n");
        }
        slots.sort_unstable();
        assert_eq!(slots, (1..CONNS).collect::<Vec<_>>(), "a slot is stuck");
    }

    /// Takes all actions and notices: a few, and then there are no more.
    pub(super) fn drain(&mut self) {
        for count in 0.. {
            assert!(count <= 4 * CONNS, "actions without end");
            match self.consumer.poll_action() {
                Some(Action::Open(id)) => {
                    assert!(self.producer.is_none(), "two connections to the producer");
                    assert!(self.now >= self.redial_at, "the producer is called without a pause");
                    self.producer = Some(Dial {
                        id,
                        is_open: false,
                        is_unknown: !self.is_prompt,
                        sent: Vec::new(),
                        unanswered: Vec::new(),
                        announced: 0,
                    });
                }
                Some(Action::Close(id)) => {
                    self.forget(id);
                    assert!(self.consumer.send_window(id).is_empty());
                }
                Some(Action::Write(id)) => self.note_announced(id),
                None => break,
            }
        }
        for count in 0.. {
            assert!(count <= CHANNELS + 2, "notices without end");
            if self.consumer.poll_notice().is_none() {
                break;
            }
        }
        assert_eq!(self.consumer.poll_action(), None);
        self.assert_announced();
    }

    fn note_announced(&mut self, id: ConnId) {
        let length = self.consumer.send_window(id).len();
        assert!(length > 0 || !self.is_prompt, "nothing to write");
        if let Some(dial) = self.producer.as_mut().filter(|dial| dial.id == id) {
            dial.announced = length;
        }
        if let Some(peer) = self.peers.iter_mut().find(|peer| peer.id == id) {
            peer.announced = length;
        }
    }

    /// Every byte that waits to be sent was announced.
    fn assert_announced(&self) {
        let dial = self.producer.iter().map(|dial| (dial.id, dial.announced));
        let peers = self.peers.iter().filter(|peer| peer.is_open).map(|peer| (peer.id, peer.announced));
        for (id, announced) in dial.chain(peers) {
            assert!(self.consumer.send_window(id).len() <= announced, "bytes that nobody was told of");
        }
    }

    pub(super) fn assert_bounds(&mut self) {
        // Requests have a room of their own, where one may wait behind another: a producer may answer what was not sent yet.
        let dial = self.producer.iter().map(|dial| (dial.id, REQUEST_MAX));
        let peers = self.peers.iter().map(|peer| (peer.id, ANSWERS));
        let rooms: Vec<_> = dial.chain(peers).collect();
        for (id, room) in rooms {
            assert!(id.index() < CONNS);
            assert!(self.consumer.recv_window(id).len() <= RX && self.consumer.send_window(id).len() <= room);
        }
        assert!(self.consumer.channels().count() <= CHANNELS);
        let stats = self.consumer.stats();
        let before = std::mem::replace(&mut self.stats, stats);
        assert!(
            counters(&before).iter().zip(counters(&stats)).all(|(before, now)| *before <= now),
            "{stats:?}"
        );
    }
}

/// What each peer has to be sent from: an equal part of what requests leave.
const ANSWERS: usize = (CONNS * TX - REQUEST_MAX) / (CONNS - 1);

/// An idle peer that was slow to take its answer is the last to yield.
const REST_NS: u64 = BODY_NS + IDLE_NS + 10 * SECOND_NS;

// By then no value is known.
const _: () = assert!(REST_NS > VOID_NS);

fn counters(stats: &Stats) -> [u64; 21] {
    [
        stats.notifications,
        stats.events,
        stats.empty,
        stats.malformed,
        stats.oversized,
        stats.cut,
        stats.foreign,
        stats.placeholders,
        stats.unknown,
        stats.misdirected,
        stats.refused,
        stats.slow,
        stats.evicted,
        stats.requests,
        stats.failures,
        stats.polls,
        stats.polls_without_data,
        stats.subscribed,
        stats.lost_subscriptions,
        stats.deleted,
        stats.misuse,
    ]
}
