//! The request that waits for its answer, and what came of that so far.

use super::producer::Request;
use crate::http::{Head, Line};
use crate::time::Instant;

/// The request that waits for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InFlight {
    pub(super) request: Request,
    pub(super) asked: Instant,
    pub(super) deadline: Instant,
    pub(super) status: u16,
    pub(super) keep_alive: bool,
    pub(super) has_bytes: bool,
    /// Whether the answer's body was of no use.
    pub(super) is_unreadable: bool,
}

impl InFlight {
    /// A request that is sent `now` and may take `request_ns`.
    pub(super) fn new(request: Request, now: Instant, request_ns: u64) -> Self {
        Self {
            request,
            asked: now,
            deadline: now.after(request_ns),
            status: 0,
            keep_alive: false,
            has_bytes: false,
            is_unreadable: false,
        }
    }

    pub(super) fn take_head(&mut self, head: &Head<'_>) {
        if let Line::Response { status } = head.line {
            self.status = status;
        }
        self.keep_alive = head.keep_alive;
    }

    /// Whether the answer's body is read: it says something, or why CurrentState was refused.
    pub(super) fn is_read(&self) -> bool {
        self.is_of_use() || matches!(self.request, Request::CurrentState(_))
    }

    /// Whether the answer's body says something.
    pub(super) fn is_of_use(&self) -> bool {
        let is_good = match self.request {
            Request::List | Request::CurrentState(_) => self.status == 200,
            Request::Subscribe(_) => matches!(self.status, 200 | 201),
            Request::Unsubscribe(_) | Request::DeleteStale => false,
        };
        is_good && !self.is_unreadable
    }
}
