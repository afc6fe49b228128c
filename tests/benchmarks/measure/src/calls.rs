//! System calls for an event: counted by strace, in a closed loop and under load; and by the kernel, while wrk asks. strace
//! makes each call slow: a server that it follows always finds the next event there, and has no time to wait for it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::callgrind::both;
use crate::client::{Client, Events};
use crate::server::{ON_CORE_0, Server, built, peers, shipped};
use crate::table::{Row, connections};
use crate::wrk::{self, Said};

pub(crate) fn measure() -> Vec<Row> {
    let counted_by_strace = [1, 8, 64].map(row);
    counted_by_strace.into_iter().chain([1, 8, 64].map(row_of_wrk)).collect()
}

fn row(conns: usize) -> Row {
    let ours = calls_of_ours(conns);
    let beside = fastest_peers().map(|(name, program)| {
        let calls = calls(conns, name, |wrapper| Server::peer(wrapper, &program, &[], Stdio::null()));
        format!("{name} {:.2}", total(&calls))
    });
    let parts = ours.iter().filter(|(_, count)| **count >= 0.005);
    let parts: Vec<String> = parts.map(|(name, count)| format!("{name} {count:.2}")).collect();
    Row {
        measure: format!("system calls per event, {} ({})", connections(conns), parts.join(", ")),
        ours: format!("{:.2}", total(&ours)),
        beside: beside.collect::<Vec<_>>().join(", "),
        wanted: "≤ 3; 2 under load",
        ..Row::default()
    }
}

fn row_of_wrk(conns: usize) -> Row {
    let ours = Server::ptpwatch(&ON_CORE_0, &shipped(), &["--connections", "256"], Stdio::null());
    let beside = fastest_peers().map(|(name, program)| {
        let server = Server::peer(&ON_CORE_0, &program, &[], Stdio::null());
        format!("{name} {:.2}", calls_for_wrk(&server, conns))
    });
    Row {
        measure: format!("system calls per event while wrk asks, {}", connections(conns)),
        ours: format!("{:.2}", calls_for_wrk(&ours, conns)),
        beside: beside.collect::<Vec<_>>().join(", "),
        wanted: "≤ 3; 2 under load",
        ..Row::default()
    }
}

fn calls_for_wrk(server: &Server, conns: usize) -> f64 {
    let wrk = wrk::command(server.address, conns, Events::Same, "1s");
    let output = Command::new("perf")
        .args(["stat", "--field-separator", ",", "--event", "raw_syscalls:sys_enter"])
        .args(["--pid", &server.process.0.id().to_string(), "--"])
        .arg(wrk.get_program())
        .args(wrk.get_args())
        .current_dir(wrk.get_current_dir().expect("it has one"))
        .output()
        .expect("perf is installed");
    // `266153,,raw_syscalls:sys_enter,1103862413,100.00,,`
    let counted = String::from_utf8_lossy(&output.stderr);
    let calls =
        counted.split(",,raw_syscalls").next().and_then(|text| text.lines().last()?.parse::<f64>().ok());
    calls.unwrap_or_else(|| panic!("no count in: {counted}")) / Said::parse(&output.stdout).count()
}

/// The peers that make few calls.
fn fastest_peers() -> impl Iterator<Item = (&'static str, PathBuf)> {
    peers().filter(|(name, _)| matches!(*name, "epoll" | "hyper"))
}

/// System calls of the program for an event, by their names.
pub(crate) fn calls_of_ours(conns: usize) -> Calls {
    let options = ["--connections", "256"];
    calls(conns, "ptpwatch", |wrapper| Server::ptpwatch(wrapper, &shipped(), &options, Stdio::null()))
}

pub(crate) fn total(calls: &Calls) -> f64 {
    calls.values().sum()
}

/// Counts by the call's name.
type Calls = BTreeMap<String, f64>;

fn calls(conns: usize, name: &str, start: impl Fn(&[&str]) -> Server + Sync) -> Calls {
    let [once, twice] = both(|times| {
        let file = built(&format!("benchmarks/{name}-{conns}-{times}.strace"));
        let _ = std::fs::remove_file(&file);
        // The tracer stands behind the server, which is our own child.
        let wrapper = ["strace", "-D", "-f", "-c", "-o", file.to_str().expect("it is text")];
        let server = start(&wrapper);
        load(server.address, conns, times * COUNT);
        server.end();
        counted(&file)
    });
    let one = |(name, count): (&String, &f64)| {
        let before = once.get(name).copied().unwrap_or(0.0);
        (name.clone(), (count - before) / COUNT as f64)
    };
    twice.iter().map(one).collect()
}

/// Posts `count` events over `conns` connections, each in a closed loop of its own.
fn load(address: SocketAddr, conns: usize, count: usize) {
    thread::scope(|scope| {
        for _ in 0..conns {
            scope.spawn(|| Client::connect(address, Events::Same).post(count / conns, 1));
        }
    });
}

/// What strace has written when its last child ended.
fn counted(file: &Path) -> Calls {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        if text.contains(" total") {
            return text.lines().filter_map(counted_in).collect();
        }
        assert!(Instant::now() < end, "strace writes nothing");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A line of strace's table: share, seconds, microseconds for one, calls, perhaps errors, name.
fn counted_in(line: &str) -> Option<(String, f64)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let count = words.get(3)?.parse().ok()?;
    let name = words.last().filter(|name| **name != "total")?;
    Some(((*name).to_owned(), count))
}

/// Events between the two counts; a multiple of all numbers of connections.
const COUNT: usize = 6_400;
