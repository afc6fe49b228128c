//! JSON as `serde_json` reads it: every member in order, doubled keys and the text of numbers included.

use std::borrow::Cow;
use std::fmt;

use ptpwatch_core::limits::DEPTH_MAX;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// As it is spelled.
    Number(String),
    Text(String),
    Array(Vec<Self>),
    Object(Vec<(String, Self)>),
}

/// Why there is no document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Refusal {
    /// `serde_json` refuses it.
    Invalid,
    /// It is all white space: see [`is_blank`].
    Blank,
    /// Only core refuses it: see [`is_too_deep`].
    TooDeep,
}

/// Reads a document.
pub(crate) fn read(document: &[u8]) -> Result<Json, Refusal> {
    if is_blank(document) {
        return Err(Refusal::Blank);
    }
    let document = without_lone_surrogates(document);
    let raw: &RawValue = serde_json::from_slice(&document).map_err(|_| Refusal::Invalid)?;
    read_value(raw, 0)
}

/// Policy: nothing but white space is no document and no error; the caller is asked for more, or told that there is none.
pub(crate) fn is_blank(document: &[u8]) -> bool {
    document.iter().all(|byte| b" \t\r\n".contains(byte))
}

/// Policy: arrays and objects may be nested `DEPTH_MAX` deep, and no deeper.
fn is_too_deep(depth: u32) -> bool {
    depth >= DEPTH_MAX
}

/// Policy: an escaped surrogate without its other half is read as U+FFFD, where `serde_json` refuses it.
fn without_lone_surrogates(document: &[u8]) -> Cow<'_, [u8]> {
    if !document.windows(3).any(|bytes| matches!(bytes, [b'\\', b'u', b'd' | b'D'])) {
        return Cow::Borrowed(document);
    }
    let mut replaced = Vec::with_capacity(document.len());
    let mut rest = document;
    while let Some(first) = rest.first() {
        let count = match (first, surrogate(rest), surrogate(rest.get(6..).unwrap_or_default())) {
            (b'\\', Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (b'\\', Some(_), _) => {
                replaced.extend(br"\ufffd");
                rest = &rest[6..];
                continue;
            }
            (b'\\', None, _) => 2,
            _ => 1,
        };
        let (kept, behind) = rest.split_at(count.min(rest.len()));
        replaced.extend(kept);
        rest = behind;
    }
    Cow::Owned(replaced)
}

/// The surrogate whose escape is in front of `text`.
fn surrogate(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(br"\u")?.get(..4)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let unit = u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    Some(unit).filter(|unit| (0xD800..=0xDFFF).contains(unit))
}

/// Reads a value inside `depth` arrays and objects. `serde_json` found its end; it is read again for what it holds.
fn read_value(raw: &RawValue, depth: u32) -> Result<Json, Refusal> {
    let text = raw.get();
    match text.as_bytes() {
        [b'n', ..] => Ok(Json::Null),
        [b't', ..] => Ok(Json::Bool(true)),
        [b'f', ..] => Ok(Json::Bool(false)),
        [b'"', ..] => parse(text).map(Json::Text),
        [b'[' | b'{', ..] if is_too_deep(depth) => Err(Refusal::TooDeep),
        [b'[', ..] => {
            let elements: Vec<&RawValue> = parse(text)?;
            elements
                .into_iter()
                .map(|raw| read_value(raw, depth + 1))
                .collect::<Result<_, _>>()
                .map(Json::Array)
        }
        [b'{', ..] => {
            let Members(members) = parse(text)?;
            let members = members.into_iter().map(|(name, raw)| Ok((name, read_value(raw, depth + 1)?)));
            members.collect::<Result<_, _>>().map(Json::Object)
        }
        _ => Ok(Json::Number(text.to_owned())),
    }
}

fn parse<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, Refusal> {
    serde_json::from_str(text).map_err(|_| Refusal::Invalid)
}

/// The members of an object, in order.
struct Members<'t>(Vec<(String, &'t RawValue)>);

impl<'t> Deserialize<'t> for Members<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'t> Visitor<'t> for MembersVisitor {
    type Value = Members<'t>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut access: A) -> Result<Members<'t>, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = access.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost() {
        let read = read(br#" {"a":1.50,"a":[-0e+1],"\u0062":"\ud83d\ude00"} "#).unwrap();
        let expected = Json::Object(vec![
            ("a".to_owned(), Json::Number("1.50".to_owned())),
            ("a".to_owned(), Json::Array(vec![Json::Number("-0e+1".to_owned())])),
            ("b".to_owned(), Json::Text("\u{1f600}".to_owned())),
        ]);
        assert_eq!(read, expected);
    }

    #[test]
    fn policies_are_as_narrow_as_they_say() {
        assert_eq!(read(b" \n"), Err(Refusal::Blank));
        assert_eq!(read(b" \x0c"), Err(Refusal::Invalid));
        let nested = |depth| [vec![b'['; depth], vec![b']'; depth]].concat();
        assert!(read(&nested(DEPTH_MAX as usize)).is_ok());
        assert_eq!(read(&nested(DEPTH_MAX as usize + 1)), Err(Refusal::TooDeep));
        let text = |document: &str| read(document.as_bytes());
        assert_eq!(text(r#""\ud83dx""#), Ok(Json::Text("\u{fffd}x".to_owned())));
        assert_eq!(text(r#""\\ud83d""#), Ok(Json::Text(r"\ud83d".to_owned())));
        assert_eq!(text(r#""\ud83""#), Err(Refusal::Invalid));
        assert_eq!(text(r#""\x""#), Err(Refusal::Invalid));
    }
}
