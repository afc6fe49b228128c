//! Points in time: the embedder's monotonic clock, and the times that producers write.

use crate::calendar::{civil_from_days, days_from_civil, days_in_month};
use core::fmt;

/// One second, in nanoseconds.
pub const SECOND_NS: u64 = 1_000_000_000;

/// One millisecond, in nanoseconds.
pub const MILLISECOND_NS: u64 = 1_000_000;

/// A point on the embedder's monotonic clock: nanoseconds from an origin of the embedder's choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(u64);

impl Instant {
    /// The latest point: "never" where a deadline is meant.
    pub const MAX: Self = Self(u64::MAX);

    /// The point `nanos` nanoseconds after the origin.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the origin.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The point `nanos` later, [`Instant::MAX`] at most.
    #[must_use]
    // Where 64 bits are two registers, a call is a third of it.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub const fn after(self, nanos: u64) -> Self {
        Self(self.0.saturating_add(nanos))
    }

    /// Nanoseconds from `earlier` to this point; 0 if `earlier` is the later one.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// A time as producers write it: nanoseconds since 1970-01-01T00:00:00Z, for the years 1678 to 2261.
///
/// It comes from the very clock that may be unsynchronised: fit to settle close races, to measure latency and to be
/// shown to people, never to order events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The time `nanos` nanoseconds after the Unix epoch.
    pub const fn from_unix_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the Unix epoch.
    pub const fn unix_nanos(self) -> i64 {
        self.0
    }

    /// Reads a time in any spelling a producer is known to use; `None` for anything else.
    ///
    /// - RFC 3339 section 5.6 with any number of fraction digits (those after the ninth are dropped), any offset, a
    ///   blank or a lower case letter for `T`, and a leap second, which is taken as the second after it;
    /// - the same with six microsecond digits right behind the seconds, as StarlingX v2 writes it:
    ///   `2026-11-22T17:48:52084008Z`;
    /// - seconds since the Unix epoch with or without a fraction, as StarlingX v1 writes it.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (seconds, nanos) =
            parse_date_time(Digits(text.iter())).or_else(|| parse_epoch(Digits(text.iter())))?;
        if seconds.unsigned_abs() > SECONDS_MAX as u64 {
            return None;
        }
        seconds.wrapping_mul(SECOND_NS as i64).checked_add(i64::from(nanos)).map(Self)
    }
}

impl fmt::Display for Timestamp {
    /// Writes RFC 3339 in UTC with nine fraction digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = SECOND_NS as i64;
        let seconds = self.0.div_euclid(nanos);
        let second = seconds.rem_euclid(86_400) as u32;
        let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
        let mut text = *b"0000-00-00T00:00:00.000000000Z";
        let numbers =
            [year, month, day, second / 3600, second / 60 % 60, second % 60, self.0.rem_euclid(nanos) as u32];
        // Looking for the digits takes nearly as long as writing them.
        let places = [0..4, 5..7, 8..10, 11..13, 14..16, 17..19, 20..29];
        for (place, mut number) in places.into_iter().zip(numbers) {
            for digit in text.get_mut(place).unwrap_or_default().iter_mut().rev() {
                *digit = b'0'.wrapping_add((number % 10) as u8);
                number /= 10;
            }
        }
        f.write_str(str::from_utf8(&text).unwrap_or_default())
    }
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

/// Seconds from 1970 and nanoseconds.
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

/// Seconds from 1970 and nanoseconds.
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

/// Most seconds from 1970 whose nanoseconds fit an `i64`.
const SECONDS_MAX: i64 = i64::MAX / SECOND_NS as i64;

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_time_reads_back_what_it_wrote() {
        for nanos in [
            0,
            -1,
            i64::MAX,
            -9_000_000_000_000_000_000,
            1_795_369_732_084_008_000,
            951_782_400_000_000_001,
            4_107_542_399_999_999_999,
        ] {
            let time = Timestamp::from_unix_nanos(nanos);
            assert_eq!(Timestamp::parse(time.to_string().as_bytes()), Some(time), "{time}");
        }
        let time = Timestamp(951_868_799_987_654_321);
        assert_eq!(time.to_string(), "2000-02-29T23:59:59.987654321Z");
    }

    #[test]
    fn instants_saturate() {
        let late = Instant::from_nanos(u64::MAX - 1);
        assert_eq!(late.after(SECOND_NS), Instant::MAX);
        assert_eq!(Instant::from_nanos(1).since(late), 0);
        assert_eq!(late.since(Instant::from_nanos(1)), u64::MAX - 2);
    }
}
