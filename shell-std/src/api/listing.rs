//! Subscriptions as a producer lists them, with all that it says of them.

use ptpwatch_core::dialect::Dialect;
use ptpwatch_core::event::{Address, Resource, is_same_node};
use ptpwatch_core::json::{Scanner, Text, Token};

/// One subscription; what it lacks is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) endpoint: String,
    /// What it is about, as the producer spells it.
    pub(crate) address: String,
}

impl Subscription {
    /// The resource of `node` that it is about, if it is about one.
    pub(crate) fn resource(&self, node: &str) -> Option<Resource> {
        // StarlingX v1 has no addresses, and one resource.
        if self.address.eq_ignore_ascii_case("PTP") {
            return Some(Resource::LockState);
        }
        let address = Address::parse(self.address.as_bytes());
        let is_ours = address.node.is_none_or(|theirs| is_same_node(node.as_bytes(), theirs));
        address.resource.filter(|_| is_ours)
    }
}

/// Reads a subscription, or a list of them, into `list`; `None` if the body is neither.
pub(super) fn read(body: &[u8], dialect: &Dialect, list: &mut Vec<Subscription>) -> Option<()> {
    let mut scanner = Scanner::new();
    let mut reader = scanner.read(body, true);
    // Depth inside the subscription that is being read; 0 is none.
    let mut depth = 0;
    let mut key = None;
    let mut is_first = true;
    while let Some(token) = reader.next_token().ok()? {
        if is_first && !matches!(token, Token::ArrayStart | Token::ObjectStart | Token::Null) {
            return None;
        }
        is_first = false;
        match token {
            Token::ObjectStart if depth == 0 => {
                depth = reader.depth();
                list.push(Subscription::default());
            }
            Token::ObjectEnd if reader.depth() < depth => depth = 0,
            Token::Key(text) if reader.depth() == depth => key = Some(text),
            Token::String(text) if reader.depth() == depth => {
                if let (Some(key), Some(last)) = (key, list.last_mut()) {
                    last.set(key, text, dialect.subscription_fields());
                }
            }
            _ => {}
        }
    }
    Some(())
}

impl Subscription {
    fn set(&mut self, key: Text<'_>, text: Text<'_>, names: [&str; 3]) {
        let fields = [&mut self.id, &mut self.endpoint, &mut self.address];
        for (name, field) in names.into_iter().zip(fields) {
            if key.is(name.as_bytes()) {
                let bytes: Vec<u8> = text.bytes().collect();
                *field = String::from_utf8_lossy(&bytes).into_owned();
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ptpwatch_core::dialect::{OPENSHIFT_V1, OPENSHIFT_V2, STARLINGX_V1};

    use super::*;

    fn listed(body: &[u8], dialect: &Dialect) -> Option<Vec<Subscription>> {
        let mut list = Vec::new();
        read(body, dialect, &mut list).map(|()| list)
    }

    #[test]
    fn lists_of_every_dialect() {
        let list = br#"[{"SubscriptionId":"a","EndpointUri":"http:\/\/h\/e","ResourceAddress":"/cluster/node/n1/sync/ptp-status/lock-state","x":{"SubscriptionId":"no"}},
            {"EndpointUri":null,"SubscriptionId":"b","ResourceAddress":"/cluster/node/n2/sync/ptp-status/lock-state"}]"#;
        let found = listed(list, &OPENSHIFT_V2).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].id.as_str(), found[0].endpoint.as_str()), ("a", "http://h/e"));
        assert_eq!((found[0].resource("n1"), found[0].resource("n2")), (Some(Resource::LockState), None));
        assert_eq!((found[1].id.as_str(), found[1].endpoint.as_str()), ("b", ""));
        let one = br#"{"id":"c","endpointUri":"","resource":"/cluster/node/n1/sync/ptp-status/ptp-clock-class-change"}"#;
        assert_eq!(listed(one, &OPENSHIFT_V1).unwrap()[0].resource("n1"), Some(Resource::ClockClass));
        let flat = br#"[{"SubscriptionId":"d","ResourceType":"PTP","EndpointUri":"e","ResourceQualifier":{"NodeName":"n"}}]"#;
        assert_eq!(listed(flat, &STARLINGX_V1).unwrap()[0].resource("n1"), Some(Resource::LockState));
    }

    #[test]
    fn a_list_is_told_from_anything_else() {
        for body in ["", " ", "null", "null\n", "[]"] {
            assert_eq!(listed(body.as_bytes(), &OPENSHIFT_V2), Some(Vec::new()), "{body}");
        }
        for body in ["\"v2controller\"", "404 page not found", "[{]", "true", "1"] {
            assert_eq!(listed(body.as_bytes(), &OPENSHIFT_V2), None, "{body}");
        }
    }
}
