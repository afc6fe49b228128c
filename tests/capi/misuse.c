/* Whatever a caller does wrong that can be seen is refused, and nothing comes of it. */

#include "any_calls.h"

#include <stdalign.h>

static const size_t sizes[] = {PTPWATCH_SIZE_SMALL, PTPWATCH_SIZE_DEFAULT, PTPWATCH_SIZE_LARGE};
static const uint32_t connections[] = {
    PTPWATCH_CONNECTIONS_SMALL, PTPWATCH_CONNECTIONS_DEFAULT, PTPWATCH_CONNECTIONS_LARGE};

/* Every function that takes a consumer returns `error` where `consumer` is none, and gives nothing. */
static void check_refused(struct ptpwatch_consumer *consumer, int error) {
    struct ptpwatch_verdict_report verdict = {.struct_size = sizeof verdict};
    struct ptpwatch_channel_report channel = {.struct_size = sizeof channel};
    struct ptpwatch_link_report link = {.struct_size = sizeof link};
    struct ptpwatch_stats_report stats = {.struct_size = sizeof stats};
    static alignas(8) unsigned char page[PTPWATCH_PAGE_SIZE];
    ptpwatch_conn conn = 99;
    size_t length = 99;
    CHECK(ptpwatch_admit(consumer, 1) == PTPWATCH_NO_CONN);
    CHECK(ptpwatch_handle_opened(consumer, 1, 1) == error);
    CHECK(ptpwatch_handle_received(consumer, 1, 1, 1) == error);
    CHECK(ptpwatch_handle_sent(consumer, 1, 1, 1) == error);
    CHECK(ptpwatch_handle_end(consumer, 1, 1) == error);
    CHECK(ptpwatch_handle_closed(consumer, 1, 1) == error);
    CHECK(ptpwatch_handle_timeout(consumer, 1) == error);
    CHECK(ptpwatch_handle_stop(consumer, 1) == error);
    CHECK(ptpwatch_recv_window(consumer, 1, &length) == NULL && length == 0);
    length = 99;
    CHECK(ptpwatch_send_window(consumer, 1, &length) == NULL && length == 0);
    CHECK(ptpwatch_poll_action(consumer, &conn) == error && conn == 99);
    CHECK(ptpwatch_poll_notice(consumer, &channel, &verdict, &link) == error);
    CHECK(ptpwatch_poll_timeout(consumer) == PTPWATCH_NEVER);
    CHECK(ptpwatch_verdict(consumer, &verdict) == error);
    CHECK(ptpwatch_verdict_until(consumer) == 0);
    CHECK(ptpwatch_channel(consumer, 0, &channel) == error);
    CHECK(ptpwatch_link(consumer, &link) == error);
    CHECK(ptpwatch_stats(consumer, &stats) == error);
    CHECK(ptpwatch_is_stopped(consumer) == error);
    CHECK(ptpwatch_show(consumer, 1, page, 1) == error);
    CHECK(ptpwatch_hide(consumer, 1) == error);
    CHECK(ptpwatch_end(consumer, 1) == error);
}

static void what_is_no_consumer_is_refused(void) {
    alignas(PTPWATCH_ALIGN) static unsigned char memory[PTPWATCH_SIZE_SMALL + 1];
    check_refused(NULL, PTPWATCH_ERROR_NULL);
    check_refused((void *)memory, PTPWATCH_ERROR_CONSUMER);
    memset(memory, 0xa5, sizeof memory);
    check_refused((void *)memory, PTPWATCH_ERROR_CONSUMER);
    check_refused((void *)(memory + 1), PTPWATCH_ERROR_CONSUMER);
}

static void what_was_moved_or_has_ended_is_no_consumer(void) {
    size_t size = ptpwatch_size(PTPWATCH_PROFILE_SMALL);
    struct ptpwatch_consumer *consumer = new_consumer(PTPWATCH_PROFILE_SMALL, 1), *copy = malloc(size);
    CHECK(copy != NULL);
    memcpy(copy, consumer, size);
    check_refused(copy, PTPWATCH_ERROR_CONSUMER);
    CHECK(ptpwatch_end(consumer, 2) == PTPWATCH_OK);
    check_refused(consumer, PTPWATCH_ERROR_CONSUMER);
    free(copy);
    free(consumer);
}

static void a_consumer_in_the_place_of_another_is_refused_as_a_whole(void) {
    struct ptpwatch_consumer *consumer = new_consumer(PTPWATCH_PROFILE_SMALL, 1), *other = consumer;
    struct ptpwatch_config config = good_config();
    config.node = "not/a/node";
    CHECK(ptpwatch_new(consumer, ptpwatch_size(PTPWATCH_PROFILE_SMALL), PTPWATCH_PROFILE_SMALL, &config, 2, &other)
          == PTPWATCH_ERROR_NODE);
    CHECK(other == NULL);
    check_refused(consumer, PTPWATCH_ERROR_CONSUMER);
    config.node = "n";
    CHECK(ptpwatch_new(consumer, ptpwatch_size(PTPWATCH_PROFILE_SMALL), PTPWATCH_PROFILE_SMALL, &config, 3, &other)
          == PTPWATCH_OK);
    CHECK(ptpwatch_is_stopped(other) == 0);
    free(other);
}

static void memory_has_to_be_enough_and_aligned(void) {
    for (size_t index = 0; index < 3; index++) {
        size_t size = ptpwatch_size(profiles[index]);
        CHECK(size > 0 && size <= sizes[index]);
        struct ptpwatch_config config = good_config();
        struct ptpwatch_consumer *consumer;
        unsigned char *memory = malloc(size + PTPWATCH_ALIGN);
        CHECK(memory != NULL);
        CHECK(ptpwatch_new(memory, size - 1, profiles[index], &config, 1, &consumer) == PTPWATCH_ERROR_MEMORY);
        CHECK(ptpwatch_new(memory, 0, profiles[index], &config, 1, &consumer) == PTPWATCH_ERROR_MEMORY);
        CHECK(ptpwatch_new(memory + 8, size, profiles[index], &config, 1, &consumer) == PTPWATCH_ERROR_MEMORY);
        CHECK(ptpwatch_new(memory, size, 4, &config, 1, &consumer) == PTPWATCH_ERROR_PROFILE);
        CHECK(ptpwatch_new(memory, size, 0, &config, 1, &consumer) == PTPWATCH_ERROR_PROFILE);
        CHECK(ptpwatch_new(NULL, size, profiles[index], &config, 1, &consumer) == PTPWATCH_ERROR_NULL);
        CHECK(ptpwatch_new(memory, size, profiles[index], NULL, 1, &consumer) == PTPWATCH_ERROR_NULL);
        CHECK(consumer == NULL);
        CHECK(ptpwatch_new(memory, size, profiles[index], &config, 1, NULL) == PTPWATCH_ERROR_NULL);
        CHECK(ptpwatch_new(memory, size, profiles[index], &config, 1, &consumer) == PTPWATCH_OK);
        free(memory);
    }
    CHECK(ptpwatch_size(0) == 0 && ptpwatch_size(4) == 0);
    CHECK(ptpwatch_config_default(NULL, PTPWATCH_ROLE_NTP) == PTPWATCH_ERROR_NULL);
}

/* What the configuration points to may change and go once it is copied. */
static void what_is_passed_is_copied(void) {
    struct ptpwatch_config config = good_config();
    char *node = strdup("compute-1.example.com"), *authority = strdup("h:1"), *endpoint = strdup("http://e:2/event");
    char *name = strdup("ens1fx/master");
    const char **names = malloc(sizeof *names);
    uint8_t *classes = malloc(1);
    CHECK(node && authority && endpoint && name && names && classes);
    *names = name;
    *classes = 6;
    config.node = node;
    config.authority = authority;
    config.endpoint = endpoint;
    config.instances = PTPWATCH_INSTANCES_NAMED;
    config.instance_names = names;
    config.instance_names_count = 1;
    config.good_classes = classes;
    config.good_classes_count = 1;
    struct ptpwatch_consumer *consumer;
    size_t size = ptpwatch_size(PTPWATCH_PROFILE_SMALL);
    void *memory = malloc(size);
    CHECK(ptpwatch_new(memory, size, PTPWATCH_PROFILE_SMALL, &config, 1, &consumer) == PTPWATCH_OK);
    free(node), free(authority), free(endpoint), free(name), free(names), free(classes);
    ptpwatch_conn conn;
    CHECK(ptpwatch_poll_action(consumer, &conn) == PTPWATCH_ACTION_OPEN);
    CHECK(ptpwatch_handle_opened(consumer, 2, conn) == PTPWATCH_OK);
    size_t length;
    const char *request = (const char *)ptpwatch_send_window(consumer, conn, &length);
    CHECK(request != NULL && length > 20 && memcmp(request, "GET /api/ocloudNotifications/v2", 31) == 0);
    free(memory);
}

static void a_connection_of_another_time_is_inert(void) {
    for (size_t index = 0; index < 3; index++) {
        struct ptpwatch_consumer *consumer = new_consumer(profiles[index], 1);
        struct ptpwatch_stats_report stats = {.struct_size = sizeof stats};
        ptpwatch_conn conn = ptpwatch_admit(consumer, 1);
        size_t length;
        CHECK(conn != PTPWATCH_NO_CONN && ptpwatch_conn_index(conn) < connections[index]);
        CHECK(ptpwatch_recv_window(consumer, conn, &length) != NULL && length >= 1536);
        CHECK(ptpwatch_recv_window(consumer, conn, NULL) == NULL);
        CHECK(ptpwatch_send_window(consumer, conn, &length) == NULL && length == 0);
        CHECK(ptpwatch_handle_closed(consumer, 2, conn) == PTPWATCH_OK);
        CHECK(ptpwatch_recv_window(consumer, conn, &length) == NULL && length == 0);
        const ptpwatch_conn others[] = {conn, PTPWATCH_NO_CONN, UINT32_MAX, connections[index] + 1, 0x10000};
        for (size_t other = 0; other < 5; other++) {
            CHECK(ptpwatch_handle_received(consumer, 3, others[other], 1) == PTPWATCH_OK);
            CHECK(ptpwatch_handle_sent(consumer, 3, others[other], SIZE_MAX) == PTPWATCH_OK);
            CHECK(ptpwatch_handle_end(consumer, 3, others[other]) == PTPWATCH_OK);
            CHECK(ptpwatch_handle_closed(consumer, 3, others[other]) == PTPWATCH_OK);
        }
        CHECK(ptpwatch_stats(consumer, &stats) == PTPWATCH_OK && stats.misuse == 15 && stats.producer == 7);
        CHECK(ptpwatch_poll_action(consumer, NULL) == PTPWATCH_ERROR_NULL);
        free(consumer);
    }
    CHECK(ptpwatch_conn_index(PTPWATCH_NO_CONN) == 65535);
}

/* More than there was room for is not believed. */
static void counts_that_are_too_large_are_cut(void) {
    struct ptpwatch_consumer *consumer = new_consumer(PTPWATCH_PROFILE_SMALL, 1);
    struct ptpwatch_stats_report stats = {.struct_size = sizeof stats};
    ptpwatch_conn conn = ptpwatch_admit(consumer, 1);
    size_t length;
    uint8_t *window = ptpwatch_recv_window(consumer, conn, &length);
    memset(window, 'x', length);
    CHECK(ptpwatch_handle_received(consumer, 2, conn, SIZE_MAX) == PTPWATCH_OK);
    CHECK(ptpwatch_stats(consumer, &stats) == PTPWATCH_OK && stats.misuse == 1);
    free(consumer);
}

/* A struct that is shorter, or says nothing of its size, is not written over; and no notice is lost by it. */
static void structs_say_their_size(void) {
    struct ptpwatch_consumer *consumer = new_consumer(PTPWATCH_PROFILE_DEFAULT, 1);
    unsigned char bytes[sizeof(struct ptpwatch_stats_report) + 16];
    struct ptpwatch_verdict_report verdict = {.struct_size = sizeof verdict};
    struct ptpwatch_link_report link = {.struct_size = 0};
    ptpwatch_conn conn = ptpwatch_admit(consumer, 1);
    static const char body[] =
        "{\"source\":\"/sync/ptp-status/lock-state\",\"data\":{\"values\":[{\"ResourceAddress\":"
        "\"/cluster/node/compute-1.example.com/ens1fx/master\",\"data_type\":\"notification\","
        "\"value_type\":\"enumeration\",\"value\":\"FREERUN\"}]}}";
    size_t length;
    char *window = (char *)ptpwatch_recv_window(consumer, conn, &length);
    int size_of_request = snprintf(
        window, length, "POST /event HTTP/1.1\r\nHost: e\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
    CHECK(ptpwatch_handle_received(consumer, 2, conn, (size_t)size_of_request) == PTPWATCH_OK);
    CHECK(ptpwatch_send_window(consumer, conn, &length) != NULL && length > 12);
    CHECK(ptpwatch_verdict(consumer, &verdict) == PTPWATCH_OK && verdict.state == PTPWATCH_STATE_FREERUN);
    CHECK(verdict.producer == 7 && verdict.since_ns == 2 && verdict.holdover_until_ns == PTPWATCH_NEVER);
    CHECK((verdict.reasons & PTPWATCH_BIT(PTPWATCH_REASON_LOCK_FREERUN)) != 0);

    CHECK(ptpwatch_poll_notice(consumer, NULL, &verdict, &link) == PTPWATCH_ERROR_STRUCT_SIZE);
    for (uint32_t size = 0; size <= sizeof bytes; size++) {
        uint32_t word;
        memset(bytes, 0xa5, sizeof bytes);
        memcpy(bytes, &size, sizeof size);
        int result = ptpwatch_verdict(consumer, (struct ptpwatch_verdict_report *)(void *)bytes);
        CHECK(result == (size >= 16 && size % 8 == 0 ? PTPWATCH_OK : PTPWATCH_ERROR_STRUCT_SIZE));
        memcpy(&word, bytes, sizeof word);
        CHECK(word == size);
        size_t known = size < sizeof verdict ? size : sizeof verdict;
        for (size_t index = result == PTPWATCH_OK ? known : 4; index < sizeof bytes; index++) CHECK(bytes[index] == 0xa5);
    }
    struct ptpwatch_channel_report channel = {.struct_size = sizeof channel};
    CHECK(ptpwatch_channel(consumer, 0, &channel) == 1 && channel.word == PTPWATCH_WORD_FREERUN);
    CHECK(channel.instance_length == 13 && strcmp(channel.instance, "ens1fx/master") == 0);
    CHECK(channel.level == -1 && channel.pushed_ns == 2 && channel.freshness == PTPWATCH_FRESHNESS_FRESH);
    CHECK(ptpwatch_channel(consumer, 1, &channel) == 0 && ptpwatch_channel(consumer, UINT32_MAX, &channel) == 0);
    CHECK(ptpwatch_channel(consumer, 0, NULL) == PTPWATCH_ERROR_NULL);
    CHECK(ptpwatch_verdict(consumer, NULL) == PTPWATCH_ERROR_NULL);

    /* What nobody wants to know is told all the same, and in its order. */
    CHECK(ptpwatch_poll_notice(consumer, NULL, NULL, NULL) == PTPWATCH_NOTICE_CHANNEL);
    CHECK(ptpwatch_poll_notice(consumer, NULL, &verdict, NULL) == PTPWATCH_NOTICE_VERDICT);
    CHECK(verdict.transitions == 1 && verdict.worst == PTPWATCH_STATE_FREERUN);
    CHECK(ptpwatch_poll_notice(consumer, NULL, &verdict, NULL) == PTPWATCH_OK);
    free(consumer);
}

int main(void) {
    what_is_no_consumer_is_refused();
    what_was_moved_or_has_ended_is_no_consumer();
    a_consumer_in_the_place_of_another_is_refused_as_a_whole();
    memory_has_to_be_enough_and_aligned();
    what_is_passed_is_copied();
    a_connection_of_another_time_is_inert();
    counts_that_are_too_large_are_cut();
    structs_say_their_size();
    for (uint32_t seed = 0; seed < 60; seed++) {
        struct ptpwatch_consumer *consumer = new_consumer(profiles[seed % 3], 1);
        make_any_calls(consumer, seed);
        free(consumer);
    }
    puts("misuse: refused");
    return 0;
}
