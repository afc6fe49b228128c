//! The numbers of the header are core's, and so are their names.

use super::defaults;
use crate::codes::*;
use crate::entry::begin::{ptpwatch_size, ptpwatch_version};
use crate::entry::names::*;
use crate::memory::Parts;
use crate::settings;
use core::ffi::{CStr, c_char};
use ptpwatch_core::consumer::Config;
use ptpwatch_core::dialect;
use ptpwatch_core::event::{Resource, State, Word};
use ptpwatch_core::verdict::{Policy, Reason, Role};
use std::format;
use std::string::{String, ToString};

const HEADER: &str = include_str!("../../include/ptpwatch.h");

/// The number that the header defines for `name`.
fn defined(name: &str) -> u64 {
    let start = format!("#define PTPWATCH_{name} ");
    let line = HEADER.lines().find_map(|line| line.strip_prefix(&start));
    line.unwrap_or_else(|| panic!("the header has {name}")).trim_end_matches("ull").parse().unwrap()
}

fn upper(name: &str) -> String {
    name.to_uppercase().replace('-', "_")
}

#[track_caller]
fn assert_named(text: *const c_char, name: &str) {
    // SAFETY: every name ends with a zero, and stays.
    assert_eq!(unsafe { CStr::from_ptr(text) }.to_str(), Ok(name));
}

#[test]
fn states_reasons_and_words_are_numbered_and_named_as_in_core() {
    for state in [State::Unknown, State::Locked, State::Holdover, State::Freerun] {
        assert_eq!(defined(&format!("STATE_{state}")), state as u64);
        assert_named(ptpwatch_state_name(state as u32), state.name());
    }
    for reason in Reason::ALL {
        assert_eq!(defined(&format!("REASON_{}", upper(reason.name()))), reason as u64);
        assert_named(ptpwatch_reason_name(reason as u32), reason.name());
    }
    let mut words = 0;
    for number in 1..100 {
        let text = ptpwatch_word_name(number);
        // SAFETY: every name ends with a zero, and stays.
        let name = unsafe { CStr::from_ptr(text) }.to_str().unwrap();
        let Some(word) = Word::parse_any(name.as_bytes()) else { break };
        assert_eq!((word_code(word), word.name()), (number, name));
        assert_eq!(defined(&format!("WORD_{}", upper(name))), u64::from(number));
        words += 1;
    }
    assert_eq!(words, 13);
    assert_named(ptpwatch_word_name(PTPWATCH_WORD_NONE), "");
}

#[test]
fn resources_are_numbered_and_named_as_in_core() {
    let names = [
        ("LOCK_STATE", Resource::LockState),
        ("OS_CLOCK", Resource::OsClock),
        ("CLOCK_CLASS", Resource::ClockClass),
        ("SYNC_STATE", Resource::SyncState),
        ("GNSS", Resource::Gnss),
        ("SYNCE_LOCK", Resource::SynceLock),
        ("SYNCE_QUALITY", Resource::SynceQuality),
    ];
    for (name, resource) in names {
        assert_eq!(defined(&format!("RESOURCE_{name}")), resource.index() as u64);
        assert_named(ptpwatch_resource_name(resource as u32), resource.name());
    }
    assert_named(ptpwatch_freshness_name(PTPWATCH_FRESHNESS_VOID), "void");
    assert_named(ptpwatch_freshness_name(PTPWATCH_FRESHNESS_FRESH), "fresh");
    assert_named(ptpwatch_freshness_name(PTPWATCH_FRESHNESS_STALE), "stale");
    assert_named(ptpwatch_trouble_name(PTPWATCH_TROUBLE_LIST), "list");
}

#[test]
fn a_number_that_is_none_has_a_name_too() {
    for number in [100, u32::MAX] {
        for name in [ptpwatch_state_name, ptpwatch_reason_name, ptpwatch_resource_name] {
            assert_named(name(number), "?");
        }
        for name in [ptpwatch_freshness_name, ptpwatch_word_name, ptpwatch_trouble_name] {
            assert_named(name(number), "?");
        }
    }
}

#[test]
fn every_error_of_the_header_has_a_text_of_its_own() {
    let mut texts = std::collections::HashSet::new();
    let defines = HEADER.lines().filter_map(|line| line.strip_prefix("#define PTPWATCH_ERROR_"));
    for define in defines {
        let code: i32 = define.split(' ').nth(1).unwrap().parse().unwrap();
        // SAFETY: every text ends with a zero, and stays.
        let text = unsafe { CStr::from_ptr(ptpwatch_error_text(code)) }.to_str().unwrap();
        assert!(!text.contains("does not know") || code == PTPWATCH_ERROR_OPTION, "{define}");
        assert!(texts.insert(text.to_string()), "{define}: {text}");
    }
    assert_eq!(texts.len(), 18);
    assert_named(ptpwatch_error_text(PTPWATCH_OK), "no error");
    assert_named(ptpwatch_error_text(-1000), "an error that this version does not know");
}

#[test]
fn every_profile_is_within_its_maximum() {
    for profile in ["SMALL", "DEFAULT", "LARGE"] {
        let number = u32::try_from(defined(&format!("PROFILE_{profile}"))).unwrap();
        let most = usize::try_from(defined(&format!("SIZE_{profile}"))).unwrap();
        let size = ptpwatch_size(number);
        // There is room for what later versions may need.
        assert!(size > most / 2 && size < most - most / 20, "{profile}: {size} of {most}");
    }
    assert_eq!((ptpwatch_size(0), ptpwatch_size(4)), (0, 0));
}

#[test]
fn the_version_is_that_of_the_package() {
    let [major, minor, patch] = [16, 8, 0].map(|shift| ptpwatch_version() >> shift & 0xff);
    assert_eq!(format!("{major}.{minor}.{patch}"), env!("CARGO_PKG_VERSION"));
}

#[test]
fn the_defaults_are_those_of_core() {
    let roles = [
        (PTPWATCH_ROLE_ASSUMED, Role::Assumed),
        (PTPWATCH_ROLE_ORDINARY_CLOCK, Role::OrdinaryClock),
        (PTPWATCH_ROLE_BOUNDARY_CLOCK, Role::BoundaryClock),
        (PTPWATCH_ROLE_GRANDMASTER, Role::Grandmaster),
        (PTPWATCH_ROLE_HIGH_AVAILABILITY, Role::HighAvailability),
        (PTPWATCH_ROLE_NTP, Role::Ntp),
    ];
    for (number, role) in roles {
        let mut config = defaults(number);
        config.node = c"n".as_ptr();
        config.authority = c"a".as_ptr();
        config.endpoint = c"http://e/".as_ptr();
        let mut memory = super::memory(1024);
        // SAFETY: the memory is as large as that, and nobody else's.
        let mut parts = unsafe { Parts::new(memory.as_mut_ptr().cast(), 1024) };
        // SAFETY: the texts end with a zero.
        let copied = unsafe { settings::copy(&config, &mut parts) }.unwrap();
        let expected = Config::new(None, "n", "a", "http://e/");
        assert_eq!(copied.policy, Policy::for_role(role));
        assert_eq!(copied.resources, expected.resources);
        assert_eq!(
            (copied.node, copied.authority, copied.endpoint),
            (expected.node, expected.authority, expected.endpoint)
        );
        assert_eq!(
            (copied.poll_ns, copied.request_ns, copied.seed, copied.is_guest, copied.producer),
            (expected.poll_ns, expected.request_ns, expected.seed, expected.is_guest, expected.producer)
        );
        assert!(copied.dialect.is_none());
    }
}

#[test]
fn the_name_of_every_dialect_fits_and_is_in_the_header() {
    for dialect in dialect::ALL {
        assert!(dialect.name.len() < PTPWATCH_DIALECT_SIZE);
        assert!(HEADER.contains(&format!("`{}`", dialect.name)), "{}", dialect.name);
    }
}
