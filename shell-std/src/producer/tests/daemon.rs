//! OpenShift's daemon and its hybrid of v1 and v2, where they differ from the others; and SyncE.

use super::*;

const LOCKED: &str = "os-clock LOCKED offset -62\nlock-state LOCKED offset 12\nclock-class 6\n";

#[test]
fn the_daemon_ends_every_body_with_a_newline_and_has_no_probe() {
    let mut bench = Bench::new(&OPENSHIFT_V2_DAEMON, LOCKED);
    assert!(bench.get("/health").starts_with("HTTP/1.1 404 Not Found\r\n"));
    assert!(bench.get("/subscriptions").ends_with("Content-Length: 5\r\n\r\nnull\n"));
    assert!(bench.subscribe(LOCK, EVENT).ends_with("\"}\n"));
    let path = format!("/subscriptions/{}", bench.only_id());
    assert!(bench.get(&path).ends_with("\"}\n"));
    assert!(bench.get("/subscriptions").ends_with("\n }\n]\n"));
    assert!(bench.current(LOCK).ends_with("]}}\n"));
    assert!(bench.delete(&path).ends_with("GMT\r\n\r\n"), "but no body stays none");
}

#[test]
fn the_daemon_asks_nobody_and_takes_a_duplicate_for_another() {
    let mut bench = Bench::new(&OPENSHIFT_V2_DAEMON, "lock-state LOCKED\nwait 1s\nlock-state HOLDOVER");
    bench.listens = false;
    for _ in 0..2 {
        assert!(bench.subscribe(LOCK, EVENT).starts_with("HTTP/1.1 201 Created\r\n"));
    }
    assert_eq!(bench.talk, ["<- 201", "<- 201"]);
    bench.listens = true;
    bench.run_ms(1000);
    assert_eq!(bench.news(), ["lock-state HOLDOVER", "lock-state HOLDOVER"]);
}

#[test]
fn the_hybrid_has_the_frame_of_v1_and_the_values_of_v2() {
    let script = format!("{LOCKED}wait 1s\nlock-state FREERUN offset -2162130\nsynce-lock LOCKED");
    let mut bench = Bench::new(&OPENSHIFT_V1_HYBRID, &script);
    for suffix in [LOCK, "/sync/synce-status/lock-state"] {
        bench.subscribe(suffix, EVENT);
    }
    bench.posts.clear();
    bench.run_ms(1003);
    let mut bodies = bench.bodies();
    bodies.sort();
    assert_eq!(
        bodies,
        [
            r#"{"id":"UUID","type":"event.sync.ptp-status.ptp-state-change","source":"/cluster/node/node1/sync/ptp-status/lock-state","dataContentType":"application/json","time":"2026-11-22T17:48:53Z","data":{"version":"v1","values":[{"ResourceAddress":"/cluster/node/node1/ens1fx/master","data_type":"notification","value_type":"enumeration","value":"FREERUN"},{"ResourceAddress":"/cluster/node/node1/ens1fx/master","data_type":"metric","value_type":"decimal64.3","value":"-2162130"}]}}"#,
            r#"{"id":"UUID","type":"event.sync.synce-status.synce-state-change","source":"/cluster/node/node1/sync/synce-status/lock-state","dataContentType":"application/json","time":"2026-11-22T17:48:53Z","data":{"version":"v1","values":[{"ResourceAddress":"/cluster/node/node1/synce1/ens1f0","data_type":"metric","value_type":"decimal64.3","value":"0"}]}}"#,
        ]
    );
    let current = bench.current(LOCK);
    assert!(current.contains(r#"{"specversion":"0.3","id":"UUID","source":"/sync/ptp-status/lock-state""#));
    assert!(
        current.contains(r#""values":[{"ResourceAddress":"/cluster/node/node1/ens1fx/master","data_type""#)
    );
    assert!(bench.delete("/subscriptions/unknown").starts_with("HTTP/1.1 400 Bad Request\r\n"));
}

#[test]
fn v2_tells_synce_one_way_on_push_and_another_on_pull() {
    let script =
        "synce-lock FREERUN\nsynce-quality 2\nwait 1s\nsynce-lock HOLDOVER\nsynce-quality 1 extended 32";
    let mut bench = Bench::new(&OPENSHIFT_V2, script);
    let suffixes = ["/sync/synce-status/lock-state", "/sync/synce-status/clock-quality"];
    for suffix in suffixes {
        bench.subscribe(suffix, EVENT);
    }
    let value = |address: &str, kind: &str, value: &str| {
        let (data_type, value_type) = kind.split_once(' ').unwrap();
        format!(
            r#"{{"ResourceAddress":"{address}","data_type":"{data_type}","value_type":"{value_type}","value":"{value}"}}"#
        )
    };
    let (word, number) = ("notification enumeration", "metric decimal64.3");
    let ours = "/cluster/node/node1/synce1/ens1f0";
    let values = |bodies: &[String]| -> Vec<String> {
        bodies.iter().map(|body| body.split_once("\"values\":[").unwrap().1.replace("]}}", "")).collect()
    };
    let quality = |level: &str, tail: &str, extended: &str| {
        let level = value(&format!("{ours}/Ql"), number, level);
        format!("{level},{}", value(tail, number, extended))
    };
    let initial = [value(ours, word, "FREERUN"), quality("2", "synce1/ens1f0/ExtQL", "255")];
    assert_eq!(values(&bench.bodies()), initial);
    bench.run_ms(1000);
    let pushed = [value(ours, number, "HOLDOVER"), quality("1", &format!("{ours}/extQl"), "32")];
    assert_eq!(values(&bench.bodies()), pushed);
    let pulled = [value(ours, word, "HOLDOVER"), quality("1", "synce1/ens1f0/ExtQL", "32")];
    assert_eq!(values(&suffixes.map(|suffix| bench.current(suffix))), pulled);
}
