//! How the simulated producers differ, as tables: routes, spellings, refusals, deadlines.
//!
//! Each row was taken from what that producer was seen to do on the wire.

use super::clock::{Kind, State};
use super::openshift::{OPENSHIFT_V1, OPENSHIFT_V2};

/// The habits of one producer in one version.
#[derive(Debug)]
pub struct Manners {
    /// What a command line calls it.
    pub name: &'static str,
    /// Path in front of every route.
    pub base: &'static str,
    /// The resources it knows; of two of a kind it publishes the first.
    pub(super) resources: &'static [Resource],
    /// Keys of a subscribe body: the endpoint's, then the resource's.
    pub(super) subscribe_keys: [&'static str; 2],
    /// Members of a subscription in answers, in order.
    pub(super) subscription: &'static [(&'static str, Member)],
    /// How a pushed event looks.
    pub(super) push: Envelope,
    /// How the answer to CurrentState looks.
    pub(super) current: Envelope,
    /// Takes any resource and even an empty endpoint; otherwise both are checked.
    pub(super) takes_anything: bool,
    /// What a callback is tried with while the subscriber waits for the answer.
    pub(super) check: Check,
    /// How long that callback may take.
    pub(super) check_ns: u64,
    /// What the second subscription to a resource gets.
    pub(super) duplicate: Duplicate,
    /// Refusals and short answers.
    pub(super) replies: Replies,
    /// A refused subscription says why in an `error` member.
    pub(super) explains: bool,
    /// The list is read from the store on disk, not from memory.
    pub(super) lists_disk: bool,
    /// One loop sends all pushes in turn; otherwise each goes its own way, at once.
    pub(super) sequential: bool,
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

/// One resource and what events about it are called.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) kind: Kind,
    pub(super) suffix: &'static str,
    pub(super) event_type: &'static str,
}

/// What stands in one member of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Member {
    Id,
    Endpoint,
    Location,
    Resource,
}

/// The frame around the values of an event.
#[derive(Debug)]
pub(super) struct Envelope {
    pub(super) members: &'static [(&'static str, Fill)],
    pub(super) data_version: &'static str,
    /// Keys of a value: address, data type, value type, value.
    pub(super) value_keys: [&'static str; 4],
    /// Metrics went through a float: `-2.16213e+06`.
    pub(super) floats: bool,
    /// The overall state is filed under the clock that changed it; otherwise under its own address.
    pub(super) sync_state_by_cause: bool,
    /// Ends the address of a clock class.
    pub(super) class_tail: &'static str,
}

/// What stands in one member of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fill {
    Fixed(&'static str),
    FreshId,
    SubscriptionId,
    Suffix,
    Address,
    Type,
    Time,
}

/// The request that tries a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// A POST without a body.
    Empty,
    /// The current state, or a placeholder where there is none.
    InitialEvent,
}

/// What the second subscription to a resource gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Duplicate {
    /// The first one, whoever holds it, and deleting that leaves one which goes on delivering.
    Old,
    /// A refusal, if the endpoint is the same too.
    Conflict,
}

/// A status and, as JSON, a body that never changes. An empty body is sent as JSON all the same; `None` is no body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Option<&'static str>,
}

/// The short answers.
#[derive(Debug)]
pub(super) struct Replies {
    pub(super) malformed: Reply,
    pub(super) check_failed: Reply,
    pub(super) unknown_resource: Reply,
    pub(super) conflict: Reply,
    pub(super) unknown_id: Reply,
    pub(super) deleted: Reply,
    pub(super) deleted_nothing: Reply,
    pub(super) deleted_all: Reply,
    pub(super) list_never_used: Reply,
    pub(super) list_empty: Reply,
    pub(super) not_subscribed: Reply,
    pub(super) no_data: Reply,
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
    pub const ALL: [&'static Self; 2] = [&OPENSHIFT_V1, &OPENSHIFT_V2];

    /// The producer that a command line calls `name`.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.into_iter().find(|manners| manners.name == name)
    }

    /// The resource that it publishes a quantity as.
    pub(super) fn resource(&self, kind: Kind) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.kind == kind)
    }

    /// The resource that an address is about: its suffix may stand anywhere in it.
    pub(super) fn resource_in(&self, address: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| address.contains(resource.suffix))
    }
}
