//! Subscriptions as a producer tells of them: one, or a list of any length, read as it comes.

use crate::dialect::Dialect;
use crate::event::{Address, Resource, is_same_node};
use crate::json::{Error, Scanner, Text, Token, unescape_in_place};
use crate::limits::{ADDRESS_MAX, SUBSCRIPTION_ID_MAX};
use heapless::Vec;

/// The id of a subscription.
pub(super) type SubscriptionId = Vec<u8, SUBSCRIPTION_ID_MAX>;

/// Reads subscriptions off the windows of a body: an object, or an array of them; anything else holds none.
#[derive(Debug)]
pub(super) struct Listing {
    scanner: Scanner,
    entry: Entry,
    /// Depth inside the subscription that is being read; 0 is none.
    depth: u32,
    field: Field,
    /// Whether the body began as anything but a list: an array, null, or nothing at all.
    is_no_list: bool,
    has_begun: bool,
}

/// One subscription.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    /// Empty if it was missing or too long to be one.
    pub(super) id: SubscriptionId,
    /// Whether its endpoint is exactly ours; `None` if it had none.
    pub(super) is_ours: Option<bool>,
    /// The resource of our node that it is about, if it is about one.
    pub(super) resource: Option<Resource>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Id,
    Endpoint,
    Address,
    Other,
}

/// What follows a window of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// More, once it has come.
    Awaited,
    /// More than there is room for: a token that does not fit is passed over.
    Blocked,
    /// Nothing: the body ends with it.
    Ended,
}

/// Whose subscriptions are looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Own<'o> {
    pub(super) dialect: &'static Dialect,
    pub(super) endpoint: &'o str,
    pub(super) node: &'o str,
}

impl Listing {
    pub(super) const fn new() -> Self {
        Self {
            scanner: Scanner::new(),
            entry: Entry { id: SubscriptionId::new(), is_ours: None, resource: None },
            depth: 0,
            field: Field::Other,
            is_no_list: false,
            has_begun: false,
        }
    }

    /// Whether what was read so far is a list of subscriptions, be it an empty one.
    pub(super) const fn is_list(&self) -> bool {
        !self.is_no_list
    }

    /// Reads on in `window`, which `rest` follows, and returns how many bytes were consumed.
    ///
    /// # Errors
    /// Whatever makes the body no JSON.
    pub(super) fn read(
        &mut self,
        window: &[u8],
        rest: Rest,
        own: Own<'_>,
        mut take: impl FnMut(&Entry),
    ) -> Result<usize, Error> {
        let Self { scanner, entry, depth, field, is_no_list, has_begun } = self;
        let mut reader = scanner.read(window, rest == Rest::Ended);
        while let Some(token) = reader.next_token()? {
            let is_first = !core::mem::replace(has_begun, true);
            *is_no_list |= is_first && !matches!(token, Token::ArrayStart | Token::Null);
            match token {
                Token::ObjectStart if *depth == 0 => {
                    *depth = reader.depth();
                    *entry = Entry::default();
                }
                Token::ObjectEnd if reader.depth() < *depth => {
                    *depth = 0;
                    take(entry);
                }
                Token::Key(key) if reader.depth() == *depth => *field = Field::of(key, own.dialect),
                Token::OversizedKey => *field = Field::Other,
                Token::String(text) if reader.depth() == *depth => entry.set(*field, text, own),
                Token::Oversized if reader.depth() == *depth => entry.pass_over(*field),
                _ => {}
            }
        }
        if rest == Rest::Blocked && reader.consumed() == 0 {
            reader.skip_oversized();
        }
        Ok(reader.consumed())
    }
}

impl Field {
    fn of(key: Text<'_>, dialect: &Dialect) -> Self {
        let is = |name: &str| key.is(name.as_bytes());
        match &dialect.fields {
            fields if is(fields.id) => Self::Id,
            fields if is(fields.endpoint) => Self::Endpoint,
            fields if is(fields.address) => Self::Address,
            _ => Self::Other,
        }
    }
}

impl Entry {
    fn set(&mut self, field: Field, text: Text<'_>, own: Own<'_>) {
        match field {
            Field::Id => {
                self.id.clear();
                for byte in text.bytes() {
                    if !byte.is_ascii_graphic() || self.id.push(byte).is_err() {
                        self.id.clear();
                        return;
                    }
                }
            }
            Field::Endpoint => self.is_ours = Some(text.is(own.endpoint.as_bytes())),
            Field::Address => self.resource = resource_of(text, own.node),
            Field::Other => {}
        }
    }

    /// What is longer than any of ours is not ours.
    fn pass_over(&mut self, field: Field) {
        match field {
            Field::Id => self.id.clear(),
            Field::Endpoint => self.is_ours = Some(false),
            Field::Address => self.resource = None,
            Field::Other => {}
        }
    }
}

/// The resource that an address names, if it is one of our node.
fn resource_of(text: Text<'_>, node: &str) -> Option<Resource> {
    // StarlingX v1 has no addresses, and one resource.
    if text.is_ignoring_case(b"PTP") {
        return Some(Resource::LockState);
    }
    let mut buffer = [0; ADDRESS_MAX];
    let raw = text.raw();
    let copy = buffer.get_mut(..raw.len())?;
    for (to, from) in copy.iter_mut().zip(raw) {
        *to = *from;
    }
    let length = if text.is_escaped() { unescape_in_place(copy) } else { copy.len() };
    let address = Address::parse(copy.get(..length)?);
    let is_ours = address.node.is_none_or(|theirs| is_same_node(node.as_bytes(), theirs));
    if is_ours { address.resource } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::{OPENSHIFT_V1, OPENSHIFT_V2};

    const OWN: Own<'_> = Own { dialect: &OPENSHIFT_V2, endpoint: "http://a/event?x&y", node: "n1" };

    fn read(body: &str, step: usize, own: Own<'_>) -> Result<std::vec::Vec<String>, Error> {
        let mut listing = Listing::new();
        let mut found = vec![];
        let mut window = vec![];
        let mut unread = body.as_bytes();
        loop {
            let (piece, after) = unread.split_at(step.min(unread.len()));
            window.extend_from_slice(piece);
            unread = after;
            let rest = match unread {
                [] => Rest::Ended,
                _ if window.len() >= 32 => Rest::Blocked,
                _ => Rest::Awaited,
            };
            let consumed = listing.read(&window, rest, own, |entry| {
                found.push(format!(
                    "{} {:?} {:?}",
                    String::from_utf8_lossy(&entry.id),
                    entry.is_ours,
                    entry.resource
                ));
            })?;
            window.drain(..consumed);
            if rest == Rest::Ended {
                return Ok(found);
            }
        }
    }

    const LIST: &str = r#"[
 {"ResourceAddress": "/cluster/node/n1/sync/ptp-status/lock-state",
  "EndpointUri": "http://a/event?x\u0026y", "SubscriptionId": "id-1", "more": {"SubscriptionId": "no", "x": [{}]}},
 {"EndpointUri": "http://b/event", "SubscriptionId": "id-2", "ResourceAddress": "/cluster/node/n2/sync/ptp-status/lock-state"},
 {"SubscriptionId": "id-3", "ResourceAddress": "\/cluster\/node\/N1\/sync\/ptp-status\/clock-class", "EndpointUri": null}]"#;

    #[test]
    fn a_list_is_read_whole_and_in_pieces() {
        let expected =
            ["id-1 Some(true) Some(LockState)", "id-2 Some(false) None", "id-3 None Some(ClockClass)"];
        assert_eq!(read(LIST, usize::MAX, OWN).unwrap(), expected);
    }

    #[test]
    fn tokens_too_long_for_the_window_are_passed_over() {
        for step in [1, 7, 31] {
            let found = read(LIST, step, OWN).unwrap();
            assert_eq!(found.len(), 3, "{step}");
            assert!(found[0].starts_with("id-1 Some(true)"), "{step} {found:?}");
        }
    }

    #[test]
    fn what_is_passed_over_is_not_ours() {
        let long = "x".repeat(100);
        let list = format!(
            r#"[{{"SubscriptionId":"a","EndpointUri":"{long}"}},
                {{"EndpointUri":"http://a/event?x&y","SubscriptionId":"b","SubscriptionId":"{long}",
                "ResourceAddress":"PTP","ResourceAddress":"{long}"}}]"#
        );
        for step in [1, 7, 31, usize::MAX] {
            let found = read(&list, step, OWN).unwrap();
            assert_eq!(found, ["a Some(false) None", " Some(true) None"], "{step}");
        }
    }

    #[test]
    fn one_subscription_and_none() {
        let one = r#"{"id":"a","endpointUri":"http://a/event?x&y","uriLocation":"u","resource":"/cluster/node/n1/sync/ptp-status/ptp-clock-class-change"}"#;
        let own = Own { dialect: &OPENSHIFT_V1, ..OWN };
        assert_eq!(read(one, usize::MAX, own).unwrap(), ["a Some(true) Some(ClockClass)"]);
        for none in ["", " ", "null", "[]", "\"x\"", "[1,[],null]"] {
            assert!(read(none, usize::MAX, OWN).unwrap().is_empty(), "{none}");
        }
        assert!(read("[{]", usize::MAX, OWN).is_err());
    }

    #[test]
    fn a_list_is_told_from_anything_else() {
        for (body, is_list) in [
            ("", true),
            (" ", true),
            ("null", true),
            ("[]", true),
            (" [1]", true),
            ("{}", false),
            ("\"v1\"", false),
        ] {
            for split in 0..=body.len() {
                let mut listing = Listing::new();
                let (first, last) = body.as_bytes().split_at(split);
                let consumed = listing.read(first, Rest::Awaited, OWN, |_| ()).unwrap();
                listing.read(&[&first[consumed..], last].concat(), Rest::Ended, OWN, |_| ()).unwrap();
                assert_eq!(listing.is_list(), is_list, "{body} split at {split}");
            }
        }
    }
}
