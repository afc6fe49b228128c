//! Messages begin and end where a simple model of RFC 9112 says.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| ptpwatch_fuzz::http::check(input));
