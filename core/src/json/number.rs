//! Numbers by the grammar of RFC 8259 section 6.

use super::ErrorKind;
use super::lexeme::{Outcome, Progress};

/// What was last read of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberLexer {
    Minus,
    /// A zero that the number starts with: no digit follows.
    Zero,
    Integer,
    Point,
    Fraction,
    ExponentMark,
    ExponentSign,
    Exponent,
}

impl NumberLexer {
    /// Begins the number that starts with `byte`; `None` if none does.
    pub(super) const fn new(byte: u8) -> Option<Self> {
        match byte {
            b'-' => Some(Self::Minus),
            b'0' => Some(Self::Zero),
            b'1'..=b'9' => Some(Self::Integer),
            _ => None,
        }
    }

    /// Reads on in `bytes`. The byte after a number is needed to know its end; it is not counted.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Progress {
        for (count, &byte) in bytes.iter().enumerate() {
            match self.after(byte) {
                Some(next) => *self = next,
                None if self.may_end() && !byte.is_ascii_digit() => {
                    return Progress { count, outcome: Outcome::Closed };
                }
                None => return Progress { count, outcome: Outcome::Fault(ErrorKind::Number) },
            }
        }
        Progress { count: bytes.len(), outcome: Outcome::Open }
    }

    /// Whether what was read is a number.
    pub(super) const fn may_end(self) -> bool {
        matches!(self, Self::Zero | Self::Integer | Self::Fraction | Self::Exponent)
    }

    const fn after(self, byte: u8) -> Option<Self> {
        match (self, byte) {
            (Self::Integer, b'0'..=b'9') | (Self::Minus, b'1'..=b'9') => Some(Self::Integer),
            (Self::Minus, b'0') => Some(Self::Zero),
            (Self::Zero | Self::Integer, b'.') => Some(Self::Point),
            (Self::Point | Self::Fraction, b'0'..=b'9') => Some(Self::Fraction),
            (Self::Zero | Self::Integer | Self::Fraction, b'e' | b'E') => Some(Self::ExponentMark),
            (Self::ExponentMark, b'+' | b'-') => Some(Self::ExponentSign),
            (Self::ExponentMark | Self::ExponentSign | Self::Exponent, b'0'..=b'9') => Some(Self::Exponent),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(spelling: &[u8]) -> Option<Progress> {
        let (&first, rest) = spelling.split_first()?;
        Some(NumberLexer::new(first)?.read(rest))
    }

    #[test]
    fn good_numbers_end_before_the_byte_that_follows() {
        for number in
            ["0", "-0", "7", "10", "-123", "0.0", "0.50", "-1.25", "1e5", "1E+05", "0e-0", "9.9e99", "-0.0E0"]
        {
            for follower in [",", "]", "}", " ", "\n", "x", "-", "\"", "\u{e9}"] {
                let spelling = format!("{number}{follower}");
                let expected = Progress { count: number.len() - 1, outcome: Outcome::Closed };
                assert_eq!(read(spelling.as_bytes()), Some(expected), "{spelling}");
            }
        }
    }

    #[test]
    fn bad_numbers_are_faulted_at_the_first_wrong_byte() {
        for (spelling, count) in [
            ("00", 0),
            ("01", 0),
            ("-01", 1),
            ("-,", 0),
            ("--1", 0),
            ("-x", 0),
            ("1.,", 1),
            ("1.e1", 1),
            ("1e,", 1),
            ("1e+,", 2),
            ("1e+-1", 2),
            ("1e.1", 1),
            ("0.5e]", 3),
            ("-.5", 0),
        ] {
            let expected = Progress { count, outcome: Outcome::Fault(ErrorKind::Number) };
            assert_eq!(read(spelling.as_bytes()), Some(expected), "{spelling}");
        }
        for none in ["+1", ".5", "e1", "x"] {
            assert_eq!(read(none.as_bytes()), None);
        }
    }
}
