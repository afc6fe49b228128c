//! Channels: what each (resource, instance) of a node reports, how fresh that is, and how push and poll fit together.

mod channel;
mod outcome;
mod update;

pub use channel::{Ageing, Ask, Change, Channel, Freshness};
pub use outcome::Outcomes;
pub use update::{UpdateRoom, Updates, Value};

pub(crate) use update::Update;

use channel::Instance;

use crate::event::Resource;
use crate::limits::{INSTANCE_MAX, MISSING_MAX};
use crate::swar::is_same;
use crate::time::Instant;
use outcome::Outcome;

/// The memory of one channel, lent by the embedder.
#[derive(Clone, Debug)]
pub struct ChannelSlot(Channel);

impl ChannelSlot {
    /// No channel: all zeros.
    pub const fn new() -> Self {
        Self(Channel::EMPTY)
    }
}

impl Default for ChannelSlot {
    fn default() -> Self {
        Self::new()
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

    /// Takes in what a message says, and answers whether that is news: whether more changed than when it was said last.
    /// Calls `ask` for each resource that CurrentState is wanted of.
    pub fn take(
        &mut self,
        now: Instant,
        updates: &Updates<'_, '_>,
        source: Source,
        mut ask: impl FnMut(Resource, Ask),
    ) -> bool {
        // An answer may also say that there are no others.
        let mut is_news = matches!(source, Source::Poll { .. });
        if let Source::Poll { resource, .. } = source {
            self.without_place &= !bit(resource);
        }
        for update in updates.list.iter() {
            let Some(channel) = self.channel_for(update) else {
                is_news = true;
                continue;
            };
            let before = channel.settled();
            let (outcome, wish) = match source {
                Source::Push { reorders } => {
                    let (outcome, wish) = channel.push(now, update, reorders);
                    (Some(outcome), wish)
                }
                Source::Poll { asked, .. } => (None, channel.poll(now, asked, update)),
            };
            is_news |= before.is_none() || channel.settled() != before;
            if let Some(outcome) = outcome {
                self.count(update.resource, outcome);
            }
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
        is_news
    }

    /// Does what has to happen by the clock alone, and answers whether something had to.
    pub(crate) fn advance(&mut self, now: Instant) -> bool {
        if now < self.deadline {
            return false;
        }
        let ageing = self.ageing;
        for channel in self.all_mut() {
            channel.advance(now, ageing);
        }
        self.settle(now);
        true
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
        self.active().iter().map(|slot| &slot.0)
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
        self.is_report_due = self.is_report_due && self.all().any(|channel| channel.report.is_due);
        self.is_report_due
    }

    /// The next change that was not told yet. The last word of a channel that is gone is told from behind the others.
    pub(crate) fn poll_report(&mut self) -> Option<ChannelReport<'_>> {
        let mut index = self.active().iter().position(|slot| slot.0.report.is_due)?;
        if self.slots.get(index)?.0.report.is_gone {
            self.count = self.count.wrapping_sub(1);
            if let Some([gone, .., last]) = self.slots.get_mut(index..=self.count) {
                core::mem::swap(gone, last);
            }
            index = self.count;
        }
        let channel = &mut self.slots.get_mut(index)?.0;
        let channel::Report { transitions, worst, is_gone, .. } = core::mem::take(&mut channel.report);
        Some(ChannelReport { channel, transitions, worst, is_gone })
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
        self.slots.get_mut(..self.count).unwrap_or_default().iter_mut().map(|slot| &mut slot.0)
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
        self.slots.get_mut(index).map(|slot| &mut slot.0)
    }

    /// Finds a channel. A bare `master` is the only interface that is known, and an interface is the bare `master` that
    /// was heard of before it: `OpenShift` names no interface until it has seen an offset.
    fn find(&mut self, resource: Resource, instance: &[u8]) -> Option<usize> {
        let (mut others, mut other) = (0_usize, 0);
        for index in 0..self.count {
            let Some(ChannelSlot(channel)) = self.slots.get(index) else { break };
            if channel.resource != resource || channel.report.is_gone {
                continue;
            }
            if is_same(&channel.instance, instance) {
                return Some(index);
            }
            (others, other) = (others.wrapping_add(1), index);
        }
        let channel = &mut self.slots.get_mut(other).filter(|_| others == 1)?.0;
        let is_ghost = channel.instance == MASTER && is_interface(instance) && instance.len() <= INSTANCE_MAX;
        if is_ghost {
            channel.instance.clear();
            let _ = channel.instance.extend_from_slice(instance);
        }
        let is_bare = instance == MASTER && is_interface(&channel.instance);
        if is_ghost || is_bare { Some(other) } else { None }
    }

    fn add(&mut self, update: &Update<'_>) -> Option<usize> {
        let instance = self.only_interface(update.instance).unwrap_or(update.instance);
        let index = self.count;
        let mut name = Instance::new();
        let (Ok(()), Some(ChannelSlot(channel))) =
            (name.extend_from_slice(instance), self.slots.get_mut(index))
        else {
            self.without_place |= bit(update.resource);
            return None;
        };
        *channel = Channel::EMPTY;
        (channel.resource, channel.instance) = (update.resource, name);
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
    fn count_missing(&mut self, resource: Resource, updates: &Updates<'_, '_>) {
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
