//! Exact lines: a consumer is told what to say by a producer's own bytes, and its notices are compared as they are shown.

use std::time::{Duration, UNIX_EPOCH};

use ptpwatch_core::consumer::{Config, Consumer, Storage};
use ptpwatch_core::dialect::OPENSHIFT_V2;
use ptpwatch_core::event::State;
use ptpwatch_core::time::SECOND_NS;
use ptpwatch_core::verdict::{Reason, Reasons, VerdictReport};

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

/// The longest line there can be.
#[test]
fn every_line_fits() {
    let reasons = REASONS.into_iter().fold(Reasons::NONE, Reasons::with);
    let verdict = Verdict {
        reasons,
        state: State::Holdover,
        last_known: State::Holdover,
        holdover_until: Some(Instant::MAX),
        ..Default::default()
    };
    let notice = Notice::Verdict(0, VerdictReport { verdict, transitions: u32::MAX, worst: State::Holdover });
    let lines = Lines { format: Format::Json, color: Color::Never };
    let mut line = String::new();
    let moment = Moment { now: Instant::MAX, wall: UNIX_EPOCH };
    View::new(lines, &"n".repeat(253)).write(&mut line, moment, &notice, u64::MAX).unwrap();
    assert!(line.len() < 1600, "{}", line.len());
}

#[test]
fn what_a_peer_wrote_is_a_string_in_json() {
    let hostile = b"a\xff\x1b\x00\"\\\n\x7f\xc3\xa4";
    let text = String::from_utf8_lossy(hostile);
    let mut buffer = [0; 128];
    let length = serde_json_core::to_slice(&text, &mut buffer).unwrap();
    assert_eq!(&buffer[..length], "\"a\u{fffd}\\u001B\\u0000\\\"\\\\\\n\u{7f}ä\"".as_bytes());
    assert_eq!(serde_json::from_slice::<String>(&buffer[..length]).unwrap(), text);
}

/// Every reason there is.
const REASONS: [Reason; Reason::COUNT] = [
    Reason::Starting,
    Reason::RequiredMissing,
    Reason::Void,
    Reason::ProducerLost,
    Reason::UnknownWord,
    Reason::InstanceMissing,
    Reason::LockFreerun,
    Reason::OsFreerun,
    Reason::Stale,
    Reason::HoldoverBudgetSpent,
    Reason::LockHoldover,
    Reason::OsHoldover,
    Reason::OsFollows,
    Reason::HoldoverStartUnknown,
    Reason::Class,
    Reason::Gnss,
    Reason::Recovering,
    Reason::Disagreement,
    Reason::ClassUpstreamHoldover,
    Reason::ClassUnknown,
    Reason::Synce,
    Reason::RoleAssumed,
    Reason::InstancesDiffer,
    Reason::Unconfirmed,
    Reason::SubscriptionTaken,
    Reason::ChannelsFull,
    Reason::OffsetFrozen,
    Reason::NoData,
];
