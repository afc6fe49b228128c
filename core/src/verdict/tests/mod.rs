//! The chart, row by row, and what counts in it.

mod budget;
mod follow;

use super::*;
use crate::event::{Decimal, Word};
use crate::limits::{RECOVER_NS, STALE_NS, VOID_NS};
use crate::time::{MILLISECOND_NS, SECOND_NS};
use crate::track::{Ageing, ChannelSlot, Source, Update, UpdateRoom, Value};

/// Channels and their judge, moved in milliseconds.
struct Bench {
    channels: Channels<'static>,
    policy: Policy<'static>,
    judge: Judge,
    link: LinkFacts,
}

impl Bench {
    fn new(role: Role) -> Self {
        Self::with(Policy::for_role(role))
    }

    fn with(policy: Policy<'static>) -> Self {
        let slots: &'static mut [ChannelSlot] = Box::leak(vec![ChannelSlot::new(); 8].into_boxed_slice());
        Self {
            channels: Channels::new(slots, Ageing { stale_ns: STALE_NS, void_ns: VOID_NS }),
            policy,
            judge: Judge::new(at(0)),
            link: LinkFacts::default(),
        }
    }

    fn push(&mut self, millis: u64, resource: Resource, instance: &[u8], value: Value, offset: Option<i64>) {
        let offset = Some(offset.map(Decimal::from_whole));
        let mut room = UpdateRoom::of(&[Update { offset, ..update(resource, instance, Some(value)) }]);
        self.channels.take(at(millis), &room.updates(), Source::Push { reorders: false }, |_, _| ());
        self.pass(millis);
    }

    fn lock(&mut self, millis: u64, word: Word) -> Verdict {
        self.push(millis, Resource::LockState, b"ens1fx/master", Value::Word(word), None);
        self.judge.verdict()
    }

    fn os(&mut self, millis: u64, word: Word) -> Verdict {
        self.push(millis, Resource::OsClock, b"", Value::Word(word), None);
        self.judge.verdict()
    }

    fn class(&mut self, millis: u64, class: u8) {
        self.push(millis, Resource::ClockClass, b"ens1fx/master", Value::Level(class), None);
    }

    fn gnss(&mut self, millis: u64, word: Word) {
        self.push(millis, Resource::Gnss, b"ens1fx/master", Value::Word(word), None);
    }

    /// An answer to CurrentState that was asked for a millisecond before.
    fn poll_os(&mut self, millis: u64, word: Word) -> Verdict {
        let mut room = UpdateRoom::of(&[update(Resource::OsClock, b"", Some(Value::Word(word)))]);
        let source = Source::Poll { resource: Resource::OsClock, asked: at(millis - 1) };
        self.channels.take(at(millis), &room.updates(), source, |_, _| ());
        self.pass(millis)
    }

    fn pass(&mut self, millis: u64) -> Verdict {
        self.channels.advance(at(millis));
        self.judge.judge(at(millis), &self.policy, &self.channels, self.link);
        self.judge.verdict()
    }

    /// Lets time pass up to `millis`, judging exactly when the judge says that the verdict may change.
    fn wait(&mut self, millis: u64) -> Verdict {
        let until = |bench: &Self| bench.judge.until().min(bench.channels.deadline());
        while until(self) <= at(millis) {
            let until = until(self);
            self.channels.advance(until);
            self.judge.judge(until, &self.policy, &self.channels, self.link);
            assert!(self.judge.until().min(self.channels.deadline()) > until, "time goes on");
        }
        self.pass(millis)
    }

    fn locked(role: Role) -> Self {
        let mut bench = Self::new(role);
        bench.os(0, Word::Locked);
        assert_eq!(bench.lock(0, Word::Locked).state, State::Locked);
        bench
    }
}

fn at(millis: u64) -> Instant {
    Instant::from_nanos(1_000 * SECOND_NS + millis * MILLISECOND_NS)
}

fn has(verdict: Verdict, reason: Reason) -> bool {
    verdict.reasons.contains(reason)
}

/// What a message says of one channel, and nothing beside its value.
fn update(resource: Resource, instance: &[u8], value: Option<Value>) -> Update<'_> {
    Update { resource, instance, value, has_unknown_word: false, offset: None, fix: None, time: None }
}

#[test]
fn row_1_any_freerun_is_freerun() {
    for role in [Role::OrdinaryClock, Role::BoundaryClock, Role::Grandmaster] {
        let mut bench = Bench::locked(role);
        let verdict = bench.lock(10, Word::Freerun);
        assert_eq!(verdict.state, State::Freerun);
        assert!(has(verdict, Reason::LockFreerun));
    }
    let mut bench = Bench::new(Role::OrdinaryClock);
    assert_eq!(bench.lock(0, Word::Freerun).state, State::Freerun, "whatever else is not known");
}

#[test]
fn row_1_a_stale_freerun_is_still_freerun_and_a_void_one_is_not() {
    let mut bench = Bench::locked(Role::OrdinaryClock);
    bench.lock(10, Word::Freerun);
    let verdict = bench.wait(59_999);
    assert!(verdict.state == State::Freerun && has(verdict, Reason::Stale));
    assert_eq!(bench.wait(60_010).state, State::Unknown);
}

#[test]
fn row_3_a_void_required_channel_is_unknown() {
    let mut bench = Bench::new(Role::OrdinaryClock);
    let verdict = bench.lock(0, Word::Locked);
    assert!(verdict.state == State::Unknown && has(verdict, Reason::Starting));
    assert!(has(bench.wait(59_000), Reason::Starting));
    assert!(!has(bench.pass(59_000), Reason::RequiredMissing));
    let mut bench = Bench::locked(Role::OrdinaryClock);
    bench.os(30_000, Word::Locked);
    let verdict = bench.wait(60_000);
    assert_eq!((verdict.state, verdict.last_known), (State::Unknown, State::Locked));
    assert!(has(verdict, Reason::Void) && !has(verdict, Reason::Starting));
}

#[test]
fn row_3_a_resource_that_never_reports_is_named_after_a_minute() {
    let mut bench = Bench::new(Role::OrdinaryClock);
    bench.link.has_no_data = true;
    let verdict = bench.wait(60_000);
    assert!(has(verdict, Reason::RequiredMissing) && has(verdict, Reason::NoData));
}

#[test]
fn row_4_holdover() {
    let mut bench = Bench::locked(Role::OrdinaryClock);
    let verdict = bench.lock(10, Word::Holdover);
    assert!(verdict.state == State::Holdover && has(verdict, Reason::LockHoldover));
    let verdict = bench.os(20, Word::Holdover);
    assert!(has(verdict, Reason::OsHoldover) && !has(verdict, Reason::OsFollows));
}

#[test]
fn row_5_a_degraded_class_caps_after_5_s() {
    let mut bench = Bench::locked(Role::OrdinaryClock);
    bench.class(1000, 248);
    let verdict = bench.wait(5999);
    assert!(verdict.state == State::Locked && has(verdict, Reason::Class));
    let verdict = bench.wait(6000);
    assert_eq!(verdict.state, State::Holdover);
    bench.class(7000, 6);
    assert_eq!(bench.wait(7000 + RECOVER_NS / MILLISECOND_NS).state, State::Locked);
    for (class, reason) in [
        (7, Some(Reason::ClassUpstreamHoldover)),
        (135, Some(Reason::ClassUpstreamHoldover)),
        (52, Some(Reason::ClassUnknown)),
        (0, None),
        (255, None),
    ] {
        let mut bench = Bench::locked(Role::OrdinaryClock);
        bench.class(1000, class);
        let verdict = bench.wait(14_000);
        assert_eq!(verdict.state, State::Locked, "{class}");
        assert_eq!(
            verdict.reasons,
            reason.map_or(Reasons::NONE, |reason| Reasons::NONE.with(reason)),
            "{class}"
        );
    }
}

#[test]
fn row_5_a_class_never_gives_freerun_and_a_stale_one_caps_nothing() {
    let mut bench = Bench::locked(Role::OrdinaryClock);
    bench.class(0, 248);
    bench.lock(14_000, Word::Locked);
    bench.os(14_000, Word::Locked);
    assert_eq!(bench.wait(14_999).state, State::Holdover);
    assert_eq!(bench.wait(18_001).state, State::Locked);
}

#[test]
fn row_6_gnss_caps_a_grandmaster_alone() {
    for (role, state) in [(Role::Grandmaster, State::Holdover), (Role::OrdinaryClock, State::Locked)] {
        let mut bench = Bench::locked(role);
        bench.gnss(1000, Word::AntennaDisconnected);
        let verdict = bench.wait(6000);
        assert!(verdict.state == state && has(verdict, Reason::Gnss), "{role:?}");
    }
}

#[test]
fn row_7_locked_comes_back_after_3_s_without_a_break() {
    let mut bench = Bench::locked(Role::OrdinaryClock);
    bench.lock(10, Word::Freerun);
    let verdict = bench.lock(1000, Word::Locked);
    assert!(verdict.state == State::Freerun && has(verdict, Reason::Recovering));
    bench.lock(2000, Word::Freerun);
    bench.lock(2100, Word::Locked);
    assert_eq!(bench.wait(5099).state, State::Freerun, "the break began it anew");
    assert_eq!(bench.wait(5100).state, State::Locked);
}

#[test]
fn row_7_freerun_to_holdover_is_debounced_and_degradation_never() {
    let mut bench = Bench::locked(Role::OrdinaryClock);
    bench.lock(10, Word::Freerun);
    bench.lock(1000, Word::Holdover);
    assert_eq!(bench.wait(3999).state, State::Freerun);
    assert_eq!(bench.wait(4000).state, State::Holdover);
    bench.lock(4001, Word::Locked);
    assert_eq!(bench.pass(4002).state, State::Holdover);
    assert_eq!(bench.lock(4003, Word::Freerun).state, State::Freerun);
}

#[test]
fn the_first_verdict_after_unknown_is_not_debounced_unless_the_last_was_freerun() {
    let mut bench = Bench::locked(Role::OrdinaryClock);
    assert_eq!(bench.wait(60_000).state, State::Unknown);
    bench.os(61_000, Word::Locked);
    assert_eq!(bench.lock(61_000, Word::Locked).state, State::Locked);

    let mut bench = Bench::locked(Role::OrdinaryClock);
    bench.lock(10, Word::Freerun);
    assert_eq!(bench.wait(60_010).state, State::Unknown);
    bench.os(61_000, Word::Locked);
    let verdict = bench.lock(61_000, Word::Locked);
    assert_eq!((verdict.state, verdict.last_known), (State::Unknown, State::Freerun), "as before");
    assert!(has(verdict, Reason::Recovering));
    assert_eq!(bench.wait(64_000).state, State::Locked);
}

#[test]
fn of_two_cards_any_is_enough_and_the_worst_counts_otherwise() {
    for (role, state) in [(Role::HighAvailability, State::Locked), (Role::OrdinaryClock, State::Freerun)] {
        let mut bench = Bench::locked(role);
        bench.push(10, Resource::LockState, b"ens2fx/master", Value::Word(Word::Freerun), None);
        let verdict = bench.judge.verdict();
        assert_eq!(verdict.state, state, "{role:?}");
        assert_eq!(has(verdict, Reason::InstancesDiffer), state == State::Freerun);
    }
}

#[test]
fn a_standby_that_is_heard_first_is_no_freerun() {
    let mut bench = Bench::new(Role::HighAvailability);
    bench.os(0, Word::Locked);
    bench.push(0, Resource::LockState, b"ens2fx/master", Value::Word(Word::Freerun), None);
    assert_eq!(bench.judge.verdict().state, State::Unknown, "the other may be locked");
    assert_eq!(bench.lock(10, Word::Locked).state, State::Locked);
}

#[test]
fn a_void_instance_is_unknown_under_any_when_the_other_runs_free() {
    let mut bench = Bench::new(Role::HighAvailability);
    bench.os(0, Word::Locked);
    bench.lock(0, Word::Locked);
    bench.push(10, Resource::LockState, b"ens2fx/master", Value::Word(Word::Freerun), None);
    bench.os(50_000, Word::Locked);
    bench.push(50_000, Resource::LockState, b"ens2fx/master", Value::Word(Word::Freerun), None);
    assert_eq!(bench.wait(60_000).state, State::Unknown, "the other could be locked");
}

#[test]
fn an_ntp_node_needs_no_ptp() {
    let mut bench = Bench::new(Role::Ntp);
    assert_eq!(bench.os(0, Word::Locked).state, State::Locked);
    assert_eq!(bench.os(10, Word::Freerun).state, State::Freerun, "strict");
}

#[test]
fn reasons_are_told_without_a_transition() {
    let mut bench = Bench::locked(Role::Assumed);
    let report = bench.judge.poll_report().unwrap();
    assert_eq!((report.transitions, report.worst), (1, State::Locked));
    assert!(has(report.verdict, Reason::RoleAssumed));
    bench.lock(10, Word::Freerun);
    bench.lock(20, Word::Locked);
    bench.wait(3020);
    let report = bench.judge.poll_report().unwrap();
    assert_eq!((report.transitions, report.worst), (2, State::Freerun));
    bench.link.is_lost = true;
    bench.pass(3030);
    let report = bench.judge.poll_report().unwrap();
    assert_eq!(report.transitions, 0);
    assert!(has(report.verdict, Reason::ProducerLost));
    assert_eq!(bench.judge.poll_report(), None);
}

#[test]
fn a_lost_channel_is_never_vouched_for() {
    let mut bench = Bench::locked(Role::OrdinaryClock);
    for index in 0..8 {
        let name = format!("ens{index}fx/master");
        bench.push(10, Resource::LockState, name.as_bytes(), Value::Word(Word::Locked), None);
    }
    let verdict = bench.judge.verdict();
    assert!(verdict.state == State::Unknown && has(verdict, Reason::ChannelsFull));
}

/// A grandmaster with a budget of 20 s.
#[test]
fn a_named_instance_that_was_never_seen_is_missed() {
    let policy =
        Policy { instances: Instances::Named(&["ens2fx/master"]), ..Policy::for_role(Role::OrdinaryClock) };
    let mut bench = Bench::with(policy);
    bench.os(0, Word::Locked);
    let verdict = bench.lock(0, Word::Freerun);
    assert!(verdict.state == State::Unknown && has(verdict, Reason::InstanceMissing));
    bench.push(10, Resource::LockState, b"ens2fx/master", Value::Word(Word::Locked), None);
    let verdict = bench.judge.verdict();
    assert!(verdict.state == State::Locked && !has(verdict, Reason::InstanceMissing));
    assert_eq!(bench.lock(20, Word::Holdover).state, State::Locked, "nobody asked for that one");
}

#[test]
fn a_disagreement_is_mentioned_after_5_s_and_polled_before() {
    let mut bench = Bench::locked(Role::OrdinaryClock);
    bench.push(1000, Resource::SyncState, b"", Value::Word(Word::Freerun), None);
    bench.wait(4999);
    assert!(!bench.judge.take_wishes().sync_state);
    bench.wait(5000);
    assert!(bench.judge.take_wishes().sync_state);
    assert!(!has(bench.wait(5999), Reason::Disagreement));
    let verdict = bench.wait(6000);
    assert!(verdict.state == State::Locked && has(verdict, Reason::Disagreement), "a reason only");
    bench.push(7000, Resource::SyncState, b"", Value::Word(Word::Locked), None);
    assert!(!has(bench.judge.verdict(), Reason::Disagreement));
}

#[test]
fn the_producers_own_state_counts_where_the_policy_says_so() {
    let policy = Policy { producer_floor: true, ..Policy::for_role(Role::OrdinaryClock) };
    let mut bench = Bench::with(policy);
    bench.os(0, Word::Locked);
    bench.lock(0, Word::Locked);
    bench.push(1000, Resource::SyncState, b"", Value::Word(Word::Holdover), None);
    assert_eq!(bench.judge.verdict().state, State::Holdover);
}

#[test]
fn an_offset_that_never_moves_is_mentioned_after_a_minute() {
    let mut bench = Bench::locked(Role::OrdinaryClock);
    for second in 0..=60 {
        assert!(!has(bench.judge.verdict(), Reason::OffsetFrozen), "{second}");
        bench.os(second * 1000, Word::Locked);
        bench.push(second * 1000, Resource::LockState, b"ens1fx/master", Value::Word(Word::Locked), Some(3));
    }
    let verdict = bench.judge.verdict();
    assert!(verdict.state == State::Locked && has(verdict, Reason::OffsetFrozen));
}

#[test]
fn of_two_cards_the_one_that_changed_last_tells_when() {
    let mut bench = Bench::locked(Role::OrdinaryClock);
    bench.push(0, Resource::LockState, b"ens2fx/master", Value::Word(Word::Locked), None);
    bench.lock(10_000, Word::Holdover);
    bench.os(10_001, Word::Freerun);
    assert_eq!(bench.judge.verdict().state, State::Holdover);
    assert_eq!(bench.lock(13_000, Word::Locked).state, State::Holdover);
    bench.os(13_050, Word::Locked);
    assert_eq!(bench.wait(17_000).state, State::Locked);
}

#[test]
fn a_channel_without_a_place_that_nothing_requires_is_a_reason_alone() {
    let mut bench = Bench::locked(Role::OrdinaryClock);
    bench.push(10, Resource::Gnss, &[b'x'; 49], Value::Word(Word::Synchronized), None);
    let verdict = bench.judge.verdict();
    assert!(verdict.state == State::Locked && has(verdict, Reason::ChannelsFull));
}

#[test]
fn which_of_equal_instances_counts_does_not_depend_on_their_places() {
    for instances in [[b"ens1fx/master", b"ens2fx/master"], [b"ens2fx/master", b"ens1fx/master"]] {
        let mut bench = Bench::new(Role::OrdinaryClock);
        bench.os(0, Word::Locked);
        for instance in instances {
            bench.push(0, Resource::LockState, instance, Value::Word(Word::Locked), None);
        }
        assert!(!has(bench.wait(VOID_NS / MILLISECOND_NS), Reason::UnknownWord));
        let unknown = update(Resource::LockState, b"ens1fx/master", None);
        let mut room = UpdateRoom::of(&[Update { has_unknown_word: true, ..unknown }]);
        bench.channels.take(at(61_000), &room.updates(), Source::Push { reorders: false }, |_, _| ());
        assert!(has(bench.pass(61_000), Reason::UnknownWord), "{instances:?}");
    }
}
