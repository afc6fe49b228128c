//! The sequence lock: one writer, and readers that either see one write whole or learn that they did not.
//!
//! An odd sequence says that a write is under way, or was when its writer was killed. Nobody waits: a writer does not
//! know of its readers, and a reader gives up after [`TRIES_MAX`]. H. Boehm, "Can Seqlocks Get Along With Programming
//! Language Memory Models?" (2012), section 4. The model in `tests/proofs/loom` is made of this file.

use super::TRIES_MAX;
use super::atomics::{AtomicU64, Ordering, fence};

/// Does `stores`, relaxed ones, as one write.
pub(super) fn write(sequence: &AtomicU64, stores: impl FnOnce()) {
    // One that is odd already is of a writer who was killed.
    let odd = sequence.load(Ordering::Relaxed) | 1;
    sequence.store(odd, Ordering::Relaxed);
    // Whoever sees one of the stores sees the odd sequence too.
    fence(Ordering::Release);
    stores();
    // Whoever sees the even sequence sees all of the stores.
    sequence.store(odd.wrapping_add(1), Ordering::Release);
}

/// Does `loads`, relaxed ones, until they are all of one write; `None` if writes came in between each time.
///
/// All loads are relaxed, with fences between them: no other is sure to work in memory that is mapped to be read only.
#[inline]
pub(super) fn read<T>(sequence: &AtomicU64, mut loads: impl FnMut() -> T) -> Option<T> {
    for _ in 0..TRIES_MAX {
        let before = sequence.load(Ordering::Relaxed);
        if before & 1 == 1 {
            continue;
        }
        fence(Ordering::Acquire);
        let loaded = loads();
        fence(Ordering::Acquire);
        let after = sequence.load(Ordering::Relaxed);
        if before == after {
            return Some(loaded);
        }
    }
    None
}
