//! What the header says is what core does: its numbers, names, sizes and defaults, and what is refused.

mod refusals;
mod tables;

use crate::codes::*;
use crate::config::Config;
use crate::entry::begin::{ptpwatch_config_default, ptpwatch_new};
use crate::watch::Watch;
use std::ffi::CString;
use std::ptr;
use std::vec::Vec;

/// Memory for a consumer of any profile.
#[repr(C, align(16))]
struct Block([u8; 16]);

fn memory(size: usize) -> Vec<Block> {
    (0..size.div_ceil(16)).map(|_| Block([0xa5; 16])).collect()
}

/// The defaults of a role.
fn defaults(role: u32) -> Config {
    let mut config = Config { struct_size: size_of::<Config>() as u32, ..Config::EMPTY };
    // SAFETY: it is a struct of the size that it says.
    assert_eq!(unsafe { ptpwatch_config_default(&raw mut config, role) }, PTPWATCH_OK);
    config
}

/// What comes of a configuration that is good but for what `change` does, in memory for the default profile.
fn made(change: impl FnOnce(&mut Config)) -> i32 {
    let texts = ["compute-1.example.com", "localhost:9043", "http://localhost:8989/event"];
    let [node, authority, endpoint] = texts.map(|text| CString::new(text).unwrap());
    let mut config = defaults(PTPWATCH_ROLE_ORDINARY_CLOCK);
    config.node = node.as_ptr();
    config.authority = authority.as_ptr();
    config.endpoint = endpoint.as_ptr();
    change(&mut config);
    let mut memory = memory(PTPWATCH_SIZE_DEFAULT);
    let mut consumer: *mut Watch = ptr::dangling_mut();
    let (place, out) = (memory.as_mut_ptr().cast(), &raw mut consumer);
    let profile = PTPWATCH_PROFILE_DEFAULT;
    // SAFETY: the memory is there, the texts end with a zero, and the struct is of the size that it says.
    let result = unsafe { ptpwatch_new(place, PTPWATCH_SIZE_DEFAULT, profile, &raw const config, 5, out) };
    assert_eq!(consumer.is_null(), result != PTPWATCH_OK);
    result
}
