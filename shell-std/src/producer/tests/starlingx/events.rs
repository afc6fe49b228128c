//! What subscribers of v2 are told, in the standard and in the older format.

use super::*;

#[test]
fn there_is_one_initial_push_for_each_instance() {
    for manners in [&STARLINGX_V2, &STARLINGX_V2_LEGACY] {
        let mut bench = Bench::new(manners, "lock-state LOCKED\nlock-state FREERUN instance 2");
        bench.post(&wish("/././sync/ptp-status/lock-state", EVENT));
        assert_eq!(bench.talk, ["-> POST /event", "-> POST /event", "<- 201"]);
        let events = [("ptp-inst1", "LOCKED"), ("ptp-inst2", "FREERUN")]
            .map(|(name, state)| (name, lock(".", name, state)));
        let expected = events.map(|(name, event)| match manners.name {
            "starlingx-v2" => event,
            _ => format!("{{\"{name}\": [{event}]}}"),
        });
        assert_eq!(bench.bodies(), expected);
        // What is not known is not told.
        assert!(bench.post(&wish("/././sync/gnss-status/gnss-sync-status", EVENT)).contains(" 201 "));
        assert!(bench.posts.is_empty());
    }
}

#[test]
fn v2_pushes_bare_events() {
    let script = "wait 500ms\nlock-state LOCKED\nclock-class 7\nsynce-quality 4";
    for manners in [&STARLINGX_V2, &VMWARE, &STARLINGX_V2_LEGACY] {
        let mut bench = Bench::new(manners, script);
        bench.post(&wish("/./*/sync/ptp-status/lock-state", EVENT));
        bench.post(&wish("/././sync/ptp-status/clock-class", EVENT));
        bench.post(&wish("/./node1/sync/synce-status/clock-quality", EVENT));
        bench.run_ms(500);
        let clock = bench.producer.site.instance(None);
        let quality = event(
            "node1",
            "/synce-inst1",
            "synce-status",
            "clock-quality",
            "synce-clock-quality-change",
            "metric metric 4",
        );
        let events = [
            (&*clock, lock("node1", &clock, "LOCKED")),
            (&*clock, class(".", &clock, "notification metric \"7\"")),
            ("synce-inst1", quality),
        ];
        let expected = events.map(|(key, event)| {
            let event = event.replace("52000000Z", "52500000Z");
            if manners.name == "starlingx-v2-legacy" { format!("{{\"{key}\": [{event}]}}") } else { event }
        });
        assert_eq!(bench.bodies(), expected);
        assert_eq!(bench.peers.len(), 3);
    }
    assert_eq!(Bench::new(&VMWARE, "").producer.site.instance(None), "nic1");
}

#[test]
fn only_the_first_of_two_subscriptions_is_pushed_to() {
    let script = "wait 1s\nlock-state LOCKED\nclock-class 6";
    let mut bench = Bench::new(&STARLINGX_V2, script);
    bench.post(&wish("/././sync/ptp-status/lock-state", EVENT));
    bench.post(&wish("/././sync", OTHER));
    bench.run_ms(1000);
    let targets: Vec<_> = bench.posts.iter().map(|(target, ..)| target.as_str()).collect();
    assert_eq!(targets, ["/event", "/other", "/other"], "the lock state; the overall state and the class");
}

#[test]
fn a_push_is_tried_three_times() {
    let mut bench = Bench::new(&STARLINGX_V2, "wait 1s\nlock-state LOCKED\nwait 10s\nlock-state HOLDOVER");
    bench.subscribe(LOCK, EVENT);
    bench.answer = None;
    bench.run_ms(7000);
    assert_eq!(bench.posts.len(), 3);
    assert!(bench.posts.iter().all(|post| *post == bench.posts[0]), "identifiers included");
    bench.answer = Some(NO_CONTENT);
    bench.run_ms(5000);
    assert_eq!(bench.posts.len(), 4, "and the subscription stays");
}
