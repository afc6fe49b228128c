//! Channels: what each (resource, instance) of a node reports, how fresh that is, and how push and poll fit together.

mod channel;
mod outcome;
mod update;

pub use channel::{Ageing, Ask, Change, Channel, Freshness};
pub use outcome::Outcomes;
pub use update::{Updates, Value};

pub(crate) use update::Update;

use crate::event::Resource;
use crate::limits::MISSING_MAX;
use crate::time::Instant;
use outcome::Outcome;

/// The memory of one channel, lent by the embedder.
#[derive(Clone, Debug, Default)]
pub struct ChannelSlot(Place);

/// With a tag of its own, so that an empty one is all zeros, as a `static` for `.bss` has to be.
#[derive(Clone, Debug, Default)]
#[repr(u8)]
#[expect(clippy::large_enum_variant, reason = "there is no heap to box on")]
enum Place {
    #[default]
    Empty,
    Taken(Channel),
}

impl ChannelSlot {
    /// No channel: all zeros.
    pub const fn new() -> Self {
        Self(Place::Empty)
    }

    fn channel(&self) -> Option<&Channel> {
        match &self.0 {
            Place::Empty => None,
            Place::Taken(channel) => Some(channel),
        }
    }

    fn channel_mut(&mut self) -> Option<&mut Channel> {
        match &mut self.0 {
            Place::Empty => None,
            Place::Taken(channel) => Some(channel),
        }
    }
}

/// Where a message comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The producer sent it.
    Push {
        /// Whether the producer may deliver events out of order.
        reorders: bool,
    },
    /// It is an answer 200 to CurrentState.
    Poll {
        /// The resource that was asked for.
        resource: Resource,
        /// When it was asked for.
        asked: Instant,
    },
}

/// The channels of one node, in lent memory.
#[derive(Debug)]
pub struct Channels<'s> {
    slots: &'s mut [ChannelSlot],
    count: usize,
    ageing: Ageing,
    deadline: Instant,
    is_report_due: bool,
    /// Resources with an instance that found no place, by their numbers.
    without_place: u8,
    /// Resources whose instances were listed by a complete answer, by their numbers.
    listed: u8,
    /// What became of pushes, by the number of the resource.
    outcomes: [Outcomes; Resource::COUNT],
}

/// A change of a channel, as it is told.
#[derive(Clone, Copy, Debug)]
pub struct ChannelReport<'c> {
    /// The channel as it is now.
    pub channel: &'c Channel,
    /// How often its value changed since it was last told.
    pub transitions: u32,
    /// The worst value it had since then.
    pub worst: Option<Value>,
    /// Whether the producer no longer lists the instance: this is the last word of it.
    pub is_gone: bool,
}

impl<'s> Channels<'s> {
    /// No channels yet, and places for as many as there are `slots`.
    pub fn new(slots: &'s mut [ChannelSlot], ageing: Ageing) -> Self {
        Self {
            slots,
            count: 0,
            ageing,
            deadline: Instant::MAX,
            is_report_due: false,
            without_place: 0,
            listed: 0,
            outcomes: [Outcomes::NONE; Resource::COUNT],
        }
    }

    /// Takes in what a message says. Calls `ask` for each resource that CurrentState is wanted of.
    pub fn take(
        &mut self,
        now: Instant,
        updates: &Updates<'_>,
        source: Source,
        mut ask: impl FnMut(Resource, Ask),
    ) {
        if let Source::Poll { resource, .. } = source {
            self.without_place &= !bit(resource);
        }
        for update in &updates.list {
            let Some(channel) = self.channel_for(update) else { continue };
            let wish = match source {
                Source::Push { reorders } => {
                    let (outcome, wish) = channel.push(now, update, reorders);
                    self.count(update.resource, outcome);
                    wish
                }
                Source::Poll { asked, .. } => channel.poll(now, asked, update),
            };
            if let Some(wish) = wish {
                ask(update.resource, wish);
            }
        }
        if let Source::Poll { resource, .. } = source
            && !updates.is_cut
        {
            self.count_missing(resource, updates);
        }
        self.settle(now);
    }

    /// What has to happen by the clock alone.
    pub(crate) fn advance(&mut self, now: Instant) {
        if now < self.deadline {
            return;
        }
        let ageing = self.ageing;
        for channel in self.all_mut() {
            channel.advance(now, ageing);
        }
        self.settle(now);
    }

    /// The next time that something changes by the clock alone.
    pub(crate) const fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The channels that the producer lists.
    pub fn iter(&self) -> impl Iterator<Item = &Channel> + Clone {
        self.all().filter(|channel| !channel.report.is_gone)
    }

    /// The channels, those included that are gone and not told yet.
    fn all(&self) -> impl Iterator<Item = &Channel> + Clone {
        self.active().iter().filter_map(ChannelSlot::channel)
    }

    /// Whether a complete answer has listed the instances of `resource`: until then there may be others.
    pub(crate) const fn is_listed(&self, resource: Resource) -> bool {
        self.listed & bit(resource) != 0
    }

    /// Whether an instance of any resource found no place.
    pub(crate) const fn is_full(&self) -> bool {
        self.without_place != 0
    }

    /// Whether an instance of `resource` found no place; what is not tracked cannot be vouched for.
    pub(crate) const fn lacks_place_for(&self, resource: Resource) -> bool {
        self.without_place & bit(resource) != 0
    }

    /// What became of the pushes of `resource` since the start.
    pub fn outcomes(&self, resource: Resource) -> Outcomes {
        self.outcomes.get(resource.index()).copied().unwrap_or(Outcomes::NONE)
    }

    /// Whether there is a change that was not told yet.
    pub(crate) fn has_report(&mut self) -> bool {
        if self.is_report_due {
            self.forget_gone();
            let is_due = self.all().any(|channel| channel.report.is_due);
            self.is_report_due = is_due;
        }
        self.is_report_due
    }

    /// The next change that was not told yet.
    pub(crate) fn poll_report(&mut self) -> Option<ChannelReport<'_>> {
        if !self.has_report() {
            return None;
        }
        let channel = self.all_mut().find(|channel| channel.report.is_due)?;
        let report = channel.report;
        channel.report = channel::Report { is_gone: report.is_gone, ..channel::Report::default() };
        Some(ChannelReport {
            channel,
            transitions: report.transitions,
            worst: report.worst,
            is_gone: report.is_gone,
        })
    }

    fn count(&mut self, resource: Resource, outcome: Outcome) {
        if let Some(outcomes) = self.outcomes.get_mut(resource.index()) {
            outcomes.add(outcome);
        }
    }

    fn active(&self) -> &[ChannelSlot] {
        self.slots.get(..self.count).unwrap_or_default()
    }

    fn all_mut(&mut self) -> impl Iterator<Item = &mut Channel> {
        self.slots.get_mut(..self.count).unwrap_or_default().iter_mut().filter_map(ChannelSlot::channel_mut)
    }

    /// Sets the deadline anew, and whether there is something to tell.
    fn settle(&mut self, now: Instant) {
        let ageing = self.ageing;
        let mut deadline = Instant::MAX;
        let mut is_due = false;
        for channel in self.all() {
            deadline = deadline.min(channel.deadline(ageing));
            is_due |= channel.report.is_due;
        }
        // A deadline in the past would keep the embedder from sleeping.
        self.deadline = deadline.max(now.after(1));
        self.is_report_due |= is_due;
    }

    /// The channel an update is about; a new one if it is not known and the update has something to say.
    fn channel_for(&mut self, update: &Update<'_>) -> Option<&mut Channel> {
        let index = match self.find(update.resource, update.instance) {
            Some(index) => index,
            None if update.value.is_none() && !update.has_unknown_word => return None,
            None => self.add(update)?,
        };
        self.slots.get_mut(index)?.channel_mut()
    }

    /// Finds a channel. A bare `master` is the only interface that is known, and an interface is the bare `master` that
    /// was heard of before it: `OpenShift` names no interface until it has seen an offset.
    fn find(&mut self, resource: Resource, instance: &[u8]) -> Option<usize> {
        let of_resource = |channel: &Channel| channel.resource == resource && !channel.report.is_gone;
        let is_exact = |slot: &ChannelSlot| {
            slot.channel().is_some_and(|channel| of_resource(channel) && channel.instance == instance)
        };
        // The position of a slice's iterator, and no `enumerate`: the count of any other may overflow, for all the
        // compiler knows.
        let exact = self.active().iter().position(is_exact);
        if exact.is_some() {
            return exact;
        }
        let mut others = (0..self.count).zip(self.all()).filter(|(_, channel)| of_resource(channel));
        let (only, channel) = others.next()?;
        if others.next().is_some() {
            return None;
        }
        let is_ghost = channel.instance == MASTER && is_interface(instance);
        let is_bare = instance == MASTER && is_interface(&channel.instance);
        drop(others);
        if is_ghost {
            self.slots.get_mut(only)?.channel_mut()?.instance = heapless::Vec::from_slice(instance).ok()?;
        }
        if is_ghost || is_bare { Some(only) } else { None }
    }

    fn add(&mut self, update: &Update<'_>) -> Option<usize> {
        let instance = self.only_interface(update.instance).unwrap_or(update.instance);
        let index = self.count;
        let (Ok(instance), Some(slot)) = (heapless::Vec::from_slice(instance), self.slots.get_mut(index))
        else {
            self.without_place |= bit(update.resource);
            return None;
        };
        slot.0 = Place::Taken(Channel::new(update.resource, instance));
        self.count = index.wrapping_add(1);
        Some(index)
    }

    /// The one interface that any resource is known for, where `instance` is a bare `master`.
    fn only_interface(&self, instance: &[u8]) -> Option<&[u8]> {
        if instance != MASTER {
            return None;
        }
        let mut interfaces = self.iter().map(Channel::instance).filter(|known| is_interface(known));
        let first = interfaces.next()?;
        if interfaces.all(|other| other == first) { Some(first) } else { None }
    }

    /// Counts the instances that a complete answer left out though it lists another; twice, and they are gone.
    fn count_missing(&mut self, resource: Resource, updates: &Updates<'_>) {
        let is_state = |update: &&Update<'_>| update.resource == resource && update.value.is_some();
        if !updates.list.iter().any(|update| is_state(&update)) {
            return;
        }
        self.listed |= bit(resource);
        for channel in self.all_mut().filter(|channel| channel.resource == resource) {
            let is_listed = updates
                .list
                .iter()
                .filter(is_state)
                .any(|update| update.instance == channel.instance || update.instance == MASTER);
            if is_listed {
                continue;
            }
            channel.missing_count = channel.missing_count.saturating_add(1);
            if channel.missing_count >= MISSING_MAX {
                channel.report.is_gone = true;
                channel.report.is_due = true;
            }
        }
    }

    /// Drops the channels that are gone and told.
    fn forget_gone(&mut self) {
        let mut index = 0;
        while let Some(channel) = self.active().get(index).and_then(ChannelSlot::channel) {
            if channel.report.is_gone && !channel.report.is_due {
                self.count = self.count.wrapping_sub(1);
                if let Ok([gone, last]) = self.slots.get_disjoint_mut([index, self.count]) {
                    core::mem::swap(gone, last);
                }
            } else {
                index = index.wrapping_add(1);
            }
        }
    }
}

const fn bit(resource: Resource) -> u8 {
    1_u8.wrapping_shl(resource as u32)
}

const MASTER: &[u8] = b"master";

fn is_interface(instance: &[u8]) -> bool {
    instance.ends_with(b"/master")
}

#[cfg(test)]
mod tests;
