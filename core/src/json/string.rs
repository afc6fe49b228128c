//! Strings: where they end, and that they are valid UTF-8 with valid escapes.

use super::lexeme::{Outcome, Progress};
use super::{ErrorKind, Text};
use crate::swar::{self, HIGHS, ONES};

/// How far a string is, from after its opening quote.
#[derive(Clone, Copy, Debug)]
pub(super) struct StringLexer {
    within: Within,
    is_escaped: bool,
}

/// What the next byte of a string is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    /// Nothing: whole characters and escapes came before.
    Plain,
    /// An escape, after its backslash.
    Escape,
    /// An escape of `\u` that lacks so many digits.
    Hex(u8),
    /// A character that lacks so many bytes, and what the next of them may be.
    Tail(u8, u8, u8),
}

impl StringLexer {
    pub(super) const fn new() -> Self {
        Self { within: Within::Plain, is_escaped: false }
    }

    /// Reads on in `bytes`, up to and including the closing quote.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Progress {
        let mut within = self.within;
        let mut rest = bytes;
        let outcome = loop {
            if within == Within::Plain {
                rest = skip_plain(rest);
            }
            let Some((&byte, behind)) = rest.split_first() else { break Outcome::Open };
            if within == Within::Plain && byte == b'"' {
                rest = behind;
                break Outcome::Closed;
            }
            match within.after(byte) {
                Ok(next) => within = next,
                Err(kind) => break Outcome::Fault(kind),
            }
            self.is_escaped |= within == Within::Escape;
            rest = behind;
        };
        self.within = within;
        Progress { count: bytes.len().wrapping_sub(rest.len()), outcome }
    }

    /// The text of the string that was read, which stands in `quoted` with its quotes.
    pub(super) const fn text(self, quoted: &[u8]) -> Text<'_> {
        let [_, raw @ .., _] = quoted else { return Text::plain(&[]) };
        Text::new(raw, self.is_escaped)
    }
}

impl Within {
    const fn after(self, byte: u8) -> Result<Self, ErrorKind> {
        match (self, byte) {
            (Self::Plain, b'\\') => Ok(Self::Escape),
            (Self::Plain, ..0x20) => Err(ErrorKind::Control),
            (Self::Plain, 0x20..0x80) => Ok(Self::Plain),
            (Self::Plain, lead) => Self::behind(lead),
            (Self::Escape, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(Self::Plain),
            (Self::Escape, b'u') => Ok(Self::Hex(4)),
            (Self::Hex(left), digit) if digit.is_ascii_hexdigit() => {
                Ok(if left > 1 { Self::Hex(left.wrapping_sub(1)) } else { Self::Plain })
            }
            (Self::Escape | Self::Hex(_), _) => Err(ErrorKind::Escape),
            (Self::Tail(left, least, most), tail) if least <= tail && tail <= most => {
                Ok(if left > 1 { Self::Tail(left.wrapping_sub(1), 0x80, 0xBF) } else { Self::Plain })
            }
            (Self::Tail(..), _) => Err(ErrorKind::Utf8),
        }
    }

    /// Behind the first byte of a character beyond ASCII, by the table of RFC 3629 section 4.
    const fn behind(lead: u8) -> Result<Self, ErrorKind> {
        match lead {
            0xC2..=0xDF => Ok(Self::Tail(1, 0x80, 0xBF)),
            0xE0 => Ok(Self::Tail(2, 0xA0, 0xBF)),
            0xED => Ok(Self::Tail(2, 0x80, 0x9F)),
            0xE1..=0xEF => Ok(Self::Tail(2, 0x80, 0xBF)),
            0xF0 => Ok(Self::Tail(3, 0x90, 0xBF)),
            0xF1..=0xF3 => Ok(Self::Tail(3, 0x80, 0xBF)),
            0xF4 => Ok(Self::Tail(3, 0x80, 0x8F)),
            _ => Err(ErrorKind::Utf8),
        }
    }
}

/// Skips the bytes in front that stand for themselves: ASCII but for quotes, backslashes and control characters.
fn skip_plain(bytes: &[u8]) -> &[u8] {
    bytes.get(count_plain(bytes)..).unwrap_or_default()
}

/// Counts the same bytes.
#[inline]
pub(super) fn count_plain(bytes: &[u8]) -> usize {
    swar::find(bytes, mark_special, |byte| !matches!(byte, b' ' | b'!' | b'#'..=b'[' | b']'..=0x7F))
}

/// Sets the highest bit of each byte that does not stand for itself. The lowest mark is exact, those above may be
/// false: a subtraction borrows from the next byte only where it has set a mark.
const fn mark_special(chunk: u64) -> u64 {
    const BACKSLASHES: u64 = ONES * b'\\' as u64;
    const SECOND_BITS: u64 = ONES * 2;
    let backslashes = (chunk ^ BACKSLASHES).wrapping_sub(ONES);
    // With its second bit turned over a quote stands right behind the control characters, and a blank does not.
    let quotes_and_controls = (chunk ^ SECOND_BITS).wrapping_sub(ONES * 0x21);
    (chunk | quotes_and_controls | backslashes) & HIGHS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Progress {
        StringLexer::new().read(bytes)
    }

    #[test]
    fn the_first_special_byte_is_found_at_every_place() {
        for byte in 0..=u8::MAX {
            let is_special = !(0x20..0x80).contains(&byte) || byte == b'"' || byte == b'\\';
            for place in 0..24 {
                for filler in [b' ', b'!', b'#', b'[', b']', 0x7F] {
                    let mut bytes = [filler; 24];
                    bytes[place] = byte;
                    let skipped = bytes.len() - skip_plain(&bytes).len();
                    assert_eq!(skipped, if is_special { place } else { bytes.len() }, "{byte} at {place}");
                }
            }
        }
    }

    #[test]
    fn utf8_is_accepted_exactly_where_std_does() {
        let mut accepted = 0;
        for lead in 0x80..=u8::MAX {
            for second in [0x22, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF] {
                for tail in [&[][..], &[0x80], &[0xBF], &[0x41], &[0x80, 0x80], &[0xBF, 0xBF], &[0x80, 0xC0]]
                {
                    let mut bytes = vec![lead, second];
                    bytes.extend_from_slice(tail);
                    let valid_up_to = match std::str::from_utf8(&bytes) {
                        Ok(_) => bytes.len(),
                        Err(error) => error.valid_up_to(),
                    };
                    bytes.push(b'"');
                    let is_whole = valid_up_to == bytes.len() - 1;
                    accepted += usize::from(is_whole);
                    let outcome = read(&bytes).outcome;
                    assert_eq!(outcome == Outcome::Closed, is_whole, "{bytes:x?}");
                    assert_eq!(outcome == Outcome::Fault(ErrorKind::Utf8), !is_whole, "{bytes:x?}");
                }
            }
        }
        assert!(accepted > 100);
    }

    #[test]
    fn faults_are_at_the_first_wrong_byte() {
        for (bytes, count, kind) in [
            (&b"ab\x1F\""[..], 2, ErrorKind::Control),
            (b"\n", 0, ErrorKind::Control),
            (b"a\\x", 2, ErrorKind::Escape),
            (b"\\U0041", 1, ErrorKind::Escape),
            (b"\\u00g0", 4, ErrorKind::Escape),
            (b"\\u00\"", 4, ErrorKind::Escape),
            (b"\xE2\x82\"", 2, ErrorKind::Utf8),
            (b"\xC0\xAF\"", 0, ErrorKind::Utf8),
            (b"\xED\xA0\x80", 1, ErrorKind::Utf8),
            (b"\xF4\x90\x80\x80", 1, ErrorKind::Utf8),
        ] {
            assert_eq!(read(bytes), Progress { count, outcome: Outcome::Fault(kind) }, "{bytes:x?}");
        }
    }

    #[test]
    fn every_cut_is_resumed() {
        let bytes =
            "plain text, \\\" \\\\ \\/ \\u00e9 \\ud83d\\ude00 \u{e9}\u{20ac}\u{1f600}\u{7f} end\"".as_bytes();
        for cut in 0..bytes.len() {
            let mut string = StringLexer::new();
            assert_eq!(string.read(&bytes[..cut]), Progress { count: cut, outcome: Outcome::Open });
            let rest = Progress { count: bytes.len() - cut, outcome: Outcome::Closed };
            assert_eq!(string.read(&bytes[cut..]), rest);
            assert!(string.is_escaped);
        }
    }
}
