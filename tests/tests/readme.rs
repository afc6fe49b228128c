//! The figures of README.md are those of the code.

use ptpwatch_core::consumer::{Consumer, Storage};
use ptpwatch_core::verdict::Reason;
use std::mem::size_of;

const README: &str = include_str!("../../README.md");

/// A number as people write it.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<_> =
        digits.as_bytes().rchunks(3).rev().map(|group| String::from_utf8_lossy(group)).collect();
    groups.join(",")
}

#[test]
#[cfg(target_pointer_width = "64")]
fn the_memory_table_is_true() {
    for (row, size) in [
        ("`Storage` as it is", size_of::<Storage>()),
        ("`Storage<2, 1536, 864, 4>`", size_of::<Storage<2, 1536, 864, 4>>()),
        ("`Consumer` beside it", size_of::<Consumer<'_>>()),
    ] {
        let line = README.lines().find(|line| line.contains(row)).expect("the table has the row");
        assert!(line.ends_with(&format!("| {} |", grouped(size))), "{line}, not {}", grouped(size));
    }
    assert!(size_of::<Storage>() <= 56 * 1024 && size_of::<Storage<2, 1536, 864, 4>>() <= 8 * 1024);
}

#[test]
fn every_reason_is_explained() {
    for reason in Reason::ALL {
        assert!(README.contains(&format!("`{reason}`")), "{reason}");
    }
}

/// Each metric that the golden file has, which the program's own tests compare.
#[test]
fn every_metric_is_explained() {
    let metrics = include_str!("../../shell-std/tests/golden/metrics.txt");
    let names: Vec<_> =
        metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert!(names.len() > 30);
    for name in names {
        assert!(README.contains(&format!("`{name}`")) || README.contains(&format!("`{name}{{")), "{name}");
    }
}
