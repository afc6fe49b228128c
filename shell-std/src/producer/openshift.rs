//! The producers of OpenShift.

use ptpwatch_core::time::{MILLISECOND_NS, SECOND_NS};

use super::clock::{Kind, State};
use super::manners::{Check, Duplicate, Envelope, Fill, Follow, Manners, Member, Replies, Reply, Resource};

/// cloud-event-proxy of OpenShift 4.15: the sidecar in the consumer's pod.
pub static OPENSHIFT_V1: Manners = Manners {
    name: "openshift-v1",
    base: "/api/ocloudNotifications/v1",
    resources: &[LOCK_STATE, OS_CLOCK, V1_CLOCK_CLASS, GNSS, SYNC_STATE],
    subscribe_keys: ["endpointUri", "resource"],
    subscription: &[
        ("id", Member::Id),
        ("endpointUri", Member::Endpoint),
        ("uriLocation", Member::Location),
        ("resource", Member::Resource),
    ],
    push: Envelope {
        members: &[
            ("id", Fill::SubscriptionId),
            ("type", Fill::Type),
            ("source", Fill::Address),
            ("dataContentType", Fill::Fixed("application/json")),
            ("time", Fill::Time),
        ],
        data_version: "v1",
        value_keys: V1_VALUE_KEYS,
        floats: true,
        sync_state_by_cause: true,
        class_tail: "",
    },
    current: Envelope {
        members: &[
            ("specversion", Fill::Fixed("0.3")),
            ("id", Fill::FreshId),
            ("source", Fill::Suffix),
            ("type", Fill::Type),
            ("subject", Fill::Address),
            ("datacontenttype", Fill::Fixed("application/json")),
            ("time", Fill::Time),
        ],
        data_version: "v1",
        value_keys: V1_VALUE_KEYS,
        floats: false,
        sync_state_by_cause: false,
        class_tail: "/CLOCK_CLASS",
    },
    takes_anything: true,
    check: Check::Empty,
    check_ns: 10 * SECOND_NS,
    duplicate: Duplicate::Old,
    replies: Replies {
        malformed: json(400, r#"{"error":"marshalling error"}"#),
        check_failed: json(
            400,
            r#"{"error":"return url validation check failed for create subscription.check endpointURI"}"#,
        ),
        unknown_resource: bare(404),
        conflict: bare(409),
        unknown_id: json(400, r#"{"error":"subscription not found"}"#),
        deleted: json(200, r#"{"status":"OK"}"#),
        deleted_nothing: json(200, r#"{"status":"OK"}"#),
        deleted_all: json(200, r#"{"status":"deleted all subscriptions"}"#),
        list_never_used: json(200, ""),
        list_empty: json(200, "[]"),
        not_subscribed: json(400, r#"{"error":"subscription not found"}"#),
        no_data: json(400, r#"{"error":"{\"message\":\"event data not found\"}\n"}"#),
    },
    explains: true,
    lists_disk: true,
    sequential: false,
    push_ns: 2 * SECOND_NS,
    disorder_ns: 3 * MILLISECOND_NS,
    failures_max: None,
    ready_ns: 2 * SECOND_NS,
    follows: &[
        Follow { ptp: State::Locked, os: State::Locked, after_ns: 50 * MILLISECOND_NS },
        Follow { ptp: State::Holdover, os: State::Freerun, after_ns: MILLISECOND_NS / 5 },
        Follow { ptp: State::Freerun, os: State::Freerun, after_ns: MILLISECOND_NS / 5 },
    ],
};

/// cloud-event-proxy as developed after OpenShift 4.18: the publisher on the node.
pub static OPENSHIFT_V2: Manners = Manners {
    name: "openshift-v2",
    base: "/api/ocloudNotifications/v2",
    resources: &[
        LOCK_STATE,
        OS_CLOCK,
        resource(Kind::ClockClass, "/sync/ptp-status/clock-class", CLASS_TYPE),
        GNSS,
        SYNC_STATE,
        resource(
            Kind::SynceLock,
            "/sync/synce-status/lock-state",
            "event.sync.synce-status.synce-state-change",
        ),
        resource(
            Kind::SynceQuality,
            "/sync/synce-status/clock-quality",
            "event.sync.synce-status.synce-clock-quality-change",
        ),
        // Subscribers may still use the old name; they get the first notification and nothing after it.
        V1_CLOCK_CLASS,
    ],
    subscribe_keys: ["EndpointUri", "ResourceAddress"],
    subscription: &[
        ("ResourceAddress", Member::Resource),
        ("EndpointUri", Member::Endpoint),
        ("SubscriptionId", Member::Id),
        ("UriLocation", Member::Location),
    ],
    push: Envelope { class_tail: "", ..V2_ENVELOPE },
    current: V2_ENVELOPE,
    takes_anything: false,
    check: Check::InitialEvent,
    check_ns: 2 * SECOND_NS,
    duplicate: Duplicate::Conflict,
    replies: Replies {
        malformed: bare(400),
        check_failed: bare(400),
        unknown_resource: bare(404),
        conflict: bare(409),
        unknown_id: bare(404),
        deleted: bare(204),
        deleted_nothing: bare(404),
        deleted_all: bare(204),
        list_never_used: json(200, "null"),
        list_empty: json(200, "null"),
        not_subscribed: bare(404),
        no_data: bare(404),
    },
    explains: false,
    lists_disk: false,
    sequential: true,
    push_ns: 2 * SECOND_NS,
    disorder_ns: 0,
    failures_max: Some(10),
    ready_ns: 4 * SECOND_NS,
    follows: &[
        Follow { ptp: State::Locked, os: State::Locked, after_ns: 50 * MILLISECOND_NS },
        Follow { ptp: State::Holdover, os: State::Holdover, after_ns: 50 * MILLISECOND_NS },
        Follow { ptp: State::Freerun, os: State::Freerun, after_ns: 50 * MILLISECOND_NS },
    ],
};

const V1_VALUE_KEYS: [&str; 4] = ["resource", "dataType", "valueType", "value"];

const V2_ENVELOPE: Envelope = Envelope {
    members: &[
        ("specversion", Fill::Fixed("1.0")),
        ("id", Fill::FreshId),
        ("source", Fill::Suffix),
        ("type", Fill::Type),
        ("time", Fill::Time),
    ],
    data_version: "1.0",
    value_keys: ["ResourceAddress", "data_type", "value_type", "value"],
    floats: false,
    sync_state_by_cause: false,
    class_tail: "/CLOCK_CLASS",
};

const LOCK_STATE: Resource =
    resource(Kind::LockState, "/sync/ptp-status/lock-state", "event.sync.ptp-status.ptp-state-change");
const OS_CLOCK: Resource = resource(
    Kind::OsClock,
    "/sync/sync-status/os-clock-sync-state",
    "event.sync.sync-status.os-clock-sync-state-change",
);
const GNSS: Resource =
    resource(Kind::Gnss, "/sync/gnss-status/gnss-sync-status", "event.sync.gnss-status.gnss-state-change");
const SYNC_STATE: Resource = resource(
    Kind::SyncState,
    "/sync/sync-status/sync-state",
    "event.sync.sync-status.synchronization-state-change",
);
const V1_CLOCK_CLASS: Resource =
    resource(Kind::ClockClass, "/sync/ptp-status/ptp-clock-class-change", CLASS_TYPE);
const CLASS_TYPE: &str = "event.sync.ptp-status.ptp-clock-class-change";

const fn json(status: u16, body: &'static str) -> Reply {
    Reply { status, body: Some(body) }
}

const fn bare(status: u16) -> Reply {
    Reply { status, body: None }
}

const fn resource(kind: Kind, suffix: &'static str, event_type: &'static str) -> Resource {
    Resource { kind, suffix, event_type }
}
