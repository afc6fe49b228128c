//! What cannot be is refused, with the number that says why.

use super::{defaults, made};
use crate::codes::*;
use crate::config::Config;
use crate::entry::begin::ptpwatch_config_default;
use crate::error::Error;
use crate::sized;
use core::ffi::c_char;
use std::ffi::CString;
use std::ptr;
use std::vec::Vec;

#[test]
fn a_good_configuration_is_taken() {
    assert_eq!(made(|_| ()), PTPWATCH_OK);
    assert_eq!(made(|config| config.dialect = c"vmware".as_ptr()), PTPWATCH_OK);
}

#[test]
fn every_wrong_option_is_told() {
    let long = CString::new("x".repeat(400)).unwrap();
    let long = long.as_ptr();
    let check = |expected: i32, change: &dyn Fn(&mut Config)| {
        assert_eq!(made(change), expected);
    };
    check(PTPWATCH_ERROR_NULL, &|config| config.node = ptr::null());
    check(PTPWATCH_ERROR_NULL, &|config| config.authority = ptr::null());
    check(PTPWATCH_ERROR_NULL, &|config| config.endpoint = ptr::null());
    check(PTPWATCH_ERROR_NODE, &|config| config.node = c"".as_ptr());
    check(PTPWATCH_ERROR_NODE, &|config| config.node = long);
    check(PTPWATCH_ERROR_NODE, &|config| config.node = c"\xff".as_ptr());
    check(PTPWATCH_ERROR_AUTHORITY, &|config| config.authority = c"a b".as_ptr());
    check(PTPWATCH_ERROR_AUTHORITY, &|config| config.authority = long);
    check(PTPWATCH_ERROR_ENDPOINT, &|config| config.endpoint = c"https://x/".as_ptr());
    check(PTPWATCH_ERROR_ENDPOINT, &|config| config.endpoint = long);
    check(PTPWATCH_ERROR_DIALECT, &|config| config.dialect = c"klingon".as_ptr());
    check(PTPWATCH_ERROR_DIALECT, &|config| config.dialect = long);
    check(PTPWATCH_ERROR_CODE, &|config| config.role = 6);
    check(PTPWATCH_ERROR_CODE, &|config| config.os_clock = 3);
    check(PTPWATCH_ERROR_CODE, &|config| config.instances = 3);
    check(PTPWATCH_ERROR_CODE, &|config| config.resources = 1 << 7 | 3);
    check(PTPWATCH_ERROR_CODE, &|config| config.resources = 1 << 8 | 3);
    check(PTPWATCH_ERROR_OPTION, &|config| config.reserved = 7);
    check(PTPWATCH_ERROR_STALE, &|config| config.poll_ns = 0);
    check(PTPWATCH_ERROR_VOID, &|config| config.void_ns = config.stale_ns);
    check(PTPWATCH_ERROR_DEADLINE, &|config| config.request_ns = 0);
    check(PTPWATCH_ERROR_REQUIRED, &|config| config.resources = 0);
    check(PTPWATCH_ERROR_CLASSES, &|config| config.good_classes_count = 65);
    check(PTPWATCH_ERROR_CLASSES, &|config| config.capping_classes = config.good_classes);
    check(PTPWATCH_ERROR_NULL, &|config| config.good_classes = ptr::null());
}

#[test]
fn named_instances_need_names() {
    let long = CString::new("x".repeat(49)).unwrap();
    let check = |expected: i32, names: &[*const c_char], count: u32| {
        let result = made(|config| {
            config.instances = PTPWATCH_INSTANCES_NAMED;
            config.instance_names = if names.is_empty() { ptr::null() } else { names.as_ptr() };
            config.instance_names_count = count;
        });
        assert_eq!(result, expected);
    };
    let name = c"ens1fx/master".as_ptr();
    check(PTPWATCH_OK, &[name; 8], 8);
    check(PTPWATCH_ERROR_INSTANCES, &[name; 9], 9);
    check(PTPWATCH_ERROR_INSTANCES, &[name], 0);
    check(PTPWATCH_ERROR_NULL, &[], 1);
    check(PTPWATCH_ERROR_NULL, &[name, ptr::null()], 2);
    check(PTPWATCH_ERROR_INSTANCES, &[name, c"".as_ptr()], 2);
    check(PTPWATCH_ERROR_INSTANCES, &[name, c"\xff".as_ptr()], 2);
    check(PTPWATCH_ERROR_INSTANCES, &[name, long.as_ptr()], 2);
}

/// A caller of an older version has less of a struct, and one of a newer version more.
#[test]
fn structs_of_other_versions_are_understood() {
    let whole = size_of::<Config>();
    for (size, expected) in [
        (0, PTPWATCH_ERROR_STRUCT_SIZE),
        (40, PTPWATCH_ERROR_STRUCT_SIZE),
        (48, PTPWATCH_OK),
        (52, PTPWATCH_ERROR_STRUCT_SIZE),
        (56, PTPWATCH_OK),
        (whole - 8, PTPWATCH_OK),
        (4096, PTPWATCH_OK),
        (4104, PTPWATCH_ERROR_STRUCT_SIZE),
    ] {
        let mut bytes = vec_of(size.max(whole));
        bytes[..4].copy_from_slice(&(size as u32).to_ne_bytes());
        // SAFETY: there are as many bytes as they say.
        let result = unsafe { ptpwatch_config_default(bytes.as_mut_ptr().cast(), PTPWATCH_ROLE_GRANDMASTER) };
        assert_eq!(result, expected, "{size}");
        let (written, left) = bytes.split_at(if expected == PTPWATCH_OK { size.min(whole) } else { 4 });
        assert_eq!(written[..4], (size as u32).to_ne_bytes());
        assert!(left.iter().all(|byte| *byte == 0xa5), "{size}");
    }
}

#[test]
fn what_an_older_caller_does_not_have_is_as_its_role_has_it() {
    let mut old = defaults(PTPWATCH_ROLE_GRANDMASTER);
    old.struct_size = 48;
    old.seed = 99;
    old.gnss_caps = 0;
    // SAFETY: it is a struct, and more of it than it says.
    let read = unsafe { sized::read(&raw const old, Config::EMPTY, |least| Config::default_of(least.role)) }
        .unwrap();
    assert_eq!((read.seed, read.gnss_caps, read.role), (1, 1, PTPWATCH_ROLE_GRANDMASTER));
    let whole = Config { struct_size: size_of::<Config>() as u32, ..old };
    // SAFETY: it is a struct, of the size that it says.
    let read =
        unsafe { sized::read(&raw const whole, Config::EMPTY, |least| Config::default_of(least.role)) }
            .unwrap();
    assert_eq!((read.seed, read.gnss_caps), (99, 0));
}

#[test]
fn an_option_of_a_newer_caller_is_not_passed_over() {
    #[repr(C)]
    struct Newer(Config, [u64; 2]);
    let mut newer = Newer(defaults(PTPWATCH_ROLE_NTP), [0; 2]);
    newer.0.struct_size = size_of::<Newer>() as u32;
    let read = |newer: &Newer| {
        let place: *const Config = ptr::from_ref(newer).cast();
        // SAFETY: it begins with a struct, and is of the size that it says.
        unsafe { sized::read(place, Config::EMPTY, |least| Config::default_of(least.role)) }.map(|_| ())
    };
    assert_eq!(read(&newer), Ok(()));
    newer.1[1] = 1 << 40;
    assert_eq!(read(&newer), Err(Error::Option));
}

fn vec_of(size: usize) -> Vec<u8> {
    (0..size).map(|_| 0xa5).collect()
}
