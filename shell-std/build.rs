//! Links the release to ship without the tables that unwinding needs: a panic of it aborts. Makes the status page.

#[path = "build/page.rs"]
mod page;
#[path = "build/sha256.rs"]
mod sha256;

use std::env;

fn main() {
    page::make();
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=dist.ld");
    let of = |name| env::var(name).unwrap_or_default();
    // Of the profiles `dist` alone is for size, which is all that a build script gets to know of it.
    if of("OPT_LEVEL") == "z" && of("CARGO_CFG_TARGET_OS") == "linux" {
        println!("cargo::rustc-link-arg-bins=-Wl,--no-eh-frame-hdr");
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{}/dist.ld", of("CARGO_MANIFEST_DIR"));
    }
}
