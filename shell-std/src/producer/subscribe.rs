//! Subscribing: what is asked for is looked at, the endpoint is tried, and the answer comes when that is done.

use std::collections::VecDeque;

use ptpwatch_core::time::Instant;

use super::address::{self, Miss};
use super::answer::Answer;
use super::ask;
use super::callbacks::{Callback, Outcome};
use super::delivery::Purpose;
use super::endpoint::Endpoint;
use super::event::Stamp;
use super::facts::Fact;
use super::manners::{Check, Duplicate};
use super::session::Request;
use super::subscriptions::Wanted;
use super::{Conn, Producer, python};

/// Someone subscribes, and waits on `conn` for the answer.
#[derive(Debug)]
pub(super) struct Applicant {
    conn: Conn,
    wanted: Wanted,
    /// What its endpoint has yet to take.
    bodies: VecDeque<String>,
    /// How often the first of them may still be tried.
    tries_left: u8,
}

impl Producer {
    /// The answer to one who subscribes; `None` if it waits.
    pub(super) fn subscribe(&mut self, now: Instant, conn: Conn, request: &Request) -> Option<Answer> {
        let (answer, wait_ns) = match self.apply(now, conn, request) {
            Ok(answer) => (answer?, 0),
            Err(refusal) => refusal,
        };
        self.answer_after(now, conn, self.faults.subscribe_ns.saturating_add(wait_ns), answer)
    }

    /// Looks at what is asked for, and begins to try the endpoint.
    ///
    /// # Errors
    /// A refusal, and how long that takes.
    fn apply(
        &mut self,
        now: Instant,
        conn: Conn,
        request: &Request,
    ) -> Result<Option<Answer>, (Answer, u64)> {
        let manners = self.site.manners;
        let wanted = ask::read(manners, request).map_err(|answer| (answer, 0))?;
        if !manners.takes_anything {
            self.examine(now, &wanted)?;
        }
        if manners.check == Check::None || wanted.endpoint.as_ref().is_none_or(String::is_empty) {
            return Ok(Some(self.accept(wanted)));
        }
        let bodies = self.check_bodies(now, &wanted.resource);
        Ok(self.try_endpoint(now, Applicant { conn, wanted, bodies, tries_left: manners.tries }))
    }

    /// # Errors
    /// Why nobody can subscribe to that, and how long it takes to find out.
    fn examine(&mut self, now: Instant, wanted: &Wanted) -> Result<(), (Answer, u64)> {
        let manners = self.site.manners;
        let replies = manners.replies;
        if matches!(manners.duplicate, Duplicate::Conflict | Duplicate::Overlap)
            && let Some(old) = self.store.duplicate_of(&self.site, wanted)
        {
            let old = manners.json.escaped(&old.write(&self.site, &python::LITERALS));
            return Err((Answer::filled(replies.conflict, &[("$old", &old)]), 0));
        }
        if !self.has_data(now) {
            return Err((replies.not_ready.into(), 0));
        }
        self.site.seek(&wanted.resource).map(drop).map_err(|miss| match miss {
            Miss::Address => (replies.bad_address.into(), 0),
            Miss::Node => (replies.unknown_node.into(), self.faults.node_wait_ns),
            Miss::Resource => {
                let suffix = manners.json.escaped(address::suffix(&wanted.resource));
                (Answer::filled(replies.unknown_resource, &[("$resource", &suffix)]), 0)
            }
        })
    }

    /// The bodies that an endpoint is tried with, one after the other.
    fn check_bodies(&mut self, now: Instant, address: &str) -> VecDeque<String> {
        let manners = self.site.manners;
        let empty = || VecDeque::from([String::new()]);
        if manners.check == Check::Empty {
            return empty();
        }
        let Ok(sought) = self.site.seek(address) else { return empty() };
        let mut news = Vec::new();
        for resource in sought.resources {
            let mut facts = self.site.facts(&self.clock, resource.kind, None, manners.initial);
            if manners.check == Check::StateOrPlaceholder {
                let all = Fact::merged(facts).unwrap_or_else(|| Fact::placeholder(resource.kind));
                facts = vec![all];
            }
            facts.retain(|fact| sought.instance.is_empty() || sought.instance == fact.instance);
            news.extend(facts.into_iter().map(|fact| (resource, fact)));
        }
        let stamp = Stamp { subscription_id: "", node: &sought.node, now_ns: self.wall_ns(now) };
        let Self { site, random, .. } = self;
        let body = |one| site.body(manners.initial, vec![one], &stamp, || random.uuid());
        news.into_iter().map(body).collect()
    }

    /// Sends the next body; the answer if there is none left, or nowhere to send it.
    fn try_endpoint(&mut self, now: Instant, applicant: Applicant) -> Option<Answer> {
        let Some(body) = applicant.bodies.front().cloned() else {
            return Some(self.accept(applicant.wanted));
        };
        let uri = applicant.wanted.endpoint.as_deref().unwrap_or_default();
        let endpoint = match Endpoint::parse(uri) {
            Ok(endpoint) => endpoint,
            Err(complaint) => return Some(self.refuse(&applicant.wanted, &complaint, Some(&complaint))),
        };
        let deadline = now.after(self.site.manners.check_ns);
        let purpose = Purpose::Check(applicant);
        self.send(Callback { endpoint: &endpoint, body: &body, deadline, purpose });
        None
    }

    /// The endpoint was tried: goes on with it, or answers who waits for that, if it still does.
    pub(super) fn conclude(&mut self, now: Instant, mut applicant: Applicant, outcome: Outcome) {
        let manners = self.site.manners;
        let conn = applicant.conn;
        applicant.tries_left = applicant.tries_left.saturating_sub(1);
        let answer = if outcome.is_success(manners) {
            applicant.bodies.pop_front();
            applicant.tries_left = manners.tries;
            self.try_endpoint(now, applicant)
        } else if applicant.tries_left > 0 {
            self.try_endpoint(now, applicant)
        } else {
            let uri = applicant.wanted.endpoint.as_deref();
            let endpoint = uri.and_then(|uri| Endpoint::parse(uri).ok());
            let complaint = endpoint.and_then(|endpoint| outcome.complaint(&endpoint));
            Some(self.refuse(&applicant.wanted, &outcome.to_string(), complaint.as_deref()))
        };
        let wait_ns = self.faults.subscribe_ns;
        if let Some(answer) = answer.and_then(|answer| self.answer_after(now, conn, wait_ns, answer)) {
            self.respond(now, conn, &answer);
            self.serve(now, conn);
        }
    }

    fn accept(&mut self, wanted: Wanted) -> Answer {
        self.tell(format!("subscribed {wanted}"));
        if let Some(old) = self.store.renew(&self.site, &wanted) {
            return Answer::json(201, self.site.ended(old.line(&self.site)));
        }
        let id = self.random.uuid();
        let line = self.store.insert(id, wanted).line(&self.site);
        Answer::json(201, self.site.ended(line))
    }

    /// Refuses a subscription. `complaint` is the HTTP client's, if that failed.
    fn refuse(&mut self, wanted: &Wanted, cause: &str, complaint: Option<&str>) -> Answer {
        self.tell(format!("refused {wanted}: {cause}"));
        let manners = self.site.manners;
        let uri = wanted.endpoint.as_deref().unwrap_or_default().replace(' ', "%20");
        let uri = manners.json.escaped(&uri);
        match complaint {
            None => Answer::filled(manners.replies.check_failed, &[("$uri", &uri)]),
            Some(complaint) => {
                let complaint = manners.json.escaped(complaint);
                Answer::filled(manners.replies.unreachable, &[("$uri", &uri), ("$cause", &complaint)])
            }
        }
    }
}
