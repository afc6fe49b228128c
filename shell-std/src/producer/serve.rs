//! What requests come to: routes, lists, CurrentState.

use ptpwatch_core::http::Method;
use ptpwatch_core::time::Instant;

use super::answer::Answer;
use super::event::{News, Stamp};
use super::session::{Request, Session};
use super::{Conn, Producer, go};

impl Producer {
    /// Answers the requests that a connection holds, up to one whose answer has to wait.
    pub(super) fn serve(&mut self, now: Instant, conn: Conn) {
        while let Some(request) = self.sessions.get_mut(conn).and_then(Session::poll) {
            if let Some(answer) = self.route(now, conn, &request) {
                self.respond(now, conn, &answer);
            }
        }
        self.announce_output(conn);
    }

    /// The answer to a request; `None` if it waits.
    fn route(&mut self, now: Instant, conn: Conn, request: &Request) -> Option<Answer> {
        let manners = self.site.manners;
        let path = match (manners.server.path)(request.target.split('?').next().unwrap_or_default()) {
            Ok(path) => path,
            Err(clean) => return Some(Answer::moved(clean)),
        };
        let wrong_method =
            || Answer::filled(manners.replies.wrong_method, &[("$method", request.method.name())]);
        if let Some((_, page)) = manners.pages.iter().find(|(known, _)| *known == path) {
            return Some(if request.method == Method::Get { (*page).into() } else { wrong_method() });
        }
        let route = path.strip_prefix(manners.base).unwrap_or_default();
        Some(match (Route::of(route), request.method) {
            (Some(Route::Subscriptions), Method::Get) => self.list(),
            (Some(Route::Subscriptions), Method::Post) => return self.subscribe(now, conn, request),
            (Some(Route::Subscriptions), Method::Delete) => {
                self.unsubscribe_all().unwrap_or_else(wrong_method)
            }
            (Some(Route::Subscription(id)), Method::Get) => self.subscription(id),
            (Some(Route::Subscription(id)), Method::Delete) => self.unsubscribe(id),
            (Some(Route::CurrentState(address)), Method::Get) => {
                let answer = self.current_state(now, address);
                return self.answer_after(now, conn, self.faults.freeze_ns, answer);
            }
            (Some(_), _) => wrong_method(),
            (None, _) => manners.replies.no_page.into(),
        })
    }

    fn list(&self) -> Answer {
        match self.store.list(&self.site) {
            Ok(body) => Answer::json(200, self.site.ended(body)),
            Err(reply) => reply.into(),
        }
    }

    fn subscription(&self, id: &str) -> Answer {
        match self.store.by_id(id) {
            Some(subscription) => Answer::json(200, self.site.ended(subscription.line(&self.site))),
            None => self.site.manners.replies.unknown_id.into(),
        }
    }

    fn unsubscribe(&mut self, id: &str) -> Answer {
        let replies = self.site.manners.replies;
        if !self.store.remove(id) {
            return replies.deleted_nothing.into();
        }
        self.tell(format!("unsubscribed {id}"));
        replies.deleted.into()
    }

    fn unsubscribe_all(&mut self) -> Option<Answer> {
        let reply = self.site.manners.replies.deleted_all?;
        self.store.clear();
        self.tell("unsubscribed all");
        Some(reply.into())
    }

    fn current_state(&mut self, now: Instant, address: &str) -> Answer {
        let manners = self.site.manners;
        let replies = manners.replies;
        if let Some(reply) = replies.not_subscribed.filter(|_| !self.store.has(address)) {
            return reply.into();
        }
        if let Some(reply) = self.store.unregistered(address) {
            return Answer::filled(reply, &[("$address", address)]);
        }
        let sought = self.site.seek_current(address).ok().filter(|_| self.has_data(now));
        let Some(sought) = sought else { return replies.not_served.into() };
        let clock = self.history.at(now.as_nanos().saturating_sub(self.faults.lag_ns));
        let mut news: Vec<News> = Vec::new();
        for resource in sought.resources {
            let facts = self.site.facts(clock, resource.kind, None, manners.current);
            let is_meant = |instance: &str| sought.instance.is_empty() || sought.instance == instance;
            news.extend(
                facts.into_iter().filter(|fact| is_meant(&fact.instance)).map(|fact| (resource, fact)),
            );
        }
        if news.is_empty() {
            return replies.no_data.into();
        }
        let stamp = Stamp { subscription_id: "", node: &sought.node, now_ns: self.wall_ns(now) };
        let Self { site, random, .. } = self;
        Answer::json(200, site.body(manners.current, news, &stamp, || random.uuid()))
    }

    /// Has an answer wait; without a wait it is handed back.
    pub(super) fn answer_after(
        &mut self,
        now: Instant,
        conn: Conn,
        wait_ns: u64,
        answer: Answer,
    ) -> Option<Answer> {
        if wait_ns == 0 {
            return Some(answer);
        }
        self.held.insert(now.after(wait_ns), (conn, answer));
        None
    }

    /// Gives the answers that waited long enough.
    pub(super) fn release(&mut self, now: Instant) {
        while let Some((conn, answer)) = self.held.pop(now) {
            self.respond(now, conn, &answer);
            self.serve(now, conn);
        }
    }

    pub(super) fn respond(&mut self, now: Instant, conn: Conn, answer: &Answer) {
        let date = go::http_date(self.wall_ns(now));
        if let Some(session) = self.sessions.get_mut(conn) {
            session.answer(answer, &date);
        }
    }
}

/// What is below the base.
enum Route<'t> {
    Subscriptions,
    Subscription(&'t str),
    /// The address, with the slash in front.
    CurrentState(&'t str),
}

impl<'t> Route<'t> {
    fn of(route: &'t str) -> Option<Self> {
        if route == "/subscriptions" {
            return Some(Self::Subscriptions);
        }
        if let Some(address) = route.strip_suffix("/CurrentState") {
            return Some(Self::CurrentState(address)).filter(|_| !address.is_empty());
        }
        let id = route.strip_prefix("/subscriptions/")?;
        (!id.is_empty() && !id.contains('/')).then_some(Self::Subscription(id))
    }
}
