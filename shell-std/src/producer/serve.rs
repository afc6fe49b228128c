//! What requests come to: routes, subscriptions, CurrentState.

use ptpwatch_core::http::Method;
use ptpwatch_core::json::{Scanner, Token};
use ptpwatch_core::time::Instant;

use super::answer::Answer;
use super::callbacks::{Callback, Outcome};
use super::delivery::Purpose;
use super::endpoint::Endpoint;
use super::event::Site;
use super::manners::{Check, Duplicate};
use super::session::{Request, Session};
use super::subscriptions::{Subscription, Wanted};
use super::{Conn, Producer, go};

impl Producer {
    /// Answers the requests that a connection holds, up to one whose answer has to wait.
    pub(super) fn serve(&mut self, now: Instant, conn: Conn) {
        while let Some(request) = self.sessions.get_mut(&conn).and_then(Session::poll) {
            if let Some(answer) = self.route(now, conn, &request) {
                self.respond(now, conn, &answer);
            }
        }
        self.announce_output(conn);
    }

    /// The answer to a request; `None` if it waits for a callback.
    fn route(&mut self, now: Instant, conn: Conn, request: &Request) -> Option<Answer> {
        let path = request.target.split('?').next().unwrap_or_default();
        let clean = clean(path);
        if clean != path {
            return Some(Answer::moved(clean));
        }
        let route = path.strip_prefix(self.site.manners.base).unwrap_or_default();
        let replies = &self.site.manners.replies;
        Some(match (route, request.method) {
            ("/health", Method::Get) => Answer::ok(),
            ("/subscriptions", Method::Get) => match self.store.list(&self.site) {
                Ok(body) => Answer::json(200, body),
                Err(reply) => reply.into(),
            },
            ("/subscriptions", Method::Post) => return self.subscribe(now, conn, &request.body),
            ("/subscriptions", Method::Delete) => {
                self.store.clear();
                self.tell("unsubscribed all");
                replies.deleted_all.into()
            }
            ("/health" | "/subscriptions", _) => Answer::bare(405),
            (route, method) => match Route::of(route) {
                Some(Route::Subscription(id)) => match method {
                    Method::Get => self.subscription(id),
                    Method::Delete => self.unsubscribe(id),
                    _ => Answer::bare(405),
                },
                Some(Route::CurrentState(_)) if method != Method::Get => Answer::bare(405),
                Some(Route::CurrentState(address)) => self.current_state(now, address),
                None => Answer::no_page(),
            },
        })
    }

    fn subscription(&self, id: &str) -> Answer {
        match self.store.by_id(id) {
            Some(subscription) => Answer::json(200, subscription.line(&self.site)),
            None => self.site.manners.replies.unknown_id.into(),
        }
    }

    fn unsubscribe(&mut self, id: &str) -> Answer {
        let replies = &self.site.manners.replies;
        if !self.store.remove(id) {
            return replies.deleted_nothing.into();
        }
        self.tell(format!("unsubscribed {id}"));
        replies.deleted.into()
    }

    fn current_state(&mut self, now: Instant, address: &str) -> Answer {
        let manners = self.site.manners;
        let replies = &manners.replies;
        if self.store.to(address).next().is_none() {
            return replies.not_subscribed.into();
        }
        let known = manners
            .resource_in(address)
            .filter(|resource| self.has_data(now) && address == self.site.address(resource));
        let Some(resource) = known else { return replies.no_data.into() };
        let values = self.site.current(&self.clock, resource.kind);
        if values.is_empty() {
            return replies.no_data.into();
        }
        Answer::json(200, self.write_event(now, &manners.current, resource, &values))
    }

    /// Looks at what is asked for and tries the endpoint; the answer comes when that is done.
    fn subscribe(&mut self, now: Instant, conn: Conn, body: &[u8]) -> Option<Answer> {
        let manners = self.site.manners;
        let replies = &manners.replies;
        let Some([endpoint, resource]) = read_strings(body, manners.subscribe_keys) else {
            return Some(replies.malformed.into());
        };
        let wanted = Wanted { endpoint, resource: resource.unwrap_or_default() };
        let uri = wanted.endpoint.clone().unwrap_or_default();
        if !manners.takes_anything {
            if uri.is_empty() || wanted.resource.is_empty() {
                return Some(replies.malformed.into());
            }
            if manners.duplicate == Duplicate::Conflict && self.store.duplicate_of(&wanted).is_some() {
                return Some(replies.conflict.into());
            }
            // Before there is data, no resource is known.
            if manners.resource_in(&wanted.resource).is_none() || !self.has_data(now) {
                return Some(replies.unknown_resource.into());
            }
        }
        if uri.is_empty() {
            return Some(self.accept(wanted));
        }
        let endpoint = match Endpoint::parse(&uri) {
            Ok(endpoint) => endpoint,
            Err(complaint) => return Some(self.refuse(&wanted, &complaint, Some(&complaint))),
        };
        let body = self.check_body(now, &wanted.resource);
        let deadline = now.after(manners.check_ns);
        let purpose = Purpose::Check { conn, wanted };
        self.send(Callback { endpoint: &endpoint, body: &body, deadline, purpose });
        None
    }

    /// The body that an endpoint is tried with.
    fn check_body(&mut self, now: Instant, address: &str) -> String {
        let manners = self.site.manners;
        let Some(resource) = manners.resource_in(address).filter(|_| manners.check == Check::InitialEvent)
        else {
            return String::new();
        };
        let mut values = self.site.current(&self.clock, resource.kind);
        if values.is_empty() {
            values = Site::placeholder(resource.kind);
        }
        self.write_event(now, &manners.push, resource, &values)
    }

    /// The endpoint was tried: answers who waits for that, if it still does.
    pub(super) fn conclude(&mut self, now: Instant, conn: Conn, wanted: Wanted, outcome: Outcome) {
        let answer = if outcome == Outcome::Answered(204) {
            self.accept(wanted)
        } else {
            let endpoint = wanted.endpoint.as_deref().and_then(|uri| Endpoint::parse(uri).ok());
            let complaint = endpoint.and_then(|endpoint| outcome.complaint(&endpoint));
            self.refuse(&wanted, &outcome.to_string(), complaint.as_deref())
        };
        self.respond(now, conn, &answer);
        self.serve(now, conn);
    }

    fn accept(&mut self, wanted: Wanted) -> Answer {
        self.tell(format!("subscribed {wanted}"));
        if self.site.manners.duplicate == Duplicate::Old
            && let Some(old) = self.store.duplicate_of(&wanted)
        {
            old.doubled = true;
            return Answer::json(201, Subscription::line(old, &self.site));
        }
        let id = self.random.uuid();
        Answer::json(201, self.store.insert(id, wanted).line(&self.site))
    }

    /// Refuses a subscription. `complaint` is the HTTP client's, if that failed.
    fn refuse(&mut self, wanted: &Wanted, cause: &str, complaint: Option<&str>) -> Answer {
        self.tell(format!("refused {wanted}: {cause}"));
        let manners = self.site.manners;
        let Some(complaint) = complaint.filter(|_| manners.explains) else {
            return manners.replies.check_failed.into();
        };
        let uri = wanted.endpoint.as_deref().unwrap_or_default().replace(' ', "%20");
        let error = format!("Post \"{uri}\": {complaint}");
        Answer::json(400, format!("{{\"error\":{}}}", go::quoted(&error)))
    }

    fn respond(&mut self, now: Instant, conn: Conn, answer: &Answer) {
        let date = go::http_date(self.wall_ns(now));
        if let Some(session) = self.sessions.get_mut(&conn) {
            session.answer(answer, &date);
        }
    }
}

/// A route with something of the client's in it.
enum Route<'t> {
    Subscription(&'t str),
    /// The address, with the slash in front.
    CurrentState(&'t str),
}

impl<'t> Route<'t> {
    fn of(route: &'t str) -> Option<Self> {
        if let Some(address) = route.strip_suffix("/CurrentState") {
            return Some(Self::CurrentState(address)).filter(|_| !address.is_empty());
        }
        let id = route.strip_prefix("/subscriptions/")?;
        (!id.is_empty() && !id.contains('/')).then_some(Self::Subscription(id))
    }
}

/// A path without empty and dot segments; Go redirects to it.
fn clean(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    let slash = if path.ends_with('/') && !segments.is_empty() { "/" } else { "" };
    format!("/{}{slash}", segments.join("/"))
}

/// Reads two members of a JSON object that are strings, `null` or missing. Go takes their keys in any case.
fn read_strings(body: &[u8], keys: [&str; 2]) -> Option<[Option<String>; 2]> {
    let mut scanner = Scanner::new();
    let mut tokens = scanner.read(body, true);
    let mut found = [None, None];
    let Token::ObjectStart = tokens.next_token().ok()?? else { return None };
    while let Some(token) = tokens.next_token().ok()? {
        let Token::Key(key) = token else { continue };
        let place = keys.iter().position(|known| key.is_ignoring_case(known.as_bytes()));
        match (place, tokens.next_token().ok()??) {
            (Some(place), Token::String(text)) => {
                found[place] = Some(String::from_utf8_lossy(&text.bytes().collect::<Vec<u8>>()).into_owned());
            }
            (Some(place), Token::Null) => found[place] = None,
            (Some(_), _) => return None,
            (None, _) => drop(tokens.skip_to_depth(1).ok()?),
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_as_go_does() {
        for (path, expected) in [
            ("/a/b", "/a/b"),
            ("//a///b", "/a/b"),
            ("/a/././b/", "/a/b/"),
            ("/a/../../b", "/b"),
            ("/", "/"),
            ("", "/"),
        ] {
            assert_eq!(clean(path), expected, "{path}");
        }
    }

    #[test]
    fn two_members_are_read_whatever_else_is_there() {
        let keys = ["endpointUri", "resource"];
        let strings = |text: &str| read_strings(text.as_bytes(), keys);
        let [both, none] = [[Some("e".to_string()), Some("r/\"".into())], [None, None]];
        assert_eq!(
            strings(r#"{"x":{"resource":[1]},"EndpointURI":"e","resource":"r\/\"","y":2}"#),
            Some(both)
        );
        assert_eq!(strings(" {} "), Some(none.clone()));
        assert_eq!(strings(r#"{"resource":null}"#), Some(none));
        for text in ["", "[]", "5", r#"{"resource":"#, r#"{"resource":"x",}"#, r#"{"endpointUri":5}"#, "{}x"]
        {
            assert_eq!(strings(text), None, "{text}");
        }
    }
}
