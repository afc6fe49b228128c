//! What the producer says of its clock: notifications, and answers to CurrentState.

use super::{Producer, wish};
use crate::consumer::inbound::Notification;
use crate::consumer::stats::{Stats, add, count};
use crate::event::{Resource, decode};
use crate::json::Error;
use crate::time::Instant;
use crate::track::{Ask, Update, Updates};

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
        let Ok(taken) = self.push(now, body) else {
            count(&mut self.stats.malformed);
            return self.poll_everything(now);
        };
        if taken.is_of_use {
            self.note_sign_of_life(now);
        }
        if taken.is_cut {
            self.poll_everything(now);
        }
    }

    fn push(&mut self, now: Instant, body: &mut [u8]) -> Result<Taken, Error> {
        let reorders = self.dialect().reorders;
        let Self { config, channels, stage, subscriptions, stats, .. } = self;
        let mut updates = Updates::default();
        updates.fold(decode(body, stage)?, config.node.as_bytes());
        count_updates(stats, &updates);
        add(&mut stats.events, u64::from(updates.events));
        channels.push(now, &updates, reorders, |resource, ask| {
            wish(subscriptions, now, resource, ask);
        });
        Ok(Taken { is_of_use: !updates.list.is_empty(), is_cut: updates.is_cut })
    }

    /// Takes in the body of an answer 200 to CurrentState.
    pub(in crate::consumer) fn take_current_state(
        &mut self,
        now: Instant,
        asked: Instant,
        resource: Resource,
        body: &mut [u8],
    ) {
        let Ok(taken) = self.poll(now, asked, resource, body) else {
            count(&mut self.stats.malformed);
            return self.take_no_state(now, resource);
        };
        if !taken.is_of_use {
            return self.take_no_state(now, resource);
        }
        count(&mut self.stats.polls);
        if let Some(subscription) = self.subscriptions.get_mut(resource.index()) {
            subscription.has_answered = true;
            subscription.has_no_data = false;
        }
    }

    fn poll(
        &mut self,
        now: Instant,
        asked: Instant,
        resource: Resource,
        body: &mut [u8],
    ) -> Result<Taken, Error> {
        let Self { config, channels, stage, subscriptions, stats, .. } = self;
        let mut updates = Updates::default();
        updates.fold(decode(body, stage)?, config.node.as_bytes());
        count_updates(stats, &updates);
        channels.poll(now, asked, resource, &updates, |resource, ask| {
            wish(subscriptions, now, resource, ask);
        });
        let is_state = |update: &Update<'_>| update.resource == resource && update.value.is_some();
        Ok(Taken { is_of_use: updates.list.iter().any(is_state), is_cut: updates.is_cut })
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

    pub(super) fn poll_everything(&mut self, now: Instant) {
        for resource in self.wanted() {
            wish(&mut self.subscriptions, now, resource, Ask { at: now, is_urgent: false });
        }
    }
}

/// What came of a body.
struct Taken {
    /// Whether it told anything that was to be told.
    is_of_use: bool,
    /// Whether it held more than is read of one.
    is_cut: bool,
}

fn count_updates(stats: &mut Stats, updates: &Updates<'_>) {
    add(&mut stats.foreign, u64::from(updates.foreign));
    add(&mut stats.placeholders, u64::from(updates.placeholders));
    add(&mut stats.unknown, u64::from(updates.unknown));
    add(&mut stats.cut, u64::from(updates.is_cut));
}
