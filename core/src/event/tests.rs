use super::*;

/// What a body says, a line a value: `resource node instance content`.
fn readings(body: &str) -> Vec<String> {
    let mut body = body.as_bytes().to_vec();
    let mut stage = Stage::new();
    let decoded = decode(&mut body, &mut stage).unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    decoded
        .events()
        .flat_map(|event| event.readings().collect::<Vec<_>>())
        .map(|reading| {
            let content = match reading.content {
                Content::Word(word) => word.name().to_owned(),
                Content::Metric(metric, Some(number)) => format!("{}={number}", metric.name()),
                Content::Metric(metric, None) => format!("{}=?", metric.name()),
                Content::Placeholder => "placeholder".to_owned(),
                Content::Nothing => "nothing".to_owned(),
                Content::UnknownWord(word) => format!("unknown:{}", text(word)),
            };
            let resource = reading.resource.map_or("-", Resource::name);
            let node = reading.node.map_or("-".to_owned(), text);
            format!("{resource} {node} {} {content}", text(reading.instance))
        })
        .collect()
}

fn v2(values: &str) -> String {
    format!(
        r#"{{"specversion":"1.0","source":"/sync/ptp-status/lock-state","data":{{"version":"1.0","values":[{values}]}}}}"#
    )
}

const LOCKED: &str =
    r#"{"ResourceAddress":"/cluster/node/n1/ens1fx/master","data_type":"notification","value":"LOCKED"}"#;

#[test]
fn v1_and_v2_spellings_say_the_same() {
    let expected = ["lock-state n1 ens1fx/master LOCKED", "lock-state n1 ens1fx/master offset_ns=-2162130"];
    let v1 = r#"{"id":"a","type":"event.sync.ptp-status.ptp-state-change",
        "source":"/cluster/node/n1/sync/ptp-status/lock-state","dataContentType":"application/json",
        "time":"2026-11-22T17:56:20.023465533Z","data":{"version":"v1","values":[
        {"resource":"/cluster/node/n1/ens1fx/master","dataType":"notification","valueType":"enumeration","value":"LOCKED"},
        {"resource":"/cluster/node/n1/ens1fx/master","dataType":"metric","valueType":"decimal64.3","value":"-2.16213e+06"}]}}"#;
    assert_eq!(readings(v1), expected);
    let metric =
        r#"{"value":-2162130,"data_type":"metric","ResourceAddress":"/cluster/node/n1/ens1fx/master"}"#;
    assert_eq!(readings(&v2(&format!("{LOCKED},{metric}"))), expected);
}

#[test]
fn events_are_found_in_every_wrapper() {
    let event = v2(LOCKED);
    let expected = ["lock-state n1 ens1fx/master LOCKED"];
    for body in [
        event.clone(),
        format!("[{event}]"),
        format!(r#"{{"ptp-inst1":{event}}}"#),
        format!(r#"{{"ptp-inst1":[{event}]}}"#),
        format!("[1,null,[[{event}]],{{}},{event}]"),
        format!(r#"{{"x":[{event}],"source":"/sync/ptp-status/lock-state","data":{{"values":[{LOCKED}]}}}}"#),
    ] {
        assert_eq!(readings(&body), expected, "{body}");
    }
    assert_eq!(readings(&format!(r#"{{"a":[{event},{event}],"b":{event}}}"#)).len(), 3);
}

#[test]
fn of_a_type_that_comes_twice_the_last_counts_in_whatever_words() {
    let value = |types: &str| {
        readings(&v2(&format!(r#"{{"ResourceAddress":"/cluster/node/n1/ens1fx/master",{types}}}"#))).concat()
    };
    let state = r#""data_type":"notification","value_type":"enumeration","value":"2""#;
    let offset = r#""data_type":"metric","value_type":"decimal64.3","value":"2""#;
    for (state, offset) in [
        (state, offset),
        (r#""type":"notification","value":"2""#, r#""type":"metric","value":"2""#),
        (state, r#""dataType":"metric","value":"2""#),
        (r#""dataType":"notification","value":"2""#, offset),
    ] {
        assert_eq!(value(state), "lock-state n1 ens1fx/master unknown:2");
        assert_eq!(value(offset), "lock-state n1 ens1fx/master offset_ns=2");
        assert_eq!(value(&format!("{state},{offset}")), value(offset), "{state} then {offset}");
        assert_eq!(value(&format!("{offset},{state}")), value(state), "{offset} then {state}");
    }
}

#[test]
fn white_space_among_members_makes_no_difference_to_any_kind_of_value() {
    // What is sent, and what that is of a state and of an offset.
    let values = [
        (r#""LOCKED""#, "LOCKED", "LOCKED"),
        (r#""888""#, "unknown:888", "offset_ns=888"),
        (r#""\u0038""#, "unknown:8", "offset_ns=8"),
        ("-1.5", "unknown:-1.5", "offset_ns=-1.5"),
        ("null", "nothing", "nothing"),
        ("true", "nothing", "nothing"),
        (r#"{"a":[]}"#, "nothing", "nothing"),
    ];
    for (value, of_a_state, of_an_offset) in values {
        for (types, expected) in [
            (r#""dataType":"notification","valueType":"enumeration""#, of_a_state),
            (r#""data_type":"notification","value_type":"enumeration""#, of_a_state),
            (r#""dataType":"metric","valueType":"decimal64.3""#, of_an_offset),
            (r#""data_type":"metric","value_type":"decimal64.3""#, of_an_offset),
        ] {
            for first in ["", r#""value":"7","#, r#""value":7,"#] {
                let close =
                    format!(r#"{{"resource":"/cluster/node/n1/ens1fx",{first}{types},"value":{value}}}"#);
                for body in [close.replace(',', ", "), close.replace(':', ": "), close] {
                    let expected = format!("lock-state n1 ens1fx {expected}");
                    assert_eq!(readings(&v2(&body)), [expected], "{body}");
                }
            }
        }
    }
}

#[test]
fn an_escaped_key_is_resolved_once_for_all_the_events_it_holds() {
    let gnss = r#"{"source":"/sync/gnss-status/gnss-sync-status","data":{"values":[
        {"ResourceAddress":"/cluster/node/n1","data_type":"notification","value":"SYNCHRONIZED"}]}}"#;
    let expected = ["gnss-sync-status n1 tA5c1/x SYNCHRONIZED"; 3];
    let body = format!(r#"{{"t\u00415c1\/x":[{gnss},{gnss},{gnss}]}}"#);
    assert_eq!(readings(&body), expected);
}

#[test]
fn flat_starlingx_v1_is_a_lock_state() {
    let flat = r#"{"ResourceType":"PTP","EventData":{"State":"Locked"},
        "ResourceQualifier":{"NodeName":"controller-0"},"EventTimestamp":1795370096.49}"#;
    assert_eq!(readings(flat), ["lock-state controller-0  LOCKED"]);
    assert_eq!(readings(&flat.replace("controller-0", ".")), ["lock-state -  LOCKED"], "any node");
    assert_eq!(readings(&flat.replace("EventData", "EndpointUri")), [""; 0], "a subscription is no event");
    let mut body = flat.as_bytes().to_vec();
    let mut stage = Stage::new();
    let event = decode(&mut body, &mut stage).unwrap().events().next().unwrap();
    assert_eq!(event.time(), Some(Timestamp::from_unix_nanos(1_795_370_096_490_000_000)));
}

#[test]
fn data_that_is_a_string_is_read_one_level_deep() {
    let inner = LOCKED.replace('"', "\\\"");
    let body = format!(
        r#"{{"data":"{{\"values\":[{inner}]}}","source":"\/sync\/ptp-status\/lock-state","type":"x"}}"#
    );
    assert_eq!(readings(&body), ["lock-state n1 ens1fx/master LOCKED"]);
    let mut broken = br#"{"source":"/sync/ptp-status/lock-state","data":"{\"values\":["}"#.to_vec();
    let mut stage = Stage::new();
    let event = decode(&mut broken, &mut stage).unwrap().events().next().unwrap();
    assert!(event.has_unreadable_data());
    assert_eq!(event.readings().count(), 0);
}

#[test]
fn escapes_make_no_difference() {
    let plain = v2(LOCKED);
    let escaped = plain
        .replace("source", "\\u0073ource")
        .replace("values", "v\\u0061lues")
        .replace("LOCKED", "\\u004cOCKE\\u0044")
        .replace("/ens1fx", "\\/ens1fx");
    assert_eq!(readings(&escaped), readings(&plain));
}

#[test]
fn placeholders_void_what_stands_in_them() {
    for last in ["ptp-not-set", "event-not-found"] {
        let values = LOCKED.replace("ens1fx/master", last).replace("LOCKED", "FREERUN");
        assert_eq!(readings(&v2(&values)), ["lock-state n1  placeholder"]);
    }
}

#[test]
fn sentinels_void_the_metric_alone() {
    let metric =
        r#"{"ResourceAddress":"/cluster/node/n1/ens1fx/master","data_type":"metric","value":"-1e+16"}"#;
    assert_eq!(
        readings(&v2(&format!("{LOCKED},{metric}"))),
        ["lock-state n1 ens1fx/master LOCKED", "lock-state n1 ens1fx/master offset_ns=?"]
    );
}

#[test]
fn unknown_words_and_no_words_are_told_apart() {
    let value = |value: &str| v2(&LOCKED.replace("\"LOCKED\"", value));
    assert_eq!(readings(&value("\"SLAVE\"")), ["lock-state n1 ens1fx/master unknown:SLAVE"]);
    assert_eq!(readings(&value("\"0\"")), ["lock-state n1 ens1fx/master unknown:0"]);
    assert_eq!(readings(&value("null")), ["lock-state n1 ens1fx/master nothing"]);
    assert_eq!(readings(&value("\"\"")), ["lock-state n1 ens1fx/master nothing"]);
    assert_eq!(readings(&value("{\"a\":[]}")), ["lock-state n1 ens1fx/master nothing"]);
    assert_eq!(readings(&value("\"locked\"")), ["lock-state n1 ens1fx/master LOCKED"]);
}

#[test]
fn synce_states_come_as_metrics_and_zero_is_none() {
    let body = |value: &str| {
        format!(
            r#"{{"source":"/sync/synce-status/lock-state","data":{{"values":[{{"data_type":"metric",
            "ResourceAddress":"/cluster/node/n1/synce1/ens7f0","value":"{value}"}}]}}}}"#
        )
    };
    assert_eq!(readings(&body("HOLDOVER")), ["synce-lock-state n1 synce1/ens7f0 HOLDOVER"]);
    assert_eq!(readings(&body("0")), ["synce-lock-state n1 synce1/ens7f0 nothing"]);
}

#[test]
fn the_last_of_a_doubled_key_counts() {
    let other = LOCKED.replace("LOCKED", "HOLDOVER");
    let body = format!(
        r#"{{"data":{{"values":[{LOCKED}]}},"source":"x","source":"/sync/ptp-status/lock-state",
        "data":{{"values":[{LOCKED}],"values":[{other}]}}}}"#
    );
    assert_eq!(readings(&body), ["lock-state n1 ens1fx/master HOLDOVER"]);
}

#[test]
fn what_makes_no_event_takes_nothing_from_those_held() {
    let event = v2(LOCKED);
    for field in [r#""type":5"#, r#""source":null"#, r#""data":[]"#, r#""EventData":"x""#] {
        let body = format!(r#"{{"ptp-inst1":{event},{field},"ptp-inst2":[{event}]}}"#);
        let expected = ["lock-state n1 ens1fx/master LOCKED"; 2];
        assert_eq!(readings(&body), expected, "{body}");
    }
}

#[test]
fn the_last_of_data_and_flat_data_counts() {
    let text = r#""data":"{\"values\":[{\"value\":\"HOLDOVER\"}]}""#;
    let flat = r#""EventData":{"State":"LOCKED"}"#;
    let body = |first: &str, second: &str| format!(r#"{{"ResourceType":"PTP",{first},{second}}}"#);
    assert_eq!(readings(&body(text, flat)), ["lock-state -  LOCKED"]);
    assert_eq!(readings(&body(flat, text)), ["lock-state -  HOLDOVER"]);
}

#[test]
fn a_word_of_an_unknown_resource_is_read_for_people() {
    let body = r#"{"source":"mock","data":{"values":[{"ResourceAddress":"/mock","value":"LOCKED"},{"value":"-200"}]}}"#;
    assert_eq!(readings(body), ["- - mock LOCKED", "- -  nothing"]);
}

#[test]
fn a_body_without_events_holds_none() {
    for body in ["", "  \n", "null", "[]", "{}", "\"v1controller\"", "12", r#"{"id":"x","resource":"y"}"#] {
        assert_eq!(readings(body), Vec::<String>::new(), "{body}");
    }
}

#[test]
fn a_body_that_is_no_json_commits_nothing() {
    let body = v2(LOCKED);
    let mut stage = Stage::new();
    for length in 1..body.len() {
        let mut prefix = body.as_bytes()[..length].to_vec();
        assert!(decode(&mut prefix, &mut stage).is_err(), "{length}");
    }
    for tail in ["x", "{}", ","] {
        assert!(decode(&mut format!("{body}{tail}").into_bytes(), &mut stage).is_err(), "{tail}");
    }
}

#[test]
fn more_than_the_stage_holds_is_cut_and_flagged() {
    let event = v2(LOCKED);
    let many = format!("[{}]", vec![event; crate::limits::EVENTS_MAX + 1].join(",")).into_bytes();
    let mut stage = Stage::new();
    let mut body = many;
    let decoded = decode(&mut body, &mut stage).unwrap();
    assert!(decoded.is_cut());
    assert_eq!(decoded.events().count(), crate::limits::EVENTS_MAX);
    let values = v2(&vec![LOCKED; crate::limits::VALUES_MAX + 1].join(","));
    assert_eq!(readings(&values).len(), crate::limits::VALUES_MAX);
}

#[test]
fn a_body_whose_places_cannot_be_staged_is_cut_as_a_whole() {
    let event = v2(LOCKED);
    let mut stage = Stage::new();
    for (length, count) in [(BODY_MAX, 1), (BODY_MAX + 1, 0)] {
        let mut body = format!("[{event}{}]", " ".repeat(length - 2 - event.len())).into_bytes();
        let decoded = decode(&mut body, &mut stage).unwrap();
        assert_eq!((decoded.events().count(), decoded.is_cut()), (count, count == 0), "{length}");
    }
    let mut invalid = format!("[{event}{}", " ".repeat(BODY_MAX)).into_bytes();
    assert!(decode(&mut invalid, &mut stage).is_err());
}

#[test]
fn no_flipped_byte_panics() {
    let body = v2(LOCKED).into_bytes();
    let mut stage = Stage::new();
    for index in 0..body.len() {
        for byte in 0..=255 {
            let mut flipped = body.clone();
            flipped[index] = byte;
            if let Ok(decoded) = decode(&mut flipped, &mut stage) {
                for event in decoded.events() {
                    let _ = (event.readings().count(), event.time(), event.node());
                }
            }
        }
    }
}
