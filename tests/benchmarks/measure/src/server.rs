//! Servers: the program with its producer, and its peers, each below a wrapper if one is wanted.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ours::tracker::NODE;

/// Where things were built.
pub(crate) fn built(path: &str) -> PathBuf {
    let measure = std::env::current_exe().expect("it has a path");
    let target = measure.ancestors().nth(3).expect("it is below target/benchmarks/release");
    target.join(path)
}

/// The program as it is shipped first of all: the static one.
pub(crate) fn shipped() -> PathBuf {
    built(&format!("{}-unknown-linux-musl/dist/ptpwatch", std::env::consts::ARCH))
}

/// The program as it is shipped for glibc.
pub(crate) fn shipped_for_glibc() -> PathBuf {
    built("dist/ptpwatch")
}

/// The servers beside it.
pub(crate) fn peers() -> impl Iterator<Item = (&'static str, PathBuf)> {
    ["epoll", "hyper", "axum", "cpp-httplib"]
        .into_iter()
        .map(|name| (name, built("benchmarks/release").join(name)))
}

/// The wrapper that keeps a server on the first core; its clients are on the second.
pub(crate) const ON_CORE_0: [&str; 3] = ["taskset", "-c", "0"];

/// A process that ends with its owner.
#[derive(Debug)]
pub(crate) struct Process(pub(crate) Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    pub(crate) fn spawn(command: &mut Command) -> Self {
        Self(command.stdin(Stdio::null()).spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")))
    }

    /// Asks it to end and gives what it wrote to stderr, if that is piped.
    pub(crate) fn end(mut self) -> String {
        let pid = self.0.id().to_string();
        Command::new("kill").arg(pid).status().expect("kill is there");
        let mut said = String::new();
        if let Some(mut stderr) = self.0.stderr.take() {
            stderr.read_to_string(&mut said).expect("it is text");
        }
        let _ = self.0.wait();
        said
    }
}

/// A simulated producer of the node, and where it answers.
#[derive(Debug)]
pub(crate) struct Producer {
    _process: Process,
    lines: BufReader<std::process::ChildStdout>,
    pub(crate) address: SocketAddr,
}

impl Producer {
    pub(crate) fn start() -> Self {
        let address = free_address();
        let mut command = Command::new(built("benchmarks/release/producer"));
        command.args([
            "simulate",
            "--dialect",
            "openshift-v1",
            "--script",
            "locked",
            "--node",
            NODE,
            "--listen",
        ]);
        let mut process = Process::spawn(command.arg(address.to_string()).stdout(Stdio::piped()));
        let lines = BufReader::new(process.0.stdout.take().expect("it is piped"));
        wait_for_listener(address);
        Self { _process: process, lines, address }
    }

    /// Waits until somebody subscribed to everything.
    pub(crate) fn wait_for_subscriptions(&mut self) {
        let mut left = RESOURCES;
        while left > 0 {
            let mut line = String::new();
            assert_ne!(self.lines.read_line(&mut line).expect("it is text"), 0, "the producer ended");
            if line.contains(" subscribed ") {
                left -= 1;
            }
        }
        // The last of them is asked for its state yet.
        thread::sleep(Duration::from_millis(100));
    }
}

/// A server under load.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) process: Process,
    producer: Option<Producer>,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// The program, subscribed and in peace: it polls the producer every ten minutes only.
    pub(crate) fn ptpwatch(wrapper: &[&str], program: &Path, options: &[&str], stdout: Stdio) -> Self {
        let mut producer = Producer::start();
        let address = free_address();
        let mut command = wrapped(wrapper, program);
        command.args(run_arguments(address, producer.address)).args(RARE_POLLS).args(options);
        let process = Process::spawn(command.stdout(stdout).stderr(Stdio::piped()));
        producer.wait_for_subscriptions();
        Self { process, producer: Some(producer), address }
    }

    /// A peer: it gets its port as an argument.
    pub(crate) fn peer(wrapper: &[&str], program: &Path, options: &[&str], stdout: Stdio) -> Self {
        let address = free_address();
        let mut command = wrapped(wrapper, program);
        command.arg(address.port().to_string()).args(options).stdout(stdout).stderr(Stdio::piped());
        let process = Process::spawn(&mut command);
        wait_for_listener(address);
        Self { process, producer: None, address }
    }

    /// Ends it and gives what it wrote to stderr.
    pub(crate) fn end(self) -> String {
        let Self { process, producer, .. } = self;
        let said = process.end();
        drop(producer);
        said
    }
}

/// The arguments of `run` for a producer.
pub(crate) fn run_arguments(listen: SocketAddr, producer: SocketAddr) -> Vec<OsString> {
    let line = format!(
        "run --format json --node {NODE} --role oc --dialect openshift-v1 --listen {listen} \
         --callback http://{listen}/event --producer http://{producer}"
    );
    line.split_whitespace().map(OsString::from).collect()
}

fn wrapped(wrapper: &[&str], program: &Path) -> Command {
    let Some((first, rest)) = wrapper.split_first() else { return Command::new(program) };
    let mut command = Command::new(first);
    command.args(rest).arg(program);
    command
}

/// An address of the loopback that is free by now.
///
/// Not one of those that the kernel gives to who connects: a client that comes too early could be given the very one that
/// it connects to, and be connected to itself.
pub(crate) fn free_address() -> SocketAddr {
    static COUNT: AtomicU16 = AtomicU16::new(0);
    // Others than in the last run, whose connections are not all forgotten if the network is not our own.
    let first = 10_000 + std::process::id() as u16 % 160 * 128;
    loop {
        let address = SocketAddr::from(([127, 0, 0, 1], first + COUNT.fetch_add(1, Ordering::Relaxed)));
        // Nobody listens. To listen here for a moment would not do: what another thread starts in that moment listens too,
        // until it has become its program.
        if TcpStream::connect(address).is_err() {
            return address;
        }
    }
}

fn wait_for_listener(address: SocketAddr) {
    let end = Instant::now() + PATIENCE;
    while let Err(error) = TcpStream::connect(address) {
        assert!(Instant::now() < end, "{address}: {error}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// What is subscribed to by default.
const RESOURCES: usize = 5;
const RARE_POLLS: [&str; 6] = ["--poll", "10m", "--stale", "30m", "--void", "2h"];
/// How long a server may take to listen, under valgrind too.
const PATIENCE: Duration = Duration::from_secs(30);
