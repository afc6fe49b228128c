//! What the clocks of the simulated node really are.

use std::fmt;

/// The state of a clock, the better the smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Locked,
    Holdover,
    Freerun,
}

impl State {
    const ALL: [Self; 3] = [Self::Locked, Self::Holdover, Self::Freerun];

    /// The state that `word` names on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// The state as it stands on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Locked => "LOCKED",
            Self::Holdover => "HOLDOVER",
            Self::Freerun => "FREERUN",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A quantity that events report, in no producer's spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    LockState,
    OsClock,
    ClockClass,
    Gnss,
    SyncState,
    SynceLock,
    SynceQuality,
}

impl Kind {
    /// What people and scripts call it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::LockState => "lock-state",
            Self::OsClock => "os-clock",
            Self::ClockClass => "clock-class",
            Self::Gnss => "gnss",
            Self::SyncState => "sync-state",
            Self::SynceLock => "synce-lock-state",
            Self::SynceQuality => "synce-clock-quality",
        }
    }

    pub(super) const fn has_state(self) -> bool {
        !matches!(self, Self::ClockClass | Self::SynceQuality)
    }

    pub(super) const fn has_metric(self) -> bool {
        !matches!(self, Self::SyncState | Self::SynceLock)
    }
}

/// A state and the offset it was found at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    pub state: State,
    pub offset_ns: i64,
}

/// What the GNSS receiver says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gnss {
    /// `SYNCHRONIZED`, `ANTENNA-DISCONNECTED` and so on.
    pub word: String,
    pub offset_ns: i64,
}

/// What the SyncE clock says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Synce {
    /// `LOCKED`, `HOLDOVER`, `FREERUN` or `UNLOCKED`.
    pub word: Option<String>,
    /// The quality level and the extended one (G.8264).
    pub quality: Option<(u8, u8)>,
}

/// The clocks of a node. What no script line has set yet is not known to the producer either.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// Instance and reading, in the order they appeared.
    locks: Vec<(String, Reading)>,
    os: Option<Reading>,
    /// Instance and class, likewise.
    classes: Vec<(String, u8)>,
    gnss: Option<Gnss>,
    synce: Synce,
    /// Instead of the worst of the PTP and OS clocks.
    forced: Option<State>,
    /// When what was last set, in nanoseconds since the Unix epoch by the node's own clock.
    changes: Vec<(Kind, String, u64)>,
}

impl Clock {
    /// The lock states with their instances, such as `ens1fx/master`.
    pub fn lock_states(&self) -> impl Iterator<Item = (&str, Reading)> {
        self.locks.iter().map(|(instance, reading)| (instance.as_str(), *reading))
    }

    /// The lock state of one instance.
    pub fn lock_state(&self, instance: &str) -> Option<Reading> {
        self.lock_states().find(|(name, _)| *name == instance).map(|(_, reading)| reading)
    }

    /// CLOCK_REALTIME.
    pub fn os_clock(&self) -> Option<Reading> {
        self.os
    }

    /// The clock classes that are announced, with their instances.
    pub fn clock_classes(&self) -> impl Iterator<Item = (&str, u8)> {
        self.classes.iter().map(|(instance, class)| (instance.as_str(), *class))
    }

    /// The GNSS receiver.
    pub fn gnss(&self) -> Option<&Gnss> {
        self.gnss.as_ref()
    }

    /// The SyncE clock.
    pub fn synce(&self) -> &Synce {
        &self.synce
    }

    /// The overall state: the worst of the PTP clocks and the OS clock, unless a script says otherwise.
    pub fn sync_state(&self) -> Option<State> {
        let locks = self.locks.iter().map(|(_, reading)| reading.state);
        self.forced.or_else(|| locks.chain(self.os.map(|reading| reading.state)).max())
    }

    /// Sets a lock state; without an offset the last one stays.
    pub(super) fn set_lock_state(&mut self, instance: &str, state: State, offset_ns: Option<i64>) {
        let found = self.locks.iter_mut().find(|(name, _)| name == instance);
        match found {
            Some((_, reading)) => *reading = reading.changed(state, offset_ns),
            None => self.locks.push((instance.into(), Reading::NONE.changed(state, offset_ns))),
        }
    }

    /// Sets the OS clock; without an offset the last one stays.
    pub(super) fn set_os_clock(&mut self, state: State, offset_ns: Option<i64>) {
        self.os = Some(self.os.unwrap_or(Reading::NONE).changed(state, offset_ns));
    }

    pub(super) fn set_clock_class(&mut self, instance: &str, class: u8) {
        match self.classes.iter_mut().find(|(name, _)| name == instance) {
            Some((_, known)) => *known = class,
            None => self.classes.push((instance.into(), class)),
        }
    }

    pub(super) fn set_gnss(&mut self, gnss: Gnss) {
        self.gnss = Some(gnss);
    }

    pub(super) fn set_synce_word(&mut self, word: &str) {
        self.synce.word = Some(word.into());
    }

    pub(super) fn set_synce_quality(&mut self, level: u8, extended: u8) {
        self.synce.quality = Some((level, extended));
    }

    pub(super) fn force_sync_state(&mut self, state: Option<State>) {
        self.forced = state;
    }

    /// Notes that something was set at `wall_ns`.
    pub(super) fn note_change(&mut self, kind: Kind, instance: &str, wall_ns: u64) {
        self.changes.retain(|(known, name, _)| (*known, name.as_str()) != (kind, instance));
        self.changes.push((kind, instance.into(), wall_ns));
    }

    /// When something was last set; 0 if never.
    pub(super) fn changed_ns(&self, kind: Kind, instance: &str) -> u64 {
        let found = self.changes.iter().find(|(known, name, _)| (*known, name.as_str()) == (kind, instance));
        found.map_or(0, |(_, _, wall_ns)| *wall_ns)
    }
}

impl Reading {
    const NONE: Self = Self { state: State::Freerun, offset_ns: 0 };

    fn changed(self, state: State, offset_ns: Option<i64>) -> Self {
        Self { state, offset_ns: offset_ns.unwrap_or(self.offset_ns) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_overall_state_is_the_worst() {
        let mut clock = Clock::default();
        assert_eq!(clock.sync_state(), None);
        clock.set_lock_state("ens1fx/master", State::Locked, Some(12));
        assert_eq!(clock.sync_state(), Some(State::Locked));
        clock.set_os_clock(State::Holdover, None);
        assert_eq!(clock.sync_state(), Some(State::Holdover));
        clock.set_lock_state("ens2fx/master", State::Freerun, None);
        assert_eq!(clock.sync_state(), Some(State::Freerun));
        clock.force_sync_state(Some(State::Locked));
        assert_eq!(clock.sync_state(), Some(State::Locked));
    }

    #[test]
    fn an_offset_stays_until_another_comes() {
        let mut clock = Clock::default();
        clock.set_lock_state("a", State::Locked, Some(-3));
        clock.set_lock_state("a", State::Holdover, None);
        assert_eq!(clock.lock_state("a"), Some(Reading { state: State::Holdover, offset_ns: -3 }));
        assert_eq!(clock.lock_states().count(), 1);
        assert_eq!(clock.lock_state("b"), None);
    }
}
