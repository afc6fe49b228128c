//! Why a verdict is what it is: a closed set with stable names and numbers.

use core::fmt;

/// One reason. Its number is its bit in [`Reasons`] and is never used again for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Reason {
    /// Not every required channel was confirmed since the start.
    Starting = 0,
    /// A required resource reports nothing.
    RequiredMissing = 1,
    /// A required channel was not confirmed for too long.
    Void = 2,
    /// The producer does not answer.
    ProducerLost = 3,
    /// A channel reported a word that is not in the specification.
    UnknownWord = 4,
    /// An instance named in the policy was never seen.
    InstanceMissing = 5,
    /// The PTP lock is FREERUN.
    LockFreerun = 6,
    /// The host's clock is FREERUN.
    OsFreerun = 7,
    /// A required channel was not confirmed for longer than it should take.
    Stale = 8,
    /// The policy's own holdover budget is spent.
    HoldoverBudgetSpent = 9,
    /// The PTP lock is HOLDOVER.
    LockHoldover = 10,
    /// The host's clock is HOLDOVER.
    OsHoldover = 11,
    /// The host's clock is called FREERUN only because the PTP lock is HOLDOVER.
    OsFollows = 12,
    /// Holdover began before the first report.
    HoldoverStartUnknown = 13,
    /// The clock class is a degraded one.
    Class = 14,
    /// The GNSS receiver is not synchronised.
    Gnss = 15,
    /// All is well again, not yet for long enough.
    Recovering = 16,
    /// The producer's own overall state says otherwise.
    Disagreement = 17,
    /// The grandmaster, or a clock on the way to it, is in holdover within its specification.
    ClassUpstreamHoldover = 18,
    /// The clock class is one that the policy does not list.
    ClassUnknown = 19,
    /// Synchronous Ethernet is not locked.
    Synce = 20,
    /// No role was set: that of an ordinary clock is assumed.
    RoleAssumed = 21,
    /// Instances of one resource report different states, and the worst counts.
    InstancesDiffer = 22,
    /// The worse of two pushes counts that came out of order, for want of a poll.
    Unconfirmed = 23,
    /// The producer holds a subscription of another consumer in the place of ours: polls alone tell of changes.
    SubscriptionTaken = 24,
    /// There are more channels than memory for them.
    ChannelsFull = 25,
    /// The offset has not moved by a nanosecond for long: the PTP daemon may hang.
    OffsetFrozen = 26,
    /// The producer has no data for a required resource yet.
    NoData = 27,
}

impl Reason {
    /// Number of reasons.
    pub const COUNT: usize = NAMES.len();

    /// All reasons, in the order of their numbers.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Starting,
        Self::RequiredMissing,
        Self::Void,
        Self::ProducerLost,
        Self::UnknownWord,
        Self::InstanceMissing,
        Self::LockFreerun,
        Self::OsFreerun,
        Self::Stale,
        Self::HoldoverBudgetSpent,
        Self::LockHoldover,
        Self::OsHoldover,
        Self::OsFollows,
        Self::HoldoverStartUnknown,
        Self::Class,
        Self::Gnss,
        Self::Recovering,
        Self::Disagreement,
        Self::ClassUpstreamHoldover,
        Self::ClassUnknown,
        Self::Synce,
        Self::RoleAssumed,
        Self::InstancesDiffer,
        Self::Unconfirmed,
        Self::SubscriptionTaken,
        Self::ChannelsFull,
        Self::OffsetFrozen,
        Self::NoData,
    ];

    /// Their names, in the order of their numbers.
    pub const NAMES: [&'static str; Self::COUNT] = NAMES;

    /// The name in JSON lines, metrics and documents.
    pub fn name(self) -> &'static str {
        NAMES.get(usize::from(self as u8)).copied().unwrap_or("")
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

const NAMES: [&str; 28] = [
    "starting",
    "required-missing",
    "void",
    "producer-lost",
    "unknown-word",
    "instance-missing",
    "lock-freerun",
    "os-freerun",
    "stale",
    "holdover-budget-spent",
    "lock-holdover",
    "os-holdover",
    "os-follows",
    "holdover-start-unknown",
    "class",
    "gnss",
    "recovering",
    "disagreement",
    "class-upstream-holdover",
    "class-unknown",
    "synce",
    "role-assumed",
    "instances-differ",
    "unconfirmed",
    "subscription-taken",
    "channels-full",
    "offset-frozen",
    "no-data",
];

// Each reason has a bit.
const _: () = assert!(NAMES.len() <= u32::BITS as usize);

/// A set of reasons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Reasons(u32);

impl Reasons {
    /// No reason.
    pub const NONE: Self = Self(0);

    /// The reasons as bits, each at its [`Reason`]'s number.
    pub const fn bits(self) -> u64 {
        self.0 as u64
    }

    /// The reasons whose [`bits`](Self::bits) these are; bits behind the last reason's word are nothing.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits as u32)
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether `reason` is among them.
    pub const fn contains(self, reason: Reason) -> bool {
        self.0 & bit(reason) != 0
    }

    /// Adds `reason` if `holds`.
    pub const fn set(&mut self, reason: Reason, holds: bool) {
        if holds {
            self.0 |= bit(reason);
        }
    }

    /// These reasons and `reason`.
    #[must_use]
    pub const fn with(self, reason: Reason) -> Self {
        Self(self.0 | bit(reason))
    }

    /// These reasons and `others`.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// The names of the reasons, in the order of their numbers.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Reason::ALL.into_iter().filter(move |reason| self.contains(*reason)).map(Reason::name)
    }
}

const fn bit(reason: Reason) -> u32 {
    1_u32.wrapping_shl(reason as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_in_the_order_of_the_bits() {
        let all = Reasons(u32::MAX);
        let names: std::collections::HashSet<_> = all.names().collect();
        assert_eq!(names.len(), Reason::COUNT);
        for (number, reason) in Reason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, number, "{reason}");
        }
        let mut set = Reasons::NONE;
        set.set(Reason::OsFollows, true);
        set.set(Reason::Stale, false);
        assert!(set.contains(Reason::OsFollows) && !set.contains(Reason::Stale));
        assert_eq!(set.with(Reason::Starting).names().collect::<Vec<_>>(), ["starting", "os-follows"]);
    }
}
