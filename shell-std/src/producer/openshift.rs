//! The producers of OpenShift.

use ptpwatch_core::time::{MILLISECOND_NS, SECOND_NS};

use super::address::Addressing;
use super::answer::{Media, Reply};
use super::clock::State;
use super::envelope::{Envelope, Fill, Form, Slot, SynceQuality, SynceState};
use super::manners::{Check, Duplicate, Follow, Manners, Member, Names, Replies, Unregistered};
use super::resources::{
    CLOCK_CLASS, GNSS, LOCK_STATE, OS_CLOCK, SYNC_STATE, SYNCE_LOCK, SYNCE_QUALITY, V1_CLOCK_CLASS,
};
use super::{endpoint, json, server};

/// cloud-event-proxy of OpenShift 4.15: the sidecar in the consumer's pod.
pub static OPENSHIFT_V1: Manners = V1;

/// The same of OpenShift 4.16 to 4.18, which says v1 and has the values spelled as in v2.
pub static OPENSHIFT_V1_HYBRID: Manners = Manners {
    name: "openshift-v1-hybrid",
    resources: &[LOCK_STATE, OS_CLOCK, V1_CLOCK_CLASS, GNSS, SYNC_STATE, SYNCE_LOCK, SYNCE_QUALITY],
    push: &Envelope { value: V2_VALUE, floats: false, synce_state: SynceState::Zero, ..V1_PUSH },
    current: &Envelope { value: V2_VALUE, synce_state: SynceState::Zero, ..V1_CURRENT },
    replies: &Replies {
        deleted_nothing: Reply::json(400, r#"{"error":"subscription not found"}"#),
        ..V1_REPLIES
    },
    ..V1
};

/// cloud-event-proxy as developed after OpenShift 4.18: the publisher on the node.
pub static OPENSHIFT_V2: Manners = V2;

/// The newer producer in the node's own daemon. Its bodies come from an encoder that ends them with a newline.
pub static OPENSHIFT_V2_DAEMON: Manners = Manners {
    name: "openshift-v2-daemon",
    dialect: "openshift-v2-daemon",
    pages: &[],
    body_end: "\n",
    check: Check::None,
    duplicate: Duplicate::Another,
    replies: &Replies {
        list_never_used: Reply::json(200, "null\n"),
        list_empty: Reply::json(200, "null\n"),
        ..V2_REPLIES
    },
    ..V2
};

const V1: Manners = Manners {
    name: "openshift-v1",
    dialect: "openshift-v1",
    base: "/api/ocloudNotifications/v1",
    pages: &[("/api/ocloudNotifications/v1/health", HEALTHY)],
    server: &server::GO,
    client: &endpoint::GO,
    json: &json::GO,
    body_end: "",
    addressing: Addressing::Letters,
    resources: &[LOCK_STATE, OS_CLOCK, V1_CLOCK_CLASS, GNSS, SYNC_STATE],
    names: &Names { ptp: None, os: "CLOCK_REALTIME", gnss: None, synce: None },
    has_one_clock: false,
    subscribe_keys: ["endpointUri", "resource"],
    qualifier: None,
    known_keys: &[],
    needs_media_type: false,
    takes_anything: true,
    subscription: &[
        ("id", Member::Id),
        ("endpointUri", Member::Endpoint),
        ("uriLocation", Member::Location),
        ("resource", Member::Resource),
    ],
    indents_list: true,
    lists_disk: true,
    current: &V1_CURRENT,
    initial: &V1_CURRENT,
    push: &V1_PUSH,
    check: Check::Empty,
    check_ns: 10 * SECOND_NS,
    accepts: 204..=204,
    tries: 1,
    duplicate: Duplicate::Old,
    replies: &V1_REPLIES,
    node_wait_ns: 0,
    sequential: false,
    pushes_to_first: false,
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

const V2: Manners = Manners {
    name: "openshift-v2",
    dialect: "openshift-v2",
    base: "/api/ocloudNotifications/v2",
    pages: &[("/api/ocloudNotifications/v2/health", HEALTHY)],
    resources: &[
        LOCK_STATE,
        OS_CLOCK,
        CLOCK_CLASS,
        GNSS,
        SYNC_STATE,
        SYNCE_LOCK,
        SYNCE_QUALITY,
        // Subscribers may still use the old name; they get the first notification and nothing after it.
        V1_CLOCK_CLASS,
    ],
    subscribe_keys: ["EndpointUri", "ResourceAddress"],
    takes_anything: false,
    subscription: &[
        ("ResourceAddress", Member::Resource),
        ("EndpointUri", Member::Endpoint),
        ("SubscriptionId", Member::Id),
        ("UriLocation", Member::Location),
    ],
    lists_disk: false,
    current: &V2_CURRENT,
    initial: &V2_CURRENT,
    push: &V2_PUSH,
    check: Check::StateOrPlaceholder,
    check_ns: 2 * SECOND_NS,
    duplicate: Duplicate::Conflict,
    replies: &V2_REPLIES,
    sequential: true,
    disorder_ns: 0,
    failures_max: Some(10),
    ready_ns: 4 * SECOND_NS,
    follows: &[
        Follow { ptp: State::Locked, os: State::Locked, after_ns: 50 * MILLISECOND_NS },
        Follow { ptp: State::Holdover, os: State::Holdover, after_ns: 50 * MILLISECOND_NS },
        Follow { ptp: State::Freerun, os: State::Freerun, after_ns: 50 * MILLISECOND_NS },
    ],
    ..V1
};

const V1_REPLIES: Replies = Replies {
    no_page: Reply { status: 404, media: Media::Page, body: "404 page not found\n" },
    wrong_method: Reply::bare(405),
    wrong_media_type: Reply::bare(400),
    malformed: Reply::json(400, r#"{"error":"marshalling error"}"#),
    unknown_keys: Reply::bare(400),
    incomplete: Reply::bare(400),
    check_failed: Reply::json(
        400,
        r#"{"error":"return url validation check failed for create subscription.check endpointURI"}"#,
    ),
    unreachable: Reply::json(400, r#"{"error":"Post \"$uri\": $cause"}"#),
    bad_address: Reply::bare(400),
    unknown_node: Reply::bare(404),
    unknown_resource: Reply::bare(404),
    not_ready: Reply::bare(404),
    conflict: Reply::bare(409),
    unknown_id: Reply::json(400, r#"{"error":"subscription not found"}"#),
    deleted: Reply::json(200, r#"{"status":"OK"}"#),
    deleted_nothing: Reply::json(200, r#"{"status":"OK"}"#),
    deleted_all: Some(Reply::json(200, r#"{"status":"deleted all subscriptions"}"#)),
    list_never_used: Reply::json(200, ""),
    list_empty: Reply::json(200, "[]"),
    not_subscribed: Some(Reply::json(400, r#"{"error":"subscription not found"}"#)),
    unregistered: Some(Unregistered {
        client: Reply::json(
            400,
            r#"{"error":"{\"message\":\"client is not registered with the event publisher http://localhost:9043 \"}\n"}"#,
        ),
        subscription: Reply::json(
            400,
            r#"{"error":"{\"message\":\"subscription for ($address) not found for the requesting client 5d1bc5a1-27fd-3c1a-8a5e-6c1a3f0e9b77\"}\n"}"#,
        ),
    }),
    not_served: V1_NO_DATA,
    no_data: V1_NO_DATA,
};

const V1_NO_DATA: Reply = Reply::json(400, r#"{"error":"{\"message\":\"event data not found\"}\n"}"#);

const V2_REPLIES: Replies = Replies {
    malformed: Reply::bare(400),
    check_failed: Reply::bare(400),
    unreachable: Reply::bare(400),
    unknown_id: Reply::bare(404),
    deleted: Reply::bare(204),
    deleted_nothing: Reply::bare(404),
    deleted_all: Some(Reply::bare(204)),
    list_never_used: Reply::json(200, "null"),
    list_empty: Reply::json(200, "null"),
    not_subscribed: Some(Reply::bare(404)),
    unregistered: None,
    not_served: Reply::bare(404),
    no_data: Reply::bare(404),
    ..V1_REPLIES
};

const HEALTHY: Reply = Reply { status: 200, media: Media::Sniffed, body: "OK" };

const V1_PUSH: Envelope = Envelope {
    members: &[
        ("id", Fill::SubscriptionId),
        ("type", Fill::Type),
        ("source", Fill::Address),
        ("dataContentType", Fill::Fixed("application/json")),
        ("time", Fill::Time),
        ("data", Fill::Data),
    ],
    floats: true,
    sync_state_by_cause: true,
    class_tail: "",
    ..V1_CURRENT
};

const V1_CURRENT: Envelope = Envelope {
    members: &[
        ("specversion", Fill::Fixed("0.3")),
        ("id", Fill::FreshId),
        ("source", Fill::Suffix),
        ("type", Fill::Type),
        ("subject", Fill::Address),
        ("datacontenttype", Fill::Fixed("application/json")),
        ("time", Fill::Time),
        ("data", Fill::Data),
    ],
    data_version: "v1",
    value: &[
        ("resource", Slot::Address),
        ("dataType", Slot::DataType),
        ("valueType", Slot::ValueType),
        ("value", Slot::Value),
    ],
    ..V2_CURRENT
};

const V2_PUSH: Envelope = Envelope {
    class_tail: "",
    synce_state: SynceState::Number,
    synce_quality: SynceQuality {
        tail: "/Ql",
        extended_tail: Some("/extQl"),
        is_bare: false,
        is_number: false,
    },
    ..V2_CURRENT
};

const V2_CURRENT: Envelope = Envelope {
    form: Form::Event,
    members: &[
        ("specversion", Fill::Fixed("1.0")),
        ("id", Fill::FreshId),
        ("source", Fill::Suffix),
        ("type", Fill::Type),
        ("time", Fill::Time),
        ("data", Fill::Data),
    ],
    data_version: "1.0",
    value: V2_VALUE,
    has_offsets: true,
    floats: false,
    number: "decimal64.3",
    sync_state_by_cause: false,
    class: "metric",
    class_tail: "/CLOCK_CLASS",
    synce_state: SynceState::Word,
    synce_quality: SynceQuality {
        tail: "/Ql",
        extended_tail: Some("/ExtQL"),
        is_bare: true,
        is_number: false,
    },
};

const V2_VALUE: &[(&str, Slot)] = &[
    ("ResourceAddress", Slot::Address),
    ("data_type", Slot::DataType),
    ("value_type", Slot::ValueType),
    ("value", Slot::Value),
];
