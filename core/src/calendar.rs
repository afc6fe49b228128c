//! The Gregorian calendar, in days from 1970-01-01.

/// Days of a month, 1 to 12.
pub(crate) const fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar, of a year of four digits.
///
/// They are counted in years that begin in March, and in 400 more of them, so that none is below zero.
pub(crate) fn days_from_civil(year: u32, month: u32, day: u32) -> i64 {
    let (year, month) = if month > 2 {
        (year.wrapping_add(400), month.wrapping_sub(3))
    } else {
        (year.wrapping_add(399), month.wrapping_add(9))
    };
    let leap_days = (year / 4).wrapping_sub(year / 100).wrapping_add(year / 400);
    let day_of_year = month.wrapping_mul(153).wrapping_add(2) / 5;
    let days = year.wrapping_mul(365).wrapping_add(leap_days).wrapping_add(day_of_year).wrapping_add(day);
    i64::from(days).wrapping_sub(719_469 + 146_097)
}

/// The date `days` days after 1970-01-01, as year, month, day; of the years of a [`Timestamp`](crate::time::Timestamp).
///
/// As [`days_from_civil`] counts them: from 1 March of the year 0, before which there is none.
pub(crate) fn civil_from_days(days: i64) -> (u32, u32, u32) {
    let days = days.saturating_add(719_468) as u32;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let leap_days = (day_of_era / 1460).wrapping_sub(day_of_era / 36_524).wrapping_add(day_of_era / 146_096);
    let year_of_era = day_of_era.wrapping_sub(leap_days) / 365;
    let days_before =
        year_of_era.wrapping_mul(365).wrapping_add(year_of_era / 4).wrapping_sub(year_of_era / 100);
    let day_of_year = day_of_era.wrapping_sub(days_before);
    let month = day_of_year.wrapping_mul(5).wrapping_add(2) / 153;
    let day = day_of_year.wrapping_sub(month.wrapping_mul(153).wrapping_add(2) / 5).wrapping_add(1);
    let year = era.wrapping_mul(400).wrapping_add(year_of_era);
    if month < 10 {
        (year, month.wrapping_add(3), day)
    } else {
        (year.wrapping_add(1), month.wrapping_sub(9), day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every day of 400 years follows the day before it.
    #[test]
    fn no_day_is_missing() {
        let mut before = civil_from_days(-73_050);
        for days in -73_049..=73_047 {
            let (year, month, day) = civil_from_days(days);
            let next =
                [(before.0, before.1, before.2 + 1), (before.0, before.1 + 1, 1), (before.0 + 1, 1, 1)];
            assert!(next.contains(&(year, month, day)), "{days}");
            assert_eq!(days_from_civil(year, month, day), days);
            before = (year, month, day);
        }
        assert_eq!(before, (2169, 12, 30));
    }
}
