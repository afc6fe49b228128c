//! Request targets.

/// The path of a request target in origin-form or absolute-form (RFC 9112 section 3.2), without query and fragment.
///
/// Verbatim otherwise: dot segments and percent-encoding stay. An absolute-form without a path means `/`; the other
/// forms (`*`, `host:port`) come back as they are.
pub fn target_path(target: &[u8]) -> &[u8] {
    let end = target.iter().position(|byte| matches!(byte, b'?' | b'#'));
    let target = target.get(..end.unwrap_or(target.len())).unwrap_or_default();
    if target.starts_with(b"/") {
        return target;
    }
    let Some(colon) = target.windows(3).position(|three| three == b"://") else { return target };
    let authority = target.get(colon.saturating_add(3)..).unwrap_or_default();
    match authority.iter().position(|byte| *byte == b'/') {
        Some(path) => authority.get(path..).unwrap_or_default(),
        None => b"/",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_targets() {
        for (target, path) in [
            ("/", "/"),
            ("/event", "/event"),
            ("/event?a=/b#c", "/event"),
            ("/event#c?d", "/event"),
            ("/a/../b%2f", "/a/../b%2f"),
            ("//a", "//a"),
            ("/to?at=http://host/path", "/to"),
            ("/to/http://host/path", "/to/http://host/path"),
            ("http://host:80/event?x", "/event"),
            ("HTTP://host", "/"),
            ("http://host?x=/y", "/"),
            ("http:///x", "/x"),
            ("*", "*"),
            ("host:443", "host:443"),
            ("?", ""),
            ("", ""),
        ] {
            assert_eq!(target_path(target.as_bytes()), path.as_bytes(), "{target}");
        }
    }
}
