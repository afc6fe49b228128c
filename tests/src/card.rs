//! A network card for smoltcp: a ring of a few frames each way, and no other memory.

use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;

/// A card with room for `FRAMES` frames each way, on a cable that others move them along.
#[derive(Debug, Default)]
pub struct Card<const FRAMES: usize> {
    /// Frames that have come.
    pub incoming: Ring<FRAMES>,
    /// Frames to be sent.
    pub outgoing: Ring<FRAMES>,
}

/// Frames in the order they came; when there are as many as fit, no more are taken.
#[derive(Debug)]
pub struct Ring<const FRAMES: usize> {
    frames: [Frame; FRAMES],
    first: usize,
    count: usize,
}

/// An Ethernet frame.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    bytes: [u8; FRAME_MAX],
    length: usize,
}

/// A frame that has come.
#[derive(Debug)]
pub struct Incoming<'c, const FRAMES: usize>(&'c mut Ring<FRAMES>);

/// Room for a frame.
#[derive(Debug)]
pub struct Outgoing<'c, const FRAMES: usize>(&'c mut Ring<FRAMES>);

impl<const FRAMES: usize> Device for Card<FRAMES> {
    type RxToken<'c> = Incoming<'c, FRAMES>;
    type TxToken<'c> = Outgoing<'c, FRAMES>;

    fn receive(&mut self, _now: Instant) -> Option<(Incoming<'_, FRAMES>, Outgoing<'_, FRAMES>)> {
        let can_answer = self.incoming.first().is_some() && !self.outgoing.is_full();
        can_answer.then_some((Incoming(&mut self.incoming), Outgoing(&mut self.outgoing)))
    }

    fn transmit(&mut self, _now: Instant) -> Option<Outgoing<'_, FRAMES>> {
        (!self.outgoing.is_full()).then_some(Outgoing(&mut self.outgoing))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = FRAME_MAX;
        capabilities
    }
}

impl<const FRAMES: usize> RxToken for Incoming<'_, FRAMES> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        let result = f(self.0.first().unwrap_or_default());
        self.0.pop();
        result
    }
}

impl<const FRAMES: usize> TxToken for Outgoing<'_, FRAMES> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
        let mut frame = Frame { bytes: [0; FRAME_MAX], length };
        let result = f(&mut frame.bytes[..length]);
        self.0.push(&frame);
        result
    }
}

impl<const FRAMES: usize> Ring<FRAMES> {
    /// A ring without a frame.
    pub const fn new() -> Self {
        Self { frames: [Frame { bytes: [0; FRAME_MAX], length: 0 }; FRAMES], first: 0, count: 0 }
    }

    /// Whether no more fit.
    pub fn is_full(&self) -> bool {
        self.count == FRAMES
    }

    /// The frame that came first.
    pub fn first(&self) -> Option<&[u8]> {
        (self.count > 0).then(|| self.frames[self.first].bytes())
    }

    /// Takes out the frame that came first.
    pub fn pop(&mut self) -> Option<Frame> {
        let frame = self.first().is_some().then_some(self.frames[self.first])?;
        self.first = (self.first + 1) % FRAMES;
        self.count -= 1;
        Some(frame)
    }

    /// Adds a frame; it is lost if it does not fit.
    pub fn push(&mut self, frame: &Frame) {
        if !self.is_full() {
            self.frames[(self.first + self.count) % FRAMES] = *frame;
            self.count += 1;
        }
    }
}

impl<const FRAMES: usize> Default for Ring<FRAMES> {
    fn default() -> Self {
        Self::new()
    }
}

impl Frame {
    /// A frame of `length` bytes, which `fill` writes.
    pub fn new(length: usize, fill: impl FnOnce(&mut [u8])) -> Self {
        let mut frame = Self { bytes: [0; FRAME_MAX], length };
        fill(&mut frame.bytes[..length]);
        frame
    }

    /// What the frame holds.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// Longest frame, in bytes.
const FRAME_MAX: usize = 1514;
