//! The request that waits for its answer, and what came of that so far.

use super::producer::Request;
use crate::http::{Head, Line};
use crate::time::Instant;

/// The request that waits for its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct InFlight {
    pub(super) request: Request,
    pub(super) asked: Instant,
    pub(super) status: u16,
    pub(super) keep_alive: bool,
    pub(super) has_bytes: bool,
    /// Whether the answer's body was of no use.
    pub(super) is_unreadable: bool,
}

impl InFlight {
    /// A request that is sent `now`.
    pub(super) const fn new(request: Request, now: Instant) -> Self {
        Self { request, asked: now, status: 0, keep_alive: false, has_bytes: false, is_unreadable: false }
    }

    pub(super) fn take_head(&mut self, head: &Head<'_>) {
        if let Line::Response { status } = head.line {
            self.status = status;
        }
        self.keep_alive = head.keep_alive;
    }

    /// Whether the answer tells of subscriptions.
    pub(super) const fn is_listing(&self) -> bool {
        matches!(self.request, Request::List | Request::Subscribe(_))
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
