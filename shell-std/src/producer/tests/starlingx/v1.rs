//! The sidecar of v1.

use super::*;

fn old_json(status: &str, body: &str) -> String {
    let length = body.len() + 32 * body.matches("UUID").count();
    format!(
        "HTTP/1.0 {status}\r\n{DATE}Server: WSGIServer/0.2 CPython/3.9.2\r\nContent-Length: {length}\r\n\
         Content-Type: application/json\r\n\r\n{body}"
    )
}

#[test]
fn v1_speaks_http_1_0_and_of_one_clock() {
    let script = "wait 1s\nlock-state LOCKED\nlock-state FREERUN instance 2\nclock-class 6\nwait 500ms\nlock-state HOLDOVER";
    let mut bench = Bench::new(&STARLINGX_V1, script);
    let body = r#"{"SubscriptionId": "UUID", "ResourceType": "PTP", "UriLocation": "http://localhost:9043/ocloudNotifications/v1/subscriptions/UUID", "EndpointUri": "http://localhost:9055/event", "ResourceQualifier": {"NodeName": "node1"}}"#;
    let flat = |state: &str, seconds: &str| {
        format!(
            "{{\"ResourceType\": \"PTP\", \"EventData\": {{\"State\": \"{state}\"}}, \
             \"ResourceQualifier\": {{\"NodeName\": \"node1\"}}, \"EventTimestamp\": {seconds}}}"
        )
    };
    assert_eq!(bench.get(""), old_json("200 OK", "\"v1controller\""));
    assert_eq!(bench.get("/PTP/CurrentState"), old_json("404 Not Found", NOT_FOUND), "nothing is known");
    for _ in 0..2 {
        assert_eq!(bench.subscribe(LOCK, EVENT), old_json("201 Created", body));
    }
    assert_eq!(bench.get("/subscriptions"), old_json("200 OK", &format!("[{body}, {body}]")));
    bench.run_ms(1000);
    let locked = flat("Locked", "1795369733.0");
    assert_eq!(bench.bodies(), [&*locked, &*locked], "a duplicate is delivered to twice");
    bench.run_ms(500);
    let holdover = flat("Holdover", "1795369733.5");
    assert_eq!(bench.bodies(), [&*holdover, &*holdover]);
    for path in ["/PTP/CurrentState", "/ptp/CurrentState"] {
        let date = "Date: Sun, 22 Nov 2026 17:48:53 GMT\r\n";
        assert_eq!(bench.get(path), old_json("200 OK", &holdover).replace(DATE, date));
    }
    assert_eq!(bench.closed.len(), bench.answers.len() + bench.peers.len(), "none lasts");
    let id = bench.kept(LOCK)[0].id.clone();
    let gone = bench.delete(&format!("/subscriptions/{id}"));
    assert!(gone.starts_with("HTTP/1.0 204 No Content\r\n") && gone.ends_with("Content-Length: 0\r\n\r\n"));
}

#[test]
fn v1_refuses() {
    let mut bench = Bench::new(&STARLINGX_V1, LOCKED);
    let missing = client_fault(
        "Invalid input for field/attribute ResourceQualifier. Value: 'None'. Mandatory field missing.",
    );
    let body = format!(r#"{{"ResourceType":"PTP","EndpointUri":"{EVENT}"}}"#);
    assert_eq!(bench.post(&body), old_json("400 Bad Request", &missing));
    let unknown = client_fault("Unknown attribute for argument subscription: ResourceAddress");
    assert_eq!(bench.post(&wish("/././sync", EVENT)), old_json("400 Bad Request", &unknown));
    bench.listens = false;
    assert!(bench.subscribe(LOCK, EVENT).contains("could not comply with the request"));
    bench.listens = true;
    bench.producer.set_node_wait(0);
    let other = subscribe_body(&STARLINGX_V1, LOCK, EVENT).replace("node1", "other");
    assert_eq!(bench.post(&other), old_json("404 Not Found", NOT_FOUND));
    for name in [".", "*"] {
        let any = subscribe_body(&STARLINGX_V1, LOCK, EVENT).replace("node1", name);
        assert!(bench.post(&any).contains(" 201 "), "{name}");
    }
}
