/*
 * Maps the state page of another process, such as of `ptpwatch run --page /run/ptpwatch/state`.
 *
 * Of C11 and C++17, inline, over POSIX.1-2008: with -std=c11 define _POSIX_C_SOURCE 200809L before the first #include.
 * Licence: MIT or Apache-2.0, as you choose.
 *
 * Whoever truncates a file takes the memory from under those who have mapped it: their next access is a SIGBUS, which ends
 * them. So only a file is mapped that nobody but its owner may write, and whose size is right. Linux alone says which boot it
 * is in.
 */

#ifndef PTPWATCH_PAGE_POSIX_H
#define PTPWATCH_PAGE_POSIX_H

#include "ptpwatch_page.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/// A page that another process writes.
struct ptpwatch_page_map {
    /// The page, to be read only.
    const struct ptpwatch_page *page;
    /// The boot that this host is in.
    uint64_t boot;
    /// Which file it is.
    dev_t device;
    ino_t inode;
};

/* The boot that this host is in. */
static inline int ptpwatch_page_this_boot_(uint64_t *boot) {
    char uuid[64];
    int file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t length = read(file, uuid, sizeof uuid - 1);
    close(file);
    uuid[length > 0 ? length : 0] = '\0';
    if (ptpwatch_page_boot(uuid, boot) == 0) return 0;
    errno = ENODATA;
    return -1;
}

/// Maps the page at `path`. Returns 0; or -1, and errno says why: EPERM if others than its owner may write to it, EINVAL if
/// it is not a state page of this version.
static inline int ptpwatch_page_open(const char *path, struct ptpwatch_page_map *map) {
    struct stat status;
    void *memory = MAP_FAILED;
    /* It may be anything, and is not waited for. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return -1;
    if (fstat(file, &status) == 0) {
        errno = EINVAL;
        if (S_ISREG(status.st_mode) && status.st_size == PTPWATCH_PAGE_SIZE) {
            errno = EPERM;
            if ((status.st_mode & (S_IWGRP | S_IWOTH)) == 0)
                memory = mmap(NULL, PTPWATCH_PAGE_SIZE, PROT_READ, MAP_SHARED, file, 0);
        }
    }
    int error = errno;
    close(file);
    errno = error;
    if (memory == MAP_FAILED) return -1;
    map->page = (const struct ptpwatch_page *)memory;
    map->device = status.st_dev;
    map->inode = status.st_ino;
    if (ptpwatch_page_this_boot_(&map->boot) == 0) return 0;
    error = errno;
    munmap(memory, PTPWATCH_PAGE_SIZE);
    errno = error;
    return -1;
}

/// Whether the page is still the file that `path` names: where a doubt lasts, another may have taken its name.
static inline int ptpwatch_page_is_at(const struct ptpwatch_page_map *map, const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && status.st_dev == map->device && status.st_ino == map->inode;
}

/// Maps it no more.
static inline void ptpwatch_page_close(struct ptpwatch_page_map *map) {
    if (map->page != NULL) munmap((void *)(uintptr_t)map->page, PTPWATCH_PAGE_SIZE);
    map->page = NULL;
}

/// The time, of CLOCK_MONOTONIC, in nanoseconds.
static inline uint64_t ptpwatch_page_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

#endif /* PTPWATCH_PAGE_POSIX_H */
