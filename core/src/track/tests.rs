use super::*;
use crate::event::{Decimal, State, Word};
use crate::limits::{SECOND_OPINION_NS, SETTLE_NS, STALE_NS, UNCONFIRMED_NS, VOID_NS};
use crate::time::{MILLISECOND_NS, SECOND_NS, Timestamp};

const AGEING: Ageing = Ageing { stale_ns: STALE_NS, void_ns: VOID_NS };

/// Channels, and what they asked to have polled.
struct Bench {
    channels: Channels<'static>,
    asks: Vec<Ask>,
}

impl Bench {
    fn new() -> Self {
        let slots: &'static mut [ChannelSlot] = Box::leak(vec![ChannelSlot::new(); 6].into_boxed_slice());
        Self { channels: Channels::new(slots, AGEING), asks: vec![] }
    }

    fn push(&mut self, millis: u64, update: Update<'_>) {
        let (channels, asks) = (&mut self.channels, &mut self.asks);
        channels.take(
            at(millis),
            &UpdateRoom::of(&[update]).updates(),
            Source::Push { reorders: true },
            |_, ask| asks.push(ask),
        );
    }

    fn poll(&mut self, asked: u64, millis: u64, list: &[Update<'_>]) {
        let (channels, asks) = (&mut self.channels, &mut self.asks);
        let source = Source::Poll { resource: list[0].resource, asked: at(asked) };
        channels.take(at(millis), &UpdateRoom::of(list).updates(), source, |_, ask| asks.push(ask));
    }

    fn advance(&mut self, millis: u64) -> &Channel {
        self.channels.advance(at(millis));
        self.only()
    }

    fn only(&self) -> &Channel {
        let mut channels = self.channels.iter();
        let channel = channels.next().unwrap();
        assert!(channels.next().is_none(), "there is one channel");
        channel
    }

    fn state(&self) -> State {
        self.only().state()
    }

    fn told(&mut self) -> Vec<(String, u32, Option<Value>, bool)> {
        let mut told = vec![];
        while self.channels.has_report() {
            let report = self.channels.poll_report().unwrap();
            let instance = String::from_utf8(report.channel.instance().to_vec()).unwrap();
            told.push((instance, report.transitions, report.worst, report.is_gone));
        }
        told
    }
}

fn at(millis: u64) -> Instant {
    Instant::from_nanos(1_000 * SECOND_NS + millis * MILLISECOND_NS)
}

fn lock(word: Word) -> Update<'static> {
    Update {
        resource: Resource::LockState,
        instance: b"ens1fx/master",
        value: Some(Value::Word(word)),
        has_unknown_word: false,
        offset: None,
        fix: None,
        time: None,
    }
}

/// A push with the producer's own time, in milliseconds.
fn timed(word: Word, millis: i64) -> Update<'static> {
    Update { time: Some(Timestamp::from_unix_nanos(millis * 1_000_000)), ..lock(word) }
}

const NO_VALUE: Update<'static> = Update {
    resource: Resource::LockState,
    instance: b"ens1fx/master",
    value: None,
    has_unknown_word: false,
    offset: None,
    fix: None,
    time: None,
};

#[test]
fn a_value_is_fresh_then_stale_then_void() {
    let mut bench = Bench::new();
    bench.push(0, lock(Word::Locked));
    assert_eq!(bench.advance(14_999).freshness(), Freshness::Fresh);
    assert_eq!(bench.advance(15_000).freshness(), Freshness::Stale);
    assert_eq!(bench.advance(59_999).state(), State::Locked);
    let void = bench.advance(60_000);
    assert_eq!((void.freshness(), void.state()), (Freshness::Void, State::Unknown));
    assert_eq!(void.value(), Some(Value::Word(Word::Locked)), "the last known stays");
    bench.poll(60_000, 60_001, &[lock(Word::Locked)]);
    assert_eq!(bench.state(), State::Locked);
}

#[test]
fn a_push_applies_at_once_and_a_repeated_one_confirms() {
    let mut bench = Bench::new();
    bench.push(0, lock(Word::Locked));
    bench.push(10, lock(Word::Freerun));
    assert_eq!(bench.state(), State::Freerun);
    bench.push(10_000, lock(Word::Freerun));
    assert_eq!(bench.advance(20_000).freshness(), Freshness::Fresh);
    assert_eq!(bench.only().change().at, at(10));
}

#[test]
fn what_becomes_of_pushes_is_counted_by_resource() {
    let mut bench = Bench::new();
    for update in [timed(Word::Locked, 50), timed(Word::Locked, 60), timed(Word::Freerun, 55), NO_VALUE] {
        bench.push(0, update);
    }
    bench.poll(10, 20, &[lock(Word::Holdover)]);
    let once = Outcomes { changed: 1, repeated: 1, late: 1, stateless: 1 };
    assert_eq!(bench.channels.outcomes(Resource::LockState), once);
    assert_eq!(bench.channels.outcomes(Resource::OsClock), Outcomes::default());
}

#[test]
fn a_push_that_says_better_is_confirmed_by_a_poll() {
    let mut bench = Bench::new();
    bench.push(0, lock(Word::Freerun));
    bench.push(10, lock(Word::Locked));
    assert_eq!(bench.state(), State::Locked);
    assert_eq!(bench.asks, [Ask { at: at(10).after(SETTLE_NS), is_urgent: false }]);
    bench.poll(1010, 1020, &[lock(Word::Holdover)]);
    assert_eq!(bench.state(), State::Holdover, "it came late");
}

#[test]
fn a_poll_degrades_at_once() {
    let mut bench = Bench::new();
    bench.push(0, lock(Word::Locked));
    bench.poll(10, 20, &[lock(Word::Holdover)]);
    assert_eq!(bench.state(), State::Holdover);
}

#[test]
fn a_poll_asked_before_the_last_push_says_nothing() {
    let mut bench = Bench::new();
    bench.push(0, lock(Word::Locked));
    bench.push(2000, lock(Word::Locked));
    bench.poll(1999, 2010, &[lock(Word::Freerun)]);
    assert_eq!(bench.state(), State::Locked);
    assert_eq!(bench.asks, [Ask { at: at(2000).after(SETTLE_NS), is_urgent: false }]);
}

#[test]
fn a_poll_upgrades_only_after_settling_and_a_second_opinion() {
    let mut bench = Bench::new();
    bench.push(0, lock(Word::Freerun));
    bench.poll(500, 510, &[lock(Word::Locked)]);
    assert_eq!((bench.state(), bench.asks.len()), (State::Freerun, 1), "too soon after the push");
    bench.poll(1000, 1010, &[lock(Word::Locked)]);
    assert_eq!(bench.state(), State::Freerun, "the first that contradicts it");
    assert_eq!(bench.asks.last().unwrap().at, at(1000).after(SECOND_OPINION_NS));
    bench.poll(1500, 1510, &[lock(Word::Locked)]);
    assert_eq!(bench.state(), State::Freerun, "the second comes too soon");
    bench.poll(2000, 2010, &[lock(Word::Locked)]);
    assert_eq!(bench.state(), State::Locked);
}

#[test]
fn a_contradiction_is_forgotten_when_a_poll_agrees_with_the_push() {
    let mut bench = Bench::new();
    bench.push(0, lock(Word::Freerun));
    bench.poll(1000, 1010, &[lock(Word::Locked)]);
    bench.poll(2000, 2010, &[lock(Word::Freerun)]);
    bench.poll(3000, 3010, &[lock(Word::Locked)]);
    assert_eq!(bench.state(), State::Freerun, "that was the first of a new pair");
}

#[test]
fn a_poll_that_agrees_with_the_last_push_is_believed_at_once() {
    let mut bench = Bench::new();
    bench.push(0, lock(Word::Locked));
    bench.poll(5000, 5010, &[lock(Word::Holdover)]);
    bench.poll(6000, 6010, &[lock(Word::Locked)]);
    assert_eq!(bench.state(), State::Locked);
}

#[test]
fn a_void_channel_takes_the_first_poll() {
    let mut bench = Bench::new();
    bench.push(0, lock(Word::Freerun));
    bench.advance(15_000);
    bench.advance(60_000);
    bench.poll(60_000, 60_010, &[lock(Word::Locked)]);
    assert_eq!(bench.state(), State::Locked);
}

#[test]
fn a_value_that_is_heard_again_after_silence_may_have_come_at_any_time() {
    let mut bench = Bench::new();
    bench.push(0, lock(Word::Freerun));
    bench.advance(15_000);
    bench.advance(60_000);
    bench.poll(90_000, 90_010, &[lock(Word::Freerun)]);
    assert_eq!(bench.only().change(), Change { earliest: at(0), at: at(90_010) });
}

#[test]
fn an_answer_without_a_state_changes_nothing_but_age() {
    let mut bench = Bench::new();
    bench.push(0, lock(Word::Locked));
    bench.poll(14_000, 14_010, &[Update { offset: Some(Some(Decimal::from_whole(3))), ..NO_VALUE }]);
    assert_eq!(bench.only().offset(), Some(Decimal::from_whole(3)));
    assert_eq!(bench.advance(15_000).freshness(), Freshness::Stale);
}

#[test]
fn a_metric_alone_makes_no_channel() {
    let mut bench = Bench::new();
    bench.push(0, Update { offset: Some(Some(Decimal::from_whole(3))), ..NO_VALUE });
    bench.poll(0, 1, &[Update { offset: Some(None), ..NO_VALUE }]);
    assert_eq!(bench.channels.iter().count(), 0);
}

#[test]
fn an_unknown_word_voids_and_is_polled() {
    let mut bench = Bench::new();
    bench.push(0, lock(Word::Freerun));
    bench.push(10, Update { has_unknown_word: true, ..NO_VALUE });
    assert_eq!(bench.state(), State::Unknown);
    assert!(bench.only().has_unknown_word());
    assert_eq!(bench.asks, [Ask { at: at(10), is_urgent: true }]);
    bench.poll(11, 12, &[lock(Word::Locked)]);
    assert_eq!((bench.state(), bench.only().has_unknown_word()), (State::Locked, false));
}

#[test]
fn a_late_push_is_held_and_polled_first_of_all() {
    let mut bench = Bench::new();
    bench.push(0, timed(Word::Freerun, 1_000));
    bench.push(1, timed(Word::Holdover, 999));
    assert_eq!(bench.state(), State::Freerun);
    assert_eq!(bench.asks, [Ask { at: at(1), is_urgent: true }]);
    bench.poll(2, 5, &[lock(Word::Freerun)]);
    assert_eq!(bench.advance(2000).state(), State::Freerun);
    assert!(!bench.only().is_unconfirmed());
}

#[test]
fn the_worse_of_two_disputed_pushes_applies_without_a_poll() {
    let mut bench = Bench::new();
    bench.push(0, timed(Word::Locked, 1_000));
    bench.push(1, timed(Word::Freerun, 999));
    bench.push(2, timed(Word::Holdover, 998));
    let due = bench.channels.deadline();
    assert_eq!(due, at(1).after(UNCONFIRMED_NS));
    assert_eq!(bench.advance(1000).state(), State::Locked);
    assert_eq!(bench.advance(1001).state(), State::Freerun);
    assert!(bench.only().is_unconfirmed());
    bench.poll(1100, 1110, &[lock(Word::Locked)]);
    assert_eq!(bench.state(), State::Locked, "the last push that counted said so");
    assert!(!bench.only().is_unconfirmed());
}

#[test]
fn a_poll_asked_before_the_dispute_does_not_settle_it() {
    let mut bench = Bench::new();
    bench.push(0, timed(Word::Locked, 1_000));
    bench.push(100, timed(Word::Freerun, 999));
    bench.poll(50, 150, &[lock(Word::Locked)]);
    assert_eq!(bench.advance(1100).state(), State::Freerun);
}

#[test]
fn a_settled_dispute_is_looked_at_again_for_current_state_may_lag() {
    let mut bench = Bench::new();
    bench.push(0, timed(Word::Locked, 1_000));
    bench.push(1, timed(Word::Holdover, 999));
    for asked in [2, 1002] {
        bench.poll(asked, asked + 1, &[lock(Word::Locked)]);
        assert_eq!(bench.asks.last().unwrap(), &Ask { at: at(asked).after(SETTLE_NS), is_urgent: true });
        assert_eq!(bench.state(), State::Locked);
    }
    let asks = bench.asks.len();
    bench.poll(2002, 2003, &[lock(Word::Locked)]);
    assert_eq!(bench.asks.len(), asks, "that is enough");
    assert_eq!(bench.only().disputed(), None);
}

#[test]
fn a_push_is_late_up_to_a_minute_and_only_close_behind_a_younger_one() {
    let mut bench = Bench::new();
    bench.push(0, timed(Word::Locked, 90_000));
    bench.push(1, timed(Word::Freerun, 30_000));
    bench.push(2, timed(Word::Holdover, 40_000));
    assert_eq!(bench.state(), State::Locked, "as from a sidecar that was frozen");
    bench.poll(3, 5, &[lock(Word::Locked)]);
    assert_eq!(bench.advance(2_000).state(), State::Locked);
    bench.push(2_001, timed(Word::Holdover, 70_000));
    assert_eq!(bench.state(), State::Holdover, "it comes too long after to be late");
    bench.push(2_002, timed(Word::Freerun, 9_999));
    assert_eq!(bench.state(), State::Freerun, "that clock was set");
}

#[test]
fn a_producer_that_keeps_order_is_never_late() {
    let mut bench = Bench::new();
    for (millis, update) in [(0, timed(Word::Locked, 1_000)), (1, timed(Word::Freerun, 999))] {
        let source = Source::Push { reorders: false };
        bench
            .channels
            .take(at(millis), &UpdateRoom::of(&[update]).updates(), source, |_, ask| bench.asks.push(ask));
    }
    assert_eq!(bench.state(), State::Freerun);
}

#[test]
fn transitions_are_counted_with_the_worst_between() {
    let mut bench = Bench::new();
    bench.push(0, lock(Word::Locked));
    assert_eq!(bench.told(), [("ens1fx/master".to_owned(), 1, Some(Value::Word(Word::Locked)), false)]);
    bench.push(10, lock(Word::Holdover));
    bench.push(20, lock(Word::Locked));
    assert_eq!(bench.told(), [("ens1fx/master".to_owned(), 2, Some(Value::Word(Word::Holdover)), false)]);
    bench.push(30, lock(Word::Locked));
    assert_eq!(bench.told(), []);
    bench.advance(15_030);
    assert_eq!(bench.told(), [("ens1fx/master".to_owned(), 0, None, false)], "it is stale");
}

#[test]
fn a_bare_master_is_the_only_interface_and_takes_its_name_once_known() {
    let class = |instance: &'static [u8], level| Update {
        resource: Resource::ClockClass,
        instance,
        value: Some(Value::Level(level)),
        ..NO_VALUE
    };
    let mut bench = Bench::new();
    bench.poll(0, 1, &[class(b"master", 6)]);
    bench.push(10, class(b"ens1fx/master", 7));
    assert_eq!(bench.only().instance(), b"ens1fx/master");
    bench.poll(2000, 2001, &[class(b"master", 7)]);
    assert_eq!(bench.only().value(), Some(Value::Level(7)));

    let mut bench = Bench::new();
    bench.push(0, lock(Word::Locked));
    bench.poll(0, 1, &[class(b"master", 6)]);
    let instances: Vec<_> = bench.channels.iter().map(Channel::instance).collect();
    assert_eq!(instances, [b"ens1fx/master", b"ens1fx/master"], "the interface is known from the lock");

    let mut bench = Bench::new();
    bench.push(0, lock(Word::Locked));
    bench.push(0, Update { instance: b"ens2fx/master", ..lock(Word::Locked) });
    bench.poll(0, 1, &[class(b"master", 6)]);
    assert_eq!(bench.channels.iter().last().unwrap().instance(), b"master", "of two it is neither");
}

#[test]
fn an_instance_missing_from_two_answers_is_gone() {
    let other = Update { instance: b"ens2fx/master", ..lock(Word::Locked) };
    let mut bench = Bench::new();
    bench.push(0, lock(Word::Freerun));
    bench.push(0, other);
    bench.told();
    bench.poll(5000, 5001, &[other]);
    bench.poll(10_000, 10_001, &[lock(Word::Freerun), other]);
    bench.poll(15_000, 15_001, &[other]);
    assert_eq!(bench.channels.iter().count(), 2, "not twice in a row");
    bench.poll(20_000, 20_001, &[other]);
    assert_eq!(bench.told(), [("ens1fx/master".to_owned(), 0, None, true)]);
    assert_eq!(bench.only().instance(), b"ens2fx/master");
    bench.poll(25_000, 25_001, &[Update { instance: b"ens2fx/master", ..NO_VALUE }]);
    assert_eq!(bench.channels.iter().count(), 1, "absence of all proves nothing");
}

#[test]
fn an_instance_that_is_gone_counts_no_more_before_it_is_told() {
    let other = Update { instance: b"ens2fx/master", ..lock(Word::Locked) };
    let mut bench = Bench::new();
    bench.push(0, lock(Word::Freerun));
    bench.push(0, other);
    bench.poll(5000, 5001, &[other]);
    bench.poll(10_000, 10_001, &[other]);
    assert_eq!(bench.only().instance(), b"ens2fx/master");
    assert!(bench.told().iter().any(|(_, _, _, is_gone)| *is_gone));
}

#[test]
fn an_offset_is_quiet_unless_it_tells_something_new() {
    let with =
        |word, offset: Option<i64>| Update { offset: Some(offset.map(Decimal::from_whole)), ..lock(word) };
    for (before, after, quiet) in [
        (Some(7), Some(7), true),
        (Some(7), None, true),
        (None, Some(5000), true),
        (Some(7), Some(-100), true),
        (Some(7), Some(101), false),
        (Some(-480), Some(400), true),
        (Some(400), Some(-481), false),
    ] {
        let mut bench = Bench::new();
        bench.push(0, with(Word::Locked, before));
        bench.push(1, with(Word::Freerun, after));
        assert_eq!(bench.only().is_offset_quiet(), quiet, "{before:?} {after:?}");
    }
    let mut bench = Bench::new();
    bench.push(0, with(Word::Locked, Some(7)));
    bench.advance(15_000);
    bench.advance(60_000);
    bench.poll(60_000, 60_001, &[with(Word::Freerun, Some(5000))]);
    assert!(bench.only().is_offset_quiet(), "beside what is void nothing is new");
}

#[test]
fn more_instances_than_memory_are_noted() {
    let mut bench = Bench::new();
    for index in 0..7 {
        let name = format!("ens{index}fx/master");
        bench.push(0, Update { instance: name.as_bytes(), ..lock(Word::Locked) });
    }
    assert!(bench.channels.is_full());
    let mut bench = Bench::new();
    bench.push(0, Update { instance: &[b'x'; 49], ..lock(Word::Locked) });
    assert!(bench.channels.is_full());
}
