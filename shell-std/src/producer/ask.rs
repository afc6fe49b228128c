//! Subscribe bodies: what a subscriber asks for, or what is wrong with it.

use ptpwatch_core::json::{Reader, Scanner, Token};

use super::answer::Answer;
use super::manners::Manners;
use super::session::Request;
use super::subscriptions::Wanted;

/// Reads what is wanted.
///
/// # Errors
/// The refusal of a body that cannot be read, or lacks something, or has too much of it.
pub(super) fn read(manners: &Manners, request: &Request) -> Result<Wanted, Answer> {
    let replies = manners.replies;
    if manners.needs_media_type && !request.is_json {
        let body = manners.json.escaped(&String::from_utf8_lossy(&request.body));
        return Err(Answer::filled(replies.wrong_media_type, &[("$body", &body)]));
    }
    let form = Form::of(manners);
    let Found { values: [endpoint, resource], unknown } =
        form.read(&request.body).ok_or(replies.malformed)?;
    if !unknown.is_empty() {
        return Err(too_much(manners, unknown));
    }
    let wanted = Wanted { endpoint, resource: resource.unwrap_or_default() };
    let is_complete =
        wanted.endpoint.as_ref().is_some_and(|uri| !uri.is_empty()) && !wanted.resource.is_empty();
    if is_complete || manners.takes_anything { Ok(wanted) } else { Err(replies.incomplete.into()) }
}

fn too_much(manners: &Manners, unknown: Vec<String>) -> Answer {
    let attributes = if unknown.len() == 1 { "attribute" } else { "attributes" };
    let keys = manners.json.escaped(&unknown.join(", "));
    Answer::filled(manners.replies.unknown_keys, &[("$attributes", attributes), ("$keys", &keys)])
}

/// What to look for in a body.
struct Form {
    keys: [&'static str; 2],
    qualifier: Option<&'static str>,
    known: &'static [&'static str],
}

/// What was there: the values of the keys, as far as they are strings, and the keys that should not be there, sorted.
#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    values: [Option<String>; 2],
    unknown: Vec<String>,
}

impl Form {
    fn of(manners: &Manners) -> Self {
        Self { keys: manners.subscribe_keys, qualifier: manners.qualifier, known: manners.known_keys }
    }

    /// Reads an object. `None` if it is none, or has something else than a string or `null` under one of the keys.
    fn read(&self, body: &[u8]) -> Option<Found> {
        let mut scanner = Scanner::new();
        let mut tokens = scanner.read(body, true);
        let mut found = Found::default();
        let Token::ObjectStart = tokens.next_token().ok()?? else { return None };
        while let Some(token) = tokens.next_token().ok()? {
            let Token::Key(key) = token else { continue };
            let key = text(key.bytes());
            let is_qualifier = self.qualifier.is_some_and(|qualifier| self.is(&key, qualifier));
            let is_inside = tokens.depth() > 1;
            if !is_inside && !self.known.is_empty() && !self.known.contains(&&*key) {
                let place = found.unknown.partition_point(|other| *other <= key);
                found.unknown.insert(place, key.clone());
            }
            if !is_qualifier || is_inside {
                self.read_value(&mut tokens, &key, &mut found)?;
            }
        }
        Some(found)
    }

    fn read_value(&self, tokens: &mut Reader<'_, '_>, key: &str, found: &mut Found) -> Option<()> {
        let depth = tokens.depth();
        let place = self.keys.iter().position(|known| self.is(key, known));
        match (place, tokens.next_token().ok()??) {
            (Some(place), Token::String(value)) => found.values[place] = Some(text(value.bytes())),
            (Some(place), Token::Null) => found.values[place] = None,
            (Some(_), _) => return None,
            (None, _) => drop(tokens.skip_to_depth(depth).ok()?),
        }
        Some(())
    }

    /// Go takes keys in any case.
    fn is(&self, key: &str, known: &str) -> bool {
        if self.known.is_empty() { key.eq_ignore_ascii_case(known) } else { key == known }
    }
}

fn text(bytes: impl Iterator<Item = u8>) -> String {
    String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENIENT: Form = Form { keys: ["endpointUri", "resource"], qualifier: None, known: &[] };
    const STRICT: Form = Form { keys: ["E", "N"], qualifier: Some("Q"), known: &["E", "Q", "T"] };

    #[test]
    fn two_members_are_read_whatever_else_is_there() {
        let values = |body: &str| LENIENT.read(body.as_bytes()).map(|found| found.values);
        let [both, none] = [[Some("e".to_string()), Some("r/\"".into())], [None, None]];
        assert_eq!(
            values(r#"{"x":{"resource":[1]},"EndpointURI":"e","resource":"r\/\"","y":2}"#),
            Some(both)
        );
        assert_eq!(values(" {} "), Some(none.clone()));
        assert_eq!(values(r#"{"resource":null}"#), Some(none));
        for body in ["", "[]", "5", r#"{"resource":"#, r#"{"resource":"x",}"#, r#"{"endpointUri":5}"#, "{}x"]
        {
            assert_eq!(values(body), None, "{body}");
        }
    }

    #[test]
    fn a_member_may_stand_in_another() {
        let read = |body: &str| STRICT.read(body.as_bytes()).unwrap();
        let both = [Some("e".to_string()), Some("n".into())];
        assert_eq!(read(r#"{"T":"t","Q":{"x":1,"N":"n"},"E":"e"}"#), Found { values: both, unknown: vec![] });
        assert_eq!(read(r#"{"Q":null,"E":"e"}"#).values, [Some("e".into()), None]);
        let unknown = read(r#"{"e":"e","Q":{"N":"n"},"A":{"N":"m"}}"#);
        assert_eq!(unknown.unknown, ["A", "e"]);
        assert_eq!(unknown.values, [None, Some("n".into())]);
    }
}
