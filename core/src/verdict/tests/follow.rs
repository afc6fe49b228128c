//! The host's clock beside the PTP lock: what it is called, and when it counts.

use super::*;

#[test]
fn an_os_clock_that_follows_into_holdover_is_no_freerun_whichever_comes_first() {
    let mut bench = Bench::locked(Role::OrdinaryClock);
    bench.lock(1000, Word::Holdover);
    let verdict = bench.os(1002, Word::Freerun);
    assert!(verdict.state == State::Holdover && has(verdict, Reason::OsFollows));
    let mut bench = Bench::locked(Role::OrdinaryClock);
    assert_eq!(bench.os(1000, Word::Freerun).state, State::Locked);
    assert_eq!(bench.lock(1050, Word::Holdover).state, State::Holdover);
    assert_eq!(bench.wait(14_000).state, State::Holdover);
    let mut bench = Bench::locked(Role::OrdinaryClock);
    bench.lock(1000, Word::Holdover);
    assert_eq!(bench.os(2001, Word::Freerun).state, State::Freerun, "too long after");
}

#[test]
fn an_os_clock_whose_offset_moves_is_freerun_at_once() {
    let mut bench = Bench::new(Role::OrdinaryClock);
    bench.push(0, Resource::OsClock, b"", Value::Word(Word::Locked), Some(7));
    bench.lock(0, Word::Locked);
    bench.lock(1000, Word::Holdover);
    bench.push(1001, Resource::OsClock, b"", Value::Word(Word::Freerun), Some(1_234_567));
    assert_eq!(bench.judge.verdict().state, State::Freerun);
}

#[test]
fn an_os_clock_that_runs_free_alone_waits_100_ms_for_the_lock() {
    let mut bench = Bench::locked(Role::OrdinaryClock);
    bench.os(1000, Word::Freerun);
    assert_eq!(bench.judge.take_wishes().follow, Some((Resource::LockState, at(1000))), "and asks for it");
    assert_eq!(bench.wait(1099).state, State::Locked);
    let verdict = bench.wait(1100);
    assert!(verdict.state == State::Freerun && has(verdict, Reason::OsFreerun));
}

#[test]
fn after_the_lock_is_back_a_following_os_clock_counts_once_it_is_said_again() {
    let following = || {
        let mut bench = Bench::locked(Role::OrdinaryClock);
        bench.lock(1000, Word::Holdover);
        bench.os(1001, Word::Freerun);
        bench.lock(4000, Word::Locked);
        bench
    };
    let mut bench = following();
    assert_eq!(bench.wait(4052).state, State::Holdover);
    assert_eq!(bench.judge.take_wishes().follow, Some((Resource::OsClock, at(4100))));
    bench.os(4053, Word::Locked);
    assert_eq!(bench.wait(7053).state, State::Locked);
    let mut bench = following();
    assert_eq!(bench.os(4150, Word::Freerun).state, State::Freerun, "it is said again");
    let mut bench = following();
    for millis in [4150, 5150] {
        assert_eq!(bench.poll_os(millis, Word::Freerun).state, State::Holdover, "a poll only repeats it");
    }
    bench.os(5900, Word::Locked);
    assert_eq!(bench.wait(8900).state, State::Locked);
    let mut bench = following();
    assert_eq!(bench.wait(5999).state, State::Holdover);
    assert_eq!(bench.wait(6000).state, State::Freerun, "nobody said otherwise");
}

#[test]
fn an_os_clock_waits_for_a_lock_whose_report_came_late() {
    let mut bench = Bench::locked(Role::OrdinaryClock);
    let late = |millis: u64, word: Word, time: i64| Update {
        time: Some(crate::time::Timestamp::from_unix_nanos(time + i64::try_from(millis).unwrap())),
        ..update(Resource::LockState, b"ens1fx/master", Some(Value::Word(word)))
    };
    for (millis, word, time) in [(900, Word::Locked, 5_000), (1000, Word::Holdover, 1)] {
        let mut room = UpdateRoom::of(&[late(millis, word, time)]);
        bench.channels.take(at(millis), &room.updates(), Source::Push { reorders: true }, |_, _| ());
    }
    bench.os(1001, Word::Freerun);
    assert_eq!(bench.wait(1999).state, State::Locked, "the dispute is not settled");
    assert_eq!(bench.wait(2000).state, State::Holdover, "the worse of the two applies");
}

#[test]
fn channels_that_age_one_after_the_other_make_no_freerun_of_a_follower() {
    let mut bench = Bench::locked(Role::OrdinaryClock);
    bench.lock(1000, Word::Holdover);
    bench.os(1003, Word::Freerun);
    for millis in 60_990..61_010 {
        assert_ne!(bench.wait(millis).state, State::Freerun, "{millis}");
    }
    assert_eq!(bench.judge.verdict().state, State::Unknown);
}

#[test]
fn an_os_clock_that_runs_free_waits_for_a_lock_that_is_not_known_yet() {
    let mut bench = Bench::new(Role::OrdinaryClock);
    assert_eq!(bench.os(0, Word::Freerun).state, State::Unknown);
    assert_eq!(bench.lock(50, Word::Holdover).state, State::Holdover);
    let mut bench = Bench::new(Role::OrdinaryClock);
    bench.os(0, Word::Freerun);
    assert_eq!(bench.wait(100).state, State::Freerun);
}

#[test]
fn an_os_clock_loose_for_long_is_not_made_a_follower_by_a_later_holdover() {
    let mut bench = Bench::locked(Role::OrdinaryClock);
    bench.os(1000, Word::Freerun);
    assert_eq!(bench.wait(1100).state, State::Freerun);
    for second in 2..60 {
        bench.lock(second * 1000, Word::Locked);
    }
    bench.lock(60_000, Word::Holdover);
    assert_eq!(bench.wait(60_500).state, State::Freerun);
}

#[test]
fn a_void_os_clock_that_reports_freerun_is_never_locked_for_a_moment() {
    let mut bench = Bench::locked(Role::OrdinaryClock);
    for second in 1..61 {
        bench.lock(second * 1000, Word::Locked);
    }
    assert_eq!(bench.wait(60_001).state, State::Unknown);
    assert_ne!(bench.os(61_000, Word::Freerun).state, State::Locked);
    assert_eq!(bench.wait(61_200).state, State::Freerun);
}

#[test]
fn an_os_clock_that_follows_into_freerun_says_so_and_follows_back_to_holdover() {
    let mut bench = Bench::locked(Role::OrdinaryClock);
    bench.lock(1000, Word::Holdover);
    bench.os(1001, Word::Freerun);
    let verdict = bench.lock(6000, Word::Freerun);
    assert!(has(verdict, Reason::OsFreerun) && !has(verdict, Reason::OsFollows));
    bench.lock(7000, Word::Holdover);
    let verdict = bench.wait(10_000);
    assert!(verdict.state == State::Holdover && has(verdict, Reason::OsFollows));
}
