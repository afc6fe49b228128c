//! The program itself as a child process.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

/// Longest wait for anything; nothing here takes nearly that long unless it never comes.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The program that `TESTED_PROGRAM` names, or the one that is built from the sources there are.
pub fn program() -> &'static PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| std::env::var_os("TESTED_PROGRAM").map_or_else(|| built().clone(), PathBuf::from))
}

/// The program that is built from the sources there are, simulator included.
fn built() -> &'static PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let folder = std::env::current_exe()
            .expect("a test is a program")
            .parent()
            .unwrap()
            .parent()
            .unwrap()
            .to_owned();
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["build", "--quiet", "--workspace", "--bin", "ptpwatch", "--target-dir"])
            .arg(folder.parent().unwrap());
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        assert!(cargo.status().expect("cargo is there").success(), "the program builds");
        folder.join("ptpwatch")
    })
}

/// Does `test` with both dialects of OpenShift, at the same time.
pub fn with_both_dialects(test: impl Fn(&str) + Sync) {
    std::thread::scope(|scope| {
        for dialect in ["openshift-v1", "openshift-v2"] {
            let test = &test;
            scope.spawn(move || test(dialect));
        }
    });
}

/// A limit on file descriptors.
#[derive(Clone, Copy, Debug)]
pub enum Files {
    /// It can have no more.
    Most(u32),
    /// It has no more before it asks.
    First(u32),
}

/// A running program, its lines, and its end.
#[derive(Debug)]
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    pub seen: Vec<String>,
    stderr: Arc<Mutex<Vec<u8>>>,
    stdout: Arc<Mutex<Vec<u8>>>,
}

impl Running {
    /// The tested program, or for `simulate` and `demo` the one that has them in any case.
    pub fn start(arguments: &[&str]) -> Self {
        let is_simulator = matches!(arguments, ["simulate" | "demo", ..]);
        Self::spawn(Command::new(if is_simulator { built() } else { program() }).args(arguments))
    }

    /// As [`start`](Self::start), with variables in its environment.
    pub fn start_with(environment: &[(&str, &str)], arguments: &[&str]) -> Self {
        Self::spawn(Command::new(program()).envs(environment.iter().copied()).args(arguments))
    }

    /// As [`start`](Self::start), with `files` file descriptors, or with more if it asks for them.
    pub fn start_with_files(files: Files, arguments: &[&str]) -> Self {
        let (kind, files) = match files {
            Files::Most(files) => ("-n", files),
            Files::First(files) => ("-S -n", files),
        };
        let limited = format!(r#"ulimit {kind} "$0" && exec "$@""#);
        Self::spawn(
            Command::new("sh").args(["-c", &limited, &files.to_string()]).arg(program()).args(arguments),
        )
    }

    /// Runs any other program.
    pub fn spawn(command: &mut Command) -> Self {
        Self::of_terminal(command.stdout(Stdio::piped()))
    }

    /// The same, whose stdout is the command's: there are no lines of it then.
    pub fn of_terminal(command: &mut Command) -> Self {
        let mut child =
            command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let (sender, lines) = channel();
        let stdout = child.stdout.take().map(|stdout| {
            collect(stdout, move |line| {
                let _ = sender.send(line);
            })
        });
        let stderr = collect(child.stderr.take().expect("it is piped"), drop);
        Self { child, lines, seen: Vec::new(), stderr, stdout: stdout.unwrap_or_default() }
    }

    /// A simulated producer, and where it listens.
    pub fn producer(dialect: &str, script: &str) -> (Self, String) {
        let mut running =
            Self::start(&["simulate", "--listen", "127.0.0.1:0", "--dialect", dialect, "--script", script]);
        let line = running.wait_for("127.0.0.1:");
        let address = line.split("127.0.0.1:").nth(1).expect("it says where");
        let port: String = address.chars().take_while(char::is_ascii_digit).collect();
        (running, format!("http://127.0.0.1:{port}"))
    }

    /// A simulated producer whose script are these lines, and where it listens.
    pub fn producer_of(dialect: &str, lines: &str) -> (Self, String) {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let script = std::env::temp_dir().join(format!("ptpwatch-script-{}-{number}", std::process::id()));
        std::fs::write(&script, lines).expect("there is room for it");
        let producer = Self::producer(dialect, script.to_str().expect("it is text"));
        // Once it listens, it has read it.
        std::fs::remove_file(script).expect("it was there");
        producer
    }

    pub fn consumer(dialect: &str, producer: &str) -> Self {
        Self::start(&run(dialect, producer))
    }

    /// The next line that holds `what`.
    pub fn wait_for(&mut self, what: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("no line with {what} among:\n{}\n{}", self.seen.join("\n"), self.errors());
            };
            self.seen.push(line.clone());
            if line.contains(what) {
                return line;
            }
        }
    }

    /// The next verdict is `state`: no other comes before it.
    pub fn wait_for_verdict(&mut self, state: &str) {
        loop {
            let line = self.wait_for(r#""kind":"verdict""#);
            if !line.contains(r#""transitions":0"#) {
                assert!(line.contains(&format!(r#""state":"{state}""#)), "not {state}: {line}");
                return;
            }
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it is still there.
    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().expect("it can be waited for").is_none()
    }

    pub fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().expect("kill is there").success());
    }

    pub fn end(mut self) -> (ExitStatus, Vec<String>) {
        let status = self.wait();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => self.seen.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("somebody else has its stdout"),
            }
        }
        (status, std::mem::take(&mut self.seen))
    }

    /// All that it wrote to its end, stdout and stderr, as it is.
    pub fn end_with_bytes(mut self) -> (ExitStatus, [Vec<u8>; 2]) {
        let status = self.wait();
        while self.lines.recv_timeout(PATIENCE).is_ok() {}
        // Whoever collects gives up its share at the end.
        let end = Instant::now() + PATIENCE;
        while Arc::strong_count(&self.stderr) > 1 && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
        }
        let all = |bytes: &Mutex<Vec<u8>>| bytes.lock().expect("nobody panics").clone();
        (status, [all(&self.stdout), all(&self.stderr)])
    }

    /// What it said on stderr so far.
    pub fn errors(&self) -> String {
        String::from_utf8_lossy(&self.stderr.lock().expect("nobody panics")).into_owned()
    }

    /// The same, once `what` is among it.
    pub fn wait_for_error(&self, what: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let errors = self.errors();
            if errors.contains(what) {
                return errors;
            }
            assert!(Instant::now() < end, "it does not say {what}: {errors}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn wait(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                return status;
            }
            assert!(Instant::now() < end, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// The arguments of `run` for a producer, at any free port.
pub fn run<'a>(dialect: &'a str, producer: &'a str) -> [&'a str; 13] {
    let [format, listen, node, role] = ["json", "127.0.0.1:0", "node1", "oc"];
    [
        "run",
        "--format",
        format,
        "--listen",
        listen,
        "--node",
        node,
        "--role",
        role,
        "--producer",
        producer,
        "--dialect",
        dialect,
    ]
}

/// The exit code of the program whose first line is read and no more, as by `head -1`.
pub fn end_unread(arguments: &[&str]) -> Option<i32> {
    let mut command = Command::new(program());
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped"));
    lines.read_line(&mut String::new()).expect("there is a line");
    drop(lines);
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().expect("it is ours") {
            return status.code();
        }
        if Instant::now() > end {
            let _ = child.kill();
            panic!("{arguments:?} goes on");
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Keeps what comes out of `pipe`, and passes on each line.
fn collect(
    pipe: impl Read + Send + 'static,
    pass_on: impl Fn(String) + Send + 'static,
) -> Arc<Mutex<Vec<u8>>> {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keeper = Arc::clone(&kept);
    std::thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        let mut line = Vec::new();
        while let Ok(1..) = pipe.read_until(b'\n', &mut line) {
            keeper.lock().expect("nobody panics").extend_from_slice(&line);
            pass_on(String::from_utf8_lossy(&line).trim_end_matches('\n').to_owned());
            line.clear();
        }
    });
    kept
}
