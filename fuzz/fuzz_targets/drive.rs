//! Whatever an embedder and its peers do, a consumer keeps its contract.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| ptpwatch_fuzz::drive::check(input));
