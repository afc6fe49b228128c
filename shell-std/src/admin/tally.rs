//! What is counted of changes, beside what the consumer counts itself.

use std::time::UNIX_EPOCH;

use ptpwatch_core::consumer::Notice;
use ptpwatch_core::time::{MILLISECOND_NS, SECOND_NS};
use ptpwatch_core::track::ChannelReport;
use ptpwatch_core::verdict::{Reason, VerdictReport};

use crate::view::Moment;

/// Counters since the start.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Changes of the verdict's state.
    pub(super) transitions: u64,
    /// Times that the producer's own state began to disagree.
    pub(super) disagreements: u64,
    pub(super) latency: Latency,
    disagrees: bool,
}

/// How long changes were on their way, as a histogram.
#[derive(Debug, Default)]
pub(super) struct Latency {
    /// Of each bound of [`BUCKETS`], those that took that long at most and longer than the bound before; the others.
    counts: [u64; BUCKETS.len() + 1],
    sum_ns: u64,
}

impl Tally {
    pub(super) fn note(&mut self, moment: Moment, notice: &Notice<'_>) {
        match notice {
            Notice::Verdict(_, report) => self.note_verdict(report),
            Notice::Channel(_, report) => {
                if let Some(latency_ns) = latency_ns(moment, report) {
                    self.latency.add(latency_ns);
                }
            }
            Notice::Link(..) => {}
        }
    }

    fn note_verdict(&mut self, report: &VerdictReport) {
        self.transitions += u64::from(report.transitions);
        let disagrees = report.verdict.reasons.contains(Reason::Disagreement);
        self.disagreements += u64::from(disagrees && !self.disagrees);
        self.disagrees = disagrees;
    }
}

impl Latency {
    fn add(&mut self, latency_ns: u64) {
        let bucket = BUCKETS.iter().position(|(_, bound_ns)| latency_ns <= *bound_ns);
        if let Some(count) = self.counts.get_mut(bucket.unwrap_or(BUCKETS.len())) {
            *count += 1;
        }
        self.sum_ns = self.sum_ns.saturating_add(latency_ns);
    }

    /// Each bound in seconds and how many took that long at most; the last has all.
    pub(super) fn cumulative(&self) -> [(&'static str, u64); BUCKETS.len() + 1] {
        let mut all = [("+Inf", 0); BUCKETS.len() + 1];
        let mut sum = 0;
        for ((place, count), bound) in
            all.iter_mut().zip(self.counts).zip(BUCKETS.iter().map(Some).chain([None]))
        {
            sum += count;
            *place = (bound.map_or("+Inf", |(name, _)| name), sum);
        }
        all
    }

    pub(super) fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    pub(super) fn sum_ns(&self) -> u64 {
        self.sum_ns
    }
}

/// From the time that an event says it is of to the change that it made, in nanoseconds; 0 if the clock says less.
///
/// `None` for a change that no push made, one that does not say its time, and one that is too far off to be a latency:
/// then the clock was set meanwhile, or the producer's time is none.
fn latency_ns(moment: Moment, report: &ChannelReport<'_>) -> Option<u64> {
    let channel = report.channel;
    let is_of_push = report.transitions > 0 && channel.pushed() == Some(channel.change().at);
    let sent = channel.time().filter(|_| is_of_push)?.unix_nanos();
    let now = i64::try_from(moment.wall.duration_since(UNIX_EPOCH).ok()?.as_nanos()).ok()?;
    let latency = now.saturating_sub(sent);
    (latency.unsigned_abs() <= LATENCY_MAX_NS).then(|| u64::try_from(latency).unwrap_or(0))
}

/// The bounds of the histogram: in seconds as OpenMetrics wants them to be written, and in nanoseconds.
const BUCKETS: [(&str, u64); 12] = [
    ("0.001", MILLISECOND_NS),
    ("0.002", 2 * MILLISECOND_NS),
    ("0.005", 5 * MILLISECOND_NS),
    ("0.01", 10 * MILLISECOND_NS),
    ("0.02", 20 * MILLISECOND_NS),
    ("0.05", 50 * MILLISECOND_NS),
    ("0.1", 100 * MILLISECOND_NS),
    ("0.2", 200 * MILLISECOND_NS),
    ("0.5", 500 * MILLISECOND_NS),
    ("1.0", SECOND_NS),
    ("2.0", 2 * SECOND_NS),
    ("5.0", 5 * SECOND_NS),
];

/// The longest time that counts as a latency, in nanoseconds: an hour, by which zones of time differ.
const LATENCY_MAX_NS: u64 = 3600 * SECOND_NS - 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latency_is_in_each_bucket_above_it() {
        let mut latency = Latency::default();
        for ns in [0, MILLISECOND_NS, MILLISECOND_NS + 1, 10 * MILLISECOND_NS, 6 * SECOND_NS] {
            latency.add(ns);
        }
        let cumulative = latency.cumulative();
        assert_eq!(cumulative[..4], [("0.001", 2), ("0.002", 3), ("0.005", 3), ("0.01", 4)]);
        assert_eq!(cumulative[11..], [("5.0", 4), ("+Inf", 5)]);
        assert_eq!((latency.count(), latency.sum_ns()), (5, 6 * SECOND_NS + 12 * MILLISECOND_NS + 1));
    }

    #[test]
    fn bounds_say_what_they_are() {
        for (name, ns) in BUCKETS {
            assert_eq!(name.parse::<f64>().unwrap() * 1e9, ns as f64);
        }
    }
}
