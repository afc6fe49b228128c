//! Answers to requests, byte for byte as Go's HTTP server frames them.

use super::manners::Reply;

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    status: u16,
    media: Media,
    location: Option<String>,
    body: String,
}

/// What the body is said to be, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Media {
    /// Nothing is said.
    None,
    Json,
    /// An error page.
    Page,
    /// Found out while writing: the field stands after the length.
    Sniffed,
}

/// What of a request decides about the framing of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Framing {
    pub is_http10: bool,
    pub keep_alive: bool,
    pub is_head: bool,
}

impl Answer {
    pub(super) fn json(status: u16, body: impl Into<String>) -> Self {
        Self { status, media: Media::Json, location: None, body: body.into() }
    }

    /// A status and nothing else.
    pub(super) fn bare(status: u16) -> Self {
        Self { status, media: Media::None, location: None, body: String::new() }
    }

    /// The answer to a probe.
    pub(super) fn ok() -> Self {
        Self { media: Media::Sniffed, body: "OK".into(), ..Self::bare(200) }
    }

    /// The answer to a path that is none.
    pub(super) fn no_page() -> Self {
        Self { media: Media::Page, body: "404 page not found\n".into(), ..Self::bare(404) }
    }

    /// The answer to a path that Go would spell otherwise.
    pub(super) fn moved(location: String) -> Self {
        Self { location: Some(location), ..Self::bare(301) }
    }

    /// Whether the connection lasts. HTTP/1.0 has no other end for a body of unknown length.
    pub(super) fn keeps_alive(&self, framing: Framing) -> bool {
        framing.keep_alive && !(framing.is_http10 && self.is_long())
    }

    /// The bytes of the answer; `date` is an HTTP date.
    pub(super) fn write(&self, framing: Framing, date: &str) -> String {
        let version = if framing.is_http10 { "1.0" } else { "1.1" };
        let mut text = format!("HTTP/{version} {} {}\r\n", self.status, reason(self.status));
        if let Some(location) = &self.location {
            text += &format!("Location: {location}\r\n");
        }
        text += match self.media {
            Media::Json => "Content-Type: application/json\r\n",
            Media::Page => "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n",
            Media::None | Media::Sniffed => "",
        };
        text += &format!("Date: {date}\r\n");
        let is_chunked = self.is_long() && !framing.is_http10;
        if is_chunked {
            text += "Transfer-Encoding: chunked\r\n";
        } else if !self.is_long() && self.status != 204 && !(framing.is_head && self.body.is_empty()) {
            text += &format!("Content-Length: {}\r\n", self.body.len());
        }
        if self.media == Media::Sniffed {
            text += "Content-Type: text/plain; charset=utf-8\r\n";
        }
        text += match (framing.is_http10, self.keeps_alive(framing)) {
            (true, true) => "Connection: keep-alive\r\n",
            (false, false) => "Connection: close\r\n",
            _ => "",
        };
        text += "\r\n";
        match (framing.is_head, is_chunked) {
            (true, _) => text,
            (false, true) => text + &format!("{:x}\r\n{}\r\n0\r\n\r\n", self.body.len(), self.body),
            (false, false) => text + &self.body,
        }
    }

    /// Go buffers this much before it gives up counting.
    fn is_long(&self) -> bool {
        self.body.len() > 2048
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        match reply.body {
            Some(body) => Self::json(reply.status, body),
            None => Self::bare(reply.status),
        }
    }
}

/// The answer to what is no request, or lacks a `Host`; the connection is closed after it.
pub(super) fn bad_request(cause: &str) -> String {
    let line = format!("400 Bad Request{cause}");
    format!("HTTP/1.1 {line}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n{line}")
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        301 => "Moved Permanently",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Framing = Framing { is_http10: false, keep_alive: true, is_head: false };
    const DATE: &str = "Sun, 22 Nov 2026 18:07:12 GMT";

    #[test]
    fn fields_stand_in_the_order_of_go() {
        for (answer, framing, expected) in [
            (
                Answer::ok(),
                USUAL,
                "HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 18:07:12 GMT\r\nContent-Length: 2\r\n\
                 Content-Type: text/plain; charset=utf-8\r\n\r\nOK",
            ),
            (
                Answer::ok(),
                Framing { is_http10: true, ..USUAL },
                "HTTP/1.0 200 OK\r\nDate: Sun, 22 Nov 2026 18:07:12 GMT\r\nContent-Length: 2\r\n\
                 Content-Type: text/plain; charset=utf-8\r\nConnection: keep-alive\r\n\r\nOK",
            ),
            (
                Answer::no_page(),
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
                Answer::bare(405),
                Framing { is_head: true, ..USUAL },
                "HTTP/1.1 405 Method Not Allowed\r\nDate: Sun, 22 Nov 2026 18:07:12 GMT\r\n\r\n",
            ),
            (
                Answer::bare(204),
                USUAL,
                "HTTP/1.1 204 No Content\r\nDate: Sun, 22 Nov 2026 18:07:12 GMT\r\n\r\n",
            ),
            (
                Answer::json(201, "{}"),
                Framing { keep_alive: false, ..USUAL },
                "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n\
                 Date: Sun, 22 Nov 2026 18:07:12 GMT\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
            ),
        ] {
            assert_eq!(answer.write(framing, DATE), expected);
        }
    }

    #[test]
    fn a_body_over_2_kilobytes_goes_in_one_chunk() {
        let fits = Answer::json(200, "x".repeat(2048)).write(USUAL, DATE);
        assert!(fits.contains("\r\nContent-Length: 2048\r\n"));
        let body = "x".repeat(2049);
        let chunked = Answer::json(200, &*body).write(USUAL, DATE);
        assert!(chunked.contains("GMT\r\nTransfer-Encoding: chunked\r\n\r\n801\r\nxxx"));
        assert!(chunked.ends_with("xxx\r\n0\r\n\r\n"));
        let old = Framing { is_http10: true, ..USUAL };
        let plain = Answer::json(200, &*body);
        assert!(!plain.keeps_alive(old));
        assert!(plain.write(old, DATE).ends_with(&format!("GMT\r\n\r\n{body}")));
    }

    #[test]
    fn what_is_no_request_is_told_so() {
        assert_eq!(
            bad_request(": missing required Host header"),
            "HTTP/1.1 400 Bad Request: missing required Host header\r\n\
             Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n\
             400 Bad Request: missing required Host header"
        );
    }
}
