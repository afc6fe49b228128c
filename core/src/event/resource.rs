//! The resources a producer reports on, and the words they report with.

use super::metric::Metric;
use core::fmt;

/// What a producer reports on. O-RAN.WG6 O-Cloud Notification API v04.00, the PTP and sync status resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Resource {
    /// The PTP lock of a clock or network card.
    LockState = 0,
    /// The host's `CLOCK_REALTIME`.
    OsClock = 1,
    /// The clock class of the grandmaster.
    ClockClass = 2,
    /// The producer's own overall state.
    SyncState = 3,
    /// The GNSS receiver.
    Gnss = 4,
    /// The lock of synchronous Ethernet.
    SynceLock = 5,
    /// The quality level of synchronous Ethernet.
    SynceQuality = 6,
}

impl Resource {
    /// Number of resources.
    pub const COUNT: usize = 7;

    /// All resources, in the order of their numbers.
    pub const ALL: [Self; Self::COUNT] = [
        Self::LockState,
        Self::OsClock,
        Self::ClockClass,
        Self::SyncState,
        Self::Gnss,
        Self::SynceLock,
        Self::SynceQuality,
    ];

    /// The resource's number, below [`Resource::COUNT`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The name for people, options and JSON lines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LockState => "lock-state",
            Self::OsClock => "os-clock-sync-state",
            Self::ClockClass => "clock-class",
            Self::SyncState => "sync-state",
            Self::Gnss => "gnss-sync-status",
            Self::SynceLock => "synce-lock-state",
            Self::SynceQuality => "synce-clock-quality",
        }
    }

    /// The resource with this [`name`](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|resource| resource.name() == name)
    }

    /// The end of the resource's address, as the specification spells it.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::LockState => "/sync/ptp-status/lock-state",
            Self::OsClock => "/sync/sync-status/os-clock-sync-state",
            Self::ClockClass => "/sync/ptp-status/clock-class",
            Self::SyncState => "/sync/sync-status/sync-state",
            Self::Gnss => "/sync/gnss-status/gnss-sync-status",
            Self::SynceLock => "/sync/synce-status/lock-state",
            Self::SynceQuality => "/sync/synce-status/clock-quality",
        }
    }

    /// The resource with this [`suffix`](Self::suffix).
    pub(super) fn from_suffix(suffix: &[u8]) -> Option<Self> {
        // As all of them begin, and no instance does.
        if !suffix.starts_with(b"/sync/") {
            return None;
        }
        Self::ALL.into_iter().find(|resource| resource.suffix().as_bytes() == suffix)
    }

    /// The resource whose address ends in `group` and `name`, such as `ptp-status` and `lock-state`.
    ///
    /// `ptp-clock-class-change` is how `OpenShift`'s v1 spells the clock class.
    pub(super) fn from_segments(group: &[u8], name: &[u8]) -> Option<Self> {
        const SEGMENTS: [(&[u8], &[u8], Resource); 8] = [
            (b"ptp-status", b"lock-state", Resource::LockState),
            (b"sync-status", b"os-clock-sync-state", Resource::OsClock),
            (b"ptp-status", b"clock-class", Resource::ClockClass),
            (b"ptp-status", b"ptp-clock-class-change", Resource::ClockClass),
            (b"sync-status", b"sync-state", Resource::SyncState),
            (b"gnss-status", b"gnss-sync-status", Resource::Gnss),
            (b"synce-status", b"lock-state", Resource::SynceLock),
            (b"synce-status", b"clock-quality", Resource::SynceQuality),
        ];
        let known = SEGMENTS.iter().find(|known| known.1 == name && known.0 == group);
        known.map(|known| known.2)
    }

    /// The resource of an event by the event's `type`.
    pub(super) fn from_type(kind: &[u8]) -> Option<Self> {
        const TYPES: [(&[u8], Resource); 7] = [
            (b"ptp-status.ptp-state", Resource::LockState),
            (b"sync-status.os-clock-sync-state", Resource::OsClock),
            (b"ptp-status.ptp-clock-class", Resource::ClockClass),
            (b"sync-status.synchronization-state", Resource::SyncState),
            (b"gnss-status.gnss-state", Resource::Gnss),
            (b"synce-status.synce-state", Resource::SynceLock),
            (b"synce-status.synce-clock-quality", Resource::SynceQuality),
        ];
        let kind = kind.strip_prefix(b"event.sync.")?.strip_suffix(b"-change")?;
        TYPES.iter().find(|known| known.0 == kind).map(|known| known.1)
    }

    /// Whether there is one channel for the whole node, whatever instance an address names.
    pub const fn is_node_wide(self) -> bool {
        matches!(self, Self::OsClock | Self::SyncState)
    }

    /// Whether the resource reports words; the others report metrics alone.
    pub const fn has_words(self) -> bool {
        !matches!(self, Self::ClockClass | Self::SynceQuality)
    }

    /// What a number stands for where the address does not say.
    pub const fn default_metric(self) -> Metric {
        match self {
            Self::ClockClass => Metric::ClockClass,
            Self::SynceQuality => Metric::QualityLevel,
            _ => Metric::Offset,
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A synchronisation state, numbered for every place that shows it: the worse, the higher.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum State {
    /// No information. Never the same as [`State::Freerun`].
    #[default]
    Unknown = 0,
    /// In step with its source.
    Locked = 1,
    /// Without its source, and still as good as specified.
    Holdover = 2,
    /// Without its source, and no longer to be trusted.
    Freerun = 3,
}

impl State {
    /// The name in upper case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "UNKNOWN",
            Self::Locked => "LOCKED",
            Self::Holdover => "HOLDOVER",
            Self::Freerun => "FREERUN",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word of the enumerations that resources report. O-RAN.WG6 O-Cloud Notification API v04.00, the status tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Word {
    /// In step with its source.
    Locked,
    /// Without its source, still within specification.
    Holdover,
    /// Without its source, out of specification.
    Freerun,
    /// Synchronous Ethernet without a source.
    Unlocked,
    /// The GNSS receiver is synchronised.
    Synchronized,
    /// The GNSS receiver is acquiring synchronisation.
    AcquiringSync,
    /// The GNSS antenna is not connected.
    AntennaDisconnected,
    /// The GNSS antenna is short-circuited.
    AntennaShortCircuit,
    /// The GNSS receiver is starting.
    Booting,
    /// The GNSS receiver suffers from reflected signals.
    FailureMultipath,
    /// The GNSS receiver has no fix.
    FailureNofix,
    /// The GNSS receiver's signal is too weak.
    FailureLowSnr,
    /// The GNSS receiver's phase-locked loop failed.
    FailurePll,
}

impl Word {
    /// The word as the specification spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Locked => "LOCKED",
            Self::Holdover => "HOLDOVER",
            Self::Freerun => "FREERUN",
            Self::Unlocked => "UNLOCKED",
            Self::Synchronized => "SYNCHRONIZED",
            Self::AcquiringSync => "ACQUIRING-SYNC",
            Self::AntennaDisconnected => "ANTENNA-DISCONNECTED",
            Self::AntennaShortCircuit => "ANTENNA-SHORT-CIRCUIT",
            Self::Booting => "BOOTING",
            Self::FailureMultipath => "FAILURE-MULTIPATH",
            Self::FailureNofix => "FAILURE-NOFIX",
            Self::FailureLowSnr => "FAILURE-LOW-SNR",
            Self::FailurePll => "FAILURE-PLL",
        }
    }

    /// The synchronisation state that the word stands for; [`State::Unknown`] for the words of GNSS receivers.
    pub const fn state(self) -> State {
        match self {
            Self::Locked => State::Locked,
            Self::Holdover => State::Holdover,
            Self::Freerun | Self::Unlocked => State::Freerun,
            _ => State::Unknown,
        }
    }

    /// How bad the word is beside others of its resource: the worst of several is the one that counts.
    pub const fn badness(self) -> u8 {
        match self {
            Self::Locked | Self::Synchronized => 0,
            Self::Holdover | Self::AcquiringSync => 1,
            Self::Booting => 2,
            _ => 3,
        }
    }

    /// Reads a word in any letter case, with `_` for `-`; `None` if `resource` does not report such a word.
    ///
    /// `FAULURE-MULTIPATH` is the spelling of `OpenShift` 4.15.
    pub fn parse(resource: Resource, text: &[u8]) -> Option<Self> {
        if !text.first()?.is_ascii_alphabetic() {
            return None;
        }
        WORDS
            .iter()
            .find(|(spelling, word)| word.belongs_to(resource) && is_same_word(spelling, text))
            .map(|(_, word)| *word)
    }

    /// Reads a word of any resource, as [`parse`](Self::parse) does.
    pub fn parse_any(text: &[u8]) -> Option<Self> {
        WORDS.iter().find(|(spelling, _)| is_same_word(spelling, text)).map(|(_, word)| *word)
    }

    const fn belongs_to(self, resource: Resource) -> bool {
        match self {
            Self::Locked | Self::Holdover | Self::Freerun => {
                matches!(
                    resource,
                    Resource::LockState | Resource::OsClock | Resource::SyncState | Resource::SynceLock
                )
            }
            Self::Unlocked => matches!(resource, Resource::SynceLock),
            _ => matches!(resource, Resource::Gnss),
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn is_same_word(spelling: &[u8], text: &[u8]) -> bool {
    spelling.len() == text.len() && (spelling == text || is_same_folded(spelling, text))
}

fn is_same_folded(spelling: &[u8], text: &[u8]) -> bool {
    spelling.iter().zip(text).all(|(known, byte)| match byte {
        b'_' => *known == b'-',
        byte => *known == byte.to_ascii_uppercase(),
    })
}

const WORDS: [(&[u8], Word); 14] = [
    (b"LOCKED", Word::Locked),
    (b"HOLDOVER", Word::Holdover),
    (b"FREERUN", Word::Freerun),
    (b"UNLOCKED", Word::Unlocked),
    (b"SYNCHRONIZED", Word::Synchronized),
    (b"ACQUIRING-SYNC", Word::AcquiringSync),
    (b"ANTENNA-DISCONNECTED", Word::AntennaDisconnected),
    (b"ANTENNA-SHORT-CIRCUIT", Word::AntennaShortCircuit),
    (b"BOOTING", Word::Booting),
    (b"FAILURE-MULTIPATH", Word::FailureMultipath),
    (b"FAULURE-MULTIPATH", Word::FailureMultipath),
    (b"FAILURE-NOFIX", Word::FailureNofix),
    (b"FAILURE-LOW-SNR", Word::FailureLowSnr),
    (b"FAILURE-PLL", Word::FailurePll),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_every_spelling_of_their_resource() {
        assert_eq!(Word::parse(Resource::LockState, b"Locked"), Some(Word::Locked));
        assert_eq!(Word::parse(Resource::SynceLock, b"UNLOCKED"), Some(Word::Unlocked));
        assert_eq!(Word::parse(Resource::Gnss, b"ANTENNA-SHORT_CIRCUIT"), Some(Word::AntennaShortCircuit));
        assert_eq!(Word::parse(Resource::Gnss, b"FAULURE-MULTIPATH"), Some(Word::FailureMultipath));
        assert_eq!(Word::parse(Resource::LockState, b"UNLOCKED"), None);
        assert_eq!(Word::parse(Resource::Gnss, b"LOCKED"), None);
        assert_eq!(Word::parse(Resource::SyncState, b"ACQUIRING-SYNC"), None);
        for word in ["", "LOCKED ", "LOCKE", "-", "_"] {
            assert_eq!(Word::parse(Resource::LockState, word.as_bytes()), None, "{word}");
        }
    }

    #[test]
    fn every_resource_is_found_by_its_name_and_suffix() {
        for (index, resource) in Resource::ALL.into_iter().enumerate() {
            assert_eq!(resource.index(), index);
            assert_eq!(Resource::from_name(resource.name()), Some(resource));
            let mut segments = resource.suffix().split('/').skip(2);
            let (group, name) = (segments.next().unwrap(), segments.next().unwrap());
            assert_eq!(Resource::from_segments(group.as_bytes(), name.as_bytes()), Some(resource));
        }
    }

    #[test]
    fn every_word_reads_back() {
        for (spelling, word) in WORDS {
            let resource = Resource::ALL.into_iter().find(|resource| word.belongs_to(*resource)).unwrap();
            assert_eq!(Word::parse(resource, spelling), Some(word));
            assert_eq!(Word::parse(resource, word.name().as_bytes()), Some(word));
        }
    }
}
