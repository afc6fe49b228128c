//! Header fields: framing, persistence, and the few values that are handed on.

use super::Error;
use super::head::{Body, Head, Line, Version};
use crate::limits::{HEADERS_MAX, LENGTH_DIGITS_MAX};

/// The fields of a head that matter here.
#[derive(Default)]
pub(super) struct Fields {
    length: Option<u64>,
    /// `None` without one.
    coding: Option<Coding>,
    close: bool,
    keep_alive: bool,
    expects_continue: bool,
    names_host: bool,
}

/// The transfer codings of a message, in their order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Coding {
    /// `chunked` alone.
    Chunked,
    /// Others, and `chunked` behind them: where the body ends is clear.
    OthersChunked,
    /// Others alone.
    Others,
    /// `chunked`, and something behind it.
    Broken,
}

impl Fields {
    /// Reads the fields of a head and notes those that matter. `lines`: from the end of the start line to that of the
    /// empty line.
    ///
    /// httparse's code stays behind this function. It refuses white space before a colon and folded lines (RFC 9112
    /// sections 5.1 and 5.2).
    ///
    /// # Errors
    /// [`Error::Head`] for what are no fields and for a doubled Host, [`Error::HeadTooLong`] for too many,
    /// [`Error::Framing`] for a Content-Length that is doubled or not a number.
    #[inline(never)]
    pub(super) fn parse(lines: &[u8]) -> Result<Self, Error> {
        let lines = lines.strip_prefix(b"\r\n").ok_or(Error::Head)?;
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let headers = match httparse::parse_headers(lines, &mut headers) {
            Ok(httparse::Status::Complete((_, headers))) => headers,
            Err(httparse::Error::TooManyHeaders) => return Err(Error::HeadTooLong),
            _ => return Err(Error::Head),
        };
        let mut fields = Self::default();
        for header in headers {
            fields.note(header.name, header.value)?;
        }
        Ok(fields)
    }

    fn note(&mut self, name: &str, value: &[u8]) -> Result<(), Error> {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is("Content-Length") {
            if self.length.replace(parse_length(value)?).is_some() {
                return Err(Error::Framing);
            }
        } else if is("Transfer-Encoding") {
            // A second field goes on with the list of the first.
            for coding in value.split(|byte| *byte == b',') {
                self.coding = Some(Coding::with(self.coding, coding.trim_ascii()));
            }
        } else if is("Connection") {
            self.close |= has_token(value, b"close");
            self.keep_alive |= has_token(value, b"keep-alive");
        } else if is("Expect") {
            self.expects_continue |= value.eq_ignore_ascii_case(b"100-continue");
        } else if is("Host") {
            // RFC 9112 section 3.2: more than one Host is answered with 400.
            if core::mem::replace(&mut self.names_host, true) {
                return Err(Error::Head);
            }
        }
        Ok(())
    }

    /// How the fields frame a body; `None` if they do not. RFC 9112 sections 6.1 to 6.3.
    ///
    /// # Errors
    /// [`Error::Framing`] for a transfer coding beside a length or on HTTP/1.0, or if `chunked` is not the last of them;
    /// [`Error::NotImplemented`] for others in front of it.
    pub(super) fn body(&self, version: Version) -> Result<Option<Body>, Error> {
        match (self.coding, self.length) {
            (Some(_), Some(_)) => Err(Error::Framing),
            (Some(_), None) if version == Version::Http10 => Err(Error::Framing),
            (Some(Coding::Chunked), None) => Ok(Some(Body::Chunked)),
            (Some(Coding::OthersChunked), None) => Err(Error::NotImplemented),
            (Some(Coding::Others | Coding::Broken), None) => Err(Error::Framing),
            (None, length) => Ok(length.map(Body::Length)),
        }
    }

    /// The head that the fields, read off `lines`, make with what else is known.
    pub(super) fn head<'b>(&self, line: Line<'b>, version: Version, body: Body, lines: &'b [u8]) -> Head<'b> {
        let is_1_1 = version == Version::Http11;
        Head {
            line,
            body,
            keep_alive: (is_1_1 || self.keep_alive) && !self.close && body != Body::UntilClose,
            expects_continue: is_1_1 && self.expects_continue && matches!(line, Line::Request { .. }),
            version,
            fields: lines,
        }
    }
}

impl Coding {
    /// What `before` and another one behind it make.
    fn with(before: Option<Self>, coding: &[u8]) -> Self {
        match (before, coding.eq_ignore_ascii_case(b"chunked")) {
            (None, true) => Self::Chunked,
            (Some(Self::Others), true) => Self::OthersChunked,
            (None | Some(Self::Others), false) => Self::Others,
            (Some(_), _) => Self::Broken,
        }
    }
}

/// The value of a Content-Length: digits and nothing else (RFC 9112 section 6.3, RFC 9110 section 8.6).
pub(super) fn parse_length(mut digits: &[u8]) -> Result<u64, Error> {
    if digits.is_empty() || digits.len() > LENGTH_DIGITS_MAX {
        return Err(Error::Framing);
    }
    let mut length: u64 = 0;
    while let [digit @ b'0'..=b'9', rest @ ..] = digits {
        length = length.wrapping_mul(10).wrapping_add(u64::from(digit & 0xf));
        digits = rest;
    }
    if digits.is_empty() { Ok(length) } else { Err(Error::Framing) }
}

/// Whether a comma-separated list holds `token`, in any case.
fn has_token(list: &[u8], token: &[u8]) -> bool {
    list.split(|byte| *byte == b',').any(|item| item.trim_ascii().eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_digits() {
        assert_eq!(parse_length(b"0"), Ok(0));
        assert_eq!(parse_length(b"0042"), Ok(42));
        assert_eq!(parse_length(&[b'9'; LENGTH_DIGITS_MAX]), Ok(999_999_999_999_999_999));
        for value in [&b""[..], b"+5", b"-5", b"5 5", b"5,5", b"0x5", b"5a", &[b'0'; LENGTH_DIGITS_MAX + 1]] {
            assert_eq!(parse_length(value), Err(Error::Framing), "{value:?}");
        }
    }

    #[test]
    fn tokens_are_whole() {
        for list in ["close", "CLOSE", "a, Close", ",close ,", "\tclose"] {
            assert!(has_token(list.as_bytes(), b"close"), "{list}");
        }
        for list in ["", ",", "closed", "not-close", "close=1", "a close"] {
            assert!(!has_token(list.as_bytes(), b"close"), "{list}");
        }
    }
}
