//! The memory that the shell lends to a consumer.

use ptpwatch_core::consumer::{self, ChannelSlot, Conn};
use ptpwatch_core::event::Stage;
use ptpwatch_core::limits::{CONNS_MAX, CONNS_MIN};
use ptpwatch_core::page::CHANNELS_MAX;

/// Memory for one consumer, for as many connections as were asked for.
#[derive(Debug)]
pub struct Memory {
    /// Those to receive into, then those to send from.
    windows: Vec<u8>,
    conns: Vec<Conn>,
    channels: Vec<ChannelSlot>,
    stage: Box<Stage>,
}

impl Memory {
    /// Room for `connections`, the one to the producer among them; for as many as core can have at most.
    ///
    /// The windows are zeroed by the system, as a block of their size is: a page that is never used takes no memory.
    pub fn for_connections(connections: usize) -> Self {
        let connections = connections.clamp(CONNS_MIN, CONNS_MAX);
        Self {
            windows: vec![0; connections * (RX + TX)],
            conns: vec![Conn::new(); connections],
            channels: vec![ChannelSlot::new(); CHANNELS],
            stage: Box::default(),
        }
    }

    /// How many connections there is room for.
    pub fn connections(&self) -> usize {
        self.conns.len()
    }
}

impl<'s> From<&'s mut Memory> for consumer::Memory<'s> {
    fn from(memory: &'s mut Memory) -> Self {
        let (receive, send) = memory.windows.split_at_mut(memory.conns.len() * RX);
        Self {
            receive,
            send,
            conns: &mut memory.conns,
            channels: &mut memory.channels,
            stage: &mut memory.stage,
        }
    }
}

/// Bytes to receive into, of each connection: the largest body that is read.
const RX: usize = 8192;
/// Bytes to send from, of each connection.
const TX: usize = 1536;
/// Channels, one for each instance of each resource.
const CHANNELS: usize = 32;

// A page has a place for each.
const _: () = assert!(CHANNELS <= CHANNELS_MAX);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_as_many_as_were_asked_for() {
        for connections in [2, 3, 17, 64, 65, 1024] {
            let mut memory = Memory::for_connections(connections);
            assert_eq!(memory.connections(), connections);
            assert_eq!(consumer::Memory::from(&mut memory).check(), Ok(()));
        }
    }
}
