//! The program itself, over real sockets: `run` and `state` beside `simulate`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Longest wait for anything; nothing here takes nearly that long unless it never comes.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program, built from the sources there are.
fn program() -> &'static PathBuf {
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
            .args(["build", "--quiet", "--package", "ptpwatch", "--target-dir"])
            .arg(folder.parent().unwrap());
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        assert!(cargo.status().expect("cargo is there").success(), "the program builds");
        folder.join("ptpwatch")
    })
}

/// A running program, its lines, and its end.
struct Running {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(program())
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (sender, lines) = channel();
        let stdout = child.stdout.take().expect("it is piped");
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Self { child, lines, seen: Vec::new() }
    }

    /// A simulated producer, and where it listens.
    fn producer(dialect: &str, script: &str) -> (Self, String) {
        let mut running =
            Self::start(&["simulate", "--listen", "127.0.0.1:0", "--dialect", dialect, "--script", script]);
        let line = running.wait_for("127.0.0.1:");
        let address = line.split("127.0.0.1:").nth(1).expect("it says where");
        let port: String = address.chars().take_while(char::is_ascii_digit).collect();
        (running, format!("http://127.0.0.1:{port}"))
    }

    fn consumer(dialect: &str, producer: &str) -> Self {
        Self::start(&[
            "run",
            "--format",
            "json",
            "--producer",
            producer,
            "--node",
            "node1",
            "--dialect",
            dialect,
            "--listen",
            "127.0.0.1:0",
            "--role",
            "oc",
        ])
    }

    /// The next line that holds `what`.
    fn wait_for(&mut self, what: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("no line with {what} among:\n{}", self.seen.join("\n"));
            };
            self.seen.push(line.clone());
            if line.contains(what) {
                return line;
            }
        }
    }

    /// The next verdict is `state`: no other comes before it.
    fn wait_for_verdict(&mut self, state: &str) {
        loop {
            let line = self.wait_for(r#""kind":"verdict""#);
            if !line.contains(r#""transitions":0"#) {
                assert!(line.contains(&format!(r#""state":"{state}""#)), "not {state}: {line}");
                return;
            }
        }
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().expect("kill is there").success());
    }

    fn end(mut self) -> (ExitStatus, Vec<String>) {
        let end = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                break status;
            }
            assert!(Instant::now() < end, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        };
        while let Ok(line) = self.lines.recv_timeout(Duration::from_millis(200)) {
            self.seen.push(line);
        }
        (status, std::mem::take(&mut self.seen))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One exchange with whoever listens at `address`.
fn exchange(address: &str, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address.trim_start_matches("http://")).expect("somebody listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out can be set");
    stream.write_all(request).expect("it takes the request");
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(count) => answer.extend_from_slice(&buffer[..count]),
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}

fn subscriptions(producer: &str, dialect: &str) -> usize {
    let version = dialect.trim_start_matches("openshift-");
    let request = format!(
        "GET /api/ocloudNotifications/{version}/subscriptions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    );
    exchange(producer, request.as_bytes()).matches("/sync/").count()
}

/// Does `test` with both dialects of OpenShift, at the same time.
fn with_both_dialects(test: impl Fn(&str) + Sync) {
    std::thread::scope(|scope| {
        for dialect in ["openshift-v1", "openshift-v2"] {
            let test = &test;
            scope.spawn(move || test(dialect));
        }
    });
}

#[test]
fn run_follows_simulate_and_leaves_nothing_behind() {
    with_both_dialects(|dialect| {
        let (_simulate, producer) = Running::producer(dialect, "demo");
        let mut run = Running::consumer(dialect, &producer);
        run.wait_for(r#""kind":"link""#);
        for state in ["LOCKED", "HOLDOVER", "FREERUN", "LOCKED"] {
            run.wait_for_verdict(state);
        }
        assert_eq!(subscriptions(&producer, dialect), 5, "{dialect}");
        run.signal("-TERM");
        let (status, _) = run.end();
        assert_eq!(status.code(), Some(0), "{dialect}");
        assert_eq!(subscriptions(&producer, dialect), 0, "{dialect}");
    });
}

#[test]
fn a_producer_that_restarts_is_found_again() {
    with_both_dialects(|dialect| {
        let (_simulate, producer) = Running::producer(dialect, "restart");
        let mut run = Running::consumer(dialect, &producer);
        run.wait_for(r#""up":true,"subscribed":5"#);
        run.wait_for(r#""up":false"#);
        run.wait_for(r#""up":true,"subscribed":5"#);
        assert!(!run.seen.iter().any(|line| line.contains(r#""state":"FREERUN""#)), "{:#?}", run.seen);
    });
}

#[test]
fn state_answers_with_its_exit_code_and_disturbs_nobody() {
    with_both_dialects(|dialect| {
        let (_simulate, producer) = Running::producer(dialect, "locked");
        let mut run = Running::consumer(dialect, &producer);
        run.wait_for(r#""subscribed":5"#);
        let state = |producer: &str| {
            let arguments =
                ["state", "--producer", producer, "--node", "node1", "--dialect", dialect, "--wait", "5s"];
            Running::start(&arguments).end()
        };
        let (status, lines) = state(&producer);
        assert_eq!(status.code(), Some(0), "{dialect} {lines:?}");
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!(subscriptions(&producer, dialect), 5, "{dialect}");
        let nobody =
            TcpListener::bind("127.0.0.1:0").expect("there is a port").local_addr().expect("it has one");
        assert_eq!(state(&format!("http://{nobody}")).0.code(), Some(12), "{dialect}");
    });
}

#[test]
fn usage_and_configuration_end_with_2_and_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let taken = taken.local_addr().expect("it has one").to_string();
    let good = ["--producer", "http://127.0.0.1:1", "--node", "n", "--dialect", "openshift-v2"];
    let run = |extra: &[&str]| {
        let output = Command::new(program()).arg("run").args(good).args(extra).output().expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for extra in [
        ["--listen", &taken],
        ["--dialect", "klingon"],
        ["--producer", "ftp://x"],
        ["--callback", "nonsense"],
        ["--node", "a/b"],
        ["--poll", "6s"],
        ["--resources", "sync-state"],
        ["--nonsense", "1"],
    ] {
        let (code, stderr) = run(&extra);
        assert_eq!(code, Some(2), "{extra:?} {stderr}");
        assert_eq!(stderr.trim_end().lines().count(), 1, "{extra:?} {stderr}");
    }
}

#[test]
fn hostile_peers_are_answered_or_closed_while_events_arrive() {
    let port = TcpListener::bind("127.0.0.1:0").expect("there is a port").local_addr().expect("it has one");
    let (_simulate, producer) = Running::producer("openshift-v2", "flapping");
    let listen = port.to_string();
    let mut run = Running::start(&[
        "run",
        "--format",
        "json",
        "--producer",
        &producer,
        "--node",
        "node1",
        "--dialect",
        "openshift-v2",
        "--listen",
        &listen,
        "--callback",
        &format!("http://{listen}/event"),
    ]);
    run.wait_for(r#""subscribed":5"#);
    let post = |body: &[u8]| {
        let head = format!(
            "POST /event HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body].concat()
    };
    for (request, status) in [
        (post(&[b'['; 26_000]), "204"),
        (post(b"\xFF\xFE\xC0"), "204"),
        (post(&vec![b'['; 10_000_000]), "413"),
        (format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(100_000)).into_bytes(), "431"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03\r\n\r\n".to_vec(), "400"),
    ] {
        let mut stream = TcpStream::connect(port).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out can be set");
        // Who is refused may find the connection closed before all is sent.
        let _ = stream.write_all(&request);
        let mut answer = [0; 64];
        let count = stream.read(&mut answer).unwrap_or(0);
        let answer = String::from_utf8_lossy(&answer[..count]).into_owned();
        assert!(answer.is_empty() || answer.contains(status), "{status}: {answer}");
    }
    run.wait_for(r#""state":"HOLDOVER""#);
    run.signal("-INT");
    assert_eq!(run.end().0.code(), Some(0));
}

#[test]
fn the_demo_is_what_it_says() {
    with_both_dialects(|dialect| {
        let (status, lines) =
            Running::start(&["demo", "--once", "--format", "json", "--dialect", dialect]).end();
        assert_eq!(status.code(), Some(0), "{dialect} {lines:#?}");
        assert!(lines.last().expect("it says something").contains(r#""kind":"end""#), "{dialect} {lines:#?}");
        assert!(lines.iter().all(|line| line.starts_with(r#"{"v":1,"#)), "{dialect} {lines:#?}");
    });
}
