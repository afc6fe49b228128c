//! The memory of a consumer: how much there has to be, and its parts.

use crate::codes::*;
use crate::error::Error;
use core::slice;
use ptpwatch_core::consumer::{ChannelSlot, Conn};
use ptpwatch_core::event::Stage;
use ptpwatch_core::limits::{AUTHORITY_MAX, ENDPOINT_MAX, INSTANCE_MAX, NODE_MAX};

/// How much there is of what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Profile {
    pub(crate) conns: usize,
    /// Bytes to receive into, of each connection.
    pub(crate) receive: usize,
    /// Bytes to send from, of each connection on average.
    pub(crate) send: usize,
    pub(crate) channels: usize,
}

impl Profile {
    /// The profile of a number.
    pub(crate) const fn of(number: u32) -> Result<Self, Error> {
        match number {
            PTPWATCH_PROFILE_SMALL => Ok(SMALL),
            PTPWATCH_PROFILE_DEFAULT => Ok(DEFAULT),
            PTPWATCH_PROFILE_LARGE => Ok(LARGE),
            _ => Err(Error::Profile),
        }
    }

    /// Bytes of a consumer of this profile, which `head` of them begin: its [parts](Parts), each with what may be lost
    /// before it to have it aligned.
    pub(crate) const fn size(self, head: usize) -> usize {
        let parts = [
            self.conns.saturating_mul(size_of::<Conn>()),
            self.channels.saturating_mul(size_of::<ChannelSlot>()),
            size_of::<Stage>(),
            size_of::<&str>().saturating_mul(NAMES_MAX),
            self.conns.saturating_mul(self.receive.saturating_add(self.send)),
            TEXTS_MAX,
        ];
        let [conns, channels, stage, names, windows, texts] = parts;
        head.saturating_add(PTPWATCH_ALIGN.saturating_mul(parts.len()))
            .saturating_add(conns)
            .saturating_add(channels)
            .saturating_add(stage)
            .saturating_add(names)
            .saturating_add(windows)
            .saturating_add(texts)
    }
}

/// Memory that no part was made of yet.
#[derive(Debug)]
pub(crate) struct Parts {
    start: *mut u8,
    left: usize,
}

impl Parts {
    /// `size` bytes from `start` on.
    ///
    /// # Safety
    /// They may be read and written, and are nobody else's for as long as any part is used.
    pub(crate) unsafe fn new(start: *mut u8, size: usize) -> Self {
        Self { start, left: size }
    }

    /// The next part: `count` values as `make` makes them.
    ///
    /// # Errors
    /// [`Error::Memory`] if there is not enough left.
    pub(crate) fn take<T>(&mut self, count: usize, make: impl Fn() -> T) -> Result<&'static mut [T], Error> {
        let skipped = self.start.align_offset(align_of::<T>());
        let size = size_of::<T>().checked_mul(count).and_then(|size| size.checked_add(skipped));
        self.left = size.and_then(|size| self.left.checked_sub(size)).ok_or(Error::Memory)?;
        let first = self.start.wrapping_add(skipped).cast::<T>();
        self.start = first.wrapping_add(count).cast();
        for index in 0..count {
            // SAFETY: it is aligned, and within the bytes that were promised: that many were left.
            unsafe { first.wrapping_add(index).write(make()) };
        }
        // SAFETY: each value was just written, and nobody gets these bytes again.
        Ok(unsafe { slice::from_raw_parts_mut(first, count) })
    }
}

/// Most names of instances.
pub(crate) const NAMES_MAX: usize = PTPWATCH_INSTANCES_MAX as usize;

/// Most classes in a list.
pub(crate) const CLASSES_MAX: usize = PTPWATCH_CLASSES_MAX as usize;

/// Bytes of all texts and lists of a configuration.
const TEXTS_MAX: usize = NODE_MAX + AUTHORITY_MAX + ENDPOINT_MAX + NAMES_MAX * INSTANCE_MAX + 2 * CLASSES_MAX;

const SMALL: Profile =
    Profile { conns: PTPWATCH_CONNECTIONS_SMALL as usize, receive: 1536, send: 864, channels: 4 };
const DEFAULT: Profile =
    Profile { conns: PTPWATCH_CONNECTIONS_DEFAULT as usize, receive: 8192, send: 768, channels: 16 };
const LARGE: Profile =
    Profile { conns: PTPWATCH_CONNECTIONS_LARGE as usize, receive: 8192, send: 768, channels: 64 };

// Whatever is made of a part is aligned with the whole, and a struct of C.
const _: () = assert!(align_of::<Conn>() <= PTPWATCH_ALIGN && align_of::<ChannelSlot>() <= PTPWATCH_ALIGN);
