//! What is spelled how.

use ptpwatch_core::event::{Metric, Resource, Word};

/// The resource of an address that goes on `/sync/{group}/{name}`.
pub(super) fn resource_of_address(group: &str, name: &str) -> Option<Resource> {
    match format!("{group}/{name}").as_str() {
        "ptp-status/lock-state" => Some(Resource::LockState),
        "ptp-status/clock-class" | "ptp-status/ptp-clock-class-change" => Some(Resource::ClockClass),
        "sync-status/os-clock-sync-state" => Some(Resource::OsClock),
        "sync-status/sync-state" => Some(Resource::SyncState),
        "gnss-status/gnss-sync-status" => Some(Resource::Gnss),
        "synce-status/lock-state" => Some(Resource::SynceLock),
        "synce-status/clock-quality" => Some(Resource::SynceQuality),
        _ => None,
    }
}

/// The resource of an event of this type.
pub(super) fn resource_of_type(kind: &str) -> Option<Resource> {
    match kind.strip_prefix("event.sync.")? {
        "ptp-status.ptp-state-change" => Some(Resource::LockState),
        "ptp-status.ptp-clock-class-change" => Some(Resource::ClockClass),
        "sync-status.os-clock-sync-state-change" => Some(Resource::OsClock),
        "sync-status.synchronization-state-change" => Some(Resource::SyncState),
        "gnss-status.gnss-state-change" => Some(Resource::Gnss),
        "synce-status.synce-state-change" => Some(Resource::SynceLock),
        "synce-status.synce-clock-quality-change" => Some(Resource::SynceQuality),
        _ => None,
    }
}

/// The metric that the last segment of an address names.
pub(super) fn metric_of_segment(segment: &str) -> Option<Metric> {
    match segment.to_ascii_lowercase().as_str() {
        "clock_class" | "clock-class" => Some(Metric::ClockClass),
        "gpsfix" => Some(Metric::GnssFix),
        "ql" => Some(Metric::QualityLevel),
        "extql" => Some(Metric::ExtendedQualityLevel),
        _ => None,
    }
}

/// What a number of a resource is where nothing says so.
pub(super) fn metric_of_resource(resource: Resource) -> Metric {
    match resource {
        Resource::ClockClass => Metric::ClockClass,
        Resource::SynceQuality => Metric::QualityLevel,
        _ => Metric::Offset,
    }
}

/// The word of a resource that is spelled so, in any case, an underscore taken for a hyphen.
pub(super) fn word(resource: Resource, text: &str) -> Option<Word> {
    let spelling = text.to_ascii_uppercase().replace('_', "-");
    match (resource, spelling.as_str()) {
        (Resource::ClockClass | Resource::SynceQuality, _) => None,
        (Resource::Gnss, spelling) => gnss_word(spelling),
        (_, "LOCKED") => Some(Word::Locked),
        (_, "HOLDOVER") => Some(Word::Holdover),
        (_, "FREERUN") => Some(Word::Freerun),
        (Resource::SynceLock, "UNLOCKED") => Some(Word::Unlocked),
        _ => None,
    }
}

fn gnss_word(spelling: &str) -> Option<Word> {
    match spelling {
        "SYNCHRONIZED" => Some(Word::Synchronized),
        "ACQUIRING-SYNC" => Some(Word::AcquiringSync),
        "ANTENNA-DISCONNECTED" => Some(Word::AntennaDisconnected),
        "ANTENNA-SHORT-CIRCUIT" => Some(Word::AntennaShortCircuit),
        "BOOTING" => Some(Word::Booting),
        // The second is a slip of OpenShift 4.15's.
        "FAILURE-MULTIPATH" | "FAULURE-MULTIPATH" => Some(Word::FailureMultipath),
        "FAILURE-NOFIX" => Some(Word::FailureNofix),
        "FAILURE-LOW-SNR" => Some(Word::FailureLowSnr),
        "FAILURE-PLL" => Some(Word::FailurePll),
        _ => None,
    }
}
