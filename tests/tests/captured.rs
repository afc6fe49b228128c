//! What was captured of real producers, played again: the same reports, in the same order and at the same distances, as
//! wire bytes of the simulated producer. Each test names the captures it stands for.
//!
//! Verdicts are asked for after each step, so that a verdict which is right by accident later does not count.

use ptpwatch_core::dialect::{Dialect, OPENSHIFT_V1, OPENSHIFT_V2};
use ptpwatch_core::event::{Resource, State};
use ptpwatch_core::track::Channel;
use ptpwatch_core::verdict::{Policy, Reason, Role};
use ptpwatch_tests::{LOCKED_10_S, NODE, World};

use State::{Freerun, Holdover, Locked, Unknown};

/// A node in a role, and what was reported of it.
struct Play {
    world: World,
    name: String,
}

impl Play {
    fn new(dialect: &'static Dialect, role: Role, script: &str) -> Self {
        let world = World::new(dialect, script, |config| config.policy = Policy::for_role(role));
        Self { world, name: format!("{} as {role:?}", dialect.name) }
    }

    /// Lets `millis` pass, and expects this verdict then.
    #[track_caller]
    fn then(&mut self, millis: u64, state: State) {
        self.world.run(millis);
        let verdict = self.world.consumer().verdict();
        let reasons: Vec<_> = verdict.reasons.names().collect();
        assert_eq!(verdict.state, state, "{} at {} ms: {reasons:?}", self.name, self.world.millis());
    }

    #[track_caller]
    fn with(&self, reason: Reason) {
        let reasons = self.world.consumer().verdict().reasons;
        assert!(reasons.contains(reason), "{}: {:?}", self.name, reasons.names().collect::<Vec<_>>());
    }

    #[track_caller]
    fn without(&self, reason: Reason) {
        let reasons = self.world.consumer().verdict().reasons;
        assert!(!reasons.contains(reason), "{}: {:?}", self.name, reasons.names().collect::<Vec<_>>());
    }

    fn channel(&self, resource: Resource) -> &Channel {
        self.world.consumer().channels().find(|channel| channel.resource() == resource).expect("it is known")
    }
}

/// The captures of `OpenShift` 4.15 (v1) and of what followed 4.18 (v2).
const BOTH: [&Dialect; 2] = [&OPENSHIFT_V1, &OPENSHIFT_V2];

/// As a producer says that there is no offset.
const NO_OFFSET: i64 = -9_999_999_999_999_999;

#[test]
fn api_a_lock_that_loses_its_threshold_is_freerun_and_comes_back() {
    // v1 api 093 to 097, v2 api 114 to 118: the class degrades under a lock, the offset passes the threshold.
    let script = format!(
        "{LOCKED_10_S}clock-class 135\nwait 750ms\nclock-class 165\nwait 750ms\nclock-class 248\nwait 750ms\n\
         ptp FREERUN offset 150\nwait 800ms\nptp LOCKED offset -3\nwait 60s\n"
    );
    for dialect in BOTH {
        let mut play = Play::new(dialect, Role::OrdinaryClock, &script);
        play.then(12_200, Locked);
        play.then(70, Freerun);
        play.with(Reason::LockFreerun);
        play.then(790, Freerun);
        play.then(7000, Holdover);
        play.with(Reason::Class);
    }
}

#[test]
fn api_a_host_clock_that_comes_loose_and_is_caught() {
    // v1 api 098 and 099, v2 api 119 and 120.
    let script = format!(
        "{LOCKED_10_S}os-clock FREERUN offset 1234567\nwait 750ms\nos-clock LOCKED offset 20\nwait 60s\n"
    );
    for dialect in BOTH {
        let mut play = Play::new(dialect, Role::OrdinaryClock, &script);
        play.then(10_700, Freerun);
        play.with(Reason::OsFreerun);
        play.then(3000, Freerun);
        play.with(Reason::Recovering);
        play.then(1500, Locked);
    }
}

#[test]
fn api_holdover_runs_out_and_the_port_recovers() {
    // v1 api 100 and 101, v2 api 121 to 123: five seconds of holdover, then none.
    let script = format!(
        "{LOCKED_10_S}ptp HOLDOVER\nwait 5s\nlock-state FREERUN\nwait 2200ms\nos-clock FREERUN\nwait 800ms\n\
         ptp LOCKED offset 5\nwait 60s\n"
    );
    for dialect in BOTH {
        let mut play = Play::new(dialect, Role::OrdinaryClock, &script);
        play.then(10_070, Holdover);
        play.then(4900, Holdover);
        play.then(100, Freerun);
        play.with(Reason::LockFreerun);
        play.then(2900, Freerun);
        play.then(6000, Locked);
    }
}

#[test]
fn api_a_host_clock_without_an_offset_follows_the_lock() {
    // 4.18 api 037 and 038: with HOLDOVER the host's clock is called FREERUN, and its offset is a sentinel.
    let script = format!(
        "{LOCKED_10_S}lock-state HOLDOVER offset 12\nos-clock FREERUN offset {NO_OFFSET}\nwait 5s\nlock-state FREERUN\n\
         wait 2200ms\nlock-state LOCKED offset 5\nwait 50ms\nos-clock LOCKED offset 7\nwait 60s\n"
    );
    for dialect in BOTH {
        let mut play = Play::new(dialect, Role::OrdinaryClock, &script);
        play.then(10_070, Holdover);
        play.with(Reason::OsFollows);
        play.then(4900, Holdover);
        play.then(100, Freerun);
        play.then(6500, Locked);
        play.without(Reason::OsFollows);
    }
}

#[test]
fn api_a_process_that_is_down_leaves_no_offset() {
    // v1 api 103 to 105, v2 api 125 to 131: ptp4l ends, and everything is FREERUN with sentinels.
    let script = format!(
        "{LOCKED_10_S}ptp HOLDOVER\nwait 100ms\nptp LOCKED\nwait 1200ms\nlock-state FREERUN offset {NO_OFFSET}\n\
         os-clock FREERUN offset {NO_OFFSET}\nwait 60s\n"
    );
    for dialect in BOTH {
        let mut play = Play::new(dialect, Role::OrdinaryClock, &script);
        play.then(11_290, Holdover);
        play.with(Reason::Recovering);
        play.then(30, Freerun);
        play.with(Reason::LockFreerun);
        play.with(Reason::OsFreerun);
        // A push, and the answers to polls as well.
        for _ in 0..2 {
            assert_eq!(play.channel(Resource::LockState).offset(), None, "{}", play.name);
            assert_eq!(play.channel(Resource::OsClock).offset(), None, "{}", play.name);
            play.then(20_000, Freerun);
        }
    }
}

#[test]
fn api_a_placeholder_before_any_event_is_no_state() {
    // v2 api 040, 048 and 073 to 077: FREERUN of a clock called `ptp-not-set`, and 404.
    let mut play = Play::new(&OPENSHIFT_V2, Role::OrdinaryClock, &format!("wait 20s\n{LOCKED_10_S}"));
    play.then(19_000, Unknown);
    play.with(Reason::NoData);
    assert!(play.world.consumer().stats().placeholders >= 2);
    play.then(4500, Locked);
}

#[test]
fn grandmaster_with_gnss_lost_class_by_class() {
    // v1 and v2 grandmaster 006 to 050.
    let script = "gnss FAILURE-NOFIX offset 999999\nwait 1300ms\ngnss SYNCHRONIZED\nwait 1600ms\nlock-state LOCKED offset 0\n\
                  wait 1300ms\nos-clock LOCKED offset -62\nwait 650ms\nclock-class 6\nwait 2s\ngnss ACQUIRING-SYNC\n\
                  wait 1300ms\ngnss FAILURE-NOFIX\nwait 930ms\nlock-state HOLDOVER offset 12\nwait 650ms\nclock-class 7\n\
                  wait 3300ms\nlock-state FREERUN offset 99999999999\nwait 650ms\nclock-class 140\nwait 650ms\n\
                  clock-class 150\nwait 650ms\nclock-class 160\nwait 650ms\nclock-class 248\nwait 650ms\nclock-class 255\n\
                  wait 650ms\nos-clock FREERUN\nwait 2s\ngnss SYNCHRONIZED offset 3\nwait 650ms\ngnss FAILURE-NOFIX\n\
                  wait 650ms\ngnss ACQUIRING-SYNC\nwait 650ms\ngnss SYNCHRONIZED offset 3\nwait 1300ms\n\
                  lock-state LOCKED offset -2\nwait 10s\nos-clock LOCKED\nclock-class 6\nwait 60s\n";
    for dialect in BOTH {
        let mut play = Play::new(dialect, Role::Grandmaster, script);
        play.then(2800, Unknown);
        play.then(6000, Locked);
        play.then(200, Locked);
        play.with(Reason::Gnss);
        // GNSS alone was no news yet: the lock holds over before the receiver's five seconds are up.
        play.then(2200, Holdover);
        play.with(Reason::LockHoldover);
        play.then(1700, Holdover);
        play.then(200, Freerun);
        play.with(Reason::LockFreerun);
        assert_eq!(play.channel(Resource::LockState).offset(), None, "{}: a sentinel", play.name);
        // Whatever the class, and however the receiver comes and goes.
        for _ in 0..20 {
            play.then(450, Freerun);
        }
        // The lock is back; the host's clock is not.
        play.then(5000, Freerun);
        play.with(Reason::OsFreerun);
        play.without(Reason::LockFreerun);
        play.then(12_000, Locked);
    }
}

#[test]
fn grandmaster_with_two_receivers_of_which_one_is_lost() {
    // v1 and v2 grandmaster 051 to 063: a second card's receiver appears, and its lock never; then the process ends, and
    // the lock is FREERUN though its offset is as good as ever.
    let script = format!(
        "gnss SYNCHRONIZED\n{LOCKED_10_S}lock-state LOCKED instance 2\nwait 650ms\nlock-state FREERUN offset -2\nwait 60s\n"
    );
    for dialect in BOTH {
        let mut play = Play::new(dialect, Role::Grandmaster, &script);
        play.then(10_600, Locked);
        play.then(100, Freerun);
        play.with(Reason::InstancesDiffer);
        play.then(30_000, Freerun);
        let locks = play
            .world
            .consumer()
            .channels()
            .filter(|channel| channel.resource() == Resource::LockState)
            .count();
        assert_eq!(locks, 2, "{}", play.name);
    }
}

#[test]
fn boundary_clock_in_holdover_until_it_is_none() {
    // v2 boundary-clock 007 to 023: the host's clock is HOLDOVER as well, and stays so when the lock is FREERUN.
    let script = "lock-state FREERUN offset 5555\nwait 650ms\nlock-state LOCKED offset 5\nwait 1300ms\nos-clock LOCKED offset -62\n\
                  wait 650ms\nclock-class 6\nwait 8s\nlock-state HOLDOVER offset 8\nwait 650ms\nos-clock HOLDOVER offset -6\n\
                  wait 650ms\nclock-class 135\nwait 650ms\nclock-class 165\nwait 650ms\nlock-state FREERUN\nwait 60s\n";
    let mut play = Play::new(&OPENSHIFT_V2, Role::BoundaryClock, script);
    play.then(600, Freerun);
    play.then(9990, Locked);
    play.then(60, Holdover);
    play.with(Reason::LockHoldover);
    play.then(2500, Holdover);
    play.with(Reason::OsHoldover);
    play.then(100, Freerun);
    play.with(Reason::LockFreerun);
    play.then(50_000, Freerun);
    play.with(Reason::OsHoldover);
}

#[test]
fn ntp_a_source_is_lost_and_found() {
    // v2 ntp 006 to 011: there is no lock to speak of, and the host's clock says it all.
    let script = "os-clock LOCKED offset 0\nwait 8s\nos-clock FREERUN offset 0\nwait 8s\nos-clock LOCKED offset 0\nwait 60s\n";
    let mut play = Play::new(&OPENSHIFT_V2, Role::Ntp, script);
    play.then(7900, Locked);
    play.then(200, Freerun);
    play.with(Reason::OsFreerun);
    play.then(7800, Freerun);
    play.then(4000, Locked);
    assert!(play.world.consumer().channels().all(|channel| channel.resource() != Resource::LockState));
}

#[test]
fn failures_a_sidecar_that_was_frozen_delivers_what_it_kept() {
    // v1 failures 023 to 039: nothing moves for half a minute, and then everything that was reported comes at once, with
    // the times it had, the newest before most others. The publisher knows better than those.
    let script = format!(
        "{LOCKED_10_S}wait 10s\nptp HOLDOVER\nwait 5s\nptp FREERUN\nwait 5s\nptp LOCKED\nwait 200s\n"
    );
    let mut play = Play::new(&OPENSHIFT_V1, Role::OrdinaryClock, &script);
    play.then(15_000, Locked);
    play.world.network.is_frozen = true;
    play.then(20_000, Locked);
    play.with(Reason::Stale);
    play.with(Reason::ProducerLost);
    play.then(10_000, Locked);
    play.world.network.is_frozen = false;
    for (second, state) in [(30, "LOCKED"), (20, "HOLDOVER"), (25, "FREERUN"), (26, "FREERUN")] {
        let answer = play.world.notify(&format!(
            r#"{{"id":"5f1d2c52-8d1a-4a53-9d59-8e4f2a1f7a10","type":"event.sync.ptp-status.ptp-state-change","source":"/cluster/node/{NODE}/sync/ptp-status/lock-state","dataContentType":"application/json","time":"2026-11-22T17:53:{second}.9Z","data":{{"version":"v1","values":[{{"resource":"/cluster/node/{NODE}/ens1fx/master","dataType":"notification","valueType":"enumeration","value":"{state}"}}]}}}}"#
        ));
        assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
    }
    play.then(10_000, Locked);
    play.then(60_000, Locked);
    play.without(Reason::Stale);
    assert_eq!(play.world.verdicts(), [Unknown, Locked]);
}

#[test]
fn failures_an_endpoint_that_was_given_up_is_subscribed_again() {
    // v2 failures 048 to 054: after ten pushes that nobody took the producer deletes what it was to push.
    let script = format!(
        "{LOCKED_10_S}repeat 12\nlock-state LOCKED\nwait 100ms\nend\nwait 20s\nptp HOLDOVER\nwait 60s\n"
    );
    let mut play = Play::new(&OPENSHIFT_V2, Role::OrdinaryClock, &script);
    play.then(9000, Locked);
    play.world.sever();
    play.world.network.reaches_consumer = false;
    play.then(10_000, Locked);
    assert!(play.world.lines.iter().any(|(_, line)| line.starts_with("dropped ")), "{:?}", play.world.lines);
    assert!(play.world.consumer().link().trouble.is_some(), "it cannot be had again meanwhile");
    play.world.network.reaches_consumer = true;
    play.then(10_000, Locked);
    assert!(play.world.is_subscribed(), "{:?}", play.world.consumer().link());
    play.then(2300, Holdover);
}

#[test]
fn failures_early_requests_are_not_yet() {
    // v2 failures 008 to 012 and 055 to 057: for seconds after a restart a subscription is answered 404, and CurrentState
    // until the first event, with and without the store.
    for forget in ["", " forget"] {
        let script = format!(
            "{LOCKED_10_S}restart down 6s ready 10s{forget}\nwait 20s\nptp LOCKED\nclock-class 7\nwait 60s\n"
        );
        let mut play = Play::new(&OPENSHIFT_V2, Role::OrdinaryClock, &script);
        play.then(24_500, Locked);
        play.with(Reason::Stale);
        play.then(8000, Locked);
        assert!(play.world.is_subscribed(), "{:?}", play.world.consumer().link());
        play.then(15_000, Locked);
        play.without(Reason::Stale);
    }
}

#[test]
fn duplicates_a_frozen_publisher_is_no_state() {
    // v1 duplicates 021 to 024: CurrentState is refused, and that takes five seconds; the sidecar is well.
    let script = format!(
        "{LOCKED_10_S}freeze 5s\nrestart down 10ms ready 40s\nwait 50s\nfreeze off\nptp LOCKED\nwait 60s\n"
    );
    let mut play = Play::new(&OPENSHIFT_V1, Role::OrdinaryClock, &script);
    play.then(35_000, Locked);
    play.with(Reason::Stale);
    assert_eq!(play.world.consumer().link().is_up, Some(true));
    play.then(30_000, Locked);
    play.without(Reason::Stale);
}

#[test]
fn connections_are_kept_used_again_and_not_waited_for() {
    // v2 connections 010 to 018: one connection for all pushes, kept over more than a minute of silence, and each answered
    // at once, though the consumer is busy asking.
    let script = format!("{LOCKED_10_S}lock-state LOCKED\nwait 80s\nlock-state HOLDOVER\nwait 20s\n");
    let mut play = Play::new(&OPENSHIFT_V2, Role::OrdinaryClock, &script);
    play.then(90_020, Holdover);
    play.then(9000, Holdover);
    let pushes: Vec<_> = play.world.lines.iter().filter(|(_, line)| line.starts_with("push ")).collect();
    assert!(pushes.len() >= 5 && pushes.iter().all(|(_, line)| line.ends_with("-> 204")), "{pushes:?}");
    assert_eq!(play.world.home.admitted(), 1, "one connection");
}
