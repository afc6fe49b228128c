//! How the HTTP servers of producers frame their answers, as tables.

use super::answer::{Answer, Framing, Media, reason};
use super::{go, python};

/// The habits of a server.
#[derive(Debug)]
pub(super) struct Server {
    /// The fields of an answer, in order.
    pub fields: &'static [Field],
    /// Answers in HTTP/1.0, whatever it is asked in, and closes.
    pub is_http10: bool,
    /// What is longer than this goes in chunks.
    pub buffer_max: usize,
    /// What a 204 says of its length. RFC 9110 section 8.6 forbids a number; without one some servers close.
    pub no_content: NoContent,
    /// A request without a `Host` is refused.
    pub needs_host: bool,
    /// The path that is routed, or the one that is redirected to.
    pub path: fn(&str) -> Result<String, String>,
}

/// A field of an answer, if it applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Location,
    /// With a 405.
    Allow(&'static str),
    Media,
    /// A media type that was found out while writing.
    SniffedMedia,
    Date,
    Length,
    Connection,
    Name(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoContent {
    Nothing,
    Zero,
    Closes,
}

/// `net/http`.
pub(super) static GO: Server = Server {
    fields: &[
        Field::Location,
        Field::Media,
        Field::Date,
        Field::Length,
        Field::SniffedMedia,
        Field::Connection,
    ],
    is_http10: false,
    buffer_max: 2048,
    no_content: NoContent::Nothing,
    needs_host: true,
    path: go::path,
};

/// The server of StarlingX since 2026: fields in the order of the alphabet.
pub(super) static WAITRESS: Server = Server {
    fields: &[
        Field::Allow("GET, POST"),
        Field::Connection,
        Field::Length,
        Field::Media,
        Field::Date,
        Field::Name("waitress"),
    ],
    is_http10: false,
    buffer_max: usize::MAX,
    no_content: NoContent::Closes,
    needs_host: false,
    path: python::path,
};

/// The server of StarlingX before that: the one that Python brings along.
pub(super) static WSGIREF: Server = Server {
    fields: &[
        Field::Date,
        Field::Name("WSGIServer/0.2 CPython/3.9.2"),
        Field::Allow("GET, POST"),
        Field::Length,
        Field::Media,
    ],
    is_http10: true,
    buffer_max: usize::MAX,
    no_content: NoContent::Zero,
    needs_host: false,
    path: python::path,
};

impl Server {
    /// Whether the connection lasts after `answer`. HTTP/1.0 has no other end for a body of unknown length.
    pub(super) fn keeps_alive(&self, answer: &Answer, framing: Framing) -> bool {
        let ends_body = framing.is_http10 && self.is_long(answer)
            || answer.status == 204 && self.no_content == NoContent::Closes;
        framing.keep_alive && !self.is_http10 && !ends_body
    }

    /// The bytes of an answer; `date` is an HTTP date.
    pub(super) fn write(&self, answer: &Answer, framing: Framing, date: &str) -> String {
        let is_http10 = framing.is_http10 || self.is_http10;
        let version = if is_http10 { "1.0" } else { "1.1" };
        let mut text = format!("HTTP/{version} {} {}\r\n", answer.status, reason(answer.status));
        for field in self.fields {
            text += &self.field(*field, answer, framing, date);
        }
        text += "\r\n";
        match (framing.is_head, self.is_long(answer) && !is_http10) {
            (true, _) => text,
            (false, true) => text + &format!("{:x}\r\n{}\r\n0\r\n\r\n", answer.body.len(), answer.body),
            (false, false) => text + &answer.body,
        }
    }

    /// A field with the end of its line; empty if it does not apply.
    fn field(&self, field: Field, answer: &Answer, framing: Framing, date: &str) -> String {
        let is_sniffed = answer.media == Media::Sniffed;
        match field {
            Field::Location => {
                answer.location.as_ref().map(|to| format!("Location: {to}\r\n")).unwrap_or_default()
            }
            Field::Allow(methods) if answer.status == 405 => format!("Allow: {methods}\r\n"),
            Field::Media if !is_sniffed => answer.media.fields().into(),
            Field::SniffedMedia if is_sniffed => answer.media.fields().into(),
            Field::Date => format!("Date: {date}\r\n"),
            Field::Length => self.length(answer, framing),
            Field::Connection => self.connection(answer, framing).into(),
            Field::Name(name) => format!("Server: {name}\r\n"),
            Field::Allow(_) | Field::Media | Field::SniffedMedia => String::new(),
        }
    }

    fn length(&self, answer: &Answer, framing: Framing) -> String {
        let is_unsaid = answer.status == 204 && self.no_content != NoContent::Zero
            || framing.is_head && answer.body.is_empty();
        match (self.is_long(answer), framing.is_http10) {
            (true, true) => String::new(),
            (true, false) => "Transfer-Encoding: chunked\r\n".into(),
            (false, _) if is_unsaid => String::new(),
            (false, _) => format!("Content-Length: {}\r\n", answer.body.len()),
        }
    }

    fn connection(&self, answer: &Answer, framing: Framing) -> &'static str {
        match (framing.is_http10, self.keeps_alive(answer, framing)) {
            (true, true) => "Connection: keep-alive\r\n",
            (false, false) => "Connection: close\r\n",
            _ => "",
        }
    }

    fn is_long(&self, answer: &Answer) -> bool {
        answer.body.len() > self.buffer_max
    }
}

#[cfg(test)]
mod tests {
    use super::super::answer::Reply;
    use super::*;

    const USUAL: Framing = Framing { is_http10: false, keep_alive: true, is_head: false };
    const DATE: &str = "Sun, 22 Nov 2026 18:07:12 GMT";

    const HEALTHY: Reply = Reply { status: 200, media: Media::Sniffed, body: "OK" };
    const NO_PAGE: Reply = Reply { status: 404, media: Media::Page, body: "404 page not found\n" };

    fn bare(status: u16) -> Answer {
        Reply::bare(status).into()
    }

    #[test]
    fn fields_stand_in_the_order_of_go() {
        for (answer, framing, expected) in [
            (
                Answer::from(HEALTHY),
                USUAL,
                "HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 18:07:12 GMT\r\nContent-Length: 2\r\n\
                 Content-Type: text/plain; charset=utf-8\r\n\r\nOK",
            ),
            (
                Answer::from(HEALTHY),
                Framing { is_http10: true, ..USUAL },
                "HTTP/1.0 200 OK\r\nDate: Sun, 22 Nov 2026 18:07:12 GMT\r\nContent-Length: 2\r\n\
                 Content-Type: text/plain; charset=utf-8\r\nConnection: keep-alive\r\n\r\nOK",
            ),
            (
                Answer::from(NO_PAGE),
                USUAL,
                "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n\
                 X-Content-Type-Options: nosniff\r\nDate: Sun, 22 Nov 2026 18:07:12 GMT\r\n\
                 Content-Length: 19\r\n\r\n404 page not found\n",
            ),
            (
                Answer::moved("/x".into()),
                USUAL,
                "HTTP/1.1 301 Moved Permanently\r\nLocation: /x\r\nDate: Sun, 22 Nov 2026 18:07:12 GMT\r\n\
                 Content-Length: 0\r\n\r\n",
            ),
            (
                bare(405),
                Framing { is_head: true, ..USUAL },
                "HTTP/1.1 405 Method Not Allowed\r\nDate: Sun, 22 Nov 2026 18:07:12 GMT\r\n\r\n",
            ),
            (bare(204), USUAL, "HTTP/1.1 204 No Content\r\nDate: Sun, 22 Nov 2026 18:07:12 GMT\r\n\r\n"),
            (
                Answer::json(201, "{}"),
                Framing { keep_alive: false, ..USUAL },
                "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n\
                 Date: Sun, 22 Nov 2026 18:07:12 GMT\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
            ),
        ] {
            assert_eq!(GO.write(&answer, framing, DATE), expected);
        }
    }

    #[test]
    fn a_body_over_2_kilobytes_goes_in_one_chunk() {
        let fits = GO.write(&Answer::json(200, "x".repeat(2048)), USUAL, DATE);
        assert!(fits.contains("\r\nContent-Length: 2048\r\n"));
        let body = "x".repeat(2049);
        let chunked = GO.write(&Answer::json(200, &*body), USUAL, DATE);
        assert!(chunked.contains("GMT\r\nTransfer-Encoding: chunked\r\n\r\n801\r\nxxx"));
        assert!(chunked.ends_with("xxx\r\n0\r\n\r\n"));
        let old = Framing { is_http10: true, ..USUAL };
        let plain = Answer::json(200, &*body);
        assert!(!GO.keeps_alive(&plain, old));
        assert!(GO.write(&plain, old, DATE).ends_with(&format!("GMT\r\n\r\n{body}")));
    }

    #[test]
    fn waitress_sorts_its_fields_and_closes_after_204() {
        let date = "Date: Sun, 22 Nov 2026 18:07:12 GMT\r\n";
        for (answer, expected) in [
            (
                Answer::json(200, "[]"),
                format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n{date}\
                     Server: waitress\r\n\r\n[]"
                ),
            ),
            (
                bare(204),
                format!("HTTP/1.1 204 No Content\r\nConnection: close\r\n{date}Server: waitress\r\n\r\n"),
            ),
        ] {
            assert_eq!(WAITRESS.write(&answer, USUAL, DATE), expected);
            assert_eq!(WAITRESS.keeps_alive(&answer, USUAL), answer.status == 200);
        }
        let long = WAITRESS.write(&Answer::json(200, "x".repeat(5000)), USUAL, DATE);
        assert!(long.starts_with("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n"));
    }

    #[test]
    fn wsgiref_speaks_http_1_0_and_closes() {
        for (answer, expected) in [
            (
                Answer::json(200, "[]"),
                "HTTP/1.0 200 OK\r\nDate: Sun, 22 Nov 2026 18:07:12 GMT\r\n\
                 Server: WSGIServer/0.2 CPython/3.9.2\r\nContent-Length: 2\r\n\
                 Content-Type: application/json\r\n\r\n[]",
            ),
            (
                bare(204),
                "HTTP/1.0 204 No Content\r\nDate: Sun, 22 Nov 2026 18:07:12 GMT\r\n\
                 Server: WSGIServer/0.2 CPython/3.9.2\r\nContent-Length: 0\r\n\r\n",
            ),
        ] {
            assert_eq!(WSGIREF.write(&answer, USUAL, DATE), expected);
            assert!(!WSGIREF.keeps_alive(&answer, USUAL));
        }
    }
}
