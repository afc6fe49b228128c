/*
 * The state page: the verdict in shared memory, for whoever has it in his own to read in nanoseconds and without a call.
 *
 * Of C11 and C++17, inline; nothing has to be linked. Licence: MIT or Apache-2.0, as you choose.
 *
 * One writer keeps a page in step with a consumer: `ptpwatch run --page FILE`, or ptpwatch_show() in your own process. Any
 * number of readers look at it, and neither waits for the other. A page says until when it may be believed, so that a
 * reader alone can tell that its writer is gone: it reads Unknown then, and never an old or a torn value.
 *
 *     static struct ptpwatch_page page;                       // zeros: Unknown
 *     ptpwatch_show(consumer, now_ns, &page, 1);              // the thread of the consumer
 *
 *     struct ptpwatch_page_reading reading = ptpwatch_page_read(&page, 1, clock_monotonic_ns());   // any other thread
 *     switch (reading.state) {
 *     case PTPWATCH_STATE_LOCKED:
 *     case PTPWATCH_STATE_HOLDOVER: transmit(); break;
 *     case PTPWATCH_STATE_FREERUN: stop(); break;
 *     default: break;                                         // Unknown: neither start nor stop; reading.doubt may say why
 *     }
 *
 * ptpwatch_page_posix.h maps the page of another process. Times are nanoseconds of CLOCK_MONOTONIC in every process that
 * has to do with a page. What a page is made of, and why a read is what it is, stands in the documentation of
 * `ptpwatch_core::page`, whose reader this is.
 */

#ifndef PTPWATCH_PAGE_H
#define PTPWATCH_PAGE_H

#include "ptpwatch.h"

#ifdef __cplusplus
#include <atomic>
#else
#include <stdatomic.h>
#endif

/* Words of 64 bits are loaded as a whole, and by a load alone: the memory may be there to be read only. */
#ifdef __cplusplus
static_assert(std::atomic<uint64_t>::is_always_lock_free, "a state page needs 64-bit atomics");
static_assert(sizeof(std::atomic<uint64_t>) == sizeof(uint64_t), "a state page needs 64-bit atomics");
#elif ATOMIC_LLONG_LOCK_FREE != 2
#error "a state page needs 64-bit atomics"
#endif

/// The memory of a page: zeros, or what a writer made of them. Where it is not mapped, it may be a static.
struct ptpwatch_page {
#ifdef __cplusplus
    std::atomic<uint64_t> words[PTPWATCH_PAGE_SIZE / 8];
#else
    _Atomic uint64_t words[PTPWATCH_PAGE_SIZE / 8];
#endif
};

/// Doubt: none; the page is believed.
#define PTPWATCH_PAGE_BELIEVED 0

/// Doubt: it is no page, or one of another version; nobody has written one yet.
#define PTPWATCH_PAGE_OTHER_LAYOUT 1

/// Doubt: it is in the middle of a write; its writer was killed there, or was not given the processor for a while.
#define PTPWATCH_PAGE_BEING_WRITTEN 2

/// Doubt: it was written before the host was started anew.
#define PTPWATCH_PAGE_OTHER_BOOT 3

/// Doubt: it was written later than now; `now_ns` is of another clock than the page's.
#define PTPWATCH_PAGE_OTHER_CLOCK 4

/// Doubt: nobody has renewed it; its writer is gone or stuck, or cannot tell any more.
#define PTPWATCH_PAGE_EXPIRED 5

/// Most channels that a page shows.
#define PTPWATCH_PAGE_CHANNELS_MAX 64

/// How long a page is believed without being renewed, in nanoseconds.
#define PTPWATCH_PAGE_LIFE_NS UINT64_C(1000000000)

/// What a page says. It is made where it is used, and has no size to say.
struct ptpwatch_page_reading {
    /// The state: PTPWATCH_STATE_LOCKED and its like; Unknown where there is a doubt.
    uint32_t state;
    /// Why the page is not believed: PTPWATCH_PAGE_EXPIRED and its like. Where a doubt lasts, another file may have the name
    /// of this one by now.
    uint32_t doubt;
    /// The last state that was not Unknown; known also of a page that has expired.
    uint32_t last_known;
    /// The worst clock class that is known; -1 if none is.
    int32_t clock_class;
    /// Why: PTPWATCH_BIT(PTPWATCH_REASON_STALE) and its like.
    uint64_t reasons;
    /// Since when the state is what it is.
    uint64_t since_ns;
    /// When the policy's own budget ends Holdover; PTPWATCH_NEVER: it does not.
    uint64_t holdover_until_ns;
    /// How often the state changed since the writer began: it moves with each change, also if a read between two was missed.
    uint64_t transitions;
    /// When the writer began: another value is another writer, whose `transitions` begin anew.
    uint64_t epoch_ns;
    /// When this was true.
    uint64_t as_of_ns;
    /// From when on it is not known to be.
    uint64_t void_after_ns;
};

/// What a page says of one channel.
struct ptpwatch_page_channel {
    /// The resource: PTPWATCH_RESOURCE_LOCK_STATE and its like.
    uint32_t resource;
    /// The state that the channel vouches for: PTPWATCH_STATE_LOCKED and its like.
    uint32_t state;
    /// How far it is still known: PTPWATCH_FRESHNESS_FRESH and its like.
    uint32_t freshness;
    /// The clock class or quality level last reported; -1 where the resource reports words.
    int32_t level;
    /// When it came to report what it does.
    uint64_t since_ns;
    /// Length of the instance's name, in bytes.
    uint32_t instance_length;
    /// The instance, such as `ens1fx/master`, and zeros behind it; empty where the resource has none. These are a peer's
    /// bytes: escape them before they reach a terminal or a log.
    char instance[PTPWATCH_INSTANCE_SIZE];
};

/* The words of a page, and of a channel. */
enum {
    ptpwatch_page_at_magic_ = 0,
    ptpwatch_page_at_version_ = 1,
    ptpwatch_page_at_size_ = 2,
    ptpwatch_page_at_boot_ = 3,
    ptpwatch_page_at_epoch_ = 4,
    ptpwatch_page_at_sequence_ = 5,
    ptpwatch_page_at_as_of_ = 6,
    ptpwatch_page_at_void_after_ = 7,
    ptpwatch_page_at_state_ = 8,
    ptpwatch_page_at_reasons_ = 9,
    ptpwatch_page_at_holdover_until_ = 10,
    ptpwatch_page_at_since_ = 11,
    ptpwatch_page_at_last_known_ = 12,
    ptpwatch_page_at_clock_class_ = 13,
    ptpwatch_page_at_transitions_ = 14,
    ptpwatch_page_at_channel_count_ = 15,
    ptpwatch_page_at_channels_ = 24,
    ptpwatch_page_line_words_ = 8,
    ptpwatch_page_tries_max_ = 16
};

static inline uint64_t ptpwatch_page_load_(const struct ptpwatch_page *page, size_t word) {
#ifdef __cplusplus
    return page->words[word].load(std::memory_order_relaxed);
#else
    return atomic_load_explicit(&page->words[word], memory_order_relaxed);
#endif
}

static inline void ptpwatch_page_fence_(void) {
#ifdef __cplusplus
    std::atomic_thread_fence(std::memory_order_acquire);
#else
    atomic_thread_fence(memory_order_acquire);
#endif
}

/* Begins a read; 0 if a write is under way. All loads are relaxed, with fences between them: no other is sure to work in
 * memory that is mapped to be read only. */
static inline int ptpwatch_page_begin_(const struct ptpwatch_page *page, uint64_t *sequence) {
    *sequence = ptpwatch_page_load_(page, ptpwatch_page_at_sequence_);
    ptpwatch_page_fence_();
    return (*sequence & 1) == 0;
}

/* Whether all that was loaded since the beginning is of one write. */
static inline int ptpwatch_page_is_whole_(const struct ptpwatch_page *page, uint64_t sequence) {
    ptpwatch_page_fence_();
    return ptpwatch_page_load_(page, ptpwatch_page_at_sequence_) == sequence;
}

/* A number that means nothing is Unknown, void, or none. */
static inline uint32_t ptpwatch_page_state_(uint64_t number) {
    return number <= PTPWATCH_STATE_FREERUN ? (uint32_t)number : PTPWATCH_STATE_UNKNOWN;
}

static inline int32_t ptpwatch_page_level_(uint64_t number) {
    return (number & 256) != 0 ? (int32_t)(number & 255) : -1;
}

static inline int ptpwatch_page_is_of_this_layout_(const struct ptpwatch_page *page) {
    const uint64_t magic = UINT64_C(0x4843544157505450); /* "PTPWATCH", its first letter in the lowest byte */
    return ptpwatch_page_load_(page, ptpwatch_page_at_magic_) == magic
        && ptpwatch_page_load_(page, ptpwatch_page_at_version_) == 1
        && ptpwatch_page_load_(page, ptpwatch_page_at_size_) == PTPWATCH_PAGE_SIZE;
}

static inline struct ptpwatch_page_reading ptpwatch_page_doubted_(uint32_t doubt) {
    struct ptpwatch_page_reading reading = {
        PTPWATCH_STATE_UNKNOWN, doubt, PTPWATCH_STATE_UNKNOWN, -1, 0, 0, PTPWATCH_NEVER, 0, 0, 0, 0};
    return reading;
}

/* What the words say, whether they are of one write or not, and of which boot they are. */
static inline struct ptpwatch_page_reading ptpwatch_page_words_(const struct ptpwatch_page *page, uint64_t *boot) {
    struct ptpwatch_page_reading reading = ptpwatch_page_doubted_(PTPWATCH_PAGE_BELIEVED);
    uint64_t holdover_until = ptpwatch_page_load_(page, ptpwatch_page_at_holdover_until_);
    reading.state = ptpwatch_page_state_(ptpwatch_page_load_(page, ptpwatch_page_at_state_));
    reading.last_known = ptpwatch_page_state_(ptpwatch_page_load_(page, ptpwatch_page_at_last_known_));
    reading.clock_class = ptpwatch_page_level_(ptpwatch_page_load_(page, ptpwatch_page_at_clock_class_));
    reading.reasons = ptpwatch_page_load_(page, ptpwatch_page_at_reasons_);
    reading.since_ns = ptpwatch_page_load_(page, ptpwatch_page_at_since_);
    reading.holdover_until_ns = holdover_until == 0 ? PTPWATCH_NEVER : holdover_until;
    reading.transitions = ptpwatch_page_load_(page, ptpwatch_page_at_transitions_);
    reading.epoch_ns = ptpwatch_page_load_(page, ptpwatch_page_at_epoch_);
    reading.as_of_ns = ptpwatch_page_load_(page, ptpwatch_page_at_as_of_);
    reading.void_after_ns = ptpwatch_page_load_(page, ptpwatch_page_at_void_after_);
    *boot = ptpwatch_page_load_(page, ptpwatch_page_at_boot_);
    return reading;
}

/* Whether words that are of one write are to be believed. */
static inline struct ptpwatch_page_reading ptpwatch_page_judged_(
    struct ptpwatch_page_reading reading, int is_same_boot, uint64_t now_ns) {
    if (!is_same_boot) return ptpwatch_page_doubted_(PTPWATCH_PAGE_OTHER_BOOT);
    /* As it cannot overflow. */
    if (reading.as_of_ns > now_ns && reading.as_of_ns - now_ns > PTPWATCH_PAGE_LIFE_NS)
        return ptpwatch_page_doubted_(PTPWATCH_PAGE_OTHER_CLOCK);
    if (now_ns < reading.void_after_ns) return reading;
    if (reading.state != PTPWATCH_STATE_UNKNOWN) reading.last_known = reading.state;
    reading.state = PTPWATCH_STATE_UNKNOWN;
    reading.doubt = PTPWATCH_PAGE_EXPIRED;
    reading.clock_class = -1;
    reading.reasons = 0;
    reading.since_ns = reading.void_after_ns;
    reading.holdover_until_ns = PTPWATCH_NEVER;
    return reading;
}

/* Reads the channel of number `index`, whether it is of one write or not. */
static inline void ptpwatch_page_line_(
    const struct ptpwatch_page *page, size_t index, struct ptpwatch_page_channel *channel) {
    size_t at = ptpwatch_page_at_channels_ + index * ptpwatch_page_line_words_;
    uint64_t head = ptpwatch_page_load_(page, at);
    uint32_t freshness = (uint32_t)(head >> 16 & 255), length = (uint32_t)(head >> 24 & 255);
    channel->resource = (uint32_t)(head & 255);
    channel->state = ptpwatch_page_state_(head >> 8 & 255);
    channel->freshness = freshness <= PTPWATCH_FRESHNESS_STALE ? freshness : PTPWATCH_FRESHNESS_VOID;
    channel->level = ptpwatch_page_level_(head >> 32 & 65535);
    channel->since_ns = ptpwatch_page_load_(page, at + 1);
    channel->instance_length = length <= PTPWATCH_INSTANCE_NAME_MAX ? length : 0;
    for (uint32_t byte = 0; byte < PTPWATCH_INSTANCE_SIZE; byte++) {
        uint64_t word = byte < channel->instance_length ? ptpwatch_page_load_(page, at + 2 + byte / 8) : 0;
        channel->instance[byte] = (char)(word >> byte % 8 * 8 & 255);
    }
}

/// What `page` says at `now_ns`, of CLOCK_MONOTONIC, on the boot that is `boot`, as its writer says too.
///
/// It is a few loads: it neither waits, nor calls anybody, nor hinders the writer.
static inline struct ptpwatch_page_reading ptpwatch_page_read(
    const struct ptpwatch_page *page, uint64_t boot, uint64_t now_ns) {
    uint64_t sequence, its_boot;
    if (page == NULL || !ptpwatch_page_is_of_this_layout_(page))
        return ptpwatch_page_doubted_(PTPWATCH_PAGE_OTHER_LAYOUT);
    for (int tries = 0; tries < ptpwatch_page_tries_max_; tries++) {
        if (!ptpwatch_page_begin_(page, &sequence)) continue;
        struct ptpwatch_page_reading reading = ptpwatch_page_words_(page, &its_boot);
        if (ptpwatch_page_is_whole_(page, sequence))
            return ptpwatch_page_judged_(reading, its_boot == boot, now_ns);
    }
    return ptpwatch_page_doubted_(PTPWATCH_PAGE_BEING_WRITTEN);
}

/// The same, and `channels` of its channels, as they were at the same moment: as many as there are and there is `room` for,
/// which `*count` says. None where the page is not believed.
static inline struct ptpwatch_page_reading ptpwatch_page_read_channels(
    const struct ptpwatch_page *page, uint64_t boot, uint64_t now_ns,
    struct ptpwatch_page_channel *channels, size_t room, size_t *count) {
    uint64_t sequence, its_boot;
    if (count == NULL || channels == NULL) room = 0;
    if (count != NULL) *count = 0;
    if (page == NULL || !ptpwatch_page_is_of_this_layout_(page))
        return ptpwatch_page_doubted_(PTPWATCH_PAGE_OTHER_LAYOUT);
    if (room > PTPWATCH_PAGE_CHANNELS_MAX) room = PTPWATCH_PAGE_CHANNELS_MAX;
    for (int tries = 0; tries < ptpwatch_page_tries_max_; tries++) {
        if (!ptpwatch_page_begin_(page, &sequence)) continue;
        struct ptpwatch_page_reading reading = ptpwatch_page_words_(page, &its_boot);
        uint64_t there = ptpwatch_page_load_(page, ptpwatch_page_at_channel_count_);
        size_t found = 0;
        for (; found < room && found < there; found++) ptpwatch_page_line_(page, found, &channels[found]);
        if (!ptpwatch_page_is_whole_(page, sequence)) continue;
        reading = ptpwatch_page_judged_(reading, its_boot == boot, now_ns);
        if (found > 0 && reading.doubt == PTPWATCH_PAGE_BELIEVED) *count = found;
        return reading;
    }
    return ptpwatch_page_doubted_(PTPWATCH_PAGE_BEING_WRITTEN);
}

/// The name of a doubt, such as "expired"; "" for PTPWATCH_PAGE_BELIEVED, and "?" for a number that is none.
static inline const char *ptpwatch_page_doubt_name(uint32_t doubt) {
    switch (doubt) {
    case PTPWATCH_PAGE_BELIEVED: return "";
    case PTPWATCH_PAGE_OTHER_LAYOUT: return "other-layout";
    case PTPWATCH_PAGE_BEING_WRITTEN: return "being-written";
    case PTPWATCH_PAGE_OTHER_BOOT: return "other-boot";
    case PTPWATCH_PAGE_OTHER_CLOCK: return "other-clock";
    case PTPWATCH_PAGE_EXPIRED: return "expired";
    default: return "?";
    }
}

/// Makes the boot's number of its UUID, as it stands in /proc/sys/kernel/random/boot_id: of the first 16 digits. 0 if it is
/// done, -1 if there are fewer.
static inline int ptpwatch_page_boot(const char *uuid, uint64_t *boot) {
    int digits = 0;
    uint64_t number = 0;
    if (uuid == NULL || boot == NULL) return -1;
    for (; digits < 16 && *uuid != '\0'; uuid++) {
        int digit = *uuid >= '0' && *uuid <= '9'   ? *uuid - '0'
                  : *uuid >= 'a' && *uuid <= 'f' ? *uuid - 'a' + 10
                  : *uuid >= 'A' && *uuid <= 'F' ? *uuid - 'A' + 10
                                                 : -1;
        if (digit < 0) continue;
        number = number << 4 | (uint64_t)digit;
        digits++;
    }
    if (digits < 16) return -1;
    *boot = number;
    return 0;
}

#endif /* PTPWATCH_PAGE_H */
