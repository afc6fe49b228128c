//! Every answer of OpenShift's producers, byte for byte.

use super::*;

const LOCKED: &str = "os-clock LOCKED offset -62\nlock-state LOCKED offset 12\nclock-class 6";

const DATE: &str = "Date: Sun, 22 Nov 2026 17:48:52 GMT\r\n";

fn json(status: &str, body: &str) -> String {
    let length = masked_length(body);
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{DATE}Content-Length: {length}\r\n\r\n{body}"
    )
}

fn bare(status: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{DATE}Content-Length: 0\r\n\r\n")
}

/// How long a body is before its identifiers are masked.
fn masked_length(body: &str) -> usize {
    body.len() + 32 * body.matches("UUID").count()
}

#[test]
fn probes_and_wrong_ways() {
    for manners in OPENSHIFT {
        let mut bench = Bench::new(manners, LOCKED);
        let ok = format!(
            "HTTP/1.1 200 OK\r\n{DATE}Content-Length: 2\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nOK"
        );
        let no_page = format!(
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n\
             X-Content-Type-Options: nosniff\r\n{DATE}Content-Length: 19\r\n\r\n404 page not found\n"
        );
        assert_eq!(bench.get("/health"), ok);
        for path in ["/health/", "/nope", "/subscriptions/", "/CurrentState", "/subscriptions/a/b", ""] {
            assert_eq!(bench.get(path), no_page, "{path}");
        }
        let wrong_base = bench.ask("GET /api/ocloudNotifications/v9/health HTTP/1.1\r\nHost: h\r\n\r\n");
        assert_eq!(wrong_base, no_page);
        for path in ["/health", "/subscriptions", "/subscriptions/x", "/cluster/node/node1/x/CurrentState"] {
            let put =
                format!("PUT {}{path} HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{{}}", manners.base);
            assert_eq!(bench.ask(&put), bare("405 Method Not Allowed"), "{path}");
        }
        let head = format!("HEAD {}/health HTTP/1.1\r\nHost: h\r\n\r\n", manners.base);
        assert_eq!(bench.ask(&head), format!("HTTP/1.1 405 Method Not Allowed\r\n{DATE}\r\n"));
        let moved = format!(
            "HTTP/1.1 301 Moved Permanently\r\nLocation: {}/cluster/node/node1/x/CurrentState\r\n{DATE}\
             Content-Length: 0\r\n\r\n",
            manners.base
        );
        assert_eq!(bench.get("//cluster/./node/node1/x/CurrentState"), moved);
    }
}

#[test]
fn v1_subscribes_and_unsubscribes() {
    let mut bench = Bench::new(&OPENSHIFT_V1, LOCKED);
    let body = r#"{"id":"UUID","endpointUri":"http://localhost:9055/event","uriLocation":"http://localhost:9043/api/ocloudNotifications/v1/subscriptions/UUID","resource":"/cluster/node/node1/sync/ptp-status/lock-state"}"#;
    let listed = "[\n {\n  \"id\": \"UUID\",\n  \"endpointUri\": \"http://localhost:9055/event\",\n  \
                  \"uriLocation\": \"http://localhost:9043/api/ocloudNotifications/v1/subscriptions/UUID\",\n  \
                  \"resource\": \"/cluster/node/node1/sync/ptp-status/lock-state\"\n }\n]";
    assert_eq!(bench.get("/subscriptions"), json("200 OK", ""));
    assert_eq!(bench.subscribe(LOCK, EVENT), json("201 Created", body));
    assert_eq!(bench.get("/subscriptions"), json("200 OK", listed));
    let path = format!("/subscriptions/{}", bench.only_id());
    assert_eq!(bench.get(&path), json("200 OK", body));
    for _ in 0..2 {
        assert_eq!(bench.delete(&path), json("200 OK", r#"{"status":"OK"}"#));
    }
    assert_eq!(bench.get(&path), json("400 Bad Request", r#"{"error":"subscription not found"}"#));
    assert_eq!(bench.get("/subscriptions"), json("200 OK", "[]"));
    let all = json("200 OK", r#"{"status":"deleted all subscriptions"}"#);
    assert_eq!(bench.delete("/subscriptions"), all);
    assert_eq!(bench.get("/subscriptions"), json("200 OK", ""));
}

#[test]
fn v2_subscribes_and_unsubscribes() {
    let mut bench = Bench::new(&OPENSHIFT_V2, LOCKED);
    let body = r#"{"ResourceAddress":"/cluster/node/node1/sync/ptp-status/lock-state","EndpointUri":"http://localhost:9055/event","SubscriptionId":"UUID","UriLocation":"http://localhost:9043/api/ocloudNotifications/v2/subscriptions/UUID"}"#;
    let item = |endpoint: &str| {
        format!(
            " {{\n  \"ResourceAddress\": \"/cluster/node/node1/sync/ptp-status/lock-state\",\n  \
             \"EndpointUri\": \"{endpoint}\",\n  \"SubscriptionId\": \"UUID\",\n  \
             \"UriLocation\": \"http://localhost:9043/api/ocloudNotifications/v2/subscriptions/UUID\"\n }}"
        )
    };
    assert_eq!(bench.get("/subscriptions"), json("200 OK", "null"));
    assert_eq!(bench.subscribe(LOCK, EVENT), json("201 Created", body));
    let path = format!("/subscriptions/{}", bench.only_id());
    assert_eq!(bench.get(&path), json("200 OK", body));
    assert_eq!(bench.subscribe(LOCK, EVENT), bare("409 Conflict"));
    assert_eq!(bench.subscribe(LOCK, OTHER), json("201 Created", &body.replace(EVENT, OTHER)));
    let two = format!("[\n{},\n{}\n]", item(EVENT), item(OTHER));
    assert_eq!(bench.get("/subscriptions"), json("200 OK", &two));
    let done = format!("HTTP/1.1 204 No Content\r\n{DATE}\r\n");
    assert_eq!(bench.delete(&path), done);
    assert_eq!(bench.delete(&path), bare("404 Not Found"));
    assert_eq!(bench.get(&path), bare("404 Not Found"));
    for _ in 0..2 {
        assert_eq!(bench.delete("/subscriptions"), done);
    }
    assert_eq!(bench.get("/subscriptions"), json("200 OK", "null"));
}

#[test]
fn v1_refuses() {
    let mut bench = Bench::new(&OPENSHIFT_V1, LOCKED);
    let malformed = json("400 Bad Request", r#"{"error":"marshalling error"}"#);
    for body in ["", "[]", r#"{"endpointUri": 5, "resource": "x"}"#, r#"{"endpointUri": "#] {
        assert_eq!(bench.post(body), malformed, "{body}");
    }
    for (endpoint, error) in [
        ("not a url", r#"{"error":"Post \"not%20a%20url\": unsupported protocol scheme \"\""}"#),
        ("localhost:1/x", r#"{"error":"Post \"localhost:1/x\": unsupported protocol scheme \"localhost\""}"#),
    ] {
        assert_eq!(bench.subscribe(LOCK, endpoint), json("400 Bad Request", error));
    }
    bench.answer = Some("");
    let closed = r#"{"error":"Post \"http://localhost:9055/event\": EOF"}"#;
    assert_eq!(bench.subscribe(LOCK, EVENT), json("400 Bad Request", closed));
    bench.listens = false;
    let refused = r#"{"error":"Post \"http://localhost:9055/event\": dial tcp localhost:9055: connect: connection refused"}"#;
    assert_eq!(bench.subscribe(LOCK, EVENT), json("400 Bad Request", refused));
}

#[test]
fn v2_refuses() {
    let mut bench = Bench::new(&OPENSHIFT_V2, LOCKED);
    let v1_keys =
        r#"{"endpointUri": "http://localhost:9055/event", "resource": "/sync/ptp-status/lock-state"}"#;
    for body in ["", "[]", "{}", v1_keys, r#"{"EndpointUri": 5, "ResourceAddress": "x"}"#] {
        assert_eq!(bench.post(body), bare("400 Bad Request"), "{body}");
    }
    assert_eq!(bench.subscribe(LOCK, ""), bare("400 Bad Request"));
    assert_eq!(bench.subscribe(LOCK, "not a url"), bare("400 Bad Request"));
    assert_eq!(bench.subscribe("/sync/does-not/exist", EVENT), bare("404 Not Found"));
    assert!(bench.posts.is_empty());
}

#[test]
fn only_204_makes_a_subscription() {
    let failed =
        r#"{"error":"return url validation check failed for create subscription.check endpointURI"}"#;
    let statuses = ["200 OK", "202 Accepted", "302 Found", "400 Bad Request", "404 Not Found", "500 Oops"];
    for (manners, expected) in
        OPENSHIFT.into_iter().zip([json("400 Bad Request", failed), bare("400 Bad Request")])
    {
        let mut bench = Bench::new(manners, LOCKED);
        for status in statuses {
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
            bench.answer = Some(answer.leak());
            assert_eq!(bench.subscribe(LOCK, EVENT), expected, "{status}");
        }
        assert_eq!(bench.kept(LOCK).len(), 0);
    }
}

#[test]
fn the_callback_comes_before_the_answer() {
    for (manners, patience_ms) in [(&OPENSHIFT_V1, 10_000), (&OPENSHIFT_V2, 2000)] {
        let mut bench = Bench::new(manners, LOCKED);
        bench.subscribe(LOCK, EVENT);
        assert_eq!(bench.talk, ["-> POST /event", "<- 201"]);
        bench.answer = None;
        assert_eq!(bench.subscribe(OS, EVENT), "");
        bench.run_ms(patience_ms - 1);
        assert_eq!(bench.talk[2..], ["-> POST /event"]);
        bench.run_ms(1);
        assert_eq!(bench.talk[2..], ["-> POST /event", "<- 400"]);
        assert!(bench.lines.last().unwrap().ends_with("timed out"));
    }
}

#[test]
fn v1_hands_out_the_old_subscription() {
    let mut bench = Bench::new(&OPENSHIFT_V1, LOCKED);
    let first = bench.subscribe(LOCK, EVENT);
    let id = bench.only_id();
    assert_eq!(bench.subscribe(LOCK, OTHER), first);
    assert_eq!(bench.only_id(), id);
    let targets: Vec<_> = bench.posts.iter().map(|(target, port, _)| (target.as_str(), *port)).collect();
    assert_eq!(targets, [("/event", 9055), ("/other", 9056)], "both endpoints are tried");
    // Deleting what was asked for twice leaves one that is not listed, holds its place and goes on delivering.
    bench.delete(&format!("/subscriptions/{id}"));
    assert_eq!(bench.get("/subscriptions"), json("200 OK", "[]"));
    assert_eq!(bench.subscribe(LOCK, OTHER), first);
    bench.delete("/subscriptions");
    assert_eq!(bench.subscribe(LOCK, OTHER), first.replace(EVENT, OTHER));
}

#[test]
fn v1_takes_an_empty_endpoint() {
    let mut bench = Bench::new(&OPENSHIFT_V1, LOCKED);
    let poisoned = r#"{"id":"UUID","endpointUri":"","uriLocation":"http://localhost:9043/api/ocloudNotifications/v1/subscriptions/UUID","resource":"/cluster/node/node1/sync/ptp-status/lock-state"}"#;
    assert_eq!(bench.subscribe(LOCK, ""), json("201 Created", poisoned));
    assert_eq!(bench.subscribe(LOCK, EVENT), json("201 Created", poisoned));
    let nobody = r#"{"id":"UUID","endpointUri":null,"uriLocation":"http://localhost:9043/api/ocloudNotifications/v1/subscriptions/UUID","resource":"x"}"#;
    assert_eq!(bench.post(r#"{"resource": "x"}"#), json("201 Created", nobody));
}

#[test]
fn a_list_over_2_kilobytes_is_chunked() {
    for manners in OPENSHIFT {
        let mut bench = Bench::new(manners, LOCKED);
        for resource in manners.resources {
            bench.subscribe(resource.suffix, EVENT);
        }
        if manners.takes_anything {
            let short = bench.get("/subscriptions");
            assert!(short.contains("\r\nContent-Length: "), "{short}");
            for extra in ["a", "b", "c"] {
                bench.subscribe(extra, EVENT);
            }
        }
        let long = bench.get("/subscriptions");
        let (head, body) = long.split_once("\r\n\r\n").unwrap();
        assert_eq!(
            head,
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{DATE}Transfer-Encoding: chunked")
        );
        let (size, rest) = body.split_once("\r\n").unwrap();
        let text = rest.strip_suffix("\r\n0\r\n\r\n").unwrap();
        assert_eq!(size, format!("{:x}", masked_length(text)));
        assert!(text.starts_with("[\n {\n  \"") && text.ends_with("\n }\n]"), "{text}");
    }
}

#[test]
fn v1_current_state() {
    let mut bench = Bench::new(&OPENSHIFT_V1, "wait 1s\n");
    let unknown = json("400 Bad Request", r#"{"error":"subscription not found"}"#);
    let no_data = json("400 Bad Request", r#"{"error":"{\"message\":\"event data not found\"}\n"}"#);
    let path = format!("/cluster/node/node1{LOCK}/CurrentState");
    assert_eq!(bench.get(&path), unknown);
    bench.subscribe(LOCK, EVENT);
    assert_eq!(bench.get(&path), no_data);

    let mut bench = Bench::new(&OPENSHIFT_V1, LOCKED);
    for (suffix, kind, values) in [
        (
            LOCK,
            "event.sync.ptp-status.ptp-state-change",
            r#"{"resource":"/cluster/node/node1/ens1fx/master","dataType":"notification","valueType":"enumeration","value":"LOCKED"},{"resource":"/cluster/node/node1/ens1fx/master","dataType":"metric","valueType":"decimal64.3","value":"12"}"#,
        ),
        (
            OS,
            "event.sync.sync-status.os-clock-sync-state-change",
            r#"{"resource":"/cluster/node/node1/CLOCK_REALTIME","dataType":"notification","valueType":"enumeration","value":"LOCKED"},{"resource":"/cluster/node/node1/CLOCK_REALTIME","dataType":"metric","valueType":"decimal64.3","value":"-62"}"#,
        ),
        (
            "/sync/ptp-status/ptp-clock-class-change",
            "event.sync.ptp-status.ptp-clock-class-change",
            r#"{"resource":"/cluster/node/node1/ens1fx/master/CLOCK_CLASS","dataType":"metric","valueType":"decimal64.3","value":"6"}"#,
        ),
        (
            SYNC,
            "event.sync.sync-status.synchronization-state-change",
            r#"{"resource":"/cluster/node/node1/sync/sync-status/sync-state","dataType":"notification","valueType":"enumeration","value":"LOCKED"}"#,
        ),
    ] {
        bench.subscribe(suffix, EVENT);
        let body = format!(
            r#"{{"specversion":"0.3","id":"UUID","source":"{suffix}","type":"{kind}","subject":"/cluster/node/node1{suffix}","datacontenttype":"application/json","time":"2026-11-22T17:48:52Z","data":{{"version":"v1","values":[{values}]}}}}"#
        );
        assert_eq!(bench.get(&format!("/cluster/node/node1{suffix}/CurrentState")), json("200 OK", &body));
    }
    bench.subscribe("/sync/gnss-status/gnss-sync-status", EVENT);
    assert_eq!(bench.get("/cluster/node/node1/sync/gnss-status/gnss-sync-status/CurrentState"), no_data);
}

#[test]
fn v2_current_state() {
    let mut bench = Bench::new(&OPENSHIFT_V2, LOCKED);
    let path = format!("/cluster/node/node1{LOCK}/CurrentState");
    assert_eq!(bench.get(&path), bare("404 Not Found"), "nobody subscribed");
    for (suffix, kind, values) in [
        (
            LOCK,
            "event.sync.ptp-status.ptp-state-change",
            r#"{"ResourceAddress":"/cluster/node/node1/ens1fx/master","data_type":"notification","value_type":"enumeration","value":"LOCKED"},{"ResourceAddress":"/cluster/node/node1/ens1fx/master","data_type":"metric","value_type":"decimal64.3","value":"12"}"#,
        ),
        (
            "/sync/ptp-status/clock-class",
            "event.sync.ptp-status.ptp-clock-class-change",
            r#"{"ResourceAddress":"/cluster/node/node1/ens1fx/master/CLOCK_CLASS","data_type":"metric","value_type":"decimal64.3","value":"6"}"#,
        ),
        (
            SYNC,
            "event.sync.sync-status.synchronization-state-change",
            r#"{"ResourceAddress":"/cluster/node/node1/sync/sync-status/sync-state","data_type":"notification","value_type":"enumeration","value":"LOCKED"}"#,
        ),
    ] {
        bench.subscribe(suffix, EVENT);
        let body = format!(
            r#"{{"specversion":"1.0","id":"UUID","source":"{suffix}","type":"{kind}","time":"2026-11-22T17:48:52Z","data":{{"version":"1.0","values":[{values}]}}}}"#
        );
        assert_eq!(bench.bodies(), [&*body], "the initial notification says the same");
        assert_eq!(bench.get(&format!("/cluster/node/node1{suffix}/CurrentState")), json("200 OK", &body));
    }
    bench.subscribe("/sync/synce-status/lock-state", EVENT);
    let no_data = bench.get("/cluster/node/node1/sync/synce-status/lock-state/CurrentState");
    assert_eq!(no_data, bare("404 Not Found"));
}
