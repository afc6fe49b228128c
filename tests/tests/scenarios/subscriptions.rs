//! Subscriptions are kept, whatever the producer forgets, doubles or hides.

use ptpwatch::producer::Manners;
use ptpwatch_core::dialect::{self, Dialect, OPENSHIFT_V1, OPENSHIFT_V2, OPENSHIFT_V2_DAEMON};
use ptpwatch_core::event::{Resource, State};
use ptpwatch_core::verdict::{OsClock, Reason};
use ptpwatch_tests::{ENDPOINT, Home, LOCKED_10_S, Machine, Told, World, with_os_clock};

/// Where somebody else takes notifications.
const OTHER: &str = "http://localhost:9999/event";

fn world<H: Home>(dialect: &'static Dialect, script: &str) -> World<H> {
    World::new(dialect, script, |_| ())
}

pub(crate) fn a_producer_that_restarts_is_followed_again_without_help<H: Home>() {
    for dialect in with_os_clock() {
        for forget in ["", " forget"] {
            let script = format!(
                "{LOCKED_10_S}restart down 2s{forget}\nwait 8s\nptp LOCKED\nclock-class 6\nwait 60s\n"
            );
            let mut world = world::<H>(dialect, &script);
            world.run(10_500);
            assert_eq!(world.consumer().link().is_up, Some(false), "{}{forget}", dialect.name);
            world.run(11_500);
            assert!(world.is_subscribed(), "{}{forget}: {:?}", dialect.name, world.consumer().link());
            world.run(10_000);
            assert_eq!(world.verdicts(), [State::Unknown, State::Locked], "{}{forget}", dialect.name);
            let lost = world.consumer().stats().lost_subscriptions;
            assert_eq!(lost, if forget.is_empty() { 0 } else { 5 }, "{}", dialect.name);
        }
    }
}

pub(crate) fn a_consumer_that_cannot_be_reached_still_polls<H: Home>() {
    // v1 answers CurrentState only to whoever holds a subscription, so this is v2's.
    let mut world = world::<H>(&OPENSHIFT_V2, "locked");
    world.network.reaches_consumer = false;
    world.run(10_000);
    let link = world.consumer().link();
    assert_eq!((link.is_up, link.subscribed), (Some(true), 0));
    assert!(link.trouble.is_some());
    world.network.reaches_consumer = true;
    world.run(6000);
    assert!(world.is_subscribed(), "{:?}", world.consumer().link());
    assert_eq!(world.consumer().link().trouble, None);
}

pub(crate) fn our_subscriptions_are_deleted_on_the_way_out_and_nobody_elses<H: Home>() {
    for dialect in with_os_clock() {
        let mut world = world::<H>(dialect, "locked");
        world.run(1000);
        world.stop();
        assert!(world.run_until(100, |world| world.consumer().is_stopped()), "{}", dialect.name);
        assert_eq!(world.consumer().stats().deleted, 5, "{}", dialect.name);
        let sent = String::from_utf8_lossy(&world.sent).into_owned();
        assert_eq!(sent.matches("DELETE ").count(), 5, "{}", dialect.name);
        assert!(
            !sent.contains(
                "/subscriptions HTTP/1.1\r\nHost: localhost:9043\r\nUser-Agent: ptpwatch\r\nDELETE"
            )
        );
        assert!(!sent.contains("DELETE /api/ocloudNotifications/v1/subscriptions HTTP"));
        assert!(!sent.contains("DELETE /api/ocloudNotifications/v2/subscriptions HTTP"));
    }
}

pub(crate) fn a_consumer_that_starts_again_makes_no_second_subscription<H: Home>() {
    for dialect in with_os_clock() {
        let mut world = world::<H>(dialect, "locked");
        world.run(1000);
        let subscribed = world.lines.iter().filter(|(_, line)| line.starts_with("subscribed")).count();
        assert!(world.restart_consumer(Some(dialect), |_| ()));
        world.run(1000);
        assert!(world.is_subscribed(), "{}", dialect.name);
        assert_eq!(world.consumer().verdict().state, State::Locked, "{}", dialect.name);
        let again = world.lines.iter().filter(|(_, line)| line.starts_with("subscribed")).count();
        assert_eq!((subscribed, again), (5, 5), "{}", dialect.name);
    }
}

pub(crate) fn a_v1_resource_that_another_endpoint_holds_is_polled_only<H: Home>() {
    let mut world = world::<H>(&OPENSHIFT_V1, "demo");
    world.run(1000);
    world.restart_consumer(Some(&OPENSHIFT_V1), |config| config.endpoint = "http://localhost:8989/other");
    world.run(100);
    let link = world.consumer().link();
    assert_eq!((link.subscribed, link.taken), (0, 5));
    assert!(world.consumer().verdict().reasons.contains(Reason::SubscriptionTaken));
    assert_eq!(world.consumer().verdict().state, State::Locked);
    world.run(7000);
    assert_eq!(world.consumer().verdict().state, State::Holdover, "by polls alone");
    let sent = String::from_utf8_lossy(&world.sent).into_owned();
    assert!(!sent.contains("/other"), "never posted to a resource that is held");
}

pub(crate) fn a_guest_subscribes_only_to_what_nobody_holds<H: Home>() {
    for dialect in with_os_clock() {
        let mut world = world::<H>(dialect, "locked");
        world.run(1000);
        world.restart_consumer(Some(dialect), |config| {
            config.endpoint = "http://localhost:8989/guest";
            config.is_guest = true;
        });
        world.run(100);
        assert_eq!(world.consumer().verdict().state, State::Locked, "{}", dialect.name);
        assert!(world.consumer().verdict().reasons.is_empty(), "{}", dialect.name);
        assert_eq!(world.consumer().link().subscribed, 0, "{}", dialect.name);
        world.stop();
        assert!(world.consumer().is_stopped());
        assert_eq!(world.consumer().stats().deleted, 0, "{}", dialect.name);
    }
}

pub(crate) fn a_dialect_is_found_out_by_asking<H: Home>() {
    for dialect in dialect::DETECTED {
        let mut world = World::<H>::new(dialect, "demo", |config| config.policy.os_clock = OsClock::Info);
        assert!(world.restart_consumer(None, |config| config.policy.os_clock = OsClock::Info));
        world.run(2000);
        assert_eq!(world.consumer().link().dialect, Some(dialect.name));
        assert!(world.is_subscribed(), "{}: {:?}", dialect.name, world.consumer().link());
        assert_eq!(world.consumer().verdict().state, State::Locked, "{}", dialect.name);
    }
}

pub(crate) fn an_upgrade_to_another_dialect_is_followed<H: Home>() {
    let mut world = World::<H>::new(&OPENSHIFT_V1, "locked", |_| ());
    assert!(world.restart_consumer(None, |_| ()));
    world.run(1000);
    assert_eq!(world.consumer().link().dialect, Some("openshift-v1"));
    world.replace_producer(Manners::named("openshift-v2").expect("it is simulated"), "locked", 1);
    world.run(15_000);
    assert_eq!(world.consumer().link().dialect, Some("openshift-v2"));
    assert!(world.is_subscribed(), "{:?}", world.consumer().link());
    assert_eq!(world.verdicts(), [State::Unknown, State::Locked], "values stay meanwhile");
}

pub(crate) fn subscriptions_that_vanish_are_made_again<H: Home>() {
    let script = format!("{LOCKED_10_S}lose-subscriptions\nwait 60s\n");
    for dialect in with_os_clock() {
        let mut world = world::<H>(dialect, &script);
        world.run(20_500);
        assert!(world.is_subscribed(), "{}: {:?}", dialect.name, world.consumer().link());
        assert_eq!(world.consumer().stats().lost_subscriptions, 5, "{}", dialect.name);
        assert_eq!(world.verdicts(), [State::Unknown, State::Locked], "{}", dialect.name);
    }
}

pub(crate) fn our_own_doubles_are_removed_by_their_ids_and_nobody_elses<H: Home>() {
    let mut world = world::<H>(&OPENSHIFT_V2_DAEMON, "locked");
    world.run(1000);
    for (endpoint, resource) in [
        (ENDPOINT, Resource::LockState),
        (ENDPOINT, Resource::SynceLock),
        (OTHER, Resource::LockState),
        (OTHER, Resource::LockState),
    ] {
        world.subscribe(endpoint, resource);
    }
    world.run(11_000);
    let list = world.list();
    assert_eq!(list.matches(ENDPOINT).count(), 5, "one for each resource: {list}");
    assert_eq!(list.matches(OTHER).count(), 2, "{list}");
    assert_eq!(world.consumer().stats().deleted, 2);
}

pub(crate) fn a_list_of_any_length_is_read_as_it_comes<H: Home>() {
    let mut world = world::<H>(&OPENSHIFT_V2_DAEMON, "locked");
    for piece in [7, usize::MAX] {
        for number in 0..150 {
            world.subscribe(&format!("http://localhost:9999/event/{number}"), Resource::OsClock);
        }
        world.network.piece = piece;
        world.run(12_000);
        assert!(world.is_subscribed(), "{:?}", world.consumer().link());
        assert!(world.list().len() > 5 * 8192);
        assert_eq!(world.consumer().stats().lost_subscriptions, 0);
        assert_eq!(world.consumer().stats().deleted, 0);
    }
}

pub(crate) fn a_publisher_that_forgot_its_sidecar_is_subscribed_to_again<H: Home>() {
    // The list shows what it did, and nothing comes of it.
    let script = format!("{LOCKED_10_S}lose-registrations\nwait 12s\nptp HOLDOVER\nwait 200s\n");
    let mut world = world::<H>(&OPENSHIFT_V1, &script);
    world.run(20_000);
    assert_eq!(world.consumer().stats().lost_subscriptions, 5);
    assert!(world.is_subscribed(), "{:?}", world.consumer().link());
    world.run(2020);
    assert_eq!(world.consumer().verdict().state, State::Holdover, "pushes come again");
    world.run(190_000);
    assert_eq!(world.verdicts(), [State::Unknown, State::Locked, State::Holdover]);
    assert_eq!(world.consumer().stats().subscribed, 10, "once more, and not again");
    world.stop();
    world.run(100);
    let answer = world.subscribe(OTHER, Resource::LockState);
    assert!(answer.contains(OTHER), "nothing that delivers is left behind: {answer}");
}

/// Has v1 keep a subscription that no list shows, as a second POST and a DELETE do.
fn hide<H: Home>(world: &mut World<H>, endpoint: &str, resource: Resource) {
    let answer = world.subscribe(endpoint, resource);
    assert_eq!(world.subscribe(endpoint, resource).split_once("{"), answer.split_once("{"));
    let id = answer.split_once(r#""id":""#).and_then(|(_, rest)| rest.split_once('"')).map(|(id, _)| id);
    world.unsubscribe(id.expect("it has an id"));
    assert!(!world.list().contains(resource.suffix()));
}

pub(crate) fn a_subscription_of_ours_that_v1_keeps_and_does_not_list_is_left_alone<H: Home>() {
    let script = format!("{LOCKED_10_S}wait 100s\nptp HOLDOVER\nwait 10s\nlose-subscriptions\nwait 100s\n");
    let mut world = world::<H>(&OPENSHIFT_V1, &script);
    world.run(1000);
    for resource in [Resource::LockState, Resource::OsClock, Resource::Gnss] {
        hide(&mut world, ENDPOINT, resource);
    }
    world.run(109_020);
    assert_eq!(world.consumer().verdict().state, State::Holdover, "it delivers");
    assert!(world.is_subscribed(), "{:?}", world.consumer().link());
    let stats = world.consumer().stats();
    assert_eq!((stats.subscribed, stats.lost_subscriptions), (8, 3), "asked for once more");
    world.run(25_000);
    assert_eq!(world.consumer().stats().subscribed, 13, "what is really gone is made again");
    assert_eq!(world.list().matches(ENDPOINT).count(), 5, "{}", world.list());
}

pub(crate) fn a_subscription_of_another_that_v1_keeps_and_does_not_list_is_polled_only<H: Home>() {
    let mut world = world::<H>(&OPENSHIFT_V1, &format!("{LOCKED_10_S}wait 100s\n"));
    world.network.reaches_producer = false;
    for resource in [Resource::LockState, Resource::OsClock, Resource::Gnss] {
        hide(&mut world, OTHER, resource);
    }
    world.network.reaches_producer = true;
    world.run(15_000);
    let told = world.told.len();
    world.run(90_000);
    let link = world.consumer().link();
    assert_eq!((link.subscribed, link.taken), (2, 3));
    assert_eq!(world.consumer().stats().subscribed, 8, "asked for once more");
    let is_link = |told: &&(u64, Told)| matches!(told.1, Told::Link(_));
    assert_eq!(world.told[told..].iter().find(is_link), None, "and no news since");
    assert_eq!(world.consumer().verdict().state, State::Locked);
    assert!(world.consumer().verdict().reasons.contains(Reason::SubscriptionTaken));
}

pub(crate) fn a_subscription_without_an_endpoint_is_somebody_elses<H: Home>() {
    let mut world = world::<H>(&OPENSHIFT_V1, &format!("{LOCKED_10_S}ptp HOLDOVER\nwait 100s\n"));
    world.network.reaches_producer = false;
    world.subscribe("", Resource::LockState);
    world.network.reaches_producer = true;
    world.run(3000);
    let link = world.consumer().link();
    assert_eq!((link.subscribed, link.taken), (4, 1));
    world.run(12_500);
    assert_eq!(world.consumer().verdict().state, State::Holdover, "by a poll");
    assert!(world.consumer().verdict().reasons.contains(Reason::SubscriptionTaken));
}

pub(crate) fn a_hidden_subscription_is_made_again_once_the_sidecar_lost_it_though_there_never_was_data<
    H: Home,
>() {
    let mut world = world::<H>(&OPENSHIFT_V1, "wait 60s\nrestart down 10ms forget\nwait 600s\n");
    world.run(1000);
    for resource in [Resource::LockState, Resource::Gnss] {
        hide(&mut world, ENDPOINT, resource);
    }
    world.run(40_000);
    assert!(world.is_subscribed(), "{:?}", world.consumer().link());
    assert_eq!(world.list().matches(ENDPOINT).count(), 3, "two are hidden");
    world.run(40_000);
    assert_eq!(world.list().matches(ENDPOINT).count(), 5, "{:?}", world.consumer().link());
}
