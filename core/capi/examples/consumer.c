// A whole consumer over poll(2): a listener for the producer's notifications, a connection to the producer, timers, a line for
// each change, and a way out at SIGTERM or SIGINT that gives our subscriptions back.
//
//     cc -std=c11 consumer.c $(pkg-config --cflags --libs ptpwatch) -o consumer
//     ./consumer 127.0.0.1 8089 compute-1.example.com
//
// It listens on a free port of 127.0.0.1, as beside a sidecar. All memory is static.

#define _POSIX_C_SOURCE 200809L

#include "ptpwatch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECTIONS = PTPWATCH_CONNECTIONS_DEFAULT,
    // What poll() waits for: the connections, whoever connects, and signals.
    LISTENER = CONNECTIONS,
    SIGNALS,
    WAITED_FOR
};

#define SECOND_NS UINT64_C(1000000000)

// The socket of a connection.
struct place {
    int socket; // -1: none
    ptpwatch_conn conn;
    bool is_connecting;
    bool has_ended; // The peer sends no more.
};

struct shell {
    struct ptpwatch_consumer *consumer;
    struct place places[CONNECTIONS]; // by ptpwatch_conn_index()
    struct sockaddr_storage producer;
    socklen_t producer_length;
    int listener;
    bool is_full; // There was no place for who waits at the listener.
};

static _Alignas(PTPWATCH_ALIGN) unsigned char memory[PTPWATCH_SIZE_DEFAULT];

// A signal is a byte in a pipe, so that poll() sees it.
static int signal_pipe[2];

static void on_signal(int signal) {
    int error = errno;
    unsigned char byte = (unsigned char)signal;
    ssize_t written = write(signal_pipe[1], &byte, 1);
    (void)written; // Full: then one is seen in any case.
    errno = error;
}

_Noreturn static void fail(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

static void prepare_socket(int socket) {
    int on = 1;
    fcntl(socket, F_SETFL, O_NONBLOCK);
    fcntl(socket, F_SETFD, FD_CLOEXEC);
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// What changed

// Prints a peer's bytes, of which only the harmless reach a terminal.
static void print_instance(const struct ptpwatch_channel_report *channel) {
    for (uint32_t index = 0; index < channel->instance_length; index++) {
        char byte = channel->instance[index];
        putchar(byte > ' ' && byte <= '~' ? byte : '?');
    }
}

static void print_channel(const struct ptpwatch_channel_report *channel) {
    printf("channel %s ", ptpwatch_resource_name(channel->resource));
    print_instance(channel);
    if (channel->level >= 0)
        printf(" %" PRId32, channel->level);
    else
        printf(" %s", ptpwatch_word_name(channel->word));
    if ((channel->flags & PTPWATCH_CHANNEL_HAS_OFFSET) != 0)
        printf(" offset %" PRId64 " ns", channel->offset_ns);
    printf(", %s\n", ptpwatch_freshness_name(channel->freshness));
}

static void print_verdict(const struct ptpwatch_verdict_report *verdict) {
    printf("verdict %s", ptpwatch_state_name(verdict->state));
    for (uint32_t reason = 0; reason < 64; reason++)
        if ((verdict->reasons & PTPWATCH_BIT(reason)) != 0) printf(" %s", ptpwatch_reason_name(reason));
    printf(", %" PRIu32 " transitions\n", verdict->transitions);
}

static void print_link(const struct ptpwatch_link_report *link) {
    const char *state = link->state == PTPWATCH_LINK_UP ? "up" : link->state == PTPWATCH_LINK_DOWN ? "down" : "untried";
    printf("link %s, %" PRIu32 " of %" PRIu32 " subscribed", state, link->subscribed, link->wanted);
    if (link->dialect[0] != '\0') printf(", %s", link->dialect);
    if (link->trouble != PTPWATCH_TROUBLE_NONE)
        printf(", %s %" PRIu32, ptpwatch_trouble_name(link->trouble), link->trouble_status);
    putchar('\n');
}

static void tell(struct shell *shell) {
    struct ptpwatch_channel_report channel = {.struct_size = sizeof channel};
    struct ptpwatch_verdict_report verdict = {.struct_size = sizeof verdict};
    struct ptpwatch_link_report link = {.struct_size = sizeof link};
    for (;;) {
        switch (ptpwatch_poll_notice(shell->consumer, &channel, &verdict, &link)) {
        case PTPWATCH_NOTICE_CHANNEL: print_channel(&channel); break;
        case PTPWATCH_NOTICE_VERDICT: print_verdict(&verdict); break;
        case PTPWATCH_NOTICE_LINK: print_link(&link); break;
        default: fflush(stdout); return;
        }
    }
}

// What has to be done

// The place of `conn`; NULL if it has none.
static struct place *place_of(struct shell *shell, ptpwatch_conn conn) {
    struct place *place = &shell->places[ptpwatch_conn_index(conn)];
    return place->socket >= 0 && place->conn == conn ? place : NULL;
}

static void close_place(struct shell *shell, struct place *place) {
    close(place->socket);
    place->socket = -1;
    shell->is_full = false;
}

// The connection is gone, and the consumer does not know it yet.
static void lose(struct shell *shell, struct place *place) {
    close_place(shell, place);
    ptpwatch_handle_closed(shell->consumer, now_ns(), place->conn);
}

static struct place *seat(struct shell *shell, ptpwatch_conn conn, int socket, bool is_connecting) {
    struct place *place = &shell->places[ptpwatch_conn_index(conn)];
    prepare_socket(socket);
    *place = (struct place){.socket = socket, .conn = conn, .is_connecting = is_connecting};
    return place;
}

static void open_to_producer(struct shell *shell, ptpwatch_conn conn) {
    int connection = socket(shell->producer.ss_family, SOCK_STREAM, 0);
    if (connection < 0) {
        ptpwatch_handle_closed(shell->consumer, now_ns(), conn);
        return;
    }
    struct place *place = seat(shell, conn, connection, true);
    // It is open, or refused, once it can be written to.
    if (connect(connection, (const struct sockaddr *)&shell->producer, shell->producer_length) < 0 && errno != EINPROGRESS)
        lose(shell, place);
}

// Sends what there is, as far as the kernel takes it; poll() tells when it takes the rest.
static void send_all(struct shell *shell, struct place *place) {
    const uint8_t *window;
    size_t length;
    while (!place->is_connecting && (window = ptpwatch_send_window(shell->consumer, place->conn, &length)) != NULL) {
        ssize_t sent = send(place->socket, window, length, MSG_NOSIGNAL);
        if (sent >= 0) {
            ptpwatch_handle_sent(shell->consumer, now_ns(), place->conn, (size_t)sent);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return;
        } else if (errno != EINTR) {
            lose(shell, place);
            return;
        }
    }
}

static void act(struct shell *shell) {
    ptpwatch_conn conn;
    int action;
    while ((action = ptpwatch_poll_action(shell->consumer, &conn)) > 0) {
        struct place *place = place_of(shell, conn);
        if (action == PTPWATCH_ACTION_OPEN) open_to_producer(shell, conn);
        if (action == PTPWATCH_ACTION_CLOSE && place != NULL) close_place(shell, place);
        if (action == PTPWATCH_ACTION_WRITE && place != NULL) send_all(shell, place);
    }
}

// What happened

static void receive(struct shell *shell, struct place *place) {
    size_t length;
    uint8_t *window = ptpwatch_recv_window(shell->consumer, place->conn, &length);
    if (window == NULL) return; // What there is stays in the kernel until the consumer has sent something.
    ssize_t received = recv(place->socket, window, length, 0);
    if (received > 0) {
        ptpwatch_handle_received(shell->consumer, now_ns(), place->conn, (size_t)received);
    } else if (received == 0) {
        place->has_ended = true;
        ptpwatch_handle_end(shell->consumer, now_ns(), place->conn);
    } else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
        lose(shell, place);
    }
}

static void finish_connecting(struct shell *shell, struct place *place) {
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(place->socket, SOL_SOCKET, SO_ERROR, &error, &length) < 0 || error != 0) {
        lose(shell, place);
        return;
    }
    place->is_connecting = false;
    ptpwatch_handle_opened(shell->consumer, now_ns(), place->conn);
}

// Gives a place to who waits at the listener, if there is one.
static void admit(struct shell *shell) {
    ptpwatch_conn conn = ptpwatch_admit(shell->consumer, now_ns());
    if (conn == PTPWATCH_NO_CONN) {
        shell->is_full = true;
        return;
    }
    act(shell); // Whoever yields is closed first.
    int peer = accept(shell->listener, NULL, NULL);
    if (peer < 0)
        ptpwatch_handle_closed(shell->consumer, now_ns(), conn);
    else
        seat(shell, conn, peer, false);
}

static void handle(struct shell *shell, struct place *place, short events) {
    if (place->socket < 0 || events == 0) return;
    if (place->is_connecting) {
        finish_connecting(shell, place);
        return;
    }
    // What the peer is owed it cannot take any more.
    if (place->has_ended && (events & (POLLHUP | POLLERR)) != 0) lose(shell, place);
    if (place->socket >= 0 && (events & (POLLIN | POLLHUP | POLLERR)) != 0) receive(shell, place);
    if (place->socket >= 0 && (events & POLLOUT) != 0) send_all(shell, place);
}

// The loop

static short events_of(struct shell *shell, const struct place *place) {
    size_t to_receive, to_send;
    if (place->is_connecting) return POLLOUT;
    ptpwatch_recv_window(shell->consumer, place->conn, &to_receive);
    ptpwatch_send_window(shell->consumer, place->conn, &to_send);
    return (short)((to_receive > 0 && !place->has_ended ? POLLIN : 0) | (to_send > 0 ? POLLOUT : 0));
}

// How long poll() may wait, in milliseconds, rounded up: -1 for ever.
static int patience(uint64_t until_ns) {
    uint64_t now = now_ns();
    if (until_ns == PTPWATCH_NEVER) return -1;
    if (until_ns <= now) return 0;
    uint64_t left_ms = (until_ns - now + 999999) / 1000000;
    return left_ms > 60000 ? 60000 : (int)left_ms;
}

// Waits until something happens, `until_ns` at most, and takes it in; whether a signal came.
static bool turn(struct shell *shell, uint64_t until_ns) {
    struct pollfd waits[WAITED_FOR];
    for (int index = 0; index < CONNECTIONS; index++) {
        const struct place *place = &shell->places[index];
        waits[index] = (struct pollfd){.fd = place->socket, .events = place->socket < 0 ? 0 : events_of(shell, place)};
    }
    waits[LISTENER] = (struct pollfd){.fd = shell->listener, .events = shell->is_full ? 0 : POLLIN};
    waits[SIGNALS] = (struct pollfd){.fd = signal_pipe[0], .events = POLLIN};
    uint64_t timeout = ptpwatch_poll_timeout(shell->consumer);
    if (poll(waits, WAITED_FOR, patience(timeout < until_ns ? timeout : until_ns)) < 0) {
        if (errno != EINTR) fail("poll", strerror(errno));
        return false;
    }
    shell->is_full = false; // Something happened: there may be a place by now.
    for (int index = 0; index < CONNECTIONS; index++) handle(shell, &shell->places[index], waits[index].revents);
    uint64_t now = now_ns();
    if (ptpwatch_poll_timeout(shell->consumer) <= now) ptpwatch_handle_timeout(shell->consumer, now);
    act(shell);
    if ((waits[LISTENER].revents & POLLIN) != 0) admit(shell);
    act(shell);
    tell(shell);
    unsigned char signal;
    return (waits[SIGNALS].revents & POLLIN) != 0 && read(signal_pipe[0], &signal, 1) == 1;
}

static void run(struct shell *shell) {
    act(shell);
    tell(shell);
    while (!turn(shell, PTPWATCH_NEVER)) {
    }
    puts("stopping");
    uint64_t begin = now_ns(), deadline = begin + 2 * SECOND_NS;
    ptpwatch_handle_stop(shell->consumer, begin);
    act(shell);
    while (ptpwatch_is_stopped(shell->consumer) == 0 && now_ns() < deadline) {
        // A second signal: at once. One that comes with the first, as of timeout(1), is none.
        if (turn(shell, deadline) && now_ns() - begin > SECOND_NS / 3) break;
    }
    struct ptpwatch_stats_report stats = {.struct_size = sizeof stats};
    ptpwatch_stats(shell->consumer, &stats);
    printf("stopped: %" PRIu64 " notifications, %" PRIu64 " polls, %" PRIu64 " deleted, misuse %" PRIu64 "\n",
           stats.notifications, stats.polls, stats.deleted, stats.misuse);
    ptpwatch_end(shell->consumer, now_ns());
    for (int index = 0; index < CONNECTIONS; index++)
        if (shell->places[index].socket >= 0) close(shell->places[index].socket);
}

// The beginning

// A listener on a free port of the loopback, which `*port` says.
static int listen_anywhere(uint16_t *port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 16) < 0
        || getsockname(listener, (struct sockaddr *)&address, &length) < 0)
        fail("cannot listen", strerror(errno));
    prepare_socket(listener);
    *port = ntohs(address.sin_port);
    return listener;
}

// The producer's address. It is looked up once; a program that lives for long does so for each PTPWATCH_ACTION_OPEN, and not
// in the thread of this loop.
static void find_producer(struct shell *shell, const char *host, const char *port) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    int error = getaddrinfo(host, port, &hints, &found);
    if (error != 0) fail(host, gai_strerror(error));
    memcpy(&shell->producer, found->ai_addr, found->ai_addrlen);
    shell->producer_length = found->ai_addrlen;
    freeaddrinfo(found);
}

static void make_consumer(struct shell *shell, const char *host, const char *port, const char *node, uint16_t our_port) {
    char authority[300], endpoint[64];
    bool is_ipv6 = strchr(host, ':') != NULL;
    snprintf(authority, sizeof authority, is_ipv6 ? "[%s]:%s" : "%s:%s", host, port);
    snprintf(endpoint, sizeof endpoint, "http://127.0.0.1:%" PRIu16 "/event", our_port);
    struct ptpwatch_config config = {.struct_size = sizeof config};
    ptpwatch_config_default(&config, PTPWATCH_ROLE_ORDINARY_CLOCK);
    config.node = node;
    config.authority = authority;
    config.endpoint = endpoint;
    config.seed = now_ns();
    int error = ptpwatch_new(memory, sizeof memory, PTPWATCH_PROFILE_DEFAULT, &config, now_ns(), &shell->consumer);
    if (error != PTPWATCH_OK) fail("cannot begin", ptpwatch_error_text(error));
}

static void await_signals(void) {
    struct sigaction action = {.sa_handler = on_signal};
    if (pipe(signal_pipe) < 0) fail("pipe", strerror(errno));
    fcntl(signal_pipe[1], F_SETFL, O_NONBLOCK);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
}

int main(int count, char **arguments) {
    static struct shell shell;
    uint16_t port;
    if (count != 4) {
        fprintf(stderr, "usage: %s PRODUCER PORT NODE\n", arguments[0]);
        return 2;
    }
    await_signals();
    for (int index = 0; index < CONNECTIONS; index++) shell.places[index].socket = -1;
    find_producer(&shell, arguments[1], arguments[2]);
    shell.listener = listen_anywhere(&port);
    make_consumer(&shell, arguments[1], arguments[2], arguments[3], port);
    run(&shell);
    close(shell.listener);
    return 0;
}
