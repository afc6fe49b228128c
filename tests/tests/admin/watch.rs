//! `watch`: lines, a picture, and whoever is on the other side.

use std::io::Write;
use std::net::TcpListener;

use ptpwatch_tests::process::{Running, address_of_our_own, run};

use super::{Instance, said};

fn watch(admin: &str, options: &[&str]) -> Running {
    Running::start(&[&["watch", admin], options].concat())
}

#[test]
fn changes_come_as_lines() {
    let instance = Instance::alone(&[]);
    instance.producer().post(1);
    let mut text = watch(&instance.admin.to_string(), &[]);
    text.wait_for("VERDICT UNKNOWN");
    let mut json = watch(&format!("http://{}/", instance.admin), &["--format", "json"]);
    json.wait_for(r#""kind":"state""#);
    let mut producer = instance.producer();
    producer.post_lock("ens1fx/master", "FREERUN");
    assert!(text.wait_for("FREERUN").ends_with("FREERUN   lock-state ens1fx/master"));
    text.wait_for("VERDICT FREERUN  producer-lost, lock-freerun");
    json.wait_for(r#""kind":"verdict","at":"#);
    for running in [text, json] {
        running.signal("-INT");
        assert_eq!(running.end().0.code(), Some(0));
    }
}

#[test]
fn it_comes_back_when_the_instance_does() {
    let admin = address_of_our_own().to_string();
    let mut seen = watch(&admin, &[]);
    seen.wait_for("LOST ");
    let start = || {
        let base = run("openshift-v2", "http://127.0.0.1:1");
        let told = ["--callback", "http://127.0.0.1/event", "--log-level", "info", "--admin", &admin];
        Running::start(&[&base[..], &told].concat())
    };
    for _ in 0..2 {
        let running = start();
        let _ = said(&running, "the admin port is http://");
        seen.wait_for("VERDICT UNKNOWN");
        running.signal("-TERM");
        assert_eq!(running.end().0.code(), Some(0));
        seen.wait_for("END SIGTERM");
        seen.wait_for("LOST ");
    }
    seen.signal("-INT");
    assert_eq!(seen.end().0.code(), Some(0));
}

/// Nothing that the other side sends acts on a terminal, or ends the program.
#[test]
fn whatever_answers_does_no_harm() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let admin = listener.local_addr().expect("it has one").to_string();
    let hostile = "\u{1b}[2J\u{9b}31m\u{202e}\u{7f}";
    let escaped = serde_json::json!({
        "v": 1, "kind": hostile, "at": format!("2026T{hostile}"), "state": hostile, "resource": hostile,
        "instance": hostile, "reasons": [hostile], "node": hostile, "trouble": hostile, "offset_ns": hostile,
        "verdict": {"state": hostile, "reasons": [hostile]}, "channels": [{"state": hostile, "freshness": hostile}],
    })
    .to_string()
    .replace('\u{7f}', "\\u007f");
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    let event = |name: &str, data: &str| format!("{head}event: {name}\ndata: {data}\n\n");
    let answers = [
        event("snapshot", &escaped),
        event("change", &escaped),
        event("change", &escaped.replace(r#""kind":""#, r#""kind":"link","x":""#)),
        event("end", &format!("{{\"cause\":\"{}\"}}", "\\u001b[2J")),
        event("change", "{\"no json: \u{1b}[2J"),
        event("state", &"[".repeat(100_000)),
        format!("{head}data: {}", "x".repeat(3 << 20)),
        "HTTP/1.1 500 \u{1b}[2J\r\n\r\n".to_owned(),
        "\u{1b}[2J\r\n\r\n".to_owned(),
        String::new(),
        event("change", r#"{"at":"T00:00:00Z","kind":"verdict","state":"LAST"}"#),
    ];
    for options in [&["--color", "always"][..], &["--format", "json"]] {
        let mut running = watch(&admin, options);
        for answer in &answers {
            let (mut stream, _) = listener.accept().expect("it comes back");
            let _ = stream.write_all(answer.as_bytes());
        }
        running.wait_for("LAST");
        running.signal("-INT");
        let (status, [stdout, stderr]) = running.end_with_bytes();
        assert_eq!(status.code(), Some(0), "{}", String::from_utf8_lossy(&stderr));
        let text = String::from_utf8(stdout).expect("it is UTF-8");
        assert!(text.chars().all(|letter| letter == '\n' || (' '..='~').contains(&letter)), "{text:?}");
    }
}
