//! Times in the spellings of producers: seconds from 1970 and nanoseconds.

use super::SECONDS_MAX;
use crate::calendar::{days_from_civil, days_in_month};

/// Reads a time in any known spelling.
pub(super) fn parse(text: &[u8]) -> Option<(i64, u32)> {
    parse_date_time(Digits(text.iter())).or_else(|| parse_epoch(Digits(text.iter())))
}

/// The text that is left to read.
#[derive(Clone)]
struct Digits<'b>(core::slice::Iter<'b, u8>);

impl Digits<'_> {
    fn peek(&self) -> Option<u8> {
        self.0.as_slice().first().copied()
    }

    fn byte(&mut self) -> Option<u8> {
        self.0.next().copied()
    }

    fn digit(&mut self) -> Option<u32> {
        let digit = self.peek().filter(u8::is_ascii_digit)?;
        self.byte()?;
        Some(u32::from(digit.wrapping_sub(b'0')))
    }

    /// Reads exactly `count` digits; `count` is at most six here, so nothing can overflow.
    fn number(&mut self, count: u32) -> Option<u32> {
        let mut number = 0_u32;
        for _ in 0..count {
            number = number.wrapping_mul(10).wrapping_add(self.digit()?);
        }
        Some(number)
    }

    /// Reads a number of two digits, below `limit`.
    fn two_digits(&mut self, limit: u32) -> Option<u32> {
        self.number(2).filter(|number| *number < limit)
    }

    /// Reads one of `marks`, and a number of two digits, below `limit`.
    #[expect(
        clippy::manual_contains,
        reason = "that looks for words of memory at a time, which is more code"
    )]
    fn next(&mut self, marks: &[u8], limit: u32) -> Option<u32> {
        let mark = self.byte()?;
        if marks.iter().any(|known| *known == mark) { self.two_digits(limit) } else { None }
    }

    /// Reads digits as the fraction of a second; in nanoseconds.
    fn fraction(&mut self) -> u32 {
        let mut nanos = 0_u32;
        // Of nine digits, so nothing can overflow.
        for _ in 0..9 {
            nanos = nanos.wrapping_mul(10).wrapping_add(self.digit().unwrap_or(0));
        }
        while self.digit().is_some() {}
        nanos
    }
}

/// Reads a date and a time of day.
fn parse_date_time(mut text: Digits<'_>) -> Option<(i64, u32)> {
    let year = text.number(4)?;
    let month = text.next(b"-", 13)?;
    let day = text.next(b"-", 32)?;
    let hour = text.next(b"Tt ", 24)?;
    let minute = text.next(b":", 60)?;
    let second = text.next(b":", 61)?;
    if month == 0 || day == 0 || day > days_in_month(year, month) {
        return None;
    }
    let nanos = match text.peek() {
        Some(b'.' | b',') => {
            text.byte()?;
            text.fraction()
        }
        Some(b'0'..=b'9') => text.number(6)?.wrapping_mul(1000),
        _ => 0,
    };
    let offset = parse_offset(&mut text)?;
    if text.peek().is_some() {
        return None;
    }
    let minutes = hour.wrapping_mul(60).wrapping_add(minute);
    let seconds = days_from_civil(year, month, day)
        .wrapping_mul(86_400)
        .wrapping_add(i64::from(minutes).wrapping_sub(i64::from(offset)).wrapping_mul(60))
        .wrapping_add(i64::from(second));
    Some((seconds, nanos))
}

/// Minutes that the zone is ahead of UTC.
fn parse_offset(text: &mut Digits<'_>) -> Option<i32> {
    let sign = match text.byte()? {
        b'Z' | b'z' => return Some(0),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours = text.two_digits(24)?;
    if text.peek() == Some(b':') {
        text.byte()?;
    }
    let minutes = text.two_digits(60)?;
    Some((hours.wrapping_mul(60).wrapping_add(minutes) as i32).wrapping_mul(sign))
}

/// Reads a number of seconds.
fn parse_epoch(mut text: Digits<'_>) -> Option<(i64, u32)> {
    let mut seconds = i64::from(text.digit()?);
    while let Some(digit) = text.digit() {
        if seconds > SECONDS_MAX {
            return None;
        }
        seconds = seconds.wrapping_mul(10).wrapping_add(i64::from(digit));
    }
    let nanos = if text.peek() == Some(b'.') {
        text.byte()?;
        text.fraction()
    } else {
        0
    };
    if text.peek().is_some() { None } else { Some((seconds, nanos)) }
}

#[cfg(test)]
mod tests {
    use crate::time::Timestamp;

    fn nanos(text: &str) -> Option<i64> {
        Timestamp::parse(text.as_bytes()).map(Timestamp::unix_nanos)
    }

    #[test]
    fn every_known_spelling_is_read() {
        let known = [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-11-22T17:48:52.084008Z", 1_795_369_732_084_008_000),
            ("2026-11-22T17:48:52084008Z", 1_795_369_732_084_008_000),
            ("2026-11-22T17:48:52.08400801Z", 1_795_369_732_084_008_010),
            ("2026-11-22T17:48:52.0840080123Z", 1_795_369_732_084_008_012),
            ("2026-11-22t18:48:52.084008+01:00", 1_795_369_732_084_008_000),
            ("2026-11-22 12:18:52.084008-0530", 1_795_369_732_084_008_000),
            ("2021-02-05T17:31:00Z", 1_612_546_260_000_000_000),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000_000_000),
            ("2024-02-29T00:00:00Z", 1_709_164_800_000_000_000),
            ("1969-12-31T23:59:59.5Z", -500_000_000),
            ("1795370096.4936268", 1_795_370_096_493_626_800),
            ("1795370096", 1_795_370_096_000_000_000),
        ];
        for (text, expected) in known {
            assert_eq!(nanos(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_time() {
        for text in [
            "",
            "Z",
            "2026",
            "2026-11-22",
            "2026-11-22T17:48:52",
            "2026-13-22T17:48:52Z",
            "2026-02-29T00:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T17:60:52Z",
            "2026-11-22T17:48:61Z",
            "2026-11-22T17:48:52.1Zx",
            "2026-11-22T17:48:52+25:00",
            "-5",
            "1.2.3",
            "99999999999999999999",
            "9999-11-22T17:48:52Z",
            "2026-11-22T17:48:5212Z",
        ] {
            // A bare year is a number of seconds, as short as it is.
            let expected = if text == "2026" { Some(2_026_000_000_000) } else { None };
            assert_eq!(nanos(text), expected, "{text}");
        }
    }
}
