/*
 * libptpwatch: tells an L1 whether the clock of its host can be trusted.
 *
 * Made by cbindgen of core/capi/src: change it there. Licence: MIT or Apache-2.0, as you choose.
 *
 * A consumer follows the PTP events of one node: it subscribes at the node's producer over the O-RAN O-Cloud notification
 * API, answers its notifications, polls what they may have missed, and judges. It is a state machine that takes bytes and
 * time and gives a verdict. It opens no socket, reads no clock, starts no thread, takes no memory and calls nobody back:
 * you move the bytes between your sockets and its windows, in whatever loop you have.
 *
 *     static _Alignas(PTPWATCH_ALIGN) unsigned char memory[PTPWATCH_SIZE_DEFAULT];
 *
 *     struct ptpwatch_config config = {.struct_size = sizeof config};
 *     ptpwatch_config_default(&config, PTPWATCH_ROLE_ORDINARY_CLOCK);
 *     config.node = "compute-1.example.com";
 *     config.authority = "localhost:8089";
 *     config.endpoint = "http://localhost:8989/event";
 *     struct ptpwatch_consumer *consumer;
 *     int error = ptpwatch_new(memory, sizeof memory, PTPWATCH_PROFILE_DEFAULT, &config, now(), &consumer);
 *     if (error) fail(ptpwatch_error_text(error));
 *
 *     for (;;) {
 *         ptpwatch_conn conn;
 *         for (int action; (action = ptpwatch_poll_action(consumer, &conn)) > 0;)
 *             act(action, conn);                    // connect, close, or send() the ptpwatch_send_window()
 *         struct ptpwatch_verdict_report verdict = {.struct_size = sizeof verdict};
 *         for (int notice; (notice = ptpwatch_poll_notice(consumer, NULL, &verdict, NULL)) > 0;)
 *             if (notice == PTPWATCH_NOTICE_VERDICT) tell(&verdict);
 *         wait(ptpwatch_poll_timeout(consumer));    // poll(), epoll_wait(), your own scheduler
 *         // A socket is readable: recv() into ptpwatch_recv_window(), then ptpwatch_handle_received().
 *         // A peer connects: ptpwatch_admit(), then accept(). The time is there: ptpwatch_handle_timeout().
 *     }
 *
 * examples/consumer.c is all of it, over poll(2).
 *
 * The contract
 *   1. Time never goes back. It is nanoseconds of a monotonic clock of your choice.
 *   2. After any ptpwatch_handle function: take the actions and the notices, until there are none; then read the timeout.
 *      Where notices are urgent they come first: to send an answer takes longer.
 *   3. Bytes that appear in a send window are announced by PTPWATCH_ACTION_WRITE: edge-triggered pollers are safe.
 *   4. Each poll takes the same time when there is nothing to say, however many connections there are.
 *   5. ptpwatch_verdict_until() says when the verdict may change without input: who shows it elsewhere believes it no longer.
 *
 * Memory is yours. A consumer lives in bytes that you lend it, of which ptpwatch_size() says how many, and stays there. What
 * you pass is copied; what you get is copied into structs of yours, but for the two windows, which are the consumer's and
 * good until the next call for it, and names, which stay for ever.
 *
 * Threads: a consumer is used by one thread at a time; different consumers have nothing to do with each other. For other
 * threads and processes there is the state page: ptpwatch_show() and ptpwatch_page.h, by which a slot loop sees the verdict
 * in nanoseconds, without a lock or a call.
 *
 * Misuse is safe as far as it can be seen: null pointers, memory without a consumer, numbers outside the table and structs
 * of another size are refused with an error; calls out of order, ids of another time and counts that are too large do
 * nothing and are counted. What cannot be seen is a pointer to something else than it should point to.
 *
 * Versions: a struct begins with its size, which you set. A later version may add to its end; a library takes what it gets of
 * a struct, and leaves alone what it does not know. Numbers keep their meaning for ever. Set nothing to a number that the
 * table does not have, and take none that you do not know for good news.
 */


#ifndef PTPWATCH_H
#define PTPWATCH_H

#include <stddef.h>
#include <stdint.h>

/** The bit of a number, for sets of reasons and of resources. */
#define PTPWATCH_BIT(number) (UINT64_C(1) << (number))


/// The version of this header: major * 65536 + minor * 256 + patch. That of the library is ptpwatch_version().
#define PTPWATCH_VERSION 256

/// A point in time that never comes.
#define PTPWATCH_NEVER 18446744073709551615ull

/// No connection: what a ptpwatch_conn is not.
#define PTPWATCH_NO_CONN 0

/// What the memory of a consumer has to be aligned to, in bytes. What malloc() gives is.
#define PTPWATCH_ALIGN 16

/// Profile: 2 connections, bodies of up to 1,536 bytes, 4 channels.
///
/// One connection goes to the producer, the other is for its notifications.
#define PTPWATCH_PROFILE_SMALL 1

/// Profile: 4 connections, bodies of up to 8,192 bytes, 16 channels.
#define PTPWATCH_PROFILE_DEFAULT 2

/// Profile: 64 connections, bodies of up to 8,192 bytes, 64 channels.
#define PTPWATCH_PROFILE_LARGE 3

/// What ptpwatch_size(PTPWATCH_PROFILE_SMALL) never exceeds, in any version of this interface.
#define PTPWATCH_SIZE_SMALL 16384

/// What ptpwatch_size(PTPWATCH_PROFILE_DEFAULT) never exceeds, in any version of this interface.
#define PTPWATCH_SIZE_DEFAULT 57344

/// What ptpwatch_size(PTPWATCH_PROFILE_LARGE) never exceeds, in any version of this interface.
#define PTPWATCH_SIZE_LARGE 655360

/// Connections of PTPWATCH_PROFILE_SMALL: ptpwatch_conn_index() is below it.
#define PTPWATCH_CONNECTIONS_SMALL 2

/// Connections of PTPWATCH_PROFILE_DEFAULT: ptpwatch_conn_index() is below it.
#define PTPWATCH_CONNECTIONS_DEFAULT 4

/// Connections of PTPWATCH_PROFILE_LARGE: ptpwatch_conn_index() is below it.
#define PTPWATCH_CONNECTIONS_LARGE 64

/// Most classes in each list of a configuration.
#define PTPWATCH_CLASSES_MAX 64

/// Most names of instances in a configuration.
#define PTPWATCH_INSTANCES_MAX 8

/// Longest name of an instance, in bytes.
#define PTPWATCH_INSTANCE_NAME_MAX 48

/// Bytes of an instance's name in a struct: the longest, and zeros behind it.
#define PTPWATCH_INSTANCE_SIZE 52

/// Bytes of a dialect's name in a struct, and zeros behind it.
#define PTPWATCH_DIALECT_SIZE 32

/// Bytes of a state page.
#define PTPWATCH_PAGE_SIZE 4288

/// Returned: it is done; or there is nothing to tell.
#define PTPWATCH_OK 0

/// Returned: a pointer is null that must not be.
#define PTPWATCH_ERROR_NULL -1

/// Returned: there is no such profile.
#define PTPWATCH_ERROR_PROFILE -2

/// Returned: the memory is too small, or not aligned.
#define PTPWATCH_ERROR_MEMORY -3

/// Returned: `struct_size` is too small, or is not the size that any version of the struct has.
#define PTPWATCH_ERROR_STRUCT_SIZE -4

/// Returned: there is no consumer at this place. It was never made, has ended, or its memory was moved or overwritten.
#define PTPWATCH_ERROR_CONSUMER -5

/// Returned: a number that is not in the table.
#define PTPWATCH_ERROR_CODE -6

/// Returned: the caller's struct is newer than this library, and sets an option that the library does not know.
#define PTPWATCH_ERROR_OPTION -7

/// Returned: the node's name is not 1 to 253 letters, digits, '-', '.' or '_'.
#define PTPWATCH_ERROR_NODE -8

/// Returned: the producer's address is not a host and port without white space.
#define PTPWATCH_ERROR_AUTHORITY -9

/// Returned: the endpoint is not an http:// URI with a host, of 384 bytes at most.
#define PTPWATCH_ERROR_ENDPOINT -10

/// Returned: there is no such dialect.
#define PTPWATCH_ERROR_DIALECT -11

/// Returned: `stale_ns` is below two poll intervals plus 5 s, or `poll_ns` is 0.
#define PTPWATCH_ERROR_STALE -12

/// Returned: `void_ns` is below twice `stale_ns`.
#define PTPWATCH_ERROR_VOID -13

/// Returned: the producer is given no time to answer.
#define PTPWATCH_ERROR_DEADLINE -14

/// Returned: the policy requires a resource that is not followed, or nothing at all.
#define PTPWATCH_ERROR_REQUIRED -15

/// Returned: a list of classes is too long, or a class is in both.
#define PTPWATCH_ERROR_CLASSES -16

/// Returned: the names of instances are too many, too long, not UTF-8, or none where some are asked for.
#define PTPWATCH_ERROR_INSTANCES -17

/// Returned: what is at the page's place is not a page of this version, nor zeros.
#define PTPWATCH_ERROR_PAGE -18

/// Action: open a connection to the producer, then ptpwatch_handle_opened(), or ptpwatch_handle_closed() if it fails.
#define PTPWATCH_ACTION_OPEN 1

/// Action: close the connection without a word; its ptpwatch_conn is worth nothing any more.
#define PTPWATCH_ACTION_CLOSE 2

/// Action: there are bytes in the connection's ptpwatch_send_window() that you have not seen.
#define PTPWATCH_ACTION_WRITE 3

/// Notice: a channel changed.
#define PTPWATCH_NOTICE_CHANNEL 1

/// Notice: the verdict changed.
#define PTPWATCH_NOTICE_VERDICT 2

/// Notice: the link to the producer changed.
#define PTPWATCH_NOTICE_LINK 3

/// State: no information. Never the same as Freerun: neither start nor stop RF for it.
#define PTPWATCH_STATE_UNKNOWN 0

/// State: in step with its source. Transmit.
#define PTPWATCH_STATE_LOCKED 1

/// State: without its source, and still as good as specified. Transmit; time is running.
#define PTPWATCH_STATE_HOLDOVER 2

/// State: not to be trusted. O-RAN has the O-DU disable RF until the clock is synchronised again.
#define PTPWATCH_STATE_FREERUN 3

/// Reason: not every required channel was confirmed since the start. Reasons are numbers of bits: PTPWATCH_BIT().
#define PTPWATCH_REASON_STARTING 0

/// Reason: a required resource reports nothing.
#define PTPWATCH_REASON_REQUIRED_MISSING 1

/// Reason: a required channel was not confirmed for too long.
#define PTPWATCH_REASON_VOID 2

/// Reason: the producer does not answer.
#define PTPWATCH_REASON_PRODUCER_LOST 3

/// Reason: a channel reported a word that is not in the specification.
#define PTPWATCH_REASON_UNKNOWN_WORD 4

/// Reason: an instance named in the policy was never seen.
#define PTPWATCH_REASON_INSTANCE_MISSING 5

/// Reason: the PTP lock is FREERUN.
#define PTPWATCH_REASON_LOCK_FREERUN 6

/// Reason: the host's clock is FREERUN.
#define PTPWATCH_REASON_OS_FREERUN 7

/// Reason: a required channel was not confirmed for longer than it should take.
#define PTPWATCH_REASON_STALE 8

/// Reason: the policy's own holdover budget is spent.
#define PTPWATCH_REASON_HOLDOVER_BUDGET_SPENT 9

/// Reason: the PTP lock is HOLDOVER.
#define PTPWATCH_REASON_LOCK_HOLDOVER 10

/// Reason: the host's clock is HOLDOVER.
#define PTPWATCH_REASON_OS_HOLDOVER 11

/// Reason: the host's clock is called FREERUN only because the PTP lock is HOLDOVER.
#define PTPWATCH_REASON_OS_FOLLOWS 12

/// Reason: Holdover began before the first report.
#define PTPWATCH_REASON_HOLDOVER_START_UNKNOWN 13

/// Reason: the clock class is a degraded one.
#define PTPWATCH_REASON_CLASS 14

/// Reason: the GNSS receiver is not synchronised.
#define PTPWATCH_REASON_GNSS 15

/// Reason: all is well again, not yet for long enough.
#define PTPWATCH_REASON_RECOVERING 16

/// Reason: the producer's own overall state says otherwise.
#define PTPWATCH_REASON_DISAGREEMENT 17

/// Reason: the grandmaster, or a clock on the way to it, is in holdover within its specification.
#define PTPWATCH_REASON_CLASS_UPSTREAM_HOLDOVER 18

/// Reason: the clock class is one that the policy does not list.
#define PTPWATCH_REASON_CLASS_UNKNOWN 19

/// Reason: synchronous Ethernet is not locked.
#define PTPWATCH_REASON_SYNCE 20

/// Reason: no role was set; that of an ordinary clock is assumed.
#define PTPWATCH_REASON_ROLE_ASSUMED 21

/// Reason: instances of one resource report different states, and the worst counts.
#define PTPWATCH_REASON_INSTANCES_DIFFER 22

/// Reason: the worse of two pushes counts that came out of order, for want of a poll.
#define PTPWATCH_REASON_UNCONFIRMED 23

/// Reason: the producer holds another consumer's subscription in the place of ours; polls alone tell of changes.
#define PTPWATCH_REASON_SUBSCRIPTION_TAKEN 24

/// Reason: there are more channels than memory for them; a larger profile has more.
#define PTPWATCH_REASON_CHANNELS_FULL 25

/// Reason: the offset has not moved by a nanosecond for long; the PTP daemon may hang.
#define PTPWATCH_REASON_OFFSET_FROZEN 26

/// Reason: the producer has no data for a required resource yet.
#define PTPWATCH_REASON_NO_DATA 27

/// Resource: the PTP lock of a clock or network card. Resources are numbers of bits too: PTPWATCH_BIT().
#define PTPWATCH_RESOURCE_LOCK_STATE 0

/// Resource: the host's CLOCK_REALTIME.
#define PTPWATCH_RESOURCE_OS_CLOCK 1

/// Resource: the clock class of the grandmaster.
#define PTPWATCH_RESOURCE_CLOCK_CLASS 2

/// Resource: the producer's own overall state.
#define PTPWATCH_RESOURCE_SYNC_STATE 3

/// Resource: the GNSS receiver.
#define PTPWATCH_RESOURCE_GNSS 4

/// Resource: the lock of synchronous Ethernet.
#define PTPWATCH_RESOURCE_SYNCE_LOCK 5

/// Resource: the quality level of synchronous Ethernet.
#define PTPWATCH_RESOURCE_SYNCE_QUALITY 6

/// Freshness: nothing is known; never heard, or not for long.
#define PTPWATCH_FRESHNESS_VOID 0

/// Freshness: heard or confirmed a short while ago.
#define PTPWATCH_FRESHNESS_FRESH 1

/// Freshness: not confirmed for longer than it should take.
#define PTPWATCH_FRESHNESS_STALE 2

/// Word: none. The resource reports levels, or nothing yet.
#define PTPWATCH_WORD_NONE 0

/// Word: in step with its source. The first three have the numbers of the states.
#define PTPWATCH_WORD_LOCKED 1

/// Word: without its source, still within specification.
#define PTPWATCH_WORD_HOLDOVER 2

/// Word: without its source, out of specification.
#define PTPWATCH_WORD_FREERUN 3

/// Word: synchronous Ethernet without a source.
#define PTPWATCH_WORD_UNLOCKED 4

/// Word: the GNSS receiver is synchronised.
#define PTPWATCH_WORD_SYNCHRONIZED 5

/// Word: the GNSS receiver is acquiring synchronisation.
#define PTPWATCH_WORD_ACQUIRING_SYNC 6

/// Word: the GNSS antenna is not connected.
#define PTPWATCH_WORD_ANTENNA_DISCONNECTED 7

/// Word: the GNSS antenna is short-circuited.
#define PTPWATCH_WORD_ANTENNA_SHORT_CIRCUIT 8

/// Word: the GNSS receiver is starting.
#define PTPWATCH_WORD_BOOTING 9

/// Word: the GNSS receiver suffers from reflected signals.
#define PTPWATCH_WORD_FAILURE_MULTIPATH 10

/// Word: the GNSS receiver has no fix.
#define PTPWATCH_WORD_FAILURE_NOFIX 11

/// Word: the GNSS receiver's signal is too weak.
#define PTPWATCH_WORD_FAILURE_LOW_SNR 12

/// Word: the GNSS receiver's phase-locked loop failed.
#define PTPWATCH_WORD_FAILURE_PLL 13

/// Flag of a channel: it has an offset.
#define PTPWATCH_CHANNEL_HAS_OFFSET 1

/// Flag of a channel: its last push had a time of the producer's own.
#define PTPWATCH_CHANNEL_HAS_TIME 2

/// Flag of a channel: the producer no longer lists the instance. This is the last word of it.
#define PTPWATCH_CHANNEL_IS_GONE 4

/// Flag of a channel: its last push held a word that is none of the resource's.
#define PTPWATCH_CHANNEL_HAS_UNKNOWN_WORD 8

/// Flag of a channel: its value is the worse of two pushes that no poll has settled.
#define PTPWATCH_CHANNEL_IS_UNCONFIRMED 16

/// Flag of a channel: a push that came late waits for a poll to settle it.
#define PTPWATCH_CHANNEL_IS_DISPUTED 32

/// Flag of a channel: its offset has not moved by a nanosecond for long.
#define PTPWATCH_CHANNEL_IS_OFFSET_FROZEN 64

/// Link: no attempt has ended yet.
#define PTPWATCH_LINK_UNTRIED 0

/// Link: the producer answers.
#define PTPWATCH_LINK_UP 1

/// Link: the producer does not answer.
#define PTPWATCH_LINK_DOWN 2

/// Trouble: none.
#define PTPWATCH_TROUBLE_NONE 0

/// Trouble: no connection could be opened, or it was closed before the answer.
#define PTPWATCH_TROUBLE_UNREACHABLE 1

/// Trouble: no answer came in time.
#define PTPWATCH_TROUBLE_TIMEOUT 2

/// Trouble: the answer was no HTTP.
#define PTPWATCH_TROUBLE_NOT_HTTP 3

/// Trouble: a subscription was answered with `trouble_status`.
#define PTPWATCH_TROUBLE_SUBSCRIBE 4

/// Trouble: the list of subscriptions was answered with `trouble_status`.
#define PTPWATCH_TROUBLE_LIST 5

/// Trouble: one that has no number in this version.
#define PTPWATCH_TROUBLE_OTHER 6

/// Role: not set. As an ordinary clock, with PTPWATCH_REASON_ROLE_ASSUMED.
#define PTPWATCH_ROLE_ASSUMED 0

/// Role: ordinary clock (T-TSC).
#define PTPWATCH_ROLE_ORDINARY_CLOCK 1

/// Role: boundary clock (T-BC).
#define PTPWATCH_ROLE_BOUNDARY_CLOCK 2

/// Role: grandmaster (T-GM).
#define PTPWATCH_ROLE_GRANDMASTER 3

/// Role: two network cards, one of which stands by.
#define PTPWATCH_ROLE_HIGH_AVAILABILITY 4

/// Role: no PTP at all; the host's clock follows NTP.
#define PTPWATCH_ROLE_NTP 5

/// Host's clock: its FREERUN counts as HOLDOVER where it only follows the PTP lock into HOLDOVER.
#define PTPWATCH_OS_CLOCK_FOLLOW 0

/// Host's clock: it counts as it is reported. For an L1 whose slots are timed from CLOCK_REALTIME.
#define PTPWATCH_OS_CLOCK_STRICT 1

/// Host's clock: it does not count.
#define PTPWATCH_OS_CLOCK_INFO 2

/// Instances of the PTP lock: the worst of them counts.
#define PTPWATCH_INSTANCES_WORST 0

/// Instances of the PTP lock: the best of them counts; the others stand by.
#define PTPWATCH_INSTANCES_ANY 1

/// Instances of the PTP lock: the worst of those in `instance_names` counts.
#define PTPWATCH_INSTANCES_NAMED 2

/// A consumer of PTP events, in memory of the caller's: what a handle points to.
typedef struct ptpwatch_consumer ptpwatch_consumer;

/// What a consumer is told at the start.
///
/// Set `struct_size`, then have ptpwatch_config_default() fill the rest, then set what is yours: `node`, `authority`,
/// `endpoint` at least. ptpwatch_new() copies everything, the texts and lists too.
typedef struct ptpwatch_config {
  /// Set it to the size of this struct.
  uint32_t struct_size;
  /// Your number for the producer; each notice carries it.
  uint32_t producer;
  /// The node, by its full name.
  const char *node;
  /// The producer's host and port as they stand in the Host field, such as `localhost:8089` or `[::1]:9043`.
  const char *authority;
  /// Our endpoint as the producer is told, such as `http://192.0.2.1:8989/event`: the path is the one that notifications
  /// are taken on.
  const char *endpoint;
  /// How the producer speaks: `openshift-v1`, `openshift-v2`, `openshift-v2-daemon`, `starlingx-v1`, `starlingx-v2`,
  /// `vmware`; null has it found out.
  const char *dialect;
  /// The role that the defaults were of: PTPWATCH_ROLE_ORDINARY_CLOCK and its like.
  uint32_t role;
  /// The resources to follow: PTPWATCH_BIT(PTPWATCH_RESOURCE_LOCK_STATE) and its like, together.
  uint32_t resources;
  /// Where the jitter of waits comes from: best a different one for each consumer.
  uint64_t seed;
  /// Time between two polls of a resource, in nanoseconds.
  uint64_t poll_ns;
  /// How long the producer may take to answer, in nanoseconds.
  uint64_t request_ns;
  /// Age at which an unconfirmed value is stale, in nanoseconds.
  uint64_t stale_ns;
  /// Age at which an unconfirmed value is void, in nanoseconds.
  uint64_t void_ns;
  /// How long all must be well before the verdict says so, in nanoseconds.
  uint64_t recover_ns;
  /// How long Holdover is trusted at most, in nanoseconds; PTPWATCH_NEVER leaves that to the producer, which knows its
  /// oscillator. It can only end Holdover earlier.
  uint64_t holdover_budget_ns;
  /// Whether to subscribe only to what nobody holds a subscription of: for a look at a node that others watch.
  uint32_t is_guest;
  /// Whether the PTP lock is required.
  uint32_t requires_lock;
  /// How the host's clock counts: PTPWATCH_OS_CLOCK_FOLLOW and its like. An L1 whose slots are timed from CLOCK_REALTIME
  /// wants PTPWATCH_OS_CLOCK_STRICT.
  uint32_t os_clock;
  /// Which instance of the PTP lock counts: PTPWATCH_INSTANCES_WORST and its like.
  uint32_t instances;
  /// Whether a GNSS receiver that is not synchronised caps the verdict at Holdover.
  uint32_t gnss_caps;
  /// Whether the producer's own overall state counts where it is the worse.
  uint32_t producer_floor;
  /// Clock classes that tell of a source as good as it should be.
  const uint8_t *good_classes;
  /// Clock classes that cap the verdict at Holdover.
  const uint8_t *capping_classes;
  /// The names for PTPWATCH_INSTANCES_NAMED.
  const char *const *instance_names;
  /// How many there are; PTPWATCH_CLASSES_MAX at most.
  uint32_t good_classes_count;
  /// How many there are; PTPWATCH_CLASSES_MAX at most.
  uint32_t capping_classes_count;
  /// How many there are; PTPWATCH_INSTANCES_MAX at most.
  uint32_t instance_names_count;
  /// For a later version: 0.
  uint32_t reserved;
} ptpwatch_config;

/// A connection, as a consumer calls it: never 0, and worth nothing once the connection is closed.
typedef uint32_t ptpwatch_conn;

/// What a resource of one instance reports.
typedef struct ptpwatch_channel_report {
  /// Set it to the size of this struct.
  uint32_t struct_size;
  /// The number that the configuration gave the producer.
  uint32_t producer;
  /// The resource: PTPWATCH_RESOURCE_LOCK_STATE and its like.
  uint32_t resource;
  /// The state that the channel vouches for: Unknown while it is void or reports no state.
  uint32_t state;
  /// How far the value is still known: PTPWATCH_FRESHNESS_FRESH and its like.
  uint32_t freshness;
  /// PTPWATCH_CHANNEL_HAS_OFFSET and its like, together.
  uint32_t flags;
  /// The word that was last reported, also when it is void by now: PTPWATCH_WORD_LOCKED and its like.
  uint32_t word;
  /// The clock class or quality level that was last reported; -1 where there is none.
  int32_t level;
  /// The word before the present one.
  uint32_t previous_word;
  /// The level before the present one; -1 where there is none.
  int32_t previous_level;
  /// In a notice: how often the value changed since it was last told.
  uint32_t transitions;
  /// In a notice: the worst word it had since then.
  uint32_t worst_word;
  /// The offset last reported, in nanoseconds, without its decimal places; see PTPWATCH_CHANNEL_HAS_OFFSET.
  int64_t offset_ns;
  /// The producer's own time of the last push, in nanoseconds since 1970, of the very clock that may be wrong; see
  /// PTPWATCH_CHANNEL_HAS_TIME.
  int64_t time_unix_ns;
  /// The decimal places of the offset, in thousandths: -999 to 999, of the sign of the offset.
  int32_t offset_thousandths;
  /// The kind of fix that a GNSS receiver has: 3 is one in three dimensions; -1 where there is none.
  int32_t gnss_fix;
  /// When the value was first seen, in nanoseconds of the caller's clock.
  uint64_t since_ns;
  /// When the value before it was last confirmed: the change was not before.
  uint64_t since_earliest_ns;
  /// When the value was last heard or confirmed.
  uint64_t confirmed_ns;
  /// When the value was last pushed; PTPWATCH_NEVER if it never was.
  uint64_t pushed_ns;
  /// Length of the instance's name, in bytes.
  uint32_t instance_length;
  /// The instance, such as `ens1fx/master`, and zeros behind it; empty where the resource has none. These are a peer's
  /// bytes: escape them before they reach a terminal or a log.
  char instance[PTPWATCH_INSTANCE_SIZE];
} ptpwatch_channel_report;

/// What can be said of the node's clock.
typedef struct ptpwatch_verdict_report {
  /// Set it to the size of this struct.
  uint32_t struct_size;
  /// The number that the configuration gave the producer.
  uint32_t producer;
  /// The state: PTPWATCH_STATE_LOCKED and its like.
  uint32_t state;
  /// The last state that was not Unknown; Unknown if there was none since the start.
  uint32_t last_known;
  /// Why: PTPWATCH_BIT(PTPWATCH_REASON_STALE) and its like.
  uint64_t reasons;
  /// Since when the state is what it is, in nanoseconds of the caller's clock.
  uint64_t since_ns;
  /// When the policy's own budget ends Holdover; PTPWATCH_NEVER where it is not Holdover, or without such a budget: then
  /// the producer alone ends it.
  uint64_t holdover_until_ns;
  /// In a notice: how often the state changed since it was last told; 0 where only reasons did.
  uint32_t transitions;
  /// In a notice: the worst state it had since then; Unknown is none.
  uint32_t worst;
} ptpwatch_verdict_report;

/// The link to the producer.
typedef struct ptpwatch_link_report {
  /// Set it to the size of this struct.
  uint32_t struct_size;
  /// The number that the configuration gave the producer.
  uint32_t producer;
  /// Whether the producer answers: PTPWATCH_LINK_UP and its like.
  uint32_t state;
  /// What went wrong last: PTPWATCH_TROUBLE_TIMEOUT and its like; PTPWATCH_TROUBLE_NONE while all is well.
  uint32_t trouble;
  /// The status of the answer that was the trouble; 0 where it was none.
  uint32_t trouble_status;
  /// Resources to be subscribed to; 0 until the dialect is known.
  uint32_t wanted;
  /// Resources that we hold a subscription to.
  uint32_t subscribed;
  /// Resources that another consumer holds the subscription to: polls alone tell of them.
  uint32_t taken;
  /// The name of the dialect, and zeros behind it; empty until it is known.
  char dialect[PTPWATCH_DIALECT_SIZE];
} ptpwatch_link_report;

/// Counters since the start.
typedef struct ptpwatch_stats_report {
  /// Set it to the size of this struct.
  uint32_t struct_size;
  /// The number that the configuration gave the producer.
  uint32_t producer;
  /// Calls that made no sense: of an id of another time, of more bytes than there were, out of order.
  uint64_t misuse;
  /// Notifications received: requests to our callback path, whatever they held.
  uint64_t notifications;
  /// Events found in notifications.
  uint64_t events;
  /// Notifications without a body: the check of our endpoint by OpenShift v1.
  uint64_t empty;
  /// Notifications that are no JSON.
  uint64_t malformed;
  /// Notifications, and answers of the producer, larger than the receive window.
  uint64_t oversized;
  /// Messages with more events or values than are read from one.
  uint64_t cut;
  /// Values about another node.
  uint64_t foreign;
  /// Values that stand for "no data".
  uint64_t placeholders;
  /// Events about a resource that is not known.
  uint64_t unknown;
  /// Requests to another path, or with another method.
  uint64_t misdirected;
  /// Connections refused for bytes that are no HTTP.
  uint64_t refused;
  /// Connections closed for being too slow.
  uint64_t slow;
  /// Connections that yielded to a newcomer.
  uint64_t evicted;
  /// Requests sent to the producer.
  uint64_t requests;
  /// Requests that failed without an answer.
  uint64_t failures;
  /// Answers to CurrentState that held a state.
  uint64_t polls;
  /// Answers to CurrentState that held none.
  uint64_t polls_without_data;
  /// Subscriptions made.
  uint64_t subscribed;
  /// Subscriptions of ours that the producer no longer held.
  uint64_t lost_subscriptions;
  /// Subscriptions deleted.
  uint64_t deleted;
} ptpwatch_stats_report;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/// The version of the library, as PTPWATCH_VERSION is that of the header.
uint32_t ptpwatch_version(void);

/// How much memory a consumer of this profile needs, in bytes; 0 if there is no such profile.
///
/// It never exceeds PTPWATCH_SIZE_SMALL and its like, which is what a static buffer is made of.
size_t ptpwatch_size(uint32_t profile);

/// Fills `config` with the defaults of a role, PTPWATCH_ROLE_ORDINARY_CLOCK and its like; `node`, `authority` and
/// `endpoint` are null then, which is for you to change.
///
/// Returns PTPWATCH_OK, PTPWATCH_ERROR_NULL, PTPWATCH_ERROR_STRUCT_SIZE or PTPWATCH_ERROR_CODE.
///
/// # Safety
/// `config` is null, or points to `struct_size` bytes.
int32_t ptpwatch_config_default(struct ptpwatch_config *config,
                                uint32_t role);

/// Makes a consumer at `memory` and has `*consumer` point to it. It has done nothing yet: have its listener ready, then
/// take its first actions.
///
/// The memory is yours: `size` bytes, ptpwatch_size() of them at least, aligned to PTPWATCH_ALIGN. What it holds does not
/// matter. The consumer is all of it, and stays where it is: memory that is moved or copied holds none. Nothing else is
/// taken from anywhere, so that there is nothing to free: after ptpwatch_end() the memory is free for anything. A consumer
/// that was there before is no more, also where this fails.
///
/// What `config` points to is copied. `now_ns` is the time, in nanoseconds of a monotonic clock of your choice, as in every
/// function; CLOCK_MONOTONIC if the consumer is to be shown on a page.
///
/// Returns PTPWATCH_OK, or what is wrong, the first there is; `*consumer` is null then.
///
/// # Safety
/// `memory` and `consumer` are null or point to what they should; `config` and the pointers in it too, texts to bytes that
/// a zero ends.
int32_t ptpwatch_new(void *memory,
                     size_t size,
                     uint32_t profile,
                     const struct ptpwatch_config *config,
                     uint64_t now_ns,
                     struct ptpwatch_consumer **consumer);

/// Ends a consumer, at once and without a word to the producer: see ptpwatch_handle_stop() for the way out that deletes
/// our subscriptions. Its page says Unknown from now on. Further calls return PTPWATCH_ERROR_CONSUMER.
///
/// Returns PTPWATCH_OK, PTPWATCH_ERROR_NULL or PTPWATCH_ERROR_CONSUMER.
///
/// # Safety
/// `consumer` is null, or points to memory of a consumer's size that no other thread uses meanwhile.
int32_t ptpwatch_end(struct ptpwatch_consumer *consumer,
                     uint64_t now_ns);

/// Gives a place to a peer who connects; PTPWATCH_NO_CONN says to leave it in the backlog, and to try again after an
/// action or a close; or that there is no consumer.
///
/// A free place, else that of the oldest stranger, who has not sent a complete message yet, else one idle for 120 s; never
/// that of a known peer in mid-message. Who yields is closed by an action: take the actions before you admit the next.
///
/// # Safety
/// `consumer` is null, or points to memory of a consumer's size that no other thread uses meanwhile. This goes for every
/// function that takes a consumer.
ptpwatch_conn ptpwatch_admit(struct ptpwatch_consumer *consumer,
                             uint64_t now_ns);

/// The connection that PTPWATCH_ACTION_OPEN asked for is there.
///
/// Like each function whose name has `handle` in it: it takes in what happened, and returns PTPWATCH_OK,
/// PTPWATCH_ERROR_NULL or PTPWATCH_ERROR_CONSUMER. A call that makes no sense, as for a connection that is closed, does
/// nothing and is counted (`misuse`). Then take the actions and the notices, then the timeout.
///
/// # Safety
/// As for ptpwatch_admit().
int32_t ptpwatch_handle_opened(struct ptpwatch_consumer *consumer,
                               uint64_t now_ns,
                               ptpwatch_conn conn);

/// You wrote `count` bytes to the front of the connection's ptpwatch_recv_window().
///
/// # Safety
/// As for ptpwatch_admit().
int32_t ptpwatch_handle_received(struct ptpwatch_consumer *consumer,
                                 uint64_t now_ns,
                                 ptpwatch_conn conn,
                                 size_t count);

/// You sent `count` bytes off the front of the connection's ptpwatch_send_window().
///
/// # Safety
/// As for ptpwatch_admit().
int32_t ptpwatch_handle_sent(struct ptpwatch_consumer *consumer,
                             uint64_t now_ns,
                             ptpwatch_conn conn,
                             size_t count);

/// The peer sends no more, as a recv() of 0 says; what it is owed still goes out.
///
/// # Safety
/// As for ptpwatch_admit().
int32_t ptpwatch_handle_end(struct ptpwatch_consumer *consumer, uint64_t now_ns, ptpwatch_conn conn);

/// The connection is gone, or could not be opened. Not needed after PTPWATCH_ACTION_CLOSE.
///
/// # Safety
/// As for ptpwatch_admit().
int32_t ptpwatch_handle_closed(struct ptpwatch_consumer *consumer, uint64_t now_ns, ptpwatch_conn conn);

/// Time has passed: ptpwatch_poll_timeout() is here.
///
/// # Safety
/// As for ptpwatch_admit().
int32_t ptpwatch_handle_timeout(struct ptpwatch_consumer *consumer, uint64_t now_ns);

/// Starts the way out: our subscriptions are deleted, unless the producer does not answer. Go on until
/// ptpwatch_is_stopped(), or for as long as you can wait; then ptpwatch_end().
///
/// # Safety
/// As for ptpwatch_admit().
int32_t ptpwatch_handle_stop(struct ptpwatch_consumer *consumer, uint64_t now_ns);

/// Where to receive into: `*length` bytes, which are yours until the next call for this consumer. Then say how many came,
/// by ptpwatch_handle_received().
///
/// Null, and a length of 0, if the connection is closed, or nothing can be taken at present: leave it in the kernel then,
/// and ask again after a ptpwatch_handle_sent().
///
/// # Safety
/// As for ptpwatch_admit(); `length` is null or points to one.
uint8_t *ptpwatch_recv_window(struct ptpwatch_consumer *consumer,
                              ptpwatch_conn conn,
                              size_t *length);

/// What to send: `*length` bytes, which stay until the next call for this consumer. Then say how many the socket took, by
/// ptpwatch_handle_sent().
///
/// Null, and a length of 0, if there is nothing.
///
/// # Safety
/// As for ptpwatch_admit(); `length` is null or points to one.
const uint8_t *ptpwatch_send_window(const struct ptpwatch_consumer *consumer,
                                    ptpwatch_conn conn,
                                    size_t *length);

/// A number below the connections of the profile, PTPWATCH_CONNECTIONS_SMALL and its like, for a table of your own: no two
/// open connections share it. Of PTPWATCH_NO_CONN it is 65535.
uint32_t ptpwatch_conn_index(ptpwatch_conn conn);

/// What you have to do next, with which connection: PTPWATCH_ACTION_OPEN, PTPWATCH_ACTION_CLOSE or PTPWATCH_ACTION_WRITE.
/// 0 if there is nothing, or PTPWATCH_ERROR_NULL or PTPWATCH_ERROR_CONSUMER. Call it until then.
///
/// # Safety
/// As for ptpwatch_admit(); `conn` is null or points to one.
int32_t ptpwatch_poll_action(struct ptpwatch_consumer *consumer,
                             ptpwatch_conn *conn);

/// What changed: PTPWATCH_NOTICE_CHANNEL, PTPWATCH_NOTICE_VERDICT or PTPWATCH_NOTICE_LINK, and the one of the three structs
/// that it is about is filled. 0 if nothing did, or PTPWATCH_ERROR_CONSUMER, PTPWATCH_ERROR_NULL or
/// PTPWATCH_ERROR_STRUCT_SIZE. Call it until then.
///
/// Channels come first, then the verdict on them, then the link. Changes do not queue, and so none is lost: each tells the
/// latest, how often it changed since it was last told, and the worst it was meanwhile. A null in the place of a struct
/// says that you do not want to know; only `consumer` must not be.
///
/// # Safety
/// As for ptpwatch_admit(); each struct is null or has as many bytes as its `struct_size` says.
int32_t ptpwatch_poll_notice(struct ptpwatch_consumer *consumer,
                             struct ptpwatch_channel_report *channel,
                             struct ptpwatch_verdict_report *verdict,
                             struct ptpwatch_link_report *link);

/// When to call ptpwatch_handle_timeout() at the latest, in nanoseconds of your clock; PTPWATCH_NEVER if only input can
/// change anything, or there is no consumer. The page's renewal is in it.
///
/// # Safety
/// As for ptpwatch_admit().
uint64_t ptpwatch_poll_timeout(const struct ptpwatch_consumer *consumer);

/// The verdict, as of the last ptpwatch_handle function.
///
/// Returns PTPWATCH_OK, PTPWATCH_ERROR_NULL, PTPWATCH_ERROR_CONSUMER or PTPWATCH_ERROR_STRUCT_SIZE.
///
/// # Safety
/// As for ptpwatch_admit(); `verdict` is null or has as many bytes as its `struct_size` says.
int32_t ptpwatch_verdict(const struct ptpwatch_consumer *consumer, struct ptpwatch_verdict_report *verdict);

/// When the verdict may change without input: who shows it elsewhere lets it expire then. PTPWATCH_NEVER if it cannot; 0 if
/// there is no consumer.
///
/// # Safety
/// As for ptpwatch_admit().
uint64_t ptpwatch_verdict_until(const struct ptpwatch_consumer *consumer);

/// The channel of number `index`, in no particular order, which is the same until the next ptpwatch_handle function.
///
/// Returns 1, and 0 from the first on that is not there; PTPWATCH_ERROR_NULL, PTPWATCH_ERROR_CONSUMER or
/// PTPWATCH_ERROR_STRUCT_SIZE.
///
/// # Safety
/// As for ptpwatch_admit(); `channel` is null or has as many bytes as its `struct_size` says.
int32_t ptpwatch_channel(const struct ptpwatch_consumer *consumer,
                         uint32_t index,
                         struct ptpwatch_channel_report *channel);

/// The link to the producer.
///
/// Returns PTPWATCH_OK, PTPWATCH_ERROR_NULL, PTPWATCH_ERROR_CONSUMER or PTPWATCH_ERROR_STRUCT_SIZE.
///
/// # Safety
/// As for ptpwatch_admit(); `link` is null or has as many bytes as its `struct_size` says.
int32_t ptpwatch_link(const struct ptpwatch_consumer *consumer, struct ptpwatch_link_report *link);

/// Counters since the start.
///
/// Returns PTPWATCH_OK, PTPWATCH_ERROR_NULL, PTPWATCH_ERROR_CONSUMER or PTPWATCH_ERROR_STRUCT_SIZE.
///
/// # Safety
/// As for ptpwatch_admit(); `stats` is null or has as many bytes as its `struct_size` says.
int32_t ptpwatch_stats(const struct ptpwatch_consumer *consumer, struct ptpwatch_stats_report *stats);

/// Whether the way out is done, which ptpwatch_handle_stop() began: 1 or 0, PTPWATCH_ERROR_NULL or PTPWATCH_ERROR_CONSUMER.
///
/// # Safety
/// As for ptpwatch_admit().
int32_t ptpwatch_is_stopped(const struct ptpwatch_consumer *consumer);

/// Shows the consumer on `page` from now on: ptpwatch_page.h reads it, in any thread or process that has it in its memory,
/// in nanoseconds and without a call.
///
/// The page is PTPWATCH_PAGE_SIZE bytes, aligned to 8: zeros, such as of a static, or a page that another consumer left,
/// which is dead by now. It is kept up by the ptpwatch_handle functions, before you are told anything, and by
/// ptpwatch_handle_timeout() at ptpwatch_poll_timeout(); one that is not renewed for a second is not believed. `boot` is
/// what readers have to say too: for a page that outlives a boot, that of ptpwatch_page_boot(); else any number, such as 1.
/// The consumer's times must be of CLOCK_MONOTONIC if readers are other processes. A page that was shown before is closed.
///
/// Returns PTPWATCH_OK, PTPWATCH_ERROR_NULL, PTPWATCH_ERROR_CONSUMER or PTPWATCH_ERROR_PAGE: something else is there, or
/// this target has no 64-bit atomics.
///
/// # Safety
/// As for ptpwatch_admit(); `page` is null or points to a page's bytes, which nobody else writes, until ptpwatch_hide() or
/// ptpwatch_end().
int32_t ptpwatch_show(struct ptpwatch_consumer *consumer,
                      uint64_t now_ns,
                      void *page,
                      uint64_t boot);

/// Shows the consumer on no page any more: the one that there is says Unknown from now on.
///
/// Returns PTPWATCH_OK, PTPWATCH_ERROR_NULL or PTPWATCH_ERROR_CONSUMER.
///
/// # Safety
/// As for ptpwatch_admit().
int32_t ptpwatch_hide(struct ptpwatch_consumer *consumer, uint64_t now_ns);

/// The name of a state, such as "LOCKED"; "?" for a number that is none. As of every function that gives a name or a text,
/// what it points to stays for as long as the library does, and is not to be freed.
const char *ptpwatch_state_name(uint32_t state);

/// The name of a reason by its number, such as "os-follows".
const char *ptpwatch_reason_name(uint32_t reason);

/// The name of a resource, such as "lock-state".
const char *ptpwatch_resource_name(uint32_t resource);

/// The name of a freshness, such as "stale".
const char *ptpwatch_freshness_name(uint32_t freshness);

/// The name of a word, as the specification spells it; "" for PTPWATCH_WORD_NONE.
const char *ptpwatch_word_name(uint32_t word);

/// The name of a trouble, such as "timeout"; "" for PTPWATCH_TROUBLE_NONE.
const char *ptpwatch_trouble_name(uint32_t trouble);

/// What a returned number means, in a few words.
const char *ptpwatch_error_text(int32_t code);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* PTPWATCH_H */
