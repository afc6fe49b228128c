/* What the tests in C have in common. */
#ifndef CHECK_H
#define CHECK_H

#include "ptpwatch.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_NS UINT64_C(1000000000)

/* Ends the program if `condition` does not hold. */
#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
            exit(1); \
        } \
    } while (0)

/* A good configuration. */
static inline struct ptpwatch_config good_config(void) {
    struct ptpwatch_config config = {.struct_size = sizeof config};
    CHECK(ptpwatch_config_default(&config, PTPWATCH_ROLE_ORDINARY_CLOCK) == PTPWATCH_OK);
    config.node = "compute-1.example.com";
    config.authority = "localhost:9043";
    config.endpoint = "http://localhost:8989/event";
    config.dialect = "openshift-v2";
    config.producer = 7;
    return config;
}

/* A consumer in exactly as much memory as it needs, from malloc(): what is behind it is watched by valgrind and ASan. */
static inline struct ptpwatch_consumer *new_consumer(uint32_t profile, uint64_t now_ns) {
    struct ptpwatch_config config = good_config();
    struct ptpwatch_consumer *consumer = NULL;
    size_t size = ptpwatch_size(profile);
    void *memory = malloc(size);
    CHECK(memory != NULL && size > 0);
    memset(memory, 0xa5, size);
    CHECK(ptpwatch_new(memory, size, profile, &config, now_ns, &consumer) == PTPWATCH_OK);
    CHECK((void *)consumer == memory);
    return consumer;
}

#endif
