//! Times in the spellings that producers use.

/// What a text says as a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Time {
    None,
    /// Nanoseconds since 1970.
    At(i64),
    /// The same, in a year that core may leave out: see [`is_at_the_edge`].
    Perhaps(i64),
}

/// The time that `text` says.
pub(crate) fn time(text: &str) -> Time {
    let nanos = date_time(text).or_else(|| epoch(text));
    match nanos.map(i64::try_from) {
        Some(Ok(nanos)) if is_at_the_edge(nanos) => Time::Perhaps(nanos),
        Some(Ok(nanos)) => Time::At(nanos),
        _ => Time::None,
    }
}

/// Policy: times are read for the years 1678 to 2261; of the years that an `i64` holds in part there is no word.
fn is_at_the_edge(nanos: i64) -> bool {
    const START_OF_1678: i128 = days(1678, 1, 1) * 86_400 * 1_000_000_000;
    const START_OF_2262: i128 = days(2262, 1, 1) * 86_400 * 1_000_000_000;
    !(START_OF_1678..START_OF_2262).contains(&i128::from(nanos))
}

/// `YYYY-MM-DD?HH:MM:SS`, a fraction or six digits of microseconds, and a zone.
fn date_time(text: &str) -> Option<i128> {
    let (date_time, rest) = text.split_at_checked(19)?;
    let shape: String = date_time
        .chars()
        .map(|byte| if byte.is_ascii_digit() { '0' } else { byte.to_ascii_lowercase() })
        .collect();
    if !matches!(shape.as_str(), "0000-00-00t00:00:00" | "0000-00-00 00:00:00") {
        return None;
    }
    let number = |start: usize, end: usize| date_time[start..end].parse::<i128>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if !(1..=12).contains(&month) || !(1..=month_length(year, month)).contains(&day) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let zone_at = rest.find(['Z', 'z', '+', '-'])?;
    let (fraction, zone) = rest.split_at(zone_at);
    let nanos = match fraction.strip_prefix(['.', ',']) {
        Some(digits) => fraction_nanos(digits)?,
        None if fraction.is_empty() => 0,
        None if fraction.len() == 6 => fraction_nanos(fraction)?,
        None => return None,
    };
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - zone_seconds(zone)?;
    Some(seconds * 1_000_000_000 + nanos)
}

/// Seconds since 1970, with or without a fraction.
fn epoch(text: &str) -> Option<i128> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    if seconds.is_empty() || !seconds.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = seconds.trim_start_matches('0');
    if seconds.len() > 18 {
        return None;
    }
    let seconds: i128 = if seconds.is_empty() { 0 } else { seconds.parse().ok()? };
    Some(seconds * 1_000_000_000 + fraction_nanos(fraction)?)
}

fn fraction_nanos(digits: &str) -> Option<i128> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{digits}000000000")[..9].parse().ok()
}

fn zone_seconds(zone: &str) -> Option<i128> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let (sign, digits) = match zone.strip_prefix('+') {
        Some(digits) => (1, digits),
        None => (-1, zone.strip_prefix('-')?),
    };
    let (hours, minutes) = match digits.len() {
        4 => digits.split_at_checked(2)?,
        5 => digits.split_once(':')?,
        _ => return None,
    };
    let number = |digits: &str| {
        let is_number = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { digits.parse::<i128>().ok() } else { None }
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    if hours > 23 || minutes > 59 { None } else { Some(sign * (hours * 3600 + minutes * 60)) }
}

const fn is_leap(year: i128) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

const fn month_length(year: i128, month: i128) -> i128 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01, counted month by month behind the years before.
const fn days(year: i128, month: i128, day: i128) -> i128 {
    let before = year - 1;
    let leap_days = before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400);
    let mut days = before * 365 + leap_days + day - 1 - 719_162;
    let mut past = 1;
    while past < month {
        days += month_length(year, past);
        past += 1;
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_worked_out() {
        assert_eq!(time("1970-01-01T00:00:00Z"), Time::At(0));
        assert_eq!(time("2026-11-22t18:48:52.084008+01:00"), Time::At(1_795_369_732_084_008_000));
        assert_eq!(time("2026-11-22 17:48:52084008z"), Time::At(1_795_369_732_084_008_000));
        assert_eq!(time("2016-12-31T23:59:60Z"), Time::At(1_483_228_800_000_000_000));
        assert_eq!(time("1795370096.5"), Time::At(1_795_370_096_500_000_000));
        assert_eq!(time("2262-01-01T00:00:00Z"), Time::Perhaps(9_214_646_400_000_000_000));
        for text in [
            "",
            "2026-11-22T10:30:00z01:00",
            "2026-02-29T00:00:00Z",
            "2026-11-22T17:48:52",
            "1795370096.5x",
            "-1",
        ] {
            assert_eq!(time(text), Time::None, "{text}");
        }
    }
}
