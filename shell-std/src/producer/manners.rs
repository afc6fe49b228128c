//! How the simulated producers differ, as tables: routes, spellings, refusals, deadlines.
//!
//! Each row was taken from what that producer was seen to do on the wire, or is documented to do.

use std::ops::RangeInclusive;

use super::address::Addressing;
use super::answer::Reply;
use super::clock::{Kind, State};
use super::endpoint::Client;
use super::envelope::Envelope;
use super::json::Json;
use super::openshift::{OPENSHIFT_V1, OPENSHIFT_V1_HYBRID, OPENSHIFT_V2, OPENSHIFT_V2_DAEMON};
use super::resources::Resource;
use super::server::Server;
use super::starlingx::{STARLINGX_V1, STARLINGX_V2, STARLINGX_V2_LEGACY, VMWARE};

/// The habits of one producer in one version.
#[derive(Debug)]
pub struct Manners {
    /// What a command line calls it.
    pub name: &'static str,
    /// The dialect in which consumers speak to it.
    pub dialect: &'static str,
    /// Path in front of every route.
    pub base: &'static str,
    /// What is at paths where the answer to GET never changes, such as that to a probe.
    pub(super) pages: &'static [(&'static str, Reply)],
    pub(super) server: &'static Server,
    pub(super) client: &'static Client,
    pub(super) json: &'static Json,
    /// Ends every body.
    pub(super) body_end: &'static str,
    pub(super) addressing: Addressing,
    /// The resources it knows; of two of a kind it publishes the first.
    pub(super) resources: &'static [Resource],
    pub(super) names: &'static Names,
    /// Speaks of the node's first PTP clock alone.
    pub(super) has_one_clock: bool,
    /// Keys of a subscribe body: the endpoint's, then the resource's.
    pub(super) subscribe_keys: [&'static str; 2],
    /// The key of the object that the resource's key stands in, if it does not stand beside the endpoint's.
    pub(super) qualifier: Option<&'static str>,
    /// The only keys that a subscribe body may have, in this case; none: all, in any case.
    pub(super) known_keys: &'static [&'static str],
    /// A subscribe body has to be called `application/json`.
    pub(super) needs_media_type: bool,
    /// Takes any resource and even an empty endpoint; otherwise both are checked.
    pub(super) takes_anything: bool,
    /// Members of a subscription in answers, in order.
    pub(super) subscription: &'static [(&'static str, Member)],
    /// The list is pretty-printed.
    pub(super) indents_list: bool,
    /// The list is read from the store on disk, not from memory.
    pub(super) lists_disk: bool,
    /// How the answer to CurrentState looks.
    pub(super) current: &'static Envelope,
    /// How an event looks that an endpoint is tried with.
    pub(super) initial: &'static Envelope,
    /// How a pushed event looks.
    pub(super) push: &'static Envelope,
    /// What a callback is tried with while the subscriber waits for the answer.
    pub(super) check: Check,
    /// How long that callback may take.
    pub(super) check_ns: u64,
    /// The answers to a callback that are as good as a 204.
    pub(super) accepts: RangeInclusive<u16>,
    /// How often a callback is tried.
    pub(super) tries: u8,
    /// What the second subscription to a resource gets.
    pub(super) duplicate: Duplicate,
    /// Refusals and short answers.
    pub(super) replies: &'static Replies,
    /// How long it looks for a node that there is not.
    pub(super) node_wait_ns: u64,
    /// One loop sends all pushes in turn; otherwise each goes its own way, at once.
    pub(super) sequential: bool,
    /// An event goes to the first subscription that it matches, not to all.
    pub(super) pushes_to_first: bool,
    /// How long a push may take.
    pub(super) push_ns: u64,
    /// Pushes overtake one another when they are closer than this.
    pub(super) disorder_ns: u64,
    /// Failed pushes in a row after which an endpoint loses its subscriptions.
    pub(super) failures_max: Option<u32>,
    /// From the start of the process until it has data.
    pub(super) ready_ns: u64,
    /// What the OS clock does when the PTP clock changes.
    pub(super) follows: &'static [Follow],
}

/// What clocks are called.
#[derive(Debug)]
pub(super) struct Names {
    /// A PTP clock, with its number behind this; `None`: by its network interface.
    pub(super) ptp: Option<&'static str>,
    /// The OS clock; empty: nothing.
    pub(super) os: &'static str,
    /// The GNSS receiver; `None`: by its PTP clock.
    pub(super) gnss: Option<&'static str>,
    /// The SyncE clock; `None`: by its network interface.
    pub(super) synce: Option<&'static str>,
}

/// What stands in one member of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Member {
    Fixed(&'static str),
    Id,
    Endpoint,
    Location,
    Resource,
    /// The resource in an object, under this key.
    Qualifier(&'static str),
}

/// The request that tries a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// There is none.
    None,
    /// A POST without a body.
    Empty,
    /// The current state of each instance.
    State,
    /// The current state of all instances, or a placeholder where there is none.
    StateOrPlaceholder,
}

/// What the second subscription to a resource gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Duplicate {
    /// The first one, whoever holds it, and deleting that leaves one which goes on delivering.
    Old,
    /// A second one.
    Another,
    /// A refusal, if the endpoint is the same too.
    Conflict,
    /// A refusal, if the endpoint is the same too and one address is the other one or its parent.
    Overlap,
}

/// The short answers.
#[derive(Debug)]
pub(super) struct Replies {
    /// To a path that is none.
    pub(super) no_page: Reply,
    /// With the hole `$method`.
    pub(super) wrong_method: Reply,
    /// To a subscribe body that is not called JSON, with the hole `$body`.
    pub(super) wrong_media_type: Reply,
    /// To one that is no JSON.
    pub(super) malformed: Reply,
    /// To one with keys too many, with the holes `$attributes` and `$keys`.
    pub(super) unknown_keys: Reply,
    /// To one that lacks something.
    pub(super) incomplete: Reply,
    /// The endpoint answered wrong, with the hole `$uri`.
    pub(super) check_failed: Reply,
    /// The endpoint did not answer, with the holes `$uri` and `$cause`.
    pub(super) unreachable: Reply,
    pub(super) bad_address: Reply,
    pub(super) unknown_node: Reply,
    /// With the hole `$resource`.
    pub(super) unknown_resource: Reply,
    /// To a subscriber before there is data.
    pub(super) not_ready: Reply,
    /// With the hole `$old`: the subscription that stands in the way.
    pub(super) conflict: Reply,
    pub(super) unknown_id: Reply,
    pub(super) deleted: Reply,
    pub(super) deleted_nothing: Reply,
    /// `None`: that cannot be asked for.
    pub(super) deleted_all: Option<Reply>,
    pub(super) list_never_used: Reply,
    pub(super) list_empty: Reply,
    /// CurrentState where nobody subscribed; `None`: that does not matter.
    pub(super) not_subscribed: Option<Reply>,
    /// CurrentState where the publisher behind a sidecar has forgotten it; `None`: there is none.
    pub(super) unregistered: Option<Unregistered>,
    /// CurrentState of what there is not, or not yet.
    pub(super) not_served: Reply,
    /// CurrentState of what is not known.
    pub(super) no_data: Reply,
}

/// What a publisher says to a sidecar that it does not know.
#[derive(Debug)]
pub(super) struct Unregistered {
    /// Not at all.
    pub(super) client: Reply,
    /// Not as a subscriber to this, with the hole `$address`.
    pub(super) subscription: Reply,
}

/// The OS clock goes to `os` this long after the PTP clock went to `ptp`.
#[derive(Debug)]
pub(super) struct Follow {
    pub(super) ptp: State,
    pub(super) os: State,
    pub(super) after_ns: u64,
}

impl Manners {
    /// All producers that can be simulated.
    pub const ALL: [&'static Self; 8] = [
        &OPENSHIFT_V1,
        &OPENSHIFT_V1_HYBRID,
        &OPENSHIFT_V2,
        &OPENSHIFT_V2_DAEMON,
        &STARLINGX_V1,
        &STARLINGX_V2,
        &STARLINGX_V2_LEGACY,
        &VMWARE,
    ];

    /// The producer that a command line calls `name`.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.into_iter().find(|manners| manners.name == name)
    }

    /// The resource that it publishes a quantity as.
    pub(super) fn resource(&self, kind: Kind) -> Option<&'static Resource> {
        self.resources.iter().find(|resource| resource.kind == kind)
    }
}

#[cfg(test)]
mod tests {
    use ptpwatch_core::dialect;

    use super::*;

    /// What dialects say of producers is what these do.
    #[test]
    fn dialects_know_their_producers() {
        for manners in Manners::ALL {
            let dialect = dialect::from_name(manners.dialect).unwrap();
            assert_eq!(dialect.base, manners.base);
            assert_eq!(dialect.tries_endpoints, manners.check != Check::None, "{}", manners.name);
            let is_answered =
                |path| manners.pages.iter().any(|(page, reply)| *page == path && reply.status == 200);
            assert_eq!(dialect.probe.is_some_and(is_answered), dialect.probe.is_some(), "{}", manners.name);
            let is_shared = dialect.has_one_subscription_per_resource();
            assert_eq!(is_shared, manners.duplicate == Duplicate::Old, "{}", manners.name);
        }
    }
}
