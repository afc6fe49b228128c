//! What peers send us: requests to the callback path become bodies, and each request an answer.
//!
//! | what came | answer |
//! |---|---|
//! | POST to our path, whatever it holds | 204: anything else can fail the producer's check of our endpoint |
//! | a body over the receive window, up to [`DRAIN_MAX`] | read to its end, 204 |
//! | a longer one | 413, closed |
//! | another path, another method on ours | 404, 405, kept |
//! | what is no HTTP, or comes too slowly | 400, 408, 431, 501, 505, closed |

use super::producer::Producer;
use super::slots::{Intake, Request, Slots};
use super::stats::count;
use crate::http::{Body, Error, Head, HeadCache, Line, Method, Part, Version, target_path};
use crate::limits::{ANSWER_MAX, DRAIN_MAX};
use crate::time::Instant;

/// A notification that came in.
#[derive(Debug)]
pub(super) enum Notification<'b> {
    /// Its body.
    Body(&'b mut [u8]),
    /// It was too large to be read.
    Oversized,
}

/// One connection from a peer, while it is moved.
pub(super) struct Inbound<'c, 's> {
    pub(super) slots: &'c mut Slots<'s>,
    pub(super) producer: &'c mut Producer<'s>,
    /// The path that notifications are taken on.
    pub(super) path: &'s [u8],
    pub(super) heads: &'c mut HeadCache<Decision>,
    pub(super) now: Instant,
    pub(super) slot: usize,
}

impl Inbound<'_, '_> {
    /// Reads what there is to read, as long as there is room for answers.
    pub(super) fn advance(&mut self) {
        while self.step() {}
        let slot = self.slot;
        if self.slots.conn(slot).has_ended && !self.slots.has_deadline(slot) {
            self.close_after_answers();
        }
        self.slots.close_if_drained(slot);
    }

    /// A peer has taken too long.
    pub(super) fn handle_overdue(&mut self) {
        count(&mut self.producer.stats.slow);
        let conn = self.slots.conn(self.slot);
        if !conn.is_closing && (conn.receiver.is_in_body() || conn.receiver.is_head_incomplete()) {
            self.refuse(408);
            self.slots.close_if_drained(self.slot);
        } else {
            self.slots.close(self.slot);
        }
    }

    /// Takes one part of a message; `false` once there is nothing to do.
    // Where registers are few, those for the loop around it are better free in here.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn step(&mut self) -> bool {
        let slot = self.slot;
        if self.slots.conn(slot).is_closing {
            return false;
        }
        if !self.slots.has_room(slot, 2 * ANSWER_MAX) {
            self.wait_for_peer();
            return false;
        }
        if self.slots.is_read(slot) {
            return false;
        }
        let (receiver, window, has_ended) = self.slots.unread(slot);
        if receiver.is_between_messages()
            && let Some((length, body, decision)) = self.heads.find(window)
        {
            // Nearly every notification comes in one piece.
            let whole = whole_body(window, length, body);
            match whole {
                Some(_) => receiver.pass_message(),
                None => receiver.pass_head(body),
            }
            self.slots.consume(slot, length);
            self.take_head(body, decision);
            if let Some(size) = whole {
                self.take_body(size, size);
                self.finish();
            }
            return true;
        }
        match receiver.next_part(window, has_ended) {
            Ok(Some((Part::Head(head), length))) => {
                let (body, decision) = (head.body, decide(&head, self.path));
                if decision.request.status == NO_CONTENT {
                    self.heads.keep(window.get(..length).unwrap_or_default(), body, decision);
                }
                self.slots.consume(slot, length);
                self.take_head(body, decision);
            }
            Ok(Some((Part::Body(data), length))) => {
                let data = data.len();
                self.take_body(length, data);
            }
            Ok(Some((Part::End, length))) => {
                self.slots.consume(slot, length);
                self.finish();
            }
            Ok(None) => return self.wait_for_more(),
            Err(error) => self.refuse_error(error),
        }
        true
    }

    fn take_head(&mut self, body: Body, decision: Decision) {
        if matches!(body, Body::Length(length) if length > DRAIN_MAX as u64) {
            count(&mut self.producer.stats.oversized);
            self.refuse(413);
            return;
        }
        let room = self.slots.rx_size() as u64;
        if decision.request.status != NO_CONTENT || matches!(body, Body::Length(length) if length > room) {
            self.slots.drain(self.slot, 0);
        } else {
            self.slots.begin_collecting(self.slot);
        }
        self.slots.conn(self.slot).request = decision.request;
        if decision.expects_continue {
            self.answer(CONTINUE, b"");
        }
    }

    /// Takes `length` unread bytes, the last `data` of which are of the body.
    fn take_body(&mut self, length: usize, data: usize) {
        if self.slots.take_data(self.slot, length, data) > DRAIN_MAX {
            count(&mut self.producer.stats.oversized);
            self.refuse(413);
        }
    }

    /// The message is complete.
    fn finish(&mut self) {
        let slot = self.slot;
        let conn = self.slots.conn(slot);
        let (request, intake) = (conn.request, conn.intake);
        let notification = match intake {
            Intake::Drain(_) => Notification::Oversized,
            Intake::Collect | Intake::Head => Notification::Body(self.slots.body(slot)),
        };
        if request.status == NO_CONTENT {
            self.producer.take_notification(self.now, notification);
        } else {
            count(&mut self.producer.stats.misdirected);
        }
        self.slots.drop_body(slot);
        self.slots.end_message(slot, self.now);
        let keeps = request.keep_alive && !self.slots.is_crowded();
        let connection: &[u8] = match (keeps, request.is_http10) {
            (false, _) => b"close",
            (true, true) => b"keep-alive",
            (true, false) => b"",
        };
        self.answer(request.status, connection);
        if !keeps {
            self.close_after_answers();
        }
    }

    /// Answers without a body. `connection`: the field of that name; empty for none.
    fn answer(&mut self, status: u16, connection: &[u8]) {
        let mut writer = self.slots.writer(self.slot);
        if status == NO_CONTENT && connection.is_empty() {
            // What nearly every answer is.
            writer.bytes(b"HTTP/1.1 204 No Content\r\n\r\n");
        } else {
            writer.status(status);
            if status == NOT_ALLOWED {
                writer.field("Allow", b"POST");
            }
            if status >= 400 {
                writer.field_number("Content-Length", 0);
            }
            if !connection.is_empty() {
                writer.field("Connection", connection);
            }
            writer.finish_head();
        }
        let length = writer.finish();
        self.slots.send(self.slot, length);
    }

    fn refuse_error(&mut self, error: Error) {
        match error {
            Error::HeadTooLong => self.refuse(431),
            Error::Version => self.refuse(505),
            Error::NotImplemented => self.refuse(501),
            // Whoever stops in mid-message waits for no answer.
            Error::Truncated => self.close_after_answers(),
            Error::Head | Error::Framing => self.refuse(400),
        }
    }

    /// Answers with an error, and closes once the answer is sent.
    fn refuse(&mut self, status: u16) {
        if status != 408 && status != 413 {
            count(&mut self.producer.stats.refused);
        }
        self.answer(status, b"close");
        self.close_after_answers();
    }

    fn close_after_answers(&mut self) {
        self.slots.drop_body(self.slot);
        self.slots.conn(self.slot).is_closing = true;
        self.slots.begin_body(self.slot, self.now);
    }

    /// There is no further part yet. A window that is full for want of one holds too much of something.
    fn wait_for_more(&mut self) -> bool {
        let slot = self.slot;
        let (now, is_full) = (self.now, self.slots.recv_window(slot).is_empty());
        let conn = self.slots.conn(slot);
        let (is_in_body, is_in_head) = (conn.receiver.is_in_body(), conn.receiver.is_head_incomplete());
        if is_full && is_in_body {
            // The body collected leaves no room for the rest of it.
            let collected = self.slots.body_length(slot);
            self.slots.drain(slot, collected);
            return !self.slots.recv_window(slot).is_empty() && collected > 0;
        }
        if is_full {
            self.refuse(431);
            return false;
        }
        if is_in_body {
            self.slots.expect_body(slot, now);
        } else if is_in_head && !self.slots.has_deadline(slot) {
            self.slots.begin_head(slot, now);
        }
        false
    }

    /// Answers wait to be taken, and until they are nothing more is read.
    fn wait_for_peer(&mut self) {
        if !self.slots.has_deadline(self.slot) {
            self.slots.begin_body(self.slot, self.now);
        }
    }
}

/// What a head decides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decision {
    request: Request,
    expects_continue: bool,
}

/// The size of a `body` that is all in `window`, behind a head of `length` bytes; `None` for one that is not, or that is
/// not to be read.
fn whole_body(window: &[u8], length: usize, body: Body) -> Option<usize> {
    let Body::Length(size) = body else { return None };
    let size = usize::try_from(size).ok()?;
    let is_whole = size <= window.len().saturating_sub(length) && size <= DRAIN_MAX;
    if is_whole { Some(size) } else { None }
}

fn decide(head: &Head<'_>, path: &[u8]) -> Decision {
    let status = match head.line {
        Line::Request { target, .. } if target != path && target_path(target) != path => NOT_FOUND,
        Line::Request { method: Method::Post, .. } => NO_CONTENT,
        _ => NOT_ALLOWED,
    };
    Decision {
        request: Request { status, keep_alive: head.keep_alive, is_http10: head.version == Version::Http10 },
        expects_continue: head.expects_continue && head.body != Body::None,
    }
}

const CONTINUE: u16 = 100;
const NO_CONTENT: u16 = 204;
const NOT_FOUND: u16 = 404;
const NOT_ALLOWED: u16 = 405;
