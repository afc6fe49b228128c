//! Restarts, lost pushes, slow and dead consumers, and what happens to connections.

use super::*;

const LOCKED: &str = "lock-state LOCKED offset 12\n";

#[test]
fn a_restart_keeps_the_store() {
    for manners in OPENSHIFT {
        let mut bench =
            Bench::new(manners, "lock-state LOCKED offset 12\nwait 1s\nrestart down 2s ready 4s\n");
        bench.subscribe(LOCK, EVENT);
        let idle = bench.connect().unwrap();
        let list = bench.get("/subscriptions");
        let state = bench.get(&format!("/cluster/node/node1{LOCK}/CurrentState"));
        bench.run_ms(1000);
        assert!(bench.closed.contains(&idle) && bench.producer.is_down(bench.now));
        assert_eq!(bench.connect(), None);
        bench.run_ms(1999);
        assert_eq!(bench.connect(), None);
        bench.run_ms(1);
        assert_eq!(bench.lines.last().unwrap(), "back");
        assert!(bench.get("/health").starts_with("HTTP/1.1 200 OK\r\n"));
        assert_eq!(without_date(&bench.get("/subscriptions")), without_date(&list));
        assert!(bench.get(&format!("/cluster/node/node1{LOCK}/CurrentState")).starts_with("HTTP/1.1 40"));
        bench.run_ms(4000);
        let again = bench.get(&format!("/cluster/node/node1{LOCK}/CurrentState"));
        assert_eq!(again.split_once("\"data\":").unwrap().1, state.split_once("\"data\":").unwrap().1);
    }
}

#[test]
fn a_restart_may_lose_the_store() {
    for (manners, empty) in [(&OPENSHIFT_V1, "Content-Length: 0\r\n\r\n"), (&OPENSHIFT_V2, "\r\n\r\nnull")] {
        let mut bench = Bench::new(manners, "lock-state LOCKED\nwait 1s\nrestart down 500ms forget\n");
        bench.subscribe(LOCK, EVENT);
        bench.run_ms(1500);
        assert!(bench.get("/subscriptions").ends_with(empty));
    }
}

#[test]
fn a_publisher_may_forget_its_sidecar() {
    let mut bench = Bench::new(
        &OPENSHIFT_V1,
        "lock-state LOCKED\nos-clock LOCKED\nwait 1s\nlose-registrations\nlock-state HOLDOVER\nwait 1s\nlock-state FREERUN\nos-clock FREERUN",
    );
    let first = bench.subscribe(LOCK, EVENT);
    bench.subscribe(OS, EVENT);
    let list = bench.get("/subscriptions");
    bench.posts.clear();
    bench.run_ms(1500);
    assert!(bench.posts.is_empty(), "nothing is delivered");
    assert_eq!(
        without_date(&bench.get("/subscriptions")),
        without_date(&list),
        "the sidecar lists what it did"
    );
    assert!(bench.current(LOCK).contains("client is not registered with the event publisher"));
    assert_eq!(without_date(&bench.subscribe(LOCK, EVENT)), without_date(&first));
    assert!(bench.current(LOCK).contains("HOLDOVER"));
    assert!(bench.current(OS).contains("os-clock-sync-state) not found for the requesting client"));
    bench.posts.clear();
    bench.run_ms(1000);
    assert_eq!(bench.posts.len(), 1, "what was asked for again, and nothing else");
}

#[test]
fn v2_knows_no_resource_for_four_seconds_after_a_restart() {
    let mut bench = Bench::new(
        &OPENSHIFT_V2,
        "lock-state LOCKED\nwait 1s\nrestart down 1s\nwait 2s\nlock-state HOLDOVER",
    );
    bench.subscribe(LOCK, EVENT);
    bench.run_ms(2000);
    bench.posts.clear();
    assert!(bench.subscribe(OS, EVENT).starts_with("HTTP/1.1 404 Not Found\r\n"));
    assert!(bench.subscribe(LOCK, EVENT).starts_with("HTTP/1.1 409 Conflict\r\n"));
    bench.run_ms(3999);
    assert_eq!(bench.lines.last().unwrap(), "sync-state HOLDOVER");
    assert!(bench.posts.is_empty(), "what changes meanwhile is lost");
    bench.run_ms(1);
    assert!(bench.subscribe(OS, EVENT).starts_with("HTTP/1.1 201 Created\r\n"));
}

#[test]
fn dropped_pushes_are_lost() {
    let script =
        "lock-state LOCKED\nwait 1s\ndrop on\nlock-state HOLDOVER\ndrop off\nwait 1s\nlock-state LOCKED";
    for manners in OPENSHIFT {
        let mut bench = Bench::new(manners, script);
        bench.subscribe(LOCK, EVENT);
        bench.posts.clear();
        bench.run_ms(1500);
        assert!(bench.posts.is_empty());
        assert!(bench.get(&format!("/cluster/node/node1{LOCK}/CurrentState")).contains("HOLDOVER"));
        bench.run_ms(1000);
        assert_eq!(bench.news(), ["lock-state LOCKED"]);
    }
}

#[test]
fn a_hanging_consumer_delays_everybody_on_v2() {
    for (manners, late_ms) in [(&OPENSHIFT_V2, 2000), (&OPENSHIFT_V1, 3)] {
        let mut bench = Bench::new(manners, "lock-state LOCKED\nwait 1s\nlock-state HOLDOVER\nclock-class 7");
        bench.subscribe(LOCK, EVENT);
        bench.subscribe(manners.resource(Kind::ClockClass).unwrap().suffix, OTHER);
        bench.posts.clear();
        bench.answer = None;
        bench.run_ms(999 + late_ms);
        assert!(bench.posts.len() < 2 || !manners.sequential);
        bench.run_ms(1);
        assert_eq!(bench.posts.len(), 2);
        bench.run_ms(2000);
        let timed_out = bench.lines.iter().filter(|line| line.ends_with("-> timed out")).count();
        assert_eq!(timed_out, 2);
    }
}

#[test]
fn v2_drops_an_endpoint_after_ten_failures_until_a_restart() {
    let script = "lock-state LOCKED\nrepeat 10\nwait 1s\nlock-state HOLDOVER\nend\nwait 1s\nrestart";
    let mut bench = Bench::new(&OPENSHIFT_V2, script);
    bench.subscribe(LOCK, EVENT);
    bench.subscribe(OS, EVENT);
    let list = bench.get("/subscriptions");
    let kept = |bench: &mut Bench| bench.get("/subscriptions").contains("EndpointUri");
    bench.listens = false;
    bench.producer.callbacks.clear();
    bench.run_ms(9000);
    assert!(kept(&mut bench), "nine are forgiven");
    bench.run_ms(1000);
    assert!(!kept(&mut bench));
    assert_eq!(bench.lines.last().unwrap(), "dropped http://localhost:9055/event");
    bench.run_ms(3000);
    assert_eq!(without_date(&bench.get("/subscriptions")), without_date(&list));
}

#[test]
fn answers_other_than_204_keep_a_subscription() {
    let script = "lock-state LOCKED\nrepeat 30\nwait 1s\nlock-state HOLDOVER\nend";
    let mut bench = Bench::new(&OPENSHIFT_V2, script);
    bench.subscribe(LOCK, EVENT);
    bench.answer = Some("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
    bench.run_ms(30_000);
    assert_eq!(bench.posts.len(), 31);
    assert_eq!(bench.lines.last().unwrap(), "push lock-state -> 500");
}

#[test]
fn connections_to_consumers_are_kept_for_90_seconds() {
    let mut bench =
        Bench::new(&OPENSHIFT_V2, "lock-state LOCKED\nrepeat 3\nwait 80s\nlock-state HOLDOVER\nend");
    bench.subscribe(LOCK, EVENT);
    bench.run_ms(240_000);
    assert_eq!(bench.posts.len(), 4);
    assert_eq!(bench.peers.len(), 1);
    bench.run_ms(90_000);
    assert_eq!(bench.closed, [*bench.peers.keys().next().unwrap()]);
    let mut bench = Bench::new(&OPENSHIFT_V2, "lock-state LOCKED\nwait 1s\nlock-state HOLDOVER");
    bench.answer = Some("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    bench.subscribe(LOCK, EVENT);
    bench.run_ms(1000);
    assert_eq!((bench.peers.len(), bench.closed.len()), (2, 2));
}

#[test]
fn requests_come_in_any_pieces_and_in_a_row() {
    for manners in OPENSHIFT {
        let mut bench = Bench::new(manners, LOCKED);
        let probe = format!("GET {}/health HTTP/1.1\r\nHost: h\r\n\r\n", manners.base);
        let [endpoint, resource] = manners.subscribe_keys;
        let body = format!("{{\"{endpoint}\":\"{EVENT}\",\"{resource}\":\"/cluster/node/node1{LOCK}\"}}");
        let subscribe = format!(
            "POST {}/subscriptions HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
            manners.base,
            body.len()
        );
        let all = format!("{probe}{subscribe}{probe}");
        let whole = bench.ask(&all);
        let statuses: Vec<_> = whole.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
        assert_eq!(statuses, ["200", "201", "200"], "the row waits for the callback");
        bench.delete("/subscriptions");
        let conn = bench.connect().unwrap();
        for byte in all.chars() {
            bench.say(conn, &byte.to_string());
        }
        assert_eq!(masked(&bench.answers[&conn]), whole);
    }
}

#[test]
fn connections_close_when_asked_to() {
    let mut bench = Bench::new(&OPENSHIFT_V2, LOCKED);
    for (request, end, closes) in [
        (
            "GET /api/ocloudNotifications/v2/health HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
            "Connection: close\r\n\r\nOK",
            true,
        ),
        ("GET /api/ocloudNotifications/v2/health HTTP/1.0\r\n\r\n", "charset=utf-8\r\n\r\nOK", true),
        (
            "GET /api/ocloudNotifications/v2/health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            "Connection: keep-alive\r\n\r\nOK",
            false,
        ),
        (
            "GET /api/ocloudNotifications/v2/health HTTP/1.1\r\n\r\n",
            "400 Bad Request: missing required Host header",
            true,
        ),
        ("hello\r\n\r\n", "Connection: close\r\n\r\n400 Bad Request", true),
    ] {
        bench.closed.clear();
        let answer = bench.ask(request);
        assert!(answer.ends_with(end), "{answer}");
        assert_eq!(bench.closed.len(), usize::from(closes), "{request}");
    }
}

#[test]
fn a_client_may_wait_before_it_sends_the_body() {
    let mut bench = Bench::new(&OPENSHIFT_V2, LOCKED);
    let conn = bench.connect().unwrap();
    bench.say(
        conn,
        "POST /api/ocloudNotifications/v2/subscriptions HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
    );
    assert_eq!(bench.answers[&conn], "HTTP/1.1 100 Continue\r\n\r\n");
    bench.say(conn, "{}");
    assert!(bench.answers[&conn].contains("\r\n\r\nHTTP/1.1 400 Bad Request\r\n"));
}

#[test]
fn a_subscription_outlives_who_asked_for_it() {
    let mut bench = Bench::new(&OPENSHIFT_V2, LOCKED);
    bench.answer = None;
    bench.subscribe(LOCK, EVENT);
    let (asked, called) = (*bench.answers.keys().last().unwrap(), *bench.peers.keys().last().unwrap());
    bench.producer.handle_closed(bench.now, asked);
    bench.producer.handle_received(bench.now, called, NO_CONTENT.as_bytes());
    bench.settle();
    assert!(bench.lines[2].starts_with("subscribed "), "{:?}", bench.lines);
    assert_eq!(bench.answers[&asked], "");
}

#[test]
fn strangers_are_inert() {
    let mut bench = Bench::new(&OPENSHIFT_V1, LOCKED);
    let stranger = Conn(77);
    bench.producer.handle_opened(bench.now, stranger);
    bench.producer.handle_received(bench.now, stranger, b"x");
    bench.producer.handle_sent(bench.now, stranger, 5);
    bench.producer.handle_closed(bench.now, stranger);
    assert_eq!(bench.producer.send_window(stranger), b"");
    assert_eq!(bench.producer.poll_action(), None);
}

fn without_date(answer: &str) -> String {
    answer.lines().filter(|line| !line.starts_with("Date: ")).collect::<Vec<_>>().join("\n")
}
