//! Points in time: the embedder's monotonic clock, and the times that producers write.

mod text;

use crate::calendar::civil_from_days;
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
        let (seconds, nanos) = text::parse(text)?;
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

/// Most seconds from 1970 whose nanoseconds fit an `i64`.
const SECONDS_MAX: i64 = i64::MAX / SECOND_NS as i64;

#[cfg(test)]
mod tests {
    use super::*;

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
