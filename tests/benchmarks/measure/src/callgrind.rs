//! Instructions in user mode, counted by callgrind: the same binary and input give the same count.

use std::process::Command;
use std::thread;

/// How callgrind is started: it shall write no profile.
pub(crate) const WRAPPER: [&str; 3] = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"];

/// Instructions for one more time of what `command` does `count` times: what it takes for twice as many tells.
pub(crate) fn instructions_per_one(count: usize, command: impl Fn(usize) -> Command + Sync) -> f64 {
    let [once, twice] = both(|times| {
        let output = command(times * count).output().expect("valgrind is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        collected(&String::from_utf8_lossy(&output.stderr))
    });
    per_one(once, twice, count)
}

/// A command below callgrind.
pub(crate) fn command(program: &std::path::Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(WRAPPER[0]);
    command.args(&WRAPPER[1..]).arg(program).args(arguments);
    command
}

/// What callgrind says at its end that it has counted.
pub(crate) fn collected(stderr: &str) -> u64 {
    let line = stderr.lines().find_map(|line| line.split("Collected :").nth(1));
    line.and_then(|count| count.trim().parse().ok()).unwrap_or_else(|| panic!("no count in: {stderr}"))
}

/// Does `work` once and twice as much, at the same time.
pub(crate) fn both<T: Send>(work: impl Fn(usize) -> T + Sync) -> [T; 2] {
    thread::scope(|scope| {
        let twice = scope.spawn(|| work(2));
        [work(1), twice.join().expect("it does not panic")]
    })
}

/// The difference that one of `count` makes.
pub(crate) fn per_one(once: u64, twice: u64, count: usize) -> f64 {
    (twice as f64 - once as f64) / count as f64
}
