//! Changes as they come.

use ptpwatch_tests::peer::Peer;
use ptpwatch_tests::process::Running;
use serde_json::Value;

use super::Instance;

/// A reader of changes.
struct Reader(Peer);

impl Reader {
    fn of(instance: &Instance) -> Self {
        let mut peer = instance.connect();
        peer.send(b"GET /events HTTP/1.1\r\nHost: us\r\n\r\n");
        let head = peer.answer().expect("an answer");
        assert!(
            head.starts_with("HTTP/1.1 200 ") && head.contains("\r\nContent-Type: text/event-stream\r\n"),
            "{head}"
        );
        assert_eq!(peer.until(b"\n\n").as_deref(), Some("retry: 1000\n\n"));
        Self(peer)
    }

    /// The next event: its name and its data.
    fn next(&mut self) -> Option<(String, Value)> {
        let text = self.0.until(b"\n\n")?;
        let line = |start: &str| text.lines().find_map(|line| line.strip_prefix(start)).expect("it is there");
        let (name, data) =
            (line("event: ").to_owned(), serde_json::from_str(line("data: ")).expect("it is JSON"));
        assert_eq!(text.starts_with(": keep-alive\n"), name == "state", "{text}");
        Some((name, data))
    }

    /// The next event of this name.
    fn wait_for(&mut self, name: &str) -> Value {
        loop {
            let (found, data) = self.next().expect("it goes on");
            if found == name {
                return data;
            }
        }
    }
}

#[test]
fn a_snapshot_then_changes_then_the_end() {
    let instance = Instance::alone(&[]);
    instance.producer().post(1);
    let mut reader = Reader::of(&instance);
    let (name, snapshot) = reader.next().expect("it begins");
    assert_eq!((name.as_str(), &snapshot["kind"]), ("snapshot", &"state".into()));
    assert_eq!(snapshot["history"][0]["kind"], "channel");
    instance.producer().post_lock("ens1fx/master", "FREERUN");
    let (name, change) = reader.next().expect("it goes on");
    assert_eq!(
        (name.as_str(), &change["kind"], &change["state"]),
        ("change", &"channel".into(), &"FREERUN".into())
    );
    let verdict = reader.wait_for("change");
    assert_eq!((&verdict["kind"], &verdict["state"]), (&"verdict".into(), &"FREERUN".into()));
    let state = reader.wait_for("state");
    assert_eq!((&state["verdict"]["state"], state.get("history")), (&"FREERUN".into(), None));
    instance.running.signal("-TERM");
    assert_eq!(reader.wait_for("end"), serde_json::json!({"v": 1, "kind": "end", "cause": "SIGTERM"}));
    assert!(reader.next().is_none());
    assert_eq!(instance.running.end().0.code(), Some(0));
}

/// What is silent is not gone: it says so every few seconds.
#[test]
fn there_are_signs_of_life() {
    let (_simulate, producer) = Running::producer("openshift-v2", "locked");
    let mut instance = Instance::of(&producer, &[]);
    instance.running.wait_for(r#""state":"LOCKED""#);
    let mut reader = Reader::of(&instance);
    let snapshot = reader.next().expect("it begins").1;
    let age = |state: &Value| state["verdict"]["age_ms"].as_u64().expect("a number");
    let last = (0..3).fold(age(&snapshot), |before, _| {
        let state = reader.wait_for("state");
        assert!(age(&state) > before);
        age(&state)
    });
    assert!(last > 5000, "the last is more than a pause later: {last}");
}

/// Every change reaches a reader that keeps up, in order, however fast they come.
#[test]
fn a_storm_is_told_whole() {
    const COUNT: usize = 500;
    let instance = Instance::alone(&[]);
    let mut reader = Reader::of(&instance);
    let mut producer = instance.producer();
    let reading = std::thread::spawn(move || {
        let mut changes = 0;
        while changes < COUNT as u64 {
            let change = reader.wait_for("change");
            if change["kind"] == "channel" {
                changes += change["transitions"].as_u64().expect("a number");
            }
        }
        changes
    });
    producer.post(COUNT);
    assert_eq!(reading.join().expect("it reads"), COUNT as u64);
    assert_eq!(instance.metric("ptpwatch_event_streams_dropped_total"), 0.0);
}

/// A reader that reads nothing costs nobody anything, and is dropped.
#[test]
fn a_reader_that_does_not_keep_up_is_dropped() {
    let mut instance = Instance::alone(&[]);
    let mut reader = Reader::of(&instance);
    let mut producer = instance.producer();
    while instance.metric("ptpwatch_event_streams_dropped_total") == 0.0 {
        assert!(instance.running.is_alive());
        producer.post(200);
    }
    assert_eq!(instance.metric("ptpwatch_event_streams"), 0.0);
    // What was under way comes whole; the last of it may say why.
    let mut last = String::new();
    while let Some((name, _)) = reader.next() {
        last = name;
    }
    assert!(["end", "change", "state"].contains(&last.as_str()), "{last}");
}
