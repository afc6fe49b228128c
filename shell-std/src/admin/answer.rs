//! Answers: from a request to bytes that lie ready to be sent.

use std::fmt::{self, Write};

use ptpwatch_core::consumer::Link;
use ptpwatch_core::http::Writer;

use super::facts::Facts;
use super::fill::Fill;
use super::metrics::{self, Format};
use super::request::{Request, Route};
use super::seat::Seat;
use super::state::{Extent, State};
use super::stream::Stream;
use crate::json::Json;

/// What the head of an answer says.
struct Head {
    status: u16,
    content_type: &'static str,
    /// `None`: the body ends with the connection.
    length: Option<usize>,
    keeps: bool,
    is_http10: bool,
}

/// Answers what was asked, or refuses it.
pub(super) fn answer(seat: &mut Seat<'_>, asked: Result<Request, u16>, facts: &Facts<'_>) {
    let request = asked.unwrap_or_else(Request::refused);
    if request.route == Ok(Route::Events) && facts.streams < STREAMS_MAX && !request.is_head {
        return begin_stream(seat, facts);
    }
    let Some((front, room)) = seat.output.split_at_mut_checked(HEAD_MAX) else { return seat.leave() };
    let mut body = Fill::new(room);
    let (status, content_type) = write_body(&mut body, request, facts).unwrap_or_else(|_| {
        body.truncate(0);
        (500, TEXT)
    });
    let length = body.length();
    let keeps = request.keeps && status != 500;
    let head = Head { status, content_type, length: Some(length), keeps, is_http10: request.is_http10 };
    let Some(start) = head.write_before(front) else { return seat.leave() };
    let end = if request.is_head { HEAD_MAX } else { HEAD_MAX + length };
    seat.answer(facts.moment.now, start..end, !keeps);
}

/// Begins to tell what changes, to the end of the connection.
fn begin_stream(seat: &mut Seat<'_>, facts: &Facts<'_>) {
    let Some((front, room)) = seat.output.split_at_mut_checked(HEAD_MAX) else { return seat.leave() };
    let mut out = Fill::new(room);
    let head = Head { status: 200, content_type: EVENTS, length: None, keeps: false, is_http10: false };
    match (Stream::begin(&mut out, facts), head.write_before(front)) {
        (Ok(stream), Some(start)) => {
            let end = HEAD_MAX + out.length();
            seat.begin_stream(facts.moment.now, start..end, stream);
        }
        _ => seat.leave(),
    }
}

/// Writes what was asked for; returns the status, and what it is.
fn write_body(
    out: &mut Fill<'_>,
    request: Request,
    facts: &Facts<'_>,
) -> Result<(u16, &'static str), fmt::Error> {
    Ok(match request.route {
        Ok(Route::Page) => {
            out.push(PAGE)?;
            (200, HTML)
        }
        Ok(Route::Metrics) => {
            let format = if request.prefers_openmetrics { Format::OpenMetrics } else { Format::Text };
            metrics::write(out, format, facts)?;
            (200, format.content_type())
        }
        Ok(Route::Alive) => {
            out.write_str("ok\n")?;
            (200, TEXT)
        }
        Ok(Route::Ready) => (write_ready(out, facts)?, TEXT),
        Ok(Route::State) => {
            State(facts, Extent::WithHistory).write(out)?;
            out.write_str("\n")?;
            (200, JSON)
        }
        Ok(Route::Events) if request.is_head => (200, EVENTS),
        Ok(Route::Events) => {
            out.write_str("there are too many readers\n")?;
            (503, TEXT)
        }
        Err(status) => {
            out.write_str(if status == 404 {
                "there is / /metrics /livez /readyz /state /events\n"
            } else {
                ""
            })?;
            (status, TEXT)
        }
    })
}

/// Says whether events come in, and why not; returns the status.
fn write_ready(out: &mut Fill<'_>, facts: &Facts<'_>) -> Result<u16, fmt::Error> {
    let Link { is_up, subscribed, taken, wanted, .. } = facts.link;
    match is_up {
        _ if facts.is_ready() => out.write_str("ok\n")?,
        _ if facts.is_stopping => out.write_str("not ready: it ends\n")?,
        Some(true) => writeln!(out, "not ready: subscribed {subscribed} of {wanted}, {taken} taken")?,
        _ => out.write_str("not ready: the producer does not answer\n")?,
    }
    Ok(if facts.is_ready() { 200 } else { 503 })
}

impl Head {
    /// Writes the head so that it ends where `front` does, and the body follows; returns where it starts.
    fn write_before(&self, front: &mut [u8]) -> Option<usize> {
        let mut writer = Writer::new(front);
        writer.status(self.status);
        writer.field("Content-Type", self.content_type.as_bytes());
        if self.content_type == HTML {
            writer.field("Content-Encoding", b"gzip");
        }
        if let Some(length) = self.length {
            writer.field_number("Content-Length", length);
        }
        if self.status == 405 {
            writer.field("Allow", b"GET, HEAD");
        }
        if self.status == 503 {
            writer.field("Retry-After", b"5");
        }
        writer.bytes(FIELDS.as_bytes());
        if !self.keeps {
            writer.field("Connection", b"close");
        } else if self.is_http10 {
            writer.field("Connection", b"keep-alive");
        }
        writer.finish_head();
        let length = writer.finish()?;
        let start = front.len() - length;
        front.copy_within(..length, start);
        Some(start)
    }
}

/// What every answer says: it is true now alone, it is what it says it is, and a browser may make no more of it.
const FIELDS: &str = concat!(
    "Cache-Control: no-store\r\n",
    "Content-Security-Policy: default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'; style-src 'sha256-",
    env!("PAGE_STYLE_HASH"),
    "'; script-src 'sha256-",
    env!("PAGE_SCRIPT_HASH"),
    "'\r\n",
    "Cross-Origin-Opener-Policy: same-origin\r\n",
    "Cross-Origin-Resource-Policy: same-origin\r\n",
    "Referrer-Policy: no-referrer\r\n",
    "X-Content-Type-Options: nosniff\r\n",
);

/// The status page, as every browser takes it.
const PAGE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/page.html.gz"));

const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";

/// Longest head of an answer, in bytes.
const HEAD_MAX: usize = 1024;
/// Most streams at a time: the other seats are for questions.
const STREAMS_MAX: usize = 8;
