//! `check` and `subscriptions` against simulated producers, and against the usual mistakes.

mod dialects;
mod mistakes;
mod subscriptions;

use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

use ptpwatch_tests::peer::{Peer, address_of_our_own, exchange};
use ptpwatch_tests::process::program;
use serde_json::Value;

/// What a program wrote to stdout, and its exit code.
struct Told {
    text: String,
    errors: String,
    code: Option<i32>,
}

impl Told {
    /// The line that begins with a result and a step, and the cause and the fix behind it.
    fn step(&self, step: &str) -> String {
        let is_meant = |line: &str| line.get(9..).is_some_and(|rest| rest.starts_with(&format!("{step}:")));
        let lines: Vec<&str> = self.text.lines().collect();
        let at = lines
            .iter()
            .position(|line| is_meant(line))
            .unwrap_or_else(|| panic!("no {step}: {}", self.text));
        let behind = lines[at + 1..].iter().take_while(|line| line.starts_with("         "));
        [lines[at]].into_iter().chain(behind.copied()).collect::<Vec<_>>().join("\n")
    }

    /// The step came out like this, and its lines hold these words.
    fn assert_step(&self, step: &str, result: &str, words: &[&str]) {
        let said = self.step(step);
        assert!(said.starts_with(result), "{step} is not {result}: {said}");
        for word in words {
            assert!(said.contains(word), "{step} does not say {word}: {said}");
        }
    }
}

/// Runs the program in an environment without variables of its own.
fn tell(arguments: &[&str]) -> Told {
    let output = Command::new(program()).env_clear().args(arguments).output().expect("it starts");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it is text");
    Told { text: text(&output.stdout), errors: text(&output.stderr), code: output.status.code() }
}

/// `check` of a producer, as if `run` listened at `listen`.
fn check(producer: &str, listen: SocketAddr, extra: &[&str]) -> Told {
    let listen = listen.to_string();
    let arguments = ["check", "--producer", producer, "--listen", &listen];
    let unless =
        |name: &str, option: &'static [&'static str]| if extra.contains(&name) { &[] } else { option };
    let node = unless("--node", &["--node", "node1"]);
    let metrics = unless("--sidecar-metrics", &["--sidecar-metrics", "none"]);
    let timeout = unless("--request-timeout", &["--request-timeout", "60s"]);
    tell(&[&arguments, node, metrics, timeout, extra].concat())
}

/// The same where nobody listens.
fn check_alone(producer: &str, extra: &[&str]) -> Told {
    check(producer, address_of_our_own(), extra)
}

/// What is different each time becomes a word.
fn normal(text: &str) -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("it has a name");
    let text = text.replace(host.trim(), "HOST");
    let mut words = String::new();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    for word in text.split_inclusive([' ', '\n', '"', ',', ';', '/']) {
        let end = word.len() - usize::from(word.ends_with([' ', '\n', '"', ',', ';', '/']));
        let (word, separator) = word.split_at(end);
        let is_port = words.ends_with("port ") && is_number(word);
        words += &if is_port { "PORT".to_owned() } else { normal_word(word) };
        words += separator;
    }
    words
}

fn normal_word(word: &str) -> String {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if word.len() == 36 && word.bytes().filter(|byte| *byte == b'-').count() == 4 {
        return "ID".into();
    }
    if word.len() == "2026-01-02T03:04:05.678Z".len() && word.ends_with('Z') && word.contains('T') {
        return "TIME".into();
    }
    match word.rsplit_once(':') {
        Some((front, port)) if is_number(port) && front.contains("127.0.0.1") => format!("{front}:PORT"),
        _ => match word.rsplit_once('-') {
            Some(("HOST", pid)) if is_number(pid) => "HOST-PID".into(),
            _ => word.into(),
        },
    }
}

/// Compares with the file, or writes it if it is asked to.
fn compare(name: &str, text: &str) {
    let path = format!("{}/tests/check/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("PTPWATCH_BLESS").is_some() {
        std::fs::write(&path, text).expect("it can be written");
    }
    assert_eq!(text, std::fs::read_to_string(&path).expect("it is there"), "{name}");
    assert!(text.lines().all(|line| line == line.trim_end()), "{text}");
}

/// Somebody who answers each request as `answer` says, and what was asked.
fn server(answer: impl Fn(&str) -> String + Send + 'static) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let address = listener.local_addr().expect("it has one");
    let asked = Arc::new(Mutex::new(Vec::new()));
    let keeper = Arc::clone(&asked);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { return };
            let mut peer = Peer::of(stream);
            if let Some((head, _)) = peer.request() {
                let line = head.lines().next().unwrap_or_default().to_owned();
                keeper.lock().expect("nobody panics").push(line.clone());
                peer.send(answer(&line).as_bytes());
            }
        }
    });
    (address, asked)
}

/// An answer with a status and a body.
fn answer(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

/// Subscribes as anybody could; returns the id.
fn subscribe(producer: &str, dialect: &str, endpoint: &str, suffix: &str) -> String {
    let version = dialect.trim_start_matches("openshift-");
    let [to, about, id] = match version {
        "v1" => ["endpointUri", "resource", "id"],
        _ => ["EndpointUri", "ResourceAddress", "SubscriptionId"],
    };
    let body = format!(r#"{{"{to}":"{endpoint}","{about}":"/cluster/node/node1{suffix}"}}"#);
    let request = format!(
        "POST /api/ocloudNotifications/{version}/subscriptions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = exchange(producer, request.as_bytes());
    let (head, body) = answer.split_once("\r\n\r\n").expect("it has a head");
    assert!(head.starts_with("HTTP/1.1 201"), "{answer}");
    let subscription: Value = serde_json::from_str(body).expect("it is JSON");
    subscription[id].as_str().expect("it has an id").to_owned()
}

const LOCK_STATE: &str = "/sync/ptp-status/lock-state";
const GNSS: &str = "/sync/gnss-status/gnss-sync-status";
