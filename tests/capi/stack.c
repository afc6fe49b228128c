/* How much stack the library takes: what of a painted one is no longer as it was. */

#include "any_calls.h"

#include <pthread.h>

enum {
    STACK = 1 << 18,
    /* What README.md says, in bytes. */
    NEW_MAX = 12288,
    CALLS_MAX = 6144
};

static _Alignas(4096) unsigned char stack[STACK];
static _Alignas(PTPWATCH_ALIGN) unsigned char memory[PTPWATCH_SIZE_LARGE];
static struct ptpwatch_consumer *consumer;
static struct ptpwatch_config config;
static uint32_t seed;

static void *do_nothing(void *unused) { return unused; }

static void *make(void *unused) {
    ptpwatch_new(memory, sizeof memory, profiles[seed % 3], &config, 1, &consumer);
    return unused;
}

static void *call(void *unused) {
    make_any_calls(consumer, seed);
    return unused;
}

/* Bytes of a stack that a thread uses which does `work`. */
static size_t used_by(void *(*work)(void *)) {
    pthread_attr_t attributes;
    pthread_t thread;
    size_t untouched = 0;
    memset(stack, 0xa5, sizeof stack);
    CHECK(pthread_attr_init(&attributes) == 0 && pthread_attr_setstack(&attributes, stack, sizeof stack) == 0);
    CHECK(pthread_create(&thread, &attributes, work, NULL) == 0 && pthread_join(thread, NULL) == 0);
    while (untouched < sizeof stack && stack[untouched] == 0xa5) untouched++;
    return sizeof stack - untouched;
}

int main(void) {
    size_t thread = used_by(do_nothing), made = 0, called = 0;
    config = good_config();
    for (seed = 0; seed < 60; seed++) {
        size_t used = used_by(make) - thread;
        if (used > made) made = used;
        CHECK(consumer != NULL);
        used = used_by(call) - thread;
        if (used > called) called = used;
    }
    printf("stack: %zu bytes to make a consumer, %zu for any other call\n", made, called);
    CHECK(made <= NEW_MAX && called <= CALLS_MAX);
    return 0;
}
