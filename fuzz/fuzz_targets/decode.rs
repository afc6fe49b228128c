//! `event::decode` finds what a simple model over `serde_json` finds.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| ptpwatch_fuzz::decode::check(input));
