//! The state page: the verdict in shared memory, for whoever maps it to read in nanoseconds and without a call.
//!
//! A [`Writer`] keeps a [`Page`] in step with a consumer; any number of [`Reader`]s look at it, in other threads or other
//! processes. Neither waits for the other. A page says until when it may be believed, so a reader alone can tell that its
//! writer is gone: it reads Unknown then, and never an old or a torn value.
//!
//! ```
//! use ptpwatch_core::page::{BootId, Page, Reader, Writer};
//! use ptpwatch_core::{event::State, time::Instant};
//!
//! let (page, boot, now) = (Page::new(), BootId(7), Instant::from_nanos(1_000));
//! assert_eq!(Reader::new(&page, boot).read(now).verdict.state, State::Unknown); // nobody wrote yet
//! let _writer = Writer::take(&page, boot, now).expect("a page of zeros is anybody's");
//! // after each `handle_*` of the consumer: writer.update(now, Sheet::of(&consumer));
//! ```
//!
//! # Layout
//!
//! This is an ABI, of version [`VERSION`]: 64-bit words in the byte order of the host, each loaded and stored as a whole.
//! What does not fit it has another version, and never stands in the same file. A word that is not named here is 0.
//!
//! | offset | word | what |
//! |---:|---|---|
//! | 0 | magic | `PTPWATCH`, its first letter in the lowest byte |
//! | 8 | version | of this layout: 1 |
//! | 16 | size | of the page, in bytes: 4288 |
//! | 24 | boot | the first 16 digits of the boot's UUID, on Linux `/proc/sys/kernel/random/boot_id` |
//! | 32 | epoch | when the writer began: another for each |
//! | 40 | sequence | odd while a write is under way |
//! | 48 | as-of | when this was true |
//! | 56 | void-after | from when on it is not known to be |
//! | 64 | verdict | 0 Unknown, 1 Locked, 2 Holdover, 3 Freerun |
//! | 72 | reasons | a bit for each, as [`Reason`](crate::verdict::Reason) numbers them |
//! | 80 | holdover deadline | when the policy's budget ends Holdover; 0: it does not |
//! | 88 | since | since when the verdict is what it is |
//! | 96 | last known | the last verdict that was not 0 |
//! | 104 | clock class | the worst that is known, plus 256; 0: none is |
//! | 112 | transitions | changes of the verdict since the writer began |
//! | 120 | channels | how many there are, which may be more than have a place |
//! | 192 | channel 0 | 64 bytes for each of the first [`CHANNELS_MAX`] |
//!
//! | offset in a channel | what |
//! |---:|---|
//! | 0 | its resource, as [`Resource::index`](crate::event::Resource::index) numbers it |
//! | 1 | its state, as the verdict is numbered |
//! | 2 | its freshness: 0 void, 1 fresh, 2 stale |
//! | 3 | length of the instance's name, in bytes |
//! | 4 | its clock class or quality level, plus 256, in two bytes; 0: none |
//! | 8 | since when it reports what it does |
//! | 16 | the instance's name: 48 bytes |
//!
//! A byte's offset is that of a host whose lowest byte comes first: byte `n` of a word are its bits from `8 n` on. Times are
//! nanoseconds of `CLOCK_MONOTONIC`, as [`Instant`](crate::time::Instant) is in every process that has to do with a page.
//!
//! # Reading it
//!
//! 1. magic, version and size are as above, or it is no page.
//! 2. Load the sequence; if it is odd, try again. Fence (acquire). Load the words. Fence (acquire). Load the sequence: if it
//!    is another, try again. After a few tries: Unknown.
//! 3. The boot is ours, `now` is less than void-after, and as-of is not more than [`PAGE_LIFE_NS`] after `now`: else Unknown.

mod atomics {
    pub(super) use core::sync::atomic::{AtomicU64, Ordering, fence};
}
mod entry;
mod layout;
mod reader;
mod sequence;
mod words;
mod writer;

pub use entry::{Entries, Entry, Name};
pub use layout::{BootId, CHANNELS_MAX, MAGIC, Page, VERSION};
pub use reader::{Doubt, Reader, Reading};
pub use writer::{Sheet, Writer};

use crate::limits::{PAGE_LIFE_NS, PAGE_TRIES_MAX as TRIES_MAX};

#[cfg(test)]
mod tests;
