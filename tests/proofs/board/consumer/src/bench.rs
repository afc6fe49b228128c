//! A consumer whose every call is measured.

use crate::message::Message;
use crate::stack::measure;
use ptpwatch_core::consumer::{Action, Config, ConnId, Consumer, Storage};
use ptpwatch_core::time::Instant;

/// What is called, in the order of [`Depths`].
pub const VERBS: [&str; 11] = [
    "Consumer::new",
    "admit",
    "handle_opened",
    "handle_end",
    "handle_received",
    "handle_sent",
    "handle_closed",
    "handle_timeout",
    "handle_stop",
    "poll_action",
    "poll_notice",
];

/// The most stack that each verb took.
#[derive(Default)]
pub struct Depths(pub [usize; VERBS.len()]);

pub struct Bench<'s, 'd> {
    pub consumer: Consumer<'s>,
    pub now: Instant,
    depths: &'d mut Depths,
}

impl<'s, 'd> Bench<'s, 'd> {
    pub fn new(storage: &'s mut Storage, config: Config<'s>, depths: &'d mut Depths) -> Self {
        let now = Instant::default();
        let made = measure(&mut depths.0[0], || Consumer::new(storage, config, now));
        Self { consumer: made.expect("a good configuration"), now, depths }
    }

    pub fn admit(&mut self) -> Option<ConnId> {
        measure(&mut self.depths.0[1], || self.consumer.admit(self.now))
    }

    pub fn open(&mut self, conn: ConnId) {
        measure(&mut self.depths.0[2], || self.consumer.handle_opened(self.now, conn));
    }

    pub fn end(&mut self, conn: ConnId) {
        measure(&mut self.depths.0[3], || self.consumer.handle_end(self.now, conn));
    }

    /// Sends the front of a message, in pieces; whether all of it was taken.
    pub fn receive(&mut self, conn: ConnId, message: &Message, length: usize, piece: usize) -> bool {
        let mut start = 0;
        while start < length {
            let window = self.consumer.recv_window(conn);
            let count = window.len().min(piece).min(length - start);
            for (place, byte) in window.iter_mut().take(count).enumerate() {
                *byte = message.byte(start + place);
            }
            if count == 0 {
                return false;
            }
            start += count;
            measure(&mut self.depths.0[4], || self.consumer.handle_received(self.now, conn, count));
        }
        true
    }

    /// Takes whatever is to be sent.
    pub fn send(&mut self, conn: ConnId) {
        let count = self.consumer.send_window(conn).len();
        measure(&mut self.depths.0[5], || self.consumer.handle_sent(self.now, conn, count));
    }

    pub fn close(&mut self, conn: ConnId) {
        measure(&mut self.depths.0[6], || self.consumer.handle_closed(self.now, conn));
    }

    pub fn pass(&mut self, nanos: u64) {
        self.now = self.now.after(nanos);
        measure(&mut self.depths.0[7], || self.consumer.handle_timeout(self.now));
    }

    pub fn stop(&mut self) {
        measure(&mut self.depths.0[8], || self.consumer.handle_stop(self.now));
    }

    pub fn next_action(&mut self) -> Option<Action> {
        measure(&mut self.depths.0[9], || self.consumer.poll_action())
    }

    pub fn drop_notices(&mut self) {
        while measure(&mut self.depths.0[10], || self.consumer.poll_notice().is_some()) {}
    }
}
