//! `StarlingX`: the sidecar of API v1 and v2, and the one of `VMware` Telco Cloud, which descends from it.

use super::{Dialect, Piece, SubscriptionFields};

/// `StarlingX` 5 and later, the sidecar's API v1: the PTP lock alone, without addresses.
///
/// A second subscription is a second one, and delivered to twice; we never ask for it.
pub static STARLINGX_V1: Dialect = Dialect {
    name: "starlingx-v1",
    base: "/ocloudNotifications/v1",
    address: &[],
    current_state: &[Piece::Text("/PTP/CurrentState")],
    subscribe: &[
        Piece::Text("{\"ResourceType\":\"PTP\",\"ResourceQualifier\":{\"NodeName\":"),
        Piece::Node,
        Piece::Text("},\"EndpointUri\":"),
        Piece::Endpoint,
        Piece::Text("}"),
    ],
    fields: SubscriptionFields { id: "SubscriptionId", endpoint: "EndpointUri", address: "ResourceType" },
    suffixes: [Some(""), None, None, None, None, None, None],
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
    address: &[Piece::Text("/./"), Piece::Node, Piece::Suffix],
    current_state: &[Piece::Text("/./"), Piece::Node, Piece::Suffix, Piece::Text("/CurrentState")],
    subscribe: &[
        Piece::Text("{\"ResourceAddress\":"),
        Piece::Address,
        Piece::Text(",\"EndpointUri\":"),
        Piece::Endpoint,
        Piece::Text("}"),
    ],
    fields: SubscriptionFields { id: "SubscriptionId", endpoint: "EndpointUri", address: "ResourceAddress" },
    suffixes: [
        Some("/sync/ptp-status/lock-state"),
        Some("/sync/sync-status/os-clock-sync-state"),
        Some("/sync/ptp-status/clock-class"),
        Some("/sync/sync-status/sync-state"),
        Some("/sync/gnss-status/gnss-sync-status"),
        Some("/sync/synce-status/lock-state"),
        Some("/sync/synce-status/clock-quality"),
    ],
    reorders: false,
    has_one_subscription_per_resource: false,
    forgotten: &[],
    probe: Some("/ocloudNotifications/v2"),
    tries_endpoints: true,
};
