//! What a page says of one channel.

use super::atomics::Ordering;
use super::layout::{CHANNELS_MAX, LINE, Page};
use super::words;
use crate::event::{Resource, State};
use crate::limits::INSTANCE_MAX;
use crate::time::Instant;
use crate::track::{Channel, Freshness, Value};
use heapless::Vec;

/// What a page says of one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The resource.
    pub resource: Resource,
    /// The state that the channel vouches for: Unknown while it is void or reports no state.
    pub state: State,
    /// How far it is still known.
    pub freshness: Freshness,
    /// The clock class or quality level last reported; `None` where the resource reports words.
    pub level: Option<u8>,
    /// When it came to report what it does.
    pub since: Instant,
    /// The instance, such as `ens1fx/master`; empty where the resource has none.
    pub instance: Name,
}

/// The name of an instance: up to 48 bytes, whatever a producer put into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    /// Zeros behind its length.
    bytes: [u8; INSTANCE_MAX],
    length: u8,
}

/// What a page says of its channels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entries(pub(super) Vec<Entry, CHANNELS_MAX>);

impl Entry {
    /// What there is to say of `channel`.
    pub fn of(channel: &Channel) -> Self {
        Self {
            resource: channel.resource(),
            state: channel.state(),
            freshness: channel.freshness(),
            level: match channel.value() {
                Some(Value::Level(level)) => Some(level),
                _ => None,
            },
            since: channel.change().at,
            instance: Name::new(channel.instance()),
        }
    }

    /// The clock class that it tells, if it is one that tells one.
    pub(super) fn clock_class(&self) -> Option<u8> {
        let is_known = self.resource == Resource::ClockClass && self.freshness != Freshness::Void;
        self.level.filter(|_| is_known)
    }

    pub(super) fn to_words(self) -> [u64; LINE] {
        let [low, high, ..] = words::from_level(self.level).to_le_bytes();
        let freshness = words::from_freshness(self.freshness);
        let head = [self.resource as u8, self.state as u8, freshness, self.instance.length, low, high, 0, 0];
        let mut words = [0; LINE];
        let [first, since, name @ ..] = &mut words;
        *first = u64::from_le_bytes(head);
        *since = self.since.as_nanos();
        let (parts, _) = self.instance.bytes.as_chunks();
        for (word, part) in name.iter_mut().zip(parts) {
            *word = u64::from_le_bytes(*part);
        }
        words
    }

    /// `None` if it is of a resource that this version does not know.
    pub(super) fn from_words(words: [u64; LINE]) -> Option<Self> {
        let [head, since, name @ ..] = words;
        let [resource, state, freshness, length, low, high, _, _] = head.to_le_bytes();
        let bytes = name.map(u64::to_le_bytes);
        let instance = bytes.as_flattened().get(..usize::from(length)).unwrap_or_default();
        Some(Self {
            resource: *Resource::ALL.get(usize::from(resource))?,
            state: words::state(u64::from(state)),
            freshness: words::freshness(freshness),
            level: words::level(u64::from(u16::from_le_bytes([low, high]))),
            since: Instant::from_nanos(since),
            instance: Name::new(instance),
        })
    }
}

impl Name {
    /// A name; that of nothing if `bytes` are more than there is room for.
    pub fn new(bytes: &[u8]) -> Self {
        let mut name = Self { bytes: [0; INSTANCE_MAX], length: 0 };
        if let Some(place) = name.bytes.get_mut(..bytes.len()) {
            // Not `copy_from_slice`: where others use it too, its check of the lengths keeps a panic reachable.
            for (to, from) in place.iter_mut().zip(bytes) {
                *to = *from;
            }
            name.length = u8::try_from(bytes.len()).unwrap_or(0);
        }
        name
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }
}

impl Entries {
    /// Nothing.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Takes the lines of `page`, as many as it says there are.
    pub(super) fn load(&mut self, page: &Page) {
        self.0.clear();
        let count = usize::try_from(page.channel_count.load(Ordering::Relaxed)).unwrap_or(usize::MAX);
        for line in page.channels.iter().take(count) {
            // There is room for as many as there are lines.
            Entry::from_words(line.load()).and_then(|entry| self.0.push(entry).err());
        }
    }

    /// One for each channel.
    pub fn as_slice(&self) -> &[Entry] {
        &self.0
    }
}

// The longest name has room.
const _: () = assert!((LINE - 2) * size_of::<u64>() == INSTANCE_MAX && INSTANCE_MAX <= u8::MAX as usize);
