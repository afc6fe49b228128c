//! Finds bytes in text, eight at a time in one register where it has room for them.

/// The place of the first byte that is looked for, or else the length of `bytes`.
///
/// `mark` sets a bit in the first byte that is looked for, and none in those before it; `is_wanted` is the same for one
/// byte.
#[inline]
pub(crate) fn find(bytes: &[u8], mark: impl Fn(u64) -> u64, is_wanted: impl Fn(&u8) -> bool) -> usize {
    if !cfg!(target_pointer_width = "64") {
        return bytes.iter().position(is_wanted).unwrap_or(bytes.len());
    }
    let (chunks, rest) = bytes.as_chunks();
    let mut place = 0_usize;
    for chunk in chunks {
        let marks = mark(u64::from_le_bytes(*chunk));
        if marks != 0 {
            return place.wrapping_add(marks.trailing_zeros() as usize >> 3);
        }
        place = place.wrapping_add(8);
    }
    // What is left is looked at with what came before it, in which nothing was found.
    match bytes.last_chunk() {
        Some(_) if rest.is_empty() => place,
        Some(chunk) => match mark(u64::from_le_bytes(*chunk)) {
            0 => bytes.len(),
            marks => bytes.len().wrapping_sub(8).wrapping_add(marks.trailing_zeros() as usize >> 3),
        },
        None => rest.iter().position(is_wanted).unwrap_or(rest.len()),
    }
}

/// Sets the highest bit of each byte of `chunk` that is `byte`. The lowest mark is exact, those above may be false: a
/// subtraction borrows from the next byte only where it has set a mark.
pub(crate) const fn mark(chunk: u64, byte: u8) -> u64 {
    let difference = chunk ^ ONES.wrapping_mul(byte as u64);
    difference.wrapping_sub(ONES) & !difference & HIGHS
}

/// Sets the highest bit of each byte of `chunk` that is less than `limit`, 128 at most. The lowest mark is exact as well.
pub(crate) const fn mark_below(chunk: u64, limit: u8) -> u64 {
    chunk.wrapping_sub(ONES.wrapping_mul(limit as u64)) & !chunk & HIGHS
}

/// One in each byte.
pub(crate) const ONES: u64 = u64::MAX / 0xFF;

/// The highest bit of each byte.
pub(crate) const HIGHS: u64 = ONES * 0x80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_found_at_every_place_among_any_others() {
        for other in 0..=u8::MAX {
            for place in 0..24 {
                let mut bytes = [other; 24];
                bytes[place..].fill(b'/');
                bytes[23] = other;
                let expected = bytes.iter().position(|byte| *byte == b'/').unwrap_or(24);
                assert_eq!(
                    find(&bytes, |chunk| mark(chunk, b'/'), |byte| *byte == b'/'),
                    expected,
                    "{other}"
                );
            }
        }
    }
}
