//! Metrics as Prometheus reads them.
//!
//! Names and units are by the conventions of Prometheus. A state is a set of series, one for each state, of which one is
//! 1. There are as many series as the channels there is memory for make, whatever peers send.

mod families;
mod samples;

use std::fmt::{self, Write};

use ptpwatch_core::event::Resource;
use ptpwatch_core::track::Channel;

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

/// What its samples are. Those of a channel are labelled with it: where all are `only` of one resource, without that.
enum Content {
    /// One number.
    One(fn(&Facts<'_>) -> u64),
    /// One number, if it is there.
    Some(fn(&Facts<'_>) -> Option<Number>),
    /// The one of some names that holds.
    Set { of: &'static Names, holds: fn(&Facts<'_>) -> &'static str },
    /// A number of each channel that has it.
    Channels { only: Option<Resource>, number: fn(&Facts<'_>, &Channel) -> Option<Number> },
    /// The one of some names that holds, of each channel that has it.
    ChannelSets { only: Option<Resource>, of: &'static Names, holds: fn(&Channel) -> Option<&'static str> },
    /// Whatever this writes.
    Of(fn(&mut Samples<'_>, &Facts<'_>) -> fmt::Result),
}

/// Names that exclude each other, and the label that they are values of.
struct Names {
    label: &'static str,
    names: &'static [&'static str],
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
        write_family(&mut Samples::new(out, format, family), &family.content, facts)?;
    }
    out.write_str(if format == Format::OpenMetrics { "# EOF\n" } else { "" })
}

fn write_family(samples: &mut Samples<'_>, content: &Content, facts: &Facts<'_>) -> fmt::Result {
    match *content {
        Content::One(number) => samples.one(&[], Number::Count(number(facts))),
        Content::Some(number) => samples.some(&[], number(facts)),
        Content::Set { of, holds } => samples.set(&[], of, holds(facts)),
        Content::Of(write) => write(samples, facts),
        Content::Channels { only, .. } | Content::ChannelSets { only, .. } => {
            let is_meant = |channel: &&Channel| only.is_none_or(|only| only == channel.resource());
            let mut channels = facts.consumer.channels().filter(is_meant);
            channels.try_for_each(|channel| write_channel(samples, content, facts, channel))
        }
    }
}

fn write_channel(
    samples: &mut Samples<'_>,
    content: &Content,
    facts: &Facts<'_>,
    channel: &Channel,
) -> fmt::Result {
    let all = [("resource", channel.resource().name().as_bytes()), ("instance_name", channel.instance())];
    let [_, ref name @ ..] = all;
    match *content {
        Content::Channels { only, number } => {
            samples.some(if only.is_some() { name } else { &all }, number(facts, channel))
        }
        Content::ChannelSets { only, of, holds } => match holds(channel) {
            Some(holds) => samples.set(if only.is_some() { name } else { &all }, of, holds),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}
