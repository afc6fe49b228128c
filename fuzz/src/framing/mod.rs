//! Where HTTP messages begin and end (RFC 9112), on the whole of what came, head by head and line by line.

mod head;

use ptpwatch_core::http::{Body, Method, Version};
use ptpwatch_core::limits::{CHUNK_DIGITS_MAX, CHUNK_LINE_MAX, EMPTY_LINES_MAX, TRAILERS_MAX};

use head::parse_head;

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Message {
    pub(crate) head: Head,
    /// As much of the body as came, without the framing of chunks.
    pub(crate) body: Vec<u8>,
    pub(crate) has_ended: bool,
}

/// The head of a message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Head {
    pub(crate) start: Start,
    pub(crate) version: Version,
    pub(crate) body: Body,
    pub(crate) keep_alive: bool,
    pub(crate) expects_continue: bool,
    pub(crate) authority: Option<Vec<u8>>,
    pub(crate) content_type: Option<Vec<u8>>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Start {
    Request(Method, Vec<u8>),
    Response(u16),
}

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Role {
    Server,
    /// `to_head`: the first response answers a HEAD.
    Client {
        to_head: bool,
    },
}

/// What came on a connection.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Connection {
    pub(crate) messages: Vec<Message>,
    /// Whether the bytes after the messages, or within the last, are no HTTP or unclear: the connection is at its end.
    pub(crate) is_refused: bool,
}

/// Reads what came on a connection. `closed`: no more comes.
pub(crate) fn read(bytes: &[u8], role: Role, closed: bool) -> Connection {
    let mut stream = Stream { bytes, role, closed };
    let mut messages = Vec::new();
    loop {
        let (head, rest) = match stream.head() {
            Take::All(head, rest) => (head, rest),
            Take::Part => return Connection { messages, is_refused: false },
            Take::Bad => return Connection { messages, is_refused: true },
        };
        stream.bytes = rest;
        let mut body = Vec::new();
        let end = stream.body(head.body, &mut body);
        let has_ended = matches!(end, Take::All(..));
        messages.push(Message { head, body, has_ended });
        match end {
            Take::All((), rest) => stream.bytes = rest,
            Take::Part => return Connection { messages, is_refused: closed },
            Take::Bad => return Connection { messages, is_refused: true },
        }
        if stream.role != Role::Server {
            stream.role = Role::Client { to_head: false };
        }
    }
}

/// What was taken off the front of the bytes.
enum Take<'b, T> {
    All(T, &'b [u8]),
    Part,
    Bad,
}

struct Stream<'b> {
    bytes: &'b [u8],
    role: Role,
    closed: bool,
}

impl<'b> Stream<'b> {
    /// Takes the next head; those of interim responses are passed over.
    fn head(&self) -> Take<'b, Head> {
        let mut rest = self.bytes;
        if self.role == Role::Server {
            for _ in 0..EMPTY_LINES_MAX {
                rest = rest.strip_prefix(b"\r\n").unwrap_or(rest);
            }
        }
        loop {
            let has_begun = self.role != Role::Server && rest.len() < self.bytes.len();
            let (lines, behind) = match head_lines(rest) {
                Take::All(lines, behind) => (lines, behind),
                Take::Part if self.closed && (has_begun || !matches!(rest, [] | [b'\r'])) => {
                    return Take::Bad;
                }
                Take::Part => return Take::Part,
                Take::Bad => return Take::Bad,
            };
            match parse_head(&lines, self.role) {
                Some(Some(head)) => return Take::All(head, behind),
                Some(None) => rest = behind,
                None => return Take::Bad,
            }
        }
    }

    fn body(&self, framing: Body, body: &mut Vec<u8>) -> Take<'b, ()> {
        match framing {
            Body::None => Take::All((), self.bytes),
            Body::Length(length) => take_data(self.bytes, length, body),
            Body::Chunked => take_chunks(self.bytes, body),
            Body::UntilClose => {
                body.extend(self.bytes);
                if self.closed { Take::All((), &[]) } else { Take::Part }
            }
        }
    }
}

/// Takes a line, without its end. Policy: it ends in CRLF, a NUL has no place in it, nor a CR or LF alone; and it is
/// refused once it is longer than `longest`, whether its end is there or not.
fn line(bytes: &[u8], longest: usize) -> Take<'_, &[u8]> {
    let length = bytes.iter().take_while(|byte| !b"\r\n\0".contains(byte)).count();
    let (line, rest) = bytes.split_at(length);
    match rest {
        _ if length > longest => Take::Bad,
        [] | [b'\r'] => Take::Part,
        [b'\r', b'\n', rest @ ..] => Take::All(line, rest),
        _ => Take::Bad,
    }
}

/// Takes the lines of a head and its empty line. One that begins with white space is folded, or before the first field.
fn head_lines(bytes: &[u8]) -> Take<'_, Vec<&[u8]>> {
    let mut lines = Vec::new();
    let mut rest = bytes;
    loop {
        match line(rest, usize::MAX) {
            Take::All([b' ' | b'\t', ..], _) | Take::Bad => return Take::Bad,
            Take::All([], _) if lines.is_empty() => return Take::Bad,
            Take::All([], behind) => return Take::All(lines, behind),
            Take::All(line, behind) => {
                lines.push(line);
                rest = behind;
            }
            Take::Part => return Take::Part,
        }
    }
}

fn take_data<'b>(bytes: &'b [u8], length: u64, body: &mut Vec<u8>) -> Take<'b, ()> {
    match usize::try_from(length).ok().and_then(|length| bytes.split_at_checked(length)) {
        Some((data, rest)) => {
            body.extend(data);
            Take::All((), rest)
        }
        None => {
            body.extend(bytes);
            Take::Part
        }
    }
}

fn take_chunks<'b>(bytes: &'b [u8], body: &mut Vec<u8>) -> Take<'b, ()> {
    let mut rest = bytes;
    loop {
        let (size, behind) = match line(rest, CHUNK_LINE_MAX) {
            Take::All(line, behind) => (parse_size(line), behind),
            Take::Part => return Take::Part,
            Take::Bad => return Take::Bad,
        };
        let data_end = match size {
            None => return Take::Bad,
            Some(0) => return take_trailers(behind),
            Some(size) => take_data(behind, size, body),
        };
        let Take::All((), behind) = data_end else { return Take::Part };
        match line(behind, 0) {
            Take::All(_, behind) => rest = behind,
            Take::Part => return Take::Part,
            Take::Bad => return Take::Bad,
        }
    }
}

/// Policy: the size of a chunk has `CHUNK_DIGITS_MAX` digits at most, and extensions may hold anything.
fn parse_size(line: &[u8]) -> Option<u64> {
    let line = std::str::from_utf8(line.split(|byte| *byte == b';').next()?)
        .ok()
        .map(|size| if line.contains(&b';') { size.trim_end_matches([' ', '\t']) } else { size })?;
    let is_size =
        (1..=CHUNK_DIGITS_MAX).contains(&line.len()) && line.bytes().all(|digit| digit.is_ascii_hexdigit());
    if is_size { u64::from_str_radix(line, 16).ok() } else { None }
}

/// Policy: trailers may hold anything, in `TRAILERS_MAX` bytes.
fn take_trailers(bytes: &[u8]) -> Take<'_, ()> {
    let mut rest = bytes;
    loop {
        let longest = TRAILERS_MAX.saturating_sub(bytes.len() - rest.len());
        match line(rest, longest) {
            Take::All([], behind) => return Take::All((), behind),
            Take::All(_, behind) => rest = behind,
            Take::Part => return Take::Part,
            Take::Bad => return Take::Bad,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(text: &str, role: Role) -> (Vec<String>, bool) {
        let read = read(text.as_bytes(), role, false);
        let bodies = read.messages.iter().map(|message| String::from_utf8_lossy(&message.body).into_owned());
        (bodies.collect(), read.is_refused)
    }

    #[test]
    fn messages_follow_one_another() {
        let text = "POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc\r\nPOST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\
            2;x\r\nde\r\n1\r\nf\r\n0\r\nT: 1\r\n\r\nGET /c HTTP/1.1\r\n\r\nGET";
        assert_eq!(bodies(text, Role::Server), (vec!["abc".into(), "def".into(), String::new()], false));
        let text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204\r\n\r\nHTTP/1.0 200 OK\r\n\r\nall";
        let client = Role::Client { to_head: false };
        assert_eq!(bodies(text, client), (vec![String::new(), "all".into()], false));
        assert!(read(text.as_bytes(), client, true).messages[1].has_ended);
    }

    #[test]
    fn what_is_unclear_is_refused() {
        for fields in [
            "Content-Length: 1\r\nContent-Length: 1",
            "Content-Length: +1",
            "Content-Length: 1\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: gzip, chunked",
            "Content-Length : 1",
            "X: a\r\n b",
            "X: a\nY: b",
        ] {
            let (messages, is_refused) =
                bodies(&format!("POST / HTTP/1.1\r\n{fields}\r\n\r\nx"), Role::Server);
            assert!(messages.is_empty() && is_refused, "{fields}");
        }
    }
}
