//! What counts for the verdict: the defaults of each role, each of them an option.

use crate::limits::{RECOVER_NS, STALE_NS, VOID_NS};
use crate::track::Ageing;

/// The part that the node's clock plays. ITU-T G.8275.1 names the clocks; no role is detected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Not set: as an ordinary clock, with the reason `role-assumed`.
    #[default]
    Assumed,
    /// Ordinary clock (T-TSC).
    OrdinaryClock,
    /// Boundary clock (T-BC).
    BoundaryClock,
    /// Grandmaster (T-GM).
    Grandmaster,
    /// Two network cards, one of which stands by.
    HighAvailability,
    /// No PTP at all: the host's clock follows NTP.
    Ntp,
}

impl Role {
    /// Every role that can be set, with its name in options.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("oc", Self::OrdinaryClock),
        ("bc", Self::BoundaryClock),
        ("gm", Self::Grandmaster),
        ("ha", Self::HighAvailability),
        ("ntp", Self::Ntp),
    ];

    /// The role with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, role)| role)
    }
}

/// How the state of the host's clock counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OsClock {
    /// Its FREERUN counts as HOLDOVER where it only follows the PTP lock into HOLDOVER.
    ///
    /// `OpenShift` up to 4.18 forces the host's clock to FREERUN in the very millisecond PTP enters HOLDOVER.
    Follow,
    /// It counts as it is reported: for who takes time from `CLOCK_REALTIME`.
    Strict,
    /// It does not count.
    Info,
}

impl OsClock {
    /// Every choice, with its name in options.
    pub const NAMES: [(&'static str, Self); 3] =
        [("follow", Self::Follow), ("strict", Self::Strict), ("info", Self::Info)];

    /// The choice with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, choice)| choice)
    }
}

/// Which of several instances of the PTP lock counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instances<'s> {
    /// The worst of them.
    Worst,
    /// The best of them: the others stand by.
    Any,
    /// The worst of those with these names; one that was never seen is missed.
    Named(&'s [&'s str]),
}

/// What counts for the verdict, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy<'s> {
    /// Whether the role was only assumed.
    pub is_role_assumed: bool,
    /// Whether the PTP lock is required.
    pub requires_lock: bool,
    /// How the host's clock counts.
    pub os_clock: OsClock,
    /// Which instance of the PTP lock counts.
    pub instances: Instances<'s>,
    /// Clock classes that tell of a source as good as it should be.
    pub good_classes: &'s [u8],
    /// Clock classes that cap the verdict at Holdover.
    pub capping_classes: &'s [u8],
    /// Whether a GNSS receiver that is not synchronised caps the verdict at Holdover.
    pub gnss_caps: bool,
    /// How long Holdover is trusted at most, from the first loss of LOCKED, in nanoseconds; `None` leaves that to the
    /// producer, which knows its oscillator. It can only end Holdover earlier.
    pub holdover_budget_ns: Option<u64>,
    /// Whether the producer's own overall state counts where it is the worse.
    pub producer_floor: bool,
    /// How long all must be well before the verdict says so, in nanoseconds.
    pub recover_ns: u64,
    /// How long a value stays known unconfirmed.
    pub ageing: Ageing,
}

impl Policy<'static> {
    /// The defaults of a role.
    pub const fn for_role(role: Role) -> Self {
        let ordinary = Self {
            is_role_assumed: matches!(role, Role::Assumed),
            requires_lock: true,
            os_clock: OsClock::Follow,
            instances: Instances::Worst,
            good_classes: &[6, 7, 135],
            capping_classes: &[140, 150, 160, 165, 187, 193, 228, 248],
            gnss_caps: false,
            holdover_budget_ns: None,
            producer_floor: false,
            recover_ns: RECOVER_NS,
            ageing: Ageing { stale_ns: STALE_NS, void_ns: VOID_NS },
        };
        match role {
            Role::Assumed | Role::OrdinaryClock | Role::BoundaryClock => ordinary,
            Role::Grandmaster => Self {
                good_classes: &[6, 7],
                capping_classes: &[140, 150, 160, 248],
                gnss_caps: true,
                ..ordinary
            },
            Role::HighAvailability => {
                Self { os_clock: OsClock::Strict, instances: Instances::Any, ..ordinary }
            }
            Role::Ntp => Self { requires_lock: false, os_clock: OsClock::Strict, ..ordinary },
        }
    }
}

impl Policy<'_> {
    /// Whether anything is required; a verdict over nothing would always be good.
    pub const fn requires_something(&self) -> bool {
        self.requires_lock || !matches!(self.os_clock, OsClock::Info)
    }
}

impl Default for Policy<'static> {
    fn default() -> Self {
        Self::for_role(Role::Assumed)
    }
}
