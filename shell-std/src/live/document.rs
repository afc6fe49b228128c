//! A JSON document as a tree, for what is asked of it by name.

use ptpwatch_core::json::{Reader, Scanner, Text as Spelled, Token};

/// A value of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// As it is spelled.
    Number(String),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

/// Reads a whole document; `None` if it is none.
pub(super) fn parse(document: &[u8]) -> Option<Value> {
    let mut scanner = Scanner::new();
    let mut reader = scanner.read(document, true);
    let token = next(&mut reader)?;
    let value = value(&mut reader, token)?;
    // What may follow is white space.
    reader.next_token().is_ok_and(|token| token.is_none()).then_some(value)
}

impl Value {
    /// A member of an object; nothing's members are nothing.
    pub(super) fn get(&self, name: &str) -> &Self {
        match self {
            Self::Object(members) => {
                members.iter().find(|(known, _)| known == name).map_or(&Self::Null, |(_, value)| value)
            }
            _ => &Self::Null,
        }
    }

    /// The items of a list.
    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// A text, or a number as it is spelled.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<u64> {
        self.text()?.parse().ok()
    }

    pub(super) fn bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// Takes a member out of an object.
    pub(super) fn take(&mut self, name: &str) -> Self {
        match self {
            Self::Object(members) => members
                .iter()
                .position(|(known, _)| known == name)
                .map_or(Self::Null, |place| members.remove(place).1),
            _ => Self::Null,
        }
    }
}

/// Reads the value that begins with `token`: no deeper than the scanner lets it be.
fn value(reader: &mut Reader<'_, '_>, token: Token<'_>) -> Option<Value> {
    Some(match token {
        Token::Null => Value::Null,
        Token::Bool(value) => Value::Bool(value),
        Token::Number(number) => Value::Number(String::from_utf8_lossy(number).into_owned()),
        Token::String(text) => Value::Text(string(text)),
        Token::ArrayStart => {
            let mut items = Vec::new();
            loop {
                match next(reader)? {
                    Token::ArrayEnd => break Value::List(items),
                    token => items.push(value(reader, token)?),
                }
            }
        }
        Token::ObjectStart => {
            let mut members = Vec::new();
            loop {
                let Token::Key(name) = next(reader)? else { break Value::Object(members) };
                let token = next(reader)?;
                members.push((string(name), value(reader, token)?));
            }
        }
        _ => return None,
    })
}

fn next<'b>(reader: &mut Reader<'_, 'b>) -> Option<Token<'b>> {
    reader.next_token().ok().flatten()
}

fn string(text: Spelled<'_>) -> String {
    let bytes: Vec<u8> = text.bytes().collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_whole_or_not_at_all() {
        let text = |text: &str| Value::Text(text.to_owned());
        let number = |number: &str| Value::Number(number.to_owned());
        let value = parse(br#" {"a":[1,-2.5e3,"x\n\u00e9",true,null],"b":{},"c":[]} "#);
        let list = vec![number("1"), number("-2.5e3"), text("x\n\u{e9}"), Value::Bool(true), Value::Null];
        let members = [("a", Value::List(list)), ("b", Value::Object(vec![])), ("c", Value::List(vec![]))];
        assert_eq!(
            value,
            Some(Value::Object(members.map(|(name, value)| (name.to_owned(), value)).to_vec()))
        );
        for document in ["", "{", "[1 2]", "{} {}", "\"\x1b\"", &"[".repeat(40)] {
            assert_eq!(parse(document.as_bytes()), None, "{document:?}");
        }
    }

    #[test]
    fn what_is_not_there_is_nothing() {
        let mut value = parse(br#"{"a":{"b":[7]},"c":"d"}"#).unwrap();
        assert_eq!(value.get("a").get("b").items()[0].number(), Some(7));
        assert_eq!((value.get("c").text(), value.get("c").bool()), (Some("d"), None));
        assert_eq!(value.get("x").get("y").items(), []);
        assert_eq!((value.take("c"), value.take("c")), (Value::Text("d".into()), Value::Null));
    }
}
