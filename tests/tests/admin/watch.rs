//! `watch`: lines, a picture, and whoever is on the other side.

use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

use ptpwatch_tests::peer::address_of_our_own;
use ptpwatch_tests::process::{Running, end_unread, program, run};
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, openpt, ptsname, unlockpt};

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

/// Whether or not anything changes: nobody is there.
#[test]
fn it_ends_once_nobody_reads_its_lines() {
    for format in ["text", "json"] {
        let admin = address_of_our_own().to_string();
        assert_eq!(end_unread(&["watch", &admin, "--format", format]), Some(1));
    }
}

/// A terminal of our own: what is written to it, as it comes.
struct Terminal {
    running: Running,
    master: File,
    seen: String,
}

impl Terminal {
    fn watch(admin: &str) -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
        let master = openpt(flags).expect("there is a terminal");
        unlockpt(&master).expect("it is ours");
        let path = ptsname(&master, Vec::new()).expect("it has a name");
        let slave = rustix::fs::open(&*path, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).expect("it opens");
        let mut command = Command::new(program());
        command.args(["watch", admin]).stdout(slave);
        let running = Running::of_terminal(&mut command);
        Self { running, master: master.into(), seen: String::new() }
    }

    /// Waits for `what`, behind what was waited for before.
    fn wait_for(&mut self, what: &str) {
        let start = self.seen.len();
        let mut bytes = [0; 4096];
        while !self.seen[start..].contains(what) {
            let count = self.master.read(&mut bytes).expect("it goes on");
            self.seen += &String::from_utf8_lossy(&bytes[..count]);
        }
    }

    /// Ends it by a signal; all that it wrote, with what acts on a terminal and was ours taken out.
    fn end(mut self) -> String {
        self.running.signal("-INT");
        assert_eq!(self.running.end().0.code(), Some(0));
        let mut bytes = [0; 4096];
        // An error is the end of a terminal that nobody has any more.
        while let Ok(count @ 1..) = self.master.read(&mut bytes) {
            self.seen += &String::from_utf8_lossy(&bytes[..count]);
        }
        assert_eq!(
            self.seen.matches("\x1b[?7l").count(),
            self.seen.matches("\x1b[?7h").count(),
            "lines break as before"
        );
        let mut pieces = self.seen.split("\x1b[");
        let mut text = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let end = piece.find(|letter: char| letter.is_ascii_alphabetic()).expect("it ends");
            let (sequence, rest) = piece.split_at(end + 1);
            let is_ours = ["K", "J", "?7l", "?7h", "0m", "31m", "32m", "33m", "90m"].contains(&sequence);
            assert!(is_ours || sequence.ends_with('A'), "{sequence:?}");
            text += rest;
        }
        text
    }
}

#[test]
fn a_terminal_is_drawn_upon() {
    let instance = Instance::alone(&[]);
    let mut producer = instance.producer();
    producer.post_lock("ens1fx/master", "HOLDOVER");
    let mut terminal = Terminal::watch(&instance.admin.to_string());
    terminal.wait_for("HOLDOVER  lock-state ens1fx/master");
    producer.post_lock("ens1fx/master", "FREERUN");
    terminal.wait_for("\x1b[31mFREERUN\x1b[0m");
    terminal.wait_for("VERDICT FREERUN");
    let admin = instance.admin;
    instance.stop();
    terminal.wait_for("was FREERUN");
    terminal.wait_for("not heard: ");
    let text = terminal.end();
    assert!(text.contains(&format!(" node1  {admin}  ")), "{text}");
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
    let mut terminal = Terminal::watch(&admin);
    for answer in answers.iter().take(3).chain(answers.last()) {
        let (mut stream, _) = listener.accept().expect("it comes back");
        let _ = stream.write_all(answer.as_bytes());
    }
    terminal.wait_for("VERDICT LAST");
    let text = terminal.end();
    assert!(text.chars().all(|letter| "\r\n".contains(letter) || (' '..='~').contains(&letter)), "{text:?}");
}
