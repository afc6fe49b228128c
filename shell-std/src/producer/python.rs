//! Texts as the Python producers write them: times, JSON strings, `repr`.

use ptpwatch_core::time::SECOND_NS;

use super::go;
use super::json::Json;

/// Python's own spelling of a dictionary of strings.
pub(super) static LITERALS: Json = Json { colon: ": ", comma: ", ", quoted: repr };

/// A time of day as nanoseconds since the Unix epoch, with six digits of microseconds and no dot before them:
/// `2026-11-22T17:48:52084008Z`.
pub(super) fn time_without_dot(wall_ns: u64) -> String {
    let seconds = go::rfc3339(wall_ns - wall_ns % SECOND_NS);
    format!("{}{:06}Z", seconds.trim_end_matches('Z'), wall_ns % SECOND_NS / 1000)
}

/// The same as a float of seconds, which today has room for seven digits behind the point: `1795370096.4936268`.
pub(super) fn seconds(wall_ns: u64) -> String {
    let text = format!("{}.{:07}", wall_ns / SECOND_NS, wall_ns % SECOND_NS / 100);
    let digits = text.trim_end_matches('0');
    if digits.ends_with('.') { format!("{digits}0") } else { digits.to_owned() }
}

/// A JSON string in ASCII, quotes included.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='\u{7F}' => out.push(character),
            _ => {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    out + "\""
}

/// A string as `repr` shows it.
pub(super) fn repr(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// The path that is routed: empty segments do not count, and dots stay what they are.
pub(super) fn path(path: &str) -> Result<String, String> {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    Ok(segments.map(|segment| format!("/{}", segment.replace("%2E", "."))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_lack_their_dot() {
        assert_eq!(time_without_dot(1_795_369_732_084_008_999), "2026-11-22T17:48:52084008Z");
        assert_eq!(time_without_dot(1_795_369_730_000_000_000), "2026-11-22T17:48:50000000Z");
    }

    #[test]
    fn seconds_are_a_float() {
        assert_eq!(seconds(1_795_370_096_493_626_800), "1795370096.4936268");
        assert_eq!(seconds(1_795_370_096_000_000_000), "1795370096.0");
    }

    #[test]
    fn strings_are_ascii() {
        assert_eq!(quoted("a\"\\\n<é\u{1F552}"), r#""a\"\\\n<\u00e9\ud83d\udd52""#);
        assert_eq!(repr("it's"), r"'it\'s'");
    }

    #[test]
    fn dots_in_paths_are_not_folded() {
        assert_eq!(path("//a/././b/%2E/c/").unwrap(), "/a/././b/./c");
        assert_eq!(path("/").unwrap(), "");
    }
}
