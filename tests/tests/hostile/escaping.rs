//! What peers say is told, and commands no terminal and forges no line: run, state and decode, and the log.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use ptpwatch_tests::peer::{Peer, notification};
use ptpwatch_tests::process::{Files, Running, program};

use super::{PATH, Target, lock_state};

/// What acts on a terminal, ends a line, turns the direction of what follows, or is no UTF-8.
const HOSTILE: &[&[u8]] = &[
    b"\x1b[2J\x1b]0;owned\x07",
    b"\n{\"v\":1,\"kind\":\"verdict\",\"state\":\"LOCKED\"}\n",
    b"\r\x08\x08\x0b\x0c\t",
    b"\0",
    b"\x7f",
    b"\xc2\x9b31m\xc2\x85\xc2\x80\xc2\x9f",
    b"\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8f\xd8\x9c",
    b"\xe2\x80\xa8\xe2\x80\xa9",
    b"\xff\xfe\xc0\xaf\xed\xa0\x80\xf5",
    b"\x9b31m",
    b"\"},\\\"\\",
];

/// Stands beside each of them, and so shows that it was told at all.
const MARK: &str = "mark";

/// The same as it stands in a string of JSON: as it is, and escaped where it can be.
fn spellings(hostile: &[u8]) -> Vec<Vec<u8>> {
    let mut spellings = vec![hostile.to_vec()];
    if let Ok(text) = str::from_utf8(hostile) {
        let escape = |unit: u16| format!("\\u{unit:04x}");
        spellings.push(text.encode_utf16().map(escape).collect::<String>().into_bytes());
    }
    spellings
}

/// Puts `what` in the place of `@` in `text`.
fn fill(text: &str, what: &[u8]) -> Vec<u8> {
    text.split('@').map(str::as_bytes).collect::<Vec<_>>().join(what)
}

/// Events that hold hostile bytes in each place that a peer can write to.
fn bodies() -> Vec<Vec<u8>> {
    let address = "/cluster/node/node1";
    let value = |address: &str, value: &str| {
        format!(
            r#"{{"ResourceAddress":"{address}","data_type":"notification","value_type":"enumeration","value":"{value}"}}"#
        )
    };
    let event = |kind: &str, source: &str, time: &str, value: &str| {
        format!(
            r#"{{"id":"@","type":"{kind}","source":"{source}","dataContentType":"@","time":"{time}","@":1,"data":{{"version":"@","values":[{value}]}}}}"#
        )
    };
    let (kind, source) = ("event.sync.ptp-status.ptp-state-change", "/sync/ptp-status/lock-state");
    let time = "2026-11-22T01:02:03Z";
    let good = value(&format!("{address}/{MARK}/master"), "LOCKED");
    let templates = [
        event(kind, source, time, &value(&format!("{address}/{MARK}@/master"), "LOCKED")),
        event(kind, source, time, &value(&format!("{address}/{MARK}/master"), "LOCKED@")),
        event(kind, source, time, &value("/cluster/node/node1@/ens1/master", "FREERUN")),
        event(kind, source, &format!("{time}@"), &good),
        event(&format!("{kind}@"), source, time, &good),
        event(kind, &format!("{source}@"), time, &good),
        format!(r#"{{"@":"@"{}"#, "@"),
        "@".to_owned(),
    ];
    let all = HOSTILE.iter().flat_map(|hostile| spellings(hostile));
    all.flat_map(|hostile| templates.each_ref().map(|template| fill(template, &hostile))).collect()
}

/// Asserts that nothing but our own line ends acts, that each line is one of ours, and that something was told.
fn is_harmless(bytes: &[u8], is_ours: impl Fn(&str) -> bool) {
    let text = str::from_utf8(bytes).expect("it is UTF-8");
    let acts = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    for line in text.lines() {
        assert!(!line.contains(acts), "{line:?}");
        assert!(is_ours(line), "{line:?}");
    }
    assert!(!text.contains('\r') && (text.is_empty() || text.ends_with('\n')));
}

fn is_json(line: &str) -> bool {
    let line: serde_json::Value = serde_json::from_str(line).expect("each line is JSON");
    line["v"] == 1 && line["kind"].is_string()
}

/// `HH:MM:SS.mmmZ  WORD`, where WORD is one of ours.
fn is_text(line: &str) -> bool {
    let Some((time, rest)) = line.split_once("Z  ") else { return false };
    let words =
        ["VERDICT", "LINK", "END", "LOCKED", "HOLDOVER", "FREERUN", "SYNCHRONIZED", "class", "level", "-"];
    time.len() == "00:00:00.000".len() && words.iter().any(|word| rest.starts_with(word))
}

fn is_log(line: &str) -> bool {
    let mut words = line.split(' ');
    let time = words.next().unwrap_or_default();
    let level = words.next().unwrap_or_default();
    time.len() == "2026-01-02T03:04:05.678Z".len()
        && ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"].contains(&level)
        && words.next().is_some_and(|room| room.starts_with("ptpwatch") && room.ends_with(':'))
}

/// Has peers say everything there is to say, on connections of their own, wherever something is taken.
fn tell_everything(connect: &dyn Fn() -> Peer) {
    for body in bodies() {
        let mut peer = connect();
        assert!(peer.send(&notification(PATH, &body)));
        assert!(peer.answer().is_some_and(|answer| answer.starts_with("HTTP/1.1 204")));
    }
    for template in [
        "POST /event/@ HTTP/1.1\r\nHost: us\r\n\r\n",
        "POST /event?@ HTTP/1.1\r\nHost: us\r\n\r\n",
        "@ /event HTTP/1.1\r\nHost: us\r\n\r\n",
        "POST /event HTTP/@\r\nHost: us\r\n\r\n",
        "POST /event HTTP/1.1\r\nHost: @\r\nUser-Agent: @\r\nConnection: @\r\n\r\n",
        "POST /event HTTP/1.1\r\nContent-Type: @\r\nContent-Length: @\r\n\r\n",
        "POST /event HTTP/1.1\r\nX@: a\r\n\r\n",
        "POST /event HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;@\r\nhello\r\n0\r\n@\r\n\r\n",
        "@",
    ] {
        for hostile in HOSTILE {
            let mut peer = connect();
            assert!(peer.send(&fill(template, hostile)));
            peer.finish();
            peer.rest();
        }
    }
}

fn check_run(format: &str, is_ours: fn(&str) -> bool) {
    let producer = HostileProducer::start();
    let options = ["--format", format, "--color", "never", "--log-level", "trace", "--poll", "500ms"];
    let target = Target::of(&producer.uri, Files::First(1024), &options);
    tell_everything(&|| target.connect());
    // What the producer answers is of no better sort.
    while producer.answers.load(Ordering::Relaxed) < 2 * HOSTILE.len() {
        std::thread::yield_now();
    }
    let (status, [lines, errors]) = target.stop_with_bytes();
    assert_eq!(status.code(), Some(0));
    is_harmless(&lines, is_ours);
    is_harmless(&errors, is_log);
    let lines = String::from_utf8_lossy(&lines);
    assert!(lines.contains(MARK), "{lines}");
    assert!(lines.contains("u{202e}") || lines.contains("u202e"), "{lines}");
}

#[test]
fn lines_for_people_and_the_log_hold_no_command() {
    check_run("text", is_text);
}

#[test]
fn lines_for_programs_and_the_log_hold_no_command() {
    check_run("json", is_json);
}

#[test]
fn state_and_its_log_hold_no_command() {
    let producer = HostileProducer::start();
    for (format, is_ours) in [("text", is_text as fn(&str) -> bool), ("json", is_json)] {
        let running = Running::start(&[
            "state",
            "--producer",
            &producer.uri,
            "--node",
            "node1",
            "--dialect",
            "openshift-v2",
            "--wait",
            "1s",
            "--format",
            format,
            "--color",
            "never",
            "--log-level",
            "trace",
        ]);
        let (_, [lines, errors]) = running.end_with_bytes();
        assert!(!lines.is_empty());
        is_harmless(&lines, is_ours);
        is_harmless(&errors, is_log);
    }
}

#[test]
fn decode_holds_no_command() {
    let mut told = Vec::new();
    for body in bodies() {
        let mut decode = Command::new(program())
            .arg("decode")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        decode.stdin.take().expect("it is piped").write_all(&body).expect("it reads");
        let output = decode.wait_with_output().expect("it ends");
        is_harmless(&output.stdout, is_json);
        is_harmless(&output.stderr, |_| true);
        told.extend(output.stdout);
    }
    assert!(String::from_utf8_lossy(&told).contains(r"\u202e"));
}

#[test]
fn the_simulated_producer_tells_of_subscribers_without_a_command() {
    let (running, producer) = Running::producer("openshift-v2", "locked");
    let address = producer.trim_start_matches("http://").parse().expect("it is an address");
    for hostile in HOSTILE.iter().flat_map(|hostile| spellings(hostile)) {
        let body = fill(
            r#"{"EndpointUri":"http://127.0.0.1:1/mark@","ResourceAddress":"/cluster/node/node1/sync/ptp-status/lock-state"}"#,
            &hostile,
        );
        let mut peer = Peer::connect(address);
        peer.send(&notification("/api/ocloudNotifications/v2/subscriptions", &body));
        peer.finish();
        peer.rest();
        peer = Peer::connect(address);
        peer.send(&fill("GET /@ HTTP/1.1\r\nHost: us\r\n\r\n", &hostile));
        peer.finish();
        peer.rest();
    }
    running.signal("-TERM");
    let (_, [lines, errors]) = running.end_with_bytes();
    is_harmless(&lines, |line| {
        line.split(' ').next().is_some_and(|time| time.len() == 24 && time.ends_with('Z'))
    });
    is_harmless(&errors, is_log);
}

/// A producer that puts hostile bytes into each of its answers.
struct HostileProducer {
    uri: String,
    answers: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
}

impl HostileProducer {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
        let uri = format!("http://{}", listener.local_addr().expect("it has one"));
        let (answers, is_over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let producer = Self { uri, answers: Arc::clone(&answers), is_over: Arc::clone(&is_over) };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { continue };
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
                answer_all(stream, &answers);
            }
        });
        producer
    }
}

impl Drop for HostileProducer {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.uri.trim_start_matches("http://"));
    }
}

/// Answers each request of a connection, each time otherwise.
fn answer_all(mut stream: TcpStream, answers: &AtomicUsize) {
    let mut peer = Peer::of(stream.try_clone().expect("it can be shared"));
    while let Some((head, _)) = peer.request() {
        let turn = answers.fetch_add(1, Ordering::Relaxed);
        let hostile = HOSTILE[turn % HOSTILE.len()];
        let is_list = head.starts_with("GET") && head.contains("/subscriptions");
        let body = match (is_list, head.contains("CurrentState")) {
            (true, _) => fill(
                r#"[{"SubscriptionId":"@","EndpointUri":"http://127.0.0.1/event@","ResourceAddress":"@","UriLocation":"@"}]"#,
                hostile,
            ),
            (_, true) => {
                let event = lock_state(turn, "mark@/master", "LOCKED");
                let text = String::from_utf8(event).expect("it is text");
                fill(text.split_once("\r\n\r\n").expect("it has a body").1, hostile)
            }
            _ => fill(r#"{"SubscriptionId":"@","EndpointUri":"@","@":"@"}"#, hostile),
        };
        let status = ["200 OK", "201 Created", "404 \u{9b}2J", "503 @"][turn % 4];
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: @\r\nLocation: @\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        // Some in the head are no HTTP at all.
        let head = if turn.is_multiple_of(3) { fill(&head, hostile) } else { fill(&head, b"x") };
        if stream.write_all(&[head, body].concat()).is_err() {
            return;
        }
    }
}
