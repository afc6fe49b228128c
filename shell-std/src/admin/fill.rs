//! Text into memory of a fixed size.

use std::fmt;

/// Writes to the front of some memory; a write that does not fit fails, and leaves what is there.
#[derive(Debug)]
pub(super) struct Fill<'b> {
    room: &'b mut [u8],
    length: usize,
}

impl<'b> Fill<'b> {
    pub(super) fn new(room: &'b mut [u8]) -> Self {
        Self { room, length: 0 }
    }

    /// Bytes written so far.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// Writes bytes.
    ///
    /// # Errors
    /// If they do not fit.
    pub(super) fn push(&mut self, bytes: &[u8]) -> fmt::Result {
        let end = self.length + bytes.len();
        self.room.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(bytes);
        self.length = end;
        Ok(())
    }

    /// Takes back what was written behind `length`.
    pub(super) fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }
}

impl fmt::Write for Fill<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes())
    }
}
