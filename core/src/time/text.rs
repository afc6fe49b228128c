//! Times in the spellings of producers: seconds from 1970 and nanoseconds.

use super::SECONDS_MAX;
use crate::calendar::{days_from_civil, days_in_month};
use crate::limits::SPEED_IS_WORTH_CODE;
use crate::swar::{HIGHS, ONES};

/// Reads a time in any known spelling.
pub(super) fn parse(text: &[u8]) -> Option<(i64, u32)> {
    parse_usual(text)
        .or_else(|| parse_date_time(Digits(text.iter())))
        .or_else(|| parse_epoch(Digits(text.iter())))
}

/// Reads the spellings that nearly all have, as [`parse_date_time`] does: in UTC, with at most nine digits behind a point, or
/// six behind the seconds.
fn parse_usual(text: &[u8]) -> Option<(i64, u32)> {
    if !SPEED_IS_WORTH_CODE {
        return None;
    }
    let (month_text, text) = text.split_first_chunk()?;
    let (minute_text, text) = text.split_first_chunk()?;
    let [b':', tens, ones, text @ ..] = text else { return None };
    let [century, _, year, _, _, month, ..] = pairs(*month_text, *b"0000-00-", [9, 9, 9, 9, 0, 9, 9, 0])?;
    let [day, _, _, hour, _, _, minute, _] = pairs(*minute_text, *b"00T00:00", [9, 9, 0, 9, 9, 0, 9, 9])?;
    let [century, year, month, day, hour, minute] = [century, year, month, day, hour, minute].map(u32::from);
    let year = century.wrapping_mul(100).wrapping_add(year);
    let second = push_digit(push_digit(0, *tens)?, *ones)?;
    if !is_date(year, month, day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let minutes = hour.wrapping_mul(60).wrapping_add(minute);
    let seconds = minutes.wrapping_mul(60).wrapping_add(second);
    let days = days_from_civil(year, month, day);
    Some((days.wrapping_mul(86_400).wrapping_add(i64::from(seconds)), parse_usual_fraction(text)?))
}

/// Reads what follows the seconds in these spellings; in nanoseconds.
fn parse_usual_fraction(text: &[u8]) -> Option<u32> {
    let digits = match text {
        b"Z" => return Some(0),
        [b'.', digits @ .., b'Z'] => digits,
        [digits @ .., b'Z'] if digits.len() == 6 => digits,
        _ => return None,
    };
    let unit_ns = UNITS_NS.get(digits.len())?;
    let (mut number, mut rest) = (0_u32, digits);
    if let Some((front, behind)) = digits.split_first_chunk() {
        let [a, _, b, _, c, _, d, _] = pairs(*front, [b'0'; 8], [9; 8])?;
        let pairs = [a, b, c, d].into_iter().map(u32::from);
        (number, rest) =
            (pairs.fold(0_u32, |number, pair| number.wrapping_mul(100).wrapping_add(pair)), behind);
    }
    for digit in rest {
        number = push_digit(number, *digit)?;
    }
    Some(number.wrapping_mul(*unit_ns))
}

/// What each digit of `text` makes with the one behind it: ten times the one and once the other. `None` unless it stands as
/// `form`, with digits for zeros; `most` is what each byte may be beside that of `form`.
fn pairs(text: [u8; 8], form: [u8; 8], most: [u8; 8]) -> Option<[u8; 8]> {
    let digits = u64::from_le_bytes(text) ^ u64::from_le_bytes(form);
    // What is more than it may be reaches the highest bit of its byte, or has it already.
    let beyond = digits.wrapping_add((HIGHS - ONES).wrapping_sub(u64::from_le_bytes(most)));
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    if (digits | beyond) & HIGHS == 0 { Some(pairs.to_le_bytes()) } else { None }
}

/// The number with one more digit, of nine at most; `None` if it is no digit.
fn push_digit(number: u32, digit: u8) -> Option<u32> {
    let digit = digit.wrapping_sub(b'0');
    if digit > 9 { None } else { Some(number.wrapping_mul(10).wrapping_add(u32::from(digit))) }
}

/// Nanoseconds that the last of so many digits counts, of the fraction of a second.
const UNITS_NS: [u32; 10] = [0, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

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
    let month = text.next(b"-", 100)?;
    let day = text.next(b"-", 100)?;
    let hour = text.next(b"Tt ", 24)?;
    let minute = text.next(b":", 60)?;
    let second = text.next(b":", 61)?;
    if !is_date(year, month, day) {
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

/// Whether there is such a day.
const fn is_date(year: u32, month: u32, day: u32) -> bool {
    1 <= month && month <= 12 && 1 <= day && day <= days_in_month(year, month)
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
    use super::*;
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

    /// What is read in the usual way is what is read in any.
    #[cfg(target_pointer_width = "64")]
    #[test]
    fn the_usual_spelling_means_what_any_does() {
        let both = |text: &[u8]| (parse_usual(text), parse_date_time(Digits(text.iter())));
        let usual = [
            "2026-11-22T17:48:52.084008123Z",
            "2016-12-31T23:59:60.5Z",
            "2024-02-29T00:00:00Z",
            "1970-01-01T09:59:59.Z",
            "2026-11-22T17:48:52084008Z",
        ];
        for digits in 0..=10 {
            let text = format!("2026-11-22T17:48:52.{}Z", &"1234567890"[..digits]);
            let (quick, whole) = both(text.as_bytes());
            assert!(quick == whole || quick.is_none() && digits > 9, "{text}");
        }
        for text in usual.map(str::as_bytes) {
            let (quick, whole) = both(text);
            assert_eq!(quick, whole, "{}", text.escape_ascii());
            assert!(quick.is_some(), "{}", text.escape_ascii());
            for place in 0..text.len() {
                for byte in 0..=u8::MAX {
                    let mut other = text.to_vec();
                    other[place] = byte;
                    let (quick, whole) = both(&other);
                    assert!(quick.is_none() || quick == whole, "{}", other.escape_ascii());
                }
                for end in place..=text.len() {
                    let (quick, whole) = both(&text[place..end]);
                    assert!(quick.is_none() || quick == whole, "{}", text[place..end].escape_ascii());
                }
            }
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
