//! The head that came last, for the next one that is the same.

use super::Body;
use super::fields::parse_length;
use crate::limits::CACHED_HEAD_MAX;
use crate::swar::is_same;

/// The last head that was kept, and what it meant to its reader.
///
/// A client sends the same head again and again, but for its Content-Length, and so do most clients of one kind: comparing
/// two takes a tenth of what it takes to read one. What a head means may depend on its bytes alone.
#[derive(Debug)]
pub(crate) struct HeadCache<T> {
    head: [u8; CACHED_HEAD_MAX],
    length: usize,
    /// Where the digits of its Content-Length begin.
    split: usize,
    /// The body that it announced, and its meaning; `None` as long as no head was kept.
    meaning: Option<(Body, T)>,
}

impl<T: Copy> HeadCache<T> {
    pub(crate) const fn new() -> Self {
        Self { head: [0; CACHED_HEAD_MAX], length: 0, split: 0, meaning: None }
    }

    /// Keeps a head that was read and announces `body`, in the place of the one before, if it has a Content-Length and fits.
    /// `meaning` holds with any other length too.
    #[inline]
    pub(crate) fn keep(&mut self, head: &[u8], body: Body, meaning: T) {
        if CACHED_HEAD_MAX == 0 {
            return;
        }
        let Some(name) = head.windows(NAME.len()).position(|window| window == NAME) else { return };
        let split = name.wrapping_add(NAME.len());
        // With more white space in between, other digits in front of it would pass for a length.
        let Some(b'0'..=b'9') = head.get(split) else { return };
        let Some(room) = self.head.get_mut(..head.len()) else { return };
        for (to, from) in room.iter_mut().zip(head) {
            *to = *from;
        }
        self.length = head.len();
        self.split = split;
        self.meaning = Some((body, meaning));
    }

    /// Finds the head that was kept at the front of `window`, with whatever Content-Length: how many bytes it has, the
    /// body that it announces, and its meaning. `None` if another head is there, or only a part of one.
    #[inline]
    pub(crate) fn find(&self, window: &[u8]) -> Option<(usize, Body, T)> {
        if CACHED_HEAD_MAX == 0 {
            return None;
        }
        let (body, meaning) = self.meaning?;
        let head = self.head.get(..self.length)?;
        if window.get(..head.len()).is_some_and(|front| is_same(front, head)) {
            return Some((head.len(), body, meaning));
        }
        let (before, rest) = head.split_at_checked(self.split)?;
        let (_, after) = split_digits(rest)?;
        let (digits, rest) = split_digits(window.strip_prefix(before)?)?;
        let body = Body::Length(parse_length(digits).ok()?);
        let behind = rest.strip_prefix(after)?;
        Some((window.len().wrapping_sub(behind.len()), body, meaning))
    }
}

/// How nearly all write it; the field of no other name begins so.
const NAME: &[u8] = b"\r\nContent-Length: ";

/// The digits at the front, and what follows.
fn split_digits(text: &[u8]) -> Option<(&[u8], &[u8])> {
    text.split_at_checked(text.iter().position(|byte| !byte.is_ascii_digit())?)
}

#[cfg(all(test, target_pointer_width = "64"))]
mod tests {
    use super::super::{Part, Receiver};
    use super::*;

    const FRONT: &str = "POST /event HTTP/1.1\r\nHost: a\r\nContent-Length: ";
    const BACK: &str = "\r\nAccept: b\r\n\r\n";

    fn kept(head: &str) -> HeadCache<u8> {
        let mut cache = HeadCache::new();
        cache.keep(head.as_bytes(), Body::Length(537), 7);
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
        assert_eq!(find("53"), Some(Body::Length(53)));
        assert_eq!(find("5370"), Some(Body::Length(5370)));
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

    /// What a head means that is read, if it is one and has a Content-Length.
    fn read(bytes: &[u8]) -> Option<(usize, Body, u8)> {
        match Receiver::requests().next_part(bytes, false) {
            Ok(Some((Part::Head(head), length))) => Some((length, head.body, 7)),
            _ => None,
        }
    }

    #[test]
    fn what_is_found_is_what_is_read() {
        for value in ["537", " 537", "\t537", "537 ", "537 \t", "0", "+5"] {
            let head =
                format!("POST / HTTP/1.1\r\nA: b\r\nContent-Length: {value}\r\nContent-Type: c\r\n\r\n");
            let head = head.as_bytes();
            let mut cache = HeadCache::new();
            let Some((length, body, meaning)) = read(head) else { continue };
            cache.keep(&head[..length], body, meaning);
            for place in 0..head.len() {
                for byte in *b"0 \t\r\n:,59x" {
                    let replaced = [&head[..place], &[byte], &head[place + 1..]].concat();
                    let inserted = [&head[..place], &[byte], &head[place..]].concat();
                    let deleted = [&head[..place], &head[place + 1..]].concat();
                    for other in [replaced, inserted, deleted] {
                        let found = cache.find(&other);
                        assert!(
                            found.is_none() || found == read(&other),
                            "{value:?}: {}",
                            other.escape_ascii()
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_kept_is_not_found() {
        let long = format!("{FRONT}2\r\nA: {}{BACK}", "b".repeat(CACHED_HEAD_MAX));
        let apart = format!("{FRONT} 2{BACK}");
        for head in ["GET / HTTP/1.1\r\n\r\n", "POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\n", &long, &apart]
        {
            assert_eq!(kept(head).find(head.as_bytes()), None, "{head}");
        }
        let mut cache = kept(&format!("{FRONT}2{BACK}"));
        cache.keep(long.as_bytes(), Body::Length(2), 8);
        assert!(cache.find(format!("{FRONT}2{BACK}").as_bytes()).is_some(), "what was kept is kept on");
    }

    #[test]
    fn the_longest_that_fits_is_found() {
        let room = CACHED_HEAD_MAX - FRONT.len() - BACK.len() - "2\r\nA: ".len();
        let head = format!("{FRONT}2\r\nA: {}{BACK}", "b".repeat(room));
        assert!(kept(&head).find(head.as_bytes()).is_some());
        let head = head.replace("A: ", "A: b");
        assert!(kept(&head).find(head.as_bytes()).is_none());
    }
}
