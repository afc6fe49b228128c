//! However a document is cut into windows, its tokens and errors are the same; what does not fit is flagged.

use super::{Error, ErrorKind, Scanner, Token};

/// A token that owns its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Owned {
    Text(bool, bool, Vec<u8>),
    Other(String),
}

fn owned(token: Token<'_>) -> Owned {
    match token {
        Token::Key(text) => Owned::Text(true, text.is_escaped(), text.raw().to_vec()),
        Token::String(text) => Owned::Text(false, text.is_escaped(), text.raw().to_vec()),
        other => Owned::Other(format!("{other:?}")),
    }
}

/// Reads `document` through a buffer of `capacity` bytes, into which `step` more come whenever they are asked for.
fn scan(document: &[u8], capacity: usize, step: usize) -> Result<Vec<Owned>, Error> {
    let mut scanner = Scanner::new();
    let (mut start, mut end) = (0_usize, 0_usize);
    let mut tokens = Vec::new();
    loop {
        end = document.len().min(end.saturating_add(step)).min(start.saturating_add(capacity));
        let is_last = end == document.len();
        let mut reader = scanner.read(&document[start..end], is_last);
        while let Some(token) = reader.next_token()? {
            tokens.push(owned(token));
        }
        if end - start == capacity && reader.consumed() == 0 {
            reader.skip_oversized();
        }
        start += reader.consumed();
        assert_eq!(scanner.offset(), start);
        if is_last {
            assert!(scanner.is_done() || scanner.is_blank());
            assert_eq!(start, end);
            return Ok(tokens);
        }
    }
}

fn scan_whole(document: &[u8]) -> Result<Vec<Owned>, Error> {
    scan(document, usize::MAX, usize::MAX)
}

const DOCUMENT: &[u8] = " {\"a\\u00e9\\\"\": [1, -2.5e+3,0 ,\"\u{e9}\u{20ac}\u{1f600}\\ud83d\\ude00\"],\r\n\
    \t\"b\":{ } , \"\" : [[],true , false,null], \"plain, and longer than a chunk\":\"\", \"n\":-0} \n"
    .as_bytes();

#[test]
fn every_prefix_asks_for_more() {
    for length in 0..=DOCUMENT.len() {
        let mut scanner = Scanner::new();
        let mut reader = scanner.read(&DOCUMENT[..length], false);
        while reader.next_token().unwrap().is_some() {}
        assert_eq!(scanner.is_blank(), length <= 1);
        let is_whole = DOCUMENT[length..].trim_ascii().is_empty();
        assert_eq!(scanner.is_done(), is_whole);
        if !is_whole && length > 1 {
            let error = Error { kind: ErrorKind::Truncated, offset: length };
            assert_eq!(scan_whole(&DOCUMENT[..length]), Err(error));
        }
    }
}

#[test]
fn pieces_give_the_tokens_of_the_whole() {
    let whole = scan_whole(DOCUMENT).unwrap();
    for size in 1..=DOCUMENT.len() {
        assert_eq!(scan(DOCUMENT, usize::MAX, size).unwrap(), whole, "pieces of {size}");
    }
    for cut in 0..=DOCUMENT.len() {
        let mut scanner = Scanner::new();
        let mut tokens = Vec::new();
        let mut reader = scanner.read(&DOCUMENT[..cut], false);
        while let Some(token) = reader.next_token().unwrap() {
            tokens.push(owned(token));
        }
        let start = reader.consumed();
        let mut reader = scanner.read(&DOCUMENT[start..], true);
        while let Some(token) = reader.next_token().unwrap() {
            tokens.push(owned(token));
        }
        assert_eq!(tokens, whole, "cut at {cut}");
    }
}

#[test]
fn tiny_windows_flag_what_does_not_fit() {
    let whole = scan_whole(DOCUMENT).unwrap();
    for capacity in 1..=40 {
        for step in [1, 3, capacity] {
            let tokens = scan(DOCUMENT, capacity, step).unwrap();
            assert_eq!(tokens.len(), whole.len());
            for (token, expected) in tokens.iter().zip(&whole) {
                if token != expected {
                    assert_is_oversized(token, expected, capacity);
                }
            }
        }
    }
}

fn assert_is_oversized(token: &Owned, expected: &Owned, capacity: usize) {
    let flag = |name: &str| Owned::Other(name.to_string());
    match expected {
        Owned::Text(is_key, _, raw) => {
            assert!(raw.len() + 2 > capacity);
            assert_eq!(*token, flag(if *is_key { "OversizedKey" } else { "Oversized" }));
        }
        Owned::Other(_) => assert_eq!(*token, flag("Oversized")),
    }
}

#[test]
fn errors_do_not_depend_on_windows() {
    for length in 0..DOCUMENT.len() {
        for byte in [0, b'"', b'\\', b',', b'0', b'x', 0x80, 0xE9, 0xFF] {
            let mut document = DOCUMENT.to_vec();
            document[length] = byte;
            let whole = scan_whole(&document);
            for (capacity, step) in [(1, 1), (4, 4), (7, 2), (usize::MAX, 1)] {
                let pieces = scan(&document, capacity, step);
                assert_eq!(pieces.err(), whole.clone().err(), "{length} {byte}");
            }
        }
    }
}
