//! Makes protocols that are each weaker in one thing than the one in `core`.

use std::fmt::Write;
use std::path::PathBuf;
use std::{env, fs};

/// A name, what stands in the source once, and what stands there instead.
const PLANTED: [(&str, &str, &str); 8] = [
    ("no_odd_sequence", "sequence.store(odd, Ordering::Relaxed);", ""),
    ("no_release_fence", "fence(Ordering::Release);", ""),
    ("relaxed_end", "wrapping_add(1), Ordering::Release", "wrapping_add(1), Ordering::Relaxed"),
    ("no_first_fence", "fence(Ordering::Acquire);\n        let loaded", "let loaded"),
    ("no_last_fence", "fence(Ordering::Acquire);\n        let after", "let after"),
    ("no_second_look", "let after = sequence.load(Ordering::Relaxed);", "let after = before;"),
    ("odd_is_believed", "before & 1 == 1", "false"),
    ("killed_is_not_heeded", "load(Ordering::Relaxed) | 1", "load(Ordering::Relaxed).wrapping_add(1)"),
];

fn main() {
    const SOURCE: &str = "../../../core/src/page/sequence.rs";
    println!("cargo::rerun-if-changed={SOURCE}");
    println!("cargo::rerun-if-changed=build.rs");
    let source = fs::read_to_string(SOURCE).expect("core is there");
    // `include!` takes no documentation of a whole file.
    let source = source.replace("\n//!", "\n//").replacen("//!", "//", 1);
    let mut planted = String::new();
    for (name, sound, weak) in PLANTED {
        assert_eq!(source.matches(sound).count(), 1, "{sound}");
        let source = source.replace(sound, weak).replace("pub(super)", "pub(crate)");
        writeln!(planted, "pub mod {name} {{\n{source}}}").expect("it is a text");
    }
    let folder = PathBuf::from(env::var_os("OUT_DIR").expect("Cargo says where"));
    fs::write(folder.join("planted.rs"), planted).expect("there is room");
}
