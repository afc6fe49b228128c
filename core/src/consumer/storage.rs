//! The memory that an embedder lends to a consumer.

use super::slots::Conn;
use crate::limits::{CONNS_MAX, RX_MIN, TX_MIN};
use crate::track::ChannelSlot;

/// All memory of a [`Consumer`](super::Consumer): arrays only, fit for a `static`.
///
/// `CONNS` connections, one of them to the producer and the rest from it; for each, `RX` bytes to receive into and `TX`
/// to send from. A body must fit `RX` to be read. `CHANNELS` channels: one for each instance of each resource.
#[derive(Debug)]
pub struct Storage<
    const CONNS: usize = 4,
    const RX: usize = 8192,
    const TX: usize = 1536,
    const CHANNELS: usize = 16,
> {
    pub(super) rx: [[u8; RX]; CONNS],
    pub(super) tx: [[u8; TX]; CONNS],
    pub(super) conns: [Conn; CONNS],
    pub(super) channels: [ChannelSlot; CHANNELS],
}

impl<const CONNS: usize, const RX: usize, const TX: usize, const CHANNELS: usize>
    Storage<CONNS, RX, TX, CHANNELS>
{
    /// Memory with nothing in it. A capacity below its least does not compile; see [`limits`](crate::limits).
    pub const fn new() -> Self {
        const {
            assert!(CONNS >= 2 && CONNS <= CONNS_MAX, "one connection to the producer, one from it at least");
            assert!(RX >= RX_MIN, "RX is below limits::RX_MIN");
            assert!(TX >= TX_MIN, "TX is below limits::TX_MIN");
            assert!(CHANNELS >= 2, "the PTP lock and the host's clock at least");
        }
        Self {
            rx: [[0; RX]; CONNS],
            tx: [[0; TX]; CONNS],
            conns: [const { Conn::new() }; CONNS],
            channels: [const { ChannelSlot::EMPTY }; CHANNELS],
        }
    }
}

impl<const CONNS: usize, const RX: usize, const TX: usize, const CHANNELS: usize> Default
    for Storage<CONNS, RX, TX, CHANNELS>
{
    fn default() -> Self {
        Self::new()
    }
}
