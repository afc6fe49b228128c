//! What is ours at the producer, and who answers there where events of it go.

use std::fmt::Write;

use ptpwatch_core::dialect::Dialect;
use ptpwatch_core::event::Resource;
use ptpwatch_core::http::Method;

use super::report::{Grade, Report};
use super::{Visit, reach};
use crate::api::Outcome;
use crate::options::Uri;

impl Visit<'_> {
    /// Posts to the endpoint of `run` what a producer posts to try it: nothing.
    #[inline(never)]
    pub(super) fn try_own_endpoint(&mut self, report: &mut Report<'_>) {
        let own = &self.own;
        let Ok(uri) = Uri::parse(own) else {
            return report
                .say(Grade::Skipped, format_args!("--listen at any port: what is ours cannot be known"));
        };
        let (mut grade, mut advice) = (Grade::Fail, FOREIGN);
        if reach::is_foreign_loopback(&uri.host, self.api.address.ip()) {
            return report.say(grade, format_args!("{own}{advice}"));
        }
        let outcome = self.api.desk.ask_uri(Method::Post, &uri, Some(b"")).unwrap_or(Outcome::Unreachable);
        (grade, advice) = match outcome {
            Outcome::Answered(204) => {
                self.is_answered = true;
                (Grade::Ok, "")
            }
            Outcome::Answered(_) => (
                Grade::Fail,
                "\tanother consumer is there: producers take 204 alone for success\tgive each consumer an endpoint of its \
                 own: --listen, --callback",
            ),
            _ if self.listed.iter().any(|one| one.endpoint == *own) => (
                Grade::Warn,
                "\tevents for it go nowhere: run has ended without a way to the producer\tstart it, or: ptpwatch \
                 subscriptions delete --mine",
            ),
            _ => (Grade::Skipped, "; run is not there"),
        };
        report.say(grade, format_args!("{own}: {outcome}{advice}"));
    }

    /// Looks at who is subscribed to what.
    #[inline(never)]
    pub(super) fn judge_subscriptions(&mut self, dialect: &'static Dialect, report: &mut Report<'_>) {
        let listed = self.listed.len();
        let ours = self.listed.iter().filter(|one| self.is_own(one)).count();
        let mut missing = String::new();
        for one in &self.listed {
            if one.endpoint.is_empty() {
                return report.say(
                    Grade::Fail,
                    format_args!(
                        "{listed} listed\tsomebody subscribed to {} without an endpoint, and takes it from everybody\t\
                         ptpwatch subscriptions delete {}",
                        one.address, one.id
                    ),
                );
            }
        }
        for resource in Resource::ALL {
            let mut is_ours = !self.is_wanted(resource) || !dialect.has(resource);
            for one in &self.listed {
                if is_ours || one.resource(&self.watch.node) != Some(resource) {
                    continue;
                }
                if self.is_own(one) {
                    is_ours = true;
                } else if dialect.has_one_subscription_per_resource() {
                    return report.say(
                        Grade::Warn,
                        format_args!(
                            "{listed} listed, {ours} ours; {resource} is of {}\ta v1 sidecar has one subscription for a \
                             resource: run follows this one by polls alone\ta sidecar for each consumer; if that one is \
                             gone: ptpwatch subscriptions delete {}",
                            one.endpoint, one.id
                        ),
                    );
                }
            }
            if !is_ours {
                let _ = write!(missing, ", not {resource}");
            }
        }
        let (grade, advice) = if ours == 0 && !self.is_answered {
            missing.clear();
            (Grade::Ok, "; run is not there")
        } else if missing.is_empty() {
            (Grade::Ok, "")
        } else {
            (
                Grade::Warn,
                "\trun has just started, has other options, or the producer has no data of it yet\tlook again in 10 s, then \
                 at what run says of its link",
            )
        };
        report.say(grade, format_args!("{listed} listed, {ours} ours{missing}{advice}"));
    }
}

const FOREIGN: &str = "\tat a loopback address, a producer in another pod or on another host posts to itself\t--callback with \
                       the address of this pod, or of a Service for it";
