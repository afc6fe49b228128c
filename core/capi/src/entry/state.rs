//! What there is to know at any time.

use super::found;
use crate::codes::PTPWATCH_NEVER;
use crate::error::{Error, code};
use crate::reports::{ChannelReport, LinkReport, StatsReport, VerdictReport};
use crate::sized;
use crate::watch::Watch;

/// The verdict, as of the last ptpwatch_handle function.
///
/// Returns PTPWATCH_OK, PTPWATCH_ERROR_NULL, PTPWATCH_ERROR_CONSUMER or PTPWATCH_ERROR_STRUCT_SIZE.
///
/// # Safety
/// As for ptpwatch_admit(); `verdict` is null or has as many bytes as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptpwatch_verdict(consumer: *const Watch, verdict: *mut VerdictReport) -> i32 {
    // SAFETY: as our caller vouches for.
    code(unsafe { Watch::seen_at(consumer) }.and_then(|watch| {
        let now = VerdictReport::now(watch.producer, watch.consumer.verdict());
        // SAFETY: as our caller vouches for.
        unsafe { sized::write(verdict, &now) }
    }))
}

/// When the verdict may change without input: who shows it elsewhere lets it expire then. PTPWATCH_NEVER if it cannot; 0 if
/// there is no consumer.
///
/// # Safety
/// As for ptpwatch_admit().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptpwatch_verdict_until(consumer: *const Watch) -> u64 {
    // SAFETY: as our caller vouches for.
    unsafe { Watch::seen_at(consumer) }.map_or(0, |watch| watch.consumer.verdict_until().as_nanos())
}

/// The channel of number `index`, in no particular order, which is the same until the next ptpwatch_handle function.
///
/// Returns 1, and 0 from the first on that is not there; PTPWATCH_ERROR_NULL, PTPWATCH_ERROR_CONSUMER or
/// PTPWATCH_ERROR_STRUCT_SIZE.
///
/// # Safety
/// As for ptpwatch_admit(); `channel` is null or has as many bytes as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptpwatch_channel(
    consumer: *const Watch,
    index: u32,
    channel: *mut ChannelReport,
) -> i32 {
    // SAFETY: as our caller vouches for.
    found(unsafe { tell_channel(consumer, index, channel) })
}

/// The link to the producer.
///
/// Returns PTPWATCH_OK, PTPWATCH_ERROR_NULL, PTPWATCH_ERROR_CONSUMER or PTPWATCH_ERROR_STRUCT_SIZE.
///
/// # Safety
/// As for ptpwatch_admit(); `link` is null or has as many bytes as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptpwatch_link(consumer: *const Watch, link: *mut LinkReport) -> i32 {
    // SAFETY: as our caller vouches for.
    code(unsafe { Watch::seen_at(consumer) }.and_then(|watch| {
        let now = LinkReport::of(watch.producer, &watch.consumer.link());
        // SAFETY: as our caller vouches for.
        unsafe { sized::write(link, &now) }
    }))
}

/// Counters since the start.
///
/// Returns PTPWATCH_OK, PTPWATCH_ERROR_NULL, PTPWATCH_ERROR_CONSUMER or PTPWATCH_ERROR_STRUCT_SIZE.
///
/// # Safety
/// As for ptpwatch_admit(); `stats` is null or has as many bytes as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptpwatch_stats(consumer: *const Watch, stats: *mut StatsReport) -> i32 {
    // SAFETY: as our caller vouches for.
    code(unsafe { Watch::seen_at(consumer) }.and_then(|watch| {
        let now = StatsReport::of(watch.producer, &watch.consumer.stats());
        // SAFETY: as our caller vouches for.
        unsafe { sized::write(stats, &now) }
    }))
}

/// Whether the way out is done, which ptpwatch_handle_stop() began: 1 or 0, PTPWATCH_ERROR_NULL or PTPWATCH_ERROR_CONSUMER.
///
/// # Safety
/// As for ptpwatch_admit().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptpwatch_is_stopped(consumer: *const Watch) -> i32 {
    // SAFETY: as our caller vouches for.
    found(unsafe { Watch::seen_at(consumer) }.map(|watch| watch.consumer.is_stopped()))
}

/// # Safety
/// As for [`ptpwatch_channel`].
unsafe fn tell_channel(consumer: *const Watch, index: u32, place: *mut ChannelReport) -> Result<bool, Error> {
    // SAFETY: as our caller vouches for.
    let watch = unsafe { Watch::seen_at(consumer) }?;
    // SAFETY: as our caller vouches for.
    unsafe { sized::known_size(place) }?;
    let index = usize::try_from(index).unwrap_or(usize::MAX);
    let Some(channel) = watch.consumer.channels().nth(index) else { return Ok(false) };
    // SAFETY: as our caller vouches for.
    unsafe { sized::write(place, &ChannelReport::now(watch.producer, channel)) }?;
    Ok(true)
}

// What never comes is the latest of all times.
const _: () = assert!(PTPWATCH_NEVER == ptpwatch_core::time::Instant::MAX.as_nanos());
