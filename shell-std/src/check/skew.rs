//! How far the producer's clock is from ours, as far as its answers tell.

use ptpwatch_core::time::{MILLISECOND_NS, SECOND_NS};

use super::Visit;
use super::report::{Grade, Report};

impl Visit<'_> {
    /// Compares the Date of an answer, and the latest event, with our clock.
    #[inline(never)]
    pub(super) fn judge_clock(&self, report: &mut Report<'_>) {
        let mut ahead_ns = 0;
        if let Some((date, at, took)) = self.dated {
            // The field has whole seconds, and was written while we waited.
            let took_ns = i64::try_from(took.as_nanos()).unwrap_or(i64::MAX);
            let most_ns = at.unix_nanos().saturating_sub(date.unix_nanos());
            ahead_ns = certain(most_ns, took_ns.saturating_add(SECOND));
        }
        // An event may be old, but not of the future.
        if ahead_ns == 0 && self.future_ns > SECOND {
            ahead_ns = -self.future_ns;
        }
        if ahead_ns == 0 {
            return match self.dated {
                Some(_) => report.say(Grade::Ok, format_args!("within a second of the producer's")),
                None => report.say(Grade::Skipped, format_args!("the producer tells no time")),
            };
        }
        let ms = ahead_ns.unsigned_abs() / MILLISECOND_NS;
        let side = if ahead_ns > 0 { "ahead of" } else { "behind" };
        report.say(
            Grade::Warn,
            format_args!(
                "{ms} ms {side} the producer's\tCLOCK_REALTIME of this host or of the producer's is wrong\tsee chronyc \
                 tracking, or phc2sys, on both; times and latencies go by it, verdicts do not"
            ),
        );
    }
}

/// How far we are ahead at least, if we are `ahead_ns` ahead or up to `doubt_ns` less; negative: behind; 0: as far as is
/// certain, no more than a second either way.
fn certain(ahead_ns: i64, doubt_ns: i64) -> i64 {
    let least_ns = ahead_ns.saturating_sub(doubt_ns);
    if least_ns > SECOND {
        least_ns
    } else if ahead_ns < -SECOND {
        ahead_ns
    } else {
        0
    }
}

const SECOND: i64 = SECOND_NS as i64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_certain_counts() {
        for (ahead_ms, doubt_ms, expected_ms) in [
            (0, 1_001, 0),
            (999, 1_001, 0),
            (2_000, 1_001, 0),
            (2_002, 1_001, 1_001),
            (5_000, 1_000, 4_000),
            (5_000, 11_000, 0),
            (-1_000, 1_001, 0),
            (-1_001, 1_001, -1_001),
            (-5_000, 11_000, -5_000),
        ] {
            let ms = |ms: i64| ms * (SECOND / 1000);
            assert_eq!(certain(ms(ahead_ms), ms(doubt_ms)), ms(expected_ms), "{ahead_ms}");
        }
    }
}
