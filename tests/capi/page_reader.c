/* Says what ptpwatch_page.h reads of a file, for tests that compare it with the reader in Rust: for each time on stdin, one
 * line. */

#include "ptpwatch_page_posix.h"

#include <inttypes.h>
#include <stdio.h>

static void say_channel(const struct ptpwatch_page_channel *channel) {
    printf(" [%" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRId32 " %" PRIu64 " ", channel->resource, channel->state,
           channel->freshness, channel->level, channel->since_ns);
    for (uint32_t byte = 0; byte < channel->instance_length; byte++) printf("%02x", (unsigned char)channel->instance[byte]);
    printf("]");
}

static void say(const char *path, uint64_t now_ns) {
    static struct ptpwatch_page_channel channels[PTPWATCH_PAGE_CHANNELS_MAX];
    struct ptpwatch_page_map map;
    size_t count;
    if (ptpwatch_page_open(path, &map) < 0) {
        puts("none");
        return;
    }
    struct ptpwatch_page_reading alone = ptpwatch_page_read(map.page, map.boot, now_ns);
    struct ptpwatch_page_reading reading =
        ptpwatch_page_read_channels(map.page, map.boot, now_ns, channels, PTPWATCH_PAGE_CHANNELS_MAX, &count);
    const char *is_same = alone.state == reading.state && alone.doubt == reading.doubt && alone.as_of_ns == reading.as_of_ns
        ? "" : "two readings ";
    printf("%s%s %" PRIu32 " %" PRIu32 " %" PRId32 " %08" PRIx64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
           " %" PRIu64 " %" PRIu64, is_same, ptpwatch_page_doubt_name(reading.doubt), reading.state, reading.last_known,
           reading.clock_class, reading.reasons & UINT32_MAX, reading.since_ns, reading.holdover_until_ns,
           reading.transitions, reading.epoch_ns, reading.as_of_ns, reading.void_after_ns);
    for (size_t index = 0; index < count; index++)
        /* Those of a later version, which the reader in Rust leaves out. */
        if (channels[index].resource <= PTPWATCH_RESOURCE_SYNCE_QUALITY) say_channel(&channels[index]);
    putchar('\n');
    ptpwatch_page_close(&map);
}

int main(int count, char **arguments) {
    uint64_t now_ns;
    if (count != 2) return 2;
    while (scanf("%" SCNu64, &now_ns) == 1) {
        say(arguments[1], now_ns);
        fflush(stdout);
    }
    return 0;
}
