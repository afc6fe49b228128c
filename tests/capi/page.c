/* The reader of ptpwatch_page.h sees what the consumer says, whole or not at all, while another thread writes it. */

#include "check.h"
#include "ptpwatch_page_posix.h"

#include <pthread.h>

static struct ptpwatch_page page;

/* The time of the writer, which readers know as they would from their clock. */
static _Atomic uint64_t clock_ns = 5 * SECOND_NS;
static atomic_bool is_over;
static atomic_ulong reads, changes_seen;

static void check_doubt(uint64_t boot, uint64_t now_ns, uint32_t doubt) {
    struct ptpwatch_page_channel channels[4];
    size_t count = 99;
    struct ptpwatch_page_reading reading = ptpwatch_page_read_channels(&page, boot, now_ns, channels, 4, &count);
    CHECK(reading.doubt == doubt && count == 0);
    CHECK(reading.state == PTPWATCH_STATE_UNKNOWN && reading.reasons == 0 && reading.clock_class == -1);
    reading = ptpwatch_page_read(&page, boot, now_ns);
    CHECK(reading.doubt == doubt && reading.state == PTPWATCH_STATE_UNKNOWN);
}

static void store(size_t word, uint64_t value) { atomic_store(&page.words[word], value); }

/* Tells the consumer that the PTP lock is in `state`. */
static void notify(struct ptpwatch_consumer *consumer, ptpwatch_conn conn, uint64_t now, const char *state) {
    char body[256];
    size_t length;
    int size = snprintf(body, sizeof body,
                        "{\"source\":\"/sync/ptp-status/lock-state\",\"data\":{\"values\":[{\"ResourceAddress\":"
                        "\"/cluster/node/compute-1.example.com/ens1fx/master\",\"data_type\":\"notification\","
                        "\"value_type\":\"enumeration\",\"value\":\"%s\"}]}}",
                        state);
    char *window = (char *)ptpwatch_recv_window(consumer, conn, &length);
    CHECK(window != NULL);
    int written =
        snprintf(window, length, "POST /event HTTP/1.1\r\nHost: e\r\nContent-Length: %d\r\n\r\n%s", size, body);
    CHECK(written > 0 && (size_t)written < length);
    CHECK(ptpwatch_handle_received(consumer, now, conn, (size_t)written) == PTPWATCH_OK);
    CHECK(ptpwatch_send_window(consumer, conn, &length) != NULL);
    CHECK(ptpwatch_handle_sent(consumer, now, conn, length) == PTPWATCH_OK);
}

/* A consumer whose verdict follows the PTP lock alone, and at once. */
static struct ptpwatch_consumer *prompt_consumer(void *memory, size_t size) {
    struct ptpwatch_config config = good_config();
    struct ptpwatch_consumer *consumer;
    config.os_clock = PTPWATCH_OS_CLOCK_INFO;
    config.recover_ns = 0;
    CHECK(ptpwatch_new(memory, size, PTPWATCH_PROFILE_DEFAULT, &config, clock_ns, &consumer) == PTPWATCH_OK);
    return consumer;
}

static void every_doubt_is_told(struct ptpwatch_consumer *consumer, ptpwatch_conn conn) {
    uint64_t now = clock_ns;
    static unsigned char bytes[PTPWATCH_PAGE_SIZE + 8];
    check_doubt(1, now, PTPWATCH_PAGE_OTHER_LAYOUT); /* of zeros */
    CHECK(ptpwatch_page_read(NULL, 1, now).doubt == PTPWATCH_PAGE_OTHER_LAYOUT);
    CHECK(ptpwatch_show(consumer, now, NULL, 1) == PTPWATCH_ERROR_NULL);
    CHECK(ptpwatch_show(consumer, now, bytes + 1, 1) == PTPWATCH_ERROR_PAGE);
    bytes[0] = 1;
    CHECK(ptpwatch_show(consumer, now, bytes + (8 - (uintptr_t)bytes % 8) % 8, 1) == PTPWATCH_ERROR_PAGE);
    CHECK(ptpwatch_show(consumer, now, &page, 1) == PTPWATCH_OK);
    CHECK(ptpwatch_poll_timeout(consumer) <= now + PTPWATCH_PAGE_LIFE_NS / 2);
    CHECK(ptpwatch_page_read(&page, 1, now).doubt == PTPWATCH_PAGE_BELIEVED);
    CHECK(ptpwatch_page_read(&page, 1, now).state == PTPWATCH_STATE_UNKNOWN);
    notify(consumer, conn, now, "HOLDOVER");
    struct ptpwatch_page_reading reading = ptpwatch_page_read(&page, 1, now);
    struct ptpwatch_verdict_report verdict = {.struct_size = sizeof verdict};
    CHECK(ptpwatch_verdict(consumer, &verdict) == PTPWATCH_OK);
    CHECK(reading.state == PTPWATCH_STATE_HOLDOVER && reading.reasons == verdict.reasons);
    CHECK(reading.since_ns == verdict.since_ns && reading.holdover_until_ns == verdict.holdover_until_ns);
    CHECK(reading.transitions == 1 && reading.epoch_ns == now && reading.as_of_ns == now);
    CHECK(reading.void_after_ns <= ptpwatch_verdict_until(consumer) && reading.void_after_ns > now);
    check_doubt(2, now, PTPWATCH_PAGE_OTHER_BOOT);
    check_doubt(1, now - PTPWATCH_PAGE_LIFE_NS - 1, PTPWATCH_PAGE_OTHER_CLOCK);
    check_doubt(1, reading.void_after_ns, PTPWATCH_PAGE_EXPIRED);
    CHECK(ptpwatch_page_read(&page, 1, reading.void_after_ns).last_known == PTPWATCH_STATE_HOLDOVER);
    uint64_t sequence = page.words[5];
    store(5, sequence | 1);
    check_doubt(1, now, PTPWATCH_PAGE_BEING_WRITTEN);
    store(5, sequence);
    store(1, 2);
    check_doubt(1, now, PTPWATCH_PAGE_OTHER_LAYOUT);
    store(1, 1);
    CHECK(ptpwatch_hide(consumer, now) == PTPWATCH_OK);
    check_doubt(1, now, PTPWATCH_PAGE_EXPIRED);
    for (uint32_t doubt = 0; doubt < 6; doubt++) CHECK(strcmp(ptpwatch_page_doubt_name(doubt), "?") != 0);
}

static void a_boot_has_a_number(void) {
    uint64_t boot = 0;
    CHECK(ptpwatch_page_boot("01234567-89aB-CdEf-0000-000000000000\n", &boot) == 0);
    CHECK(boot == UINT64_C(0x0123456789abcdef));
    CHECK(ptpwatch_page_boot("0123", &boot) == -1 && ptpwatch_page_boot(NULL, &boot) == -1);
}

/* What no two writes have in common: it is of one of them. */
static void check_whole(const struct ptpwatch_page_reading *reading, const struct ptpwatch_page_channel *channel) {
    uint64_t freerun = PTPWATCH_BIT(PTPWATCH_REASON_LOCK_FREERUN), holdover = PTPWATCH_BIT(PTPWATCH_REASON_LOCK_HOLDOVER);
    CHECK(reading->state == PTPWATCH_STATE_FREERUN || reading->state == PTPWATCH_STATE_HOLDOVER);
    CHECK((reading->reasons & (freerun | holdover)) == (reading->state == PTPWATCH_STATE_FREERUN ? freerun : holdover));
    CHECK(channel->state == reading->state && channel->resource == PTPWATCH_RESOURCE_LOCK_STATE);
    CHECK(reading->since_ns == channel->since_ns && reading->since_ns <= reading->as_of_ns);
    CHECK((reading->transitions % 2 == 0) == (reading->state == PTPWATCH_STATE_FREERUN));
    CHECK(strcmp(channel->instance, "ens1fx/master") == 0);
}

static void *read_on(void *unused) {
    uint64_t as_of = 0, transitions = 0;
    while (!is_over) {
        struct ptpwatch_page_channel channels[2];
        size_t count;
        struct ptpwatch_page_reading reading = ptpwatch_page_read_channels(&page, 1, clock_ns, channels, 2, &count);
        reads++;
        if (reading.doubt == PTPWATCH_PAGE_BEING_WRITTEN) continue;
        CHECK(reading.doubt == PTPWATCH_PAGE_BELIEVED && count == 1);
        check_whole(&reading, &channels[0]);
        CHECK(reading.as_of_ns >= as_of && reading.transitions >= transitions);
        if (reading.transitions != transitions) changes_seen++;
        as_of = reading.as_of_ns;
        transitions = reading.transitions;
    }
    return unused;
}

/* Writes at least `count` times, and for as long as the readers have not seen enough. */
static void no_read_is_torn(struct ptpwatch_consumer *consumer, ptpwatch_conn conn, unsigned long count) {
    pthread_t readers[2];
    CHECK(ptpwatch_show(consumer, clock_ns, &page, 1) == PTPWATCH_OK);
    notify(consumer, conn, clock_ns, "HOLDOVER");
    notify(consumer, conn, clock_ns, "FREERUN");
    for (int index = 0; index < 2; index++) CHECK(pthread_create(&readers[index], NULL, read_on, NULL) == 0);
    for (unsigned long write = 0; write < count || reads < count || changes_seen < count / 100; write++) {
        clock_ns += 1000;
        notify(consumer, conn, clock_ns, write % 2 == 0 ? "HOLDOVER" : "FREERUN");
    }
    is_over = true;
    for (int index = 0; index < 2; index++) CHECK(pthread_join(readers[index], NULL) == 0);
    printf("page: %lu reads, %lu changes seen, none torn\n", reads, changes_seen);
}

/* How long a read takes: the best of many rounds. */
static void measure(struct ptpwatch_consumer *consumer) {
    enum { READS = 100000, ROUNDS = 20 };
    uint64_t best = UINT64_MAX, states = 0, now = clock_ns;
    CHECK(ptpwatch_show(consumer, now, &page, 1) == PTPWATCH_OK);
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t start = ptpwatch_page_now_ns();
        for (int read = 0; read < READS; read++) states += ptpwatch_page_read(&page, 1, now).state;
        uint64_t took = ptpwatch_page_now_ns() - start;
        if (took < best) best = took;
    }
    printf("page: %.1f ns a read (%lu)\n", (double)best / READS, (unsigned long)states % 10);
}

int main(int count, char **arguments) {
    size_t size = ptpwatch_size(PTPWATCH_PROFILE_DEFAULT);
    void *memory = malloc(size);
    struct ptpwatch_consumer *consumer = prompt_consumer(memory, size);
    ptpwatch_conn conn = ptpwatch_admit(consumer, clock_ns), outbound;
    CHECK(conn != PTPWATCH_NO_CONN && ptpwatch_poll_action(consumer, &outbound) == PTPWATCH_ACTION_OPEN);
    a_boot_has_a_number();
    every_doubt_is_told(consumer, conn);
    no_read_is_torn(consumer, conn, count > 1 ? strtoul(arguments[1], NULL, 10) : 1000);
    measure(consumer);
    CHECK(ptpwatch_end(consumer, clock_ns) == PTPWATCH_OK);
    CHECK(ptpwatch_page_read(&page, 1, clock_ns).state == PTPWATCH_STATE_UNKNOWN);
    free(memory);
    return 0;
}
