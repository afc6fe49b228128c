//! The way back: a subscription of our own, to see that the producer reaches us; and the way out.

use std::fmt::Write;
use std::mem;
use std::net::SocketAddr;

use ptpwatch_core::dialect::Dialect;
use ptpwatch_core::event::{Resource, Stage, decode, is_same_node};
use ptpwatch_core::http::{Method, target_path};
use ptpwatch_core::limits::REQUEST_BODY_MAX;

use super::report::{Grade, Report};
use super::{Visit, reach};
use crate::api::{Call, Door, Outcome};
use crate::options::Uri;
use crate::watch::{self, Manner};

impl Visit<'_> {
    /// Subscribes, and sees whether the producer posts to us and takes our answer.
    pub(super) fn try_callback(&mut self, dialect: &'static Dialect, report: &mut Report<'_>) {
        let Some(uri) = self.open_door() else {
            let listen = self.watch.listen;
            return report.say(
                Grade::Fail,
                format_args!(
                    "{listen}\twe cannot listen there, or there is no way from the producer\tcorrect --listen"
                ),
            );
        };
        if reach::is_foreign_loopback(&uri.host, self.api.address.ip()) {
            return report.say(Grade::Skipped, format_args!("{uri} would lead the producer to itself"));
        }
        let outcome = self.subscribe_to_least(dialect);
        let call = self.api.desk.door.as_mut().and_then(|door| door.calls.pop());
        let mut found = outcome.to_string();
        if let Some(Call { from, body }) = &call {
            let from = from.ip().to_canonical();
            let _ = write!(found, ", after a POST from {from} and our 204");
            if let Some(other) = self.other_node(body.clone()) {
                return report.say(Grade::Fail, format_args!("{found}: it is about {other}{OTHER_NODE}"));
            }
            let allow = &self.watch.allow;
            if !allow.is_empty() && !allow.iter().any(|network| network.contains(&from)) {
                return report
                    .say(Grade::Fail, format_args!("{found}\t--allow does not have that address\tadd it"));
            }
        }
        if let Some((grade, advice)) = self.judge_callback(dialect, outcome, call.is_some()) {
            return report.say(grade, format_args!("{found}{advice}"));
        }
        let reason = String::from_utf8_lossy(&self.api.desk.body);
        let reason = reason.trim();
        let gap = if reason.is_empty() { "" } else { " " };
        let aside = if self.is_aside { "; run's own port may be open where this one is not" } else { "" };
        report.say(
            Grade::Fail,
            format_args!(
                "{found}, and no POST to {uri}{gap}{reason}\tthe producer does not get there, or who answers there does not say \
                 204, as another replica behind one ClusterIP does\tlet the producer connect to port {} here (NetworkPolicy, \
                 --callback, clusterIP: None){aside}",
                uri.port
            ),
        );
    }

    /// What to make of an outcome; `None` where the producer did not get to us.
    fn judge_callback(
        &self,
        dialect: &Dialect,
        outcome: Outcome,
        has_come: bool,
    ) -> Option<(Grade, &'static str)> {
        Some(match outcome {
            Outcome::Answered(201) if has_come => (Grade::Ok, ""),
            Outcome::Answered(201) if !dialect.tries_endpoints => {
                (Grade::Skipped, "; this producer tries no endpoint")
            }
            Outcome::Answered(201) if self.is_lax => (
                Grade::Warn,
                ", and no POST\tthe producer in the node's own daemon tries no endpoint; with any other, somebody else took \
                 it\tif it is that one: --dialect openshift-v2-daemon",
            ),
            Outcome::Answered(201) => (
                Grade::Fail,
                ", and no POST\tsomebody else took it: a Service with a ClusterIP in front of replicas, or another consumer\t\
                 --callback with this pod's own address, or a headless Service (clusterIP: None)",
            ),
            Outcome::Answered(404) => (
                Grade::Fail,
                "\tthe producer has no data yet (4 s after its start), or its node has another name\tlook again; see that \
                 --node is the node's name in full",
            ),
            Outcome::Answered(_) if has_come => (
                Grade::Fail,
                "\tour answer did not get back in 2 s, or the producer wants something else\tlook at its log, and at \
                 proxies on the way",
            ),
            _ => return None,
        })
    }

    /// Subscribes to what would be missed least and is there; where a resource has one subscription, to none of them.
    fn subscribe_to_least(&mut self, dialect: &'static Dialect) -> Outcome {
        if dialect.has_one_subscription_per_resource() {
            return self.subscribe(dialect, None);
        }
        let mut outcome = Outcome::Answered(404);
        for resource in LEAST_MISSED {
            if dialect.has(resource) && outcome == Outcome::Answered(404) {
                outcome = self.subscribe(dialect, Some(resource));
            }
        }
        outcome
    }

    /// Begins to listen: where `run` would, or beside it; and not before it is needed, for `run` may want to begin.
    fn open_door(&mut self) -> Option<Uri> {
        let (listen, callback) = (self.watch.listen, self.watch.callback.as_ref());
        let listener = watch::listen(listen, Manner::Guest).ok()?;
        let port = listener.local_addr().ok()?.port();
        self.is_aside = port != listen.port();
        // Beside it, we are called back at our own port.
        let aside = callback.filter(|_| self.is_aside).map(|uri| Uri { port, ..uri.clone() });
        let listens = SocketAddr::new(listen.ip(), port);
        self.endpoint =
            watch::endpoint(aside.as_ref().or(callback), listens, &self.addresses, Manner::Guest)?;
        let path = target_path(self.endpoint.as_bytes());
        self.api.desk.door = Some(Door::new(listener, path, self.api.desk.registry()).ok()?);
        Uri::parse(&self.endpoint).ok()
    }

    /// Subscribes to `resource`, or to what nobody has; notes what is made.
    pub(super) fn subscribe(&mut self, dialect: &'static Dialect, resource: Option<Resource>) -> Outcome {
        let body = self.body(dialect, resource);
        let target = [dialect.base.as_bytes(), b"/subscriptions"];
        let outcome = self.api.ask(Method::Post, &target, Some(&body));
        if outcome == Outcome::Answered(201) {
            let mut made = Vec::new();
            self.api.read_subscriptions(dialect, &mut made);
            for one in made {
                // v1 hands out another's, if there is one.
                if one.endpoint == self.endpoint {
                    self.made.push(one.id);
                }
            }
            if let Some(resource) = resource {
                self.subscribed = self.subscribed.with(resource);
            }
        }
        self.is_unsure |= !matches!(outcome, Outcome::Answered(_));
        outcome
    }

    /// The body that subscribes to `resource`, or to what nobody has: a sidecar with one subscription for a resource
    /// takes any address.
    fn body(&self, dialect: &Dialect, resource: Option<Resource>) -> Vec<u8> {
        let mut buffer = [0; REQUEST_BODY_MAX];
        let (wanted, node) = (resource.unwrap_or(Resource::LockState), &self.watch.node);
        let body = dialect.subscription_to(wanted, node, &self.endpoint, &mut buffer);
        let body = String::from_utf8_lossy(body.unwrap_or_default());
        match resource {
            Some(_) => body.into_owned().into_bytes(),
            None => body.replace(wanted.suffix(), NOBODYS).into_bytes(),
        }
    }

    /// The node that events are about, if it is not ours.
    pub(super) fn other_node(&self, mut body: Vec<u8>) -> Option<String> {
        let mut stage = Box::<Stage>::default();
        for event in decode(&mut body, &mut stage).ok()?.events() {
            for node in event.readings().filter_map(|reading| reading.node) {
                if !is_same_node(self.watch.node.as_bytes(), node) {
                    return Some(String::from_utf8_lossy(node).into_owned());
                }
            }
        }
        None
    }

    /// Deletes what we have made.
    pub(super) fn leave(&mut self, dialect: &'static Dialect, report: &mut Report<'_>) {
        report.step = "clean-up";
        report.subject = "";
        self.api.desk.clear_up();
        // Where endpoints are tried, what is not made yet will not be.
        self.api.desk.door = None;
        let mut list = Vec::new();
        if self.is_unsure && self.api.find_dialect(Some(dialect), &mut list).is_ok() {
            for one in list {
                if one.endpoint == self.endpoint && !self.made.contains(&one.id) {
                    self.made.push(one.id);
                }
            }
        }
        let (mut grade, mut left, mut advice) = (Grade::Ok, String::new(), "");
        let count = self.made.len();
        for id in mem::take(&mut self.made) {
            if !self.api.delete(dialect, &id) {
                grade = Grade::Fail;
                advice = "\tthe producer did not delete them\tptpwatch subscriptions delete, for each";
                left += " but not ";
                left += &id;
            }
        }
        report.say(grade, format_args!("{count} subscriptions of this check made and deleted{left}{advice}"));
    }
}

/// What is subscribed to to be called back, from what would be missed least on.
const LEAST_MISSED: [Resource; 5] =
    [Resource::SyncState, Resource::ClockClass, Resource::Gnss, Resource::OsClock, Resource::LockState];
/// The end of an address that is none of a resource.
const NOBODYS: &str = "/sync/ptpwatch-check";
pub(super) const OTHER_NODE: &str = "\tthe producer is that of another node\tcorrect --node or --producer";
