//! What one message says of each channel, folded, so that no state in between shows.

use crate::event::{Content, Decimal, Decoded, Metric, Reading, Resource, Word, is_same_node};
use crate::limits::{SPEED_IS_WORTH_CODE, UPDATES_MAX};
use crate::time::Timestamp;
use heapless::Vec;

/// What a channel reports: the thing whose change is a transition.
// Numbered so that `None` is all zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Value {
    /// The word of a resource that reports words.
    Word(Word) = 1,
    /// A clock class or a quality level.
    Level(u8) = 2,
}

impl Value {
    /// The word, if it is one.
    pub(crate) const fn word(self) -> Option<Word> {
        match self {
            Self::Word(word) => Some(word),
            Self::Level(_) => None,
        }
    }

    /// Whether this value is worse news than `other`; levels are not compared.
    pub const fn is_worse_than(self, other: Self) -> bool {
        match (self, other) {
            (Self::Word(this), Self::Word(other)) => this.badness() > other.badness(),
            _ => false,
        }
    }
}

/// What one message says of one channel.
// In the order that it is written in: what is small comes first, for the shortest instructions reach only so far.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Update<'b> {
    pub(crate) resource: Resource,
    pub(crate) has_unknown_word: bool,
    pub(crate) value: Option<Value>,
    pub(crate) fix: Option<u8>,
    pub(crate) instance: &'b [u8],
    /// The offset; `Some(None)` for one that stands for "no information".
    pub(crate) offset: Option<Option<Decimal>>,
    pub(crate) time: Option<Timestamp>,
}

/// Room for what one message says, to be lent.
// Apart from the counts: in one value with them, the compiler fills the whole list with zeros.
#[derive(Debug, Default)]
pub struct UpdateRoom<'b>(Vec<Update<'b>, UPDATES_MAX>);

/// What one message says, a channel at a time, and what of it was of no use.
#[derive(Debug)]
pub struct Updates<'r, 'b> {
    pub(crate) list: &'r mut Vec<Update<'b>, UPDATES_MAX>,
    pub(crate) events: u32,
    pub(crate) foreign: u32,
    pub(crate) placeholders: u32,
    pub(crate) unknown: u32,
    pub(crate) is_cut: bool,
}

impl<'b> UpdateRoom<'b> {
    #[cfg(test)]
    pub(crate) fn of(list: &[Update<'b>]) -> Self {
        Self(Vec::from_slice(list).unwrap())
    }

    /// What is in the room, with no counts.
    pub(crate) fn updates(&mut self) -> Updates<'_, 'b> {
        Updates { list: &mut self.0, events: 0, foreign: 0, placeholders: 0, unknown: 0, is_cut: false }
    }

    /// Folds the readings of a message that are about `node`; what was in the room before is dropped.
    // Where registers are few, it is better apart from what comes before and after it.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub fn fold(&mut self, decoded: Decoded<'b>, node: &[u8]) -> Updates<'_, 'b> {
        self.0.clear();
        let mut updates = self.updates();
        updates.is_cut = decoded.is_cut();
        let mut ours = &b""[..];
        for event in decoded.events() {
            updates.events = updates.events.wrapping_add(1);
            let time = event.time();
            if event.resource().is_none() {
                updates.unknown = updates.unknown.wrapping_add(1);
            }
            for reading in event.readings() {
                updates.take(&reading, time, node, &mut ours);
            }
        }
        // A known word beside one that is not known is no good news.
        let freerun = Some(Value::Word(Word::Freerun));
        for update in updates.list.iter_mut().filter(|update| update.has_unknown_word) {
            update.value = update.value.filter(|_| update.value == freerun);
        }
        updates
    }
}

impl<'b> Updates<'_, 'b> {
    /// Takes in a reading, if it is about `node`. `ours` is how it was spelled last: the readings of an event mostly share it.
    fn take(&mut self, reading: &Reading<'b>, time: Option<Timestamp>, node: &[u8], ours: &mut &'b [u8]) {
        let Some(resource) = reading.resource else { return };
        if reading.content == Content::Placeholder {
            self.placeholders = self.placeholders.wrapping_add(1);
            return;
        }
        if let Some(theirs) = reading.node
            && !is_same_place(theirs, ours)
        {
            if !is_same_node(node, theirs) {
                self.foreign = self.foreign.wrapping_add(1);
                return;
            }
            *ours = theirs;
        }
        let instance = if resource.is_node_wide() { b"" } else { reading.instance };
        match self.slot(resource, instance, time) {
            Some(update) => update.fold(&reading.content),
            None => self.is_cut = true,
        }
    }

    fn slot(
        &mut self,
        resource: Resource,
        instance: &'b [u8],
        time: Option<Timestamp>,
    ) -> Option<&mut Update<'b>> {
        let known = |update: &Update<'_>| {
            let is_same = is_same_place(update.instance, instance) || update.instance == instance;
            update.resource == resource && is_same
        };
        let index = match self.list.iter().position(known) {
            Some(index) => index,
            None => {
                let update = Update {
                    resource,
                    instance,
                    value: None,
                    has_unknown_word: false,
                    offset: None,
                    fix: None,
                    time,
                };
                self.list.push(update).ok()?;
                self.list.len().wrapping_sub(1)
            }
        };
        self.list.get_mut(index)
    }
}

impl Update<'_> {
    /// Takes in one more value: of several words the worst counts, of several numbers the last.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn fold(&mut self, content: &Content<'_>) {
        match content {
            Content::Word(word) => {
                let value = Value::Word(*word);
                if self.value.is_none_or(|held| value.is_worse_than(held)) {
                    self.value = Some(value);
                }
            }
            Content::UnknownWord(_) => self.has_unknown_word = true,
            Content::Metric(Metric::Offset, offset) => self.offset = Some(*offset),
            Content::Metric(Metric::ClockClass | Metric::QualityLevel, Some(number)) => {
                if let Some(level) = number.to_octet()
                    && !self.resource.has_words()
                {
                    self.value = Some(Value::Level(level));
                }
            }
            Content::Metric(Metric::GnssFix, Some(fix)) => self.fix = fix.to_octet(),
            Content::Metric(..) | Content::Placeholder | Content::Nothing => {}
        }
    }
}

/// Whether two texts are one in memory, which is faster to say than whether they are the same.
fn is_same_place(one: &[u8], other: &[u8]) -> bool {
    SPEED_IS_WORTH_CODE && core::ptr::eq(one, other)
}
