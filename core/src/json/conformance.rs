//! What is accepted and what it means, compared with `serde_json`, over tables in the manner of JSONTestSuite too.

use serde_json::{Map, Value};

use super::{Reader, Scanner, Text, Token};

/// Reads `document` into a value; `None` if it is refused or blank.
fn read(document: &[u8]) -> Option<Value> {
    let mut scanner = Scanner::new();
    let mut reader = scanner.read(document, true);
    let first = reader.next_token().ok()??;
    let value = read_value(&mut reader, first)?;
    let None = reader.next_token().ok()? else { panic!("a token after the document") };
    assert!(reader.consumed() == document.len() && scanner.is_done());
    Some(value)
}

fn read_value(reader: &mut Reader<'_, '_>, first: Token<'_>) -> Option<Value> {
    let next = |reader: &mut Reader<'_, '_>| -> Option<Value> {
        let token = reader.next_token().ok()??;
        read_value(reader, token)
    };
    match first {
        Token::ObjectStart => {
            let mut members = Map::new();
            while let Token::Key(key) = reader.next_token().ok()?? {
                members.insert(string(key), next(reader)?);
            }
            Some(Value::Object(members))
        }
        Token::ArrayStart => {
            let mut elements = Vec::new();
            loop {
                match reader.next_token().ok()?? {
                    Token::ArrayEnd => return Some(Value::Array(elements)),
                    token => elements.push(read_value(reader, token)?),
                }
            }
        }
        Token::String(text) => Some(Value::String(string(text))),
        Token::Number(spelling) => Some(serde_json::from_slice(spelling).expect("a number")),
        Token::Bool(value) => Some(Value::Bool(value)),
        Token::Null => Some(Value::Null),
        token => panic!("{token:?} starts no value"),
    }
}

fn string(text: Text<'_>) -> String {
    String::from_utf8(text.bytes().collect()).expect("UTF-8")
}

/// What `serde_json` reads; `None` if it refuses.
fn read_with_serde(document: &[u8]) -> Option<Value> {
    serde_json::from_slice(document).ok()
}

/// Turns every escaped surrogate into an escaped letter: `serde_json` refuses lone ones.
fn without_surrogates(document: &[u8]) -> Vec<u8> {
    let mut document = document.to_vec();
    for start in 0..document.len().saturating_sub(5) {
        let escape = &mut document[start..start + 6];
        let is_surrogate =
            matches!(escape, [b'\\', b'u', b'd' | b'D', b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F', ..]);
        if is_surrogate && escape[4..].iter().all(u8::is_ascii_hexdigit) {
            escape.copy_from_slice(b"\\u0041");
        }
    }
    document
}

fn assert_agrees(document: &[u8]) {
    let (ours, theirs) = (read(document), read_with_serde(document));
    if theirs.is_some() {
        assert_eq!(ours, theirs, "{}", document.escape_ascii());
    } else if ours.is_some() {
        let accepted = read_with_serde(&without_surrogates(document)).is_some();
        assert!(accepted, "serde_json refuses {}", document.escape_ascii());
    }
}

#[test]
fn every_flipped_byte_is_judged_as_serde_json_does() {
    let document = "{\"k\\u00e9y\": [1, -2.5e+3, 0 ,\"\u{e9}\u{20ac}\u{1f600}\\ud83d\\ude00\\n\"],\n\
        \t\"b\":{ }, \"\":[true,false,null], \"b\":\"long enough for a chunk\"}"
        .as_bytes();
    assert!(read(document).is_some());
    for place in 0..document.len() {
        let mut flipped = document.to_vec();
        for byte in 0..=u8::MAX {
            flipped[place] = byte;
            assert_agrees(&flipped);
        }
        flipped.remove(place);
        assert_agrees(&flipped);
    }
}

#[test]
fn lone_surrogates_alone_are_judged_otherwise() {
    for escape in [r"\ud800", r"\udfff", r"\ud83d\n", r"\ud83d\ud83d"] {
        let document = format!("\"{escape}\"");
        assert_eq!(read_with_serde(document.as_bytes()), None);
        let value = read(document.as_bytes()).expect("accepted");
        assert!(value.as_str().expect("a string").starts_with('\u{fffd}'));
    }
}

#[test]
fn accepted() {
    for document in ACCEPTED {
        let value = read(document.as_bytes());
        assert!(value.is_some(), "{document}");
        assert_eq!(value, read_with_serde(document.as_bytes()), "{document}");
    }
}

#[test]
fn refused() {
    for document in REFUSED {
        assert_eq!(read(document), None, "{}", document.escape_ascii());
        assert_eq!(read_with_serde(document), None, "{}", document.escape_ascii());
    }
}

/// Marsaglia's xorshift, for documents that are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len() as u64) as usize]
    }

    fn white(&mut self, document: &mut String) {
        document.push_str(self.pick(&["", "", "", " ", "\n    ", "\r\n\t", "          "]));
    }

    fn string(&mut self, document: &mut String) {
        document.push('"');
        for _ in 0..self.below(6) {
            document.push_str(self.pick(&[
                "a",
                "state",
                "PTP-SYNC/1",
                "a longer run of text",
                "\u{e9}",
                "\u{20ac}",
                "\u{1f600}",
                "\\n",
                "\\\"",
                "\\\\",
                "\\/",
                "\\u0000",
                "\\u00e9",
                "\\uFFFD",
                "\\ud83d\\uDE00",
                "\u{7f}",
                "{",
                "]",
            ]));
        }
        document.push('"');
    }

    fn value(&mut self, depth: u32, document: &mut String) {
        self.white(document);
        let kind = self.below(if depth < 30 { 8 } else { 5 });
        match kind {
            0 | 1 => self.string(document),
            2 | 3 => document.push_str(self.pick(&[
                "0",
                "-0",
                "17",
                "-1.5",
                "1e5",
                "2E-3",
                "0.25e+1",
                "9007199254740993",
            ])),
            4 => document.push_str(self.pick(&["true", "false", "null"])),
            5 => self.list(depth, document, ['[', ']']),
            _ => self.list(depth, document, ['{', '}']),
        }
        self.white(document);
    }

    fn list(&mut self, depth: u32, document: &mut String, [open, close]: [char; 2]) {
        document.push(open);
        self.white(document);
        for index in 0..self.below(5) {
            if index > 0 {
                document.push(',');
            }
            if open == '{' {
                self.white(document);
                self.string(document);
                self.white(document);
                document.push(':');
            }
            self.value(depth + 1, document);
        }
        document.push(close);
    }
}

#[test]
fn random_documents_mean_what_serde_json_says() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for _ in 0..2_000 {
        let mut document = String::new();
        random.value(0, &mut document);
        let value = read(document.as_bytes());
        assert!(value.is_some(), "{document}");
        assert_eq!(value, read_with_serde(document.as_bytes()), "{document}");
        let mut damaged = document.into_bytes();
        let place = random.below(damaged.len() as u64) as usize;
        damaged[place] = b"\"\\{}[],:0e-. \x00\x80\xE2tn"[random.below(18) as usize];
        if !has_huge_exponent(&damaged) {
            assert_agrees(&damaged);
        }
    }
}

/// Whether damage may have made a number that `serde_json` finds too large.
fn has_huge_exponent(document: &[u8]) -> bool {
    document
        .windows(4)
        .any(|bytes| matches!(bytes, [b'e' | b'E', rest @ ..] if rest.iter().all(u8::is_ascii_digit)))
}

#[rustfmt::skip] // one case a line would be pages
const ACCEPTED: &[&str] = &[
    "[]", "{}", "[[]   ]", "[\"\"]", "[\"a\"]", "[false]", "[null, 1, \"1\", {}]", "[1\n]", " [1]", "[2] ",
    "[1,null]", "[123e65]", "[0e+1]", "[0e1]", "[ 4]", "[-0.000000000000000000000000000001]", "[20e1]",
    "[-0]", "[-123]", "[1E22]", "[1E-2]", "[1E+2]", "[123.456e78]", "[123]",
    "{\"asd\":\"sdf\", \"dfg\":\"fgh\"}", "{\"a\":\"b\",\"a\":\"c\"}", "{\"\":0}",
    "{\"foo\\u0000bar\": 42}", "{ \"min\": -1.0e+28, \"max\": 1.0e+28 }", "{\n\"a\": \"b\"\n}",
    r#"["\u0060\u012a\u12AB"]"#, r#"["\ud801\udc37"]"#, r#"["\"\\\/\b\f\n\r\t"]"#, r#"["\\u0000"]"#,
    r#"["\""]"#, "[\"a/*b*/c/*d//e\"]", r#"["\uFFFF"]"#, "[\"\u{ffff}\"]", "[\"\u{10ffff}\"]",
    "[\"\u{2028}\"]", "[\"\u{7f}\"]", "[\"\u{feff}\"]", "\" \"", "42", "-0.1", "null", "true", "false",
    "\"asd\"", "\r\n\t [ ] \t\r\n", "[\"\u{0430}\"]", "0", " 1 ", "{\"a\":[{\"b\":[{}]}]}",
];

#[rustfmt::skip] // one case a line would be pages
const REFUSED: &[&[u8]] = &[
    b"[1 true]", b"[a\xE5]", b"[\"\": 1]", b"[\"\"],", b"[,1]", b"[1,,2]", b"[\"x\",,]", b"[\"x\"]]",
    b"[\"\",]", b"[\"x\"", b"[x", b"[3[4]]", b"[,]", b"[-]", b"[   , \"\"]", b"[1,", b"[\"\x0Ba\"\\f]",
    b"[*]", b"[1,\n1\n,1", b"[{}", b"[fals]", b"[nul]", b"[tru]", b"[++1234]", b"[+1]", b"[+Inf]", b"[-01]",
    b"[-1.0.]", b"[-2.]", b"[-NaN]", b"[.-1]", b"[.2e-3]", b"[0.1.2]", b"[0.3e+]", b"[0.3e]", b"[0.e1]",
    b"[0E]", b"[0E+]", b"[1.0e-]", b"[1 000.0]", b"[1eE2]", b"[2.e3]", b"[9.e+]", b"[Inf]", b"[NaN]",
    b"[1+2]", b"[0x1]", b"[-Infinity]", b"[-foo]", b"[- 1]", b"[-012]", b"[-.123]",
    b"[1.8011670033376514H-308]", b"[1.2a-3]", b"[012]", b"{\"x\", null}", b"{\"x\"::\"b\"}",
    b"{\"a\":\"a\" 123}", b"{key: 'value'}", b"{\"a\" b}", b"{:\"b\"}", b"{\"a\" \"b\"}", b"{\"a\":",
    b"{\"a\"", b"{1:1}", b"{null:null}", b"{\"id\":0,,,}", b"{'a':0}", b"{\"id\":0,}", b"{\"a\":\"b\"}/**/",
    b"{\"a\":\"b\"}#", b"{,}", b"{\"a\":true} \"x\"", b"[\"\\u00A\"]", b"[\"\\", b"[\"\\\x00\"]",
    b"[\"\\\\\\\"]", b"[\"\\x00\"]", b"[\"\\a\"]", b"[\"\\uqqqq\"]", b"[\"\\\xE5\"]", b"[\\u0020\"asd\"]",
    b"[\\n]", b"\"", b"['single']", b"abc", b"[\"a\x00a\"]", b"[\"new\nline\"]", b"[\"\t\"]",
    b"\"\\UA66D\"", b"<.>", b"[<null>]", b"aa", b"[\xEF]", b"]", b"}", b"\xEF\xBB\xBF{}", b"{\"a\":/*c*/1}",
    b"[1]x", b"[\x0C]", b"[\xC2\xA0]", b"[\"\xC0\xAF\"]", b"[\"\xED\xA0\x80\"]", b"[\"\xF4\x90\x80\x80\"]",
    b"[\"\xE0\x80\xAF\"]", b"[\"\xE9\"]", b"[\"\x80\"]", b"[\"\xF0\x9F\x98\"]", b"\xFF\xFE[\0]\0", b"True",
    b"[TRUE]", b"--1", b"1.", b".5", b"01", b"1e", b"-", b"tru", b"\"a\\u12", b"\"\xE2\x82", b"{}{}",
    b"1 2", b"", b" ", b"[1}", b"{\"a\":1]",
];
