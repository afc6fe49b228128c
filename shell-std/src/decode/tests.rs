//! What producers send, against the lines that were read and found right: `NAME-VERSION-WHAT.json` and `.lines`.

use std::fs;

use super::*;

fn lines(body: &[u8]) -> Result<String, Fault> {
    let mut out = Vec::new();
    write_events(&mut body.to_vec(), &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

fn payloads() -> impl Iterator<Item = std::path::PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/payloads");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "json"))
}

#[test]
fn payloads_become_their_lines() {
    for path in payloads() {
        let body = fs::read(&path).unwrap();
        let expected = fs::read_to_string(path.with_extension("lines")).unwrap();
        assert_eq!(lines(&body).unwrap(), expected, "{}", path.display());
    }
    assert_eq!(payloads().count(), 11);
}

#[test]
fn every_cut_is_an_error_and_nothing_is_written() {
    for path in payloads() {
        let body = fs::read(&path).unwrap();
        let body = body.trim_ascii_end();
        for end in 1..body.len() {
            let mut out = Vec::new();
            let result = write_events(&mut body[..end].to_vec(), &mut out);
            assert!(matches!(result, Err(Fault::Json(_))) && out.is_empty(), "{} {end}", path.display());
        }
    }
}

#[test]
fn what_holds_no_event_has_no_line() {
    for body in ["", " \r\n\t", "null", "5", "\"event\"", "[]", "{}", r#"[1,{"id":"x"}]"#] {
        assert_eq!(lines(body.as_bytes()).unwrap(), "", "{body}");
    }
}

#[test]
fn what_is_no_json_is_told_with_its_place() {
    for (body, complaint) in [
        ("{\"id\":", "document ends early at byte 6"),
        ("[1] 2", "text after the document at byte 4"),
        ("HTTP/1.1 200 OK", "unexpected byte at byte 0"),
    ] {
        let Err(Fault::Json(error)) = lines(body.as_bytes()) else { panic!("{body}") };
        assert_eq!(error.to_string(), complaint);
    }
}

#[test]
fn a_cut_is_told_once_and_last() {
    let events = vec![r#"{"type":"event.sync.ptp-status.ptp-state-change"}"#; 30].join(",");
    let lines = lines(format!("[{events}]").as_bytes()).unwrap();
    let cut: Vec<bool> = lines.lines().map(|line| line.contains("\"unknown\":[\"cut\"]")).collect();
    assert_eq!(cut.iter().filter(|cut| **cut).count(), 1);
    assert_eq!(cut.last(), Some(&true));
}

/// Whatever a producer writes reaches the line as a text of JSON, and no terminal as a command.
#[test]
fn hostile_texts_are_escaped_and_mean_the_same() {
    let hostile = "\u{9b}31m\u{7f}\u{202e}\u{2028}\u{85}\x1b\"";
    let text = serde_json::to_string(hostile).unwrap();
    let inside = &text[1..text.len() - 1];
    let event = format!(
        r#"{{"id":{text},"type":{text},"source":{text},"data":{{"values":[{{"ResourceAddress":"/cluster/node/{inside}/{inside}/sync/ptp-status/lock-state","data_type":"notification","value_type":"enumeration","value":{text}}}]}}}}"#
    );
    let line = lines(event.as_bytes()).unwrap();
    assert!(line.trim_end().chars().all(|letter| matches!(letter, ' '..='~')), "{line:?}");
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    for field in ["id", "type", "source", "node", "instance"] {
        assert_eq!(line[field], hostile, "{field}");
    }
    assert_eq!(line["unknown"][0], format!("word:{hostile}"));
}

#[test]
fn an_input_has_a_size() {
    assert!(read_all(io::repeat(b' ')).is_err());
    assert_eq!(read_all(&b"[]"[..]).unwrap(), b"[]");
}
