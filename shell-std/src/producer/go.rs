//! Texts as Go's libraries write them: times, numbers, JSON strings.

use ptpwatch_core::time::{SECOND_NS, Timestamp};

/// A time of day as nanoseconds since the Unix epoch, in RFC 3339 without trailing zeros: `2026-11-22T18:07:28.27Z`.
pub(super) fn rfc3339(wall_ns: u64) -> String {
    let text = timestamp(wall_ns).to_string();
    let digits = text.trim_end_matches('Z').trim_end_matches('0');
    format!("{}Z", digits.strip_suffix('.').unwrap_or(digits))
}

/// The same as an HTTP date (RFC 9110 section 5.6.7): `Sun, 22 Nov 2026 18:07:28 GMT`.
pub(super) fn http_date(wall_ns: u64) -> String {
    let days = wall_ns / (SECOND_NS * 86_400);
    // 1970-01-01 was a Thursday.
    let weekday = WEEKDAYS[(days % 7) as usize];
    let text = timestamp(wall_ns).to_string();
    let month: usize = text[5..7].parse().unwrap_or(1);
    format!("{weekday}, {} {} {} {} GMT", &text[8..10], MONTHS[month - 1], &text[..4], &text[11..19])
}

/// A whole number that went through a float and `%g`: `12`, `-2.16213e+06`.
pub(super) fn float(number: i64) -> String {
    if number.unsigned_abs() < 1_000_000 {
        return number.to_string();
    }
    let sign = if number < 0 { "-" } else { "" };
    // As far as a float is exact, to 2^53, the shortest digits that read back are the number's own without its zeros.
    let digits = (number as f64 as i64).unsigned_abs().to_string();
    let (first, rest) = digits.split_at(1);
    let rest = rest.trim_end_matches('0');
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{first}{point}{rest}e+{:02}", digits.len() - 1)
}

/// A JSON string, quotes included. Go escapes what could end a script element in HTML too.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..' ' => {
                out.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            _ => out.push(character),
        }
    }
    out + "\""
}

/// The path that is routed, or its clean spelling, without empty and dot segments, which Go redirects to.
pub(super) fn path(path: &str) -> Result<String, String> {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    let slash = if path.ends_with('/') && !segments.is_empty() { "/" } else { "" };
    let clean = format!("/{}{slash}", segments.join("/"));
    if clean == path { Ok(clean) } else { Err(clean) }
}

/// A list of objects, pretty-printed. Their members are names and JSON.
pub(super) fn indented(objects: &[Vec<(&str, String)>]) -> String {
    let object = |members: &Vec<(&str, String)>| {
        let members: Vec<String> =
            members.iter().map(|(key, value)| format!("\n  \"{key}\": {value}")).collect();
        format!("{{{}\n }}", members.join(","))
    };
    format!("[\n {}\n]", objects.iter().map(object).collect::<Vec<_>>().join(",\n "))
}

fn timestamp(wall_ns: u64) -> Timestamp {
    Timestamp::from_unix_nanos(i64::try_from(wall_ns).unwrap_or(i64::MAX))
}

const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_lose_their_trailing_zeros() {
        assert_eq!(rfc3339(1_795_369_732_084_008_000), "2026-11-22T17:48:52.084008Z");
        assert_eq!(rfc3339(1_795_369_732_000_000_001), "2026-11-22T17:48:52.000000001Z");
        assert_eq!(rfc3339(1_795_369_730_000_000_000), "2026-11-22T17:48:50Z");
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn dates_name_the_day() {
        assert_eq!(http_date(1_795_369_732_084_008_000), "Sun, 22 Nov 2026 17:48:52 GMT");
        assert_eq!(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(http_date(1_709_164_800_000_000_000), "Thu, 29 Feb 2024 00:00:00 GMT");
    }

    #[test]
    fn large_numbers_get_an_exponent() {
        for (number, text) in [
            (0, "0"),
            (-62, "-62"),
            (999_999, "999999"),
            (-999_999, "-999999"),
            (1_000_000, "1e+06"),
            (-2_162_130, "-2.16213e+06"),
            (1_234_567, "1.234567e+06"),
            (99_999_999_999, "9.9999999999e+10"),
            (-9_999_999_999_999_999, "-1e+16"),
        ] {
            assert_eq!(float(number), text);
        }
    }

    #[test]
    fn strings_are_escaped_as_go_does() {
        assert_eq!(quoted("a\"\\\n\u{1}é"), "\"a\\\"\\\\\\n\\u0001é\"");
        assert_eq!(quoted("http://h/?a=1&b=<2>"), r#""http://h/?a=1\u0026b=\u003c2\u003e""#);
    }

    #[test]
    fn paths_are_cleaned() {
        for (dirty, clean) in [("//a///b", "/a/b"), ("/a/././b/", "/a/b/"), ("/a/../../b", "/b"), ("", "/")] {
            assert_eq!(path(dirty), Err(clean.into()), "{dirty}");
            assert_eq!(path(clean), Ok(clean.into()), "{clean}");
        }
    }

    #[test]
    fn lists_are_indented_by_one() {
        let object = vec![("a", "1".to_string()), ("b", "\"c\"".into())];
        assert_eq!(
            indented(&[object.clone(), object]),
            "[\n {\n  \"a\": 1,\n  \"b\": \"c\"\n },\n {\n  \"a\": 1,\n  \"b\": \"c\"\n }\n]"
        );
    }
}
