//! Decimal numbers as producers write them, exactly, without floating point.

use crate::limits::SPEED_IS_WORTH_CODE;
use core::fmt;

/// A `decimal64.3`: a whole number and thousandths, both of the same sign.
///
/// Every 64-bit integer and every `decimal64.3` (RFC 7950 section 9.3) is exact; larger numbers saturate. Digits after
/// the third decimal place are dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Decimal {
    whole: i64,
    thousandths: i16,
}

impl Decimal {
    /// The whole number `whole`.
    pub const fn from_whole(whole: i64) -> Self {
        Self { whole, thousandths: 0 }
    }

    /// The number without its decimal places, rounded toward zero.
    pub const fn whole(self) -> i64 {
        self.whole
    }

    /// The decimal places, -999 to 999, of the sign of the number.
    pub const fn thousandths(self) -> i16 {
        self.thousandths
    }

    /// Whether the number stands for "no information": what `OpenShift` writes when an offset is not known.
    ///
    /// Seen in 4.15 to today's main: −9999999999999999 (as `-1e+16` too, where it went through a float), 99999999999,
    /// 999999 and 99999.
    pub const fn is_sentinel(self) -> bool {
        self.thousandths == 0
            && matches!(
                self.whole,
                -9_999_999_999_999_999 | -10_000_000_000_000_000 | 99_999_999_999 | 999_999 | 99_999
            )
    }

    /// The number as an octet, such as a clock class; `None` if it is none.
    pub fn to_octet(self) -> Option<u8> {
        if self.thousandths == 0 { u8::try_from(self.whole).ok() } else { None }
    }

    /// Reads a number by the grammar of RFC 8259 section 6, plus a leading `+` and leading zeros, as RFC 7950 section
    /// 9.3.1 has them; `None` for anything else.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (is_negative, text) = split_sign(text);
        if let Some(whole) = parse_short(text) {
            return Some(Self::from_whole(if is_negative { whole.wrapping_neg() } else { whole }));
        }
        let (whole, text) = split_digits(text)?;
        let (places, text) = match text {
            [b'.', text @ ..] => split_digits(text)?,
            _ => (&b""[..], text),
        };
        let exponent = match text {
            [] => 0,
            [b'e' | b'E', exponent @ ..] => parse_exponent(exponent)?,
            _ => return None,
        };
        let point = i32::try_from(whole.len()).ok()?.saturating_add(exponent);
        Some(Magnitude::of(whole.iter().chain(places), point).signed(is_negative))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.whole < 0 || self.thousandths < 0 {
            f.write_str("-")?;
        }
        fmt::Display::fmt(&self.whole.unsigned_abs(), f)?;
        let thousandths = self.thousandths.unsigned_abs();
        if thousandths == 0 {
            return Ok(());
        }
        f.write_str(".")?;
        let mut left = thousandths;
        let mut place = 100_u16;
        while left > 0 && place > 0 {
            fmt::Display::fmt(&left.checked_div(place).unwrap_or(0), f)?;
            left = left.checked_rem(place).unwrap_or(0);
            place = place.wrapping_div(10);
        }
        Ok(())
    }
}

/// A number without its sign.
#[derive(Default)]
struct Magnitude {
    whole: u64,
    thousandths: i16,
}

impl Magnitude {
    /// The number of these digits with the point behind `point` of them, which may be fewer than none, or more than all.
    fn of<'b>(digits: impl Iterator<Item = &'b u8>, point: i32) -> Self {
        let mut number = Self::default();
        let mut behind_point = point.saturating_neg();
        for digit in digits {
            let digit = digit.wrapping_sub(b'0');
            match behind_point {
                ..0 => number.push(digit),
                0 => number.thousandths = i16::from(digit).wrapping_mul(100),
                1 => number.thousandths = number.thousandths.wrapping_add(i16::from(digit).wrapping_mul(10)),
                2 => number.thousandths = number.thousandths.wrapping_add(i16::from(digit)),
                _ => break,
            }
            behind_point = behind_point.saturating_add(1);
        }
        while behind_point < 0 && number.whole != 0 && number.whole != u64::MAX {
            number.push(0);
            behind_point = behind_point.wrapping_add(1);
        }
        number
    }

    fn push(&mut self, digit: u8) {
        self.whole = self.whole.saturating_mul(10).saturating_add(u64::from(digit));
    }

    fn signed(&self, is_negative: bool) -> Decimal {
        if is_negative {
            let whole = 0_i64.checked_sub_unsigned(self.whole).unwrap_or(i64::MIN);
            Decimal { whole, thousandths: 0_i16.saturating_sub(self.thousandths) }
        } else {
            Decimal { whole: i64::try_from(self.whole).unwrap_or(i64::MAX), thousandths: self.thousandths }
        }
    }
}

/// Reads a whole number of few digits, as almost all are.
fn parse_short(text: &[u8]) -> Option<i64> {
    if !SPEED_IS_WORTH_CODE || text.is_empty() || text.len() > 18 {
        return None;
    }
    let mut number = 0_i64;
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number.wrapping_mul(10).wrapping_add(i64::from(digit));
    }
    Some(number)
}

/// Splits a sign off the front: whether it is a minus, and what follows.
fn split_sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

/// Splits the digits off the front, one at least.
fn split_digits(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).filter(|(digits, _)| !digits.is_empty())
}

fn parse_exponent(text: &[u8]) -> Option<i32> {
    let (is_negative, text) = split_sign(text);
    let (digits, []) = split_digits(text)? else { return None };
    let mut exponent = 0_i32;
    for digit in digits {
        exponent = exponent.saturating_mul(10).saturating_add(i32::from(digit.wrapping_sub(b'0')));
    }
    Some(if is_negative { exponent.saturating_neg() } else { exponent })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<(i64, i16)> {
        Decimal::parse(text.as_bytes()).map(|number| (number.whole, number.thousandths))
    }

    #[test]
    fn numbers_are_exact() {
        let known = [
            ("0", (0, 0)),
            ("-0", (0, 0)),
            ("29", (29, 0)),
            ("100.3", (100, 300)),
            ("-0.5", (0, -500)),
            ("99.6", (99, 600)),
            ("-12.3456", (-12, -345)),
            ("-2.16213e+06", (-2_162_130, 0)),
            ("9.9999999999e+10", (99_999_999_999, 0)),
            ("-1e+16", (-10_000_000_000_000_000, 0)),
            ("-9999999999999999", (-9_999_999_999_999_999, 0)),
            ("9007199254740993", (9_007_199_254_740_993, 0)),
            ("9223372036854775807", (i64::MAX, 0)),
            ("-9223372036854775808", (i64::MIN, 0)),
            ("1.5E-2", (0, 15)),
            ("1234567e-3", (1234, 567)),
            ("1e-400", (0, 0)),
            ("0e999999999999", (0, 0)),
            ("0.000000000000000000000000001e27", (1, 0)),
            ("+0042.5", (42, 500)),
            ("-9223372036854775.807", (-9_223_372_036_854_775, -807)),
        ];
        for (text, expected) in known {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_short_number_is_what_it_is_with_an_exponent() {
        for length in 1..=20 {
            let digits = &"12345678901234567890"[..length];
            for text in [digits.to_owned(), format!("-{digits}"), format!("+{digits}"), format!("0{digits}")]
            {
                assert_eq!(parse(&text), parse(&format!("{text}e0")), "{text}");
                assert!(parse(&text).is_some(), "{text}");
            }
        }
    }

    #[test]
    fn numbers_saturate_and_never_wrap() {
        for text in
            ["9223372036854775808", "1e19", "1e400", "99999999999999999999999", "18446744073709551616"]
        {
            assert_eq!(parse(text), Some((i64::MAX, 0)), "{text}");
            assert_eq!(parse(&format!("-{text}")), Some((i64::MIN, 0)), "-{text}");
        }
    }

    #[test]
    fn anything_else_is_no_number() {
        for text in
            ["", "-", "+", ".5", "1.", "1e", "1e+", "1.2.3", "0x10", "LOCKED", "1 ", " 1", "NaN", "1e5x"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn sentinels_are_told_from_numbers() {
        for text in ["-9999999999999999", "-1e+16", "99999999999", "9.9999999999e+10", "999999", "99999"] {
            assert!(Decimal::parse(text.as_bytes()).unwrap().is_sentinel(), "{text}");
        }
        for text in ["9999999", "-99999", "99999.5", "0", "-9999999999999998"] {
            assert!(!Decimal::parse(text.as_bytes()).unwrap().is_sentinel(), "{text}");
        }
    }

    #[test]
    fn numbers_read_back_what_they_wrote() {
        for text in ["0", "-0.5", "100.3", "-12.345", "0.001", "-9223372036854775808", "1234567890123456.789"]
        {
            assert_eq!(Decimal::parse(text.as_bytes()).unwrap().to_string(), text);
        }
    }
}
