//! What arrives in pieces means what it means in one.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| ptpwatch_fuzz::split::check(input));
