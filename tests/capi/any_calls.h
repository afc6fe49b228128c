/* A caller who does anything. */
#ifndef ANY_CALLS_H
#define ANY_CALLS_H

#include "check.h"

static const uint32_t profiles[] = {PTPWATCH_PROFILE_SMALL, PTPWATCH_PROFILE_DEFAULT, PTPWATCH_PROFILE_LARGE};

/* Any calls in any order, with any connection, count and bytes. */
static inline void make_any_calls(struct ptpwatch_consumer *consumer, uint32_t seed) {
    static const char *const pieces[] = {
        "POST /event HTTP/1.1\r\nHost: e\r\n", "Content-Length: 9\r\n\r\n", "{\"a\":[1]}", "\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "\xff\n", ""};
    ptpwatch_conn conns[8] = {0};
    uint64_t now = 1;
    uint32_t random = seed * 2654435761U + 1;
    for (int call = 0; call < 3000; call++) {
        random ^= random << 13, random ^= random >> 17, random ^= random << 5;
        ptpwatch_conn *place = &conns[random >> 8 & 7], conn = *place;
        size_t length, count = random >> 12 & 255;
        uint8_t *window;
        struct ptpwatch_channel_report channel = {.struct_size = sizeof channel};
        struct ptpwatch_verdict_report verdict = {.struct_size = sizeof verdict};
        struct ptpwatch_link_report link = {.struct_size = sizeof link};
        now += (random >> 20) % 64 == 0 ? SECOND_NS : 1000;
        switch (random % 13) {
        case 0: *place = ptpwatch_admit(consumer, now); break;
        case 1: ptpwatch_handle_opened(consumer, now, conn); break;
        case 2: ptpwatch_handle_end(consumer, now, conn); break;
        case 3: ptpwatch_handle_closed(consumer, now, random % 3 == 0 ? conn : random); break;
        case 4: ptpwatch_handle_timeout(consumer, now); break;
        case 5: ptpwatch_handle_sent(consumer, now, conn, count); break;
        case 6:
        case 7:
        case 8:
            window = ptpwatch_recv_window(consumer, conn, &length);
            const char *piece = pieces[(random >> 16) % 10];
            size_t size = strlen(piece) < length ? strlen(piece) : length;
            if (window != NULL) memcpy(window, piece, size);
            ptpwatch_handle_received(consumer, now, conn, size);
            break;
        case 9:
            if (ptpwatch_send_window(consumer, conn, &length) != NULL) ptpwatch_handle_sent(consumer, now, conn, length);
            break;
        case 10:
            if (ptpwatch_poll_action(consumer, &conn) > 0) *place = conn;
            break;
        case 11: ptpwatch_poll_notice(consumer, &channel, &verdict, &link); break;
        default:
            CHECK(ptpwatch_poll_timeout(consumer) > 0);
            if (random >> 20 == 0) ptpwatch_handle_stop(consumer, now);
        }
    }
    /* The end of time is not waited for. */
    CHECK(ptpwatch_handle_timeout(consumer, PTPWATCH_NEVER) == PTPWATCH_OK);
    CHECK(ptpwatch_end(consumer, now) == PTPWATCH_OK);
}

#endif
