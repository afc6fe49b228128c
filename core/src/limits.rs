//! Every capacity and default duration, as sums, tied by constant assertions.

use crate::time::{MILLISECOND_NS, SECOND_NS};

/// Whether a second way to the same result is worth its code where it is faster. Where registers have 32 bits it is not:
/// with one way, all of a consumer fits 40 KiB.
pub(crate) const SPEED_IS_WORTH_CODE: bool = cfg!(target_pointer_width = "64");

/// Deepest nesting of arrays and objects that a JSON document may have.
pub const DEPTH_MAX: u32 = 32;

// The depth bitmap in `json::Scanner` is one `u32`.
const _: () = assert!(DEPTH_MAX <= u32::BITS);

// HTTP

/// Most header fields in one message head.
pub const HEADERS_MAX: usize = 32;

/// Longest head that is kept to know the next one by, in bytes: as Go's client and C's libcurl write it, with room for a
/// long Host; where registers have 32 bits, none is.
pub const CACHED_HEAD_MAX: usize = if SPEED_IS_WORTH_CODE { 256 } else { 0 };

/// Most empty lines passed over before a request line.
pub const EMPTY_LINES_MAX: usize = 4;

/// Most digits in a Content-Length.
pub const LENGTH_DIGITS_MAX: usize = 18;

/// Most hexadecimal digits in the size of a chunk.
pub const CHUNK_DIGITS_MAX: usize = 15;

/// Longest chunk extensions, in bytes.
pub const CHUNK_EXTENSION_MAX: usize = 256;

/// Longest line that opens a chunk, in bytes.
pub const CHUNK_LINE_MAX: usize = CHUNK_DIGITS_MAX + CHUNK_EXTENSION_MAX;

/// Longest trailer section, in bytes.
pub const TRAILERS_MAX: usize = 1024;

/// Most bytes of chunk framing that wait in a window for the next part: the end of a chunk, a size and the trailers. A
/// full window that is larger than this holds an incomplete head.
pub const FRAMING_MAX: usize = 2 + (CHUNK_LINE_MAX + 2) + (TRAILERS_MAX + 4);

// Neither a length nor the size of a chunk overflows a `u64`.
const _: () = assert!(LENGTH_DIGITS_MAX < 20 && CHUNK_DIGITS_MAX <= 16);

// Events

/// Longest body that events are read from, in bytes.
pub const BODY_MAX: usize = 65_535;

/// Most events read from one body: a `StarlingX` answer for a whole node holds nine.
pub const EVENTS_MAX: usize = 24;

/// Most values read from one body: two for each event, a state and its metric.
pub const VALUES_MAX: usize = 2 * EVENTS_MAX;

// Channels

/// Least channels: the PTP lock and the host's clock.
pub const CHANNELS_MIN: usize = 2;

/// Longest name of an instance, in bytes: an interface name of 15 with its VLANs, a slash and a port's role.
pub const INSTANCE_MAX: usize = 48;

/// Most channels that one message can speak of.
pub const UPDATES_MAX: usize = EVENTS_MAX;

/// Complete answers that must leave an instance out before it is gone.
pub const MISSING_MAX: u8 = 2;

/// How much older than the last push a push may be by its own time to count as late, in nanoseconds: as long as a value is
/// believed.
pub const LATE_TIME_NS: u64 = 60 * SECOND_NS;

/// How close behind a push that is younger by its own time a push must come to count as late, in nanoseconds.
pub const LATE_ARRIVAL_NS: u64 = 2 * SECOND_NS;

/// How long a late push waits for a poll to settle it, in nanoseconds.
pub const UNCONFIRMED_NS: u64 = SECOND_NS;

/// How long after a push a poll must be asked to be believed when it says better, in nanoseconds.
pub const SETTLE_NS: u64 = SECOND_NS;

/// How far apart two polls must be asked to contradict a push, in nanoseconds.
pub const SECOND_OPINION_NS: u64 = SECOND_NS;

/// Age at which an unconfirmed value is stale, in nanoseconds, unless the policy says otherwise.
pub const STALE_NS: u64 = 15 * SECOND_NS;

/// Age at which an unconfirmed value is void, in nanoseconds, unless the policy says otherwise.
pub const VOID_NS: u64 = 60 * SECOND_NS;

// Verdict

/// How long all must be well before the verdict says so, in nanoseconds, unless the policy says otherwise.
pub const RECOVER_NS: u64 = 3 * SECOND_NS;

/// How far apart the PTP lock's HOLDOVER and the host clock's FREERUN may come to be one event, in nanoseconds.
pub const FOLLOW_NS: u64 = SECOND_NS;

/// How long either of the two waits for the other, in nanoseconds.
pub const FOLLOW_WAIT_NS: u64 = 100 * MILLISECOND_NS;

/// How long after the PTP lock is back a host clock that had followed it has to be reported again, in nanoseconds: a
/// poll may have to wait out a settling time.
pub const FOLLOW_END_NS: u64 = SETTLE_NS + UNCONFIRMED_NS;

/// How long a clock class or a GNSS receiver must be degraded to cap the verdict, in nanoseconds.
pub const CAP_NS: u64 = 5 * SECOND_NS;

// A value must be stale before it is void.
const _: () = assert!(STALE_NS < VOID_NS);

// Addresses and messages to the producer

/// Longest name of a node, in bytes: a fully qualified domain name. RFC 1035 section 2.3.4.
pub const NODE_MAX: usize = 253;

/// Longest path that a producer's API is below, in bytes.
pub const BASE_MAX: usize = 32;

/// Longest resource address, in bytes: a prefix, the node, and the end that names the resource.
pub const ADDRESS_MAX: usize = 16 + NODE_MAX + 48;

/// Longest endpoint of ours that a producer is told, in bytes.
pub const ENDPOINT_MAX: usize = 384;

/// Longest authority of a producer (`host:port`), in bytes.
pub const AUTHORITY_MAX: usize = NODE_MAX + 8;

/// Longest id of a subscription, in bytes; a UUID has 36.
pub const SUBSCRIPTION_ID_MAX: usize = 64;

/// Longest head of a request, in bytes: its line, Host, and the three other fields it may have.
pub const REQUEST_HEAD_MAX: usize = BASE_MAX + ADDRESS_MAX + AUTHORITY_MAX + 160;

/// Longest body of a request, in bytes: an endpoint and an address, and the names of their fields.
pub const REQUEST_BODY_MAX: usize = ENDPOINT_MAX + ADDRESS_MAX + 64;

/// Longest request, in bytes.
pub const REQUEST_MAX: usize = REQUEST_HEAD_MAX + REQUEST_BODY_MAX;

/// Longest answer to a peer, in bytes.
pub const ANSWER_MAX: usize = 96;

// Connections

/// Longest body over the receive window that is read to its end, to be answered 204, in bytes.
pub const DRAIN_MAX: usize = 64 * 1024;

/// Smallest receive window: a head, or a notification with two values as OpenShift sends it.
pub const RX_MIN: usize = 1536;

/// Smallest send window of a peer: a 100 and the answer that follows it.
pub const TX_MIN: usize = 2 * ANSWER_MAX;

/// Least connections: one to the producer, and one from it.
pub const CONNS_MIN: usize = 2;

/// Most connections.
pub const CONNS_MAX: usize = 4096;

/// How long a peer may take for a head, in nanoseconds.
pub const HEAD_NS: u64 = 5 * SECOND_NS;

/// How long a peer may take for a body, and to take an answer, in nanoseconds.
pub const BODY_NS: u64 = 10 * SECOND_NS;

/// How long a connection must be idle to yield to a newcomer, in nanoseconds: Go's client keeps it for 90 s.
pub const IDLE_NS: u64 = 120 * SECOND_NS;

// A window full without a message part is a head that is too long, and every answer and request fits.
const _: () = assert!(RX_MIN > FRAMING_MAX && TX_MIN >= ANSWER_MAX);

// Sockets without an operating system

/// How long a peer may take to complete a TCP handshake, in nanoseconds: its first segment may be lost, and be sent again
/// after a second.
pub const HANDSHAKE_NS: u64 = 3 * SECOND_NS;

/// How long a peer waits for the next try to admit it, and for an address to send a reset to, in nanoseconds.
pub const RETRY_NS: u64 = 100 * MILLISECOND_NS;

// Producer

/// Time between two polls of a resource, in nanoseconds, unless the configuration says otherwise.
pub const POLL_NS: u64 = 5 * SECOND_NS;

/// Polls of a resource for each look at the list of subscriptions: a store that was emptied is noticed by no other sign.
pub const POLLS_PER_LIST: u64 = 2;

/// How long a producer may take to answer, in nanoseconds, unless the configuration says otherwise.
pub const REQUEST_NS: u64 = 10 * SECOND_NS;

/// Shortest wait after a failure, in nanoseconds; it doubles with each that follows.
pub const BACKOFF_MIN_NS: u64 = 100 * MILLISECOND_NS;

/// Longest wait after a failure, in nanoseconds.
pub const BACKOFF_MAX_NS: u64 = 5 * SECOND_NS;

/// Most subscriptions of ours that wait to be deleted.
pub const DELETIONS_MAX: usize = 8;

/// How long LOCKED must last for the holdover budget to be full again, in nanoseconds.
pub const REFILL_NS: u64 = 10 * SECOND_NS;

/// How long before the holdover budget ends the channels are polled once more, in nanoseconds.
pub const BUDGET_POLL_NS: u64 = SECOND_NS;

/// How long the producer's own state must differ to be mentioned, in nanoseconds.
pub const DISAGREEMENT_NS: u64 = 5 * SECOND_NS;

/// How long it must differ to be polled once more, in nanoseconds.
pub const DISAGREEMENT_POLL_NS: u64 = DISAGREEMENT_NS - SECOND_NS;

/// How long an offset must be confirmed without moving to be mentioned, in nanoseconds.
pub const FROZEN_NS: u64 = 60 * SECOND_NS;

/// An offset that a clock may have while it is LOCKED, in nanoseconds: `OpenShift`'s default threshold.
pub const USUAL_OFFSET_NS: u64 = 100;

/// How long after a late push a poll is asked again that has settled it, in nanoseconds.
pub const LOOK_AGAIN_NS: u64 = 2 * SETTLE_NS;

/// How far apart urgent polls of a resource are, in nanoseconds.
pub const URGENT_NS: u64 = 100 * MILLISECOND_NS;

// State page

/// How long a state page is believed without being renewed, in nanoseconds: so long a reader takes a writer for alive
/// that is gone. It is renewed at half of it.
pub const PAGE_LIFE_NS: u64 = SECOND_NS;

/// Most tries of one read of a state page. A write is a few nanoseconds long: it is in the way once, or its writer is
/// gone.
pub const PAGE_TRIES_MAX: usize = 16;
