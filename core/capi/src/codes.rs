//! The integers of the interface: one table, in which no number is ever used again for something else.

use ptpwatch_core::event::{Resource, State, Word};
use ptpwatch_core::limits::INSTANCE_MAX;
use ptpwatch_core::verdict::Reason;

/// The version of this header: major * 65536 + minor * 256 + patch. That of the library is ptpwatch_version().
pub const PTPWATCH_VERSION: u32 = 0x0000_0100;

/// A point in time that never comes.
pub const PTPWATCH_NEVER: u64 = 0xFFFF_FFFF_FFFF_FFFF;

/// No connection: what a ptpwatch_conn is not.
pub const PTPWATCH_NO_CONN: u32 = 0;

// Memory

/// What the memory of a consumer has to be aligned to, in bytes. What malloc() gives is.
pub const PTPWATCH_ALIGN: usize = 16;

/// Profile: 2 connections, bodies of up to 1,536 bytes, 4 channels.
///
/// One connection goes to the producer, the other is for its notifications.
pub const PTPWATCH_PROFILE_SMALL: u32 = 1;

/// Profile: 4 connections, bodies of up to 8,192 bytes, 16 channels.
pub const PTPWATCH_PROFILE_DEFAULT: u32 = 2;

/// Profile: 64 connections, bodies of up to 8,192 bytes, 64 channels.
pub const PTPWATCH_PROFILE_LARGE: u32 = 3;

/// What ptpwatch_size(PTPWATCH_PROFILE_SMALL) never exceeds, in any version of this interface.
pub const PTPWATCH_SIZE_SMALL: usize = 16_384;

/// What ptpwatch_size(PTPWATCH_PROFILE_DEFAULT) never exceeds, in any version of this interface.
pub const PTPWATCH_SIZE_DEFAULT: usize = 57_344;

/// What ptpwatch_size(PTPWATCH_PROFILE_LARGE) never exceeds, in any version of this interface.
pub const PTPWATCH_SIZE_LARGE: usize = 655_360;

/// Connections of PTPWATCH_PROFILE_SMALL: ptpwatch_conn_index() is below it.
pub const PTPWATCH_CONNECTIONS_SMALL: u32 = 2;

/// Connections of PTPWATCH_PROFILE_DEFAULT: ptpwatch_conn_index() is below it.
pub const PTPWATCH_CONNECTIONS_DEFAULT: u32 = 4;

/// Connections of PTPWATCH_PROFILE_LARGE: ptpwatch_conn_index() is below it.
pub const PTPWATCH_CONNECTIONS_LARGE: u32 = 64;

/// Most classes in each list of a configuration.
pub const PTPWATCH_CLASSES_MAX: u32 = 64;

/// Most names of instances in a configuration.
pub const PTPWATCH_INSTANCES_MAX: u32 = 8;

/// Longest name of an instance, in bytes.
pub const PTPWATCH_INSTANCE_NAME_MAX: usize = 48;

/// Bytes of an instance's name in a struct: the longest, and zeros behind it.
pub const PTPWATCH_INSTANCE_SIZE: usize = 52;

/// Bytes of a dialect's name in a struct, and zeros behind it.
pub const PTPWATCH_DIALECT_SIZE: usize = 32;

/// Bytes of a state page.
pub const PTPWATCH_PAGE_SIZE: usize = 4288;

// Functions

/// Returned: it is done; or there is nothing to tell.
pub const PTPWATCH_OK: i32 = 0;

/// Returned: a pointer is null that must not be.
pub const PTPWATCH_ERROR_NULL: i32 = -1;

/// Returned: there is no such profile.
pub const PTPWATCH_ERROR_PROFILE: i32 = -2;

/// Returned: the memory is too small, or not aligned.
pub const PTPWATCH_ERROR_MEMORY: i32 = -3;

/// Returned: `struct_size` is too small, or is not the size that any version of the struct has.
pub const PTPWATCH_ERROR_STRUCT_SIZE: i32 = -4;

/// Returned: there is no consumer at this place. It was never made, has ended, or its memory was moved or overwritten.
pub const PTPWATCH_ERROR_CONSUMER: i32 = -5;

/// Returned: a number that is not in the table.
pub const PTPWATCH_ERROR_CODE: i32 = -6;

/// Returned: the caller's struct is newer than this library, and sets an option that the library does not know.
pub const PTPWATCH_ERROR_OPTION: i32 = -7;

/// Returned: the node's name is not 1 to 253 letters, digits, '-', '.' or '_'.
pub const PTPWATCH_ERROR_NODE: i32 = -8;

/// Returned: the producer's address is not a host and port without white space.
pub const PTPWATCH_ERROR_AUTHORITY: i32 = -9;

/// Returned: the endpoint is not an http:// URI with a host, of 384 bytes at most.
pub const PTPWATCH_ERROR_ENDPOINT: i32 = -10;

/// Returned: there is no such dialect.
pub const PTPWATCH_ERROR_DIALECT: i32 = -11;

/// Returned: `stale_ns` is below two poll intervals plus 5 s, or `poll_ns` is 0.
pub const PTPWATCH_ERROR_STALE: i32 = -12;

/// Returned: `void_ns` is below twice `stale_ns`.
pub const PTPWATCH_ERROR_VOID: i32 = -13;

/// Returned: the producer is given no time to answer.
pub const PTPWATCH_ERROR_DEADLINE: i32 = -14;

/// Returned: the policy requires a resource that is not followed, or nothing at all.
pub const PTPWATCH_ERROR_REQUIRED: i32 = -15;

/// Returned: a list of classes is too long, or a class is in both.
pub const PTPWATCH_ERROR_CLASSES: i32 = -16;

/// Returned: the names of instances are too many, too long, not UTF-8, or none where some are asked for.
pub const PTPWATCH_ERROR_INSTANCES: i32 = -17;

/// Returned: what is at the page's place is not a page of this version, nor zeros.
pub const PTPWATCH_ERROR_PAGE: i32 = -18;

// Actions and notices

/// Action: open a connection to the producer, then ptpwatch_handle_opened(), or ptpwatch_handle_closed() if it fails.
pub const PTPWATCH_ACTION_OPEN: i32 = 1;

/// Action: close the connection without a word; its ptpwatch_conn is worth nothing any more.
pub const PTPWATCH_ACTION_CLOSE: i32 = 2;

/// Action: there are bytes in the connection's ptpwatch_send_window() that you have not seen.
pub const PTPWATCH_ACTION_WRITE: i32 = 3;

/// Notice: a channel changed.
pub const PTPWATCH_NOTICE_CHANNEL: i32 = 1;

/// Notice: the verdict changed.
pub const PTPWATCH_NOTICE_VERDICT: i32 = 2;

/// Notice: the link to the producer changed.
pub const PTPWATCH_NOTICE_LINK: i32 = 3;

// States and reasons

/// State: no information. Never the same as Freerun: neither start nor stop RF for it.
pub const PTPWATCH_STATE_UNKNOWN: u32 = 0;

/// State: in step with its source. Transmit.
pub const PTPWATCH_STATE_LOCKED: u32 = 1;

/// State: without its source, and still as good as specified. Transmit; time is running.
pub const PTPWATCH_STATE_HOLDOVER: u32 = 2;

/// State: not to be trusted. O-RAN has the O-DU disable RF until the clock is synchronised again.
pub const PTPWATCH_STATE_FREERUN: u32 = 3;

/// Reason: not every required channel was confirmed since the start. Reasons are numbers of bits: PTPWATCH_BIT().
pub const PTPWATCH_REASON_STARTING: u32 = 0;

/// Reason: a required resource reports nothing.
pub const PTPWATCH_REASON_REQUIRED_MISSING: u32 = 1;

/// Reason: a required channel was not confirmed for too long.
pub const PTPWATCH_REASON_VOID: u32 = 2;

/// Reason: the producer does not answer.
pub const PTPWATCH_REASON_PRODUCER_LOST: u32 = 3;

/// Reason: a channel reported a word that is not in the specification.
pub const PTPWATCH_REASON_UNKNOWN_WORD: u32 = 4;

/// Reason: an instance named in the policy was never seen.
pub const PTPWATCH_REASON_INSTANCE_MISSING: u32 = 5;

/// Reason: the PTP lock is FREERUN.
pub const PTPWATCH_REASON_LOCK_FREERUN: u32 = 6;

/// Reason: the host's clock is FREERUN.
pub const PTPWATCH_REASON_OS_FREERUN: u32 = 7;

/// Reason: a required channel was not confirmed for longer than it should take.
pub const PTPWATCH_REASON_STALE: u32 = 8;

/// Reason: the policy's own holdover budget is spent.
pub const PTPWATCH_REASON_HOLDOVER_BUDGET_SPENT: u32 = 9;

/// Reason: the PTP lock is HOLDOVER.
pub const PTPWATCH_REASON_LOCK_HOLDOVER: u32 = 10;

/// Reason: the host's clock is HOLDOVER.
pub const PTPWATCH_REASON_OS_HOLDOVER: u32 = 11;

/// Reason: the host's clock is called FREERUN only because the PTP lock is HOLDOVER.
pub const PTPWATCH_REASON_OS_FOLLOWS: u32 = 12;

/// Reason: Holdover began before the first report.
pub const PTPWATCH_REASON_HOLDOVER_START_UNKNOWN: u32 = 13;

/// Reason: the clock class is a degraded one.
pub const PTPWATCH_REASON_CLASS: u32 = 14;

/// Reason: the GNSS receiver is not synchronised.
pub const PTPWATCH_REASON_GNSS: u32 = 15;

/// Reason: all is well again, not yet for long enough.
pub const PTPWATCH_REASON_RECOVERING: u32 = 16;

/// Reason: the producer's own overall state says otherwise.
pub const PTPWATCH_REASON_DISAGREEMENT: u32 = 17;

/// Reason: the grandmaster, or a clock on the way to it, is in holdover within its specification.
pub const PTPWATCH_REASON_CLASS_UPSTREAM_HOLDOVER: u32 = 18;

/// Reason: the clock class is one that the policy does not list.
pub const PTPWATCH_REASON_CLASS_UNKNOWN: u32 = 19;

/// Reason: synchronous Ethernet is not locked.
pub const PTPWATCH_REASON_SYNCE: u32 = 20;

/// Reason: no role was set; that of an ordinary clock is assumed.
pub const PTPWATCH_REASON_ROLE_ASSUMED: u32 = 21;

/// Reason: instances of one resource report different states, and the worst counts.
pub const PTPWATCH_REASON_INSTANCES_DIFFER: u32 = 22;

/// Reason: the worse of two pushes counts that came out of order, for want of a poll.
pub const PTPWATCH_REASON_UNCONFIRMED: u32 = 23;

/// Reason: the producer holds another consumer's subscription in the place of ours; polls alone tell of changes.
pub const PTPWATCH_REASON_SUBSCRIPTION_TAKEN: u32 = 24;

/// Reason: there are more channels than memory for them; a larger profile has more.
pub const PTPWATCH_REASON_CHANNELS_FULL: u32 = 25;

/// Reason: the offset has not moved by a nanosecond for long; the PTP daemon may hang.
pub const PTPWATCH_REASON_OFFSET_FROZEN: u32 = 26;

/// Reason: the producer has no data for a required resource yet.
pub const PTPWATCH_REASON_NO_DATA: u32 = 27;

// Resources and what they report

/// Resource: the PTP lock of a clock or network card. Resources are numbers of bits too: PTPWATCH_BIT().
pub const PTPWATCH_RESOURCE_LOCK_STATE: u32 = 0;

/// Resource: the host's CLOCK_REALTIME.
pub const PTPWATCH_RESOURCE_OS_CLOCK: u32 = 1;

/// Resource: the clock class of the grandmaster.
pub const PTPWATCH_RESOURCE_CLOCK_CLASS: u32 = 2;

/// Resource: the producer's own overall state.
pub const PTPWATCH_RESOURCE_SYNC_STATE: u32 = 3;

/// Resource: the GNSS receiver.
pub const PTPWATCH_RESOURCE_GNSS: u32 = 4;

/// Resource: the lock of synchronous Ethernet.
pub const PTPWATCH_RESOURCE_SYNCE_LOCK: u32 = 5;

/// Resource: the quality level of synchronous Ethernet.
pub const PTPWATCH_RESOURCE_SYNCE_QUALITY: u32 = 6;

/// Freshness: nothing is known; never heard, or not for long.
pub const PTPWATCH_FRESHNESS_VOID: u32 = 0;

/// Freshness: heard or confirmed a short while ago.
pub const PTPWATCH_FRESHNESS_FRESH: u32 = 1;

/// Freshness: not confirmed for longer than it should take.
pub const PTPWATCH_FRESHNESS_STALE: u32 = 2;

/// Word: none. The resource reports levels, or nothing yet.
pub const PTPWATCH_WORD_NONE: u32 = 0;

/// Word: in step with its source. The first three have the numbers of the states.
pub const PTPWATCH_WORD_LOCKED: u32 = 1;

/// Word: without its source, still within specification.
pub const PTPWATCH_WORD_HOLDOVER: u32 = 2;

/// Word: without its source, out of specification.
pub const PTPWATCH_WORD_FREERUN: u32 = 3;

/// Word: synchronous Ethernet without a source.
pub const PTPWATCH_WORD_UNLOCKED: u32 = 4;

/// Word: the GNSS receiver is synchronised.
pub const PTPWATCH_WORD_SYNCHRONIZED: u32 = 5;

/// Word: the GNSS receiver is acquiring synchronisation.
pub const PTPWATCH_WORD_ACQUIRING_SYNC: u32 = 6;

/// Word: the GNSS antenna is not connected.
pub const PTPWATCH_WORD_ANTENNA_DISCONNECTED: u32 = 7;

/// Word: the GNSS antenna is short-circuited.
pub const PTPWATCH_WORD_ANTENNA_SHORT_CIRCUIT: u32 = 8;

/// Word: the GNSS receiver is starting.
pub const PTPWATCH_WORD_BOOTING: u32 = 9;

/// Word: the GNSS receiver suffers from reflected signals.
pub const PTPWATCH_WORD_FAILURE_MULTIPATH: u32 = 10;

/// Word: the GNSS receiver has no fix.
pub const PTPWATCH_WORD_FAILURE_NOFIX: u32 = 11;

/// Word: the GNSS receiver's signal is too weak.
pub const PTPWATCH_WORD_FAILURE_LOW_SNR: u32 = 12;

/// Word: the GNSS receiver's phase-locked loop failed.
pub const PTPWATCH_WORD_FAILURE_PLL: u32 = 13;

/// Flag of a channel: it has an offset.
pub const PTPWATCH_CHANNEL_HAS_OFFSET: u32 = 1;

/// Flag of a channel: its last push had a time of the producer's own.
pub const PTPWATCH_CHANNEL_HAS_TIME: u32 = 2;

/// Flag of a channel: the producer no longer lists the instance. This is the last word of it.
pub const PTPWATCH_CHANNEL_IS_GONE: u32 = 4;

/// Flag of a channel: its last push held a word that is none of the resource's.
pub const PTPWATCH_CHANNEL_HAS_UNKNOWN_WORD: u32 = 8;

/// Flag of a channel: its value is the worse of two pushes that no poll has settled.
pub const PTPWATCH_CHANNEL_IS_UNCONFIRMED: u32 = 16;

/// Flag of a channel: a push that came late waits for a poll to settle it.
pub const PTPWATCH_CHANNEL_IS_DISPUTED: u32 = 32;

/// Flag of a channel: its offset has not moved by a nanosecond for long.
pub const PTPWATCH_CHANNEL_IS_OFFSET_FROZEN: u32 = 64;

// The link

/// Link: no attempt has ended yet.
pub const PTPWATCH_LINK_UNTRIED: u32 = 0;

/// Link: the producer answers.
pub const PTPWATCH_LINK_UP: u32 = 1;

/// Link: the producer does not answer.
pub const PTPWATCH_LINK_DOWN: u32 = 2;

/// Trouble: none.
pub const PTPWATCH_TROUBLE_NONE: u32 = 0;

/// Trouble: no connection could be opened, or it was closed before the answer.
pub const PTPWATCH_TROUBLE_UNREACHABLE: u32 = 1;

/// Trouble: no answer came in time.
pub const PTPWATCH_TROUBLE_TIMEOUT: u32 = 2;

/// Trouble: the answer was no HTTP.
pub const PTPWATCH_TROUBLE_NOT_HTTP: u32 = 3;

/// Trouble: a subscription was answered with `trouble_status`.
pub const PTPWATCH_TROUBLE_SUBSCRIBE: u32 = 4;

/// Trouble: the list of subscriptions was answered with `trouble_status`.
pub const PTPWATCH_TROUBLE_LIST: u32 = 5;

/// Trouble: one that has no number in this version.
pub const PTPWATCH_TROUBLE_OTHER: u32 = 6;

// Policy

/// Role: not set. As an ordinary clock, with PTPWATCH_REASON_ROLE_ASSUMED.
pub const PTPWATCH_ROLE_ASSUMED: u32 = 0;

/// Role: ordinary clock (T-TSC).
pub const PTPWATCH_ROLE_ORDINARY_CLOCK: u32 = 1;

/// Role: boundary clock (T-BC).
pub const PTPWATCH_ROLE_BOUNDARY_CLOCK: u32 = 2;

/// Role: grandmaster (T-GM).
pub const PTPWATCH_ROLE_GRANDMASTER: u32 = 3;

/// Role: two network cards, one of which stands by.
pub const PTPWATCH_ROLE_HIGH_AVAILABILITY: u32 = 4;

/// Role: no PTP at all; the host's clock follows NTP.
pub const PTPWATCH_ROLE_NTP: u32 = 5;

/// Host's clock: its FREERUN counts as HOLDOVER where it only follows the PTP lock into HOLDOVER.
pub const PTPWATCH_OS_CLOCK_FOLLOW: u32 = 0;

/// Host's clock: it counts as it is reported. For an L1 whose slots are timed from CLOCK_REALTIME.
pub const PTPWATCH_OS_CLOCK_STRICT: u32 = 1;

/// Host's clock: it does not count.
pub const PTPWATCH_OS_CLOCK_INFO: u32 = 2;

/// Instances of the PTP lock: the worst of them counts.
pub const PTPWATCH_INSTANCES_WORST: u32 = 0;

/// Instances of the PTP lock: the best of them counts; the others stand by.
pub const PTPWATCH_INSTANCES_ANY: u32 = 1;

/// Instances of the PTP lock: the worst of those in `instance_names` counts.
pub const PTPWATCH_INSTANCES_NAMED: u32 = 2;

/// The code of `word`.
pub(crate) const fn word_code(word: Word) -> u32 {
    (word as u32).wrapping_add(1)
}

// The table is core's; where core's own numbers are the codes, they are held together here, and the rest by the tests.
const _: () = assert!(State::Unknown as u32 == PTPWATCH_STATE_UNKNOWN);
const _: () = assert!(State::Locked as u32 == PTPWATCH_STATE_LOCKED);
const _: () = assert!(State::Holdover as u32 == PTPWATCH_STATE_HOLDOVER);
const _: () = assert!(State::Freerun as u32 == PTPWATCH_STATE_FREERUN);
const _: () = assert!(Reason::NoData as u32 == PTPWATCH_REASON_NO_DATA && Reason::COUNT == 28);
const _: () =
    assert!(Resource::SynceQuality as u32 == PTPWATCH_RESOURCE_SYNCE_QUALITY && Resource::COUNT == 7);
const _: () = assert!(word_code(Word::Locked) == PTPWATCH_WORD_LOCKED);
const _: () = assert!(word_code(Word::FailurePll) == PTPWATCH_WORD_FAILURE_PLL);
const _: () = assert!(INSTANCE_MAX == PTPWATCH_INSTANCE_NAME_MAX);
