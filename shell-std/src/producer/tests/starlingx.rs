//! StarlingX and VMware: every answer, byte for byte, and what is pushed.

mod events;
mod v1;

use super::*;

const LOCKED: &str = "lock-state LOCKED\nclock-class 6\nos-clock LOCKED\n";

const DATE: &str = "Date: Sun, 22 Nov 2026 17:48:52 GMT\r\n";

const NOT_FOUND: &str = r#"{"status": 404, "message": "The resource could not be found."}"#;

fn json(status: &str, body: &str) -> String {
    let length = body.len() + 32 * body.matches("UUID").count();
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nContent-Type: application/json\r\n{DATE}\
         Server: waitress\r\n\r\n{body}"
    )
}

fn client_fault(text: &str) -> String {
    format!(r#"{{"faultcode": "Client", "faultstring": "{text}", "debuginfo": null}}"#)
}

fn event(node: &str, place: &str, group: &str, name: &str, kind: &str, value: &str) -> String {
    let [data_type, value_type, value] = value.split(' ').collect::<Vec<_>>().try_into().unwrap();
    format!(
        "{{\"id\": \"UUID\", \"specversion\": \"1.0\", \"source\": \"/sync/{group}/{name}\", \
         \"type\": \"event.sync.{group}.{kind}\", \"time\": \"2026-11-22T17:48:52000000Z\", \
         \"data\": {{\"version\": \"1.0\", \"values\": [{{\"data_type\": \"{data_type}\", \
         \"ResourceAddress\": \"/./{node}{place}/sync/{group}/{name}\", \"value_type\": \"{value_type}\", \
         \"value\": {value}}}]}}}}"
    )
}

fn lock(node: &str, instance: &str, state: &str) -> String {
    let value = format!("notification enumeration \"{state}\"");
    event(node, &format!("/{instance}"), "ptp-status", "lock-state", "ptp-state-change", &value)
}

fn class(node: &str, instance: &str, value: &str) -> String {
    event(node, &format!("/{instance}"), "ptp-status", "clock-class", "ptp-clock-class-change", value)
}

fn overall(node: &str, state: &str) -> String {
    let value = format!("notification enumeration \"{state}\"");
    event(node, "", "sync-status", "sync-state", "synchronization-state-change", &value)
}

fn wish(address: &str, endpoint: &str) -> String {
    format!(r#"{{"ResourceAddress":"{address}","EndpointUri":"{endpoint}"}}"#)
}

fn granted(address: &str, endpoint: &str) -> String {
    format!(
        "{{\"SubscriptionId\": \"UUID\", \
         \"UriLocation\": \"http://localhost:9043/ocloudNotifications/v2/subscriptions/UUID\", \
         \"EndpointUri\": \"{endpoint}\", \"ResourceAddress\": \"{address}\"}}"
    )
}

#[test]
fn probes_and_wrong_ways() {
    for (manners, target, body) in [
        (&STARLINGX_V2, "/ocloudNotifications/v2", "\"v2controller\""),
        (&STARLINGX_V2, "/ocloudNotifications/v2/", "\"v2controller\""),
        (&STARLINGX_V2, "/health", "{\"health\": true}"),
        (&STARLINGX_V2_LEGACY, "/ocloudNotifications/v2", "\"v2controller\""),
        (&VMWARE, "/ocloudNotifications/api_versions", "{\"SubscriptionVersion\":[\"v1\"]}"),
    ] {
        let mut bench = Bench::new(manners, LOCKED);
        assert_eq!(bench.ask(&format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n")), json("200 OK", body));
        for path in [
            "/health",
            "/nope",
            "/././sync/sync-status/sync-state",
            "/sync/sync-status/sync-state/CurrentState",
        ] {
            assert_eq!(bench.get(path), json("404 Not Found", NOT_FOUND), "{path}");
        }
        let refused = bench.delete("/subscriptions");
        let (head, page) = refused.split_once("\r\n\r\n").unwrap();
        assert_eq!(
            head,
            format!(
                "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, POST\r\nContent-Length: 190\r\n\
                 Content-Type: text/html; charset=UTF-8\r\n{DATE}Server: waitress"
            )
        );
        assert!(page.contains("  The method DELETE is not allowed for this resource. <br /><br />\n\n"));
    }
}

#[test]
fn v2_subscribes_and_unsubscribes() {
    let mut bench = Bench::new(&STARLINGX_V2, LOCKED);
    let (lock_state, class) = ("/././sync/ptp-status/lock-state", "/./node1/sync/ptp-status/clock-class");
    assert_eq!(bench.get("/subscriptions"), json("200 OK", "[]"));
    let first = granted(lock_state, EVENT);
    assert_eq!(bench.post(&wish(lock_state, EVENT)), json("201 Created", &first));
    let second = granted(class, OTHER);
    assert_eq!(bench.post(&wish(class, OTHER)), json("201 Created", &second));
    assert_eq!(bench.get("/subscriptions"), json("200 OK", &format!("[{first}, {second}]")));
    let path = format!("/subscriptions/{}", bench.only_id());
    assert_eq!(bench.get(&path), json("200 OK", &first));
    bench.closed.clear();
    let gone = format!("HTTP/1.1 204 No Content\r\nConnection: close\r\n{DATE}Server: waitress\r\n\r\n");
    assert_eq!(bench.delete(&path), gone);
    assert_eq!(bench.closed.len(), 1, "a 204 without a length ends the connection");
    assert_eq!(bench.delete(&path), json("404 Not Found", NOT_FOUND));
    assert_eq!(bench.get(&path), json("404 Not Found", NOT_FOUND));
}

#[test]
fn parents_and_children_are_duplicates_on_the_same_endpoint() {
    for manners in [&STARLINGX_V2, &STARLINGX_V2_LEGACY, &VMWARE] {
        let mut bench = Bench::new(manners, LOCKED);
        bench.post(&wish("/././sync/ptp-status/lock-state", EVENT));
        let base = manners.base;
        let old = client_fault(&format!(
            "Subscription already exists: {{'SubscriptionId': 'UUID', \
             'UriLocation': 'http://localhost:9043{base}/subscriptions/UUID', \
             'EndpointUri': 'http://localhost:9055/event', \
             'ResourceAddress': '/././sync/ptp-status/lock-state'}}"
        ));
        bench.posts.clear();
        for address in [
            "/././sync/ptp-status/lock-state",
            "/./node1/sync/ptp-status/lock-state",
            "/./node1/ptp-inst2/sync/ptp-status/lock-state",
            "/././sync",
        ] {
            assert_eq!(bench.post(&wish(address, EVENT)), json("409 Conflict", &old), "{address}");
        }
        assert!(bench.posts.is_empty());
        assert!(bench.post(&wish("/././sync/ptp-status/clock-class", EVENT)).contains(" 201 "));
        assert!(bench.post(&wish("/././sync", OTHER)).contains(" 201 "));
    }
}

#[test]
fn v2_refuses() {
    let mut bench = Bench::new(&STARLINGX_V2, LOCKED);
    let lock_state = "/././sync/ptp-status/lock-state";
    let not_understood = client_fault(
        "The server could not comply with the request since it is either malformed or otherwise incorrect.",
    );
    let erred = r#"{"faultcode": "Server", "faultstring": "The server has either erred or is incapable of performing the requested operation.", "debuginfo": null}"#;
    for (body, status, expected) in [
        ("{".into(), "400 Bad Request", client_fault("Request is not in valid JSON format")),
        (
            r#"{"EndpointUri": "http://localhost:9055/event"}"#.into(),
            "400 Bad Request",
            not_understood.clone(),
        ),
        (format!(r#"{{"ResourceAddress": "{lock_state}"}}"#), "400 Bad Request", not_understood),
        (
            wish(lock_state, EVENT).replace('}', r#","Foo":1}"#),
            "400 Bad Request",
            client_fault("Unknown attribute for argument subscription: Foo"),
        ),
        (
            wish(lock_state, EVENT).replace("\"R", "\"r").replace("\"E", "\"e"),
            "400 Bad Request",
            client_fault("Unknown attributes for argument subscription: endpointUri, resourceAddress"),
        ),
        (wish(lock_state, "foo"), "400 Bad Request", client_fault("Endpoint is invalid: foo")),
        (wish("sync", EVENT), "500 Internal Server Error", erred.into()),
        (wish("/././sync/bogus/thing", EVENT), "500 Internal Server Error", erred.into()),
    ] {
        assert_eq!(bench.post(&body), json(status, &expected), "{body}");
    }
    let body = wish(lock_state, EVENT);
    let form = format!(
        "POST /ocloudNotifications/v2/subscriptions HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let unknown = client_fault(&format!("Unknown argument: \\\"{}\\\"", body.replace('"', "\\\"")));
    assert_eq!(bench.ask(&form), json("400 Bad Request", &unknown));
    assert!(bench.posts.is_empty());
    let mut bench = Bench::new(&STARLINGX_V2_LEGACY, LOCKED);
    let invalid = client_fault("Resource is invalid: /sync/bogus/thing");
    assert_eq!(bench.post(&wish("/././sync/bogus/thing", EVENT)), json("400 Bad Request", &invalid));
}

#[test]
fn an_unknown_node_is_looked_for() {
    let mut bench = Bench::new(&STARLINGX_V2, LOCKED);
    assert_eq!(bench.post(&wish("/./other/sync", EVENT)), "");
    bench.run_ms(4999);
    assert!(bench.talk.is_empty());
    bench.run_ms(1);
    assert_eq!(bench.talk, ["<- 404"]);
    bench.producer.set_node_wait(0);
    assert!(bench.post(&wish("/./other/sync", EVENT)).contains(" 404 "));
    assert!(bench.post(&wish("/./*/sync", EVENT)).contains(" 201 "));
}

#[test]
fn an_endpoint_is_tried_three_times_for_anything_below_400() {
    let invalid = json("400 Bad Request", &client_fault("Endpoint is invalid: http://localhost:9055/event"));
    for (answer, tries, expected) in [
        (Some(NO_CONTENT), 1, "<- 201"),
        (Some("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), 1, "<- 201"),
        (Some("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"), 1, "<- 201"),
        (Some("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"), 3, "<- 400"),
        (None, 3, "<- 400"),
    ] {
        let mut bench = Bench::new(&STARLINGX_V2, LOCKED);
        bench.answer = answer;
        let said = bench.subscribe(LOCK, EVENT);
        bench.run_ms(if answer.is_some() { 0 } else { 6000 });
        assert_eq!(bench.talk.len(), tries + 1);
        assert_eq!(bench.talk.last().unwrap(), expected);
        assert!(tries == 1 || answer.is_none() || said == invalid, "{said}");
        assert_eq!(bench.peers.len(), tries, "each on a connection of its own");
    }
}

#[test]
fn v2_current_state() {
    let script = "lock-state LOCKED\nlock-state HOLDOVER instance 2\nclock-class 6\nsynce-lock LOCKED\nsynce-quality 2";
    let mut bench = Bench::new(&STARLINGX_V2, script);
    let locks = [lock("node1", "ptp-inst1", "LOCKED"), lock("node1", "ptp-inst2", "HOLDOVER")];
    let synce = event(
        ".",
        "/synce-inst1",
        "synce-status",
        "lock-state",
        "synce-state-change",
        "notification enumeration \"LOCKED\"",
    );
    let quality = event(
        ".",
        "/synce-inst1",
        "synce-status",
        "clock-quality",
        "synce-clock-quality-change",
        "metric metric \"2\"",
    );
    let all = [
        synce,
        quality,
        class(".", "ptp-inst1", "metric metric \"6\""),
        lock(".", "ptp-inst1", "LOCKED"),
        lock(".", "ptp-inst2", "HOLDOVER"),
        overall(".", "HOLDOVER"),
    ];
    for (address, expected) in [
        ("/./node1/sync/ptp-status/lock-state", format!("[{}]", locks.join(", "))),
        ("/cluster/node1/sync/ptp-status/lock-state", format!("[{}]", locks.join(", "))),
        ("//./node1/ptp-inst2/sync/ptp-status/lock-state", format!("[{}]", locks[1])),
        ("/%2E/%2E/sync/sync-status/sync-state", overall(".", "HOLDOVER")),
        ("/././sync", format!("[{}]", all.join(", "))),
        ("/././ptp-inst3/sync/ptp-status/lock-state", "[]".into()),
        ("/././sync/gnss-status/gnss-sync-status", "[]".into()),
    ] {
        assert_eq!(bench.get(&format!("{address}/CurrentState")), json("200 OK", &expected), "{address}");
    }
    for address in
        ["/./*/sync/ptp-status/lock-state", "/./other/sync", "/././sync/bogus/thing", "/././ts1/sync"]
    {
        let answer = bench.get(&format!("{address}/CurrentState"));
        assert_eq!(answer, json("404 Not Found", NOT_FOUND), "{address}");
    }
}

#[test]
fn legacy_current_state_is_an_object() {
    let mut bench = Bench::new(&STARLINGX_V2_LEGACY, LOCKED);
    let os = event(
        ".",
        "",
        "sync-status",
        "os-clock-sync-state",
        "os-clock-sync-state-change",
        "notification enumeration \"LOCKED\"",
    );
    let [lock, overall] = [lock(".", "ptp-inst1", "LOCKED"), overall(".", "LOCKED")];
    for (address, expected) in [
        // The class is filed under the same key, and before.
        (
            "/././sync",
            format!(r#"{{"ptp-inst1": {lock}, "os_clock_status": {os}, "overall_sync_status": {overall}}}"#),
        ),
        ("/././sync/sync-status/sync-state", format!(r#"{{"overall_sync_status": {overall}}}"#)),
        ("/././bogus/sync/ptp-status/lock-state", "null".into()),
    ] {
        assert_eq!(bench.get(&format!("{address}/CurrentState")), json("200 OK", &expected), "{address}");
    }
}
