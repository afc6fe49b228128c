//! From reset to `main` on a Cortex-M3, and the way out through the emulator.
//!
//! With `target_os = "zkvm"`, [`door`] is what `std` stands on: that system's whole interface is a dozen functions. With
//! them the tests of a crate that is `no_std` in service run on the board as they are, `Vec` and `format!` included.
#![no_std]

#[cfg(target_os = "zkvm")]
mod door;
#[cfg(target_os = "zkvm")]
mod heap;
pub mod host;

unsafe extern "C" {
    /// What the board is there for; 0 is success.
    fn main(count: i32, arguments: *const *const u8) -> i32;
}

/// What follows the initial stack pointer in memory: where to go at reset, and at any fault or interrupt.
#[unsafe(link_section = ".vectors")]
#[unsafe(no_mangle)]
static VECTORS: [unsafe extern "C" fn() -> !; 15] = {
    let mut vectors = [fault as unsafe extern "C" fn() -> !; 15];
    vectors[0] = reset;
    vectors
};

/// The emulator has loaded `.data` and cleared `.bss`.
unsafe extern "C" fn reset() -> ! {
    // SAFETY: the one call of a function that takes no notice of its arguments.
    host::exit(unsafe { main(0, core::ptr::null()) })
}

unsafe extern "C" fn fault() -> ! {
    host::print("a fault of the processor, or abort\n");
    host::exit(1)
}
