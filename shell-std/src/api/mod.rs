//! A producer's API, asked by hand: one question at a time, and no more is remembered of it than its last answer.

mod desk;
mod door;
mod exchange;
mod listing;
mod outcome;

use std::net::SocketAddr;

use ptpwatch_core::dialect::{DETECTED, Dialect};
use ptpwatch_core::http::{Method, Writer};
use ptpwatch_core::limits::REQUEST_MAX;

pub(crate) use self::desk::Desk;
pub(crate) use self::door::{Call, Door};
pub(crate) use self::exchange::now;
pub(crate) use self::listing::Subscription;
pub(crate) use self::outcome::Outcome;
use crate::options::is_id;

/// A producer that can be asked.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) desk: Desk,
    pub(crate) address: SocketAddr,
    /// Its host and port, as requests name it.
    pub(crate) authority: String,
}

impl Api {
    /// Asks for `target`, whose pieces follow one another. The desk has the answer.
    pub(crate) fn ask(&mut self, method: Method, target: &[&[u8]], body: Option<&[u8]>) -> Outcome {
        let request = request(method, &self.authority, target, body);
        self.desk.ask(self.address, &request)
    }

    /// Deletes one subscription, whoever made it; whether it is deleted. What has no id that could be asked for, and
    /// nothing else with it, is not.
    pub(crate) fn delete(&mut self, dialect: &Dialect, id: &str) -> bool {
        let target = [dialect.base.as_bytes(), b"/subscriptions/", id.as_bytes()];
        is_id(id) && matches!(self.ask(Method::Delete, &target, None), Outcome::Answered(200..300))
    }

    /// Finds out how the producer speaks, by asking for the list of subscriptions: as `named`, or as one of those that can
    /// be told apart that way.
    ///
    /// # Errors
    /// What came of it first.
    pub(crate) fn find_dialect(
        &mut self,
        named: Option<&'static Dialect>,
        list: &mut Vec<Subscription>,
    ) -> Result<&'static Dialect, Outcome> {
        let mut first = None;
        let others = DETECTED.iter().filter(|other| named.is_none_or(|named| named.base != other.base));
        for dialect in named.iter().chain(others) {
            let outcome = self.ask(Method::Get, &[dialect.base.as_bytes(), b"/subscriptions"], None);
            if outcome == Outcome::Answered(200)
                && self.desk.body.first() != Some(&b'{')
                && self.read_subscriptions(dialect, list)
            {
                return Ok(dialect);
            }
            let first = *first.get_or_insert(outcome);
            if !matches!(outcome, Outcome::Answered(_)) {
                return Err(first);
            }
        }
        Err(first.unwrap_or(Outcome::Unreachable))
    }

    /// Reads what the last answer says of subscriptions, one or many; whether it says anything of them.
    pub(crate) fn read_subscriptions(&self, dialect: &Dialect, list: &mut Vec<Subscription>) -> bool {
        list.clear();
        listing::read(&self.desk.body, dialect, list).is_some()
    }
}

/// A request as it stands on the wire; the connection is not kept after it.
pub(crate) fn request(method: Method, authority: &str, target: &[&[u8]], body: Option<&[u8]>) -> Vec<u8> {
    let mut buffer = vec![0; REQUEST_MAX + CLOSE.len()];
    let mut writer = Writer::new(&mut buffer);
    writer.request(method, target, authority.as_bytes());
    writer.field("User-Agent", USER_AGENT);
    writer.field("Connection", b"close");
    if let Some(body) = body {
        writer.field_number("Content-Length", body.len());
        writer.field("Content-Type", b"application/json");
    }
    writer.finish_head();
    writer.bytes(body.unwrap_or_default());
    let length = writer.finish().unwrap_or_default();
    buffer.truncate(length);
    buffer
}

const USER_AGENT: &[u8] = concat!("ptpwatch/", env!("CARGO_PKG_VERSION")).as_bytes();
/// What a request has beside those of the consumer.
const CLOSE: &str = "Connection: close\r\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_name_the_host_and_keep_nothing() {
        let text = |method, body| {
            String::from_utf8(request(method, "[::1]:9043", &[b"/a", b"/././sync"], body)).unwrap()
        };
        let version = env!("CARGO_PKG_VERSION");
        let head = format!(" /a/././sync HTTP/1.1\r\nHost: [::1]:9043\r\nUser-Agent: ptpwatch/{version}\r\n");
        assert_eq!(text(Method::Get, None), format!("GET{head}{CLOSE}\r\n"));
        let fields = "Content-Length: 2\r\nContent-Type: application/json\r\n";
        assert_eq!(text(Method::Post, Some(b"{}")), format!("POST{head}{CLOSE}{fields}\r\n{{}}"));
    }
}
