//! From the event that is written to a socket to the line that arrives on a pipe, beside a process that only does these
//! two hops.

use std::io::{BufRead, BufReader};
use std::process::{ChildStdout, Stdio};
use std::thread;
use std::time::Instant;

use rustix::thread::{CpuSet, sched_setaffinity};

use crate::client::{Client, Events};
use crate::server::{ON_CORE_0, Server, built, shipped};
use crate::table::Row;

pub(crate) fn measure() -> Vec<Row> {
    // The affinity is that of a thread, which ends with the measure.
    let measured = thread::spawn(|| {
        let mut probes = [Probe::of_ours(), Probe::of_echo()];
        let mut core = CpuSet::new();
        core.set(1);
        sched_setaffinity(None, &core).expect("there are two cores");
        let mut times = [Vec::new(), Vec::new()];
        for round in 0..WARM_UP + COUNT {
            for (probe, times) in probes.iter_mut().zip(&mut times) {
                let time = probe.measure();
                if round >= WARM_UP {
                    times.push(time);
                }
            }
        }
        times
    });
    let [ours, echo] = measured.join().expect("it does not panic").map(percentiles);
    let row = |measure: &str, ours: f64, echo: f64| Row {
        measure: format!("push on the socket to line on a pipe, {measure}, µs"),
        ours: format!("{ours:.1}"),
        beside: format!("echo {echo:.1}"),
        ratio: format!("{:.2} of the echo", ours / echo),
        wanted: "≤ 1.3; 1.1",
    };
    vec![row("p50", ours.0, echo.0), row("p99", ours.1, echo.1)]
}

/// A server and its lines.
struct Probe {
    _server: Server,
    client: Client,
    lines: BufReader<ChildStdout>,
    /// What is in the line that an event makes.
    mark: &'static str,
    is_answering: bool,
}

impl Probe {
    fn of_ours() -> Self {
        let server = Server::ptpwatch(&ON_CORE_0, &shipped(), &[], Stdio::piped());
        Self::of(server, r#""resource":"lock-state""#, true)
    }

    fn of_echo() -> Self {
        let server = Server::peer(&ON_CORE_0, &built("benchmarks/release/epoll"), &["lines"], Stdio::piped());
        Self::of(server, "echo", false)
    }

    fn of(mut server: Server, mark: &'static str, is_answering: bool) -> Self {
        let lines = BufReader::new(server.process.0.stdout.take().expect("it is piped"));
        let mut client = Client::connect(server.address, Events::InTurn);
        // LOCKED is what the producer has said already.
        client.send(1);
        if is_answering {
            client.receive(1);
        }
        let mut probe = Self { client, lines, mark, is_answering, _server: server };
        probe.wait_for_line();
        probe
    }

    /// Microseconds from before an event is written until its line was read.
    fn measure(&mut self) -> f64 {
        let start = Instant::now();
        self.client.send(1);
        self.wait_for_line();
        let time = start.elapsed();
        if self.is_answering {
            self.client.receive(1);
        }
        time.as_nanos() as f64 / 1000.0
    }

    fn wait_for_line(&mut self) {
        let mut line = String::new();
        while !line.contains(self.mark) {
            line.clear();
            assert_ne!(self.lines.read_line(&mut line).expect("it is text"), 0, "it has ended");
        }
    }
}

/// The median, and what ninety-nine of a hundred stay below.
fn percentiles(mut times: Vec<f64>) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[times.len() * 99 / 100])
}

const WARM_UP: usize = 500;
const COUNT: usize = 5_000;
