//! One entry that calls every public function of `ptpwatch-core` with values of which the optimiser knows nothing.
//!
//! A panic ends in a function that nobody defines, so this links only if no panic is left. It is never run.
#![no_std]

mod adapt;
mod consumer;
mod event;
mod http;
mod json;
mod names;
mod opaque;
mod page;

use core::panic::PanicInfo;

/// Where everything starts: `length` bytes at `bytes`.
///
/// # Safety
/// The bytes are there to be read and written, and nobody else's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn entry(bytes: *mut u8, length: usize) {
    while opaque::opaque(true) {
        // SAFETY: as the caller promises; each turn gives the last one's borrow back.
        let bytes = unsafe { core::slice::from_raw_parts_mut(bytes, length) };
        match opaque::opaque(0_u8) {
            0 => json::drive(bytes),
            1 => event::drive(bytes),
            2 => http::drive(bytes),
            3 => names::drive(bytes),
            4 => page::drive(bytes),
            _ => consumer::drive(bytes),
        }
    }
}

unsafe extern "C" {
    /// Nobody defines it.
    safe fn a_panic_is_reachable() -> !;
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    a_panic_is_reachable()
}
