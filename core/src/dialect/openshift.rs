//! `OpenShift`: the sidecar of API v1 (4.10 to 4.18), the publisher of API v2 (4.16 and later), and the daemon that is to
//! follow it.

use super::{Dialect, SUFFIXES, SubscriptionFields};

const CURRENT_STATE: &str = "/cluster/node/%n%s/CurrentState";

/// The sidecar in the consumer's pod, REST API v1.
///
/// Each event travels in a task of its own, so that a burst arrives in any order; a second subscription to a resource
/// is answered 201 with the first one, its endpoint included.
pub static OPENSHIFT_V1: Dialect = Dialect {
    name: "openshift-v1",
    base: "/api/ocloudNotifications/v1",
    current_state: CURRENT_STATE,
    subscribe: r#"{"endpointUri":%e,"resource":"/cluster/node/%n%s"}"#,
    fields: SubscriptionFields { id: "id", endpoint: "endpointUri", address: "resource" },
    suffixes: &[
        "/sync/ptp-status/lock-state",
        "/sync/sync-status/os-clock-sync-state",
        "/sync/ptp-status/ptp-clock-class-change",
        "/sync/sync-status/sync-state",
        "/sync/gnss-status/gnss-sync-status",
    ],
    reorders: true,
    has_one_subscription_per_resource: true,
    forgotten: &["not registered with the event publisher", "not found for the requesting client"],
    probe: Some("/api/ocloudNotifications/v1/health"),
    tries_endpoints: true,
};

/// The publisher on the node, REST API v2, which follows O-RAN.WG6 O-Cloud Notification API v04.00.
pub static OPENSHIFT_V2: Dialect = V2;

/// The producer in the node's own daemon, REST API v2: it does not check the endpoint, and takes a second subscription
/// to a resource for another one, which it delivers to as well. We never ask for a second.
pub static OPENSHIFT_V2_DAEMON: Dialect =
    Dialect { name: "openshift-v2-daemon", probe: None, tries_endpoints: false, ..V2 };

const V2: Dialect = Dialect {
    name: "openshift-v2",
    base: "/api/ocloudNotifications/v2",
    current_state: CURRENT_STATE,
    subscribe: r#"{"EndpointUri":%e,"ResourceAddress":"/cluster/node/%n%s"}"#,
    fields: SubscriptionFields { id: "SubscriptionId", endpoint: "EndpointUri", address: "ResourceAddress" },
    suffixes: SUFFIXES,
    reorders: false,
    has_one_subscription_per_resource: false,
    forgotten: &[],
    probe: Some("/api/ocloudNotifications/v2/health"),
    tries_endpoints: true,
};
