//! The usual mistakes, each with the cause and the fix that is to be told.

use std::net::{SocketAddr, TcpListener, TcpStream};

use ptpwatch_tests::peer::address_of_our_own;
use ptpwatch_tests::process::Running;

use super::{GNSS, LOCK_STATE, answer, check, check_alone, compare, normal, server, subscribe};

/// Callback at `address`.
fn callback(address: SocketAddr) -> String {
    format!("http://{address}/event")
}

const LOCKED: &str = "os-clock LOCKED\nlock-state LOCKED\nclock-class 6\ngnss SYNCHRONIZED\n";

#[test]
fn another_consumer_on_our_endpoint_answers_200() {
    for dialect in ["openshift-v1", "openshift-v2"] {
        let (_simulate, producer) = Running::producer(dialect, "locked");
        let (sample, asked) = server(|_| answer("200 OK", ""));
        let told = check_alone(&producer, &["--dialect", dialect, "--callback", &callback(sample)]);
        assert_eq!(told.code, Some(1), "{}", told.text);
        told.assert_step("endpoint", "fail", &["200", "204 alone", "--callback"]);
        told.assert_step("callback", "fail", &["400, and no POST to", "does not say 204", "NetworkPolicy"]);
        told.assert_step("clean-up", "ok", &["0 subscriptions"]);
        // Once as the producer tries it, by us, and once by the producer.
        let asked = asked.lock().expect("nobody panics").clone();
        assert!(asked[0].starts_with("POST /event ") && asked[1].starts_with("POST /state/"), "{asked:?}");
        compare(&format!("mistake-200-{dialect}.txt"), &normal(&told.text));
    }
}

#[test]
fn a_service_in_front_of_replicas_hands_our_events_to_another() {
    for dialect in ["openshift-v1", "openshift-v2"] {
        let (_simulate, producer) = Running::producer(dialect, "locked");
        let (replica, _) = server(|_| answer("204 No Content", ""));
        let told = check_alone(&producer, &["--dialect", dialect, "--callback", &callback(replica)]);
        assert_eq!(told.code, Some(1), "{}", told.text);
        told.assert_step("callback", "fail", &["201, and no POST", "ClusterIP", "headless"]);
        told.assert_step("clean-up", "ok", &["made and deleted"]);
        // Another ptpwatch awaits nothing at our path.
        let (replica, _) = server(|_| answer("404 Not Found", ""));
        let told = check_alone(&producer, &["--dialect", dialect, "--callback", &callback(replica)]);
        assert_eq!(told.code, Some(1), "{}", told.text);
        told.assert_step("callback", "fail", &["400, and no POST", "ClusterIP", "clusterIP: None"]);
    }
}

#[test]
fn v1_is_spoken_to_4_19_and_later() {
    let (_simulate, producer) = Running::producer("openshift-v2", "locked");
    let told = check_alone(&producer, &["--dialect", "openshift-v1"]);
    assert_eq!(told.code, Some(1), "{}", told.text);
    told.assert_step("dialect", "fail", &["openshift-v2", "not openshift-v1", "4.19", "--dialect auto"]);
    told.assert_step("callback", "ok", &["201"]);
    compare("mistake-v1-to-v2.txt", &normal(&told.text));
}

#[test]
fn a_service_is_asked_for_by_the_full_name_of_the_node() {
    let host = "ptp-event-publisher-service-node1.example.com.openshift-ptp.svc.invalid";
    let told = check_alone(
        &format!("http://{host}:9043"),
        &["--node", "node1.example.com", "--request-timeout", "2s"],
    );
    assert_eq!(told.code, Some(1), "{}", told.text);
    let fix = "http://ptp-event-publisher-service-node1.openshift-ptp.svc.cluster.local:9043";
    told.assert_step("resolve", "fail", &["first label", fix]);
    assert_eq!(told.text.lines().count(), 4, "no step can be taken after it: {}", told.text);
}

#[test]
fn nobody_listens_at_the_producers_port() {
    let nobody = address_of_our_own();
    let told = check_alone(&format!("http://{nobody}"), &[]);
    assert_eq!(told.code, Some(1), "{}", told.text);
    told.assert_step("connect", "fail", &["connection refused", "nobody listens", "8089"]);
}

/// As a NetworkPolicy does it: a full backlog answers no SYN either.
#[test]
fn the_way_to_the_producer_is_dropped() {
    use rustix::net::{AddressFamily, SocketType, bind, listen, socket};
    let (address, full) = (address_of_our_own(), socket(AddressFamily::INET, SocketType::STREAM, None));
    let full = full.expect("there is a socket");
    bind(&full, &address).expect("it is free");
    listen(&full, 0).expect("it listens");
    let _first = TcpStream::connect(address).expect("there is room for one");
    let told = check_alone(&format!("http://{address}"), &["--request-timeout", "1s"]);
    assert_eq!(told.code, Some(1), "{}", told.text);
    told.assert_step("connect", "fail", &["no connection in time", "NetworkPolicy"]);
}

#[test]
fn the_producer_does_not_get_to_us() {
    for dialect in ["openshift-v1", "openshift-v2", "starlingx-v2"] {
        let (_simulate, producer) = Running::producer(dialect, "locked");
        let told =
            check_alone(&producer, &["--dialect", dialect, "--callback", &callback(address_of_our_own())]);
        assert_eq!(told.code, Some(1), "{}", told.text);
        told.assert_step("endpoint", "skipped", &["connection refused", "run is not there"]);
        told.assert_step("callback", "fail", &["400, and no POST", "NetworkPolicy, --callback"]);
        told.assert_step("clean-up", "ok", &["0 subscriptions"]);
    }
}

#[test]
fn what_listens_there_is_no_producer() {
    for (reply, words) in [
        (answer("404 Not Found", "404 page not found"), ["404", "no API of a producer"]),
        (answer("200 OK", "\"v9controller\""), ["200", "no API of a producer"]),
        (answer("200 OK", "{\"a\":1}"), ["200", "no API of a producer"]),
        ("\x15\x03\x01\0\x02\x02\x46".to_owned(), ["no HTTP", "TLS"]),
        ("220 mail.example.com ESMTP\r\n\r\n".to_owned(), ["no HTTP", "TLS"]),
        (String::new(), ["without an answer", "TLS"]),
    ] {
        let (other, _) = server(move |_| reply.clone());
        let told = check_alone(&format!("http://{other}"), &[]);
        assert_eq!(told.code, Some(1), "{}", told.text);
        told.assert_step("dialect", "fail", &words);
        assert!(!told.text.contains("clean-up"), "nothing was made: {}", told.text);
    }
}

#[test]
fn a_producer_that_hangs_is_not_waited_for() {
    let hangs = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let address = hangs.local_addr().expect("it has one");
    let told = check_alone(&format!("http://{address}"), &["--request-timeout", "1s"]);
    assert_eq!(told.code, Some(1), "{}", told.text);
    told.assert_step("connect", "ok", &[]);
    told.assert_step("dialect", "fail", &["no answer in time", "hangs"]);
}

#[test]
fn a_sidecar_is_shared_with_another_consumer() {
    let (_simulate, producer) = Running::producer("openshift-v1", "locked");
    let (other, _) = server(|_| answer("204 No Content", ""));
    let id = subscribe(&producer, "openshift-v1", &callback(other), GNSS);
    let told = check_alone(&producer, &[]);
    assert_eq!(told.code, Some(0), "{}", told.text);
    told.assert_step("subscriptions", "warn", &["gnss-sync-status is of", "polls alone", &id]);
    // It has the only place, and keeps it.
    told.assert_step("current-state gnss-sync-status", "ok", &["SYNCHRONIZED"]);
    told.assert_step(
        "current-state lock-state",
        "skipped",
        &["400", "nobody is subscribed", "ptpwatch state"],
    );
}

#[test]
fn a_subscription_without_an_endpoint_is_poison() {
    let (_simulate, producer) = Running::producer("openshift-v1", "locked");
    let id = subscribe(&producer, "openshift-v1", "", LOCK_STATE);
    let told = check_alone(&producer, &[]);
    assert_eq!(told.code, Some(1), "{}", told.text);
    told.assert_step(
        "subscriptions",
        "fail",
        &["lock-state", "without an endpoint", &format!("delete {id}")],
    );
}

#[test]
fn a_publisher_has_forgotten_its_sidecar() {
    let lines = format!("{LOCKED}wait 5s\nlose-registrations\nwait 10m\n");
    let (mut simulate, producer) = Running::producer_of("openshift-v1", &lines);
    let (other, _) = server(|_| answer("204 No Content", ""));
    subscribe(&producer, "openshift-v1", &callback(other), LOCK_STATE);
    simulate.wait_for("lose-registrations");
    let told = check_alone(&producer, &[]);
    assert_eq!(told.code, Some(1), "{}", told.text);
    told.assert_step("current-state lock-state", "fail", &["forgotten", "start the sidecar anew"]);
}

#[test]
fn the_node_is_another() {
    let (_simulate, producer) = Running::producer("openshift-v2", "locked");
    let told = check_alone(&producer, &["--node", "node2"]);
    assert_eq!(told.code, Some(1), "{}", told.text);
    told.assert_step("callback", "fail", &["about node1", "another node", "--node"]);
}

#[test]
fn there_is_no_data_yet() {
    let (_simulate, producer) = Running::producer_of("openshift-v2", "wait 10m\n");
    let told = check_alone(&producer, &[]);
    assert_eq!(told.code, Some(1), "{}", told.text);
    told.assert_step("current-state lock-state", "fail", &["404", "nothing was reported"]);
    told.assert_step("current-state gnss-sync-status", "warn", &["404"]);
    let told = check_alone(&producer, &["--role", "ntp", "--resources", "os-clock-sync-state,lock-state"]);
    told.assert_step("current-state os-clock-sync-state", "fail", &["404"]);
    told.assert_step("current-state lock-state", "warn", &["404"]);
}

#[test]
fn a_clock_is_not_synchronised() {
    let (_simulate, producer) = Running::producer_of(
        "openshift-v2",
        "os-clock FREERUN\nptp FREERUN\nclock-class 248\ngnss ANTENNA-DISCONNECTED\nwait 10m\n",
    );
    let told = check_alone(&producer, &[]);
    assert_eq!(told.code, Some(0), "what is told can be told: {}", told.text);
    told.assert_step("current-state lock-state", "warn", &["FREERUN", "not synchronised"]);
    told.assert_step("current-state gnss-sync-status", "warn", &["ANTENNA-DISCONNECTED"]);
}

#[test]
fn the_producers_clock_is_far_from_ours() {
    for (step, words) in [("-1m", "ahead of"), ("+1m", "behind")] {
        let lines = format!("{LOCKED}step-clock {step}\nwait 10m\n");
        let (_simulate, producer) = Running::producer_of("openshift-v2", &lines);
        let told = check_alone(&producer, &[]);
        assert_eq!(told.code, Some(0), "{}", told.text);
        told.assert_step("clock", "warn", &[words, "CLOCK_REALTIME"]);
        let ms: u32 =
            told.step("clock").split(' ').find_map(|word| word.parse().ok()).expect("it says how far");
        assert!((50_000..=61_000).contains(&ms), "{ms}");
    }
}

#[test]
fn run_has_ended_without_a_way_to_the_producer() {
    let (_simulate, producer) = Running::producer("openshift-v2", "locked");
    let listen = address_of_our_own();
    let own = callback(listen);
    let at_its_time = TcpListener::bind(listen).expect("it is free");
    let accepts = std::thread::spawn(move || {
        let (stream, _) = at_its_time.accept().expect("the producer comes");
        let mut peer = ptpwatch_tests::peer::Peer::of(stream);
        peer.request().expect("it asks");
        peer.send(b"HTTP/1.1 204 No Content\r\n\r\n");
    });
    subscribe(&producer, "openshift-v2", &own, LOCK_STATE);
    accepts.join().expect("it does not panic");
    let told = check(&producer, listen, &["--callback", &own]);
    assert_eq!(told.code, Some(0), "{}", told.text);
    told.assert_step("endpoint", "warn", &["connection refused", "go nowhere", "delete --mine"]);
    told.assert_step("subscriptions", "warn", &["1 listed, 1 ours", "not os-clock-sync-state"]);
}

#[test]
fn who_calls_back_is_none_that_is_allowed() {
    let (_simulate, producer) = Running::producer("openshift-v2", "locked");
    let told = check_alone(&producer, &["--allow", "10.0.0.0/8"]);
    assert_eq!(told.code, Some(1), "{}", told.text);
    told.assert_step("callback", "fail", &["127.0.0.1", "--allow"]);
}

/// `run` has its port, and the check another.
#[test]
fn only_the_port_of_run_may_be_open() {
    let (_simulate, producer) = Running::producer("openshift-v2", "locked");
    let (listen, _) = server(|_| answer("204 No Content", ""));
    let told = check(&producer, listen, &["--dialect", "openshift-v2"]);
    told.assert_step("callback", "ok", &["201"]);
    let told = check(&producer, listen, &["--callback", "http://127.0.0.2:1/event"]);
    told.assert_step("callback", "fail", &["run's own port may be open"]);
}

#[test]
fn what_the_sidecar_counts_is_explained() {
    let (_simulate, producer) = Running::producer("openshift-v1", "locked");
    let received = |status: &str, count: u32| {
        format!(
            "cne_events_received{{status=\"{status}\",type=\"/a\"}} {count}\ncne_transport_events_received{{address=\"/a\",status=\"success\"}} 5\n"
        )
    };
    for (body, result, words) in [
        (
            received("success", 5),
            "ok",
            ["5 events arrived, 5 delivered, 0 not delivered, 0 connection resets", ""],
        ),
        (received("failed", 5), "warn", ["5 not delivered", "did not answer 204"]),
        (
            received("success", 5) + "cne_transport_connection_reset 2\n",
            "warn",
            ["2 connection resets", "unsteady"],
        ),
        (
            "cne_api_subscriptions{status=\"active\"} 5\n".to_owned(),
            "warn",
            ["0 events arrived", "no clock has changed"],
        ),
        ("go_info 1\n".to_owned(), "warn", ["no cne_ metric", "--metrics-addr"]),
    ] {
        let (metrics, asked) = server(move |_| answer("200 OK", &body));
        let told = check_alone(&producer, &["--sidecar-metrics", &format!("http://{metrics}/metrics")]);
        assert_eq!(told.code, Some(0), "{}", told.text);
        told.assert_step("sidecar-metrics", result, &words);
        assert_eq!(*asked.lock().expect("nobody panics"), ["GET /metrics HTTP/1.1"]);
    }
    let told = check_alone(&producer, &["--sidecar-metrics", &format!("http://{}/m", address_of_our_own())]);
    told.assert_step("sidecar-metrics", "warn", &["connection refused"]);
    let told = check_alone(&producer, &["--sidecar-metrics", "none"]);
    told.assert_step("sidecar-metrics", "skipped", &["not asked for"]);
}

#[test]
fn options_that_do_not_go_together_are_refused_as_run_does_it() {
    let told = check_alone("http://127.0.0.1:1", &["--poll", "6s"]);
    assert_eq!((told.code, told.text.as_str()), (Some(2), ""));
    assert!(told.errors.contains("--stale"), "{}", told.errors);
}
