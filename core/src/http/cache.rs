//! The head that came last, for the next one that is the same.

use super::Body;
use super::fields::parse_length;
use crate::limits::CACHED_HEAD_MAX;

/// The last head that was kept, and what it meant to its reader.
///
/// A client sends the same head again and again, but for its Content-Length, whoever reads it in between: comparing two
/// takes a tenth of what it takes to read one.
#[derive(Debug)]
pub(crate) struct HeadCache<T> {
    /// The head without the digits of its Content-Length.
    bytes: [u8; CACHED_HEAD_MAX],
    /// Where the digits stood.
    split: usize,
    length: usize,
    /// `None` as long as no head was kept.
    meaning: Option<T>,
}

impl<T: Copy> HeadCache<T> {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; CACHED_HEAD_MAX], split: 0, length: 0, meaning: None }
    }

    /// Keeps a head that was read, if it has a Content-Length and fits; `meaning` holds with any other length too.
    pub(crate) fn keep(&mut self, head: &[u8], meaning: T) {
        self.meaning = None;
        let Some((before, rest)) = split_behind(head, NAME) else { return };
        let Some((_, after)) = split_digits(rest) else { return };
        let Some((front, room)) = self.bytes.split_at_mut_checked(before.len()) else { return };
        let Some(back) = room.get_mut(..after.len()) else { return };
        for (to, from) in front.iter_mut().zip(before).chain(back.iter_mut().zip(after)) {
            *to = *from;
        }
        self.split = before.len();
        self.length = before.len().wrapping_add(after.len());
        self.meaning = Some(meaning);
    }

    /// Finds the head that was kept at the front of `window`, with whatever Content-Length: how many bytes it has, the
    /// body that it announces, and its meaning. `None` if another head is there, or only a part of one.
    pub(crate) fn find(&self, window: &[u8]) -> Option<(usize, Body, T)> {
        let meaning = self.meaning?;
        let (before, after) = self.bytes.get(..self.length)?.split_at_checked(self.split)?;
        let (digits, rest) = split_digits(window.strip_prefix(before)?)?;
        let body = Body::Length(parse_length(digits).ok()?);
        let behind = rest.strip_prefix(after)?;
        Some((window.len().wrapping_sub(behind.len()), body, meaning))
    }
}

/// How nearly all write it; the field of no other name begins so.
const NAME: &[u8] = b"\r\nContent-Length: ";

/// What stands up to the end of the first `name`, and what follows.
fn split_behind<'b>(head: &'b [u8], name: &[u8]) -> Option<(&'b [u8], &'b [u8])> {
    let start = head.windows(name.len()).position(|window| window == name)?;
    head.split_at_checked(start.wrapping_add(name.len()))
}

/// The digits at the front, and what follows.
fn split_digits(text: &[u8]) -> Option<(&[u8], &[u8])> {
    text.split_at_checked(text.iter().position(|byte| !byte.is_ascii_digit())?)
}

#[cfg(all(test, target_pointer_width = "64"))]
mod tests {
    use super::*;

    const FRONT: &str = "POST /event HTTP/1.1\r\nHost: a\r\nContent-Length: ";
    const BACK: &str = "\r\nAccept: b\r\n\r\n";

    fn kept(head: &str) -> HeadCache<u8> {
        let mut cache = HeadCache::new();
        cache.keep(head.as_bytes(), 7);
        cache
    }

    #[test]
    fn a_head_is_found_again_with_any_length_but_one_that_is_none() {
        let cache = kept(&format!("{FRONT}537{BACK}"));
        let find = |length: &str| {
            let head = format!("{FRONT}{length}{BACK}");
            let found = cache.find(format!("{head}{{}}").as_bytes())?;
            assert_eq!((found.0, found.2), (head.len(), 7));
            Some(found.1)
        };
        assert_eq!(find("537"), Some(Body::Length(537)));
        assert_eq!(find("0"), Some(Body::Length(0)));
        assert_eq!(find("0042"), Some(Body::Length(42)));
        for length in ["", "-1", "+1", "1 ", " 1", "1,1", "1\r\nContent-Length: 1", "1\r\n", &"9".repeat(19)]
        {
            assert_eq!(find(length), None, "{length:?}");
        }
    }

    #[test]
    fn neither_a_part_of_it_nor_another_one_is_found() {
        let head = format!("{FRONT}2{BACK}");
        let cache = kept(&head);
        for end in 0..head.len() {
            assert_eq!(cache.find(&head.as_bytes()[..end]), None, "{end}");
            let mut other = head.clone().into_bytes();
            other[end] ^= 0x20;
            assert_eq!(cache.find(&other), None, "{end}");
        }
        assert_eq!(HeadCache::<u8>::new().find(head.as_bytes()), None);
    }

    #[test]
    fn what_cannot_be_kept_is_not_found() {
        let long = format!("{FRONT}2\r\nA: {}{BACK}", "b".repeat(CACHED_HEAD_MAX));
        for head in ["GET / HTTP/1.1\r\n\r\n", "POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\n", &long] {
            assert_eq!(kept(head).find(head.as_bytes()), None, "{head}");
        }
        let mut cache = kept(&format!("{FRONT}2{BACK}"));
        cache.keep(long.as_bytes(), 8);
        assert_eq!(cache.find(format!("{FRONT}2{BACK}").as_bytes()), None, "and nothing else is kept");
    }

    #[test]
    fn the_longest_that_fits_is_found() {
        let room = CACHED_HEAD_MAX - FRONT.len() - BACK.len() - "\r\nA: ".len();
        let head = format!("{FRONT}2\r\nA: {}{BACK}", "b".repeat(room));
        assert!(kept(&head).find(head.as_bytes()).is_some());
        let head = head.replace("A: ", "A: b");
        assert!(kept(&head).find(head.as_bytes()).is_none());
    }
}
