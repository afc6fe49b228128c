//! What went over a connection, and what an answer may be.

use ptpwatch_core::http::Method;

use super::AUTHORITY;
use crate::framing::{self, Role, Start};

/// What a peer sent and was answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    pub(super) received: Vec<u8>,
    pub(super) sent: Vec<u8>,
    /// Whether the embedder said that bytes came which did not: what they were nobody knows.
    pub(super) is_unknown: bool,
}

impl Record {
    /// Panics unless each request has the answer it is due, in order, and none more than one.
    pub(super) fn assert_answers(&self) {
        let answers = framing::read(&self.sent, Role::Client { to_head: false }, false);
        assert!(!answers.is_refused, "no HTTP: {}", self.sent.escape_ascii());
        let requests = framing::read(&self.received, Role::Server, false).messages;
        let mut requests = requests.iter().filter(|request| request.has_ended);
        let mut is_closing = false;
        for answer in &answers.messages {
            let Start::Response(status) = answer.head.start else { panic!("a request") };
            assert!(!is_closing, "an answer after the last");
            is_closing = !answer.head.keep_alive;
            let is_refusal = matches!(status, 400 | 408 | 413 | 431 | 501 | 505) && is_closing;
            let due = requests.next().map(|request| match &request.head.start {
                Start::Request(_, target) if path(target) != b"/event" => 404,
                Start::Request(Method::Post, _) => 204,
                _ => 405,
            });
            assert!(is_refusal || self.is_unknown || due == Some(status), "{status} where {due:?} is due");
        }
    }
}

/// The path in a target; none of ours is in absolute-form without one.
fn path(target: &[u8]) -> &[u8] {
    let target = target.split(|byte| matches!(byte, b'?' | b'#')).next().unwrap_or_default();
    let scheme = target.windows(3).position(|three| three == b"://");
    match scheme {
        Some(scheme) if target.first() != Some(&b'/') => {
            let rest = &target[scheme + 3..];
            rest.iter().position(|byte| *byte == b'/').map_or(b"/", |slash| &rest[slash..])
        }
        _ => target,
    }
}

/// Panics unless `sent` are requests to the producer.
pub(super) fn assert_requests(sent: &[u8]) {
    let requests = framing::read(sent, Role::Server, false);
    assert!(!requests.is_refused, "no HTTP: {}", sent.escape_ascii());
    for request in requests.messages {
        assert_eq!(request.head.authority.as_deref(), Some(AUTHORITY.as_bytes()));
        let Start::Request(method, target) = request.head.start else { panic!("a response") };
        assert!(matches!(method, Method::Get | Method::Post | Method::Delete));
        assert!(
            target.windows(21).any(|window| window.ends_with(b"loudNotifications/v1")
                || window.ends_with(b"loudNotifications/v2"))
        );
        assert!(
            method != Method::Post
                || !request.has_ended
                || serde_json::from_slice::<serde::de::IgnoredAny>(&request.body).is_ok()
        );
    }
}
