// libptpwatch for C++17: a consumer that owns its memory and ends with its scope. To be copied, and changed as you like.

#ifndef PTPWATCH_HPP
#define PTPWATCH_HPP

#include "ptpwatch.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace ptpwatch {

// Something was refused.
class Error : public std::runtime_error {
public:
    explicit Error(int number) : std::runtime_error(ptpwatch_error_text(number)), code(number) {}

    const int code;
};

inline void check(int code) {
    if (code < 0) throw Error(code);
}

// A report in which its size is set already.
template <typename Report>
Report sized() {
    Report report{};
    report.struct_size = sizeof report;
    return report;
}

// The configuration of a role, for the rest of it to be set.
inline ptpwatch_config default_config(std::uint32_t role) {
    auto config = sized<ptpwatch_config>();
    check(ptpwatch_config_default(&config, role));
    return config;
}

template <typename Byte>
struct Window {
    Byte *data;
    std::size_t size;
};

struct Action {
    int kind;
    ptpwatch_conn conn;
};

// A consumer on the heap. It is used by one thread at a time.
class Consumer {
public:
    Consumer(const ptpwatch_config &config, std::uint64_t now_ns, std::uint32_t profile = PTPWATCH_PROFILE_DEFAULT)
        : size(ptpwatch_size(profile)), memory(new Block[size / sizeof(Block) + 1]) {
        check(ptpwatch_new(memory.get(), size, profile, &config, now_ns, &consumer));
    }

    Consumer(const Consumer &) = delete;
    Consumer &operator=(const Consumer &) = delete;

    ~Consumer() { ptpwatch_end(consumer, 0); }

    std::optional<ptpwatch_conn> admit(std::uint64_t now_ns) {
        const ptpwatch_conn conn = ptpwatch_admit(consumer, now_ns);
        return conn == PTPWATCH_NO_CONN ? std::nullopt : std::optional(conn);
    }

    void handle_opened(std::uint64_t now_ns, ptpwatch_conn conn) { check(ptpwatch_handle_opened(consumer, now_ns, conn)); }
    void handle_received(std::uint64_t now_ns, ptpwatch_conn conn, std::size_t count) {
        check(ptpwatch_handle_received(consumer, now_ns, conn, count));
    }
    void handle_sent(std::uint64_t now_ns, ptpwatch_conn conn, std::size_t count) {
        check(ptpwatch_handle_sent(consumer, now_ns, conn, count));
    }
    void handle_end(std::uint64_t now_ns, ptpwatch_conn conn) { check(ptpwatch_handle_end(consumer, now_ns, conn)); }
    void handle_closed(std::uint64_t now_ns, ptpwatch_conn conn) { check(ptpwatch_handle_closed(consumer, now_ns, conn)); }
    void handle_timeout(std::uint64_t now_ns) { check(ptpwatch_handle_timeout(consumer, now_ns)); }
    void handle_stop(std::uint64_t now_ns) { check(ptpwatch_handle_stop(consumer, now_ns)); }

    // Memory of the consumer's, until the next call.
    Window<std::uint8_t> recv_window(ptpwatch_conn conn) {
        std::size_t length = 0;
        std::uint8_t *data = ptpwatch_recv_window(consumer, conn, &length);
        return {data, length};
    }
    Window<const std::uint8_t> send_window(ptpwatch_conn conn) const {
        std::size_t length = 0;
        const std::uint8_t *data = ptpwatch_send_window(consumer, conn, &length);
        return {data, length};
    }

    std::optional<Action> poll_action() {
        ptpwatch_conn conn = PTPWATCH_NO_CONN;
        const int kind = ptpwatch_poll_action(consumer, &conn);
        check(kind);
        return kind == 0 ? std::nullopt : std::optional(Action{kind, conn});
    }

    // Has `visit` told of one change: of a channel, the verdict or the link, by a const reference to its report. Whether there
    // was one.
    template <typename Visitor>
    bool poll_notice(Visitor &&visit) {
        auto channel = sized<ptpwatch_channel_report>();
        auto verdict = sized<ptpwatch_verdict_report>();
        auto link = sized<ptpwatch_link_report>();
        const int kind = ptpwatch_poll_notice(consumer, &channel, &verdict, &link);
        check(kind);
        if (kind == PTPWATCH_NOTICE_CHANNEL) visit(std::as_const(channel));
        if (kind == PTPWATCH_NOTICE_VERDICT) visit(std::as_const(verdict));
        if (kind == PTPWATCH_NOTICE_LINK) visit(std::as_const(link));
        return kind != 0;
    }

    std::uint64_t poll_timeout() const { return ptpwatch_poll_timeout(consumer); }

    ptpwatch_verdict_report verdict() const {
        auto verdict = sized<ptpwatch_verdict_report>();
        check(ptpwatch_verdict(consumer, &verdict));
        return verdict;
    }

    bool is_stopped() const { return ptpwatch_is_stopped(consumer) != 0; }

    // Shows the verdict on a page, which has to stay for as long as the consumer.
    void show(std::uint64_t now_ns, void *page, std::uint64_t boot) { check(ptpwatch_show(consumer, now_ns, page, boot)); }

private:
    struct alignas(PTPWATCH_ALIGN) Block {
        std::byte bytes[PTPWATCH_ALIGN];
    };

    std::size_t size;
    std::unique_ptr<Block[]> memory;
    ptpwatch_consumer *consumer = nullptr;
};

} // namespace ptpwatch

#endif
