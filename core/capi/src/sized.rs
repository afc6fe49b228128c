//! Structs that begin with their own size, so that a caller and a library of different versions understand each other.
//!
//! A version of a struct only adds to the end of the one before. The caller says how much of it there is; what is behind
//! that is neither read nor written. So what an older caller does not know keeps its default, and what an older library
//! does not know stays as the caller left it.

use crate::error::Error;
use core::ptr;

/// A struct that begins with a `u32` that says its size, and whose bytes may be anything.
///
/// # Safety
/// It is `repr(C)`, its first field is that `u32`, and each of its fields may have any bytes.
pub(crate) unsafe trait Versioned: Copy {
    /// Bytes without which it says nothing: no caller has less.
    const LEAST: usize;
}

/// How many bytes of the struct at `place` there are, as it says itself: not more than this version knows of.
///
/// # Errors
/// [`Error::Null`]; [`Error::StructSize`] if no version is as large as that.
///
/// # Safety
/// `place` is null or points to four bytes that may be read.
pub(crate) unsafe fn known_size<T: Versioned>(place: *const T) -> Result<usize, Error> {
    // SAFETY: what our caller vouches for.
    Ok(unsafe { said_size(place) }?.min(size_of::<T>()))
}

/// Writes as much of `value` to `place` as there is of it.
///
/// # Errors
/// As [`known_size`].
///
/// # Safety
/// `place` is null or points to as many bytes as its first four say, all of which may be written.
pub(crate) unsafe fn write<T: Versioned>(place: *mut T, value: &T) -> Result<(), Error> {
    // SAFETY: what our caller vouches for.
    let size = unsafe { known_size(place) }?;
    let (from, to) = (ptr::from_ref(value).cast::<u8>(), place.cast::<u8>());
    let count = size.saturating_sub(HEAD);
    // SAFETY: the bytes behind the first four are there, as many of a `T` as of the caller's, and nobody else's.
    unsafe { ptr::copy_nonoverlapping(from.wrapping_add(HEAD), to.wrapping_add(HEAD), count) };
    Ok(())
}

/// Reads what there is at `place` over `defaults`, which are made from what no caller has less of.
///
/// # Errors
/// As [`known_size`]; [`Error::Option`] if the caller has more than this version knows of, and has set something there.
/// Those of `defaults`.
///
/// # Safety
/// `place` is null or points to as many bytes as its first four say, all of which may be read.
pub(crate) unsafe fn read<T: Versioned>(
    place: *const T,
    empty: T,
    defaults: impl FnOnce(&T) -> Result<T, Error>,
) -> Result<T, Error> {
    // SAFETY: what our caller vouches for.
    let said = unsafe { said_size(place) }?;
    let mut value = empty;
    // SAFETY: there are at least as many bytes there.
    unsafe { copy(place, &mut value, T::LEAST) };
    value = defaults(&value)?;
    // SAFETY: there are as many, and not more than of a `T`.
    unsafe { copy(place, &mut value, said.min(size_of::<T>())) };
    for offset in size_of::<T>()..said {
        // SAFETY: it is one of the bytes that the caller says there are.
        if unsafe { place.cast::<u8>().wrapping_add(offset).read() } != 0 {
            return Err(Error::Option);
        }
    }
    Ok(value)
}

/// Copies the first `count` bytes of the struct at `place`.
///
/// # Safety
/// There are as many bytes at `place`, and in a `T`.
unsafe fn copy<T: Versioned>(place: *const T, value: &mut T, count: usize) {
    let to = ptr::from_mut(value).cast::<u8>();
    // SAFETY: as our caller vouches for; the value is nobody else's, and any bytes are one.
    unsafe { ptr::copy_nonoverlapping(place.cast::<u8>(), to, count) };
}

/// What the struct at `place` says its size is.
///
/// # Safety
/// As for [`known_size`].
unsafe fn said_size<T: Versioned>(place: *const T) -> Result<usize, Error> {
    if place.is_null() {
        return Err(Error::Null);
    }
    // SAFETY: what our caller vouches for; it need not be aligned.
    let said = unsafe { place.cast::<u32>().read_unaligned() };
    let said = usize::try_from(said).unwrap_or(usize::MAX);
    let is_possible = (T::LEAST..=SIZE_MAX).contains(&said) && said.is_multiple_of(align_of::<T>());
    if is_possible { Ok(said) } else { Err(Error::StructSize) }
}

/// Bytes of the size itself.
const HEAD: usize = size_of::<u32>();

/// No version of any struct will be larger: who says so has not set the size.
const SIZE_MAX: usize = 4096;
