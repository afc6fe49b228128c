//! Which of two formats a peer would rather have.

/// Whether the head of a request asks for OpenMetrics at least as much as for the older text format: RFC 9110 sections
/// 12.4.2 and 12.5.1. Of OpenMetrics there is version 1.0.0.
pub(super) fn prefers_openmetrics(head: &[u8]) -> bool {
    let (mut open, mut text) = (0, 0);
    for line in head.split(|byte| *byte == b'\n') {
        if position(line, b"accept:") != Some(0) {
            continue;
        }
        for range in line.split(|byte| *byte == b',') {
            let names = |word| position(range, word).is_some();
            let is_ours = !names(b"version=") || names(b"version=1.0.0");
            if names(b"application/openmetrics-text") && is_ours {
                open = quality(range).max(open);
            } else if names(b"text/plain") || names(b"text/*") {
                text = quality(range).max(text);
            }
        }
    }
    open > 0 && open >= text
}

/// The weight of a range, in thousandths.
fn quality(range: &[u8]) -> u32 {
    let Some(at) = position(range, b"q=") else { return 1000 };
    let digits = range.iter().skip(at).filter(|byte| byte.is_ascii_digit());
    let thousandths = digits.map(|digit| u32::from(digit - b'0')).chain([0; 3]).take(4);
    thousandths.fold(0, |weight, digit| weight * 10 + digit).min(1000)
}

/// Where `text` holds `word`, in any case.
fn position(text: &[u8], word: &[u8]) -> Option<usize> {
    text.windows(word.len()).position(|window| window.eq_ignore_ascii_case(word))
}

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
            assert_eq!(quality(text.as_bytes()), expected, "{text}");
        }
    }
}
