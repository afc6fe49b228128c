//! From memory to a consumer, and its end.

use crate::codes::PTPWATCH_VERSION;
use crate::config::Config;
use crate::error::{Error, code};
use crate::memory::Profile;
use crate::sized;
use crate::watch::{self, Watch};
use core::ffi::c_void;
use ptpwatch_core::time::Instant;

/// The version of the library, as PTPWATCH_VERSION is that of the header.
#[unsafe(no_mangle)]
pub extern "C" fn ptpwatch_version() -> u32 {
    PTPWATCH_VERSION
}

/// How much memory a consumer of this profile needs, in bytes; 0 if there is no such profile.
///
/// It never exceeds PTPWATCH_SIZE_SMALL and its like, which is what a static buffer is made of.
#[unsafe(no_mangle)]
pub extern "C" fn ptpwatch_size(profile: u32) -> usize {
    Profile::of(profile).map_or(0, watch::size)
}

/// Fills `config` with the defaults of a role, PTPWATCH_ROLE_ORDINARY_CLOCK and its like; `node`, `authority` and
/// `endpoint` are null then, which is for you to change.
///
/// Returns PTPWATCH_OK, PTPWATCH_ERROR_NULL, PTPWATCH_ERROR_STRUCT_SIZE or PTPWATCH_ERROR_CODE.
///
/// # Safety
/// `config` is null, or points to `struct_size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptpwatch_config_default(config: *mut Config, role: u32) -> i32 {
    // SAFETY: as our caller vouches for.
    code(Config::default_of(role).and_then(|defaults| unsafe { sized::write(config, &defaults) }))
}

/// Makes a consumer at `memory` and has `*consumer` point to it. It has done nothing yet: have its listener ready, then
/// take its first actions.
///
/// The memory is yours: `size` bytes, ptpwatch_size() of them at least, aligned to PTPWATCH_ALIGN. What it holds does not
/// matter. The consumer is all of it, and stays where it is: memory that is moved or copied holds none. Nothing else is
/// taken from anywhere, so that there is nothing to free: after ptpwatch_end() the memory is free for anything. A consumer
/// that was there before is no more, also where this fails.
///
/// What `config` points to is copied. `now_ns` is the time, in nanoseconds of a monotonic clock of your choice, as in every
/// function; CLOCK_MONOTONIC if the consumer is to be shown on a page.
///
/// Returns PTPWATCH_OK, or what is wrong, the first there is; `*consumer` is null then.
///
/// # Safety
/// `memory` and `consumer` are null or point to what they should; `config` and the pointers in it too, texts to bytes that
/// a zero ends.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptpwatch_new(
    memory: *mut c_void,
    size: usize,
    profile: u32,
    config: *const Config,
    now_ns: u64,
    consumer: *mut *mut Watch,
) -> i32 {
    if consumer.is_null() {
        return code(Err(Error::Null));
    }
    // SAFETY: as our caller vouches for.
    let made = unsafe { make(memory.cast(), size, profile, config, now_ns) };
    // SAFETY: as our caller vouches for.
    unsafe { consumer.write_unaligned(made.unwrap_or(core::ptr::null_mut())) };
    code(made.map(|_| ()))
}

/// Ends a consumer, at once and without a word to the producer: see ptpwatch_handle_stop() for the way out that deletes
/// our subscriptions. Its page says Unknown from now on. Further calls return PTPWATCH_ERROR_CONSUMER.
///
/// Returns PTPWATCH_OK, PTPWATCH_ERROR_NULL or PTPWATCH_ERROR_CONSUMER.
///
/// # Safety
/// `consumer` is null, or points to memory of a consumer's size that no other thread uses meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptpwatch_end(consumer: *mut Watch, now_ns: u64) -> i32 {
    // SAFETY: as our caller vouches for.
    code(unsafe { Watch::at(consumer) }.map(|watch| watch.end(Instant::from_nanos(now_ns))))
}

/// # Safety
/// As for [`ptpwatch_new`].
unsafe fn make(
    memory: *mut u8,
    size: usize,
    profile: u32,
    config: *const Config,
    now_ns: u64,
) -> Result<*mut Watch, Error> {
    let profile = Profile::of(profile)?;
    // SAFETY: as our caller vouches for.
    let config = unsafe { sized::read(config, Config::EMPTY, |least| Config::default_of(least.role)) }?;
    // SAFETY: as our caller vouches for.
    unsafe { Watch::make(memory, size, profile, &config, Instant::from_nanos(now_ns)) }
}
