//! Names for people: texts that stay for as long as the library does, ended by a zero.

use crate::codes::*;
use crate::error;
use core::ffi::c_char;
use ptpwatch_core::event::{Resource, State, Word};
use ptpwatch_core::track::Freshness;
use ptpwatch_core::verdict::Reason;

/// The name of a state, such as "LOCKED"; "?" for a number that is none. As of every function that gives a name or a text,
/// what it points to stays for as long as the library does, and is not to be freed.
#[unsafe(no_mangle)]
pub extern "C" fn ptpwatch_state_name(state: u32) -> *const c_char {
    name(&STATES, state)
}

/// The name of a reason by its number, such as "os-follows".
#[unsafe(no_mangle)]
pub extern "C" fn ptpwatch_reason_name(reason: u32) -> *const c_char {
    name(&REASONS, reason)
}

/// The name of a resource, such as "lock-state".
#[unsafe(no_mangle)]
pub extern "C" fn ptpwatch_resource_name(resource: u32) -> *const c_char {
    name(&RESOURCES, resource)
}

/// The name of a freshness, such as "stale".
#[unsafe(no_mangle)]
pub extern "C" fn ptpwatch_freshness_name(freshness: u32) -> *const c_char {
    name(&FRESHNESSES, freshness)
}

/// The name of a word, as the specification spells it; "" for PTPWATCH_WORD_NONE.
#[unsafe(no_mangle)]
pub extern "C" fn ptpwatch_word_name(word: u32) -> *const c_char {
    name(&WORDS, word)
}

/// The name of a trouble, such as "timeout"; "" for PTPWATCH_TROUBLE_NONE.
#[unsafe(no_mangle)]
pub extern "C" fn ptpwatch_trouble_name(trouble: u32) -> *const c_char {
    name(&TROUBLES, trouble)
}

/// What a returned number means, in a few words.
#[unsafe(no_mangle)]
pub extern "C" fn ptpwatch_error_text(code: i32) -> *const c_char {
    error::text(code).as_ptr()
}

/// A name, and zeros behind it.
type Name = [u8; NAME_SIZE];

fn name(names: &'static [Name], number: u32) -> *const c_char {
    let known = usize::try_from(number).ok().and_then(|number| names.get(number));
    known.map_or(c"?".as_ptr(), |name| name.as_ptr().cast())
}

/// Names with zeros behind them.
#[allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "the compiler alone evaluates it"
)]
const fn padded<const COUNT: usize>(names: [&str; COUNT]) -> [Name; COUNT] {
    let mut padded = [[0; NAME_SIZE]; COUNT];
    let mut number = 0;
    while number < COUNT {
        let name = names[number].as_bytes();
        assert!(name.len() < NAME_SIZE, "a zero ends each name");
        let mut index = 0;
        while index < name.len() {
            padded[number][index] = name[index];
            index += 1;
        }
        number += 1;
    }
    padded
}

const NAME_SIZE: usize = 32;

static STATES: [Name; 4] =
    padded([State::Unknown.name(), State::Locked.name(), State::Holdover.name(), State::Freerun.name()]);

static REASONS: [Name; Reason::COUNT] = padded(Reason::NAMES);

static RESOURCES: [Name; Resource::COUNT] = padded([
    Resource::LockState.name(),
    Resource::OsClock.name(),
    Resource::ClockClass.name(),
    Resource::SyncState.name(),
    Resource::Gnss.name(),
    Resource::SynceLock.name(),
    Resource::SynceQuality.name(),
]);

static FRESHNESSES: [Name; 3] =
    padded([Freshness::Void.name(), Freshness::Fresh.name(), Freshness::Stale.name()]);

static WORDS: [Name; 14] = padded([
    "",
    Word::Locked.name(),
    Word::Holdover.name(),
    Word::Freerun.name(),
    Word::Unlocked.name(),
    Word::Synchronized.name(),
    Word::AcquiringSync.name(),
    Word::AntennaDisconnected.name(),
    Word::AntennaShortCircuit.name(),
    Word::Booting.name(),
    Word::FailureMultipath.name(),
    Word::FailureNofix.name(),
    Word::FailureLowSnr.name(),
    Word::FailurePll.name(),
]);

static TROUBLES: [Name; 7] = padded(["", "unreachable", "timeout", "not-http", "subscribe", "list", "other"]);

const _: () = assert!(PTPWATCH_TROUBLE_OTHER as usize == TROUBLES.len() - 1);
