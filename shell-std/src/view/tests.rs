//! Exact lines: a consumer is told what to say by a producer's own bytes, and its notices are compared as they are shown.

use std::time::{Duration, UNIX_EPOCH};

use ptpwatch_core::consumer::{Config, Consumer, Storage, Trouble};
use ptpwatch_core::dialect::OPENSHIFT_V2;
use ptpwatch_core::time::SECOND_NS;

use super::*;
use crate::options::Color;

/// A consumer's notices as lines, at 2026-11-22T17:48:52.084Z and later.
struct Story {
    consumer: Consumer<'static>,
    now: Instant,
    view: View,
    lines: Vec<String>,
}

impl Story {
    fn new(format: Format, color: Color) -> Self {
        let storage: &'static mut Storage = Box::leak(Box::new(Storage::new()));
        let config = Config::new(&OPENSHIFT_V2, "n1", "localhost:9043", "http://localhost/event");
        let now = Instant::from_nanos(SECOND_NS);
        let consumer = Consumer::new(storage, config, now).unwrap();
        Self { consumer, now, view: View::new(Lines { format, color }, "n1"), lines: Vec::new() }
    }

    /// Has the producer push an event.
    fn push(&mut self, address: &str, kind: &str, value: &str) {
        let body = format!(
            r#"{{"id":"1","type":"{kind}","source":"{address}","dataContentType":"application/json","time":"2026-11-22T17:48:52.084Z","data":{{"version":"1.0","values":[{value}]}}}}"#
        );
        let request = format!("POST /event HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let conn = self.consumer.admit(self.now).unwrap();
        self.consumer.recv_window(conn)[..request.len()].copy_from_slice(request.as_bytes());
        self.consumer.handle_received(self.now, conn, request.len());
        self.consumer.handle_closed(self.now, conn);
        while self.consumer.poll_action().is_some() {}
    }

    fn push_lock(&mut self, state: &str, offset: &str) {
        let at = "/cluster/node/n1/ens1fx/master";
        self.push(
            "/sync/ptp-status/lock-state",
            "event.sync.ptp-status.ptp-state-change",
            &format!(
                r#"{{"ResourceAddress":"{at}","data_type":"notification","value_type":"enumeration","value":"{state}"}},{{"ResourceAddress":"{at}","data_type":"metric","value_type":"decimal64.3","value":"{offset}"}}"#
            ),
        );
    }

    fn push_os(&mut self, state: &str) {
        self.push(
            "/sync/sync-status/os-clock-sync-state",
            "event.sync.sync-status.os-clock-sync-state-change",
            &format!(
                r#"{{"ResourceAddress":"/cluster/node/n1/CLOCK_REALTIME","data_type":"notification","value_type":"enumeration","value":"{state}"}}"#
            ),
        );
    }

    fn wait(&mut self, ms: u64) {
        self.now = self.now.after(ms * 1_000_000);
        self.consumer.handle_timeout(self.now);
        while self.consumer.poll_action().is_some() {}
    }

    /// Tells what changed.
    fn tell(&mut self) {
        self.tell_with_dropped(0);
    }

    fn tell_with_dropped(&mut self, mut dropped: u64) {
        while let Some(notice) = self.consumer.poll_notice() {
            let wall = UNIX_EPOCH + Duration::from_millis(1_795_369_731_084);
            let moment = Moment { now: self.now, wall: wall + Duration::from_nanos(self.now.as_nanos()) };
            let mut line = String::new();
            self.view.write(&mut line, moment, &notice, dropped).unwrap();
            self.view.note(&notice);
            self.lines.push(line);
            dropped = 0;
        }
    }
}

/// The same story, as each format tells it.
fn story(format: Format, color: Color) -> String {
    let mut story = Story::new(format, color);
    story.tell();
    story.push_lock("LOCKED", "-3");
    story.push_os("LOCKED");
    story.tell();
    story.wait(12_300);
    story.push_lock("HOLDOVER", "-3");
    story.tell_with_dropped(7);
    for (level, instance) in [("6", "ens1fx"), ("7", "a\u{1b}[31m")] {
        let value = format!(
            r#"{{"ResourceAddress":"/cluster/node/n1/{}/master","data_type":"metric","value_type":"decimal64.3","value":"{level}"}}"#,
            instance.replace('\u{1b}', "\\u001b")
        );
        story.push("/sync/ptp-status/clock-class", "event.sync.ptp-status.ptp-clock-class-change", &value);
    }
    story.tell();
    for state in ["LOCKED", "FREERUN", "HOLDOVER"] {
        story.push_lock(state, "1234567.5");
    }
    story.tell();
    story.wait(20_000);
    story.tell();
    story.lines.join("\n") + "\n"
}

/// Compares with the file, or writes it if it is asked to.
fn check(name: &str, lines: &str) {
    let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("PTPWATCH_BLESS").is_some() {
        std::fs::write(&path, lines).unwrap();
    }
    assert_eq!(lines, std::fs::read_to_string(&path).unwrap(), "{name}");
}

#[test]
fn lines_for_people() {
    check("story.txt", &story(Format::Text, Color::Never));
}

#[test]
fn lines_for_people_in_colour() {
    let colored = story(Format::Text, Color::Always);
    check("story-color.txt", &colored);
    let mut plain = String::new();
    let mut rest = colored.as_str();
    while let Some((before, after)) = rest.split_once("\x1b[") {
        plain += before;
        rest = after.split_once('m').unwrap().1;
    }
    assert_eq!(plain + rest, story(Format::Text, Color::Never), "colours add nothing");
}

#[test]
fn lines_for_programs() {
    let lines = story(Format::Json, Color::Never);
    check("story.jsonl", &lines);
    for line in lines.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!((&value["v"], &value["node"]), (&1.into(), &"n1".into()));
    }
}

#[test]
fn a_hostile_instance_is_escaped_and_means_the_same() {
    let hostile = "\u{9b}31m\u{7f}\u{202e}\u{2028}\u{85}";
    for format in [Format::Json, Format::Text] {
        let mut story = Story::new(format, Color::Never);
        let value = format!(
            r#"{{"ResourceAddress":"/cluster/node/n1/{hostile}/master","data_type":"metric","value_type":"decimal64.3","value":"6"}}"#
        );
        story.push("/sync/ptp-status/clock-class", "event.sync.ptp-status.ptp-clock-class-change", &value);
        story.tell();
        let line = story.lines.iter().find(|line| line.contains("clock-class")).unwrap();
        assert!(line.chars().all(|letter| matches!(letter, ' '..='~')), "{line:?}");
        if format == Format::Json {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(line["instance"], format!("{hostile}/master"));
        }
    }
}

#[test]
fn a_search_for_the_dialect_is_told_once_it_is_in_trouble() {
    let mut view = View::new(Lines { format: Format::Text, color: Color::Never }, "n1");
    let moment = Moment { now: Instant::from_nanos(0), wall: UNIX_EPOCH };
    let trying = Link { is_up: Some(true), wanted: 5, ..Link::default() };
    let in_vain = Link { trouble: Some(Trouble::List(404)), ..trying };
    let found = Link { dialect: Some("openshift-v2"), ..trying };
    let mut lines = String::new();
    for link in [trying, Link { wanted: 1, ..trying }, in_vain, Link { wanted: 1, ..in_vain }, in_vain, found]
    {
        let notice = Notice::Link(0, link);
        if view.is_worth_a_line(&notice) {
            view.write(&mut lines, moment, &notice, 0).unwrap();
            lines.push('\n');
        }
        view.note(&notice);
    }
    let expected = ["LINK up  dialect unknown  list 404", "LINK up  openshift-v2  subscribed 0 of 5"];
    assert_eq!(lines, expected.map(|line| format!("00:00:00.000Z  {line}\n")).concat());
}
