//! `StarlingX`: the sidecar of API v1 and v2, and the one of `VMware` Telco Cloud, which descends from it.

use super::{Dialect, SUFFIXES, SubscriptionFields};

/// `StarlingX` 5 and later, the sidecar's API v1: the PTP lock alone, without addresses.
///
/// A second subscription is a second one, and delivered to twice; we never ask for it.
pub static STARLINGX_V1: Dialect = Dialect {
    name: "starlingx-v1",
    base: "/ocloudNotifications/v1",
    current_state: "/PTP/CurrentState",
    subscribe: r#"{"ResourceType":"PTP","ResourceQualifier":{"NodeName":"%n"},"EndpointUri":%e}"#,
    fields: SubscriptionFields { id: "SubscriptionId", endpoint: "EndpointUri", address: "ResourceType" },
    suffixes: &[""],
    reorders: false,
    has_one_subscription_per_resource: false,
    forgotten: &[],
    probe: Some("/ocloudNotifications/v1"),
    tries_endpoints: true,
};

/// `StarlingX` 8 and later, the sidecar's API v2.
///
/// Dot segments in a target stay as they are; a field too many in a subscription is refused.
pub static STARLINGX_V2: Dialect = V2;

/// `VMware` Telco Cloud: the path of `StarlingX` v1, and everything else as its v2.
pub static VMWARE: Dialect = Dialect {
    name: "vmware",
    base: "/ocloudNotifications/v1",
    probe: Some("/ocloudNotifications/api_versions"),
    ..V2
};

const V2: Dialect = Dialect {
    name: "starlingx-v2",
    base: "/ocloudNotifications/v2",
    current_state: "/./%n%s/CurrentState",
    subscribe: r#"{"ResourceAddress":"/./%n%s","EndpointUri":%e}"#,
    fields: SubscriptionFields { id: "SubscriptionId", endpoint: "EndpointUri", address: "ResourceAddress" },
    suffixes: SUFFIXES,
    reorders: false,
    has_one_subscription_per_resource: false,
    forgotten: &[],
    probe: Some("/ocloudNotifications/v2"),
    tries_endpoints: true,
};
