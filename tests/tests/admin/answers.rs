//! Each path, and what is no question.

use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use ptpwatch_tests::peer::{Peer, address_of_our_own};
use ptpwatch_tests::process::{PATIENCE, Running};

use super::Instance;

/// What a head says of `field`.
fn field<'h>(head: &'h str, field: &str) -> Option<&'h str> {
    head.lines()
        .find_map(|line| line.split_once(": ").filter(|(name, _)| *name == field).map(|(_, value)| value))
}

#[test]
fn each_path_says_what_it_is() {
    let instance = Instance::alone(&[]);
    for (path, status, kind, start) in [
        ("/livez", 200, "text/plain; charset=utf-8", "ok\n"),
        ("/livez?verbose", 200, "text/plain; charset=utf-8", "ok\n"),
        ("/readyz", 503, "text/plain; charset=utf-8", "not ready: the producer does not answer\n"),
        ("/state", 200, "application/json", r#"{"v":1,"kind":"state","at":""#),
        ("/metrics", 200, "text/plain; version=0.0.4; charset=utf-8", "# HELP ptpwatch_build_info "),
        ("/favicon.ico", 404, "text/plain; charset=utf-8", "there is / /metrics "),
        ("/livez/", 404, "text/plain; charset=utf-8", "there is / /metrics "),
    ] {
        let (head, body) = instance.get(path);
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {head}");
        assert_eq!(field(&head, "Content-Type"), Some(kind), "{path}");
        assert_eq!(field(&head, "Content-Length"), Some(body.len().to_string().as_str()), "{path}");
        assert!(body.starts_with(start), "{path}: {body}");
        for (name, value) in [
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
        ] {
            assert_eq!(field(&head, name), Some(value), "{path}");
        }
        let policy = field(&head, "Content-Security-Policy").expect("it is there");
        assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{policy}");
    }
    let (head, _) = instance.get("/");
    assert_eq!(field(&head, "Content-Encoding"), Some("gzip"));
    let length = field(&head, "Content-Length").and_then(|length| length.parse().ok());
    assert!(length.is_some_and(|length: usize| length < 8192), "the page is small: {head}");
}

#[test]
fn a_head_is_the_same_without_its_body() {
    let instance = Instance::alone(&[]);
    for path in ["/", "/livez", "/readyz", "/metrics", "/nothing"] {
        let mut peer = instance.connect();
        peer.send(format!("HEAD {path} HTTP/1.1\r\nHost: us\r\nConnection: close\r\n\r\n").as_bytes());
        let head = peer.answer().expect("an answer");
        assert_eq!(peer.rest(), "", "{path}");
        let (expected, _) = instance.get(path);
        let kind =
            |head: &str| head.lines().filter(|line| !line.starts_with("Content-Length")).collect::<String>();
        assert_eq!(kind(&head), kind(&expected), "{path}");
    }
    let mut peer = instance.connect();
    peer.send(b"HEAD /events HTTP/1.1\r\nHost: us\r\nConnection: close\r\n\r\n");
    assert!(peer.answer().is_some_and(|head| head.contains("text/event-stream")) && peer.rest().is_empty());
}

#[test]
fn what_is_no_question_is_refused() {
    let instance = Instance::alone(&[]);
    let long = format!("GET /livez HTTP/1.1\r\nHost: us\r\nX: {}\r\n\r\n", "x".repeat(5000));
    for (request, status, closes) in [
        ("POST /livez HTTP/1.1\r\nHost: us\r\nContent-Length: 2\r\n\r\n{}", 405, false),
        ("DELETE /state HTTP/1.1\r\nHost: us\r\n\r\n", 405, false),
        ("BREW / HTTP/1.1\r\nHost: us\r\n\r\n", 405, false),
        ("POST /nothing HTTP/1.1\r\nHost: us\r\nContent-Length: 2\r\n\r\n{}", 404, false),
        ("\x16\x03\x01\x02\x00\x01\r\n\r\n", 400, true),
        ("GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, true),
        (
            "GET /livez HTTP/1.1\r\nHost: us\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
            400,
            true,
        ),
        ("GET /livez HTTP/2.0\r\nHost: us\r\n\r\n", 505, true),
        (long.as_str(), 431, true),
    ] {
        let mut peer = instance.connect();
        peer.send(request.as_bytes());
        let (head, _) = peer.request().expect("an answer");
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{request:?}: {head}");
        assert_eq!(field(&head, "Allow"), Some("GET, HEAD").filter(|_| status == 405), "{request:?}");
        assert_eq!(field(&head, "Connection"), Some("close").filter(|_| closes), "{request:?}");
        if closes {
            assert_eq!(peer.rest(), "");
        } else {
            peer.send(b"GET /livez HTTP/1.1\r\nHost: us\r\n\r\n");
            assert!(peer.request().expect("it is kept").0.starts_with("HTTP/1.1 200 "), "{request:?}");
        }
    }
}

#[test]
fn questions_on_one_connection_are_answered_in_their_order() {
    let instance = Instance::alone(&[]);
    let mut peer = instance.connect();
    let all = ["/livez", "/nothing", "/state", "/readyz", "/livez"];
    let request = |path: &&str| format!("GET {path} HTTP/1.1\r\nHost: us\r\n\r\n");
    peer.send(all.iter().map(request).collect::<String>().as_bytes());
    let statuses = all.map(|_| peer.request().expect("an answer").0[9..12].to_owned());
    assert_eq!(statuses, ["200", "404", "200", "503", "200"]);
    // In any pieces.
    for byte in request(&"/livez").bytes() {
        peer.send(&[byte]);
    }
    assert_eq!(peer.request().expect("an answer").1, b"ok\n");
}

#[test]
fn http_1_0_is_closed_unless_it_asks() {
    let instance = Instance::alone(&[]);
    let mut peer = instance.connect();
    peer.send(b"GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    let (head, _) = peer.request().expect("an answer");
    assert_eq!(field(&head, "Connection"), Some("keep-alive"));
    peer.send(b"GET /livez HTTP/1.0\r\n\r\n");
    let (head, _) = peer.request().expect("an answer");
    assert_eq!((field(&head, "Connection"), peer.rest().as_str()), (Some("close"), ""));
}

#[test]
fn a_peer_that_sends_no_more_is_answered() {
    let instance = Instance::alone(&[]);
    let mut peer = instance.connect();
    peer.send(b"GET /livez HTTP/1.1\r\nHost: us\r\n\r\n");
    peer.finish();
    assert!(peer.rest().ends_with("\r\n\r\nok\n"));
}

#[test]
fn the_format_of_metrics_is_the_one_that_is_asked_for() {
    let instance = Instance::alone(&[]);
    let mut peer = instance.connect();
    peer.send(
        b"GET /metrics HTTP/1.1\r\nHost: us\r\nAccept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5\r\n\r\n",
    );
    let (head, body) = peer.request().expect("an answer");
    assert_eq!(
        field(&head, "Content-Type"),
        Some("application/openmetrics-text; version=1.0.0; charset=utf-8")
    );
    assert!(body.ends_with(b"\n# EOF\n"));
}

/// It is ready once it is subscribed, whatever the clock does, and no longer once the producer is gone.
#[test]
fn ready_is_not_the_same_as_locked() {
    let (simulate, producer) = Running::producer("openshift-v2", "link-down");
    let mut instance = Instance::of(&producer, &[]);
    instance.wait_until("it is ready", |instance| instance.get("/readyz").0.starts_with("HTTP/1.1 200 "));
    instance.running.wait_for(r#""state":"FREERUN""#);
    assert_eq!(instance.get("/readyz").1, "ok\n");
    assert_eq!((instance.metric("ptpwatch_ready"), instance.state()["ready"].as_bool()), (1.0, Some(true)));
    drop(simulate);
    instance.wait_until("it is not", |instance| instance.get("/readyz").0.starts_with("HTTP/1.1 503 "));
    assert_eq!(instance.get("/livez").1, "ok\n");
    assert!(instance.stop().last().expect("lines").contains(r#""kind":"end""#));
}

/// What is shown is what lines tell.
#[test]
fn the_state_and_its_history_are_those_of_the_lines() {
    let mut instance = Instance::alone(&[]);
    let mut producer = instance.producer();
    producer.post(3);
    producer.post_lock("ens\u{e9}\u{202e}/master", "FREERUN");
    instance.running.wait_for(r#""state":"FREERUN""#);
    let state = instance.state();
    let channels: Vec<_> = state["channels"].as_array().expect("a list").iter().collect();
    let lock = |instance: &str| {
        channels.iter().find(|channel| channel["instance"] == instance).expect("it is there")
    };
    assert_eq!(lock("ens1fx/master")["state"], "LOCKED");
    assert_eq!(lock("ens\u{e9}\u{202e}/master")["state"], "FREERUN");
    assert_eq!(state["verdict"]["state"], "FREERUN");
    let history = state["history"].as_array().expect("a list");
    let told = |kind: &str| history.iter().filter(|entry| entry["kind"] == kind).count();
    assert!(told("channel") == 4 && told("verdict") >= 1, "{history:?}");
    let (_, metrics) = instance.get("/metrics");
    let series = r#"ptpwatch_channel_state{resource="lock-state",instance_name="ensé\\u{202e}/master",state="FREERUN"} 1"#;
    assert!(metrics.lines().any(|line| line == series), "{metrics}");
    assert_eq!(instance.metric(r#"ptpwatch_events_total{resource="lock-state",outcome="changed"}"#), 4.0);
}

/// As many channels as there is memory for, with the longest names, and still an answer to everything.
#[test]
fn hostile_names_are_shown_and_bounded() {
    let instance = Instance::alone(&["--openshift-metrics"]);
    let mut producer = instance.producer();
    for number in 0..60 {
        producer.post_lock(&format!("{}{number}", "\u{1}".repeat(40)), "HOLDOVER");
    }
    let state = instance.state();
    assert_eq!(state["channels"].as_array().map(Vec::len), Some(32));
    let (head, metrics) = instance.get("/metrics");
    assert!(head.starts_with("HTTP/1.1 200 ") && metrics.lines().count() < 1000);
    assert!(metrics.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)));
    let mut peer = Peer::connect(instance.admin);
    peer.send(b"GET /events HTTP/1.1\r\nHost: us\r\n\r\n");
    assert!(peer.until(b"event: snapshot\n").is_some() && peer.until(b"\n\n").is_some());
}

/// Whoever watches over us need not wait for a producer whose name nobody knows.
#[test]
fn it_lives_while_the_producer_is_looked_for() {
    let admin = address_of_our_own();
    let arguments =
        ["run", "--producer", "http://nowhere.invalid:1", "--node", "node1", "--listen", "[::]:0", "--admin"];
    let mut running = Running::start(&[&arguments[..], &[&admin.to_string()]].concat());
    let end = Instant::now() + PATIENCE;
    while TcpStream::connect(admin).is_err() {
        assert!(running.is_alive() && Instant::now() < end, "{}", running.errors());
        thread::sleep(Duration::from_millis(5));
    }
    for (path, status) in [("/livez", 200), ("/readyz", 503), ("/state", 503), ("/livez", 200)] {
        let mut silent = Peer::connect(admin);
        let mut peer = Peer::connect(admin);
        peer.send(format!("GET {path} HTTP/1.1\r\nHost: us\r\n\r\n").as_bytes());
        assert!(peer.rest().starts_with(&format!("HTTP/1.1 {status} ")), "{path}");
        assert_eq!(silent.rest(), "");
    }
    running.signal("-TERM");
    assert_eq!(running.end().0.code(), Some(0));
}
