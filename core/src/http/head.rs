//! Message heads: the start line, and what the fields say.

use super::Error;
use super::class::{DELETE, is_text, is_token};
use super::fields::Fields;
use crate::swar;

/// What the head of a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head<'b> {
    /// The start line.
    pub line: Line<'b>,
    /// How the body ends.
    pub body: Body,
    /// Whether another message may follow on the connection (RFC 9112 section 9.3).
    pub keep_alive: bool,
    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 section 10.1.1).
    pub expects_continue: bool,
    /// The version of the peer.
    pub version: Version,
    /// The field lines, with the ends of all of them and of the start line.
    pub(super) fields: &'b [u8],
}

impl<'b> Head<'b> {
    /// The value of the first field of this name, in any case, without white space around it; `None` if there is none.
    pub fn field(&self, name: &str) -> Option<&'b [u8]> {
        let mut lines = self.fields.split(|byte| *byte == b'\n');
        lines.find_map(|line| {
            let (known, value) = line.split_at_checked(name.len())?;
            let value = value.strip_prefix(b":")?;
            if known.eq_ignore_ascii_case(name.as_bytes()) { Some(value.trim_ascii()) } else { None }
        })
    }
}

/// The start line of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'b> {
    /// A request.
    Request {
        /// What to do.
        method: Method,
        /// On what; see [`target_path`](super::target_path).
        target: &'b [u8],
    },
    /// A response.
    Response {
        /// The status code, from 200 on: interim responses are passed over.
        status: u16,
    },
}

/// A request method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Method {
    Get,
    Head,
    Post,
    Delete,
    /// Any other; it cannot be written.
    Other,
}

impl Method {
    const NAMED: [Self; 4] = [Self::Get, Self::Head, Self::Post, Self::Delete];

    /// The method as it stands in a request line; `OTHER` for [`Method::Other`].
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Other => "OTHER",
        }
    }

    /// The bytes of [`Method::name`].
    pub const fn as_bytes(self) -> &'static [u8] {
        self.name().as_bytes()
    }

    /// The method of this name, which is a token (RFC 9110 section 9.1).
    fn of(name: &[u8]) -> Result<Self, Error> {
        match Self::NAMED.into_iter().find(|method| method.as_bytes() == name) {
            Some(method) => Ok(method),
            None if is_token(name) => Ok(Self::Other),
            None => Err(Error::Head),
        }
    }
}

/// A version of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.0.
    Http10,
    /// HTTP/1.1.
    Http11,
}

impl Version {
    /// The version at the front of a start line or of the rest of one, and what follows (RFC 9112 section 2.3).
    ///
    /// # Errors
    /// [`Error::Version`] for one that is not ours, [`Error::Head`] for what is none.
    fn split(line: &[u8]) -> Result<(Self, &[u8]), Error> {
        match line {
            [b'H', b'T', b'T', b'P', b'/', major @ b'0'..=b'9', b'.', minor @ b'0'..=b'9', rest @ ..] => {
                match (major, minor) {
                    (b'1', b'1') => Ok((Self::Http11, rest)),
                    (b'1', b'0') => Ok((Self::Http10, rest)),
                    _ => Err(Error::Version),
                }
            }
            _ => Err(Error::Head),
        }
    }
}

/// How the body of a message ends (RFC 9112 section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// There is none.
    None,
    /// After so many bytes.
    Length(u64),
    /// With the last chunk.
    Chunked,
    /// When the server closes; only of a response.
    UntilClose,
}

/// Reads the head of a request, its final empty line included.
///
/// # Errors
/// Any of [`Error`] but [`Error::Truncated`].
#[inline(never)]
pub(super) fn parse_request(head: &[u8]) -> Result<Head<'_>, Error> {
    let (method, rest) = split_word(head)?;
    let (target, rest) = split_word(rest)?;
    let (version, rest) = Version::split(rest)?;
    let fields = Fields::parse(rest)?;
    let line = Line::Request { method: Method::of(method)?, target };
    let body = fields.body(version)?.unwrap_or(Body::None);
    Ok(fields.head(line, version, body, rest))
}

/// Reads the head of a response, its final empty line included; `None` if it is an interim one. `to_head` says that it
/// answers a HEAD.
///
/// # Errors
/// Any of [`Error`] but [`Error::Truncated`]; [`Error::Head`] also for a change of protocol that nobody asked for.
#[inline(never)]
pub(super) fn parse_response(head: &[u8], to_head: bool) -> Result<Option<Head<'_>>, Error> {
    let (version, rest) = Version::split(head)?;
    let (status, rest) = split_status(rest)?;
    // A reason may follow.
    let end = rest.iter().position(|byte| *byte == b'\r').unwrap_or(0);
    let (reason, rest) = rest.split_at_checked(end).unwrap_or_default();
    if !matches!(reason, [] | [b' ', ..]) || !is_text(reason) {
        return Err(Error::Head);
    }
    let fields = Fields::parse(rest)?;
    let framed = fields.body(version)?;
    let body = match status {
        0..=99 | 101 => return Err(Error::Head),
        100..=199 => return Ok(None),
        204 | 304 => Body::None,
        _ if to_head => Body::None,
        _ => framed.unwrap_or(Body::UntilClose),
    };
    Ok(Some(fields.head(Line::Response { status }, version, body, rest)))
}

/// A word of a request line, in visible ASCII, and what follows the space behind it (RFC 9112 section 3, RFC 3986).
fn split_word(line: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    let mark = |chunk| swar::mark_below(chunk, b' ' + 1) | swar::mark(chunk, DELETE) | chunk & swar::HIGHS;
    let end = swar::find(line, mark, |byte| !byte.is_ascii_graphic());
    match line.split_at_checked(end) {
        Some((word @ [_, ..], [b' ', rest @ ..])) => Ok((word, rest)),
        _ => Err(Error::Head),
    }
}

/// The status code of a status line, with the space in front of it, and what follows (RFC 9112 section 4).
fn split_status(line: &[u8]) -> Result<(u16, &[u8]), Error> {
    match line {
        [b' ', a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..] => {
            let add = |status: u16, digit: &u8| status.wrapping_mul(10).wrapping_add(u16::from(digit & 0xf));
            Ok(([a, b, c].into_iter().fold(0, add), rest))
        }
        _ => Err(Error::Head),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::HEADERS_MAX;

    fn request(fields: &str) -> Result<Head<'_>, Error> {
        parse_request(format!("POST /event HTTP/1.1\r\n{fields}\r\n").leak().as_bytes())
    }

    fn response(status_line: &str, fields: &str) -> Result<Option<Head<'static>>, Error> {
        parse_response(format!("{status_line}\r\n{fields}\r\n").leak().as_bytes(), false)
    }

    #[test]
    fn reads_a_request() {
        let head = request("host: node1:9085\r\nCONTENT-TYPE:application/json \r\ncontent-length: 0042\r\n");
        let head = head.unwrap();
        assert_eq!(head.line, Line::Request { method: Method::Post, target: b"/event" });
        assert_eq!((head.version, head.body), (Version::Http11, Body::Length(42)));
        assert!(head.keep_alive && !head.expects_continue);
    }

    #[test]
    fn fields_are_found_by_name() {
        let head =
            request("Host: a:1\r\ncontent-TYPE:\t text/plain \r\nA: Host: b\r\nEmpty:\r\nEmpty: c\r\n");
        let head = head.unwrap();
        assert_eq!(head.field("host"), Some(&b"a:1"[..]));
        assert_eq!(head.field("Content-Type"), Some(&b"text/plain"[..]));
        assert_eq!(head.field("Empty"), Some(&b""[..]), "the first of two");
        for missing in ["Hos", "Host:", "Content", "text/plain", "b", ""] {
            assert_eq!(head.field(missing), None, "{missing:?}");
        }
        let response = response("HTTP/1.1 200 a: b", "A: c\r\n").unwrap().unwrap();
        assert_eq!(response.field("a"), Some(&b"c"[..]));
        assert_eq!(response.field("HTTP/1.1 200 a"), None, "a start line is no field");
    }

    #[test]
    fn reads_a_response() {
        let head = response("HTTP/1.1 201 Created", "Location: /subscriptions/1\r\nContent-Length: 7\r\n");
        let head = head.unwrap().unwrap();
        assert_eq!(head.line, Line::Response { status: 201 });
        assert_eq!(head.body, Body::Length(7));
        assert!(response("HTTP/1.1 200", "").is_ok(), "a status line may lack its reason");
        assert!(response("HTTP/1.1 200 \u{e9}\t(so to say)", "").is_ok());
        for line in
            ["HTTP/1.1 200OK", "HTTP/1.1 200\tOK", "HTTP/1.1 200 \x1b[2J", "HTTP/1.1 20 OK", "HTTP/1.1  200"]
        {
            assert_eq!(response(line, ""), Err(Error::Head), "{line:?}");
        }
    }

    #[test]
    fn targets_are_visible_ascii() {
        for (target, is_one) in
            [("/a!~", true), ("*", true), ("/\u{e9}", false), ("/a\x7f", false), ("/\x1f", false)]
        {
            let head = format!("GET {target} HTTP/1.1\r\n\r\n");
            assert_eq!(parse_request(head.as_bytes()).is_ok(), is_one, "{target:?}");
        }
    }

    #[test]
    fn methods_are_case_sensitive() {
        for method in Method::NAMED {
            assert_eq!(Method::of(method.as_bytes()), Ok(method));
        }
        for other in ["post", "PUT", "OTHER", "M-SEARCH", "1", "!#$%&'*+-.^_`|~"] {
            assert_eq!(Method::of(other.as_bytes()), Ok(Method::Other));
        }
        for none in ["PO(ST", "P\u{d6}ST", "POST:", ""] {
            assert_eq!(Method::of(none.as_bytes()), Err(Error::Head));
        }
    }

    #[test]
    fn bodies_of_requests() {
        let body = |fields| request(fields).map(|head| head.body);
        assert_eq!(body(""), Ok(Body::None));
        assert_eq!(body("Content-Length: 0\r\n"), Ok(Body::Length(0)));
        assert_eq!(body("Content-Length: 999999999999999999\r\n"), Ok(Body::Length(999_999_999_999_999_999)));
        assert_eq!(body("Transfer-Encoding: Chunked\r\n"), Ok(Body::Chunked));
    }

    #[test]
    fn bodies_of_responses() {
        let body = |status, fields| response(status, fields).map(|head| head.unwrap().body);
        assert_eq!(body("HTTP/1.1 200 OK", ""), Ok(Body::UntilClose));
        assert_eq!(body("HTTP/1.0 200 OK", "Content-Length: 3\r\n"), Ok(Body::Length(3)));
        assert_eq!(body("HTTP/1.1 204 No Content", ""), Ok(Body::None));
        assert_eq!(body("HTTP/1.1 204 No Content", "Content-Length: 3\r\n"), Ok(Body::None));
        assert_eq!(body("HTTP/1.1 304 Not Modified", "Content-Length: 3\r\n"), Ok(Body::None));
        assert_eq!(body("HTTP/1.0 200 OK", "Transfer-Encoding: chunked\r\n"), Err(Error::Framing));
        let to_head = parse_response(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", true).unwrap().unwrap();
        assert_eq!(to_head.body, Body::None);
        assert!(to_head.keep_alive);
    }

    #[test]
    fn interim_responses_are_none() {
        assert_eq!(response("HTTP/1.1 100 Continue", ""), Ok(None));
        assert_eq!(response("HTTP/1.1 103 Early Hints", "Location: /x\r\n"), Ok(None));
        assert_eq!(response("HTTP/1.1 101 Switching Protocols", ""), Err(Error::Head));
        assert_eq!(response("HTTP/1.1 099 Odd", ""), Err(Error::Head));
    }

    #[test]
    fn connections_are_kept_or_not() {
        let kept = |version: &str, fields: &str| {
            let head = format!("GET / HTTP/{version}\r\n{fields}\r\n");
            parse_request(head.as_bytes()).unwrap().keep_alive
        };
        assert!(kept("1.1", ""));
        assert!(kept("1.1", "Connection: closed\r\n"));
        assert!(!kept("1.1", "Connection: Close\r\n"));
        assert!(!kept("1.1", "Connection: a , close\r\n"));
        assert!(!kept("1.1", "Connection: keep-alive\r\nconnection: close\r\n"));
        assert!(!kept("1.0", ""));
        assert!(kept("1.0", "Connection: TE,Keep-Alive\r\n"));
        assert!(!kept("1.0", "Connection: keep-alive, close\r\n"));
        assert!(!response("HTTP/1.1 200 OK", "").unwrap().unwrap().keep_alive, "the close ends the body");
    }

    #[test]
    fn only_http_1_1_expects() {
        let head = "PUT / HTTP/1.1\r\nExpect: 100-Continue\r\n\r\n";
        assert!(parse_request(head.as_bytes()).unwrap().expects_continue);
        assert!(!parse_request(head.replace("1.1", "1.0").as_bytes()).unwrap().expects_continue);
        let response = response("HTTP/1.1 200 OK", "Expect: 100-continue\r\n");
        assert!(!response.unwrap().unwrap().expects_continue);
        assert!(!request("Expect: 200-ok\r\n").unwrap().expects_continue);
    }

    #[test]
    fn refuses_other_versions() {
        let line = |line: &str| parse_request(format!("{line}\r\n\r\n").as_bytes()).map(|head| head.version);
        assert_eq!(line("GET / HTTP/1.0"), Ok(Version::Http10));
        assert_eq!(line("PRI * HTTP/2.0"), Err(Error::Version));
        assert_eq!(line("GET / HTTP/1.2"), Err(Error::Version));
        for malformed in ["1.10", "1", "11", "1,1", "x.y", "-1.1", ""] {
            assert_eq!(line(&format!("GET / HTTP/{malformed}")), Err(Error::Head), "{malformed}");
        }
        assert_eq!(line("GET /a b HTTP/1.1"), Err(Error::Head));
        assert_eq!(line("GET  / HTTP/1.1"), Err(Error::Head));
        assert_eq!(line("GET / http/1.1"), Err(Error::Head));
        assert_eq!(line("GET /"), Err(Error::Head));
        assert_eq!(response("HTTP/2.0 200 OK", ""), Err(Error::Version));
        assert_eq!(response("ICY 200 OK", ""), Err(Error::Head));
    }

    #[test]
    fn counts_fields() {
        assert!(request(&"A: b\r\n".repeat(HEADERS_MAX)).is_ok());
        assert_eq!(request(&"A: b\r\n".repeat(HEADERS_MAX + 1)), Err(Error::HeadTooLong));
    }
}
