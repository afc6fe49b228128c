//! The HTTP reader takes the messages that the model of RFC 9112 takes, in any pieces; and reads back what is written.

use ptpwatch_core::http::{Body, Error, Line, Method, Part, Receiver, Version, Writer};

use crate::cuts::Cuts;
use crate::framing::{self, Connection, Head, Message, Role, Start};

/// Checks one connection: a byte of options, two that cut it into pieces, and what comes on it.
pub fn check(input: &[u8]) {
    let [options, seed, size_max, bytes @ ..] = input else { return };
    let closed = options & 1 != 0;
    let role = match options >> 1 & 3 {
        0 | 1 => Role::Server,
        2 => Role::Client { to_head: false },
        _ => Role::Client { to_head: true },
    };
    let expected = framing::read(bytes, role, closed);
    assert_reads(bytes, role, closed, &expected);
    assert_eq!(
        receive(bytes, role, Cuts::new(*seed, *size_max), closed),
        receive(bytes, role, Cuts::none(), closed),
        "in pieces"
    );
    for message in &expected.messages {
        assert_writes(message, Cuts::new(*seed, *size_max));
    }
    assert_next_begins_where_last_ends(bytes, role, &expected);
}

/// Panics unless the receiver reads `expected`.
fn assert_reads(bytes: &[u8], role: Role, closed: bool, expected: &Connection) {
    let (messages, error) = receive(bytes, role, Cuts::none(), closed);
    assert_eq!(messages, expected.messages, "{error:?}");
    assert_eq!(error.is_some(), expected.is_refused, "{error:?}");
}

/// Reads a connection in pieces, until an error if there is one.
pub(crate) fn receive(
    bytes: &[u8],
    role: Role,
    mut cuts: Cuts,
    closed: bool,
) -> (Vec<Message>, Option<Error>) {
    let mut receiver = receiver(role);
    let mut messages: Vec<Message> = Vec::new();
    let (mut start, mut end) = (0, 0);
    loop {
        end = bytes.len().min(cuts.next_size().saturating_add(end));
        let is_last = end == bytes.len();
        loop {
            let (part, count) = match receiver.next_part(&bytes[start..end], closed && is_last) {
                Ok(Some(part)) => part,
                Ok(None) => break,
                Err(error) => {
                    let again = receiver.next_part(&bytes[start..end], closed && is_last);
                    assert_eq!(again, Err(error), "an error stays");
                    return (messages, Some(error));
                }
            };
            start += count;
            assert!(start <= end);
            take(&mut messages, &part);
            assert_eq!(receiver.is_in_body(), !matches!(part, Part::End));
        }
        if is_last {
            return (messages, None);
        }
    }
}

fn receiver(role: Role) -> Receiver {
    match role {
        Role::Server => Receiver::requests(),
        Role::Client { to_head } => {
            let mut receiver = Receiver::responses();
            receiver.expect_response_to(if to_head { Method::Head } else { Method::Get });
            receiver
        }
    }
}

fn take(messages: &mut Vec<Message>, part: &Part<'_>) {
    match (part, messages.last_mut()) {
        (Part::Head(head), _) => {
            let owned = |value: Option<&[u8]>| value.map(<[u8]>::to_vec);
            let start = match head.line {
                Line::Request { method, target } => Start::Request(method, target.to_vec()),
                Line::Response { status } => Start::Response(status),
            };
            let head = Head {
                start,
                version: head.version,
                body: head.body,
                keep_alive: head.keep_alive,
                expects_continue: head.expects_continue,
                authority: owned(head.field("Host")),
                content_type: owned(head.field("Content-Type")),
            };
            messages.push(Message { head, body: Vec::new(), has_ended: false });
        }
        (Part::Body(data), Some(message)) => {
            assert!(!data.is_empty() && !message.has_ended);
            message.body.extend(*data);
        }
        (Part::End, Some(message)) => {
            assert!(!message.has_ended);
            message.has_ended = true;
        }
        (part, None) => panic!("{part:?} before a head"),
    }
}

/// Writes a message that was read, in both ways to frame it, and reads it back.
fn assert_writes(message: &Message, cuts: Cuts) {
    if matches!(message.head.start, Start::Request(Method::Other, _)) || !has_host_to_write(&message.head) {
        return;
    }
    let is_bodiless = matches!(message.head.start, Start::Response(204 | 304));
    let length = Body::Length(message.body.len() as u64);
    for framing in if is_bodiless { [Body::None, Body::None] } else { [length, Body::Chunked] } {
        let mut expected = message.clone();
        expected.has_ended = true;
        expected.head.version = Version::Http11;
        expected.head.body = framing;
        if let Start::Request(..) = expected.head.start {
            expected.head.authority.get_or_insert_default();
        }
        let mut buffer = vec![0; 4096 + 8 * message.body.len()];
        let length = write(&expected, cuts.clone(), &mut buffer).expect("what was read can be written");
        let role = match message.head.start {
            Start::Request(..) => Role::Server,
            Start::Response(_) => Role::Client { to_head: false },
        };
        let written = framing::read(&buffer[..length], role, false);
        assert_eq!(written, Connection { messages: vec![expected], is_refused: false });
        assert_reads(&buffer[..length], role, false, &written);
    }
}

/// Policy: a Host with white space in it is read as it stands, and never written.
fn has_host_to_write(head: &Head) -> bool {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let is_request = matches!(head.start, Start::Request(..));
    !(is_request && head.authority.as_ref().is_some_and(|host| host.iter().any(is_blank)))
}

fn write(message: &Message, mut cuts: Cuts, buffer: &mut [u8]) -> Option<usize> {
    let Head { start, body, keep_alive, expects_continue, authority, content_type, .. } = &message.head;
    let mut writer = Writer::new(buffer);
    match start {
        Start::Request(method, target) => {
            let (front, back) = target.split_at(target.len() / 2);
            writer.request(*method, &[front, back], authority.as_deref().unwrap_or_default());
        }
        Start::Response(status) => {
            writer.status(*status);
            if let Some(host) = authority {
                writer.field("Host", host);
            }
        }
    }
    if let Some(value) = content_type {
        writer.field("Content-Type", value);
    }
    if *expects_continue {
        writer.field("Expect", b"100-continue");
    }
    if !keep_alive {
        writer.field("Connection", b"close");
    }
    match body {
        Body::Length(length) => {
            writer.field_number("Content-Length", usize::try_from(*length).expect("it is in memory"));
            writer.finish_head();
            writer.bytes(&message.body);
        }
        Body::Chunked => {
            writer.field("Transfer-Encoding", b"chunked");
            writer.finish_head();
            let mut rest = &message.body[..];
            while !rest.is_empty() {
                let (chunk, behind) = rest.split_at(cuts.next_size().min(rest.len()));
                writer.chunk(chunk);
                rest = behind;
            }
            writer.last_chunk();
        }
        Body::None | Body::UntilClose => writer.finish_head(),
    }
    writer.finish()
}

/// No byte of a complete message is taken for the next one's, nor the other way round: one more is read as it is.
fn assert_next_begins_where_last_ends(bytes: &[u8], role: Role, expected: &Connection) {
    let next: &[u8] = match role {
        Role::Server => b"DELETE /next HTTP/1.1\r\nHost: next\r\n\r\n",
        Role::Client { .. } => b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n",
    };
    let is_complete = expected.messages.iter().all(|message| message.has_ended);
    let is_until_close = expected.messages.iter().any(|message| message.head.body == Body::UntilClose);
    let is_clean = framing::read(bytes, role, true) == *expected;
    if !is_complete || is_until_close || !is_clean || expected.is_refused || bytes.ends_with(b"\r") {
        return;
    }
    let (messages, error) = receive(&[bytes, next].concat(), role, Cuts::none(), false);
    assert_eq!(error, None);
    let (last, before) = messages.split_last().expect("the next one");
    assert_eq!(before, expected.messages);
    assert!(last.has_ended && last.body.is_empty());
    assert!(match &last.head.start {
        Start::Request(method, target) => *method == Method::Delete && target == b"/next",
        Start::Response(status) => *status == 202,
    });
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    const TWO: &str = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc\
        PUT /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Type: t\r\n\r\n2\r\nde\r\n0\r\n\r\n";

    #[test]
    fn every_planted_difference_is_seen() {
        check(&[b"\x01\x07\x05", TWO.as_bytes()].concat());
        for (from, to) in [
            ("/a", "/c"),
            ("POST", "PUT"),
            ("Host: h\r\n", ""),
            ("Content-Length: 3", "Content-Length: 4"),
            ("abc", "abd"),
            ("Content-Length: 3", "Content-Length: 3\r\nContent-Length: 3"),
            ("chunked", "chunked, chunked"),
            ("2\r\nde", "1\r\nd"),
            ("Content-Type: t\r\n", "Connection: close\r\n"),
            ("Content-Type: t", "Content-Type: u"),
            ("0\r\n\r\n", "0\r\n"),
        ] {
            let other = TWO.replace(from, to);
            assert_ne!(TWO, other, "{from}");
            let expected = framing::read(other.as_bytes(), Role::Server, false);
            let passes = catch_unwind(|| assert_reads(TWO.as_bytes(), Role::Server, false, &expected));
            assert!(passes.is_err(), "{from} {to}");
        }
    }
}
