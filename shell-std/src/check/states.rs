//! What the producer says of each resource when it is asked.

use std::fmt::Write;

use ptpwatch_core::dialect::Dialect;
use ptpwatch_core::event::{Content, Resource, Stage, decode};
use ptpwatch_core::http::Method;
use ptpwatch_core::limits::ADDRESS_MAX;

use super::Visit;
use super::callback::OTHER_NODE;
use super::report::{Grade, Report};
use crate::api::{Outcome, now};
use crate::escape::Escaped;
use crate::watch;

impl Visit<'_> {
    /// Asks for the current state of `resource`; where only subscribers are told, and anybody can be one, it subscribes.
    #[inline(never)]
    pub(super) fn ask_state(
        &mut self,
        dialect: &'static Dialect,
        resource: Resource,
        report: &mut Report<'_>,
    ) {
        if !dialect.has(resource) {
            return report.say(Grade::Skipped, format_args!("this dialect does not have it"));
        }
        let node = &self.watch.node;
        let mut is_held = self.subscribed.contains(resource)
            || self.listed.iter().any(|one| one.resource(node) == Some(resource));
        // Where the producer reaches us: else each would take as long as it tries.
        if !is_held && !self.made.is_empty() && !dialect.has_one_subscription_per_resource() {
            is_held = self.subscribe(dialect, Some(resource)) == Outcome::Answered(201);
        }
        let mut buffer = [0; ADDRESS_MAX];
        let target = dialect.current_state_of(resource, node, &mut buffer).unwrap_or_default();
        let outcome = self.api.ask(Method::Get, &[dialect.base.as_bytes(), target], None);
        let (grade, advice) = match outcome {
            Outcome::Answered(200) => return self.judge_state(resource, report),
            Outcome::Answered(_) if dialect.is_forgotten(&self.api.desk.body) => (
                Grade::Fail,
                "\tthe publisher behind the sidecar has forgotten what is subscribed there\trun subscribes again by itself; for \
                 other consumers, start the sidecar anew",
            ),
            Outcome::Answered(_) if !is_held => (
                Grade::Skipped,
                "\tnobody is subscribed, and who is not is told nothing\tptpwatch state subscribes for as long as it asks",
            ),
            Outcome::Answered(_) if watch::requires(self.watch, resource) => (Grade::Fail, NO_DATA),
            Outcome::Answered(_) => (Grade::Warn, NO_DATA),
            _ => (
                Grade::Fail,
                "\tthe producer hangs, or the publisher behind it\tlook at their logs; start them anew",
            ),
        };
        report.say(grade, format_args!("{outcome}{advice}"));
    }

    #[inline(never)]
    fn judge_state(&mut self, resource: Resource, report: &mut Report<'_>) {
        if let Some(other) = self.other_node(self.api.desk.body.clone()) {
            return report.say(Grade::Fail, format_args!("it is about {other}{OTHER_NODE}"));
        }
        let mut said = String::new();
        let mut worst = 0;
        let mut stage = Box::<Stage>::default();
        for event in decode(&mut self.api.desk.body, &mut stage).iter().flat_map(|decoded| decoded.events()) {
            let ahead_ns =
                event.time().map_or(0, |time| time.unix_nanos().saturating_sub(now().unix_nanos()));
            self.future_ns = self.future_ns.max(ahead_ns);
            for reading in event.readings().filter(|reading| reading.resource == Some(resource)) {
                let gap = if said.is_empty() { "" } else { ", " };
                let _ = match reading.content {
                    Content::Word(word) => {
                        worst = worst.max(word.badness());
                        let space = if reading.instance.is_empty() { "" } else { " " };
                        write!(said, "{gap}{}{space}{}", word.name(), Escaped(reading.instance))
                    }
                    Content::Metric(metric, Some(number)) => write!(said, "{gap}{} {number}", metric.name()),
                    _ => Ok(()),
                };
            }
        }
        let (grade, advice) = match (said.is_empty(), worst) {
            (true, _) => {
                said += "200 without a state";
                (Grade::Warn, NO_DATA)
            }
            (false, 0) => (Grade::Ok, ""),
            (false, _) => (
                Grade::Warn,
                "\tthis clock is not synchronised, or its source is not\tlook at ptp4l, phc2sys and the GNSS receiver of the \
                 node",
            ),
        };
        report.say(grade, format_args!("{said}{advice}"));
    }
}

const NO_DATA: &str = "\tnothing was reported of it since the producer started, or the node has none, or another name\t\
                       look again; see that --node is the node's name in full";
