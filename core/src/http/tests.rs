//! What holds for the rooms of `http` together: the same parts whatever the pieces, and no smuggling.

use super::{Body, Error, Method, Part, Receiver, Version};
use crate::limits::{CHUNK_EXTENSION_MAX, EMPTY_LINES_MAX, TRAILERS_MAX};

const EVENT: &str = "POST /event HTTP/1.1\r\nHost: 10.0.0.7:9085\r\nUser-Agent: Go-http-client/1.1\r\n\
    Content-Length: 21\r\nContent-Type: application/json\r\nAccept-Encoding: gzip\r\n\r\n{\"specversion\":\"1.0\"}";
const PROBE: &str = "GET /health HTTP/1.0\r\n\r\n";
const UPLOAD: &str = "POST /event HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n\
    5\r\nhello\r\n00D;name=\"v\"\r\n, chunked one\r\n0;last\r\nX-Check: 1\r\nX-More: 2\r\n\r\n";
const CREATED: &str = "HTTP/1.1 201 Created\r\nLocation: /v2/subscriptions/9\r\nContent-Type: application/json\r\n\
    Date: Sun, 22 Nov 2026 18:47:58 GMT\r\nContent-Length: 2\r\n\r\n{}";
const LISTED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n[\r\n1\r\n]\r\n0\r\n\r\n";
const NO_CONTENT: &str = "HTTP/1.1 204 No Content\r\n\r\n";
const CONTINUED: &str = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n\
    HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const UNTIL_CLOSE: &str = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nall of it";

/// A message as it was read, its body put together.
#[derive(Clone, Debug, PartialEq)]
struct Message {
    line: String,
    body: Vec<u8>,
    ended: bool,
}

/// Reads `bytes`, of which each of `windows` shows the caller so much more; closes after the last one if `closes`.
fn read(
    receiver: &mut Receiver,
    bytes: &[u8],
    windows: impl IntoIterator<Item = usize>,
    closes: bool,
) -> Result<Vec<Message>, Error> {
    let mut messages: Vec<Message> = Vec::new();
    let mut start = 0;
    let shown = windows.into_iter().map(|end| (end, false)).chain([(bytes.len(), closes)]);
    for (end, closed) in shown {
        while let Some((part, count)) = receiver.next_part(&bytes[start..end], closed)? {
            start += count;
            assert!(start <= end);
            match part {
                Part::Head(head) => {
                    messages.push(Message { line: format!("{head:?}"), body: Vec::new(), ended: false });
                    assert!(receiver.is_in_body());
                }
                Part::Body(data) => {
                    assert!(!data.is_empty() && receiver.is_in_body());
                    messages.last_mut().unwrap().body.extend(data);
                }
                Part::End => {
                    assert!(receiver.is_between_messages());
                    messages.last_mut().unwrap().ended = true;
                }
            }
        }
    }
    Ok(messages)
}

fn whole(receiver: Receiver, bytes: &[u8]) -> Result<Vec<Message>, Error> {
    read(&mut { receiver }, bytes, [], false)
}

fn good() -> Vec<(Receiver, String)> {
    let mut good: Vec<_> =
        [EVENT, PROBE, UPLOAD, &["\r\n\r\n", EVENT].concat(), &[EVENT, UPLOAD, PROBE].concat()]
            .map(|text| (Receiver::requests(), text.to_string()))
            .into();
    good.extend(
        [CREATED, LISTED, NO_CONTENT, CONTINUED, &[CONTINUED, NO_CONTENT, LISTED].concat()]
            .map(|text| (Receiver::responses(), text.to_string())),
    );
    good
}

fn refused(text: &str) -> Error {
    whole(Receiver::requests(), text.as_bytes()).unwrap_err()
}

fn refused_response(text: &str) -> Error {
    whole(Receiver::responses(), text.as_bytes()).unwrap_err()
}

#[test]
fn reads_pipelined_requests() {
    let text = [EVENT, UPLOAD, PROBE].concat();
    let messages = whole(Receiver::requests(), text.as_bytes()).unwrap();
    let bodies: Vec<_> = messages.iter().map(|message| String::from_utf8_lossy(&message.body)).collect();
    assert_eq!(bodies, ["{\"specversion\":\"1.0\"}", "hello, chunked one", ""]);
    assert!(messages.iter().all(|message| message.ended));
}

#[test]
fn splits_change_nothing() {
    for (receiver, text) in good() {
        let bytes = text.as_bytes();
        let expected = whole(receiver.clone(), bytes).unwrap();
        assert!(expected.iter().all(|message| message.ended), "{text}");
        for split in 0..bytes.len() {
            assert_eq!(read(&mut receiver.clone(), bytes, [split], false).as_ref(), Ok(&expected), "{text}");
        }
        assert_eq!(
            read(&mut receiver.clone(), bytes, 0..bytes.len(), false).as_ref(),
            Ok(&expected),
            "{text}"
        );
        assert_eq!(read(&mut receiver.clone(), bytes, [], true).as_ref(), Ok(&expected), "{text}");
    }
}

#[test]
fn prefixes_ask_for_more_and_closes_truncate() {
    for (receiver, text) in good() {
        for end in 0..text.len() {
            let prefix = &text.as_bytes()[..end];
            let mut open = receiver.clone();
            read(&mut open, prefix, [], false).unwrap();
            let is_idle = open.is_between_messages() && !open.is_head_incomplete();
            let closed = read(&mut receiver.clone(), prefix, [], true);
            assert_eq!(closed.is_ok(), is_idle, "{prefix:?}");
            assert!(closed.is_ok() || closed == Err(Error::Truncated));
        }
    }
}

#[test]
fn flipped_bytes_never_panic() {
    for (receiver, text) in good() {
        for at in 0..text.len() {
            for flip in [0x01, 0x20, 0x80, 0xff, text.as_bytes()[at], text.as_bytes()[at] ^ b'\n'] {
                let mut bytes = text.clone().into_bytes();
                bytes[at] ^= flip;
                let at_once = whole(receiver.clone(), &bytes);
                assert_eq!(read(&mut receiver.clone(), &bytes, 0..bytes.len(), false).ok(), at_once.ok());
            }
        }
    }
}

#[test]
fn a_close_ends_a_body_without_length() {
    let bytes = UNTIL_CLOSE.as_bytes();
    for windows in [0..0, 0..bytes.len()] {
        let messages = read(&mut Receiver::responses(), bytes, windows, true).unwrap();
        assert_eq!(messages[0].body, b"all of it");
        assert!(messages[0].ended);
    }
    let open = whole(Receiver::responses(), bytes).unwrap();
    assert!(!open[0].ended);
    let Ok(Some((Part::Head(head), _))) = Receiver::responses().next_part(bytes, false) else { panic!() };
    assert_eq!((head.body, head.keep_alive, head.version), (Body::UntilClose, false, Version::Http10));
}

#[test]
fn answers_to_head_have_no_body() {
    let text =
        ["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", CREATED].concat();
    let mut receiver = Receiver::responses();
    receiver.expect_response_to(Method::Head);
    let messages = read(&mut receiver, text.as_bytes(), [], false).unwrap();
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[0].body, b"");
    assert_eq!(messages[1].body, b"{}", "only the next response answers the HEAD");
}

#[test]
fn tells_an_incomplete_head_from_none() {
    let mut server = Receiver::requests();
    assert_eq!(server.next_part(b"\r\n", false), Ok(None));
    assert!(!server.is_head_incomplete());
    assert_eq!(server.next_part(b"\r\nGET", false), Ok(None));
    assert!(server.is_head_incomplete() && server.is_between_messages() && !server.is_in_body());
    let mut client = Receiver::responses();
    assert!(!client.is_head_incomplete());
    assert_eq!(client.next_part(b"HTTP/1.1 100 Continue\r\n\r\n", false), Ok(None));
    assert!(client.is_head_incomplete());
}

#[test]
fn interim_responses_count_with_the_final_head() {
    let mut client = Receiver::responses();
    let head_len = CONTINUED.len() - "ok".len();
    assert!(
        matches!(client.next_part(CONTINUED.as_bytes(), false), Ok(Some((Part::Head(_), len))) if len == head_len)
    );
}

#[test]
fn empty_lines_are_bounded() {
    let text = |count| ["\r\n".repeat(count).as_str(), PROBE].concat();
    assert_eq!(whole(Receiver::requests(), text(EMPTY_LINES_MAX).as_bytes()).unwrap().len(), 1);
    assert_eq!(refused(&text(EMPTY_LINES_MAX + 1)), Error::Head);
    assert_eq!(refused_response(&["\r\n", CREATED].concat()), Error::Head);
}

#[test]
fn an_error_stays() {
    let mut server = Receiver::requests();
    assert_eq!(server.next_part(b"\0", false), Err(Error::Head));
    assert_eq!(server.next_part(EVENT.as_bytes(), false), Err(Error::Head));
    assert!(!server.is_between_messages() && !server.is_in_body());
}

#[test]
fn refuses_ambiguous_lengths() {
    let with = |fields: &str| refused(&format!("POST / HTTP/1.1\r\n{fields}\r\n\r\nhello"));
    assert_eq!(with("Content-Length: 5\r\nTransfer-Encoding: chunked"), Error::Framing);
    assert_eq!(with("Transfer-Encoding: chunked\r\nContent-Length: 5"), Error::Framing);
    assert_eq!(with("Transfer-Encoding: gzip\r\nContent-Length: 5"), Error::Framing);
    assert_eq!(with("Content-Length: 5\r\nContent-Length: 5"), Error::Framing);
    assert_eq!(with("Content-Length: 5\r\ncontent-length: 6"), Error::Framing);
    assert_eq!(with("Content-Length: 5, 5"), Error::Framing);
    assert_eq!(with("Content-Length: +5"), Error::Framing);
    assert_eq!(with("Content-Length: -5"), Error::Framing);
    assert_eq!(with("Content-Length: 5 5"), Error::Framing);
    assert_eq!(with("Content-Length: 0x5"), Error::Framing);
    assert_eq!(with("Content-Length: a"), Error::Framing);
    assert_eq!(with("Content-Length: 5.0"), Error::Framing);
    assert_eq!(with("Content-Length: "), Error::Framing);
    assert_eq!(with("Content-Length: 1000000000000000000"), Error::Framing);
    assert_eq!(with("Content-Length: 18446744073709551621"), Error::Framing);
    assert_eq!(with("Content-Length: 0000000000000000005"), Error::Framing);
}

#[test]
fn refuses_other_transfer_codings() {
    let with = |fields: &str| refused(&format!("POST / HTTP/1.1\r\n{fields}\r\n\r\n0\r\n\r\n"));
    assert_eq!(with("Transfer-Encoding: gzip, chunked"), Error::NotImplemented);
    assert_eq!(with("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked"), Error::NotImplemented);
    // RFC 9112 section 6.3: without `chunked` at the end nobody knows where the body of a request does.
    assert_eq!(with("Transfer-Encoding: gzip"), Error::Framing);
    assert_eq!(with("Transfer-Encoding: identity"), Error::Framing);
    assert_eq!(with("Transfer-Encoding: chunked, identity"), Error::Framing);
    assert_eq!(with("Transfer-Encoding: chunked, chunked"), Error::Framing);
    assert_eq!(with("Transfer-Encoding: chunked, gzip, chunked"), Error::Framing);
    assert_eq!(with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), Error::Framing);
    assert_eq!(with("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"), Error::Framing);
    assert_eq!(with("Transfer-Encoding: xchunked"), Error::Framing);
    assert_eq!(with("Transfer-Encoding: chunked;q=1"), Error::Framing);
    assert_eq!(with("Transfer-Encoding: \"chunked\""), Error::Framing);
    assert_eq!(with("Transfer-Encoding:"), Error::Framing);
    assert_eq!(with("Transfer-Encoding: \u{b}chunked"), Error::Head);
    assert_eq!(refused("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), Error::Framing);
}

#[test]
fn refuses_malformed_heads() {
    for fields in [
        "Content-Length : 5",
        "Content-Length\t: 5",
        " Host: a",
        "\tHost: a",
        "Host: a\r\n folded",
        "Host: a\r\n\tfolded",
        "Host: a\r\n \r\nX: b",
        "Host",
        ": a",
        "Ho st: a",
        "Host: a\rb",
        "Host: a\nX: b",
        "Host: a\n",
        "Host: a\r\r",
        "Host: a\0",
        "Host: a\u{1}",
        "X\0: a",
        "Host: a\r\nHost: a",
    ] {
        assert_eq!(refused(&format!("GET / HTTP/1.1\r\n{fields}\r\n\r\n")), Error::Head, "{fields:?}");
        let response = refused_response(&format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n"));
        assert_eq!(response, Error::Head, "{fields:?}");
    }
    assert_eq!(refused("GET / HTTP/1.1\n\n"), Error::Head);
    assert_eq!(refused(" GET / HTTP/1.1\r\n\r\n"), Error::Head);
    assert_eq!(refused("\u{16}\u{3}\u{1}\0"), Error::Head, "TLS");
    assert_eq!(refused_response("HTTP/1.1 20 OK\r\n\r\n"), Error::Head);
    assert_eq!(refused_response("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"), Error::Head);
}

#[test]
fn refuses_bad_chunks() {
    for body in [
        "\r\n",
        "5\nhello\r\n0\r\n\r\n",
        "5\r\nhello0\r\n\r\n",
        "5\r\nhello!\r\n",
        "5\r\nhello\n0\r\n\r\n",
        "5\r\nhello\r0\r\n\r\n",
        "4\r\nhello\r\n",
        "0x5\r\n",
        "+5\r\n",
        "-5\r\n",
        " 5\r\n",
        "5 \r\n",
        "5;a\rb\r\n",
        "5;a\nb\r\n",
        "1000000000000000\r\n",
        "0\r\nX: a\nY: b\r\n\r\n",
        "0\r\nX: a\rb\r\n\r\n",
        "0\r\n\n",
    ] {
        let text = format!("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
        assert_eq!(refused(&text), Error::Framing, "{body:?}");
        let text = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
        assert_eq!(refused_response(&text), Error::Framing, "{body:?}");
    }
}

#[test]
fn extensions_and_trailers_are_bounded() {
    let head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    let extension = |count| format!("{head}5;{}\r\nhello\r\n0\r\n\r\n", "x".repeat(count));
    assert_eq!(
        whole(Receiver::requests(), extension(CHUNK_EXTENSION_MAX).as_bytes()).unwrap()[0].body,
        b"hello"
    );
    assert_eq!(refused(&extension(CHUNK_EXTENSION_MAX * 2)), Error::Framing);
    let trailers = |count| format!("{head}0\r\n{}\r\n", "X: y\r\n".repeat(count));
    assert!(whole(Receiver::requests(), trailers(TRAILERS_MAX / 6).as_bytes()).unwrap()[0].ended);
    assert_eq!(refused(&trailers(TRAILERS_MAX / 6 + 2)), Error::Framing);
    assert_eq!(refused(&format!("{head}0\r\n{}", "x".repeat(TRAILERS_MAX + 1))), Error::Framing);
}
