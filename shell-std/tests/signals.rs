//! The end of `run`, as a supervisor or a person at a terminal asks for it.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// A running program and its lines.
struct Running {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ptpwatch"));
        let mut child = command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    /// The next line that holds `what`.
    fn line_with(&mut self, what: &str) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(self.lines.read_line(&mut line).unwrap(), 0, "no line with {what}");
            if line.contains(what) {
                return line;
            }
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    fn end(&mut self) -> ExitStatus {
        let deadline = Instant::now() + Duration::from_secs(60);
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            thread::sleep(Duration::from_millis(5));
        }
        panic!("it does not end");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A producer, and a consumer that holds all its subscriptions, started as the producer says.
fn pair() -> (Running, Running) {
    let mut producer = Running::start(&["simulate", "--listen", "127.0.0.1:0", "--script", "locked"]);
    let line = producer.line_with("watch it with: ptpwatch ");
    let mut arguments: Vec<&str> = line.split(" ptpwatch ").nth(1).unwrap().split_whitespace().collect();
    arguments.extend(["--listen", "127.0.0.1:0"]);
    let mut consumer = Running::start(&arguments);
    consumer.line_with("subscribed 5 of 5");
    (producer, consumer)
}

/// As `timeout` does it, which signals its child and then the group that it is in.
#[test]
fn signals_at_once_are_one_and_the_end_is_orderly() {
    let (mut producer, mut consumer) = pair();
    consumer.signal(Signal::TERM);
    consumer.signal(Signal::TERM);
    consumer.line_with("END SIGTERM");
    consumer.signal(Signal::TERM);
    assert_eq!(consumer.end().code(), Some(0));
    (0..5).for_each(|_| drop(producer.line_with("unsubscribed")));
}

#[test]
fn a_later_signal_ends_it_there_and_then() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let (producer, mut consumer) = pair();
        // So nothing is answered any more, and the way out takes its 2 s.
        producer.signal(Signal::STOP);
        consumer.signal(Signal::TERM);
        consumer.line_with("END SIGTERM");
        thread::sleep(Duration::from_millis(900));
        consumer.signal(signal);
        assert_eq!(consumer.end().code(), Some(code));
    }
}
