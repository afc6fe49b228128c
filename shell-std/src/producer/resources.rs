//! The resources that producers publish, and what events about them are called.

use super::clock::Kind;

/// One resource.
#[derive(Debug)]
pub(super) struct Resource {
    pub kind: Kind,
    pub suffix: &'static str,
    pub event_type: &'static str,
    /// What its events are filed under in an object of events; empty: their instance.
    pub key: &'static str,
}

pub(super) const LOCK_STATE: Resource = Resource {
    kind: Kind::LockState,
    suffix: "/sync/ptp-status/lock-state",
    event_type: "event.sync.ptp-status.ptp-state-change",
    key: "",
};
pub(super) const OS_CLOCK: Resource = Resource {
    kind: Kind::OsClock,
    suffix: "/sync/sync-status/os-clock-sync-state",
    event_type: "event.sync.sync-status.os-clock-sync-state-change",
    key: "os_clock_status",
};
pub(super) const CLOCK_CLASS: Resource = Resource {
    kind: Kind::ClockClass,
    suffix: "/sync/ptp-status/clock-class",
    event_type: "event.sync.ptp-status.ptp-clock-class-change",
    key: "",
};
/// The clock class as OpenShift's v1 spells it.
pub(super) const V1_CLOCK_CLASS: Resource =
    Resource { suffix: "/sync/ptp-status/ptp-clock-class-change", ..CLOCK_CLASS };
pub(super) const SYNC_STATE: Resource = Resource {
    kind: Kind::SyncState,
    suffix: "/sync/sync-status/sync-state",
    event_type: "event.sync.sync-status.synchronization-state-change",
    key: "overall_sync_status",
};
pub(super) const GNSS: Resource = Resource {
    kind: Kind::Gnss,
    suffix: "/sync/gnss-status/gnss-sync-status",
    event_type: "event.sync.gnss-status.gnss-state-change",
    key: "",
};
pub(super) const SYNCE_LOCK: Resource = Resource {
    kind: Kind::SynceLock,
    suffix: "/sync/synce-status/lock-state",
    event_type: "event.sync.synce-status.synce-state-change",
    key: "",
};
pub(super) const SYNCE_QUALITY: Resource = Resource {
    kind: Kind::SynceQuality,
    suffix: "/sync/synce-status/clock-quality",
    event_type: "event.sync.synce-status.synce-clock-quality-change",
    key: "",
};
