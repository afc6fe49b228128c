//! What the caller has to do, what changed, and when to come back.

use super::{Conn, conn_of};
use crate::codes::*;
use crate::error::{Error, code};
use crate::reports::{ChannelReport, LinkReport, VerdictReport};
use crate::sized::{self, Versioned};
use crate::watch::Watch;
use ptpwatch_core::consumer::{Action, Notice};
use ptpwatch_core::time::Instant;

/// What you have to do next, with which connection: PTPWATCH_ACTION_OPEN, PTPWATCH_ACTION_CLOSE or PTPWATCH_ACTION_WRITE.
/// 0 if there is nothing, or PTPWATCH_ERROR_NULL or PTPWATCH_ERROR_CONSUMER. Call it until then.
///
/// # Safety
/// As for ptpwatch_admit(); `conn` is null or points to one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptpwatch_poll_action(consumer: *mut Watch, conn: *mut Conn) -> i32 {
    if conn.is_null() {
        return code(Err(Error::Null));
    }
    // SAFETY: as our caller vouches for.
    let action = match unsafe { Watch::at(consumer) } {
        Ok(watch) => watch.consumer.poll_action(),
        Err(error) => return code(Err(error)),
    };
    let (kind, id) = match action {
        None => return PTPWATCH_OK,
        Some(Action::Open(id)) => (PTPWATCH_ACTION_OPEN, id),
        Some(Action::Close(id)) => (PTPWATCH_ACTION_CLOSE, id),
        Some(Action::Write(id)) => (PTPWATCH_ACTION_WRITE, id),
    };
    // SAFETY: as our caller vouches for.
    unsafe { conn.write_unaligned(conn_of(id)) };
    kind
}

/// What changed: PTPWATCH_NOTICE_CHANNEL, PTPWATCH_NOTICE_VERDICT or PTPWATCH_NOTICE_LINK, and the one of the three structs
/// that it is about is filled. 0 if nothing did, or PTPWATCH_ERROR_CONSUMER, PTPWATCH_ERROR_NULL or
/// PTPWATCH_ERROR_STRUCT_SIZE. Call it until then.
///
/// Channels come first, then the verdict on them, then the link. Changes do not queue, and so none is lost: each tells the
/// latest, how often it changed since it was last told, and the worst it was meanwhile. A null in the place of a struct
/// says that you do not want to know; only `consumer` must not be.
///
/// # Safety
/// As for ptpwatch_admit(); each struct is null or has as many bytes as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptpwatch_poll_notice(
    consumer: *mut Watch,
    channel: *mut ChannelReport,
    verdict: *mut VerdictReport,
    link: *mut LinkReport,
) -> i32 {
    // SAFETY: as our caller vouches for.
    unsafe { poll_notice(consumer, channel, verdict, link) }.unwrap_or_else(|error| code(Err(error)))
}

/// When to call ptpwatch_handle_timeout() at the latest, in nanoseconds of your clock; PTPWATCH_NEVER if only input can
/// change anything, or there is no consumer. The page's renewal is in it.
///
/// # Safety
/// As for ptpwatch_admit().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptpwatch_poll_timeout(consumer: *const Watch) -> u64 {
    // SAFETY: as our caller vouches for.
    let Ok(watch) = (unsafe { Watch::seen_at(consumer) }) else { return PTPWATCH_NEVER };
    let deadlines = [watch.consumer.poll_timeout(), watch.shown.deadline()];
    deadlines.into_iter().flatten().min().map_or(PTPWATCH_NEVER, Instant::as_nanos)
}

/// # Safety
/// As for [`ptpwatch_poll_notice`].
unsafe fn poll_notice(
    consumer: *mut Watch,
    channel: *mut ChannelReport,
    verdict: *mut VerdictReport,
    link: *mut LinkReport,
) -> Result<i32, Error> {
    // Nothing is taken that could not be told.
    // SAFETY: as our caller vouches for.
    unsafe { check(channel) }?;
    // SAFETY: as our caller vouches for.
    unsafe { check(verdict) }?;
    // SAFETY: as our caller vouches for.
    unsafe { check(link) }?;
    // SAFETY: as our caller vouches for.
    let watch = unsafe { Watch::at(consumer) }?;
    match watch.consumer.poll_notice() {
        None => Ok(PTPWATCH_OK),
        Some(Notice::Channel(producer, report)) => {
            // SAFETY: as our caller vouches for.
            unsafe { tell(channel, || ChannelReport::of(producer, &report)) }?;
            Ok(PTPWATCH_NOTICE_CHANNEL)
        }
        Some(Notice::Verdict(producer, report)) => {
            // SAFETY: as our caller vouches for.
            unsafe { tell(verdict, || VerdictReport::of(producer, &report)) }?;
            Ok(PTPWATCH_NOTICE_VERDICT)
        }
        Some(Notice::Link(producer, report)) => {
            // SAFETY: as our caller vouches for.
            unsafe { tell(link, || LinkReport::of(producer, &report)) }?;
            Ok(PTPWATCH_NOTICE_LINK)
        }
    }
}

/// Whether `place` is null or says a good size.
///
/// # Safety
/// As for [`ptpwatch_poll_notice`].
unsafe fn check<T: Versioned>(place: *const T) -> Result<(), Error> {
    if place.is_null() {
        return Ok(());
    }
    // SAFETY: as our caller vouches for.
    unsafe { sized::known_size(place) }.map(|_| ())
}

/// Writes what `make` makes to `place`, unless that is null.
///
/// # Safety
/// As for [`ptpwatch_poll_notice`].
unsafe fn tell<T: Versioned>(place: *mut T, make: impl FnOnce() -> T) -> Result<(), Error> {
    if place.is_null() {
        return Ok(());
    }
    // SAFETY: as our caller vouches for.
    unsafe { sized::write(place, &make()) }
}
