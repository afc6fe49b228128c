//! The machine and the day.

use std::process::Command;

/// One line: processor, cores, kernel, compiler, day.
pub(crate) fn describe() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!(
        "{}, {cores} cores, Linux {}, {}, {}",
        processor(),
        said("uname", &["-r"]),
        said("rustc", &["--version"]),
        said("date", &["-u", "+%F"])
    )
}

/// The compiler, as it names itself.
pub(crate) fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().expect("it is installed");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    model.unwrap_or(std::env::consts::ARCH).trim().to_owned()
}
