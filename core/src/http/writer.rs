//! Writing a message into lent memory, all or nothing.

use super::Method;
use super::class::{is_text, is_visible};

/// Writes one message into lent memory, all or nothing.
///
/// What does not fit, or would not be read as it was meant, makes [`Writer::finish`] return `None`; what is written
/// after it is dropped. The order of the parts is the caller's: a start line, fields, [`Writer::finish_head`], a body.
#[derive(Debug)]
pub struct Writer<'b> {
    buffer: &'b mut [u8],
    /// Bytes written so far; `None` once something went wrong.
    length: Option<usize>,
}

impl<'b> Writer<'b> {
    /// A writer at the front of `buffer`.
    pub fn new(buffer: &'b mut [u8]) -> Self {
        Self { buffer, length: Some(0) }
    }

    /// Writes a request line and the Host field (RFC 9112 sections 3 and 3.2). The pieces of `target` follow one
    /// another verbatim; neither they nor `host` may hold white space or control characters.
    pub fn request(&mut self, method: Method, target: &[&[u8]], host: &[u8]) {
        self.require(method != Method::Other);
        self.require(target.iter().any(|piece| !piece.is_empty()));
        self.bytes(method.as_bytes());
        self.bytes(b" ");
        for piece in target {
            self.visible(piece);
        }
        self.bytes(b" HTTP/1.1\r\n");
        self.field_name("Host");
        self.visible(host);
        self.bytes(b"\r\n");
    }

    /// Writes a status line (RFC 9112 section 4). `status` has three digits; its phrase is empty if it is never written
    /// here.
    pub fn status(&mut self, status: u16) {
        self.require(matches!(status, 100..=999));
        self.bytes(b"HTTP/1.1 ");
        self.number(usize::from(status));
        self.bytes(b" ");
        let phrase = PHRASES.iter().find(|known| known.0 == status).map_or("", |known| known.1);
        self.bytes(phrase.as_bytes());
        self.bytes(b"\r\n");
    }

    /// Writes a field (RFC 9110 section 5). `name` is of letters, digits and hyphens, `value` without control
    /// characters but tabs.
    pub fn field(&mut self, name: &str, value: &[u8]) {
        self.field_name(name);
        self.require(is_text(value));
        self.bytes(value);
        self.bytes(b"\r\n");
    }

    /// Writes a field whose value is a number.
    pub fn field_number(&mut self, name: &str, value: usize) {
        self.field_name(name);
        self.number(value);
        self.bytes(b"\r\n");
    }

    /// Ends the head; the body follows.
    pub fn finish_head(&mut self) {
        self.bytes(b"\r\n");
    }

    /// Writes bytes of the body, verbatim.
    pub fn bytes(&mut self, bytes: &[u8]) {
        let Some(start) = self.length else { return };
        let end = start.wrapping_add(bytes.len());
        self.length = None;
        let Some(room) = self.buffer.get_mut(start..end) else { return };
        // Not `copy_from_slice`, whose check of the lengths keeps a panic reachable.
        for (to, from) in room.iter_mut().zip(bytes) {
            *to = *from;
        }
        self.length = Some(end);
    }

    /// Writes a JSON string with its quotes: `text`, escaped (RFC 8259 section 7). It is UTF-8, or the JSON is not.
    pub fn json_text(&mut self, text: &[u8]) {
        self.bytes(b"\"");
        for byte in text {
            self.json_byte(*byte);
        }
        self.bytes(b"\"");
    }

    fn json_byte(&mut self, byte: u8) {
        match byte {
            b'"' | b'\\' => self.bytes(&[b'\\', byte]),
            0..0x20 => self.bytes(&[b'\\', b'u', b'0', b'0', hex_digit(byte >> 4), hex_digit(byte)]),
            _ => self.bytes(&[byte]),
        }
    }

    /// Writes one chunk with its framing (RFC 9112 section 7.1); nothing if `bytes` is empty, which would end the body.
    pub fn chunk(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.hex(bytes.len());
        self.bytes(b"\r\n");
        self.bytes(bytes);
        self.bytes(b"\r\n");
    }

    /// Ends a body of chunks.
    pub fn last_chunk(&mut self) {
        self.bytes(b"0\r\n\r\n");
    }

    /// The length of the message; `None` if it could not be written, and then nothing counts as written.
    pub fn finish(self) -> Option<usize> {
        self.length
    }

    /// Writes what may hold neither control characters nor white space.
    fn visible(&mut self, text: &[u8]) {
        self.require(text.iter().all(|byte| is_visible(*byte)));
        self.bytes(text);
    }

    fn field_name(&mut self, name: &str) {
        self.require(
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'),
        );
        self.bytes(name.as_bytes());
        self.bytes(b": ");
    }

    fn number(&mut self, mut value: usize) {
        let mut digits = [0; 20];
        let mut start = digits.len();
        for digit in digits.iter_mut().rev() {
            *digit = b'0' | (value % 10) as u8;
            value /= 10;
            start = start.wrapping_sub(1);
            if value == 0 {
                break;
            }
        }
        self.bytes(digits.get(start..).unwrap_or_default());
    }

    fn hex(&mut self, mut value: usize) {
        let mut digits = [0; 16];
        let mut start = digits.len();
        for digit in digits.iter_mut().rev() {
            *digit = hex_digit(value as u8);
            value >>= 4;
            start = start.wrapping_sub(1);
            if value == 0 {
                break;
            }
        }
        self.bytes(digits.get(start..).unwrap_or_default());
    }

    fn require(&mut self, holds: bool) {
        if !holds {
            self.length = None;
        }
    }
}

/// The digit of the lower half of `byte`.
fn hex_digit(byte: u8) -> u8 {
    match byte & 0xf {
        digit @ 0..10 => b'0' | digit,
        digit => b'a'.wrapping_sub(10).wrapping_add(digit),
    }
}

/// The reason phrases of the statuses that we answer with (RFC 9110 section 15).
const PHRASES: [(u16, &str); 13] = [
    (100, "Continue"),
    (200, "OK"),
    (204, "No Content"),
    (400, "Bad Request"),
    (404, "Not Found"),
    (405, "Method Not Allowed"),
    (408, "Request Timeout"),
    (413, "Content Too Large"),
    (431, "Request Header Fields Too Large"),
    (500, "Internal Server Error"),
    (501, "Not Implemented"),
    (503, "Service Unavailable"),
    (505, "HTTP Version Not Supported"),
];

#[cfg(test)]
mod tests {
    use super::super::{Body, Head, Line, Part, Receiver};
    use super::*;

    fn written(write: impl Fn(&mut Writer<'_>)) -> Option<String> {
        let mut buffer = [0; 512];
        let mut writer = Writer::new(&mut buffer);
        write(&mut writer);
        let length = writer.finish()?;
        for shorter in 0..length {
            let mut writer = Writer::new(&mut buffer[..shorter]);
            write(&mut writer);
            assert_eq!(writer.finish(), None, "{shorter} bytes");
        }
        let mut exact = vec![0; length];
        let mut writer = Writer::new(&mut exact);
        write(&mut writer);
        assert_eq!(writer.finish(), Some(length));
        Some(String::from_utf8(exact).unwrap())
    }

    #[test]
    fn writes_a_request() {
        let text = written(|writer| {
            writer.request(Method::Post, &[b"/api", b"", b"/subscriptions?x=1"], b"[::1]:9043");
            writer.field("Content-Type", b"application/json");
            writer.field("X-Empty", b"");
            writer.field_number("Content-Length", 2);
            writer.finish_head();
            writer.bytes(b"{}");
        });
        let expected = "POST /api/subscriptions?x=1 HTTP/1.1\r\nHost: [::1]:9043\r\n\
            Content-Type: application/json\r\nX-Empty: \r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(text.as_deref(), Some(expected));
    }

    #[test]
    fn writes_a_response_in_chunks() {
        let text = written(|writer| {
            writer.status(200);
            writer.field("Transfer-Encoding", b"chunked");
            writer.finish_head();
            writer.chunk(b"0123456789abcdef0");
            writer.chunk(b"");
            writer.chunk(b"x");
            writer.last_chunk();
        });
        let expected = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
            11\r\n0123456789abcdef0\r\n1\r\nx\r\n0\r\n\r\n";
        assert_eq!(text.as_deref(), Some(expected));
    }

    #[test]
    fn writes_status_lines() {
        let line = |status| written(|writer| writer.status(status));
        assert_eq!(line(204).as_deref(), Some("HTTP/1.1 204 No Content\r\n"));
        assert_eq!(line(299).as_deref(), Some("HTTP/1.1 299 \r\n"));
        assert_eq!(line(99), None);
        assert_eq!(line(1000), None);
    }

    #[test]
    fn writes_numbers() {
        for value in [0, 1, 9, 10, 100, 1_234_567_890, usize::MAX] {
            assert_eq!(written(|writer| writer.number(value)), Some(value.to_string()));
        }
        for value in [0, 15, 16, 0xabc, usize::MAX] {
            assert_eq!(written(|writer| writer.hex(value)), Some(format!("{value:x}")));
        }
    }

    #[test]
    fn escapes_json() {
        let text = written(|writer| writer.json_text("a\"b\\\n\x1f/\x7f\u{e9}".as_bytes()));
        assert_eq!(text.as_deref(), Some("\"a\\\"b\\\\\\u000a\\u001f/\x7f\u{e9}\""));
        assert_eq!(written(|writer| writer.json_text(b"")).as_deref(), Some("\"\""));
    }

    #[test]
    fn refuses_to_split_a_head() {
        for bad in ["a\rb", "a\nb", "a\0b", "a\r\nX: y", "\u{7f}", "\u{1}"] {
            let bad = bad.as_bytes();
            assert_eq!(written(|writer| writer.field("X", bad)), None, "{bad:?}");
            assert_eq!(written(|writer| writer.request(Method::Get, &[b"/", bad], b"h")), None, "{bad:?}");
            assert_eq!(written(|writer| writer.request(Method::Get, &[b"/"], bad)), None, "{bad:?}");
        }
        assert_eq!(written(|writer| writer.request(Method::Get, &[b"/a b"], b"h")), None);
        assert_eq!(written(|writer| writer.request(Method::Get, &[b"/"], b"h x")), None);
        assert_eq!(written(|writer| writer.request(Method::Get, &[b""], b"h")), None);
        assert_eq!(written(|writer| writer.request(Method::Other, &[b"/"], b"h")), None);
        for name in ["", "a b", "a:b", "a\r\nb"] {
            assert_eq!(written(|writer| writer.field(name, b"x")), None, "{name:?}");
            assert_eq!(written(|writer| writer.field_number(name, 1)), None, "{name:?}");
        }
    }

    #[test]
    fn stays_failed() {
        let text = written(|writer| {
            writer.field("X", b"\n");
            writer.bytes(b"x");
            writer.bytes(b"");
        });
        assert_eq!(text, None);
    }

    fn first_head(mut receiver: Receiver, text: &str) -> Head<'_> {
        match receiver.next_part(text.as_bytes(), false) {
            Ok(Some((Part::Head(head), _))) => head,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn written_requests_are_read_back() {
        let text = written(|writer| {
            writer.request(Method::Delete, &[b"/v2/subscriptions/", b"9?x"], b"node1:9043");
            writer.field("Content-Type", "a \u{e9}\tb".as_bytes());
            writer.field("Transfer-Encoding", b"chunked");
            writer.finish_head();
        });
        let text = text.unwrap();
        let head = first_head(Receiver::requests(), &text);
        assert_eq!(head.line, Line::Request { method: Method::Delete, target: b"/v2/subscriptions/9?x" });
        assert_eq!(head.body, Body::Chunked);
        assert_eq!(head.field("Host"), Some(&b"node1:9043"[..]));
        assert_eq!(head.field("Content-Type"), Some("a \u{e9}\tb".as_bytes()));
    }

    #[test]
    fn written_statuses_are_read_back() {
        for status in 200..=999 {
            let text = written(|writer| {
                writer.status(status);
                writer.field_number("Content-Length", 0);
                writer.finish_head();
            });
            let text = text.unwrap();
            let head = first_head(Receiver::responses(), &text);
            assert_eq!(head.line, Line::Response { status });
        }
    }
}
