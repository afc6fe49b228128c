//! What answers are made of.

use std::time::Duration;

use ptpwatch_core::consumer::{Consumer, Link, Stats};
use ptpwatch_core::verdict::Verdict;

use super::history::History;
use super::tally::Tally;
use crate::view::Moment;

/// What holds from the start to the end.
#[derive(Clone, Debug)]
pub(crate) struct About {
    pub(crate) node: String,
    /// As it was told; empty if it was not.
    pub(crate) role: &'static str,
    pub(crate) holdover_budget: Option<Duration>,
    /// Whether metrics show the PTP operator's own gauge.
    pub(crate) openshift_metrics: bool,
    pub(crate) started: Moment,
}

/// What others count.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    /// Peers that may not connect to where events are awaited.
    pub(crate) turned_away: u64,
    /// Lines that stdout did not take.
    pub(crate) lines_dropped: u64,
    /// Lines that the journal did not take; `None` if there is no journal.
    pub(crate) journal_dropped: Option<u64>,
}

/// All of it, at a moment.
pub(super) struct Facts<'f> {
    pub(super) moment: Moment,
    pub(super) about: &'f About,
    pub(super) consumer: &'f Consumer<'f>,
    /// Of the consumer, as they are now.
    pub(super) verdict: Verdict,
    pub(super) link: Link,
    pub(super) stats: Stats,
    pub(super) history: &'f History,
    pub(super) tally: &'f Tally,
    pub(super) counts: Counts,
    /// Streams of changes, and those that were ended for a slow reader.
    pub(super) streams: usize,
    pub(super) streams_dropped: u64,
    pub(super) is_stopping: bool,
}

impl Facts<'_> {
    /// Whether events come in: the producer answers, and each subscription is held, be it by another.
    pub(super) fn is_ready(&self) -> bool {
        let Link { is_up, subscribed, taken, wanted, .. } = self.link;
        !self.is_stopping && is_up == Some(true) && wanted > 0 && subscribed + taken >= wanted
    }
}
