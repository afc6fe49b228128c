//! What the required channels say, folded under the policy: the chart's input.

use super::policy::{Instances, Policy};
use super::reasons::{Reason, Reasons};
use crate::event::{Resource, State, Word};
use crate::time::Instant;
use crate::track::{Change, Channel, Channels, Freshness, Value};

/// What the instances of one resource say together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side<'c> {
    /// The state that counts; Unknown where it is void.
    pub(super) state: State,
    /// The instance that counts, if anything was ever reported.
    pub(super) counting: Option<&'c Channel>,
    /// Until when a late report that it is not LOCKED waits for a poll.
    pub(super) disputed_until: Instant,
    pub(super) reasons: Reasons,
}

impl<'c> Side<'c> {
    /// Folds the channels of `resource`. `is_listed`: there are no others.
    pub(super) fn of(
        channels: &'c Channels<'_>,
        resource: Resource,
        instances: Instances<'_>,
        is_listed: bool,
    ) -> Self {
        let mut disputed_until = Instant::default();
        let mut counting: Option<&Channel> = None;
        let mut differs = false;
        for channel in channels.iter() {
            if channel.resource() != resource || !counts(channel, instances) {
                continue;
            }
            disputed_until = disputed_until.max(self::disputed_until(channel));
            differs |= counting.is_some_and(|counting| counting.state() != channel.state());
            counting = match counting {
                Some(counting) if goes_before(counting, channel, instances) => Some(counting),
                _ => Some(channel),
            };
        }
        let mut state = counting.map_or(State::Unknown, Channel::state);
        let mut reasons = counting.map_or(Reasons::NONE, reasons_of);
        let is_missing = is_missing(channels, resource, instances);
        // Where one LOCKED instance is enough, one that was not heard of yet could be it.
        let may_be_locked = instances == Instances::Any && !is_listed && state != State::Locked;
        if may_be_locked || (is_missing && state != State::Freerun) {
            state = State::Unknown;
        }
        reasons.set(Reason::InstanceMissing, is_missing);
        reasons.set(Reason::InstancesDiffer, differs && instances != Instances::Any);
        Self { state, counting, disputed_until, reasons }
    }

    /// When the instance that counts came to its state.
    pub(super) fn change(&self) -> Change {
        self.counting.map(Channel::change).unwrap_or_default()
    }

    /// When it was last pushed.
    pub(super) fn pushed(&self) -> Option<Instant> {
        self.counting?.pushed()
    }

    /// Its state before that change.
    pub(super) fn previous(&self) -> State {
        let previous = self.counting.and_then(Channel::previous);
        previous.and_then(Value::word).map_or(State::Unknown, Word::state)
    }

    /// Whether its offset told nothing new when the state came.
    pub(super) fn is_quiet(&self) -> bool {
        self.counting.is_some_and(Channel::is_offset_quiet)
    }
}

/// What a channel that counts has to be told of.
fn reasons_of(channel: &Channel) -> Reasons {
    let mut reasons = Reasons::NONE;
    reasons.set(Reason::UnknownWord, channel.has_unknown_word());
    reasons.set(Reason::Stale, channel.freshness() == Freshness::Stale);
    reasons.set(Reason::Unconfirmed, channel.is_unconfirmed());
    reasons.set(Reason::OffsetFrozen, channel.is_offset_frozen());
    reasons
}

/// Until when a late report waits for a poll that says worse than LOCKED.
fn disputed_until(channel: &Channel) -> Instant {
    match channel.disputed() {
        Some((value, until)) if value != Value::Word(Word::Locked) => until,
        _ => Instant::default(),
    }
}

/// Whether a channel is one of those that the policy looks at.
fn counts(channel: &Channel, instances: Instances<'_>) -> bool {
    match instances {
        Instances::Worst | Instances::Any => true,
        Instances::Named(names) => names.iter().any(|name| name.as_bytes() == channel.instance()),
    }
}

/// Whether one that the policy names was never seen.
fn is_missing(channels: &Channels<'_>, resource: Resource, instances: Instances<'_>) -> bool {
    let Instances::Named(names) = instances else { return false };
    let is_seen = |name: &&str| {
        channels.iter().any(|channel| channel.resource() == resource && channel.instance() == name.as_bytes())
    };
    !names.iter().all(is_seen)
}

/// Which of two channels of one resource counts; of equals the one that came to it last, or has an unknown word, or the
/// last by name: never by its place in memory, which changes when another one is gone.
fn goes_before(channel: &Channel, other: &Channel, instances: Instances<'_>) -> bool {
    let weight = |channel: &Channel| match (channel.state(), instances) {
        // One LOCKED instance is enough; a void one could be it.
        (State::Locked, Instances::Any) => 3,
        (State::Freerun, Instances::Any) => 0,
        // FREERUN is known to be bad whatever else is not known; a void instance hides anything but that.
        (State::Freerun, _) => 3,
        (State::Locked, _) => 0,
        (State::Unknown, _) => 2,
        (State::Holdover, _) => 1_u8,
    };
    let order = weight(channel).cmp(&weight(other));
    let order = order.then(channel.change().at.cmp(&other.change().at));
    let order = order.then(channel.has_unknown_word().cmp(&other.has_unknown_word()));
    order.then_with(|| channel.instance().cmp(other.instance())).is_gt()
}

/// What the channels that never decide between known and unknown say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Optional {
    /// Whether a clock class that caps is fresh.
    pub(super) class_caps: bool,
    /// Whether a fresh GNSS receiver is not synchronised.
    pub(super) gnss_lost: bool,
    pub(super) reasons: Reasons,
}

impl Optional {
    pub(super) fn of(channels: &Channels<'_>, policy: &Policy<'_>) -> Self {
        let mut optional = Self::default();
        let (mut any_caps, mut all_cap) = (false, true);
        for channel in channels.iter() {
            if channel.freshness() != Freshness::Fresh {
                continue;
            }
            match (channel.resource(), channel.value()) {
                (Resource::ClockClass, Some(Value::Level(class))) if counts(channel, policy.instances) => {
                    let caps = optional.take_class(class, policy);
                    any_caps |= caps;
                    all_cap &= caps;
                }
                (Resource::Gnss, Some(Value::Word(word))) => optional.gnss_lost |= word != Word::Synchronized,
                (Resource::SynceLock, Some(Value::Word(word))) => {
                    optional.reasons.set(Reason::Synce, word != Word::Locked);
                }
                _ => {}
            }
        }
        // Where one good instance is enough, one good class is.
        optional.class_caps = any_caps && (policy.instances != Instances::Any || all_cap);
        optional.reasons.set(Reason::Class, optional.class_caps);
        optional.reasons.set(Reason::Gnss, optional.gnss_lost);
        optional
    }

    /// Takes in a clock class, and says whether it caps. Class 0 is what an uninitialised daemon reports, 255 a clock that
    /// only ever is a slave: no information.
    #[expect(
        clippy::manual_contains,
        reason = "that looks for words of memory at a time, which is more code"
    )]
    fn take_class(&mut self, class: u8, policy: &Policy<'_>) -> bool {
        let is_in = |classes: &[u8]| classes.iter().any(|listed| *listed == class);
        let (is_good, caps) = (is_in(policy.good_classes), is_in(policy.capping_classes));
        self.reasons.set(Reason::ClassUpstreamHoldover, is_good && matches!(class, 7 | 135));
        self.reasons.set(Reason::ClassUnknown, !is_good && !caps && !matches!(class, 0 | 255));
        caps
    }
}
