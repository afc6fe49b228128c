//! The policy's own holdover budget.

use super::*;

fn with_budget() -> Bench {
    let policy = Policy { holdover_budget_ns: Some(20 * SECOND_NS), ..Policy::for_role(Role::OrdinaryClock) };
    let mut bench = Bench::with(policy);
    bench.os(0, Word::Locked);
    bench.lock(0, Word::Locked);
    bench
}

/// Keeps both channels alive up to `millis` without saying anything new.
fn keep(bench: &mut Bench, from: u64, millis: u64, lock: Word) -> Verdict {
    for second in from / 1000..millis / 1000 {
        bench.wait(second * 1000 + 500);
        bench.os(second * 1000 + 500, Word::Locked);
        bench.lock(second * 1000 + 500, lock);
    }
    bench.wait(millis)
}

#[test]
fn row_2_a_spent_budget_ends_holdover() {
    let mut bench = with_budget();
    let verdict = bench.lock(1000, Word::Holdover);
    assert_eq!(verdict.holdover_until, Some(at(21_000)));
    let verdict = keep(&mut bench, 1000, 19_000, Word::Holdover);
    assert_eq!(verdict.state, State::Holdover);
    assert!(!bench.judge.take_wishes().required);
    bench.wait(20_000);
    assert!(bench.judge.take_wishes().required, "just before it ends the channels are polled");
    assert!(!bench.judge.take_wishes().required, "once");
    assert_eq!(bench.wait(20_999).state, State::Holdover);
    let verdict = bench.wait(21_000);
    assert!(verdict.state == State::Freerun && has(verdict, Reason::HoldoverBudgetSpent));
}

#[test]
fn row_2_the_budget_runs_through_silence_but_silence_does_not_start_it() {
    let mut bench = with_budget();
    bench.lock(1000, Word::Holdover);
    assert_eq!(bench.wait(21_000).state, State::Freerun);
    assert_eq!(bench.wait(100_000).state, State::Freerun, "void since");
    let mut bench = with_budget();
    assert_eq!(bench.wait(200_000).state, State::Unknown);
}

#[test]
fn the_budget_is_not_restarted_by_freerun_and_full_again_after_10_s_of_locked() {
    let mut bench = with_budget();
    bench.lock(1000, Word::Holdover);
    bench.lock(2000, Word::Freerun);
    bench.lock(3000, Word::Holdover);
    assert_eq!(keep(&mut bench, 3000, 12_000, Word::Holdover).holdover_until, Some(at(21_000)));
    bench.lock(12_000, Word::Locked);
    keep(&mut bench, 12_000, 21_000, Word::Locked);
    assert_eq!(bench.judge.verdict().state, State::Locked, "LOCKED cancels it");
    let verdict = bench.lock(21_900, Word::Holdover);
    assert_eq!(verdict.state, State::Freerun, "nine seconds do not refill it");
    bench.lock(22_000, Word::Locked);
    keep(&mut bench, 22_000, 33_000, Word::Locked);
    assert_eq!(bench.lock(34_000, Word::Holdover).holdover_until, Some(at(54_000)));
}

#[test]
fn a_budget_whose_start_was_not_seen_runs_from_now_and_says_so() {
    let policy = Policy { holdover_budget_ns: Some(5 * SECOND_NS), ..Policy::for_role(Role::OrdinaryClock) };
    let mut bench = Bench::with(policy);
    bench.os(100, Word::Locked);
    let verdict = bench.lock(100, Word::Holdover);
    assert!(has(verdict, Reason::HoldoverStartUnknown));
    assert_eq!(verdict.holdover_until, Some(at(5100)));
    assert_eq!(bench.wait(5100).state, State::Freerun);
}

#[test]
fn without_a_budget_the_producer_alone_ends_holdover() {
    let mut bench = Bench::locked(Role::Grandmaster);
    bench.lock(1000, Word::Holdover);
    let verdict = keep(&mut bench, 1000, 14_400_000, Word::Holdover);
    assert_eq!((verdict.state, verdict.holdover_until), (State::Holdover, None));
}

#[test]
fn a_budget_does_not_end_a_clock_that_was_locked_when_it_fell_silent() {
    let policy = Policy { holdover_budget_ns: Some(5 * SECOND_NS), ..Policy::for_role(Role::OrdinaryClock) };
    let mut bench = Bench::with(policy);
    bench.os(0, Word::Locked);
    bench.lock(0, Word::Locked);
    bench.lock(1000, Word::Holdover);
    bench.lock(2000, Word::Locked);
    assert_eq!(bench.wait(70_000).state, State::Unknown);
}

#[test]
fn a_budget_runs_while_another_channel_is_void() {
    let policy = Policy { holdover_budget_ns: Some(5 * SECOND_NS), ..Policy::for_role(Role::OrdinaryClock) };
    let mut bench = Bench::with(policy);
    bench.os(0, Word::Locked);
    bench.lock(0, Word::Locked);
    for second in 1..70 {
        bench.lock(second * 1000, Word::Locked);
    }
    bench.lock(70_000, Word::Holdover);
    assert_eq!(bench.wait(74_999).state, State::Unknown, "the host's clock is void");
    assert_eq!(bench.wait(75_000).state, State::Freerun);
}
