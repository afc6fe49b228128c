//! The memory that an embedder lends to a consumer.

use super::config::ConfigError;
use super::slots::Conn;
use crate::event::Stage;
use crate::limits::{CHANNELS_MIN, CONNS_MAX, CONNS_MIN, REQUEST_MAX, RX_MIN, TX_MIN};
use crate::track::ChannelSlot;

/// All memory of a [`Consumer`](super::Consumer): arrays only, fit for a `static`.
///
/// `CONNS` connections, one of them to the producer and the rest from it; for each, `RX` bytes to receive into and, on
/// average, `TX` to send from: see [`Memory::send`]. A body must fit `RX` to be read. `CHANNELS` channels: one for each
/// instance of each resource.
#[derive(Debug)]
pub struct Storage<
    const CONNS: usize = 4,
    const RX: usize = 8192,
    const TX: usize = 768,
    const CHANNELS: usize = 16,
> {
    rx: [[u8; RX]; CONNS],
    tx: [[u8; TX]; CONNS],
    conns: [Conn; CONNS],
    channels: [ChannelSlot; CHANNELS],
    stage: Stage,
}

/// The memory of a [`Consumer`](super::Consumer), wherever it comes from: a [`Storage`], or what an embedder with a heap
/// has made there.
///
/// ```
/// use ptpwatch_core::consumer::{ChannelSlot, Conn, Memory};
/// use ptpwatch_core::event::Stage;
///
/// let connections = 100;
/// let (mut receive, mut send) = (vec![0; connections * 8192], vec![0; connections * 768]);
/// let (mut conns, mut channels) = (vec![Conn::new(); connections], vec![ChannelSlot::new(); 64]);
/// let mut stage = Stage::new();
/// let memory = Memory {
///     receive: &mut receive,
///     send: &mut send,
///     conns: &mut conns,
///     channels: &mut channels,
///     stage: &mut stage,
/// };
/// assert!(memory.check().is_ok());
/// ```
#[derive(Debug)]
pub struct Memory<'s> {
    /// To receive into: the same number of bytes for each connection, [`RX_MIN`] at least. A body must fit to be read.
    pub receive: &'s mut [u8],
    /// To send from: [`REQUEST_MAX`] bytes to the producer, and what is left in equal parts to its peers, [`TX_MIN`] at
    /// least for each.
    pub send: &'s mut [u8],
    /// The connections, [`CONNS_MIN`] to [`CONNS_MAX`]: one of them to the producer and the rest from it.
    pub conns: &'s mut [Conn],
    /// The channels, [`CHANNELS_MIN`] at least: one for each instance of each resource.
    pub channels: &'s mut [ChannelSlot],
    /// For the body that is being read.
    pub stage: &'s mut Stage,
}

impl Memory<'_> {
    /// Checks that there is enough of everything.
    ///
    /// # Errors
    /// [`ConfigError::Memory`] if something is too small, or is not the same for each connection.
    pub fn check(&self) -> Result<(), ConfigError> {
        let count = self.conns.len();
        let is_enough = (CONNS_MIN..=CONNS_MAX).contains(&count)
            && self.receive.len().checked_rem(count) == Some(0)
            && self.receive.len() >= count.saturating_mul(RX_MIN)
            && self.send.len() >= send_min(count)
            && self.channels.len() >= CHANNELS_MIN;
        if is_enough { Ok(()) } else { Err(ConfigError::Memory) }
    }
}

impl<'s, const CONNS: usize, const RX: usize, const TX: usize, const CHANNELS: usize>
    From<&'s mut Storage<CONNS, RX, TX, CHANNELS>> for Memory<'s>
{
    fn from(storage: &'s mut Storage<CONNS, RX, TX, CHANNELS>) -> Self {
        Self {
            receive: storage.rx.as_flattened_mut(),
            send: storage.tx.as_flattened_mut(),
            conns: &mut storage.conns,
            channels: &mut storage.channels,
            stage: &mut storage.stage,
        }
    }
}

impl<const CONNS: usize, const RX: usize, const TX: usize, const CHANNELS: usize>
    Storage<CONNS, RX, TX, CHANNELS>
{
    /// Memory with nothing in it: all zeros, so that a `static` of it is no part of an image. A capacity below its least
    /// does not compile; see [`limits`](crate::limits).
    pub const fn new() -> Self {
        const {
            assert!(
                CONNS >= CONNS_MIN && CONNS <= CONNS_MAX,
                "CONNS is not within limits::CONNS_MIN and MAX"
            );
            assert!(RX >= RX_MIN, "RX is below limits::RX_MIN");
            assert!(CONNS * TX >= send_min(CONNS), "TX has no room for limits::REQUEST_MAX and TX_MIN");
            assert!(CHANNELS >= CHANNELS_MIN, "CHANNELS is below limits::CHANNELS_MIN");
        }
        Self {
            rx: [[0; RX]; CONNS],
            tx: [[0; TX]; CONNS],
            conns: [const { Conn::new() }; CONNS],
            channels: [const { ChannelSlot::new() }; CHANNELS],
            stage: Stage::new(),
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

/// The least to send from, in bytes, with `count` connections.
const fn send_min(count: usize) -> usize {
    REQUEST_MAX.saturating_add(count.saturating_sub(1).saturating_mul(TX_MIN))
}
