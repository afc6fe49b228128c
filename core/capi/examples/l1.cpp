// An L1 that asks each slot whether it may transmit: one thread follows the producer, the other reads the state page, without
// a lock, a call or a wait.
//
//     c++ -std=c++17 -pthread l1.cpp $(pkg-config --cflags --libs ptpwatch) -o l1
//     ./l1 127.0.0.1 8089 compute-1.example.com     a consumer of its own
//     ./l1 /run/ptpwatch/state                      the page of `ptpwatch run --page`
//
// The second way needs no library, and the first no file.

#include "ptpwatch.hpp"
#include "ptpwatch_page_posix.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <list>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;
constexpr std::chrono::microseconds slot(500);
// How long an L1 goes on as it does while nothing is known: its own oscillator's limit.
constexpr std::uint64_t unknown_max_ns = 10 * second_ns;

std::uint64_t now_ns() { return ptpwatch_page_now_ns(); }

std::system_error failure(const char *what) { return {errno, std::generic_category(), what}; }

// A file descriptor that is closed with its scope.
class Descriptor {
public:
    explicit Descriptor(int owned = -1) : number(owned) {}
    Descriptor(Descriptor &&other) noexcept : number(std::exchange(other.number, -1)) {}
    Descriptor &operator=(Descriptor &&other) noexcept {
        std::swap(number, other.number);
        return *this;
    }
    ~Descriptor() {
        if (number >= 0) ::close(number);
    }

    int get() const { return number; }
    explicit operator bool() const { return number >= 0; }

private:
    int number;
};

// A TCP socket that never waits.
Descriptor tcp_socket(int number) {
    Descriptor socket(number);
    if (!socket) throw failure("socket");
    const int on = 1;
    ::fcntl(number, F_SETFL, O_NONBLOCK);
    ::fcntl(number, F_SETFD, FD_CLOEXEC);
    ::setsockopt(number, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return socket;
}

// The thread of the consumer: moves bytes and time between sockets and its windows.
class Loop {
public:
    Loop(const std::string &host, const std::string &port, const std::string &node, ptpwatch_page &page);

    // Goes on until stop(), and then until our subscriptions are given back.
    void run();

    // May be called by any thread.
    void stop() {
        const char byte = 0;
        if (::write(wake_write.get(), &byte, 1) < 0) std::perror("wake");
    }

private:
    struct Place {
        Descriptor socket;
        ptpwatch_conn conn = PTPWATCH_NO_CONN;
        bool is_connecting = false;
        bool has_ended = false;
    };

    static ptpwatch_config configuration(const std::string &node, const std::string &authority, const std::string &endpoint);
    void listen_anywhere();
    bool turn(std::uint64_t until_ns);
    short events_of(const Place &place);
    void handle(Place &place, short events);
    void receive(Place &place);
    void send_all(Place &place);
    void finish_connecting(Place &place);
    void admit();
    void act();
    void open(ptpwatch_conn conn);
    Place &seat(ptpwatch_conn conn, Descriptor socket, bool is_connecting);
    void lose(Place &place);
    void tell();

    sockaddr_in producer{};
    Descriptor listener, wake_read, wake_write;
    std::uint16_t our_port = 0;
    bool is_full = false;
    std::array<Place, PTPWATCH_CONNECTIONS_DEFAULT> places;
    std::optional<ptpwatch::Consumer> consumer;
};

Loop::Loop(const std::string &host, const std::string &port, const std::string &node, ptpwatch_page &page) {
    producer.sin_family = AF_INET;
    producer.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
    if (::inet_pton(AF_INET, host.c_str(), &producer.sin_addr) != 1) throw std::invalid_argument("not an IPv4 address: " + host);
    int wake[2];
    if (::pipe(wake) < 0) throw failure("pipe");
    wake_read = Descriptor(wake[0]);
    wake_write = Descriptor(wake[1]);
    listen_anywhere();
    // The consumer copies what it is told.
    const std::string endpoint = "http://127.0.0.1:" + std::to_string(our_port) + "/event";
    const std::uint64_t now = now_ns();
    consumer.emplace(configuration(node, host + ":" + port, endpoint), now);
    consumer->show(now, &page, 1);
}

ptpwatch_config Loop::configuration(const std::string &node, const std::string &authority, const std::string &endpoint) {
    auto config = ptpwatch::default_config(PTPWATCH_ROLE_ORDINARY_CLOCK);
    config.node = node.c_str();
    config.authority = authority.c_str();
    config.endpoint = endpoint.c_str();
    config.seed = now_ns();
    return config;
}

void Loop::listen_anywhere() {
    sockaddr_in address{};
    socklen_t length = sizeof address;
    auto *generic = reinterpret_cast<sockaddr *>(&address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = tcp_socket(::socket(AF_INET, SOCK_STREAM, 0));
    if (::bind(listener.get(), generic, length) < 0 || ::listen(listener.get(), 16) < 0
        || ::getsockname(listener.get(), generic, &length) < 0)
        throw failure("cannot listen");
    our_port = ntohs(address.sin_port);
}

void Loop::run() {
    act();
    while (!turn(PTPWATCH_NEVER)) {
    }
    const std::uint64_t deadline = now_ns() + 2 * second_ns;
    consumer->handle_stop(now_ns());
    act();
    while (!consumer->is_stopped() && now_ns() < deadline) turn(deadline);
}

// Waits until something happens, `until_ns` at most, and takes it in; whether stop() was called.
bool Loop::turn(std::uint64_t until_ns) {
    std::vector<pollfd> waits;
    for (const Place &place : places) waits.push_back({place.socket.get(), place.socket ? events_of(place) : short{0}, 0});
    waits.push_back({listener.get(), is_full ? short{0} : short{POLLIN}, 0});
    waits.push_back({wake_read.get(), POLLIN, 0});
    const std::uint64_t now = now_ns(), until = std::min(until_ns, consumer->poll_timeout());
    const std::uint64_t left_ms = until <= now ? 0 : std::min<std::uint64_t>((until - now + 999'999) / 1'000'000, 60'000);
    if (::poll(waits.data(), waits.size(), static_cast<int>(left_ms)) < 0 && errno != EINTR) throw failure("poll");
    is_full = false;
    for (std::size_t index = 0; index < places.size(); index++) handle(places[index], waits[index].revents);
    if (consumer->poll_timeout() <= now_ns()) consumer->handle_timeout(now_ns());
    act();
    if ((waits[places.size()].revents & POLLIN) != 0) admit();
    act();
    tell();
    char byte;
    return (waits.back().revents & POLLIN) != 0 && ::read(wake_read.get(), &byte, 1) == 1;
}

short Loop::events_of(const Place &place) {
    if (place.is_connecting) return POLLOUT;
    const bool receives = !place.has_ended && consumer->recv_window(place.conn).size > 0;
    const bool sends = consumer->send_window(place.conn).size > 0;
    return static_cast<short>((receives ? POLLIN : 0) | (sends ? POLLOUT : 0));
}

void Loop::handle(Place &place, short events) {
    if (!place.socket || events == 0) return;
    if (place.is_connecting) return finish_connecting(place);
    // What the peer is owed it cannot take any more.
    if (place.has_ended && (events & (POLLHUP | POLLERR)) != 0) return lose(place);
    if ((events & (POLLIN | POLLHUP | POLLERR)) != 0) receive(place);
    if (place.socket && (events & POLLOUT) != 0) send_all(place);
}

void Loop::receive(Place &place) {
    const auto window = consumer->recv_window(place.conn);
    if (window.size == 0) return;
    const ssize_t received = ::recv(place.socket.get(), window.data, window.size, 0);
    if (received > 0) return consumer->handle_received(now_ns(), place.conn, static_cast<std::size_t>(received));
    if (received == 0) {
        place.has_ended = true;
        return consumer->handle_end(now_ns(), place.conn);
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) lose(place);
}

void Loop::send_all(Place &place) {
    if (place.is_connecting) return;
    for (auto window = consumer->send_window(place.conn); window.size > 0; window = consumer->send_window(place.conn)) {
        const ssize_t sent = ::send(place.socket.get(), window.data, window.size, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
        if (sent < 0) return lose(place);
        consumer->handle_sent(now_ns(), place.conn, static_cast<std::size_t>(sent));
    }
}

void Loop::finish_connecting(Place &place) {
    int error = 0;
    socklen_t length = sizeof error;
    if (::getsockopt(place.socket.get(), SOL_SOCKET, SO_ERROR, &error, &length) < 0 || error != 0) return lose(place);
    place.is_connecting = false;
    consumer->handle_opened(now_ns(), place.conn);
}

// Gives a place to who waits at the listener, if there is one.
void Loop::admit() {
    const auto conn = consumer->admit(now_ns());
    is_full = !conn;
    if (!conn) return;
    act(); // Whoever yields is closed first.
    const int peer = ::accept(listener.get(), nullptr, nullptr);
    if (peer < 0) return consumer->handle_closed(now_ns(), *conn);
    seat(*conn, tcp_socket(peer), false);
}

void Loop::act() {
    while (const auto action = consumer->poll_action()) {
        Place &place = places[ptpwatch_conn_index(action->conn)];
        const bool is_seated = place.socket && place.conn == action->conn;
        if (action->kind == PTPWATCH_ACTION_OPEN) open(action->conn);
        if (action->kind == PTPWATCH_ACTION_CLOSE && is_seated) place = Place();
        if (action->kind == PTPWATCH_ACTION_WRITE && is_seated) send_all(place);
    }
}

void Loop::open(ptpwatch_conn conn) {
    Place &place = seat(conn, tcp_socket(::socket(AF_INET, SOCK_STREAM, 0)), true);
    const auto *address = reinterpret_cast<const sockaddr *>(&producer);
    if (::connect(place.socket.get(), address, sizeof producer) < 0 && errno != EINPROGRESS) lose(place);
}

Loop::Place &Loop::seat(ptpwatch_conn conn, Descriptor socket, bool is_connecting) {
    Place &place = places[ptpwatch_conn_index(conn)];
    place = Place();
    place.socket = std::move(socket);
    place.conn = conn;
    place.is_connecting = is_connecting;
    return place;
}

// The connection is gone, and the consumer does not know it yet.
void Loop::lose(Place &place) {
    const ptpwatch_conn conn = place.conn;
    place = Place();
    is_full = false;
    consumer->handle_closed(now_ns(), conn);
}

void Loop::tell() {
    struct Print {
        void operator()(const ptpwatch_verdict_report &verdict) const {
            std::printf("consumer: %s\n", ptpwatch_state_name(verdict.state));
        }
        void operator()(const ptpwatch_channel_report &) const {}
        void operator()(const ptpwatch_link_report &link) const {
            std::printf("consumer: subscribed %u of %u\n", link.subscribed, link.wanted);
        }
    };
    while (consumer->poll_notice(Print())) {
    }
    std::fflush(stdout);
}

// What an L1 makes of the verdict.
class Transmitter {
public:
    // To be asked each slot: whether to transmit in it.
    bool may_transmit(const ptpwatch_page_reading &reading, std::uint64_t now) {
        switch (reading.state) {
        case PTPWATCH_STATE_LOCKED:
        case PTPWATCH_STATE_HOLDOVER:
            known_ns = now;
            is_on = true;
            break;
        case PTPWATCH_STATE_FREERUN: is_on = false; break;
        // No information: go on as before, but not for ever.
        default:
            if (now - known_ns > unknown_max_ns) is_on = false;
        }
        return is_on;
    }

private:
    bool is_on = false;
    std::uint64_t known_ns = 0;
};

// The thread of the slots. `read` says what the page does.
void run_slots(const std::atomic<bool> &is_over, const std::function<ptpwatch_page_reading(std::uint64_t)> &read) {
    Transmitter transmitter;
    auto next = std::chrono::steady_clock::now();
    std::pair<std::uint32_t, bool> told(~0U, false);
    while (!is_over) {
        const std::uint64_t now = now_ns();
        const ptpwatch_page_reading reading = read(now);
        const std::pair<std::uint32_t, bool> seen(reading.state, transmitter.may_transmit(reading, now));
        if (seen != told) {
            // A real one would not print here.
            std::printf("L1: %u, %s%s%s\n", reading.state, seen.second ? "transmits" : "is silent",
                        reading.doubt == PTPWATCH_PAGE_BELIEVED ? "" : ", page ", ptpwatch_page_doubt_name(reading.doubt));
            std::fflush(stdout);
            told = seen;
        }
        next += slot;
        std::this_thread::sleep_until(next);
    }
}

// A consumer of our own.
void follow(const std::string &host, const std::string &port, const std::string &node, const sigset_t &signals) {
    static ptpwatch_page page; // zeros: Unknown
    std::atomic<bool> is_over(false);
    Loop loop(host, port, node, page);
    std::thread slots([&] { run_slots(is_over, [](std::uint64_t now) { return ptpwatch_page_read(&page, 1, now); }); });
    std::thread consumer([&] { loop.run(); });
    int signal = 0;
    ::sigwait(&signals, &signal);
    loop.stop();
    consumer.join();
    is_over = true;
    slots.join();
}

// The page of another process: the file that has the name now, which may come later than we do, or take the place of another.
class NamedPage {
public:
    explicit NamedPage(const char *name) : path(name) { look(); }
    NamedPage(const NamedPage &) = delete;
    NamedPage &operator=(const NamedPage &) = delete;
    ~NamedPage() {
        for (ptpwatch_page_map &map : maps) ptpwatch_page_close(&map);
    }

    // What it says. Before there is one, nobody has written it yet.
    ptpwatch_page_reading read(std::uint64_t now) const {
        const ptpwatch_page_map *map = newest.load(std::memory_order_acquire);
        return map == nullptr ? ptpwatch_page_read(nullptr, 0, now) : ptpwatch_page_read(map->page, map->boot, now);
    }

    // Maps the file if it is another one by now. These are calls that may wait: not for the thread of the slots.
    void look() {
        const bool is_good = !maps.empty()
            && (read(now_ns()).doubt == PTPWATCH_PAGE_BELIEVED || ptpwatch_page_is_at(&maps.back(), path));
        if (is_good) return;
        ptpwatch_page_map map{};
        const int error = ptpwatch_page_open(path, &map) < 0 ? errno : 0;
        if (error == 0) {
            // The others stay, 8 kB each: a slot may be reading one. There is another only when a file of our writer's had to
            // be replaced, as by an upgrade.
            maps.push_back(map);
            newest.store(&maps.back(), std::memory_order_release);
        }
        if (error != told) std::fprintf(stderr, "%s: %s\n", path, error == 0 ? "it is there" : std::strerror(error));
        told = error;
    }

    std::size_t files() const { return maps.size(); }

private:
    const char *path;
    std::list<ptpwatch_page_map> maps;
    std::atomic<const ptpwatch_page_map *> newest{nullptr};
    int told = 0;
};

void watch(const char *path, const sigset_t &signals) {
    NamedPage page(path);
    std::atomic<bool> is_over(false);
    std::thread slots([&] { run_slots(is_over, [&](std::uint64_t now) { return page.read(now); }); });
    const timespec glance{0, 100'000'000};
    while (::sigtimedwait(&signals, nullptr, &glance) < 0) page.look();
    is_over = true;
    slots.join();
    std::printf("%s: %zu files\n", path, page.files());
}

} // namespace

int main(int count, char **arguments) {
    // Signals come to this thread alone.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    try {
        if (count == 4)
            follow(arguments[1], arguments[2], arguments[3], signals);
        else if (count == 2)
            watch(arguments[1], signals);
        else
            throw std::invalid_argument("PRODUCER PORT NODE, or the file of a page");
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s: %s\n", arguments[0], error.what());
        return 1;
    }
    std::puts("stopped");
    return 0;
}
