//! How lines name what is no word of the producer's.

use std::fmt;

use ptpwatch_core::consumer::Trouble;
use ptpwatch_core::time::{MILLISECOND_NS, SECOND_NS};

/// What went wrong with a producer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TroubleName(pub(crate) Trouble);

/// A time span for people, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span(pub(crate) u64);

impl fmt::Display for TroubleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Trouble::Unreachable => f.write_str("unreachable"),
            Trouble::Timeout => f.write_str("timeout"),
            Trouble::NotHttp => f.write_str("not-http"),
            Trouble::Subscribe(status) => write!(f, "subscribe {status}"),
            Trouble::List(status) => write!(f, "list {status}"),
            _ => f.write_str("other"),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, tenths) = (self.0 / SECOND_NS, self.0 / MILLISECOND_NS / 100 % 10);
        let (minutes, hours) = (seconds / 60, seconds / 3600);
        match (hours, minutes) {
            (0, 0) => write!(f, "{seconds}.{tenths} s"),
            (0, _) => write!(f, "{minutes} min {} s", seconds % 60),
            _ => write!(f, "{hours} h {} min", minutes % 60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_as_long_as_they_need_to_be() {
        let spans = [(0, "0.0 s"), (12_349, "12.3 s"), (60_000, "1 min 0 s"), (3_599_999, "59 min 59 s")];
        for (ms, expected) in spans {
            assert_eq!(Span(ms * MILLISECOND_NS).to_string(), expected);
        }
        assert_eq!(Span(100 * 3600 * SECOND_NS).to_string(), "100 h 0 min");
    }
}
