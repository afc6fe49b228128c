//! An `http` address: host, port and path.

use std::fmt;
use std::net::Ipv6Addr;

/// An `http` URI without user, query or fragment (RFC 9110 section 4.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uri {
    /// A name or an address; IPv6 without brackets, ready for the resolver.
    pub host: String,
    pub port: u16,
    /// Begins with `/`.
    pub path: String,
}

impl Uri {
    /// Reads `http://HOST[:PORT][/PATH]`. No path is `/`, no port is 80.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text.split_once("://").ok_or(EXPECTED)?;
        if scheme.eq_ignore_ascii_case("https") {
            return Err("expected http://, for no producer speaks TLS".to_owned());
        }
        if !scheme.eq_ignore_ascii_case("http") {
            return Err(EXPECTED.to_owned());
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = split_port(authority).ok_or(EXPECTED)?;
        let path = if path.is_empty() { "/" } else { path };
        if path.len() > PATH_MAX || !path.bytes().all(is_path) {
            return Err(format!(
                "expected a path of at most {PATH_MAX} letters, digits and /-._~%!$&'()*+,;=:@"
            ));
        }
        Ok(Self { host: host.to_owned(), port, path: path.to_owned() })
    }

    /// Host and port as `Host` and a URI have them: IPv6 in brackets, the port unless it is 80.
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == PORT { host } else { format!("{host}:{}", self.port) }
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.authority(), self.path)
    }
}

/// Takes `HOST[:PORT]` apart; `None` unless both can be what they should be.
fn split_port(authority: &str) -> Option<(&str, u16)> {
    let (host, rest) = match authority.strip_prefix('[') {
        Some(bracketed) => bracketed.split_once(']').filter(|(host, _)| host.parse::<Ipv6Addr>().is_ok())?,
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let is_name = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    if host.is_empty() || host.len() > HOST_MAX || !(is_name || authority.starts_with('[')) {
        return None;
    }
    if rest.is_empty() {
        return Some((host, PORT));
    }
    let digits = rest.strip_prefix(':').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    digits.parse().ok().filter(|port| *port != 0).map(|port| (host, port))
}

/// Whether `byte` may stand in a path: `/` and `pchar` of RFC 3986 section 3.3.
fn is_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=:@".contains(&byte)
}

const EXPECTED: &str = "expected http://HOST[:PORT], an IPv6 address in brackets";
/// The port of `http` (RFC 9110 section 4.2.1).
const PORT: u16 = 80;
/// Longest host, in bytes: that of a DNS name.
const HOST_MAX: usize = 253;
/// Longest path, in bytes.
const PATH_MAX: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, u16, String) {
        let uri = Uri::parse(text).unwrap();
        (uri.host, uri.port, uri.path)
    }

    #[test]
    fn names_addresses_ports_and_paths() {
        assert_eq!(parts("http://localhost"), ("localhost".into(), 80, "/".into()));
        assert_eq!(parts("HTTP://a.b-c_d:9043/"), ("a.b-c_d".into(), 9043, "/".into()));
        assert_eq!(parts("http://10.0.0.1:1/event/x%20y"), ("10.0.0.1".into(), 1, "/event/x%20y".into()));
        assert_eq!(parts("http://[fd00::1]:8089"), ("fd00::1".into(), 8089, "/".into()));
        assert_eq!(parts("http://[::1]/x"), ("::1".into(), 80, "/x".into()));
    }

    #[test]
    fn what_is_written_reads_back_the_same() {
        for text in ["http://h/", "http://h:81/p", "http://[::1]/", "http://[fd00::1]:8089/a/b"] {
            let uri = Uri::parse(text).unwrap();
            assert_eq!(uri.to_string(), text);
            assert_eq!(Uri::parse(&uri.to_string()), Ok(uri));
        }
        assert_eq!(Uri::parse("http://h:80").unwrap().authority(), "h");
    }

    #[test]
    fn what_is_no_address() {
        for text in [
            "",
            "localhost:80",
            "ftp://h",
            "http:/h",
            "http://",
            "http://:80",
            "http://h:",
            "http://h:0",
            "http://h:65536",
            "http://h:+1",
            "http://h:1:2",
            "http://::1",
            "http://[::1",
            "http://[::1]80",
            "http://[h]:1",
            "http://[]:1",
            "http://[fe80::1%25eth0]",
            "http://u@h",
            "http://h?q",
            "http://h/a b",
            "http://h/?q",
            "http://h/#f",
            "http://h/ä",
            "http://ä",
            "http://h/\r\n",
        ] {
            assert!(Uri::parse(text).is_err(), "{text}");
        }
        assert!(Uri::parse(&format!("http://h/{}", "a".repeat(255))).is_err());
    }

    #[test]
    fn tls_is_refused_in_words() {
        assert!(Uri::parse("https://h:9043").unwrap_err().contains("TLS"));
    }
}
