// cpp-httplib and nlohmann-json: an event is decoded and answered 204. `cpp-httplib PORT`.

#include <httplib.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

struct Value {
    std::string resource, data_type, value;
};

struct Event {
    std::string id, kind, source, time;
    std::vector<Value> values;
};

static Event decode(const std::string &body) {
    const auto json = nlohmann::json::parse(body);
    Event event{json.at("id"), json.at("type"), json.at("source"), json.at("time"), {}};
    for (const auto &value : json.at("data").at("values")) {
        event.values.push_back({value.at("resource"), value.at("dataType"), value.at("value")});
    }
    return event;
}

int main(int, char **arguments) {
    httplib::Server server;
    // A thread for each connection, which is kept.
    server.new_task_queue = [] { return new httplib::ThreadPool(64); };
    server.set_keep_alive_max_count(1'000'000'000);
    server.set_tcp_nodelay(true);
    server.Post("/event", [](const httplib::Request &request, httplib::Response &response) {
        try {
            response.status = decode(request.body).values.empty() ? 400 : 204;
        } catch (const nlohmann::json::exception &) {
            response.status = 400;
        }
    });
    return server.listen("127.0.0.1", std::stoi(arguments[1])) ? 0 : 1;
}
