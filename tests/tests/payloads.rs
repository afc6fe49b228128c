//! Every payload: what it says, and every prefix, flipped byte and split of it.

use ptpwatch_core::consumer::{Config, ConnId, Consumer, Storage};
use ptpwatch_core::dialect::OPENSHIFT_V2;
use ptpwatch_core::event::{Content, Resource, Stage, decode};
use ptpwatch_core::time::Instant;
use std::path::PathBuf;

/// The payloads with what each says, a reading a line: resource, instance, content.
const SAID: [(&str, &[&str]); 17] = [
    (
        "openshift-4.15-v1-push-lock-state",
        &["lock-state ens1fx/master HOLDOVER", "lock-state ens1fx/master offset_ns=-2500000"],
    ),
    (
        "openshift-4.15-v1-push-os-clock-sentinel",
        &["os-clock-sync-state CLOCK_REALTIME FREERUN", "os-clock-sync-state CLOCK_REALTIME offset_ns=?"],
    ),
    ("openshift-4.15-v1-push-clock-class", &["clock-class ens1fx/master clock_class=165"]),
    (
        "openshift-4.15-v1-push-gnss",
        &[
            "gnss-sync-status ens1fx/master ANTENNA-DISCONNECTED",
            "gnss-sync-status ens1fx/master offset_ns=?",
            "gnss-sync-status ens1fx/master gnss_fix=0",
        ],
    ),
    ("openshift-4.15-v1-currentstate-clock-class", &["clock-class ens1fx/master clock_class=6"]),
    ("openshift-4.18-v1-hybrid-push-lock-state", &["lock-state ens1fx/master LOCKED"]),
    (
        "openshift-4.18-v2-push-lock-state",
        &["lock-state ens1fx/master LOCKED", "lock-state ens1fx/master offset_ns=-3"],
    ),
    ("openshift-4.20-v2-initial-placeholder", &["lock-state  placeholder", "lock-state  placeholder"]),
    ("openshift-4.20-v2-currentstate-metric-only", &["lock-state master offset_ns=0"]),
    (
        "openshift-4.20-v2-push-two-nics",
        &[
            "gnss-sync-status ens1fx/master SYNCHRONIZED",
            "gnss-sync-status ens1fx/master offset_ns=3",
            "gnss-sync-status ens1fx/master gnss_fix=3",
            "gnss-sync-status ens7fx/master ACQUIRING-SYNC",
            "gnss-sync-status ens7fx/master offset_ns=?",
            "gnss-sync-status ens1fx/master gnss_fix=2",
        ],
    ),
    ("openshift-4.20-v2-push-synce-state", &["synce-lock-state synce1/ens7f0 HOLDOVER"]),
    (
        "openshift-4.20-v2-push-synce-quality",
        &[
            "synce-clock-quality synce1/ens7f0 quality_level=1",
            "synce-clock-quality synce1/ens7f0 extended_quality_level=32",
        ],
    ),
    ("openshift-4.20-v2-push-sync-state", &["sync-state  LOCKED"]),
    (
        "starlingx-9-v2-currentstate-array",
        &[
            "lock-state ptp-inst1 LOCKED",
            "lock-state ptp-inst2 HOLDOVER",
            "clock-class ptp-inst1 clock_class=6",
            "os-clock-sync-state  LOCKED",
            "gnss-sync-status ts1 SYNCHRONIZED",
        ],
    ),
    (
        "starlingx-8-v2-currentstate-dict",
        &["lock-state ptp-inst1 LOCKED", "os-clock-sync-state  LOCKED", "sync-state  LOCKED"],
    ),
    ("starlingx-5-v1-currentstate-flat", &["lock-state  LOCKED"]),
    ("oran-v04-push-data-as-text", &["lock-state ens1fx/master LOCKED"]),
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("payloads")
}

fn payload(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(format!("{name}.json"))).expect("the payload is there")
}

fn said(body: &[u8]) -> Result<Vec<String>, ptpwatch_core::json::Error> {
    let mut body = body.to_vec();
    let mut stage = Stage::new();
    let decoded = decode(&mut body, &mut stage)?;
    let line = |reading: ptpwatch_core::event::Reading<'_>| {
        let content = match reading.content {
            Content::Word(word) => word.to_string(),
            Content::Metric(metric, number) => {
                format!("{}={}", metric.name(), number.map_or("?".to_owned(), |number| number.to_string()))
            }
            Content::Placeholder => "placeholder".to_owned(),
            Content::Nothing => "nothing".to_owned(),
            Content::UnknownWord(word) => format!("unknown {}", word.escape_ascii()),
        };
        let resource = reading.resource.map_or("-", Resource::name);
        format!("{resource} {} {content}", reading.instance.escape_ascii())
    };
    Ok(decoded.events().flat_map(|event| event.readings().map(line).collect::<Vec<_>>()).collect())
}

#[test]
fn every_payload_says_what_a_person_reads_in_it() {
    for (name, expected) in SAID {
        assert_eq!(said(&payload(name)).unwrap(), expected, "{name}");
    }
    let files = std::fs::read_dir(folder()).unwrap().filter(|entry| {
        entry.as_ref().unwrap().path().extension().is_some_and(|extension| extension == "json")
    });
    assert_eq!(files.count(), SAID.len(), "no payload is left out");
}

#[test]
fn no_prefix_of_a_payload_says_anything() {
    for (name, _) in SAID {
        let body = payload(name);
        let body = body.trim_ascii_end();
        for length in 1..body.len() {
            assert!(said(&body[..length]).is_err(), "{name} cut to {length}");
        }
    }
}

#[test]
fn a_flipped_byte_is_accepted_exactly_where_serde_json_accepts_it() {
    for (name, _) in SAID {
        let body = payload(name);
        for index in 0..body.len() {
            for byte in
                [0, b'"', b'\\', b'{', b']', b',', b'0', b'e', 0x1F, 0x80, 0xC3, 0xFF, body[index] ^ 0x20]
            {
                let mut flipped = body.clone();
                flipped[index] = byte;
                let ours = said(&flipped).is_ok();
                let theirs = serde_json::from_slice::<serde_json::Value>(&flipped).is_ok();
                assert_eq!(ours, theirs, "{name} byte {index} = {byte:#x}");
            }
        }
    }
}

/// What a consumer knows once it has received `pieces` from a peer, and whether it answered as it should.
fn known_after(pieces: &[&[u8]]) -> Vec<String> {
    let mut storage = Storage::<2, 8192, 1536, 16>::new();
    let config = Config::new(
        Some(&OPENSHIFT_V2),
        "compute-1.example.com",
        "localhost:9043",
        "http://localhost:8989/event",
    );
    let now = Instant::from_nanos(0);
    let mut consumer = Consumer::new(&mut storage, config, now).expect("the configuration is good");
    let conn = consumer.admit(now).expect("there is a slot");
    post(&mut consumer, conn, pieces)
}

fn post(consumer: &mut Consumer<'_>, conn: ConnId, pieces: &[&[u8]]) -> Vec<String> {
    for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
        consumer.recv_window(conn)[..piece.len()].copy_from_slice(piece);
        consumer.handle_received(Instant::from_nanos(1), conn, piece.len());
    }
    let answer = consumer.send_window(conn).to_vec();
    assert_eq!(answer, b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", "{}", answer.escape_ascii());
    consumer.handle_sent(Instant::from_nanos(1), conn, answer.len());
    let mut channels: Vec<String> = consumer
        .channels()
        .map(|channel| {
            format!("{} {} {:?}", channel.resource(), channel.instance().escape_ascii(), channel.value())
        })
        .collect();
    channels.sort();
    channels
}

#[test]
fn every_split_of_a_payload_is_the_whole() {
    for (name, _) in SAID {
        let body = payload(name);
        let head = format!("POST /event HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", body.len());
        let request = [head.as_bytes(), &body].concat();
        let expected = known_after(&[&request]);
        for split in 1..request.len() {
            let (first, second) = request.split_at(split);
            assert_eq!(known_after(&[first, second]), expected, "{name} split at {split}");
        }
    }
}
