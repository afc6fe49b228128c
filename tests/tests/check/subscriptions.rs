//! `subscriptions`: lists, and deletes by ids alone.

use std::net::SocketAddr;

use ptpwatch_tests::peer::{address_of_our_own, subscriptions};
use ptpwatch_tests::process::{Running, run};
use serde_json::{Value, json};

use super::{GNSS, LOCK_STATE, Told, answer, server, subscribe, tell};

/// `subscriptions` as `run` at `listen` would ask.
fn ask(producer: &str, listen: SocketAddr, words: &[&str]) -> Told {
    let listen = listen.to_string();
    let options =
        ["--producer", producer, "--listen", &listen, "--node", "node1", "--request-timeout", "60s"];
    tell(&[&["subscriptions"], words, &options].concat())
}

/// A consumer that holds all its subscriptions, and a stranger who holds one.
struct Scene {
    _simulate: Running,
    consumer: Running,
    producer: String,
    listen: SocketAddr,
    stranger: String,
}

fn scene(dialect: &str) -> Scene {
    let (simulate, producer) = Running::producer(dialect, "locked");
    let listen = address_of_our_own();
    let own = listen.to_string();
    let (other, _) = server(|_| answer("204 No Content", ""));
    // The stranger is first: of v1 he has the only place for this.
    let stranger = subscribe(&producer, dialect, &format!("http://{other}/event"), GNSS);
    let mut consumer = Running::start(&[&run(dialect, &producer)[..], &["--listen", &own]].concat());
    consumer.wait_for(if dialect == "openshift-v1" { r#""subscribed":4"# } else { r#""subscribed":5"# });
    Scene { _simulate: simulate, consumer, producer, listen, stranger }
}

#[test]
fn ours_are_marked() {
    for dialect in ["openshift-v1", "openshift-v2"] {
        let Scene { producer, listen, stranger, consumer, .. } = &scene(dialect);
        let ours = if dialect == "openshift-v1" { 4 } else { 5 };
        let told = ask(producer, *listen, &["list"]);
        assert_eq!(told.code, Some(0), "{}", told.errors);
        assert_eq!(
            told.text.lines().filter(|line| line.starts_with("ours   ")).count(),
            ours,
            "{}",
            told.text
        );
        let theirs: Vec<_> = told.text.lines().filter(|line| line.starts_with("other  ")).collect();
        assert!(
            theirs.len() == 1 && theirs[0].contains(stranger) && theirs[0].contains(GNSS),
            "{}",
            told.text
        );
        let told = ask(producer, *listen, &["list", "--mine", "--format", "json"]);
        let lines: Vec<Value> =
            told.text.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect();
        assert_eq!(lines.len(), ours);
        for line in &lines {
            assert_eq!(
                (&line["v"], &line["kind"], &line["mine"]),
                (&1.into(), &"subscription".into(), &true.into())
            );
            assert!(
                line["endpoint"].as_str().is_some_and(|text| text.contains(&listen.to_string())),
                "{line}"
            );
            assert!(
                line["resource"].as_str().is_some_and(|text| text.starts_with("/cluster/node/node1/sync/")),
                "{line}"
            );
            assert_eq!(line.get("deleted"), None);
        }
        assert_eq!(subscriptions(producer, dialect), ours + 1);
        assert!(consumer.pid() > 0);
    }
}

#[test]
fn one_is_deleted_by_its_id_and_no_other() {
    for dialect in ["openshift-v1", "openshift-v2"] {
        let Scene { producer, listen, stranger, consumer: _consumer, .. } = &scene(dialect);
        let before = subscriptions(producer, dialect);
        let told = ask(producer, *listen, &["delete", stranger]);
        assert_eq!(told.code, Some(0), "{}", told.errors);
        assert!(told.text.starts_with("other  ") && told.text.ends_with("  deleted\n"), "{}", told.text);
        assert_eq!(subscriptions(producer, dialect), before - 1);
        // v1 would say 200 to this again.
        let told = ask(producer, *listen, &["delete", stranger]);
        assert_eq!((told.code, told.text.as_str()), (Some(1), ""));
        assert!(told.errors.contains("no subscription has the id"), "{}", told.errors);
    }
}

#[test]
fn what_is_ours_is_deleted_and_nobody_elses() {
    for dialect in ["openshift-v1", "openshift-v2"] {
        let Scene { mut consumer, producer, listen, stranger, _simulate } = scene(dialect);
        consumer.signal("-KILL");
        while consumer.is_alive() {}
        let told = ask(&producer, listen, &["delete", "--mine", "--format", "json"]);
        assert_eq!(told.code, Some(0), "{}", told.errors);
        assert!(told.text.lines().count() >= 4);
        assert!(
            told.text.lines().all(|line| line.contains(r#""mine":true,"deleted":true"#)),
            "{}",
            told.text
        );
        let told = ask(&producer, listen, &["list"]);
        assert!(told.text.lines().count() == 1 && told.text.contains(&stranger), "{}", told.text);
        // There is nothing left of ours, which is as it was wanted.
        let told = ask(&producer, listen, &["delete", "--mine"]);
        assert_eq!((told.code, told.text.as_str()), (Some(0), ""));
    }
}

/// As `run` does it for as long as it lives.
#[test]
fn what_run_still_wants_comes_back() {
    let Scene { mut consumer, producer, listen, _simulate, .. } = scene("openshift-v2");
    assert_eq!(ask(&producer, listen, &["delete", "--mine"]).code, Some(0));
    consumer.wait_for(r#""subscribed":0"#);
    consumer.wait_for(r#""subscribed":5"#);
    assert_eq!(subscriptions(&producer, "openshift-v2"), 6);
}

/// Whatever a producer calls its subscriptions, none of them is the collection.
#[test]
fn no_id_reaches_more_than_a_subscription() {
    let listen = address_of_our_own();
    let own = format!("http://{listen}/event");
    for id in ["", ".", "..", "/", "a/b", "?", "#", "%2e", "a b", "*"] {
        let list = json!([{"SubscriptionId": id, "EndpointUri": own, "ResourceAddress": format!("/cluster/node/node1{LOCK_STATE}")}]);
        let (producer, asked) = server(move |_| answer("200 OK", &list.to_string()));
        let told = ask(&format!("http://{producer}"), listen, &["delete", "--mine", "--callback", &own]);
        assert_eq!(told.code, Some(1), "{id}: {}", told.text);
        assert!(told.errors.contains("does not delete"), "{id}: {}", told.errors);
        let asked = asked.lock().expect("nobody panics").clone();
        assert!(asked.iter().all(|line| line.starts_with("GET ")), "{id}: {asked:?}");
    }
}

#[test]
fn hostile_texts_stay_text() {
    let hostile = "\u{1b}[2J\u{202e}\n";
    let list =
        json!([{"SubscriptionId": hostile, "EndpointUri": hostile, "ResourceAddress": hostile}]).to_string();
    let (producer, _) = server(move |_| answer("200 OK", &list));
    for format in ["text", "json"] {
        let told = ask(&format!("http://{producer}"), address_of_our_own(), &["list", "--format", format]);
        assert_eq!(told.code, Some(0), "{}", told.errors);
        assert!(
            told.text.trim_end_matches('\n').bytes().all(|byte| (b' '..=b'~').contains(&byte)),
            "{:?}",
            told.text
        );
    }
}

#[test]
fn a_deletion_that_is_refused_is_a_failure() {
    let listen = address_of_our_own();
    let own = format!("http://{listen}/event");
    let list =
        json!([{"SubscriptionId": "a-1", "EndpointUri": own, "ResourceAddress": "/cluster/node/node1/x"}])
            .to_string();
    let (producer, asked) = server(move |line| {
        if line.starts_with("DELETE") {
            answer("500 Internal Server Error", "")
        } else {
            answer("200 OK", &list)
        }
    });
    let told = ask(&format!("http://{producer}"), listen, &["delete", "a-1"]);
    assert_eq!(told.code, Some(1), "{}", told.text);
    assert!(told.errors.contains("does not delete a-1"), "{}", told.errors);
    let asked = asked.lock().expect("nobody panics").clone();
    assert_eq!(asked[1], "DELETE /api/ocloudNotifications/v2/subscriptions/a-1 HTTP/1.1");
}

#[test]
fn a_producer_that_is_not_there_is_told_in_one_line() {
    let told = ask(&format!("http://{}", address_of_our_own()), address_of_our_own(), &["list"]);
    assert_eq!((told.code, told.text.as_str()), (Some(1), ""));
    assert_eq!(told.errors.lines().count(), 1, "{}", told.errors);
    assert!(
        told.errors.contains("connection refused; nobody listens there; start the producer"),
        "{}",
        told.errors
    );
}
