//! The journal: whole, bounded, and never in the way.

use std::path::{Path, PathBuf};
use std::process::Command;

use ptpwatch_tests::process::{Running, program, run};
use serde_json::Value;

use super::Instance;

/// A directory of its own, gone in the end.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("ptpwatch-test-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("it can be made");
        Self(path)
    }

    fn journal(&self) -> String {
        self.0.join("journal").to_str().expect("it is a text").to_owned()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The lines of a journal, each of which is JSON.
fn lines(path: impl AsRef<Path>) -> Vec<String> {
    let text = std::fs::read_to_string(path).expect("it is there");
    assert!(text.is_empty() || text.ends_with('\n'), "the last line is whole");
    let line = |line: &str| serde_json::from_str::<Value>(line).map(|_| line.to_owned()).expect("it is JSON");
    text.lines().map(line).collect()
}

#[test]
fn it_holds_the_lines_that_stdout_gets() {
    let place = Place::new("same");
    let (_simulate, producer) = Running::producer("openshift-v2", "demo");
    let mut instance = Instance::of(&producer, &["--journal", &place.journal()]);
    instance.running.wait_for_verdict("LOCKED");
    instance.running.wait_for_verdict("HOLDOVER");
    let shown = instance.stop();
    assert_eq!(lines(place.journal()), shown);
    // Another run goes on where it ended.
    let instance = Instance::alone(&["--journal", &place.journal(), "--format", "text"]);
    instance.stop();
    let all = lines(place.journal());
    assert!(all.len() > shown.len() && all.starts_with(&shown));
}

#[test]
fn it_and_the_one_before_are_bounded() {
    let place = Place::new("bounded");
    let instance = Instance::alone(&["--journal", &place.journal(), "--journal-size", "64K"]);
    instance.producer().post(2000);
    let shown = instance.stop();
    let old = format!("{}.1", place.journal());
    for path in [&place.journal(), &old] {
        assert!(std::fs::metadata(path).expect("it is there").len() <= 64 * 1024);
    }
    let kept = [lines(old), lines(place.journal())].concat();
    // A disk that is too slow for a storm may cost some of them, but neither their order nor a letter.
    let bare = |line: &String| {
        line.split_once(r#","dropped":"#).map_or(line.clone(), |(line, _)| format!("{line}}}"))
    };
    assert!(kept.len() > 100 && kept.last().map(bare).as_ref() == shown.last(), "{:?}", kept.last());
    let mut rest = shown.iter();
    assert!(kept.iter().map(bare).all(|line| rest.any(|shown| *shown == line)));
    assert_eq!(std::fs::read_dir(&place.0).expect("it is there").count(), 2);
}

/// The consumer does not notice: its lines come, and its port says how many the journal lacks.
#[test]
fn a_full_disk_stops_nobody() {
    let mut instance = Instance::alone(&["--journal", "/dev/full"]);
    let mut producer = instance.producer();
    producer.post(50);
    instance.wait_until("lines are dropped", |instance| {
        instance.metric(r#"ptpwatch_lines_dropped_total{output="journal"}"#) >= 50.0
    });
    producer.post_lock("ens1fx/master", "FREERUN");
    instance.running.wait_for(r#""state":"FREERUN""#);
    instance.running.signal("-TERM");
    let (status, [_, errors]) = instance.running.end_with_bytes();
    assert_eq!(status.code(), Some(0));
    let said = String::from_utf8(errors).expect("it is text");
    assert_eq!(said.matches("the journal cannot be written").count(), 1, "it is said once: {said}");
}

/// A limit on the size of files, and a file system that is full and then is not.
#[test]
fn what_does_not_fit_is_told_once_something_does() {
    let place = Place::new("limit");
    let limited = |command: &str| {
        let base = run("openshift-v2", "http://127.0.0.1:1");
        let journal = place.journal();
        let told = [
            "--callback",
            "http://127.0.0.1/event",
            "--log-level",
            "info",
            "--admin",
            "127.0.0.1:0",
            "--journal",
            &journal,
        ];
        Running::spawn(Command::new("sh").args(["-c", command, "sh"]).arg(program()).args(base).args(told))
    };
    // In blocks of 512 bytes.
    let mut instance = Instance::started(limited(r#"ulimit -f 32 && exec "$@""#));
    instance.producer().post(500);
    instance.wait_until("lines are dropped", |instance| {
        instance.metric(r#"ptpwatch_lines_dropped_total{output="journal"}"#) > 0.0
    });
    let full = lines(place.journal());
    assert!(!full.is_empty() && std::fs::metadata(place.journal()).expect("it is there").len() <= 32 * 1024);
    // Somebody makes room.
    std::fs::File::options().write(true).truncate(true).open(place.journal()).expect("it is there");
    instance.producer().post(2);
    instance.wait_until("it tells of all", |instance| {
        let dropped = |line: &String| {
            serde_json::from_str::<Value>(line).expect("it is JSON").get("dropped").and_then(Value::as_u64)
        };
        let told: u64 = lines(place.journal()).iter().filter_map(dropped).sum();
        instance.metric(r#"ptpwatch_lines_dropped_total{output="journal"}"#) == told as f64
    });
    instance.stop();
}

#[test]
fn what_cannot_be_written_is_refused_by_name() {
    let arguments =
        [&run("openshift-v2", "http://127.0.0.1:1")[..], &["--journal", "/nowhere/at/all"]].concat();
    let (status, [_, errors]) = Running::start(&arguments).end_with_bytes();
    let errors = String::from_utf8_lossy(&errors).into_owned();
    assert_eq!(status.code(), Some(2), "{errors}");
    assert!(errors.starts_with("ptpwatch: --journal /nowhere/at/all: "), "{errors}");
}
