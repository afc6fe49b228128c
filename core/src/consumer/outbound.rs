//! What we ask the producer: one connection, one request in flight, each within its time.

use super::flight::InFlight;
use super::listing::{Listing, Rest};
use super::plan::{Step, next_step};
use super::producer::{Producer, Request, Trouble};
use super::request::write_request;
use super::slots::{Intake, OUTBOUND, Slots};
use super::stats::count;
use crate::http::{Error, Part};
use crate::time::Instant;

/// The connection to the producer.
#[derive(Debug)]
pub(super) struct Outbound {
    state: State,
    /// When something has to be done without input: the opening or the request is given up, or the plan has something
    /// to ask.
    deadline: Instant,
    listing: Listing,
    /// Whether the connection carried an answer before: then the producer may have closed it meanwhile.
    is_reused: bool,
    is_stopped: bool,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Closed,
    Opening,
    Ready,
    Busy(InFlight),
}

impl Outbound {
    pub(super) const fn new() -> Self {
        Self {
            state: State::Closed,
            deadline: Instant::from_nanos(0),
            listing: Listing::new(),
            is_reused: false,
            is_stopped: false,
        }
    }

    /// When something has to be done without input.
    pub(super) const fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Whether everything that had to be said before the end was said.
    pub(super) const fn is_stopped(&self) -> bool {
        self.is_stopped
    }
}

/// The connection to the producer, while it is moved.
pub(super) struct Exchange<'c, 's> {
    pub(super) outbound: &'c mut Outbound,
    pub(super) slots: &'c mut Slots<'s>,
    pub(super) producer: &'c mut Producer<'s>,
    pub(super) now: Instant,
}

impl Exchange<'_, '_> {
    pub(super) fn handle_opened(&mut self) {
        self.producer.is_plan_due = true;
        if matches!(self.outbound.state, State::Opening) {
            self.outbound.state = State::Ready;
            self.outbound.is_reused = false;
            // Whoever was dialled anew may have started anew.
            self.producer.doubt_hidden();
        }
    }

    /// The connection is gone, or was never there.
    pub(super) fn handle_closed(&mut self) {
        self.producer.is_plan_due = true;
        self.give_up(Trouble::Unreachable);
    }

    /// Does whatever can be done by now, before any of it is judged; `true` if that was anything but waiting.
    pub(super) fn advance(&mut self) -> bool {
        let mut acted = false;
        while self.step() {
            acted = true;
        }
        acted
    }

    /// Does one thing that can be done by now; `false` if that was nothing but waiting.
    // Where registers are few, it is better apart from the loop around it.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn step(&mut self) -> bool {
        let acted = self.expire() || self.read();
        self.producer.is_plan_due |= acted;
        acted || self.ask()
    }

    /// Gives up on what took too long.
    fn expire(&mut self) -> bool {
        let is_overdue = matches!(self.outbound.state, State::Opening | State::Busy(_))
            && self.now >= self.outbound.deadline;
        if is_overdue {
            self.slots.close(OUTBOUND);
            self.give_up(Trouble::Timeout);
        }
        is_overdue
    }

    /// The connection is of no use any more, and neither is what went on there.
    fn give_up(&mut self, trouble: Trouble) {
        match core::mem::replace(&mut self.outbound.state, State::Closed) {
            State::Opening => self.producer.fail(self.now, None, trouble),
            // An idle connection that the producer closed just then: the request never reached it.
            State::Busy(flight)
                if self.outbound.is_reused && !flight.has_bytes && trouble == Trouble::Unreachable =>
            {
                self.producer.ask_again(self.now, flight.request);
            }
            State::Busy(flight) => self.producer.fail(self.now, Some(flight.request), trouble),
            State::Closed | State::Ready => {}
        }
    }

    /// Asks what the plan says; `true` if there may be more to do.
    fn ask(&mut self) -> bool {
        let is_open = match self.outbound.state {
            State::Closed => false,
            State::Ready => true,
            State::Opening | State::Busy(_) => return false,
        };
        if !core::mem::take(&mut self.producer.is_plan_due) && self.now < self.outbound.deadline {
            return false;
        }
        match next_step(self.producer, self.now) {
            Step::Wait(at) => self.outbound.deadline = at,
            Step::Stopped => {
                self.outbound.is_stopped = true;
                self.outbound.deadline = Instant::MAX;
                if is_open {
                    self.close();
                }
            }
            Step::Ask(request) => {
                self.outbound.deadline = self.now.after(self.producer.config.request_ns);
                if is_open {
                    self.send(request);
                    return true;
                }
                self.slots.open_outbound();
                self.outbound.state = State::Opening;
            }
        }
        false
    }

    fn send(&mut self, request: Request) {
        let length = write_request(self.slots.writer(OUTBOUND), self.producer, request);
        self.outbound.state = State::Busy(InFlight::new(request, self.now));
        if !self.slots.send(OUTBOUND, length) {
            // Cannot be: every request fits by `limits`, and only visible characters were let in.
            self.lose(Trouble::NotHttp);
            return;
        }
        self.slots.conn(OUTBOUND).intake = Intake::Head;
        self.producer.begin(self.now, request);
        self.outbound.listing = Listing::new();
    }

    /// Reads one part of the answer; `true` if there may be more to do.
    fn read(&mut self) -> bool {
        let State::Busy(flight) = &mut self.outbound.state else {
            // Nothing was asked, so whatever comes is no answer.
            if matches!(self.outbound.state, State::Ready) && !self.slots.is_read(OUTBOUND) {
                self.close();
            }
            return false;
        };
        let (receiver, window, has_ended) = self.slots.unread(OUTBOUND);
        flight.has_bytes |= !window.is_empty();
        match receiver.next_part(window, has_ended) {
            Ok(Some((Part::Head(head), length))) => {
                flight.take_head(&head);
                let is_read = flight.is_read();
                self.slots.consume(OUTBOUND, length);
                if is_read {
                    self.slots.begin_collecting(OUTBOUND);
                } else {
                    self.slots.drain(OUTBOUND, 0);
                }
            }
            Ok(Some((Part::Body(data), length))) => {
                let data = data.len();
                self.take_body(length, data);
            }
            Ok(Some((Part::End, length))) => {
                self.slots.consume(OUTBOUND, length);
                self.finish(has_ended);
            }
            Ok(None) if !has_ended => return self.wait_for_more(),
            Ok(None) | Err(Error::Truncated) => self.lose(Trouble::Unreachable),
            Err(_) => self.lose(Trouble::NotHttp),
        }
        true
    }

    /// The answer will never be complete.
    fn lose(&mut self, trouble: Trouble) {
        self.slots.close(OUTBOUND);
        self.give_up(trouble);
    }

    /// Takes `length` unread bytes, the last `data` of which are of the body.
    fn take_body(&mut self, length: usize, data: usize) {
        let is_collected = self.slots.take_data(OUTBOUND, length, data) == 0;
        if is_collected && matches!(&self.outbound.state, State::Busy(flight) if flight.is_listing()) {
            self.read_listing(Rest::Awaited);
        }
    }

    /// Reads subscriptions off what was collected, which `rest` follows; what is no JSON makes that of no use.
    fn read_listing(&mut self, rest: Rest) {
        let State::Busy(flight) = &mut self.outbound.state else { return };
        let (own, request) = (self.producer.own(), flight.request);
        let body = self.slots.body(OUTBOUND);
        let result = self.outbound.listing.read(body, rest, own, |entry| {
            self.producer.take_entry(request, entry);
        });
        match result {
            Ok(consumed) => self.slots.consume_body(OUTBOUND, consumed),
            Err(_) => {
                flight.is_unreadable = true;
                count(&mut self.producer.stats.malformed);
                self.slots.drain(OUTBOUND, 0);
            }
        }
    }

    /// There is no further part yet; `true` if there may be more to do. A window that is full for want of one holds an
    /// answer that is too large.
    fn wait_for_more(&mut self) -> bool {
        if !self.slots.recv_window(OUTBOUND).is_empty() {
            return false;
        }
        let State::Busy(flight) = &mut self.outbound.state else { return false };
        if self.slots.body_length(OUTBOUND) == 0 {
            self.lose(Trouble::NotHttp);
        } else if flight.is_listing() {
            self.read_listing(Rest::Blocked);
        } else {
            flight.is_unreadable = true;
            count(&mut self.producer.stats.oversized);
            self.slots.drain(OUTBOUND, 0);
        }
        true
    }

    /// The answer is complete.
    fn finish(&mut self, has_ended: bool) {
        if matches!(&self.outbound.state, State::Busy(flight) if flight.is_listing() && flight.is_of_use()) {
            self.read_listing(Rest::Ended);
        }
        let State::Busy(mut flight) = self.outbound.state else { return };
        flight.is_unreadable |= matches!(flight.request, Request::List) && !self.outbound.listing.is_list();
        self.producer.note_answer();
        self.dispatch(flight);
        self.slots.drop_body(OUTBOUND);
        if flight.keep_alive && !has_ended {
            self.outbound.state = State::Ready;
            self.outbound.is_reused = true;
        } else {
            self.close();
        }
    }

    /// Hands the answer to the producer's books.
    fn dispatch(&mut self, flight: InFlight) {
        let Self { producer, slots, now, .. } = self;
        let is_good = flight.is_of_use();
        match flight.request {
            Request::List if is_good => producer.end_list(*now),
            Request::List => producer.fail_list(*now, flight.status),
            Request::Subscribe(resource) => producer.end_subscribe(*now, resource, flight.status),
            Request::CurrentState(resource) if is_good => {
                producer.take_current_state(*now, flight.asked, resource, slots.body(OUTBOUND));
            }
            Request::CurrentState(resource) => {
                producer.take_refusal(*now, resource, slots.body(OUTBOUND));
            }
            Request::Unsubscribe(resource) => producer.end_unsubscribe(resource),
            Request::DeleteStale => producer.end_delete_stale(),
        }
    }

    fn close(&mut self) {
        self.slots.close(OUTBOUND);
        self.outbound.state = State::Closed;
    }
}
