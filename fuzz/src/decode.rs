//! `event::decode` finds the events that the model finds, and they say the same.

use ptpwatch_core::event::{self, Content, Decoded, Event, Reading, Stage, decode};
use ptpwatch_core::limits::{BODY_MAX, EVENTS_MAX, VALUES_MAX};
use ptpwatch_core::time::Timestamp;

use crate::json::{self, Json, Refusal};
use crate::model::{self, Time};

/// Checks `decode` on one body.
pub fn check(body: &[u8]) {
    assert_decodes(body, &json::read(body));
}

/// Panics unless `body` is decoded as `expected` is modelled.
fn assert_decodes(body: &[u8], expected: &Result<Json, Refusal>) {
    let expected = match expected {
        Ok(document) => Some(model::events(document)),
        Err(Refusal::Blank) => Some(Vec::new()),
        Err(Refusal::Invalid | Refusal::TooDeep) => None,
    };
    let (mut body, length) = (body.to_vec(), body.len());
    let mut stage = Stage::new();
    match (decode(&mut body, &mut stage), expected) {
        (Ok(decoded), Some(_)) if length > BODY_MAX => assert!(decoded.is_cut()),
        (Ok(decoded), Some(expected)) => assert_events(decoded, &expected),
        (Err(error), None) => assert!(error.offset <= length),
        (ours, theirs) => panic!("{:?} where {theirs:?} is", ours.map(|decoded| decoded.events().count())),
    }
}

fn assert_events(ours: Decoded<'_>, theirs: &[model::Event]) {
    let is_over = is_over_the_stage(theirs);
    assert!(ours.is_cut() || !is_over, "not called cut");
    assert_eq!(ours.events().count(), theirs.len().min(EVENTS_MAX));
    for (ours, theirs) in ours.events().zip(theirs) {
        assert_event(&ours, theirs);
        let count = ours.readings().count();
        assert!(if is_over { count <= theirs.readings.len() } else { count == theirs.readings.len() });
        for (ours, theirs) in ours.readings().zip(&theirs.readings) {
            assert_reading(&ours, theirs);
        }
    }
}

/// Policy: of more events or values than are staged some are left out, and the rest is called cut. What was staged and
/// replaced (a doubled key) may make a body be called cut that is not.
fn is_over_the_stage(events: &[model::Event]) -> bool {
    let values: usize = events.iter().map(|event| event.readings.len()).sum();
    events.len() > EVENTS_MAX || values > VALUES_MAX
}

fn assert_event(ours: &Event<'_>, theirs: &model::Event) {
    assert_eq!(ours.id(), theirs.id.as_bytes());
    assert_eq!(ours.kind(), theirs.kind.as_bytes());
    assert_eq!(ours.source(), theirs.source.as_bytes());
    assert_eq!(ours.time_text(), theirs.time.as_bytes());
    assert_eq!(ours.resource(), theirs.resource);
    assert_eq!(ours.node(), theirs.node.as_deref().map(str::as_bytes));
    assert_eq!(ours.has_unreadable_data(), theirs.has_unreadable_data);
    match (ours.time().map(Timestamp::unix_nanos), model::time(&theirs.time)) {
        (ours, Time::At(theirs)) => assert_eq!(ours, Some(theirs)),
        (ours, Time::Perhaps(theirs)) => assert!(ours.is_none_or(|ours| ours == theirs)),
        (ours, Time::None) => assert_eq!(ours, None),
    }
}

fn assert_reading(ours: &Reading<'_>, theirs: &model::Reading) {
    assert_eq!(ours.resource, theirs.resource);
    assert_eq!(ours.node, theirs.node.as_deref().map(str::as_bytes));
    assert_eq!(without_doubled_slashes(ours.instance), without_doubled_slashes(theirs.instance.as_bytes()));
    match (ours.content, &theirs.content) {
        (Content::Word(ours), model::Content::Word(theirs)) => assert_eq!(ours, *theirs),
        (Content::Metric(ours, number), model::Content::Metric(theirs, expected)) => {
            assert_eq!(ours, *theirs);
            assert!(is_same_number(number, *expected), "{number:?} is not {expected:?}");
        }
        (Content::Placeholder, model::Content::Placeholder) => {}
        (Content::Nothing, model::Content::Nothing) => {}
        (Content::UnknownWord(ours), model::Content::UnknownWord(theirs)) => {
            assert_eq!(ours, theirs.as_bytes());
        }
        (ours, theirs) => panic!("{ours:?} where {theirs:?} is"),
    }
}

fn is_same_number(ours: Option<event::Decimal>, theirs: Option<model::Number>) -> bool {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => theirs.is(ours),
        (None, None) => true,
        _ => false,
    }
}

/// Policy: an instance is borrowed from its address, so slashes doubled inside it stay.
fn without_doubled_slashes(instance: &[u8]) -> Vec<u8> {
    let mut collapsed = instance.to_vec();
    collapsed.dedup_by(|next, before| *next == b'/' && *before == b'/');
    collapsed
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::panic::catch_unwind;
    use std::path::Path;

    use ptpwatch_core::json::{Scanner, Token};

    use super::*;

    const BODY: &str = r#"{"id":"1","source":"/cluster/node/n1/sync/ptp-status/lock-state",
        "time":"2026-11-22T17:48:52Z","data":{"values":[
        {"ResourceAddress":"/cluster/node/n1/ens1fx/master","data_type":"notification","value":"LOCKED"},
        {"ResourceAddress":"/cluster/node/n1/ens1fx/master","data_type":"metric","value":"-3.25"}]}}"#;

    /// Names of members, and values of every kind, as they stand in a body.
    const NAMES: [&str; 12] = [
        r#""id""#,
        r#""type""#,
        r#""source""#,
        r#""time""#,
        r#""data""#,
        r#""values""#,
        r#""value""#,
        r#""dataType""#,
        r#""data_type""#,
        r#""ResourceAddress""#,
        r#""\u0076alue""#,
        r#""x""#,
    ];
    const VALUES: [&str; 11] = [
        r#""""#,
        r#""LOCKED""#,
        r#""\u0038""#,
        r#""metric""#,
        r#""notification""#,
        r#""-3.25""#,
        "888",
        "null",
        "true",
        r#"{"State":"LOCKED"}"#,
        r#"[{"value":"LOCKED"}]"#,
    ];

    #[test]
    fn any_name_and_value_in_the_place_of_any_other() {
        let mut checked = 0;
        for folder in ["seeds/decode", "../tests/payloads"] {
            for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|extension| extension == "json") {
                    checked += check_with_others(&fs::read(path).unwrap());
                }
            }
        }
        assert!(checked > 10_000, "{checked}");
    }

    /// Checks `body` with each of its names and scalars replaced by each of the others, and with each member followed by
    /// another of its name: how many bodies that were.
    fn check_with_others(body: &[u8]) -> usize {
        let (mut scanner, mut key, mut checked) = (Scanner::new(), String::new(), 0);
        let mut reader = scanner.read(body, true);
        while let Some(token) = reader.next_token().unwrap() {
            let (length, is_key) = match token {
                Token::Key(text) => (text.raw().len() + 2, true),
                Token::String(text) => (text.raw().len() + 2, false),
                Token::Number(text) => (text.len(), false),
                _ => continue,
            };
            let (before, behind) = body.split_at(reader.consumed());
            let (before, found) = before.split_at(before.len() - length);
            let found = str::from_utf8(found).unwrap();
            let others: Vec<String> = if is_key {
                found.clone_into(&mut key);
                NAMES.map(str::to_owned).to_vec()
            } else {
                let doubled = VALUES.iter().map(|value| format!("{found},{key}:{value}"));
                VALUES.map(str::to_owned).into_iter().chain(doubled).collect()
            };
            for other in &others {
                check(&[before, other.as_bytes(), behind].concat());
            }
            checked += others.len();
        }
        checked
    }

    #[test]
    fn every_planted_difference_is_seen() {
        check(BODY.as_bytes());
        for (from, to) in [
            ("\"1\"", "\"2\""),
            ("lock-state", "clock-class"),
            ("node/n1/sync", "node/n2/sync"),
            ("52Z", "53Z"),
            (
                "\"/cluster/node/n1/ens1fx/master\",\"data_type\":\"metric",
                "\"/cluster/node/n2/ens1fx/master\",\"data_type\":\"metric",
            ),
            ("ens1fx", "ens1fy"),
            ("LOCKED", "HOLDOVER"),
            ("LOCKED", "SLAVE"),
            ("\"LOCKED\"", "null"),
            ("-3.25", "-3.26"),
            ("-3.25", "99999"),
            ("master\",\"data_type\":\"metric", "ptp-not-set\",\"data_type\":\"metric"),
            ("}]}}", "},{}]}}"),
            ("}]}}", "}]}]"),
        ] {
            let other = BODY.replace(from, to);
            assert_ne!(BODY, other, "{from}");
            let expected = json::read(other.as_bytes());
            assert!(catch_unwind(|| assert_decodes(BODY.as_bytes(), &expected)).is_err(), "{from} {to}");
        }
    }
}
