//! Values that the optimiser can neither foresee nor drop.

use core::fmt::{self, Display, Write};
use core::mem::MaybeUninit;

/// A value of the type of `example` of which nothing else is known.
pub fn opaque<T: Copy>(example: T) -> T {
    // SAFETY: a reference is valid to be read from, and `T` is `Copy`; the compiler must take what comes for any `T`.
    unsafe { core::ptr::read_volatile(&example) }
}

/// Something that only others can make, somewhere in memory: this is never run.
pub fn lent<'l, T>() -> &'l mut T {
    let place = core::ptr::with_exposed_provenance_mut::<T>(opaque(0));
    // SAFETY: nobody runs this.
    unsafe { &mut *place }
}

/// Any part of `bytes`.
pub fn part(bytes: &[u8]) -> &[u8] {
    let start = opaque(0_usize);
    bytes.get(start..opaque(0_usize).max(start)).unwrap_or_default()
}

/// Any part of `bytes`, to be written.
pub fn part_mut(bytes: &mut [u8]) -> &mut [u8] {
    let start = opaque(0_usize);
    bytes.get_mut(start..opaque(0_usize).max(start)).unwrap_or_default()
}

/// Any text in `bytes`.
pub fn text(bytes: &[u8]) -> &str {
    core::str::from_utf8(part(bytes)).unwrap_or_default()
}

/// Keeps `value`, so that what made it is kept too.
pub fn keep<T>(value: T) {
    let value = MaybeUninit::new(value);
    // SAFETY: a reference is valid to be read from, and any bytes are a `MaybeUninit`.
    unsafe { core::ptr::read_volatile(&value) };
}

/// Writes `value` where it may fail at any time.
pub fn show(value: impl Display) {
    keep(write!(Paper, "{value}"));
}

struct Paper;

impl Write for Paper {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        keep(text);
        if opaque(true) { Ok(()) } else { Err(fmt::Error) }
    }
}
