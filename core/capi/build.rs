//! Gives the shared library the name that programs ask for at their start: that of the version of its interface.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") {
        // What it does not define, libc has; anything else that is missing is found here, and not at somebody's start.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libptpwatch.so.{ABI},-z,defs");
    }
}

/// Another one is another library: nothing that was ever in the header changes its meaning within one.
const ABI: u32 = 0;
