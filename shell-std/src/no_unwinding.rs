//! Where a panic aborts, nothing unwinds: what std would call of libgcc for it (Itanium C++ ABI, section 1) is ours.
//!
//! The attributes are what is unsafe here, for they take names that libgcc has; the functions keep to its signatures.
//! `dist.ld` has the other names.

use std::process;

/// Says that there are no frames.
///
/// Its caller is std's panic message. Told that much, the optimiser drops what would have read debug information, which
/// a program that ships does not have: 190 kB.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Backtrace(_trace: *const u8, _argument: *mut u8) -> i32 {
    NO_REASON
}

/// Goes on unwinding, which nobody began.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume(_exception: *mut u8) -> ! {
    process::abort()
}

/// `_URC_NO_REASON`.
const NO_REASON: i32 = 0;
