//! The JSON scanner accepts what `serde_json` accepts, and reads the same in it.

use ptpwatch_core::json::{ErrorKind, Reader, Scanner, Text, Token, unescape_in_place};

use crate::json::{self, Json, Refusal};

/// Checks the scanner on one document.
pub fn check(document: &[u8]) {
    assert_reads(document, json::read(document).as_ref());
}

/// Panics unless the scanner reads `document` as `expected`.
fn assert_reads(document: &[u8], expected: Result<&Json, &Refusal>) {
    let mut scanner = Scanner::new();
    let mut reader = scanner.read(document, true);
    match expected {
        Ok(value) => {
            let first = next(&mut reader);
            assert_value(&mut reader, first, value);
            assert_eq!(reader.next_token(), Ok(None), "a token after the document");
            assert_eq!(reader.consumed(), document.len());
            assert!(scanner.is_done() && !scanner.is_blank());
        }
        Err(Refusal::Blank) => {
            assert_eq!(reader.next_token(), Ok(None));
            assert!(scanner.is_blank() && !scanner.is_done());
        }
        Err(refusal) => {
            let error = loop {
                match reader.next_token() {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("{refusal:?}, and accepted"),
                    Err(error) => break error,
                }
            };
            assert!(error.offset <= document.len());
            assert_eq!(reader.next_token(), Err(error), "an error stays");
            assert!(*refusal == Refusal::Invalid || error.kind == ErrorKind::Depth, "{error}");
        }
    }
}

fn assert_value(reader: &mut Reader<'_, '_>, first: Token<'_>, expected: &Json) {
    match (first, expected) {
        (Token::Null, Json::Null) => {}
        (Token::Bool(ours), Json::Bool(theirs)) => assert_eq!(ours, *theirs),
        (Token::Number(ours), Json::Number(theirs)) => assert_eq!(ours, theirs.as_bytes()),
        (Token::String(ours), Json::Text(theirs)) => assert_text(ours, theirs),
        (Token::ArrayStart, Json::Array(elements)) => {
            for element in elements {
                let first = next(reader);
                assert_value(reader, first, element);
            }
            assert_eq!(next(reader), Token::ArrayEnd);
        }
        (Token::ObjectStart, Json::Object(members)) => {
            for (name, value) in members {
                let Token::Key(key) = next(reader) else { panic!("no key where {name:?} is") };
                assert_text(key, name);
                let first = next(reader);
                assert_value(reader, first, value);
            }
            assert_eq!(next(reader), Token::ObjectEnd);
        }
        (token, value) => panic!("{token:?} where {value:?} is"),
    }
}

fn assert_text(ours: Text<'_>, theirs: &str) {
    assert!(ours.is(theirs.as_bytes()), "{ours:?} is not {theirs:?}");
    assert!(ours.bytes().eq(theirs.bytes()), "{ours:?} reads otherwise than {theirs:?}");
    assert_eq!(ours.is_escaped(), ours.raw().contains(&b'\\'));
    let mut place = ours.raw().to_vec();
    let length = unescape_in_place(&mut place);
    assert_eq!(&place[..length], theirs.as_bytes(), "in place");
}

fn next<'b>(reader: &mut Reader<'_, 'b>) -> Token<'b> {
    match reader.next_token() {
        Ok(Some(token)) => token,
        other => panic!("{other:?} where a token is"),
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    fn passes(document: &str, expected: &str) -> bool {
        let expected = json::read(expected.as_bytes());
        catch_unwind(|| assert_reads(document.as_bytes(), expected.as_ref())).is_ok()
    }

    #[test]
    fn every_planted_difference_is_seen() {
        let document = r#"{"a":[1,2.0,"x\n",true,null],"a":{}}"#;
        assert!(passes(document, document));
        for (from, to) in [
            ("2.0", "2"),
            (r"x\n", "x"),
            ("true", "false"),
            ("null", "0"),
            ("{}", "[]"),
            (",null", ""),
            (r#","a":{}"#, ""),
            (r#""a":{}"#, r#""b":{}"#),
            ("[1,", "[1,,"),
            ("}}", "} "),
        ] {
            let other = document.replace(from, to);
            assert_ne!(document, other);
            assert!(!passes(document, &other) && !passes(&other, document), "{other}");
        }
        assert!(!passes("[1,]", "[1]") && !passes("", "null") && !passes("null", ""));
    }

    #[test]
    fn policies_hold() {
        let nested = "[".repeat(40) + &"]".repeat(40);
        for document in
            ["", " ", r#""\ud800""#, r#"{"\udc00\ud83d\ud83d\ude00":1e999}"#, &nested, "\u{feff}1"]
        {
            check(document.as_bytes());
        }
    }
}
