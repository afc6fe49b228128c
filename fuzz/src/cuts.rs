//! Pieces that an input is cut into.

/// Sizes of pieces without end, drawn from a seed: Marsaglia's xorshift.
#[derive(Clone, Debug)]
pub(crate) struct Cuts {
    state: u64,
    size_max: u64,
}

impl Cuts {
    /// Pieces of 1 to `size_max` bytes.
    pub(crate) fn new(seed: u8, size_max: u8) -> Self {
        let state = (u64::from(seed) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Self { state, size_max: u64::from(size_max.max(1)) }
    }

    /// All in one.
    pub(crate) fn none() -> Self {
        Self { state: 1, size_max: 0 }
    }

    /// The size of the next piece.
    pub(crate) fn next_size(&mut self) -> usize {
        if self.size_max == 0 {
            return usize::MAX;
        }
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        1 + (self.state % self.size_max) as usize
    }
}
