//! The verdict follows the node's clocks, whatever the producer does.

use ptpwatch::producer::Manners;
use ptpwatch_core::dialect::{self, Dialect, OPENSHIFT_V1, OPENSHIFT_V2, OPENSHIFT_V2_DAEMON, STARLINGX_V1};
use ptpwatch_core::event::{Resource, State};
use ptpwatch_core::verdict::{OsClock, Policy, Reason, Role};
use ptpwatch_tests::{Home, LOCKED_10_S, Machine, Told, World, with_os_clock};

fn world<H: Home>(dialect: &'static Dialect, script: &str) -> World<H> {
    World::new(dialect, script, |_| ())
}

/// The states that the verdict went through.
#[track_caller]
fn assert_verdicts<H: Home>(world: &World<H>, dialect: &Dialect, states: &[State]) {
    assert_eq!(world.verdicts(), states, "{}", dialect.name);
}

pub(crate) fn every_dialect_is_subscribed_and_followed<H: Home>() {
    for dialect in with_os_clock() {
        let mut world = world::<H>(dialect, "locked");
        world.run(20);
        assert!(world.is_subscribed(), "{}: {:?}", dialect.name, world.consumer().link());
        assert_eq!(world.consumer().verdict().state, State::Locked, "{}", dialect.name);
        assert!(world.consumer().verdict().reasons.is_empty(), "{}", dialect.name);
        world.run(600_000);
        assert_verdicts(&world, dialect, &[State::Unknown, State::Locked]);
        assert_eq!(world.consumer().stats().misuse, 0);
        assert_eq!(world.consumer().stats().lost_subscriptions, 0);
    }
}

pub(crate) fn an_outage_is_seen_in_order_however_the_bytes_come<H: Home>() {
    for dialect in with_os_clock() {
        for piece in [1, 2, 17, 1000, usize::MAX] {
            let mut world = world::<H>(dialect, "demo");
            world.network.piece = piece;
            world.run(25_000);
            assert_eq!(
                world.verdicts(),
                [State::Unknown, State::Locked, State::Holdover, State::Freerun, State::Locked],
                "{} in pieces of {piece}",
                dialect.name
            );
        }
    }
}

pub(crate) fn every_verdict_comes_in_the_moment_of_its_cause_and_locked_after_three_seconds<H: Home>() {
    for dialect in with_os_clock() {
        let mut world = world::<H>(dialect, "demo");
        world.run(25_000);
        let at = |state: State| {
            let is = |told: &Told| matches!(told, Told::Verdict { state: told, transitions: 1.., .. } if *told == state);
            world.told.iter().filter(|(_, told)| is(told)).map(|(at, _)| *at).next_back().unwrap()
        };
        let within = |at: u64, from: u64| (from..=from + 60).contains(&at);
        assert!(within(at(State::Holdover), 3000), "{}: {}", dialect.name, at(State::Holdover));
        assert!(within(at(State::Freerun), 8000), "{}: {}", dialect.name, at(State::Freerun));
        assert!(within(at(State::Locked), 15_000), "{}: {}", dialect.name, at(State::Locked));
    }
}

pub(crate) fn every_transition_is_told_or_counted<H: Home>() {
    for dialect in with_os_clock() {
        let mut world = world::<H>(dialect, "flapping");
        world.run(60_000);
        let told: u32 = world
            .told
            .iter()
            .filter_map(|(_, told)| match told {
                Told::Channel { resource: Resource::LockState, transitions, .. } => Some(*transitions),
                _ => None,
            })
            .sum();
        let made = world.lines.iter().filter(|(_, line)| line.starts_with("lock-state ")).count();
        assert_eq!(told as usize, made, "{}", dialect.name);
        assert!(!world.verdicts().contains(&State::Freerun), "{}", dialect.name);
    }
}

pub(crate) fn a_3_s_link_blip_is_no_freerun_though_the_os_clock_says_so<H: Home>() {
    let script = format!("{LOCKED_10_S}ptp HOLDOVER\nwait 3s\nptp LOCKED\nwait 10s\n");
    for dialect in with_os_clock() {
        let mut world = world::<H>(dialect, &script);
        world.run(30_000);
        assert_verdicts(&world, dialect, &[State::Unknown, State::Locked, State::Holdover, State::Locked]);
    }
}

pub(crate) fn strict_takes_the_os_clock_at_its_word<H: Home>() {
    let script = format!("{LOCKED_10_S}ptp HOLDOVER\nwait 3s\nptp LOCKED\nwait 10s\n");
    let mut world =
        World::<H>::new(&OPENSHIFT_V1, &script, |config| config.policy.os_clock = OsClock::Strict);
    world.run(30_000);
    assert!(world.verdicts().contains(&State::Freerun), "{:?}", world.verdicts());
}

pub(crate) fn an_os_clock_that_runs_free_by_itself_is_freerun_after_a_moment<H: Home>() {
    let script = format!("{LOCKED_10_S}os-clock FREERUN offset 1234567\nwait 10s\n");
    for dialect in [&OPENSHIFT_V1, &OPENSHIFT_V2, &OPENSHIFT_V2_DAEMON] {
        let mut world = world::<H>(dialect, &script);
        world.run(10_020);
        assert_eq!(world.consumer().verdict().state, State::Freerun, "{}: its offset jumped", dialect.name);
    }
    let script = format!("{LOCKED_10_S}os-clock FREERUN offset 7\nwait 10s\n");
    for dialect in with_os_clock() {
        let mut world = world::<H>(dialect, &script);
        world.run(10_080);
        assert_eq!(world.consumer().verdict().state, State::Locked, "{}: it may be following", dialect.name);
        world.run(40);
        assert_eq!(world.consumer().verdict().state, State::Freerun, "{}", dialect.name);
        assert!(world.consumer().verdict().reasons.contains(Reason::OsFreerun));
    }
}

pub(crate) fn a_placeholder_is_no_freerun<H: Home>() {
    for dialect in with_os_clock() {
        let mut world = world::<H>(dialect, "wait 100s\n");
        world.run(90_000);
        assert_verdicts(&world, dialect, &[State::Unknown]);
        let reasons = world.consumer().verdict().reasons;
        assert!(reasons.contains(Reason::Starting) && reasons.contains(Reason::NoData), "{}", dialect.name);
        assert!(reasons.contains(Reason::RequiredMissing), "{}: for a minute", dialect.name);
    }
}

pub(crate) fn a_producer_that_is_gone_makes_values_old_and_then_unknown<H: Home>() {
    for dialect in with_os_clock() {
        let mut world = world::<H>(dialect, "locked");
        world.run(1000);
        world.network.is_cut = true;
        world.run(13_900);
        assert!(!world.consumer().verdict().reasons.contains(Reason::Stale), "{}", dialect.name);
        world.run(2100);
        assert_eq!(world.consumer().link().is_up, Some(false), "{}: by deadline", dialect.name);
        assert!(world.consumer().verdict().reasons.contains(Reason::Stale), "{}", dialect.name);
        assert_eq!(world.consumer().verdict().state, State::Locked, "{}: stale is not unknown", dialect.name);
        world.run(45_000);
        assert_eq!(world.consumer().verdict().state, State::Unknown, "{}", dialect.name);
        world.network.is_cut = false;
        world.run(15_000);
        assert_eq!(world.consumer().verdict().state, State::Locked, "{}", dialect.name);
    }
}

pub(crate) fn a_silent_producer_ends_in_unknown_and_never_in_freerun<H: Home>() {
    for dialect in with_os_clock() {
        let mut world =
            world::<H>(dialect, &format!("{LOCKED_10_S}restart down 200s\nwait 10s\nptp LOCKED\nwait 60s\n"));
        world.run(80_000);
        let verdict = world.consumer().verdict();
        assert_eq!(verdict.state, State::Unknown, "{}", dialect.name);
        assert_eq!(verdict.last_known, State::Locked, "{}", dialect.name);
        assert!(verdict.reasons.contains(Reason::Void) && verdict.reasons.contains(Reason::ProducerLost));
        world.run(160_000);
        assert_verdicts(&world, dialect, &[State::Unknown, State::Locked, State::Unknown, State::Locked]);
    }
}

pub(crate) fn lost_pushes_are_made_up_for_by_polls<H: Home>() {
    let script = format!("{LOCKED_10_S}drop on\nptp HOLDOVER\nwait 20s\nptp LOCKED\nwait 20s\n");
    for dialect in with_os_clock() {
        let mut world = world::<H>(dialect, &script);
        world.run(15_100);
        assert_eq!(world.consumer().verdict().state, State::Holdover, "{}", dialect.name);
        world.run(30_000);
        assert_verdicts(&world, dialect, &[State::Unknown, State::Locked, State::Holdover, State::Locked]);
    }
}

pub(crate) fn starlingx_v1_knows_the_lock_alone<H: Home>() {
    let mut world = World::<H>::new(&STARLINGX_V1, "demo", |config| config.policy.os_clock = OsClock::Info);
    world.run(25_000);
    assert!(world.is_subscribed(), "{:?}", world.consumer().link());
    assert_eq!(
        world.verdicts(),
        [State::Unknown, State::Locked, State::Holdover, State::Freerun, State::Locked]
    );
}

pub(crate) fn producers_that_speak_an_older_form_of_a_dialect_are_followed<H: Home>() {
    for (name, dialect) in
        [("openshift-v1-hybrid", &OPENSHIFT_V1), ("starlingx-v2-legacy", &dialect::STARLINGX_V2)]
    {
        let mut world = World::<H>::new(dialect, "locked", |_| ());
        world.replace_producer(Manners::named(name).expect("it is simulated"), "demo", 3);
        world.run(25_000);
        assert!(world.is_subscribed(), "{name}: {:?}", world.consumer().link());
        assert_eq!(
            world.verdicts(),
            [State::Unknown, State::Locked, State::Holdover, State::Freerun, State::Locked],
            "{name}"
        );
    }
}

pub(crate) fn a_grandmaster_in_long_holdover_is_no_freerun<H: Home>() {
    for dialect in with_os_clock() {
        let mut world = World::<H>::new(dialect, "long-holdover", |config| {
            config.policy = Policy::for_role(Role::Grandmaster);
        });
        world.run(120_000);
        assert!(!world.verdicts().contains(&State::Freerun), "{}: {:?}", dialect.name, world.verdicts());
        assert!(world.verdicts().contains(&State::Holdover), "{}", dialect.name);
        assert_eq!(world.consumer().verdict().state, State::Locked, "{}", dialect.name);
    }
}

pub(crate) fn a_standby_card_is_no_freerun_where_any_is_enough<H: Home>() {
    for dialect in with_os_clock() {
        let mut world = World::<H>::new(dialect, "ha-standby", |config| {
            config.policy = Policy::for_role(Role::HighAvailability);
        });
        world.run(8000);
        assert_eq!(world.consumer().verdict().state, State::Locked, "{}", dialect.name);
        let mut world = World::<H>::new(dialect, "ha-standby", |_| ());
        world.run(8000);
        assert_eq!(world.consumer().verdict().state, State::Freerun, "{}: the worst counts", dialect.name);
        assert!(world.consumer().verdict().reasons.contains(Reason::InstancesDiffer), "{}", dialect.name);
    }
}

pub(crate) fn an_ntp_node_is_judged_by_its_host_clock<H: Home>() {
    for dialect in with_os_clock() {
        let mut world = World::<H>::new(dialect, "ntp", |config| config.policy = Policy::for_role(Role::Ntp));
        world.run(1000);
        assert_eq!(world.consumer().verdict().state, State::Locked, "{}", dialect.name);
    }
}

pub(crate) fn a_clock_that_is_stepped_at_the_moment_of_loss_is_followed_at_once<H: Home>() {
    for dialect in with_os_clock() {
        let mut world = world::<H>(dialect, "clock-step");
        assert!(
            world.run_until(30_000, |world| world.consumer().verdict().state == State::Holdover),
            "{}: {:?}",
            dialect.name,
            world.lines
        );
        let lost = world.lines.iter().find(|(_, line)| line == "lock-state HOLDOVER").expect("it is lost").0;
        // Where events travel in tasks of their own, one that seems a little older may be a late one: a poll settles it.
        assert!(world.millis() - lost <= 10, "{}: {} ms", dialect.name, world.millis() - lost);
    }
}

pub(crate) fn a_current_state_that_lags_takes_nothing_back<H: Home>() {
    let script = format!("{LOCKED_10_S}lag 1900ms\nlock-state FREERUN\nwait 60s\n");
    for dialect in with_os_clock() {
        let mut world = world::<H>(dialect, &script);
        world.run(10_050);
        assert_eq!(world.consumer().verdict().state, State::Freerun, "{}", dialect.name);
        world.run(50_000);
        assert_verdicts(&world, dialect, &[State::Unknown, State::Locked, State::Freerun]);
    }
}

pub(crate) fn a_current_state_that_hangs_delays_no_push<H: Home>() {
    let script = format!("{LOCKED_10_S}freeze 9s\nwait 7s\nlock-state HOLDOVER\nwait 60s\n");
    for dialect in with_os_clock() {
        let mut world = world::<H>(dialect, &script);
        world.run(17_050);
        assert_eq!(world.consumer().verdict().state, State::Holdover, "{}", dialect.name);
    }
}

pub(crate) fn events_that_come_twice_are_one_transition<H: Home>() {
    let script = format!("duplicate on\n{LOCKED_10_S}lock-state HOLDOVER\nwait 10s\n");
    for dialect in with_os_clock() {
        let mut world = world::<H>(dialect, &script);
        world.run(15_000);
        let told: u32 = world
            .told
            .iter()
            .filter_map(|(_, told)| match told {
                Told::Channel { resource: Resource::LockState, transitions, .. } => Some(*transitions),
                _ => None,
            })
            .sum();
        assert_eq!(told, 2, "{}: LOCKED, then HOLDOVER", dialect.name);
    }
}

pub(crate) fn a_class_that_loses_its_interface_makes_no_ghost<H: Home>() {
    let mut world = world::<H>(&OPENSHIFT_V2, "locked");
    world.run(60_000);
    assert_eq!(world.consumer().instances(Resource::ClockClass), ["ens1fx/master"]);
}

pub(crate) fn a_grandmaster_that_loses_gnss_holds_over_and_then_runs_free<H: Home>() {
    for dialect in [&OPENSHIFT_V1, &OPENSHIFT_V2] {
        let mut world = World::<H>::new(dialect, "gnss-loss", |config| {
            config.policy = Policy::for_role(Role::Grandmaster);
        });
        world.run(10_000);
        let reasons = world.consumer().verdict().reasons;
        assert!(reasons.contains(Reason::Gnss) && reasons.contains(Reason::LockHoldover), "{}", dialect.name);
        world.run(50_000);
        assert_verdicts(
            &world,
            dialect,
            &[State::Unknown, State::Locked, State::Holdover, State::Freerun, State::Locked],
        );
    }
}

pub(crate) fn a_boundary_clock_in_holdover_caps_only_with_a_degraded_class<H: Home>() {
    let script = format!(
        "{LOCKED_10_S}clock-class 135\nwait 20s\nclock-class 165\nwait 20s\nclock-class 6\nwait 20s\n"
    );
    for dialect in with_os_clock() {
        let mut world =
            World::<H>::new(dialect, &script, |config| config.policy = Policy::for_role(Role::BoundaryClock));
        world.run(29_000);
        assert_eq!(world.consumer().verdict().state, State::Locked, "{}: within specification", dialect.name);
        assert!(
            world.consumer().verdict().reasons.contains(Reason::ClassUpstreamHoldover),
            "{}",
            dialect.name
        );
        world.run(10_000);
        assert_eq!(world.consumer().verdict().state, State::Holdover, "{}: out of it", dialect.name);
        world.run(30_000);
        assert_eq!(world.consumer().verdict().state, State::Locked, "{}", dialect.name);
    }
}

pub(crate) fn a_connection_is_kept_for_as_long_as_the_producer_keeps_it<H: Home>() {
    // Go's client keeps an idle connection for 90 s; whoever closes earlier loses the next event.
    let script = format!("{LOCKED_10_S}wait 80s\nlock-state HOLDOVER\nwait 10s\n");
    for dialect in [&OPENSHIFT_V1, &OPENSHIFT_V2] {
        let mut world = world::<H>(dialect, &script);
        world.run(90_020);
        assert_eq!(world.consumer().verdict().state, State::Holdover, "{}", dialect.name);
        assert!(
            world
                .lines
                .iter()
                .all(|(_, line)| !line.contains("push lock-state -> ") || line.ends_with("204"))
        );
    }
}

pub(crate) fn a_sidecar_that_lives_beside_a_dead_publisher_is_no_news<H: Home>() {
    // v1 answers CurrentState with 400 when the publisher cannot be reached.
    let script = format!("{LOCKED_10_S}restart down 100ms ready 30s\nwait 40s\nptp LOCKED\nwait 20s\n");
    for dialect in with_os_clock() {
        let mut world = world::<H>(dialect, &script);
        world.run(35_000);
        assert_eq!(world.consumer().link().is_up, Some(true), "{}", dialect.name);
        assert_eq!(world.consumer().verdict().state, State::Locked, "{}", dialect.name);
        assert!(world.consumer().verdict().reasons.contains(Reason::Stale), "{}", dialect.name);
        world.run(40_000);
        assert!(!world.verdicts().contains(&State::Freerun), "{}", dialect.name);
        assert_eq!(world.consumer().verdict().state, State::Locked, "{}", dialect.name);
    }
}

pub(crate) fn a_notification_ends_the_wait_for_a_producer_that_was_gone<H: Home>() {
    for dialect in with_os_clock() {
        let mut world = world::<H>(dialect, &format!("{LOCKED_10_S}wait 20s\nlock-state LOCKED\nwait 60s\n"));
        world.run(9000);
        world.sever();
        world.network.reaches_producer = false;
        world.run(20_900);
        assert_eq!(world.consumer().link().is_up, Some(false), "{}", dialect.name);
        world.network.reaches_producer = true;
        world.run(300);
        assert_eq!(world.consumer().link().is_up, Some(true), "{}", dialect.name);
    }
}

pub(crate) fn a_host_clock_that_is_caught_a_second_after_the_lock_was_no_freerun<H: Home>() {
    // Its daemon looks at it once a second; CurrentState repeats meanwhile what was forced.
    let script = format!(
        "{LOCKED_10_S}lock-state HOLDOVER\nos-clock FREERUN\nwait 3s\nlock-state LOCKED\nwait 1500ms\nos-clock LOCKED\n\
         wait 20s\n"
    );
    for dialect in with_os_clock() {
        let mut world = world::<H>(dialect, &script);
        world.run(30_000);
        assert_verdicts(&world, dialect, &[State::Unknown, State::Locked, State::Holdover, State::Locked]);
    }
}
