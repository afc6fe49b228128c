//! Every producer that can be simulated, with a consumer and without.

use ptpwatch::producer::Manners;
use ptpwatch_core::dialect;
use ptpwatch_tests::peer::{address_of_our_own, list};
use ptpwatch_tests::process::{Running, run};

use super::{check, check_alone, compare, normal};

/// What `run` needs besides, for a dialect.
fn options(dialect: &str) -> Vec<&str> {
    let mut options = vec!["--dialect", dialect];
    if dialect == "starlingx-v1" {
        options.extend(["--os-clock", "info"]);
    }
    options
}

#[test]
fn each_is_found_well_and_left_as_it_was() {
    for manners in Manners::ALL {
        let (simulate, producer) = Running::producer(manners.name, "locked");
        let options = options(manners.dialect);
        let told = check_alone(&producer, &options);
        assert_eq!(told.code, Some(0), "{}: {}", manners.name, told.text);
        compare(&format!("{}.txt", manners.name), &normal(&told.text));
        let told = check_alone(&producer, &[&options[..], &["--format", "json"]].concat());
        for line in told.text.lines() {
            let value: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
            assert_eq!((&value["v"], &value["node"]), (&1.into(), &"node1".into()), "{line}");
        }
        compare(&format!("{}.jsonl", manners.name), &normal(&told.text));
        // What was subscribed is unsubscribed, each by its id.
        simulate.signal("-TERM");
        let (_, lines) = simulate.end();
        let count = |what: &str| lines.iter().filter(|line| line.contains(what)).count();
        assert!(count(" subscribed ") > 0, "{lines:#?}");
        assert_eq!(count(" subscribed "), count(" unsubscribed "), "{lines:#?}");
        assert_eq!(count("unsubscribed all"), 0, "{lines:#?}");
    }
}

#[test]
fn the_dialect_is_found_out_like_run_does_it() {
    for dialect in dialect::DETECTED {
        let (_simulate, producer) = Running::producer(dialect.name, "locked");
        let told = check_alone(&producer, &["--os-clock", "info", "--resources", "lock-state"]);
        assert_eq!(told.code, Some(0), "{}: {}", dialect.name, told.text);
        told.assert_step("dialect", "ok", &[dialect.name, dialect.base]);
    }
}

/// The daemon's API is v2, but for what cannot be told by asking.
#[test]
fn the_daemon_is_not_taken_for_replicas_behind_a_service() {
    let (_simulate, producer) = Running::producer("openshift-v2-daemon", "locked");
    let told = check_alone(&producer, &[]);
    assert_eq!(told.code, Some(0), "{}", told.text);
    told.assert_step("health", "warn", &["404", "--dialect openshift-v2-daemon"]);
    told.assert_step("callback", "warn", &["201", "no POST", "--dialect openshift-v2-daemon"]);
}

#[test]
fn a_consumer_beside_is_not_disturbed() {
    for manners in Manners::ALL.iter().filter(|manners| manners.dialect != "starlingx-v1") {
        let (_simulate, producer) = Running::producer(manners.name, "locked");
        let listen = address_of_our_own();
        let own = listen.to_string();
        let mut consumer =
            Running::start(&[&run(manners.dialect, &producer)[..], &["--listen", &own]].concat());
        consumer.wait_for(r#""subscribed":5"#);
        let before = consumer.seen.len();
        let listed = |producer: &str| {
            if manners.dialect.starts_with("openshift") {
                list(producer, &manners.dialect[..12])
            } else {
                String::new()
            }
        };
        let there = without_date(&listed(&producer));
        let told = check(&producer, listen, &options(manners.dialect));
        assert_eq!(told.code, Some(0), "{}: {}", manners.name, told.text);
        told.assert_step("endpoint", "ok", &["204"]);
        told.assert_step("subscriptions", "ok", &["5 listed, 5 ours"]);
        assert_eq!(without_date(&listed(&producer)), there, "{}", manners.name);
        // It goes on as before: what it says next is that it ends.
        consumer.signal("-TERM");
        let (status, lines) = consumer.end();
        assert_eq!(status.code(), Some(0));
        let news: Vec<_> =
            lines[before..].iter().filter(|line| !line.contains(r#""kind":"channel""#)).collect();
        assert!(
            news.iter().all(|line| line.contains(r#""kind":"end""#) || line.contains(r#""kind":"link""#)),
            "{}: {news:#?}",
            manners.name
        );
        let end = news.iter().position(|line| line.contains(r#""kind":"end""#)).expect("it ends");
        assert_eq!(end, 0, "{}: {news:#?}", manners.name);
    }
}

fn without_date(answer: &str) -> String {
    answer.lines().filter(|line| !line.starts_with("Date:")).collect::<Vec<_>>().join("\n")
}

/// What a producer has to be given back when a person has seen enough.
#[test]
fn an_interrupted_check_leaves_nothing_behind() {
    let lines = "ptp LOCKED\nclock-class 6\nfreeze 60s\nwait 10m\n";
    let (_simulate, producer) = Running::producer_of("openshift-v2", lines);
    let listen = address_of_our_own().to_string();
    let mut check = Running::start(&[
        "check",
        "--producer",
        &producer,
        "--node",
        "node1",
        "--listen",
        &listen,
        "--request-timeout",
        "60s",
        "--dialect",
        "openshift-v2",
    ]);
    check.wait_for("callback: 201");
    // The next answer takes a minute.
    while list(&producer, "openshift-v2").matches("/state/").count() < 2 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    check.signal("-INT");
    let (status, lines) = check.end();
    assert_eq!(status.code(), Some(1), "{lines:#?}");
    assert!(lines.last().expect("it says something").starts_with("SIGINT: "), "{lines:#?}");
    assert_eq!(list(&producer, "openshift-v2").matches("/state/").count(), 0);
}
