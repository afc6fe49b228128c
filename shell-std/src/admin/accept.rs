//! Which of two formats a peer would rather have.

/// Whether the head of a request asks for OpenMetrics at least as much as for the older text format: RFC 9110 sections 12.4.2
/// and 12.5.1. Of OpenMetrics there is version 1.0.0.
pub(super) fn prefers_openmetrics(head: &[u8]) -> bool {
    let (mut open, mut text) = (0, 0);
    for range in accepted(head) {
        let mut parts = range.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
        let name = parts.next().unwrap_or_default();
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        if is(b"application/openmetrics-text") && parts.clone().all(is_our_version) {
            open = open.max(quality(parts));
        } else if is(b"text/plain") || is(b"text/*") {
            text = text.max(quality(parts));
        }
    }
    open > 0 && open >= text
}

/// What the Accept fields of a head name, one after the other.
fn accepted(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let fields = head.split(|byte| *byte == b'\n').filter_map(|line| {
        let (name, value) = line.split_at_checked(ACCEPT.len())?;
        name.eq_ignore_ascii_case(ACCEPT).then_some(value)
    });
    fields.flat_map(|value| value.split(|byte| *byte == b',')).map(<[u8]>::trim_ascii)
}

/// Whether a parameter names no other version than the one there is.
fn is_our_version(parameter: &[u8]) -> bool {
    !starts_with(parameter, b"version=") || parameter.ends_with(b"=1.0.0")
}

/// The weight among the parameters, in thousandths.
fn quality<'h>(mut parameters: impl Iterator<Item = &'h [u8]>) -> u32 {
    let Some(weight) = parameters.find(|parameter| starts_with(parameter, b"q=")) else { return 1000 };
    let digits = weight.iter().skip(b"q=".len()).filter(|byte| byte.is_ascii_digit());
    let thousandths = digits.map(|digit| u32::from(digit - b'0')).chain([0; 3]).take(4);
    thousandths.fold(0, |weight, digit| weight * 10 + digit).min(1000)
}

fn starts_with(text: &[u8], start: &[u8]) -> bool {
    text.get(..start.len()).is_some_and(|front| front.eq_ignore_ascii_case(start))
}

const ACCEPT: &[u8] = b"accept:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openmetrics_is_for_whoever_asks_for_it() {
        let prometheus = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
                          text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        for (accept, expected) in [
            (prometheus, true),
            ("application/openmetrics-text", true),
            ("Application/OpenMetrics-Text; Version=1.0.0; charset=utf-8", true),
            ("text/plain;q=0.5, application/openmetrics-text;q=0.500", true),
            ("text/plain, application/openmetrics-text;q=0.9", false),
            ("text/*;q=1.000, application/openmetrics-text;q=0.999", false),
            ("application/openmetrics-text;q=0", false),
            ("application/openmetrics-text;version=0.0.1", false),
            ("text/plain;version=0.0.4", false),
            ("text/html,application/xhtml+xml,*/*;q=0.8", false),
            ("*/*", false),
            ("", false),
        ] {
            let head = format!("GET /metrics HTTP/1.1\r\nHost: h\r\nACCEPT:{accept}\r\nX: y\r\n\r\n");
            assert_eq!(prefers_openmetrics(head.as_bytes()), expected, "{accept}");
        }
        assert!(!prefers_openmetrics(b"GET /metrics HTTP/1.1\r\n\r\n"));
        let twice = b"GET / HTTP/1.1\r\nAccept: text/plain;q=0.1\r\nAccept: application/openmetrics-text;q=0.2\r\n\r\n";
        assert!(prefers_openmetrics(twice));
    }

    #[test]
    fn weights_are_thousandths() {
        for (text, expected) in [
            ("q=1", 1000),
            ("q=0.5", 500),
            ("Q=0.05", 50),
            ("q=0.001", 1),
            ("q=0", 0),
            ("q=9", 1000),
            ("q=", 0),
        ] {
            assert_eq!(quality([text.as_bytes()].into_iter()), expected, "{text}");
        }
    }
}
