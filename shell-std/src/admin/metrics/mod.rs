//! Metrics as Prometheus reads them.
//!
//! Names and units are by the conventions of Prometheus. A state is a set of series, one for each state, of which one is 1.
//! There are as many series as the channels there is memory for make, whatever peers send.

mod families;
mod samples;

use std::fmt::{self, Write};

use super::facts::Facts;
use families::FAMILIES;
use samples::{Number, Samples};

/// The two formats: Prometheus' own text, version 0.0.4, and OpenMetrics 1.0. Their series are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    OpenMetrics,
}

/// Samples of one name.
struct Family {
    /// For a counter without the `_total` of its samples.
    name: &'static str,
    kind: Kind,
    help: &'static str,
    content: Content,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Gauge,
    Counter,
    Histogram,
}

/// What its samples are.
enum Content {
    /// One number.
    One(fn(&Facts<'_>) -> u64),
    /// One number, if it is there.
    Some(fn(&Facts<'_>) -> Option<Number>),
    /// Whatever this writes.
    Of(fn(&mut Samples<'_>, &Facts<'_>) -> fmt::Result),
}

impl Format {
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// Writes all metrics.
///
/// # Errors
/// If `out` takes no more.
pub(super) fn write(out: &mut dyn Write, format: Format, facts: &Facts<'_>) -> fmt::Result {
    for family in FAMILIES {
        let mut samples = Samples::new(out, format, family);
        match family.content {
            Content::One(number) => samples.one(&[], Number::Count(number(facts)))?,
            Content::Some(number) => samples.some(&[], number(facts))?,
            Content::Of(write) => write(&mut samples, facts)?,
        }
    }
    out.write_str(if format == Format::OpenMetrics { "# EOF\n" } else { "" })
}
