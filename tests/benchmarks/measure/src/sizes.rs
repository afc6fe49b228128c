//! Bytes: of the program, of its static build, and of the memory that core takes.

use std::fs::metadata;
use std::path::Path;
use std::process::Command;

use ours::storage::SIZES;

use crate::server::{built, shipped, shipped_for_glibc};
use crate::table::{Row, whole};

pub(crate) fn measure() -> Vec<Row> {
    let row = |measure: &str, bytes: u64, wanted: &'static str| Row {
        measure: format!("{measure}, bytes"),
        ours: whole(bytes as f64),
        wanted,
        ..Row::default()
    };
    let mut rows = vec![
        row("program", bytes_of(&shipped()), "≤ 600,000; ≤ 250,000"),
        row("program, profile `dist`", bytes_of(&shipped_for_glibc()), "≤ 600,000; ≤ 400,000"),
        row("core: code and constants on thumbv7m at opt-level z", bytes_of_code(), "≤ 40,960"),
    ];
    let wanted = ["≤ 57,344", "≤ 8,192", ""];
    for ((_, kind, bytes), wanted) in SIZES.into_iter().zip(wanted) {
        rows.push(row(&format!("core: `{kind}`"), bytes as u64, wanted));
    }
    rows
}

/// Bytes of a program's file.
pub(crate) fn bytes_of(program: &Path) -> u64 {
    metadata(program).expect("it was built").len()
}

/// What takes flash in a program of all of a consumer and nothing else.
fn bytes_of_code() -> u64 {
    let output = Command::new("size").arg("-A").arg(built(FOOTPRINT)).output().expect("it is installed");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let bytes = |line: &str| {
        let mut words = line.split_whitespace();
        words.next().filter(|name| name.starts_with(".text") || name.starts_with(".rodata"))?;
        words.next()?.parse::<u64>().ok()
    };
    text.lines().filter_map(bytes).sum()
}

/// The program for a Cortex-M3 that `tests/proofs` has for this.
const FOOTPRINT: &str = "proofs/board/thumbv7m-none-eabi/release/footprint";
