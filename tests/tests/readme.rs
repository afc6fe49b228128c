//! The figures of README.md are those of the code.

use ptpwatch_capi_linked::codes::*;
use ptpwatch_capi_linked::entry::begin::ptpwatch_size;
use ptpwatch_core::adapt::smoltcp::Sockets;
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
        ("`Sockets<5>`", size_of::<Sockets<5>>()),
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

#[test]
#[cfg(target_pointer_width = "64")]
fn the_memory_table_of_the_c_interface_is_true() {
    for (row, profile, most) in [
        ("`PTPWATCH_PROFILE_SMALL` |", PTPWATCH_PROFILE_SMALL, PTPWATCH_SIZE_SMALL),
        ("`PTPWATCH_PROFILE_DEFAULT` |", PTPWATCH_PROFILE_DEFAULT, PTPWATCH_SIZE_DEFAULT),
        ("`PTPWATCH_PROFILE_LARGE` |", PTPWATCH_PROFILE_LARGE, PTPWATCH_SIZE_LARGE),
    ] {
        let line = README.lines().find(|line| line.contains(row)).expect("the table has the row");
        let (front, last) = line.trim_end_matches(" |").rsplit_once(" | ").expect("there are columns");
        let kilobytes: usize =
            front.rsplit(' ').next().expect("there are columns").parse().expect("a number");
        assert!(ptpwatch_size(profile).abs_diff(kilobytes * 1000) < 1000, "{line}");
        assert_eq!(last, grouped(most), "{line}");
    }
}

#[test]
fn the_dependencies_of_an_embedder_are_those_that_core_is_built_with() {
    let (_, behind) = README.split_once("```toml\n[dependencies]\n").expect("they are listed");
    let (lines, _) = behind.split_once("```").expect("the list ends");
    let ours = include_str!("../../Cargo.toml");
    for line in lines.lines().filter(|line| !line.starts_with("ptpwatch-core = ")) {
        assert!(ours.lines().any(|our| our == line), "{line}");
    }
    assert_eq!(lines.lines().count(), 3);
}

/// Parts may be left out; what is shown is what runs there.
#[test]
fn the_board_is_quoted_line_by_line() {
    for (file, program) in [
        ("tests/board/src/station.rs", include_str!("../board/src/station.rs")),
        ("tests/board/src/main.rs", include_str!("../board/src/main.rs")),
    ] {
        let (_, behind) = README.split_once(&format!("// {file}\n")).expect("it is quoted");
        let (quoted, _) = behind.split_once("```").expect("it ends");
        let mut lines = program.lines();
        for line in quoted.lines().filter(|line| !line.is_empty()) {
            assert!(lines.any(|other| other == line), "{file} has no {line}, or not there");
        }
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
