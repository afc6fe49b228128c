//! The JSON scanner reads what `serde_json` reads, token by token.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| ptpwatch_fuzz::scan::check(input));
