//! One channel: what a resource of an instance last reported, and how far that is still known.

mod rules;

use super::update::Value;
use crate::event::{Decimal, Resource, State};
use crate::limits::{FROZEN_NS, INSTANCE_MAX, LOOK_AGAIN_NS, UNCONFIRMED_NS};
use crate::time::{Instant, Timestamp};
use heapless::Vec;

/// How far a channel's value is known to be true.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Freshness {
    /// Not at all: never heard, or not for long.
    #[default]
    Void,
    /// Heard or confirmed a short while ago.
    Fresh,
    /// Not confirmed for longer than it should take.
    Stale,
}

impl Freshness {
    /// The name in JSON lines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Void => "void",
            Self::Fresh => "fresh",
            Self::Stale => "stale",
        }
    }
}

/// When a value came to be: at `at` as far as we saw, and not before `earliest`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The last time the value before it was confirmed.
    pub earliest: Instant,
    /// The time this value was first seen.
    pub at: Instant,
}

impl Change {
    /// Nanoseconds that lie between the two changes at least.
    pub fn distance(self, other: Self) -> u64 {
        self.earliest.since(other.at).max(other.earliest.since(self.at))
    }
}

/// How long a channel's value stays known without being confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ageing {
    /// After this it is stale, in nanoseconds.
    pub stale_ns: u64,
    /// After this it is void, in nanoseconds.
    pub void_ns: u64,
}

/// A wish to have CurrentState asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The time for it.
    pub at: Instant,
    /// Whether it goes before everything else.
    pub is_urgent: bool,
}

/// The name of an instance.
pub(in crate::track) type Instance = Vec<u8, INSTANCE_MAX, u8>;

/// What a resource of one instance reports.
// In the order that it is written in: what is small comes first, for the shortest instructions reach only so far.
#[derive(Clone, Debug)]
#[repr(C)]
pub struct Channel {
    pub(in crate::track) resource: Resource,
    pub(in crate::track) freshness: Freshness,
    pub(in crate::track) value: Option<Value>,
    previous: Option<Value>,
    fix: Option<u8>,
    has_unknown_word: bool,
    is_unconfirmed: bool,
    /// Whether the value came with an offset that told something new.
    is_offset_news: bool,
    pub(in crate::track) missing_count: u8,
    pub(in crate::track) report: Report,
    pub(in crate::track) confirmed: Instant,
    change: Change,
    /// The largest offset, without its sign, that was heard while the value was LOCKED, since it came to be that.
    locked_offset_ns: u64,
    /// Since when the offset has been what it is, and when it was last said to be.
    offset_since: Instant,
    offset_heard: Instant,
    offset: Option<Decimal>,
    /// The last push that was applied, and the producer's time of it.
    push: Option<Said>,
    time: Option<Timestamp>,
    /// A push that came late, and may be older than what is known.
    disputed: Option<Said>,
    /// One that a poll has settled against, and that is looked at again: CurrentState may lag.
    dismissed: Option<Said>,
    /// A poll that contradicts the last push for the better, by when it was asked, and waits for a second opinion.
    contradiction: Option<Said>,
    pub(in crate::track) instance: Instance,
}

/// What was said of the value, and when.
#[derive(Clone, Copy, Debug)]
struct Said {
    at: Instant,
    value: Value,
}

/// What is not told yet.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::track) struct Report {
    pub(in crate::track) transitions: u32,
    pub(in crate::track) worst: Option<Value>,
    pub(in crate::track) is_due: bool,
    pub(in crate::track) is_gone: bool,
}

impl Channel {
    /// A channel that was never heard: all zeros.
    pub(in crate::track) const EMPTY: Self = Self {
        resource: Resource::LockState,
        freshness: Freshness::Void,
        value: None,
        previous: None,
        fix: None,
        has_unknown_word: false,
        is_unconfirmed: false,
        is_offset_news: false,
        missing_count: 0,
        report: Report { transitions: 0, worst: None, is_due: false, is_gone: false },
        confirmed: Instant::from_nanos(0),
        change: Change { earliest: Instant::from_nanos(0), at: Instant::from_nanos(0) },
        locked_offset_ns: 0,
        offset_since: Instant::from_nanos(0),
        offset_heard: Instant::from_nanos(0),
        offset: None,
        push: None,
        time: None,
        disputed: None,
        dismissed: None,
        contradiction: None,
        instance: Vec::new(),
    };

    /// The resource.
    pub const fn resource(&self) -> Resource {
        self.resource
    }

    /// The instance, such as `ens1fx/master`; empty where the resource has none.
    pub fn instance(&self) -> &[u8] {
        &self.instance
    }

    /// What was last reported, also when it is void by now.
    pub const fn value(&self) -> Option<Value> {
        self.value
    }

    /// How far the value is still known.
    pub const fn freshness(&self) -> Freshness {
        self.freshness
    }

    /// The state that the channel vouches for: [`State::Unknown`] while it is void or reports no state.
    pub const fn state(&self) -> State {
        match (self.freshness, self.value) {
            (Freshness::Void, _) => State::Unknown,
            (_, Some(Value::Word(word))) => word.state(),
            _ => State::Unknown,
        }
    }

    /// The offset last reported, in nanoseconds; `None` where the producer has none.
    pub const fn offset(&self) -> Option<Decimal> {
        self.offset
    }

    /// The kind of fix of a GNSS receiver, as last reported.
    pub const fn gnss_fix(&self) -> Option<u8> {
        self.fix
    }

    /// When the value came to be.
    pub const fn change(&self) -> Change {
        self.change
    }

    /// A push that came late and waits for a poll, or for a second one: what it said, and until when it waits.
    pub fn disputed(&self) -> Option<(Value, Instant)> {
        let disputed = self.disputed.map(|disputed| (disputed.value, disputed.at.after(UNCONFIRMED_NS)));
        let dismissed =
            || self.dismissed.map(|held| (held.value, held.at.after(LOOK_AGAIN_NS + UNCONFIRMED_NS)));
        disputed.or_else(dismissed)
    }

    /// When the value was last pushed; `None` if it never was.
    pub fn pushed(&self) -> Option<Instant> {
        self.push.map(|push| push.at)
    }

    /// The value before the present one.
    pub const fn previous(&self) -> Option<Value> {
        self.previous
    }

    /// The last time the value was heard or confirmed.
    pub const fn confirmed(&self) -> Instant {
        self.confirmed
    }

    /// The producer's own time of the last push.
    pub const fn time(&self) -> Option<Timestamp> {
        self.time
    }

    /// Whether the value came with an offset that told nothing new: none, a sentinel, the one before, or one as small as
    /// those of a clock that is LOCKED.
    pub const fn is_offset_quiet(&self) -> bool {
        !self.is_offset_news
    }

    /// Whether the offset has been said for long, and never moved by a nanosecond.
    pub fn is_offset_frozen(&self) -> bool {
        self.freshness == Freshness::Fresh
            && self.offset.is_some()
            && self.offset_heard.since(self.offset_since) >= FROZEN_NS
    }

    /// The value, where all that may be said of it is said by its being confirmed: it is fresh, good news, and nothing about
    /// it is in doubt. `None` where anything is.
    pub(in crate::track) fn settled(&self) -> Option<Value> {
        let is_sure = self.freshness == Freshness::Fresh
            && self.is_offset_quiet()
            && !(self.has_unknown_word || self.is_unconfirmed || self.is_offset_frozen())
            && self.disputed.is_none()
            && self.dismissed.is_none();
        self.value.filter(|value| match value {
            Value::Word(word) => is_sure && word.badness() == 0,
            Value::Level(_) => is_sure,
        })
    }

    /// Whether the last push held a word that is none of the resource's.
    pub const fn has_unknown_word(&self) -> bool {
        self.has_unknown_word
    }

    /// Whether the value is the worse of two pushes that no poll has settled.
    pub const fn is_unconfirmed(&self) -> bool {
        self.is_unconfirmed
    }
}
