//! What can be made to go wrong while the producer runs, by a program or by a script, at every producer.

use super::*;

const BASE: &str =
    "os-clock LOCKED\nlock-state LOCKED\nclock-class 6\nwait 1s\nlock-state HOLDOVER\nwait 5s\n";

/// A bench where someone subscribed to the lock state.
fn subscribed(manners: &'static Manners, script: &str) -> Bench {
    let mut bench = Bench::new(manners, script);
    let answer = bench.subscribe(LOCK, EVENT);
    assert!(answer.contains(" 201 Created\r\n"), "{}: {answer}", manners.name);
    bench.posts.clear();
    bench
}

/// Whether a state stands in a text, in any producer's spelling.
fn says(text: &str, state: &str) -> bool {
    text.to_ascii_uppercase().contains(&format!("\"{state}\""))
}

#[test]
fn current_state_may_lag() {
    for manners in Manners::ALL {
        let mut bench = subscribed(manners, BASE);
        bench.producer.set_lag(500 * MILLISECOND_NS);
        bench.run_ms(1499);
        assert!(says(&bench.current(LOCK), "LOCKED"), "{}", manners.name);
        bench.run_ms(1);
        assert!(says(&bench.current(LOCK), "HOLDOVER"), "{}", manners.name);
        bench.producer.set_lag(1500 * MILLISECOND_NS);
        assert!(says(&bench.current(LOCK), "LOCKED"), "{}", manners.name);
        bench.producer.set_lag(0);
        assert!(says(&bench.current(LOCK), "HOLDOVER"), "{}", manners.name);
        let pushed = &bench.posts[0].2;
        assert!(says(pushed, "HOLDOVER"), "a push does not lag: {pushed}");
    }
}

#[test]
fn current_state_may_freeze() {
    for manners in Manners::ALL {
        let mut bench = subscribed(manners, BASE);
        bench.producer.set_freeze(5000 * MILLISECOND_NS);
        assert_eq!(bench.current(LOCK), "");
        let conn = *bench.answers.keys().last().unwrap();
        bench.run_ms(4999);
        assert_eq!(bench.answers[&conn], "");
        bench.run_ms(1);
        assert!(says(&bench.answers[&conn], "LOCKED"), "what was true when it was asked: {}", manners.name);
        bench.producer.set_freeze(0);
        assert!(says(&bench.current(LOCK), "HOLDOVER"), "{}", manners.name);
    }
}

#[test]
fn what_comes_after_a_frozen_request_waits() {
    let mut bench = subscribed(&OPENSHIFT_V2, BASE);
    bench.producer.set_freeze(1000 * MILLISECOND_NS);
    let get = |path: &str| format!("GET {}{path} HTTP/1.1\r\nHost: h\r\n\r\n", OPENSHIFT_V2.base);
    let conn = bench.connect().unwrap();
    let current = get(&format!("/cluster/node/node1{LOCK}/CurrentState"));
    bench.say(conn, &format!("{current}{}", get("/health")));
    assert_eq!(bench.answers[&conn], "");
    bench.run_ms(1000);
    assert!(bench.answers[&conn].ends_with("\r\n\r\nOK"));
    assert_eq!(bench.answers[&conn].matches("HTTP/1.1 200 OK").count(), 2);
}

#[test]
fn a_restart_ends_what_waits() {
    let mut bench = subscribed(&OPENSHIFT_V2, "lock-state LOCKED\nwait 1s\nrestart");
    bench.producer.set_freeze(5000 * MILLISECOND_NS);
    bench.current(LOCK);
    let conn = *bench.answers.keys().last().unwrap();
    bench.run_ms(20_000);
    assert_eq!(bench.answers[&conn], "");
    assert!(bench.closed.contains(&conn));
}

#[test]
fn the_answer_to_a_subscriber_may_be_late() {
    for manners in Manners::ALL {
        let mut bench = Bench::new(manners, BASE);
        bench.producer.set_subscribe_delay(700 * MILLISECOND_NS);
        assert_eq!(bench.subscribe(LOCK, EVENT), "");
        assert_eq!(bench.kept(LOCK).len(), 1, "but the subscription is there");
        bench.run_ms(699);
        assert!(!bench.talk.contains(&"<- 201".into()));
        bench.run_ms(1);
        assert_eq!(bench.talk.last().unwrap(), "<- 201");
    }
}

#[test]
fn pushes_may_be_lost_or_come_twice() {
    for manners in Manners::ALL {
        for (drops, duplicates, expected) in [(false, false, 1), (false, true, 2), (true, true, 0)] {
            let mut bench = subscribed(manners, BASE);
            bench.producer.set_drops(drops);
            bench.producer.set_duplicates(duplicates);
            bench.run_ms(1100);
            assert_eq!(bench.posts.len(), expected, "{}", manners.name);
            assert!(bench.posts.windows(2).all(|pair| pair[0] == pair[1]), "{}", manners.name);
        }
    }
}

#[test]
fn subscriptions_may_be_lost() {
    for manners in Manners::ALL {
        let mut bench = subscribed(manners, BASE);
        let id = bench.only_id();
        bench.producer.lose_subscriptions();
        assert!(!bench.get("/subscriptions").contains(EVENT), "{}", manners.name);
        assert!(!bench.get(&format!("/subscriptions/{id}")).contains(EVENT), "{}", manners.name);
        bench.run_ms(1100);
        assert!(bench.posts.is_empty(), "{}", manners.name);
    }
}

#[test]
fn a_clock_may_be_set() {
    let times = [
        (&OPENSHIFT_V1, "T17:48:51Z"),
        (&OPENSHIFT_V2, "T17:48:51Z"),
        (&STARLINGX_V1, " 1795369731.0}"),
        (&STARLINGX_V2, "T17:48:51000000Z"),
    ];
    for (manners, expected) in times {
        let mut bench = subscribed(manners, BASE);
        bench.producer.step_clock(-2_000_000_000);
        bench.run_ms(1100);
        let body = &bench.posts[0].2;
        assert!(body.contains(expected), "{}: {body}", manners.name);
    }
}

#[test]
fn a_restart_keeps_or_loses_the_store_everywhere() {
    for manners in Manners::ALL {
        for (forget, is_kept) in [("", true), (" forget", false)] {
            let script = format!("lock-state LOCKED\nwait 1s\nrestart down 2s ready 4s{forget}\n");
            let mut bench = subscribed(manners, &script);
            bench.run_ms(3000);
            assert_eq!(bench.get("/subscriptions").contains(EVENT), is_kept, "{}", manners.name);
            assert!(bench.current(LOCK).contains(" 40"), "{}", manners.name);
            bench.run_ms(4000);
            bench.subscribe(LOCK, EVENT);
            assert!(says(&bench.current(LOCK), "LOCKED"), "{}", manners.name);
        }
    }
}

#[test]
fn a_script_can_do_the_same() {
    let script = "lock-state LOCKED\nwait 1s\nstep-clock -2s\nlag 5s\nfreeze 250ms\nduplicate on\ndrop on\n\
                  lose-subscriptions\nwait 1s\nlag off\nfreeze off\nduplicate off\ndrop off\nstep-clock +2s";
    let mut bench = subscribed(&OPENSHIFT_V2, script);
    bench.lines.clear();
    bench.run_ms(1000);
    let wrong =
        ["step-clock -2000ms", "lag 5000ms", "freeze 250ms", "duplicate on", "drop on", "lose-subscriptions"];
    assert_eq!(bench.lines, wrong);
    let faults = bench.producer.faults;
    assert_eq!((faults.step_ns, faults.lag_ns), (-2_000_000_000, 5_000_000_000));
    assert!(faults.freeze_ns == 250_000_000 && faults.duplicates && faults.drops);
    assert!(bench.kept(LOCK).is_empty());
    bench.run_ms(1000);
    assert_eq!(
        bench.lines[6..],
        ["lag off", "freeze off", "duplicate off", "drop off", "step-clock +2000ms"]
    );
    let faults = bench.producer.faults;
    assert_eq!((faults.step_ns, faults.lag_ns, faults.freeze_ns), (0, 0, 0));
}

#[test]
fn the_built_in_scripts_show_what_they_say() {
    let mut bench = Bench::with_seed(&STARLINGX_V2, Script::named("ha-standby").unwrap(), 1);
    let locks = bench.current(LOCK);
    assert!(locks.contains("/ptp-inst1/") && locks.contains("/ptp-inst2/"));
    assert!(says(&locks, "LOCKED") && says(&locks, "FREERUN"));
    assert!(says(&bench.current(SYNC), "LOCKED"));

    let mut bench = Bench::with_seed(&OPENSHIFT_V2, Script::named("ntp").unwrap(), 1);
    for suffix in [LOCK, OS, SYNC] {
        bench.subscribe(suffix, EVENT);
    }
    assert!(bench.current(LOCK).starts_with("HTTP/1.1 404 "));
    assert!(says(&bench.current(OS), "LOCKED") && says(&bench.current(SYNC), "LOCKED"));

    let bench = &mut Bench::with_seed(&OPENSHIFT_V2, Script::named("clock-step").unwrap(), 1);
    bench.subscribe(LOCK, EVENT);
    bench.run_ms(6500);
    let seconds = |body: &str| body.split_once("T17:48:").unwrap().1.split_once('Z').unwrap().0.to_string();
    let times: Vec<_> = bench.posts.iter().map(|(_, _, body)| seconds(body)).collect();
    assert_eq!(times, ["52", "57", "55.5", "56.5"]);

    let mut bench = Bench::with_seed(&OPENSHIFT_V2, Script::named("long-holdover").unwrap(), 1);
    for (end_ms, state, class) in
        [(4999, State::Locked, 6), (64_999, State::Holdover, 7), (70_000, State::Locked, 6)]
    {
        bench.run_ms(end_ms - bench.now.as_nanos() / MILLISECOND_NS);
        let truth = bench.producer.truth();
        assert_eq!(truth.sync_state(), Some(state));
        assert_eq!(truth.clock_classes().next(), Some(("ens1fx/master", class)));
    }
}
