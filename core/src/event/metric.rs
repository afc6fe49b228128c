//! What the numbers of resources measure.

use crate::limits::SPEED_IS_WORTH_CODE;

/// What a number of a resource measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Metric {
    /// Offset from the source, in nanoseconds.
    Offset,
    /// The clock class. IEEE 1588-2019 section 7.6.2.5.
    ClockClass,
    /// The kind of fix a GNSS receiver has: 3 is a fix in three dimensions.
    GnssFix,
    /// The quality level of synchronous Ethernet. ITU-T G.8264 section 11.3.2.
    QualityLevel,
    /// The extended quality level of synchronous Ethernet.
    ExtendedQualityLevel,
}

impl Metric {
    /// The name in JSON lines, with its unit last.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Offset => "offset_ns",
            Self::ClockClass => "clock_class",
            Self::GnssFix => "gnss_fix",
            Self::QualityLevel => "quality_level",
            Self::ExtendedQualityLevel => "extended_quality_level",
        }
    }

    /// The metric that the last segment of an address names, if it names one.
    pub(super) fn from_segment(segment: &[u8]) -> Option<Self> {
        // Most segments name none, as the first letter tells.
        let is_initial =
            |letter: &u8| matches!(letter, b'C' | b'c' | b'G' | b'g' | b'Q' | b'q' | b'E' | b'e');
        if SPEED_IS_WORTH_CODE && !segment.first().is_some_and(is_initial) {
            return None;
        }
        METRICS.iter().find(|(name, _)| name.eq_ignore_ascii_case(segment)).map(|(_, metric)| *metric)
    }
}

/// Metrics by the last segments of addresses.
const METRICS: [(&[u8], Metric); 5] = [
    (b"CLOCK_CLASS", Metric::ClockClass),
    (b"clock-class", Metric::ClockClass),
    (b"gpsFix", Metric::GnssFix),
    (b"Ql", Metric::QualityLevel),
    (b"ExtQL", Metric::ExtendedQualityLevel),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_read_in_any_letter_case() {
        for (name, metric) in METRICS {
            for name in [name.to_vec(), name.to_ascii_lowercase(), name.to_ascii_uppercase()] {
                assert_eq!(Metric::from_segment(&name), Some(metric), "{}", name.escape_ascii());
            }
        }
        for other in ["", "master", "Q", "gpsFixe", "ens1f0"] {
            assert_eq!(Metric::from_segment(other.as_bytes()), None, "{other}");
        }
    }
}
