//! Answers to requests, before they are framed.

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub status: u16,
    pub media: Media,
    pub location: Option<String>,
    pub body: String,
}

/// What the body is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// Nothing is said.
    None,
    Json,
    Html,
    /// An error page of Go's.
    Page,
    /// Plain text, which was found out while writing.
    Sniffed,
}

/// What of a request decides about the framing of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Framing {
    pub is_http10: bool,
    pub keep_alive: bool,
    pub is_head: bool,
}

/// An answer that never changes but for the holes in its body, such as `$uri`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reply {
    pub status: u16,
    pub media: Media,
    pub body: &'static str,
}

impl Reply {
    /// A status and a body of JSON, which is said to be that even if it is empty.
    pub(super) const fn json(status: u16, body: &'static str) -> Self {
        Self { status, media: Media::Json, body }
    }

    /// A status and nothing else.
    pub(super) const fn bare(status: u16) -> Self {
        Self { status, media: Media::None, body: "" }
    }
}

impl Answer {
    pub(super) fn json(status: u16, body: impl Into<String>) -> Self {
        Self { status, media: Media::Json, location: None, body: body.into() }
    }

    /// The answer to a path that is spelled otherwise there.
    pub(super) fn moved(location: String) -> Self {
        Self { location: Some(location), ..Reply::bare(301).into() }
    }

    /// A reply with its holes filled.
    pub(super) fn filled(reply: Reply, holes: &[(&str, &str)]) -> Self {
        let fill = |body: String, (hole, text): &(&str, &str)| body.replace(hole, text);
        Self { body: holes.iter().fold(reply.body.into(), fill), ..reply.into() }
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self { status: reply.status, media: reply.media, location: None, body: reply.body.into() }
    }
}

impl Media {
    /// The fields that say so.
    pub(super) const fn fields(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Json => "Content-Type: application/json\r\n",
            Self::Html => "Content-Type: text/html; charset=UTF-8\r\n",
            Self::Page => "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n",
            Self::Sniffed => "Content-Type: text/plain; charset=utf-8\r\n",
        }
    }
}

/// The answer to what is no request, or lacks a `Host`; the connection is closed after it.
pub(super) fn bad_request(cause: &str) -> String {
    let line = format!("400 Bad Request{cause}");
    format!("HTTP/1.1 {line}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n{line}")
}

pub(super) const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        301 => "Moved Permanently",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        500 => "Internal Server Error",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled() {
        let reply = Reply::json(400, r#"{"error": "$a and $b"}"#);
        assert_eq!(
            Answer::filled(reply, &[("$b", "2"), ("$a", "1")]),
            Answer::json(400, r#"{"error": "1 and 2"}"#)
        );
        assert_eq!(Answer::from(Reply::bare(404)).body, "");
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
