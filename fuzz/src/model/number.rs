//! Decimal numbers, worked out on their digits.

use ptpwatch_core::event::Decimal;

/// A number to the third decimal place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Number {
    is_negative: bool,
    /// Saturated far above what an `i64` holds.
    whole: u128,
    thousandths: u16,
}

impl Number {
    /// Reads sign, digits, decimal places and exponent; `None` if that is not what `text` is.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (significand, exponent) = match text.split_once(['e', 'E']) {
            Some((significand, exponent)) => (significand, parse_exponent(exponent)?),
            None => (text, 0),
        };
        let (whole, places) = match significand.split_once('.') {
            Some((whole, places)) => (whole, Some(places)),
            None => (significand, None),
        };
        if !is_digits(whole) || places.is_some_and(|places| !is_digits(places)) {
            return None;
        }
        let all = format!("{whole}{}", places.unwrap_or_default());
        let digits = all.trim_start_matches('0');
        let zeros = (all.len() - digits.len()) as i64;
        if digits.is_empty() {
            return Some(Self { is_negative: false, whole: 0, thousandths: 0 });
        }
        let point = whole.len() as i64 - zeros + exponent;
        let digit = |place: i64| -> u128 {
            let digit = usize::try_from(place).ok().and_then(|place| digits.as_bytes().get(place));
            digit.map_or(0, |digit| u128::from(digit - b'0'))
        };
        let whole =
            if point > 30 { u128::MAX } else { (0..point).fold(0, |whole, place| whole * 10 + digit(place)) };
        let thousandths = (point..point + 3).fold(0, |places, place| places * 10 + digit(place) as u16);
        Some(Self { is_negative, whole, thousandths })
    }

    /// Whether `OpenShift` writes this number for "not known".
    pub(super) fn is_sentinel(self) -> bool {
        self.thousandths == 0
            && match self.whole {
                9_999_999_999_999_999 | 10_000_000_000_000_000 => self.is_negative,
                99_999 | 999_999 | 99_999_999_999 => !self.is_negative,
                _ => false,
            }
    }

    /// Whether core read this number.
    pub(crate) fn is(self, ours: Decimal) -> bool {
        let whole = match (self.is_negative, i128::try_from(self.whole)) {
            (false, whole) => i64::try_from(whole.unwrap_or(i128::MAX)).unwrap_or(i64::MAX),
            (true, whole) => i64::try_from(-whole.unwrap_or(i128::MAX)).unwrap_or(i64::MIN),
        };
        let thousandths = if self.is_negative { -(self.thousandths as i16) } else { self.thousandths as i16 };
        ours.whole() == whole && ours.thousandths() == thousandths
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn parse_exponent(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if !is_digits(digits) {
        return None;
    }
    // More than a million is as good as without end.
    Some(sign * digits.parse().unwrap_or(i64::MAX).min(1_000_000))
}
