//! An event decoded and tracked, as a consumer does it with a notification's body.

use ptpwatch_core::event::{Stage, decode};
use ptpwatch_core::json::Error;
use ptpwatch_core::time::{Instant, MILLISECOND_NS};
use ptpwatch_core::track::{Ageing, ChannelSlot, Channels, Source, UpdateRoom};

/// The node of the payloads.
pub const NODE: &str = "compute-1.example.com";

/// The channels of a node, and the memory to decode into.
#[derive(Debug)]
pub struct Tracker<'s> {
    channels: Channels<'s>,
    stage: Stage,
    now: Instant,
}

impl<'s> Tracker<'s> {
    pub fn new(slots: &'s mut [ChannelSlot]) -> Self {
        let ageing = Ageing { stale_ns: 15_000 * MILLISECOND_NS, void_ns: 60_000 * MILLISECOND_NS };
        Self { channels: Channels::new(slots, ageing), stage: Stage::new(), now: Instant::from_nanos(0) }
    }

    /// Decodes and tracks one body, a millisecond after the last.
    ///
    /// # Errors
    /// If it is no JSON.
    pub fn take(&mut self, body: &mut [u8]) -> Result<(), Error> {
        let mut room = UpdateRoom::default();
        let updates = room.fold(decode(body, &mut self.stage)?, NODE.as_bytes());
        self.now = self.now.after(MILLISECOND_NS);
        self.channels.take(self.now, &updates, Source::Push { reorders: false }, |_, _| {});
        Ok(())
    }

    pub fn channels(&self) -> usize {
        self.channels.iter().count()
    }
}

/// Memory for the channels of any payload.
pub const fn slots() -> [ChannelSlot; 16] {
    [const { ChannelSlot::new() }; 16]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::Payload;

    #[test]
    fn each_payload_makes_its_channels() {
        for (payload, count) in Payload::ALL.into_iter().zip([1, 1, 1, 9]) {
            let mut slots = slots();
            let mut tracker = Tracker::new(&mut slots);
            tracker.take(&mut payload.body.to_vec()).unwrap();
            assert_eq!(tracker.channels(), count, "{}", payload.name);
        }
    }
}
