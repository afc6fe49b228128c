//! Budgets: counts that may not grow. Times are no business of theirs.

use ours::payload::Payload;
use ours::storage::SIZES;

use crate::client::Events;
use crate::server::{shipped, shipped_for_glibc};
use crate::{calls, decode, sizes, slots, whole};

/// Measures what has a budget, compares, and tells; `false` if a budget is exceeded, or missing, or of nothing.
pub(crate) fn hold(budgets: &str) -> bool {
    let counts = counts();
    let mut holds = true;
    for (name, count) in &counts {
        let budget = lines(budgets).find(|(known, _)| known == name).map(|(_, budget)| budget);
        holds &= compare(name, *count, budget);
    }
    for (name, _) in lines(budgets) {
        if !counts.iter().any(|(known, _)| known == name) {
            println!("FAILED {name}: a budget of nothing");
            holds = false;
        }
    }
    holds
}

/// Everything that has a budget, by its name.
fn counts() -> Vec<(String, f64)> {
    let decoded = Payload::ALL
        .map(|payload| payload.name)
        .map(|name| (format!("instructions-decode-{name}"), decode::instructions_of_ours(name)));
    let mut counts = decoded.to_vec();
    counts.push(("instructions-consumer".to_owned(), slots::instructions("4")));
    counts.push(("instructions-consumer-256-slots".to_owned(), slots::instructions("256")));
    counts.push(("instructions-dist".to_owned(), whole::instructions(&shipped_for_glibc(), Events::Same)));
    counts.push((
        "instructions-dist-transition".to_owned(),
        whole::instructions(&shipped_for_glibc(), Events::InTurn),
    ));
    counts.push(("instructions-static".to_owned(), whole::instructions(&shipped(), Events::Same)));
    counts
        .push(("instructions-static-transition".to_owned(), whole::instructions(&shipped(), Events::InTurn)));
    counts.push(("system-calls-static".to_owned(), calls::total(&calls::calls_of_ours(1))));
    counts.extend(SIZES.map(|(name, _, bytes)| (format!("bytes-{name}"), bytes as f64)));
    counts.push(("bytes-dist".to_owned(), sizes::bytes_of(&shipped_for_glibc()) as f64));
    counts.push(("bytes-static".to_owned(), sizes::bytes_of(&shipped()) as f64));
    counts
}

fn compare(name: &str, count: f64, budget: Option<f64>) -> bool {
    let Some(budget) = budget else {
        println!("FAILED {name}: {count:.2}, and no budget");
        return false;
    };
    let share = count / budget;
    let (verdict, hint) = match share {
        _ if share > 1.0 + SLACK => ("FAILED", ", over budget"),
        _ if share < 1.0 - SLACK => ("ok", ", the budget could be lower"),
        _ => ("ok", ""),
    };
    println!("{verdict} {name}: {count:.2} of {budget}, {:+.1} %{hint}", (share - 1.0) * 100.0);
    share <= 1.0 + SLACK
}

/// A name and a number on each line that is no comment.
fn lines(budgets: &str) -> impl Iterator<Item = (&str, f64)> {
    budgets.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
        let (name, number) = line.split_once(' ').expect("a name and a number");
        (name, number.trim().parse().expect("a number"))
    })
}

/// How far a count may be from its budget.
const SLACK: f64 = 0.03;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_holds_up_to_three_percent_over_its_budget() {
        assert!(compare("count", 103.0, Some(100.0)));
        assert!(compare("count", 50.0, Some(100.0)));
        assert!(!compare("count", 103.1, Some(100.0)));
        assert!(!compare("count", 1.0, None));
    }

    #[test]
    fn comments_and_empty_lines_are_no_budgets() {
        let lines: Vec<_> = lines("# name count\n\none 1\ntwo   2.5\n").collect();
        assert_eq!(lines, [("one", 1.0), ("two", 2.5)]);
    }
}
