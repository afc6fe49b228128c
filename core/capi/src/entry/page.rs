//! The state page, by which other threads and processes see the verdict.

use crate::error::{Error, code};
use crate::shown::Shown;
use crate::watch::Watch;
use core::ffi::c_void;
use ptpwatch_core::time::Instant;

/// Shows the consumer on `page` from now on: ptpwatch_page.h reads it, in any thread or process that has it in its memory,
/// in nanoseconds and without a call.
///
/// The page is PTPWATCH_PAGE_SIZE bytes, aligned to 8: zeros, such as of a static, or a page that another consumer left,
/// which is dead by now. It is kept up by the ptpwatch_handle functions, before you are told anything, and by
/// ptpwatch_handle_timeout() at ptpwatch_poll_timeout(); one that is not renewed for a second is not believed. `boot` is
/// what readers have to say too: for a page that outlives a boot, that of ptpwatch_page_boot(); else any number, such as 1.
/// The consumer's times must be of CLOCK_MONOTONIC if readers are other processes. A page that was shown before is closed.
///
/// Returns PTPWATCH_OK, PTPWATCH_ERROR_NULL, PTPWATCH_ERROR_CONSUMER or PTPWATCH_ERROR_PAGE: something else is there, or
/// this target has no 64-bit atomics.
///
/// # Safety
/// As for ptpwatch_admit(); `page` is null or points to a page's bytes, which nobody else writes, until ptpwatch_hide() or
/// ptpwatch_end().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptpwatch_show(
    consumer: *mut Watch,
    now_ns: u64,
    page: *mut c_void,
    boot: u64,
) -> i32 {
    // SAFETY: as our caller vouches for.
    code(unsafe { show(consumer, Instant::from_nanos(now_ns), page.cast(), boot) })
}

/// Shows the consumer on no page any more: the one that there is says Unknown from now on.
///
/// Returns PTPWATCH_OK, PTPWATCH_ERROR_NULL or PTPWATCH_ERROR_CONSUMER.
///
/// # Safety
/// As for ptpwatch_admit().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptpwatch_hide(consumer: *mut Watch, now_ns: u64) -> i32 {
    // SAFETY: as our caller vouches for.
    code(unsafe { Watch::at(consumer) }.map(|watch| watch.shown.close(Instant::from_nanos(now_ns))))
}

/// # Safety
/// As for [`ptpwatch_show`].
unsafe fn show(consumer: *mut Watch, now: Instant, page: *mut u8, boot: u64) -> Result<(), Error> {
    // SAFETY: as our caller vouches for.
    let watch = unsafe { Watch::at(consumer) }?;
    watch.shown.close(now);
    // SAFETY: as our caller vouches for.
    watch.shown = unsafe { Shown::open(page, boot, now) }?;
    watch.show(now);
    Ok(())
}
