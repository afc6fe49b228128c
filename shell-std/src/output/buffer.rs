//! Whole lines that are not written yet, and the one in the making.

use std::fmt;

/// What is not written yet.
#[derive(Debug)]
pub(super) struct Buffer {
    /// What was ever needed of [`BUFFER_MAX`], which is its capacity from the start: memory that no line has needed is not
    /// touched.
    bytes: Vec<u8>,
    length: usize,
}

/// A line in the making, without its newline; its writes fail once the buffer is full.
#[derive(Debug)]
pub struct Line<'a>(&'a mut Buffer);

impl Buffer {
    pub(super) fn new() -> Self {
        Self { bytes: Vec::with_capacity(BUFFER_MAX), length: 0 }
    }

    pub(super) fn length(&self) -> usize {
        self.length
    }

    pub(super) fn text(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    // Apart from what each piece of a line goes through.
    #[inline(never)]
    fn make_room(&mut self, end: usize) {
        self.bytes.resize(end.next_multiple_of(PAGE).min(BUFFER_MAX), 0);
    }

    /// Takes back what stands behind `length`.
    pub(super) fn truncate(&mut self, length: usize) {
        self.length = length;
    }

    /// Drops what was written.
    pub(super) fn drop_front(&mut self, count: usize) {
        if count > 0 {
            self.bytes.copy_within(count..self.length, 0);
            self.length -= count;
        }
    }
}

impl<'a> Line<'a> {
    pub(super) fn new(buffer: &'a mut Buffer) -> Self {
        Self(buffer)
    }
}

impl fmt::Write for Line<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.0.length + text.len();
        if end > self.0.bytes.len() {
            self.0.make_room(end);
        }
        let Buffer { bytes, length } = &mut *self.0;
        let place = bytes.get_mut(*length..end).ok_or(fmt::Error)?;
        // Most pieces of a line are so short that musl's `memcpy` takes longer to begin than to copy them.
        if cfg!(target_env = "musl") {
            copy(place, text.as_bytes());
        } else {
            place.copy_from_slice(text.as_bytes());
        }
        *length = end;
        Ok(())
    }
}

/// Copies between slices of one length, up to 32 bytes without a call.
fn copy(to: &mut [u8], from: &[u8]) {
    match from.len() {
        0 => {}
        1 => copy_ends::<1>(to, from),
        2..4 => copy_ends::<2>(to, from),
        4..8 => copy_ends::<4>(to, from),
        8..16 => copy_ends::<8>(to, from),
        16..=32 => copy_ends::<16>(to, from),
        _ => to.copy_from_slice(from),
    }
}

/// Copies the first `N` bytes and the last `N`, which are all there is.
fn copy_ends<const N: usize>(to: &mut [u8], from: &[u8]) {
    if let (Some(to), Some(from)) = (to.first_chunk_mut::<N>(), from.first_chunk()) {
        *to = *from;
    }
    if let (Some(to), Some(from)) = (to.last_chunk_mut::<N>(), from.last_chunk()) {
        *to = *from;
    }
}

/// Bytes of lines that wait, at most.
pub const BUFFER_MAX: usize = 64 * 1024;
/// Bytes by which memory for lines is touched.
const PAGE: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_is_copied_whole() {
        let text = "0123456789".repeat(5);
        for length in 0..=text.len() {
            let mut copied = vec![b'-'; length];
            copy(&mut copied, &text.as_bytes()[..length]);
            assert_eq!(copied, &text.as_bytes()[..length]);
        }
    }
}
