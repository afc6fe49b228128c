//! The producers of StarlingX, and VMware's, which descends from them.

use ptpwatch_core::time::{MILLISECOND_NS, SECOND_NS};

use super::address::Addressing;
use super::answer::{Media, Reply};
use super::clock::{Kind, State};
use super::envelope::{Envelope, Fill, Form, Slot, SynceQuality, SynceState};
use super::manners::{Check, Duplicate, Follow, Manners, Member, Names, Replies};
use super::resources::{CLOCK_CLASS, GNSS, LOCK_STATE, OS_CLOCK, SYNC_STATE, SYNCE_LOCK, SYNCE_QUALITY};
use super::{endpoint, json, server};

/// The sidecar of StarlingX 5: the PTP lock of the node alone.
pub static STARLINGX_V1: Manners = Manners {
    name: "starlingx-v1",
    dialect: "starlingx-v1",
    base: "/ocloudNotifications/v1",
    pages: &[
        ("/ocloudNotifications", NAME),
        ("/ocloudNotifications/v1", Reply::json(200, "\"v1controller\"")),
    ],
    server: &server::WSGIREF,
    addressing: Addressing::Node,
    resources: &[LOCK_STATE],
    has_one_clock: true,
    subscribe_keys: ["EndpointUri", "NodeName"],
    qualifier: Some("ResourceQualifier"),
    known_keys: &["SubscriptionId", "ResourceType", "UriLocation", "EndpointUri", "ResourceQualifier"],
    subscription: &[
        ("SubscriptionId", Member::Id),
        ("ResourceType", Member::Fixed("PTP")),
        ("UriLocation", Member::Location),
        ("EndpointUri", Member::Endpoint),
        ("ResourceQualifier", Member::Qualifier("NodeName")),
    ],
    current: &FLAT,
    initial: &FLAT,
    push: &FLAT,
    duplicate: Duplicate::Another,
    replies: &Replies {
        incomplete: Reply::json(
            400,
            "{\"faultcode\": \"Client\", \"faultstring\": \"Invalid input for field/attribute ResourceQualifier. \
             Value: 'None'. Mandatory field missing.\", \"debuginfo\": null}",
        ),
        check_failed: NOT_UNDERSTOOD,
        unreachable: NOT_UNDERSTOOD,
        no_data: NOT_FOUND,
        ..REPLIES
    },
    pushes_to_first: false,
    ..V2
};

/// The sidecar of today's StarlingX.
pub static STARLINGX_V2: Manners = V2;

/// The same with the older format of events, which a setting brings back.
pub static STARLINGX_V2_LEGACY: Manners = Manners {
    name: "starlingx-v2-legacy",
    current: &Envelope { form: Form::Keyed, ..PULLED },
    initial: &Envelope { form: Form::KeyedArray, ..PULLED },
    push: &Envelope { form: Form::KeyedArray, ..PUSHED },
    replies: &Replies {
        unknown_resource: Reply::json(
            400,
            r#"{"faultcode": "Client", "faultstring": "Resource is invalid: $resource", "debuginfo": null}"#,
        ),
        no_data: Reply::json(200, "null"),
        ..REPLIES
    },
    ..V2
};

/// The sidecar of VMware Telco Cloud. Only its routes, addresses and bodies are documented; the rest is taken to be as in
/// StarlingX.
pub static VMWARE: Manners = Manners {
    name: "vmware",
    dialect: "vmware",
    base: "/ocloudNotifications/v1",
    pages: &[("/ocloudNotifications/api_versions", Reply::json(200, r#"{"SubscriptionVersion":["v1"]}"#))],
    names: &Names { ptp: Some("nic"), ..NAMES },
    ..V2
};

const V2: Manners = Manners {
    name: "starlingx-v2",
    dialect: "starlingx-v2",
    base: "/ocloudNotifications/v2",
    pages: &[
        ("/health", Reply::json(200, r#"{"health": true}"#)),
        ("/ocloudNotifications", NAME),
        ("/ocloudNotifications/v1", Reply::json(200, "\"v1controller\"")),
        ("/ocloudNotifications/v2", Reply::json(200, "\"v2controller\"")),
    ],
    server: &server::WAITRESS,
    client: &endpoint::REQUESTS,
    json: &json::PYTHON,
    body_end: "",
    addressing: Addressing::Tree,
    // In the order in which all of them are told at once.
    resources: &[GNSS, SYNCE_LOCK, SYNCE_QUALITY, CLOCK_CLASS, LOCK_STATE, OS_CLOCK, SYNC_STATE],
    names: &NAMES,
    has_one_clock: false,
    subscribe_keys: ["EndpointUri", "ResourceAddress"],
    qualifier: None,
    known_keys: &["SubscriptionId", "UriLocation", "EndpointUri", "ResourceAddress"],
    needs_media_type: true,
    takes_anything: false,
    subscription: &[
        ("SubscriptionId", Member::Id),
        ("UriLocation", Member::Location),
        ("EndpointUri", Member::Endpoint),
        ("ResourceAddress", Member::Resource),
    ],
    indents_list: false,
    lists_disk: false,
    current: &PULLED,
    initial: &Envelope { form: Form::Event, ..PULLED },
    push: &PUSHED,
    check: Check::State,
    check_ns: 2 * SECOND_NS,
    // An answer of 3xx is followed with a GET, which we take to succeed.
    accepts: 200..=399,
    tries: 3,
    duplicate: Duplicate::Overlap,
    replies: &REPLIES,
    node_wait_ns: 5 * SECOND_NS,
    sequential: true,
    pushes_to_first: true,
    push_ns: 2 * SECOND_NS,
    disorder_ns: 0,
    failures_max: None,
    ready_ns: 2 * SECOND_NS,
    // The OS clock is told by how far it is from the network card's clock, whatever that follows.
    follows: &[Follow { ptp: State::Locked, os: State::Locked, after_ns: 50 * MILLISECOND_NS }],
};

const NAMES: Names = Names { ptp: Some("ptp-inst"), os: "", gnss: Some("ts1"), synce: Some("synce-inst1") };

const REPLIES: Replies = Replies {
    no_page: NOT_FOUND,
    wrong_method: Reply {
        status: 405,
        media: Media::Html,
        body: "<html>\n <head>\n  <title>405 Method Not Allowed</title>\n </head>\n <body>\n  \
               <h1>405 Method Not Allowed</h1>\n  The method $method is not allowed for this resource. <br /><br />\n\
               \n </body>\n</html>",
    },
    wrong_media_type: Reply::json(
        400,
        r#"{"faultcode": "Client", "faultstring": "Unknown argument: \"$body\"", "debuginfo": null}"#,
    ),
    malformed: Reply::json(
        400,
        r#"{"faultcode": "Client", "faultstring": "Request is not in valid JSON format", "debuginfo": null}"#,
    ),
    unknown_keys: Reply::json(
        400,
        r#"{"faultcode": "Client", "faultstring": "Unknown $attributes for argument subscription: $keys", "debuginfo": null}"#,
    ),
    incomplete: NOT_UNDERSTOOD,
    check_failed: BAD_ENDPOINT,
    unreachable: BAD_ENDPOINT,
    bad_address: ERRED,
    unknown_node: NOT_FOUND,
    unknown_resource: ERRED,
    not_ready: NOT_FOUND,
    conflict: Reply::json(
        409,
        r#"{"faultcode": "Client", "faultstring": "Subscription already exists: $old", "debuginfo": null}"#,
    ),
    unknown_id: NOT_FOUND,
    deleted: Reply::bare(204),
    deleted_nothing: NOT_FOUND,
    deleted_all: None,
    list_never_used: Reply::json(200, "[]"),
    list_empty: Reply::json(200, "[]"),
    not_subscribed: None,
    unregistered: None,
    not_served: NOT_FOUND,
    no_data: Reply::json(200, "[]"),
};

const NAME: Reply = Reply::json(200, "\"ocloudNotification\"");

const NOT_FOUND: Reply =
    Reply::json(404, r#"{"status": 404, "message": "The resource could not be found."}"#);

const NOT_UNDERSTOOD: Reply = Reply::json(
    400,
    "{\"faultcode\": \"Client\", \"faultstring\": \"The server could not comply with the request since it is either \
     malformed or otherwise incorrect.\", \"debuginfo\": null}",
);

const BAD_ENDPOINT: Reply = Reply::json(
    400,
    r#"{"faultcode": "Client", "faultstring": "Endpoint is invalid: $uri", "debuginfo": null}"#,
);

const ERRED: Reply = Reply::json(
    500,
    "{\"faultcode\": \"Server\", \"faultstring\": \"The server has either erred or is incapable of performing the \
     requested operation.\", \"debuginfo\": null}",
);

const FLAT: Envelope = Envelope {
    form: Form::Event,
    members: &[
        ("ResourceType", Fill::Fixed("PTP")),
        ("EventData", Fill::State),
        ("ResourceQualifier", Fill::Node),
        ("EventTimestamp", Fill::ChangeSeconds),
    ],
    ..PULLED
};

const PUSHED: Envelope = Envelope {
    form: Form::Event,
    class: "notification",
    synce_quality: SynceQuality { is_number: true, ..PULLED.synce_quality },
    ..PULLED
};

const PULLED: Envelope = Envelope {
    form: Form::Array { bare: Kind::SyncState },
    members: &[
        ("id", Fill::FreshId),
        ("specversion", Fill::Fixed("1.0")),
        ("source", Fill::Suffix),
        ("type", Fill::Type),
        ("time", Fill::ChangeTime),
        ("data", Fill::Data),
    ],
    data_version: "1.0",
    value: &[
        ("data_type", Slot::DataType),
        ("ResourceAddress", Slot::Address),
        ("value_type", Slot::ValueType),
        ("value", Slot::Value),
    ],
    has_offsets: false,
    floats: false,
    number: "metric",
    sync_state_by_cause: false,
    class: "metric",
    class_tail: "",
    synce_state: SynceState::Word,
    synce_quality: SynceQuality { tail: "", extended_tail: None, is_bare: false, is_number: false },
};
