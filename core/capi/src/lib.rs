//! `libptpwatch`: a [`Consumer`](ptpwatch_core::consumer::Consumer) behind a C interface, in memory that the caller owns.
//!
//! The header `include/ptpwatch.h` is made of this crate's documentation; it is what a caller reads. Nothing here
//! allocates, blocks, calls back, keeps a global or panics. All of core's house that is unsafe is here, and is about
//! one thing: pointers that a caller vouches for.
//!
//! The rooms: [`codes`], the integers of the interface; [`config`] and [`reports`], its structs; [`entry`], its functions.
//! Behind them, `error` is what functions return; `sized`, how structs of other versions are understood; `settings` makes
//! core's configuration of a caller's; `memory` divides what was lent, `shown` keeps the state page, and [`watch`] is the
//! consumer in its memory.
#![no_std]
#![deny(missing_docs)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::string_slice
    )
)]
#![allow(unsafe_code, reason = "pointers from C cannot be used without")]

// What the header has, in its order.
pub mod codes;
pub mod config;
pub mod reports;

pub mod entry;

mod error;
mod memory;
mod settings;
mod shown;
mod sized;
pub mod watch;

#[cfg(test)]
mod tests;

// Where a panic would unwind, as in a developer's build, std has what that needs. In the profile to ship it aborts, and
// nothing but libc is needed.
#[cfg(not(panic = "abort"))]
extern crate std;

#[cfg(all(panic = "abort", not(test)))]
mod abort {
    use core::panic::PanicInfo;

    #[link(name = "c")]
    unsafe extern "C" {
        safe fn abort() -> !;
    }

    /// Never called, as `tests/proofs/run` shows of all but httparse.
    #[panic_handler]
    fn panic(_: &PanicInfo<'_>) -> ! {
        abort()
    }
}
