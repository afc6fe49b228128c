//! How producers differ, as tables of template parts.
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
    /// The address of a resource.
    pub(crate) address: &'static [Piece],
    /// What follows the base where the current state of a resource is asked for.
    pub(crate) current_state: &'static [Piece],
    /// The body that asks for a subscription.
    pub(crate) subscribe: &'static [Piece],
    /// The fields of a subscription, as the producer spells them.
    pub(crate) fields: SubscriptionFields,
    /// The end of each resource's address, in the order of their numbers; `None` where the producer has no such
    /// resource.
    pub(crate) suffixes: [Option<&'static str>; Resource::COUNT],
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

/// A part of a template.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Piece {
    /// Text as it stands.
    Text(&'static str),
    /// The node's name.
    Node,
    /// The end of the resource's address.
    Suffix,
    /// The resource's address, as a JSON string.
    Address,
    /// Our endpoint, as a JSON string.
    Endpoint,
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
    pub(crate) node: &'f str,
    pub(crate) endpoint: &'f str,
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
        self.suffixes.get(resource.index()).copied().flatten()
    }

    /// What follows the base where the current state of `resource` is asked for, in pieces.
    pub(crate) fn current_state<'f>(&self, resource: Resource, filling: Filling<'f>) -> Pieces<'f> {
        self.fill(self.current_state, resource, filling)
    }

    fn fill<'f>(&self, template: &'static [Piece], resource: Resource, filling: Filling<'f>) -> Pieces<'f> {
        let mut pieces: Pieces<'f> = [b""; PIECES_MAX];
        for (piece, part) in pieces.iter_mut().zip(template) {
            *piece = match part {
                Piece::Text(text) => text.as_bytes(),
                Piece::Node => filling.node.as_bytes(),
                Piece::Suffix => self.suffix(resource).unwrap_or("").as_bytes(),
                Piece::Address | Piece::Endpoint => b"",
            };
        }
        pieces
    }

    /// Writes the body that asks for a subscription to `resource`.
    pub(crate) fn write_subscribe(&self, writer: &mut Writer<'_>, resource: Resource, filling: Filling<'_>) {
        for part in self.subscribe {
            match part {
                Piece::Text(text) => writer.bytes(text.as_bytes()),
                Piece::Node => writer.json_text(&[filling.node.as_bytes()]),
                Piece::Endpoint => writer.json_text(&[filling.endpoint.as_bytes()]),
                Piece::Address => writer.json_text(&self.fill(self.address, resource, filling)),
                Piece::Suffix => {}
            }
        }
    }
}

/// Whether `words` stand anywhere in `text`.
fn holds(text: &[u8], words: &[u8]) -> bool {
    // Not `windows`, whose panic at a length of zero stays reachable.
    (0..text.len()).any(|start| text.get(start..).is_some_and(|rest| rest.starts_with(words)))
}

/// A filled template, to be written one piece after the other.
pub(crate) type Pieces<'f> = [&'f [u8]; PIECES_MAX];

/// Most pieces of an address, or of what follows the base.
const PIECES_MAX: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    const FILLING: Filling<'_> =
        Filling { node: "compute-1.example.com", endpoint: "http://[::1]:8989/event" };

    fn body(dialect: &Dialect, resource: Resource) -> String {
        let mut buffer = [0; 512];
        let mut writer = Writer::new(&mut buffer);
        dialect.write_subscribe(&mut writer, resource, FILLING);
        let length = writer.finish().unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    }

    #[test]
    fn each_subscribes_in_its_spelling() {
        let node = "compute-1.example.com";
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
            assert!(dialect.address.len() <= PIECES_MAX && dialect.current_state.len() <= PIECES_MAX);
            assert!(dialect.base.len() <= crate::limits::BASE_MAX);
            for resource in Resource::ALL {
                assert_eq!(dialect.has(resource), dialect.suffixes[resource.index()].is_some());
                let target: usize =
                    dialect.current_state(resource, FILLING).iter().map(|piece| piece.len()).sum();
                let longest = target - "/CurrentState".len() + crate::limits::NODE_MAX - FILLING.node.len();
                assert!(longest <= crate::limits::ADDRESS_MAX, "{} {resource}", dialect.name);
            }
        }
    }

    #[test]
    fn those_to_be_detected_have_paths_of_their_own() {
        let bases: std::collections::HashSet<_> = DETECTED.iter().map(|dialect| dialect.base).collect();
        assert_eq!(bases.len(), DETECTED.len());
    }
}
