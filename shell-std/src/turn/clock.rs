//! The clock that everything goes by.

use ptpwatch_core::time::{Instant, SECOND_NS};
use rustix::time::{ClockId, clock_gettime};

/// This moment on `CLOCK_MONOTONIC`, which every process of the host reads alike.
pub fn now() -> Instant {
    let time = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(time.tv_nsec).unwrap_or(0);
    Instant::from_nanos(seconds.saturating_mul(SECOND_NS).saturating_add(nanos))
}
