//! `check`: all that `run` needs of a producer, tried step by step, with the likely cause of what fails and what to do.
//!
//! It disturbs no consumer: it subscribes at an endpoint of its own, to nothing that could be another's to have, and deletes
//! by their ids what it made and nothing else.

mod callback;
mod ours;
mod reach;
mod report;
mod sidecar;
mod skew;
mod speech;
mod states;
mod subscriptions;

use std::time::Duration;

use ptpwatch_core::consumer::Resources;
use ptpwatch_core::dialect::Dialect;
use ptpwatch_core::event::Resource;
use ptpwatch_core::time::Timestamp;

use self::report::Report;
pub use self::subscriptions::subscriptions;
use crate::api::{Api, Subscription};
use crate::failure::Failure;
use crate::options::{Check, Watch};
use crate::resolver::Addresses;
use crate::watch;

/// Takes all the steps, as far as each can be taken; returns the exit code.
///
/// # Errors
/// If the options do not go together, stdout is gone, or the system lacks something.
#[inline(never)]
pub fn check(options: &Check) -> Result<u8, Failure> {
    watch::check(&options.watch)?;
    let mut report = Report::new(&options.watch, false)?;
    let mut visit = Visit::new(&options.watch)?;
    if visit.reach(&mut report)
        && let Some(dialect) = visit.find_dialect(&mut report)
    {
        visit.take_steps(options, dialect, &mut report);
        visit.leave(dialect, &mut report);
    }
    report.end(visit.api.desk.signal())
}

/// A look at a producer.
#[derive(Debug)]
struct Visit<'c> {
    watch: &'c Watch,
    api: Api,
    /// Where the producer may be: the ways there are the ways back.
    addresses: Addresses,
    /// The endpoint of `run`; empty if it cannot be known.
    own: String,
    /// Whether somebody takes what is posted to that.
    is_answered: bool,
    /// Our own endpoint, once there is one.
    endpoint: String,
    /// Whether that is at another port than that of `run`.
    is_aside: bool,
    /// What was subscribed before we came.
    listed: Vec<Subscription>,
    /// Whether it may be a producer that tries no endpoints, although its dialect does.
    is_lax: bool,
    /// The ids of what we have subscribed to, and the resources.
    made: Vec<String>,
    subscribed: Resources,
    /// Whether there may be more than that, for there was no answer to one who subscribed.
    is_unsure: bool,
    /// The Date of an answer, our time when it came, and how long it took.
    dated: Option<(Timestamp, Timestamp, Duration)>,
    /// How far the latest event is ahead of our clock, in nanoseconds.
    future_ns: i64,
}

impl Visit<'_> {
    /// Takes the steps, until a signal comes.
    fn take_steps(&mut self, options: &Check, dialect: &'static Dialect, report: &mut Report<'_>) {
        for step in ["health", "endpoint", "subscriptions", "sidecar-metrics", "callback"] {
            report.step = step;
            match step {
                _ if self.api.desk.signal().is_some() => return,
                "health" => self.ask_health(dialect, report),
                "endpoint" => self.try_own_endpoint(report),
                "subscriptions" => self.judge_subscriptions(dialect, report),
                "callback" => self.try_callback(dialect, report),
                _ => sidecar::judge(&mut self.api, options.sidecar_metrics.as_ref(), report),
            }
        }
        report.step = "current-state";
        for resource in Resource::ALL {
            if self.is_wanted(resource) && self.api.desk.signal().is_none() {
                report.subject = resource.name();
                self.ask_state(dialect, resource, report);
            }
        }
        report.subject = "";
        report.step = "clock";
        self.judge_clock(report);
    }

    /// Whether `run` follows a resource.
    fn is_wanted(&self, resource: Resource) -> bool {
        match &self.watch.resources {
            Some(names) => names.iter().any(|name| name == resource.name()),
            None => Resources::DEFAULT.contains(resource),
        }
    }

    /// Whether a subscription is one of `run`'s.
    fn is_own(&self, one: &Subscription) -> bool {
        one.endpoint == self.own && !self.own.is_empty()
    }
}
