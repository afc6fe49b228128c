//! Frames as the Ethernet MAC has them in its FIFOs: words, the first of which begins with a length.

/// Longest frame without its checksum, in bytes.
pub const FRAME_MAX: usize = HEADER + 1500;

/// An Ethernet header, in bytes.
const HEADER: usize = 14;

/// What stands before a frame in a FIFO, in bytes: a length.
pub const LENGTH: usize = 2;

/// What stands behind a frame that came in, in bytes.
const CHECKSUM: usize = 4;

/// A frame as it is in a FIFO, in whole words.
pub type Fifo = [u8; LENGTH + FRAME_MAX + CHECKSUM];

const _: () = assert!(size_of::<Fifo>().is_multiple_of(4));

/// Takes the next frame out of the FIFO; its length, which is 0 if it is longer than any should be.
pub fn take(frame: &mut Fifo, mut next: impl FnMut() -> u32) -> usize {
    let mut word = next();
    let total = (word & 0xFFFF) as usize;
    let mut places = frame.chunks_exact_mut(4);
    let mut taken = 0;
    loop {
        if let Some(place) = places.next() {
            place.copy_from_slice(&word.to_le_bytes());
        }
        taken += 4;
        if taken >= total {
            break;
        }
        word = next();
    }
    if total <= size_of::<Fifo>() { total.saturating_sub(LENGTH + CHECKSUM) } else { 0 }
}

/// Puts a frame of this length into the FIFO.
pub fn put(frame: &mut Fifo, length: usize, mut next: impl FnMut(u32)) {
    // The header does not count.
    let [low, high] = (length.saturating_sub(HEADER) as u16).to_le_bytes();
    [frame[0], frame[1]] = [low, high];
    for word in frame[..(LENGTH + length).next_multiple_of(4)].chunks_exact(4) {
        next(u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames in a FIFO as the MAC puts them there.
    fn fifo(frames: &[&[u8]]) -> Vec<u32> {
        let mut words = Vec::new();
        for frame in frames {
            let total = (LENGTH + frame.len() + CHECKSUM) as u16;
            let mut bytes = [&total.to_le_bytes()[..], frame, b"SUM."].concat();
            bytes.resize(bytes.len().next_multiple_of(4), 0);
            words.extend(bytes.chunks(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())));
        }
        words
    }

    #[test]
    fn frames_of_any_length_are_taken_one_by_one() {
        let frame: Vec<u8> = (0..FRAME_MAX).map(|place| place as u8).collect();
        let lengths = [0, 1, 2, 3, 60, 61, FRAME_MAX - 1, FRAME_MAX, FRAME_MAX];
        let frames = lengths.map(|length| &frame[..length]);
        let mut words = fifo(&frames).into_iter();
        let mut taken = [0; _];
        for frame in frames {
            let length = take(&mut taken, || words.next().expect("no word too many"));
            assert_eq!(&taken[LENGTH..LENGTH + length], frame);
        }
        assert_eq!(words.next(), None);
    }

    #[test]
    fn a_frame_that_is_too_long_is_passed_over() {
        let long = [7; FRAME_MAX + 1];
        let mut words = fifo(&[&long, b"next"]).into_iter();
        let mut taken = [0; _];
        assert_eq!(take(&mut taken, || words.next().unwrap()), 0);
        assert_eq!(take(&mut taken, || words.next().unwrap()), 4);
        assert_eq!(&taken[LENGTH..LENGTH + 4], b"next");
    }

    #[test]
    fn a_frame_is_put_with_the_length_of_what_follows_its_header() {
        let mut frame: Fifo = [0; _];
        for length in [14, 15, 60, FRAME_MAX] {
            frame[LENGTH..LENGTH + length].fill(9);
            let mut words = Vec::new();
            put(&mut frame, length, |word| words.push(word));
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            assert_eq!(bytes.len(), (LENGTH + length).next_multiple_of(4));
            assert_eq!(usize::from(u16::from_le_bytes([bytes[0], bytes[1]])), length - HEADER);
            assert!(bytes[LENGTH..LENGTH + length].iter().all(|byte| *byte == 9));
        }
    }
}
