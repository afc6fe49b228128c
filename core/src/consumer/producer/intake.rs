//! What the producer says of its clock: notifications, and answers to CurrentState.

use super::{Producer, wish};
use crate::consumer::inbound::Notification;
use crate::consumer::stats::{add, count};
use crate::event::{Resource, Stage, decode};
use crate::time::Instant;
use crate::track::{Ask, Updates};

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

    pub(super) fn take_events(&mut self, now: Instant, body: &mut [u8]) {
        let mut stage = Stage::new();
        let Ok(decoded) = decode(body, &mut stage) else {
            count(&mut self.stats.malformed);
            self.poll_everything(now);
            return;
        };
        let updates = Updates::fold(decoded, self.config.node.as_bytes());
        self.count_updates(&updates);
        add(&mut self.stats.events, u64::from(updates.events));
        if !updates.list.is_empty() {
            self.note_sign_of_life(now);
        }
        let reorders = self.dialect().reorders;
        let Self { channels, subscriptions, .. } = self;
        channels.push(now, &updates, reorders, |resource, ask| {
            wish(subscriptions, now, resource, ask);
        });
        if updates.is_cut {
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
        let mut stage = Stage::new();
        let Ok(decoded) = decode(body, &mut stage) else {
            count(&mut self.stats.malformed);
            return self.take_no_state(now, resource);
        };
        let updates = Updates::fold(decoded, self.config.node.as_bytes());
        self.count_updates(&updates);
        let has_state =
            updates.list.iter().any(|update| update.resource == resource && update.value.is_some());
        let Self { channels, subscriptions, .. } = self;
        channels.poll(now, asked, resource, &updates, |resource, ask| {
            wish(subscriptions, now, resource, ask);
        });
        if !has_state {
            return self.take_no_state(now, resource);
        }
        count(&mut self.stats.polls);
        if let Some(subscription) = self.subscriptions.get_mut(resource.index()) {
            subscription.has_answered = true;
            subscription.has_no_data = false;
        }
    }

    /// Takes in the body of any other answer to CurrentState.
    pub(in crate::consumer) fn take_refusal(&mut self, now: Instant, resource: Resource, body: &[u8]) {
        if self.dialect().is_forgotten(body) {
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

    pub(super) fn count_updates(&mut self, updates: &Updates<'_>) {
        add(&mut self.stats.foreign, u64::from(updates.foreign));
        add(&mut self.stats.placeholders, u64::from(updates.placeholders));
        add(&mut self.stats.unknown, u64::from(updates.unknown));
        add(&mut self.stats.cut, u64::from(updates.is_cut));
    }

    pub(super) fn poll_everything(&mut self, now: Instant) {
        for resource in self.wanted() {
            wish(&mut self.subscriptions, now, resource, Ask { at: now, is_urgent: false });
        }
    }
}
