//! Finds bytes in text, eight at a time in one register where it has room for them, and compares texts.

use crate::limits::SPEED_IS_WORTH_CODE;

/// The place of the first byte that is looked for, or else the length of `bytes`.
///
/// `mark` sets a bit in the first byte that is looked for, and none in those before it; `is_wanted` is the same for one
/// byte.
#[inline]
pub(crate) fn find(bytes: &[u8], mark: impl Fn(u64) -> u64, is_wanted: impl Fn(&u8) -> bool) -> usize {
    if !SPEED_IS_WORTH_CODE {
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
        None => find_in_short(bytes, mark, is_wanted),
    }
}

/// The same in less than a chunk.
#[inline(never)]
fn find_in_short(bytes: &[u8], mark: impl Fn(u64) -> u64, is_wanted: impl Fn(&u8) -> bool) -> usize {
    match short_chunk(bytes) {
        Some(chunk) => (mark(chunk).trailing_zeros() as usize >> 3).min(bytes.len()),
        None => bytes.iter().position(is_wanted).unwrap_or(bytes.len()),
    }
}

/// Four to eight bytes as one chunk, with zeros behind them; `None` for fewer.
fn short_chunk(bytes: &[u8]) -> Option<u64> {
    let halves = [*bytes.first_chunk()?, *bytes.last_chunk()?];
    let [front, back] = halves.map(|half| u64::from(u32::from_le_bytes(half)));
    // Bytes that stand in both are the same.
    Some(front | back.wrapping_shl((bytes.len() as u32).wrapping_sub(4).wrapping_mul(8)))
}

/// Whether two texts are the same. Most that are compared are so short that a call takes longer to begin than to compare
/// them, unless it is as quick as glibc's.
#[inline]
pub(crate) fn is_same(one: &[u8], other: &[u8]) -> bool {
    if SPEED_IS_WORTH_CODE && !cfg!(target_env = "gnu") { is_same_in_place(one, other) } else { one == other }
}

#[inline]
fn is_same_in_place(one: &[u8], other: &[u8]) -> bool {
    if one.len() < IN_PLACE_MAX {
        is_same_by::<8>(one, other)
    } else {
        is_same_by::<IN_PLACE_MAX>(one, other)
    }
}

/// The same, `N` bytes at a time if there are so many.
#[inline]
fn is_same_by<const N: usize>(one: &[u8], other: &[u8]) -> bool {
    let (Some(last), Some(other_last)) = (one.last_chunk::<N>(), other.last_chunk()) else {
        return one == other;
    };
    // Up to the last chunk, which may overlap the one before.
    let mut chunks = one.as_chunks::<N>().0.iter().zip(other.as_chunks().0);
    one.len() == other.len() && last == other_last && chunks.all(|(chunk, other)| chunk == other)
}

/// The most bytes that the compiler compares in place: for more it calls.
pub(crate) const IN_PLACE_MAX: usize = 32;

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
        for (other, length) in (0..=u8::MAX).flat_map(|other| (0..=24).map(move |length| (other, length))) {
            for (place, last) in (0..length).flat_map(|place| [(place, b'/'), (place, other)]) {
                let mut bytes = vec![other; length];
                bytes[place..].fill(b'/');
                bytes[length - 1] = last;
                let slash = |byte: &u8| *byte == b'/';
                let expected = bytes.iter().position(slash).unwrap_or(length);
                assert_eq!(find(&bytes, |chunk| mark(chunk, b'/'), slash), expected, "{bytes:?}");
                // What is not there is less than any limit, and not found.
                let low = |byte: &u8| *byte < b'0';
                let expected = bytes.iter().position(low).unwrap_or(length);
                assert_eq!(find(&bytes, |chunk| mark_below(chunk, b'0'), low), expected, "{bytes:?}");
            }
        }
    }

    #[test]
    fn the_same_is_told_from_what_differs_anywhere() {
        let text: Vec<u8> = (0..100).collect();
        for length in 0..text.len() {
            let (one, copy) = (&text[..length], text[..length].to_vec());
            assert!(is_same_in_place(one, &copy));
            assert!(!is_same_in_place(one, &text[..=length]) && !is_same_in_place(&text[..=length], one));
            for place in 0..length {
                let mut other = copy.clone();
                other[place] ^= 1;
                assert!(!is_same_in_place(one, &other), "{length} {place}");
            }
        }
    }
}
