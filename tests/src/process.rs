//! The program itself as a child process, and its peers over real sockets.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
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

/// A peer on a connection of its own.
#[derive(Debug)]
pub struct Peer {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Peer {
    pub fn connect(address: SocketAddr) -> Self {
        Self::of(TcpStream::connect(address).expect("somebody listens"))
    }

    pub fn of(stream: TcpStream) -> Self {
        stream.set_nodelay(true).expect("it can be set");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out can be set");
        Self { stream, received: Vec::new() }
    }

    /// Sends all of `bytes`; `false` if the other side takes no more.
    pub fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// Says that no more follows.
    pub fn finish(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// The next answer, which has no body; `None` if the connection ended before it.
    pub fn answer(&mut self) -> Option<String> {
        self.until(b"\r\n\r\n")
    }

    /// What comes up to `end`, and that too; `None` if the connection ended before it.
    pub fn until(&mut self, end: &[u8]) -> Option<String> {
        loop {
            if let Some(at) = self.received.windows(end.len()).position(|window| window == end) {
                let text: Vec<u8> = self.received.drain(..at + end.len()).collect();
                return Some(String::from_utf8_lossy(&text).into_owned());
            }
            if !self.receive() {
                return None;
            }
        }
    }

    /// The next request, or the next answer that has a body: its head, and its body of the length that it says.
    pub fn request(&mut self) -> Option<(String, Vec<u8>)> {
        let head = self.answer()?;
        let length = head.to_ascii_lowercase().lines().find_map(|line| {
            line.strip_prefix("content-length:").map(|length| length.trim().parse().expect("it is a number"))
        });
        while self.received.len() < length.unwrap_or(0) {
            if !self.receive() {
                return None;
            }
        }
        let body = self.received.drain(..length.unwrap_or(0)).collect();
        Some((head, body))
    }

    /// All that comes until the other side closes.
    pub fn rest(&mut self) -> String {
        while self.receive() {}
        String::from_utf8_lossy(&std::mem::take(&mut self.received)).into_owned()
    }

    /// Whether the other side has given the connection up: nothing more can be sent to it.
    pub fn has_failed(&mut self) -> bool {
        self.stream.take_error().map_or(true, |error| error.is_some()) || !self.send(b"\r\n")
    }

    /// Whether the other side has closed by now.
    pub fn is_closed(&mut self) -> bool {
        self.stream.set_nonblocking(true).expect("it can be set");
        let is_closed = match self.stream.peek(&mut [0]) {
            Ok(count) => count == 0,
            Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
        };
        self.stream.set_nonblocking(false).expect("it can be set");
        is_closed
    }

    /// Receives what comes next; `false` at the end.
    ///
    /// # Panics
    /// If nothing comes, and no end either.
    fn receive(&mut self) -> bool {
        let mut buffer = [0; 4096];
        match self.stream.read(&mut buffer) {
            Ok(count) => {
                self.received.extend_from_slice(&buffer[..count]);
                assert!(self.received.len() < 1 << 20, "there is no end of it");
                count > 0
            }
            Err(error)
                if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) =>
            {
                panic!("neither an answer nor the end comes");
            }
            Err(_) => false,
        }
    }
}

/// One exchange with whoever listens at `address`, until it closes.
pub fn exchange(address: &str, request: &[u8]) -> String {
    let address = address.trim_start_matches("http://").parse().expect("it is an address");
    let mut peer = Peer::connect(address);
    assert!(peer.send(request), "it takes the request");
    peer.rest()
}

/// What a simulated producer lists as subscribed.
pub fn list(producer: &str, dialect: &str) -> String {
    let version = dialect.trim_start_matches("openshift-");
    let request = format!(
        "GET /api/ocloudNotifications/{version}/subscriptions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    );
    exchange(producer, request.as_bytes())
}

/// How many subscriptions a simulated producer holds.
pub fn subscriptions(producer: &str, dialect: &str) -> usize {
    list(producer, dialect).matches("/sync/").count()
}

/// A notification with `body`.
pub fn notification(path: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("POST {path} HTTP/1.1\r\nHost: us\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// An address of the loopback that is free, and stays so between two who listen there: its port is below those that the
/// system gives out to others.
pub fn address_of_our_own() -> SocketAddr {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let first = std::process::id() as usize * 31;
    loop {
        let port = 10_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 20_000;
        let address = SocketAddr::from(([127, 0, 0, 1], u16::try_from(port).expect("it fits")));
        // Nobody listens. To listen here for a moment would not do: a program that another thread starts in that moment would
        // listen too, until it is itself.
        if TcpStream::connect(address).is_err() {
            return address;
        }
    }
}
