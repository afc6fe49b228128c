//! How producers differ, as tables of templates.
//!
//! Everything that differs between producers stands in a [`Dialect`]; nothing else asks which one it is.

mod hand;
mod openshift;
mod starlingx;

pub use openshift::{OPENSHIFT_V1, OPENSHIFT_V2, OPENSHIFT_V2_DAEMON};
pub use starlingx::{STARLINGX_V1, STARLINGX_V2, VMWARE};

use crate::event::Resource;
use crate::http::Writer;

/// Every dialect.
pub static ALL: [&Dialect; 6] =
    [&OPENSHIFT_V1, &OPENSHIFT_V2, &OPENSHIFT_V2_DAEMON, &STARLINGX_V1, &STARLINGX_V2, &VMWARE];

/// The dialects that can be told by asking: each has a path of its own, and `OpenShift`'s newest comes first.
///
/// The daemon of `OpenShift` answers as the publisher does. `VMware`'s sidecar has the path of `StarlingX` v1 and another
/// form of subscription, so it has to be named.
pub static DETECTED: [&Dialect; 4] = [&OPENSHIFT_V2, &OPENSHIFT_V1, &STARLINGX_V2, &STARLINGX_V1];

/// The dialect with this [`name`](Dialect::name).
pub fn from_name(name: &str) -> Option<&'static Dialect> {
    ALL.into_iter().find(|dialect| dialect.name == name)
}

/// How one family of producers speaks.
#[derive(Debug)]
pub struct Dialect {
    /// The name in options.
    pub name: &'static str,
    /// The path that everything else is below.
    pub base: &'static str,
    /// What follows the base where the current state of a resource is asked for: a template.
    pub(crate) current_state: &'static str,
    /// The body that asks for a subscription: a template.
    pub(crate) subscribe: &'static str,
    /// The fields of a subscription, as the producer spells them.
    pub(crate) fields: SubscriptionFields,
    /// The end of each resource's address, in the order of their numbers; the producer has no resources behind the last.
    pub(crate) suffixes: &'static [&'static str],
    /// Whether the producer may deliver events out of order.
    pub(crate) reorders: bool,
    /// Whether there is one subscription for a resource, whoever asked for it: then a subscription with another
    /// endpoint is in the place of ours.
    pub(crate) has_one_subscription_per_resource: bool,
    /// What `CurrentState`'s refusal holds where the publisher behind a sidecar has forgotten a subscription that the
    /// sidecar goes on listing: no event will come before it is asked for again.
    pub(crate) forgotten: &'static [&'static str],
    /// What answers 200 while the producer is well; `None` where nothing does.
    pub probe: Option<&'static str>,
    /// Whether who subscribes is posted something before the answer, which depends on what comes back.
    pub tries_endpoints: bool,
}

/// The names of the fields of a subscription.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SubscriptionFields {
    pub(crate) id: &'static str,
    pub(crate) endpoint: &'static str,
    pub(crate) address: &'static str,
}

/// What fills a template.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filling<'f> {
    /// `%n`: the node's name.
    pub(crate) node: &'f str,
    /// `%e`: our endpoint, as a JSON string.
    pub(crate) endpoint: &'f str,
    /// `%i`: the id of a subscription.
    pub(crate) id: &'f [u8],
    /// `%s`: the end of the resource's address.
    pub(crate) resource: Resource,
}

impl Dialect {
    /// Whether the producer reports on `resource`.
    pub fn has(&self, resource: Resource) -> bool {
        self.suffix(resource).is_some()
    }

    /// Whether a refusal of `CurrentState` says that the subscription is forgotten.
    pub fn is_forgotten(&self, refusal: &[u8]) -> bool {
        self.forgotten.iter().any(|words| holds(refusal, words.as_bytes()))
    }

    pub(crate) fn suffix(&self, resource: Resource) -> Option<&'static str> {
        self.suffixes.get(resource.index()).copied()
    }

    /// A template with its places filled, in `buffer`; `None` if it does not fit.
    pub(crate) fn fill<'b>(
        &self,
        template: &str,
        filling: &Filling<'_>,
        buffer: &'b mut [u8],
    ) -> Option<&'b [u8]> {
        let mut writer = Writer::new(buffer);
        let mut bytes = template.bytes();
        while let Some(byte) = bytes.next() {
            match if byte == b'%' { bytes.next()? } else { 0 } {
                0 => writer.bytes(&[byte]),
                b'n' => writer.bytes(filling.node.as_bytes()),
                b's' => writer.bytes(self.suffix(filling.resource).unwrap_or("").as_bytes()),
                b'i' => writer.bytes(filling.id),
                _ => writer.json_text(filling.endpoint.as_bytes()),
            }
        }
        let length = writer.finish()?;
        buffer.get(..length)
    }
}

/// The ends of addresses as the specification spells them.
const SUFFIXES: &[&str] = &[
    Resource::LockState.suffix(),
    Resource::OsClock.suffix(),
    Resource::ClockClass.suffix(),
    Resource::SyncState.suffix(),
    Resource::Gnss.suffix(),
    Resource::SynceLock.suffix(),
    Resource::SynceQuality.suffix(),
];

/// Whether `words` stand anywhere in `text`.
fn holds(text: &[u8], words: &[u8]) -> bool {
    // Not `windows`, whose panic at a length of zero stays reachable.
    (0..text.len()).any(|start| text.get(start..).is_some_and(|rest| rest.starts_with(words)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{ADDRESS_MAX, BASE_MAX, NODE_MAX};

    const NODE: &str = "compute-1.example.com";

    fn filled(dialect: &Dialect, template: &str, resource: Resource) -> String {
        let mut buffer = [0; 512];
        let filling = Filling { node: NODE, endpoint: "http://[::1]:8989/event", id: b"17", resource };
        let filled = dialect.fill(template, &filling, &mut buffer).unwrap().to_vec();
        assert_eq!(dialect.fill(template, &filling, &mut buffer[..filled.len() - 1]), None);
        String::from_utf8(filled).unwrap()
    }

    fn body(dialect: &Dialect, resource: Resource) -> String {
        filled(dialect, dialect.subscribe, resource)
    }

    #[test]
    fn each_subscribes_in_its_spelling() {
        let node = NODE;
        let endpoint = "http://[::1]:8989/event";
        for (dialect, expected) in [
            (
                &OPENSHIFT_V1,
                format!(
                    r#"{{"endpointUri":"{endpoint}","resource":"/cluster/node/{node}/sync/ptp-status/lock-state"}}"#
                ),
            ),
            (
                &OPENSHIFT_V2,
                format!(
                    r#"{{"EndpointUri":"{endpoint}","ResourceAddress":"/cluster/node/{node}/sync/ptp-status/lock-state"}}"#
                ),
            ),
            (
                &STARLINGX_V1,
                format!(
                    r#"{{"ResourceType":"PTP","ResourceQualifier":{{"NodeName":"{node}"}},"EndpointUri":"{endpoint}"}}"#
                ),
            ),
            (
                &STARLINGX_V2,
                format!(
                    r#"{{"ResourceAddress":"/./{node}/sync/ptp-status/lock-state","EndpointUri":"{endpoint}"}}"#
                ),
            ),
        ] {
            assert_eq!(body(dialect, Resource::LockState), expected);
        }
        assert!(
            body(&OPENSHIFT_V1, Resource::ClockClass).contains("/sync/ptp-status/ptp-clock-class-change")
        );
    }

    #[test]
    fn names_are_unique_and_everything_fits() {
        for dialect in ALL {
            assert!(core::ptr::eq(from_name(dialect.name).unwrap(), dialect));
            assert!(dialect.base.len() <= BASE_MAX);
            for resource in Resource::ALL {
                assert_eq!(dialect.has(resource), dialect.suffix(resource).is_some());
                let target = filled(dialect, dialect.current_state, resource);
                let longest = target.len() - "/CurrentState".len() + NODE_MAX - NODE.len();
                assert!(longest <= ADDRESS_MAX, "{} {resource}", dialect.name);
            }
        }
    }

    #[test]
    fn templates_are_filled() {
        let fill = |template| filled(&OPENSHIFT_V1, template, Resource::ClockClass);
        assert_eq!(fill("/%n%s"), format!("/{NODE}/sync/ptp-status/ptp-clock-class-change"));
        assert_eq!(fill("/subscriptions/%i"), "/subscriptions/17");
        assert_eq!(fill(r#"{"a":%e}"#), r#"{"a":"http://[::1]:8989/event"}"#);
        for dialect in ALL {
            for template in [dialect.current_state, dialect.subscribe] {
                assert!(template.split('%').skip(1).all(|rest| rest.starts_with(['n', 's', 'e'])));
            }
        }
    }

    #[test]
    fn those_to_be_detected_have_paths_of_their_own() {
        let bases: std::collections::HashSet<_> = DETECTED.iter().map(|dialect| dialect.base).collect();
        assert_eq!(bases.len(), DETECTED.len());
    }
}
