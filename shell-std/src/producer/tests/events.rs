//! What subscribers are told, and in which order.

use super::*;

#[test]
fn v1_tries_an_endpoint_with_nothing() {
    let mut bench = Bench::new(&OPENSHIFT_V1, "lock-state LOCKED");
    bench.subscribe(LOCK, EVENT);
    assert_eq!(bench.posts, [("/event".to_string(), 9055, String::new())]);
}

#[test]
fn v2_tries_an_endpoint_with_a_placeholder() {
    let mut bench = Bench::new(&OPENSHIFT_V2, "wait 1s");
    let state = r#"{"ResourceAddress":"/cluster/node/node1/ptp-not-set","data_type":"notification","value_type":"enumeration","value":"FREERUN"}"#;
    let metric = r#"{"ResourceAddress":"/cluster/node/node1/ptp-not-set","data_type":"metric","value_type":"decimal64.3","value":"0"}"#;
    for resource in OPENSHIFT_V2.resources {
        bench.subscribe(resource.suffix, EVENT);
        let values = match resource.kind {
            Kind::LockState | Kind::OsClock | Kind::Gnss => format!("{state},{metric}"),
            Kind::SyncState | Kind::SynceLock => state.into(),
            Kind::ClockClass | Kind::SynceQuality => metric.into(),
        };
        let expected = format!(
            r#"{{"specversion":"1.0","id":"UUID","source":"{}","type":"{}","time":"2026-11-22T17:48:52Z","data":{{"version":"1.0","values":[{values}]}}}}"#,
            resource.suffix, resource.event_type
        );
        assert_eq!(bench.bodies(), [expected]);
    }
}

#[test]
fn v1_pushes() {
    let script = "wait 1s\nlock-state FREERUN offset -2162130\nwait 1s\nclock-class 135\nwait 1s\n\
                  os-clock LOCKED offset -9999999999999999\nwait 1s\ngnss ANTENNA-DISCONNECTED offset 999999";
    let mut bench = Bench::new(&OPENSHIFT_V1, script);
    for resource in OPENSHIFT_V1.resources {
        bench.subscribe(resource.suffix, EVENT);
    }
    let lock_id = bench.only_id();
    bench.posts.clear();
    bench.run_ms(1999);
    assert!(
        bench.posts[0].2.contains(&lock_id) != bench.posts[1].2.contains(&lock_id),
        "ids are those of 201"
    );
    let mut freerun = bench.bodies();
    freerun.sort();
    assert_eq!(
        freerun,
        [
            r#"{"id":"UUID","type":"event.sync.ptp-status.ptp-state-change","source":"/cluster/node/node1/sync/ptp-status/lock-state","dataContentType":"application/json","time":"2026-11-22T17:48:53Z","data":{"version":"v1","values":[{"resource":"/cluster/node/node1/ens1fx/master","dataType":"notification","valueType":"enumeration","value":"FREERUN"},{"resource":"/cluster/node/node1/ens1fx/master","dataType":"metric","valueType":"decimal64.3","value":"-2.16213e+06"}]}}"#,
            r#"{"id":"UUID","type":"event.sync.sync-status.synchronization-state-change","source":"/cluster/node/node1/sync/sync-status/sync-state","dataContentType":"application/json","time":"2026-11-22T17:48:53Z","data":{"version":"v1","values":[{"resource":"/cluster/node/node1/ens1fx/master","dataType":"notification","valueType":"enumeration","value":"FREERUN"}]}}"#,
        ]
    );
    bench.run_ms(1000);
    assert_eq!(
        bench.bodies(),
        [
            r#"{"id":"UUID","type":"event.sync.ptp-status.ptp-clock-class-change","source":"/cluster/node/node1/sync/ptp-status/ptp-clock-class-change","dataContentType":"application/json","time":"2026-11-22T17:48:54Z","data":{"version":"v1","values":[{"resource":"/cluster/node/node1/ens1fx/master","dataType":"metric","valueType":"decimal64.3","value":"135"}]}}"#
        ]
    );
    bench.run_ms(1000);
    assert!(
        bench.bodies()[0]
            .contains(r#"CLOCK_REALTIME","dataType":"metric","valueType":"decimal64.3","value":"-1e+16""#)
    );
    bench.run_ms(1000);
    let gnss = bench.bodies().remove(0);
    let (_, values) = gnss.split_once("\"values\":").unwrap();
    assert_eq!(
        values,
        r#"[{"resource":"/cluster/node/node1/ens1fx/master","dataType":"notification","valueType":"enumeration","value":"ANTENNA-DISCONNECTED"},{"resource":"/cluster/node/node1/ens1fx/master","dataType":"metric","valueType":"decimal64.3","value":"999999"},{"resource":"/cluster/node/node1/ens1fx/master/gpsFix","dataType":"metric","valueType":"decimal64.3","value":"0"}]}}"#
    );
}

#[test]
fn v2_pushes() {
    let mut bench =
        Bench::new(&OPENSHIFT_V2, "wait 1500ms\nlock-state FREERUN offset -2162130\nclock-class 6");
    for suffix in [LOCK, "/sync/ptp-status/clock-class"] {
        bench.subscribe(suffix, EVENT);
    }
    bench.posts.clear();
    bench.run_ms(1500);
    assert_eq!(
        bench.bodies(),
        [
            r#"{"specversion":"1.0","id":"UUID","source":"/sync/ptp-status/lock-state","type":"event.sync.ptp-status.ptp-state-change","time":"2026-11-22T17:48:53.5Z","data":{"version":"1.0","values":[{"ResourceAddress":"/cluster/node/node1/ens1fx/master","data_type":"notification","value_type":"enumeration","value":"FREERUN"},{"ResourceAddress":"/cluster/node/node1/ens1fx/master","data_type":"metric","value_type":"decimal64.3","value":"-2162130"}]}}"#,
            r#"{"specversion":"1.0","id":"UUID","source":"/sync/ptp-status/clock-class","type":"event.sync.ptp-status.ptp-clock-class-change","time":"2026-11-22T17:48:53.5Z","data":{"version":"1.0","values":[{"ResourceAddress":"/cluster/node/node1/ens1fx/master","data_type":"metric","value_type":"decimal64.3","value":"6"}]}}"#,
        ]
    );
}

#[test]
fn a_lost_link_is_told_in_order_by_v2() {
    let mut bench = Bench::with_seed(&OPENSHIFT_V2, Script::named("link-down").unwrap(), 1);
    for resource in OPENSHIFT_V2.resources {
        bench.subscribe(resource.suffix, EVENT);
    }
    bench.posts.clear();
    bench.run_ms(5000);
    assert_eq!(bench.news(), ["lock-state HOLDOVER", "sync-state HOLDOVER", "clock-class 135"]);
    bench.run_ms(50);
    assert_eq!(bench.news(), ["os-clock-sync-state HOLDOVER"]);
    bench.run_ms(5000);
    let freerun =
        ["lock-state FREERUN", "sync-state FREERUN", "clock-class 165", "os-clock-sync-state FREERUN"];
    assert_eq!(bench.news(), freerun);
    bench.run_ms(3000);
    let locked = ["lock-state LOCKED", "clock-class 6", "os-clock-sync-state LOCKED", "sync-state LOCKED"];
    assert_eq!(bench.news(), locked);
    bench.run_ms(5000);
    assert_eq!(bench.news(), [""; 0]);
}

#[test]
fn the_os_clock_of_v1_goes_freerun_with_holdover() {
    let mut bench = Bench::with_seed(&OPENSHIFT_V1, Script::named("link-down").unwrap(), 1);
    for suffix in [LOCK, OS, SYNC] {
        bench.subscribe(suffix, EVENT);
    }
    bench.posts.clear();
    bench.run_ms(5100);
    let mut news = bench.news();
    news.sort();
    let expected =
        ["lock-state HOLDOVER", "os-clock-sync-state FREERUN", "sync-state FREERUN", "sync-state HOLDOVER"];
    assert_eq!(news, expected);
}

#[test]
fn v1_gets_its_pushes_out_of_order() {
    let orders: Vec<_> = (0..20)
        .map(|seed| {
            let mut bench = Bench::with_seed(&OPENSHIFT_V1, Script::named("link-down").unwrap(), seed);
            bench.subscribe(LOCK, EVENT);
            bench.subscribe(SYNC, EVENT);
            bench.posts.clear();
            bench.run_ms(5100);
            bench.news()
        })
        .collect();
    let in_order = ["lock-state HOLDOVER", "sync-state HOLDOVER", "sync-state FREERUN"];
    let inverted = ["lock-state HOLDOVER", "sync-state FREERUN", "sync-state HOLDOVER"];
    assert!(orders.iter().any(|order| *order == in_order));
    assert!(orders.iter().any(|order| *order == inverted));
}

#[test]
fn each_instance_is_pushed_alone_and_polled_together() {
    let script = "lock-state LOCKED\nwait 1s\nlock-state HOLDOVER instance ens2fx/master";
    let mut bench = Bench::new(&OPENSHIFT_V2, script);
    bench.subscribe(LOCK, EVENT);
    bench.posts.clear();
    bench.run_ms(1000);
    let pushed = bench.bodies().remove(0);
    assert!(pushed.contains("ens2fx/master") && !pushed.contains("ens1fx/master"), "{pushed}");
    let polled = bench.get(&format!("/cluster/node/node1{LOCK}/CurrentState"));
    assert!(polled.contains("ens2fx/master") && polled.contains("ens1fx/master"), "{polled}");
}

#[test]
fn lines_tell_what_happened() {
    let mut bench = Bench::new(&OPENSHIFT_V2, "wait 1s\nptp HOLDOVER\nclock-class 135\ngnss SYNCHRONIZED");
    bench.subscribe(LOCK, EVENT);
    bench.run_ms(2000);
    let id = bench.only_id();
    bench.delete(&format!("/subscriptions/{id}"));
    assert_eq!(
        bench.lines,
        [
            "subscribed /cluster/node/node1/sync/ptp-status/lock-state -> http://localhost:9055/event",
            "lock-state HOLDOVER",
            "sync-state HOLDOVER",
            "clock-class 135",
            "gnss SYNCHRONIZED",
            "push lock-state -> 204",
            "os-clock HOLDOVER",
            &format!("unsubscribed {id}"),
        ]
    );
}
