//! Lines of a window, found as their bytes arrive.

use crate::limits::SPEED_IS_WORTH_CODE;
use crate::swar;

/// Where the lines of a window were found so far: no byte but a CR at the end of the window is looked at twice.
///
/// Every line ends in CRLF. A bare CR or LF is refused, although RFC 9112 section 2.2 lets a recipient tolerate the LF:
/// what ends a line for one reader and not for the next one smuggles requests.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    /// Where the block of lines begins that is being read: a head, a trailer section.
    block: usize,
    /// Where the next line begins.
    start: usize,
    /// How far the next line was searched for its end.
    scanned: usize,
}

/// A line with a bare CR, a bare LF or a NUL, or a line that is too long.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadLine;

impl Lines {
    pub(super) const fn new() -> Self {
        Self { block: 0, start: 0, scanned: 0 }
    }

    /// Takes the next line, without its CRLF; `None` until all of it is there.
    ///
    /// # Errors
    /// [`BadLine`] as soon as the line is longer than `longest` bytes or holds a byte that no line may have.
    #[inline]
    pub(super) fn next<'b>(&mut self, window: &'b [u8], longest: usize) -> Result<Option<&'b [u8]>, BadLine> {
        let fresh = window.get(self.scanned..).unwrap_or_default();
        let (passed, rest) = fresh.split_at_checked(find_end(fresh)).unwrap_or((fresh, &[]));
        self.scanned = self.scanned.wrapping_add(passed.len());
        if self.scanned.wrapping_sub(self.start) > longest {
            return Err(BadLine);
        }
        match rest {
            [] | [b'\r'] => Ok(None),
            [b'\r', b'\n', ..] => {
                let line = window.get(self.start..self.scanned);
                self.scanned = self.scanned.wrapping_add(2);
                self.start = self.scanned;
                Ok(line)
            }
            _ => Err(BadLine),
        }
    }

    /// Takes the next line that is empty or begins with white space, without its CRLF, and all lines before it; `None` until
    /// it is there.
    ///
    /// # Errors
    /// [`BadLine`] as soon as a line holds a byte that none may have.
    pub(super) fn next_odd<'b>(&mut self, window: &'b [u8]) -> Result<Option<&'b [u8]>, BadLine> {
        if SPEED_IS_WORTH_CODE && self.pass_even_lines(window) {
            return Ok(Some(&[]));
        }
        loop {
            match self.next(window, usize::MAX)? {
                Some([first, ..]) if !matches!(first, b' ' | b'\t') => {}
                line => return Ok(line),
            }
        }
    }

    /// Passes over the lines that are there and neither odd themselves nor followed by one that is, as almost all are; and over
    /// the two at the end of a head, which it says.
    fn pass_even_lines(&mut self, window: &[u8]) -> bool {
        let is_even = |text: &[u8]| matches!(text, [first, ..] if *first > b' ');
        let (Some(line), Some(mut rest)) = (window.get(self.start..), window.get(self.scanned..)) else {
            return false;
        };
        if !is_even(line) {
            return false;
        }
        let fresh = rest.len();
        let is_end = loop {
            match rest.get(find_low(rest)..) {
                Some([b'\r', b'\n', next @ ..]) if is_even(next) => rest = next,
                Some([b'\r', b'\n', b'\r', b'\n', behind @ ..]) => {
                    rest = behind;
                    break true;
                }
                _ => break false,
            }
        };
        if rest.len() < fresh {
            self.start = window.len().wrapping_sub(rest.len());
            self.scanned = self.start;
        }
        is_end
    }

    /// Begins a block of lines at the next line.
    pub(super) fn begin_block(&mut self) {
        self.block = self.start;
    }

    /// The lines of the block so far, with their ends.
    pub(super) fn block<'b>(&self, window: &'b [u8]) -> &'b [u8] {
        window.get(self.block..self.start).unwrap_or_default()
    }

    /// Bytes in the lines of the block so far.
    pub(super) fn block_len(&self) -> usize {
        self.start.saturating_sub(self.block)
    }

    /// Bytes in all lines so far.
    pub(super) fn len(&self) -> usize {
        self.start
    }

    /// Whether anything of the block was seen, be it part of a line.
    pub(super) fn has_begun_block(&self) -> bool {
        self.scanned > self.block
    }
}

/// Bytes before the first CR, LF or NUL.
fn find_end(bytes: &[u8]) -> usize {
    let mut count = 0_usize;
    loop {
        let rest = bytes.get(count..).unwrap_or_default();
        let place = find_low(rest);
        count = count.wrapping_add(place);
        match rest.get(place) {
            Some(0 | b'\n' | b'\r') | None => return count,
            // A tab, say, which a line may have.
            Some(_) => count = count.wrapping_add(1),
        }
    }
}

/// Bytes before the first that is no larger than a CR.
#[inline]
fn find_low(bytes: &[u8]) -> usize {
    swar::find(bytes, |chunk| swar::mark_below(chunk, b'\r' + 1), |byte| *byte <= b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_lines_whatever_the_pieces() {
        let text = b"one\r\n\r\nthree\r\n";
        let mut lines = Lines::new();
        let mut found = Vec::new();
        for end in 0..=text.len() {
            if let Some(line) = lines.next(&text[..end], 5).unwrap() {
                found.push(line);
            }
        }
        assert_eq!(found, [&b"one"[..], b"", b"three"]);
        assert_eq!(lines.len(), text.len());
    }

    #[test]
    fn refuses_bare_line_ends_and_nul() {
        for text in [&b"a\rb"[..], b"a\n", b"\n", b"a\0", b"\r\r\n", b"a\r\0"] {
            assert_eq!(Lines::new().next(text, 9), Err(BadLine), "{text:?}");
        }
    }

    #[test]
    fn refuses_a_long_line_before_its_end_arrives() {
        assert_eq!(Lines::new().next(b"1234", 4), Ok(None));
        assert_eq!(Lines::new().next(b"1234\r\n", 4), Ok(Some(&b"1234"[..])));
        assert_eq!(Lines::new().next(b"12345", 4), Err(BadLine));
        assert_eq!(Lines::new().next(b"12345\r\n", 4), Err(BadLine));
    }

    #[test]
    fn a_window_that_shrank_is_inert() {
        let mut lines = Lines::new();
        assert_eq!(lines.next(b"abcdef", 9), Ok(None));
        assert_eq!(lines.next(b"ab", 9), Ok(None));
    }
}
