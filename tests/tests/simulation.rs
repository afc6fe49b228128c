//! Thousands of short runs of the simulator, in two threads: a seed that breaks a rule is told with its replay.

use ptpwatch_tests::sim::{memory, play};

/// Plays `runs` seeds from `first` on.
fn play_all(first: u64, runs: u64, is_calm: bool) {
    let mut memory = memory();
    for seed in first..first + runs {
        if let Err(violation) = play(&mut memory, seed, is_calm) {
            panic!("\n{violation}");
        }
    }
}

#[test]
fn no_rule_is_broken_in_two_thousand_runs() {
    std::thread::scope(|scope| {
        scope.spawn(|| play_all(1, 1000, false));
        scope.spawn(|| play_all(1001, 1000, false));
    });
}

#[test]
fn no_rule_is_broken_in_a_year_of_calm_runs() {
    std::thread::scope(|scope| {
        scope.spawn(|| play_all(1, 100, true));
        scope.spawn(|| play_all(101, 100, true));
    });
}
