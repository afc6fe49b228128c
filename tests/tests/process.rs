//! The program itself, over real sockets: `run` and `state` beside `simulate`.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use ptpwatch_tests::peer::{Peer, address_of_our_own, notification, subscriptions};
use ptpwatch_tests::process::{PATIENCE, Running, program, run, with_both_dialects};

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
        let (status, lines) = state(&producer.replace("127.0.0.1", "localhost"));
        assert_eq!(status.code(), Some(0), "by name, {dialect} {lines:?}");
        assert_eq!(state(&format!("http://{}", address_of_our_own())).0.code(), Some(12), "{dialect}");
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
fn a_burst_is_answered_in_order_and_none_is_lost() {
    let (_simulate, producer) = Running::producer("openshift-v2", "locked");
    let listen = address_of_our_own();
    let callback = format!("http://{listen}/event");
    let address = listen.to_string();
    let arguments = [&run("openshift-v2", &producer)[..], &["--listen", &address, "--callback", &callback]];
    let mut run = Running::start(&arguments.concat());
    run.wait_for(r#""subscribed":5"#);
    let kinds = [("POST /event", "204"), ("POST /elsewhere", "404"), ("GET /event", "405")];
    let request = |number: usize| {
        let (line, _) = kinds[number % 7 % 3];
        format!("{line} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{{}}")
    };
    let mut stream = TcpStream::connect(listen).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out can be set");
    let mut sender = stream.try_clone().expect("there is a file descriptor");
    let burst: String = (0..BURST).map(request).collect();
    let all = thread::spawn(move || sender.write_all(burst.as_bytes()).expect("all is taken"));
    let mut answers = String::new();
    let mut buffer = [0; 1 << 16];
    while answers.matches("HTTP/1.1 ").count() < BURST || !answers.ends_with("\r\n\r\n") {
        let count = stream.read(&mut buffer).expect("answers come");
        assert_ne!(count, 0, "the connection is kept");
        answers += std::str::from_utf8(&buffer[..count]).expect("it is text");
    }
    all.join().expect("it does not panic");
    let statuses = answers.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]);
    assert!(statuses.eq((0..BURST).map(|number| kinds[number % 7 % 3].1)));
}

/// Requests of a burst.
const BURST: usize = 10_000;

/// Whoever acts on a line has it before the producer has its answer. Nobody is there to be polled, who might change it.
#[test]
fn a_change_is_told_before_its_event_is_answered() {
    let listen = address_of_our_own();
    let (address, callback) = (listen.to_string(), format!("http://{listen}/event"));
    let nobody = format!("http://{}", address_of_our_own());
    let arguments = [&run("openshift-v2", &nobody)[..], &["--listen", &address, "--callback", &callback]];
    let path = std::env::temp_dir().join(format!("ptpwatch-lines-{}", std::process::id()));
    let file = fs::File::create(&path).expect("there is room");
    let _run = Running::of_terminal(Command::new(program()).args(arguments.concat()).stdout(file));
    let end = Instant::now() + PATIENCE;
    while TcpStream::connect(listen).is_err() {
        assert!(Instant::now() < end, "it listens");
        thread::sleep(Duration::from_millis(5));
    }
    let mut peer = Peer::connect(listen);
    assert!(peer.send(b"GET /event HTTP/1.1\r\nHost: us\r\n\r\n"));
    assert!(peer.answer().is_some_and(|answer| answer.contains("405")));
    let lines = || fs::read_to_string(&path).expect("it is there");
    for state in ["HOLDOVER", "LOCKED"].repeat(50) {
        let told = lines().len();
        let body = format!(
            r#"{{"source":"/sync/ptp-status/lock-state","data":{{"values":[{{"ResourceAddress":"/cluster/node/node1/ens1f0/master","data_type":"notification","value":"{state}"}}]}}}}"#
        );
        assert!(peer.send(&notification("/event", body.as_bytes())));
        assert!(peer.answer().is_some_and(|answer| answer.contains("204")));
        assert!(lines()[told..].contains(&format!(r#""state":"{state}""#)), "{state}: {}", &lines()[told..]);
    }
    fs::remove_file(&path).expect("it is ours");
}

#[test]
fn hostile_peers_are_answered_or_closed_while_events_arrive() {
    let port = address_of_our_own();
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
