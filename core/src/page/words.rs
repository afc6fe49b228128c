//! How what is said becomes a number, and a number what was said. A number that means nothing is Unknown, void, or none.

use crate::event::State;
use crate::time::Instant;
use crate::track::Freshness;

#[inline]
pub(super) const fn state(number: u64) -> State {
    match number {
        LOCKED => State::Locked,
        HOLDOVER => State::Holdover,
        FREERUN => State::Freerun,
        _ => State::Unknown,
    }
}

pub(super) const fn from_freshness(freshness: Freshness) -> u8 {
    match freshness {
        Freshness::Void => 0,
        Freshness::Fresh => 1,
        Freshness::Stale => 2,
    }
}

pub(super) const fn freshness(number: u8) -> Freshness {
    match number {
        1 => Freshness::Fresh,
        2 => Freshness::Stale,
        _ => Freshness::Void,
    }
}

/// A clock class or a quality level, 0 among them; a worse one is a larger number.
pub(super) fn from_level(level: Option<u8>) -> u64 {
    level.map_or(0, |level| u64::from(level) | IS_KNOWN)
}

#[inline]
pub(super) const fn level(number: u64) -> Option<u8> {
    let [level, ..] = number.to_le_bytes();
    if number & IS_KNOWN == 0 { None } else { Some(level) }
}

/// A time that may be none: nothing was at the very start of the clock.
pub(super) fn from_time(time: Option<Instant>) -> u64 {
    time.map_or(0, Instant::as_nanos)
}

#[inline]
pub(super) const fn time(nanos: u64) -> Option<Instant> {
    if nanos == 0 { None } else { Some(Instant::from_nanos(nanos)) }
}

const LOCKED: u64 = State::Locked as u64;
const HOLDOVER: u64 = State::Holdover as u64;
const FREERUN: u64 = State::Freerun as u64;
const IS_KNOWN: u64 = 256;
