//! No backtraces where a panic aborts: the program that ships has neither the names nor the tables to make one.

/// Says that there are no frames, in the place of libgcc's, whose is the name (Itanium C++ ABI, section 1.3).
///
/// Its caller is std's panic message. Told that much, the optimiser drops what would have read debug information out of
/// our own file: 190 kB. In a static program libgcc's is linked in any case, and there can be but one.
#[allow(unsafe_code, reason = "the attribute; there is nothing unsafe in what it does")]
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Backtrace(_trace: *const u8, _argument: *mut u8) -> i32 {
    NO_REASON
}

/// `_URC_NO_REASON`.
const NO_REASON: i32 = 0;
