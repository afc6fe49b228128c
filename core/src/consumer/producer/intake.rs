//! What the producer says of its clock: notifications, and answers to CurrentState.

use super::{Producer, wish};
use crate::consumer::inbound::Notification;
use crate::consumer::stats::{add, count};
use crate::event::{Resource, decode};
use crate::json::Error;
use crate::time::Instant;
use crate::track::{Ask, Source, Update, UpdateRoom, Updates};

impl Producer<'_> {
    /// Takes in a notification.
    pub(in crate::consumer) fn take_notification(&mut self, now: Instant, notification: Notification<'_>) {
        count(&mut self.stats.notifications);
        match notification {
            Notification::Oversized => {
                count(&mut self.stats.oversized);
                self.poll_everything(now);
            }
            Notification::Body(body) if body.iter().all(u8::is_ascii_whitespace) => {
                count(&mut self.stats.empty);
            }
            Notification::Body(body) => self.take_events(now, body),
        }
    }

    fn take_events(&mut self, now: Instant, body: &mut [u8]) {
        let source = Source::Push { reorders: self.dialect.reorders };
        let Ok(taken) = self.take_body(now, body, source) else { return self.poll_everything(now) };
        add(&mut self.stats.events, u64::from(taken.events));
        if taken.updates > 0 {
            self.note_sign_of_life(now);
        }
        if taken.is_cut {
            self.poll_everything(now);
        }
    }

    /// Takes in the body of an answer 200 to CurrentState.
    pub(in crate::consumer) fn take_current_state(
        &mut self,
        now: Instant,
        asked: Instant,
        resource: Resource,
        body: &mut [u8],
    ) {
        let taken = self.take_body(now, body, Source::Poll { resource, asked });
        if !taken.is_ok_and(|taken| taken.has_state) {
            return self.take_no_state(now, resource);
        }
        count(&mut self.stats.polls);
        if let Some(subscription) = self.subscriptions.get_mut(resource.index()) {
            subscription.has_answered = true;
            subscription.has_no_data = false;
        }
    }

    /// Takes in a body with events.
    ///
    /// # Errors
    /// If it is no JSON; that is counted.
    fn take_body(&mut self, now: Instant, body: &mut [u8], source: Source) -> Result<Taken, Error> {
        let Self { config, channels, stage, subscriptions, stats, is_plan_due, .. } = self;
        let decoded = decode(body, stage).inspect_err(|_| count(&mut stats.malformed))?;
        let mut room = UpdateRoom::default();
        let updates = room.fold(decoded, config.node.as_bytes());
        add(&mut stats.foreign, u64::from(updates.foreign));
        add(&mut stats.placeholders, u64::from(updates.placeholders));
        add(&mut stats.unknown, u64::from(updates.unknown));
        add(&mut stats.cut, u64::from(updates.is_cut));
        self.is_unjudged |= channels.take(now, &updates, source, |resource, ask| {
            *is_plan_due |= wish(subscriptions, now, resource, ask);
        });
        Ok(Taken::of(&updates, source))
    }

    /// Takes in the body of any other answer to CurrentState.
    pub(in crate::consumer) fn take_refusal(&mut self, now: Instant, resource: Resource, body: &[u8]) {
        if self.dialect.is_forgotten(body) {
            self.note_forgotten(now, resource);
        }
        self.take_no_state(now, resource);
    }

    /// Takes note that CurrentState held no state. Absence proves nothing about the clock; of a resource that had a
    /// state before, it may mean that our subscription is gone.
    pub(super) fn take_no_state(&mut self, now: Instant, resource: Resource) {
        count(&mut self.stats.polls_without_data);
        let Some(subscription) = self.subscriptions.get_mut(resource.index()) else { return };
        subscription.has_no_data = true;
        if core::mem::take(&mut subscription.has_answered) {
            self.list_at = now;
            self.doubt_hidden();
        }
    }

    pub(super) fn poll_everything(&mut self, now: Instant) {
        for resource in &Resource::ALL {
            if self.wants(*resource) {
                let ask = Ask { at: now, is_urgent: false };
                self.is_plan_due |= wish(&mut self.subscriptions, now, *resource, ask);
            }
        }
    }
}

/// What came of a body.
struct Taken {
    events: u32,
    updates: usize,
    /// Whether there was a state of the resource that was asked for.
    has_state: bool,
    /// Whether it held more than is read of one.
    is_cut: bool,
}

impl Taken {
    fn of(updates: &Updates<'_, '_>, source: Source) -> Self {
        let is_asked = |update: &Update<'_>| match source {
            Source::Push { .. } => false,
            Source::Poll { resource, .. } => update.resource == resource && update.value.is_some(),
        };
        Self {
            events: updates.events,
            updates: updates.list.len(),
            has_state: updates.list.iter().any(is_asked),
            is_cut: updates.is_cut,
        }
    }
}
