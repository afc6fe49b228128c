/* A caller who says that a struct is larger than it is: who watches the library's memory, valgrind or a sanitizer, has to
 * see it write behind its end. The test of the tests: if this ends well, they see nothing. */

#include "check.h"

int main(void) {
    struct ptpwatch_consumer *consumer = new_consumer(PTPWATCH_PROFILE_SMALL, 1);
    struct ptpwatch_verdict_report *verdict = malloc(16);
    CHECK(verdict != NULL);
    verdict->struct_size = sizeof *verdict;
    ptpwatch_verdict(consumer, verdict);
    free(verdict);
    free(consumer);
    return 0;
}
