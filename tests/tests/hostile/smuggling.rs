//! What one reader takes for one request and the next for another: refused with 400, and nothing behind it is read.

use std::time::Duration;

use super::{Target, counted};

/// What stands behind each of them: an event that must not be heard.
const SMUGGLED: &str = "POST /event HTTP/1.1\r\nHost: us\r\nContent-Length: 2\r\n\r\n{}";

const LINE: &str = "POST /event HTTP/1.1\r\nHost: us\r\n";

/// Heads by what is wrong with their fields; a body of five bytes or of one chunk follows.
const FIELDS: &[&str] = &[
    // RFC 9112 section 6.3: more than one length, or none that counts.
    "Content-Length: 5\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nContent-Length: 5",
    "Content-Length: 5\r\nContent-Length: 6",
    "Content-Length: 6\r\nContent-Length: 5",
    "Content-Length: 5\r\ncontent-length: 5",
    "Content-Length: 5, 5",
    "Content-Length: 5, 6",
    "Content-Length: +5",
    "Content-Length: -5",
    "Content-Length: 0x10",
    "Content-Length: 5 5",
    "Content-Length: 5;",
    "Content-Length: 5.0",
    "Content-Length: ",
    "Content-Length: five",
    "Content-Length: 18446744073709551621",
    "Content-Length: 00000000000000000000000005",
    "Content-Length: \u{665}",
    // Section 6.3 again: `chunked` has to be the last coding, and section 6.1: once.
    "Transfer-Encoding: chunked, identity",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    "Transfer-Encoding: chunked, chunked",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: identity",
    "Transfer-Encoding: xchunked",
    "Transfer-Encoding: chunkedx",
    "Transfer-Encoding: chunked;x=1",
    "Transfer-Encoding: \"chunked\"",
    "Transfer-Encoding: \u{b}chunked",
    "Transfer-Encoding: ",
    // Sections 5.1, 5.2 and 2.2: names, folded lines, line ends.
    "Content-Length : 5",
    "Transfer-Encoding\t: chunked",
    " Content-Length: 5",
    "\tContent-Length: 5",
    "X: a\r\n folded",
    "X: a\r\n\tfolded",
    "X: a\r\n Content-Length: 5",
    "X: a\rContent-Length: 5",
    "X: a\nContent-Length: 5",
    "X: a\r\r\nContent-Length: 5",
    "X: a\n\nContent-Length: 5",
    "X: a\0b",
    "X\0: a",
    "X: a\u{1b}b",
    "Content-Length\u{a0}: 5",
    "(X): a",
    "X",
    ": a",
    "Host: them",
];

/// Bodies in chunks, by what is wrong with them: RFC 9112 section 7.1.
const CHUNKS: &[&str] = &[
    "FFFFFFFFFFFFFFFFF\r\nhello\r\n",
    "10000000000000005\r\nhello\r\n",
    "8000000000000000\r\nhello\r\n",
    "00000000000000000005\r\nhello\r\n",
    "-5\r\nhello\r\n",
    "+5\r\nhello\r\n",
    "0x5\r\nhello\r\n",
    "5h\r\nhello\r\n",
    " 5\r\nhello\r\n",
    "5 \r\nhello\r\n",
    "5 5\r\nhello\r\n",
    "\r\nhello\r\n",
    ";x\r\nhello\r\n",
    "5\nhello\n",
    "5\rhello\r\n",
    "5;x\ny\r\nhello\r\n",
    "5;\0\r\nhello\r\n",
    "5\r\nhello",
    "5\r\nhello!\r\n",
    "5\r\nhello\n",
    "4\r\nhello\r\n",
    "6\r\nhello\r\n",
    "0\r\nX: a\nY: b\r\n\r\n",
    "0\r\n\n",
];

/// What is no request at all.
const LINES: &[&str] = &[
    "POST /event\r\n\r\n",
    "GET /event\r\n",
    "POST /event \r\n\r\n",
    "POST /event HTTP/\r\n\r\n",
    "POST /event HTTP/1\r\n\r\n",
    "POST /event HTTP/1.10\r\n\r\n",
    "POST /event HTTP/x.y\r\n\r\n",
    "POST /event HTTP/-1.1\r\n\r\n",
    "POST /event http/1.1\r\n\r\n",
    "POST /event HTTPS/1.1\r\n\r\n",
    "POST /event HTTP/1.1 \r\n\r\n",
    "POST /event  HTTP/1.1\r\n\r\n",
    "POST  /event HTTP/1.1\r\n\r\n",
    "POST /ev ent HTTP/1.1\r\n\r\n",
    "POST /event\tHTTP/1.1\r\n\r\n",
    "PO(ST /event HTTP/1.1\r\n\r\n",
    "PO\u{e9}ST /event HTTP/1.1\r\n\r\n",
    "\"POST\" /event HTTP/1.1\r\n\r\n",
    " POST /event HTTP/1.1\r\n\r\n",
    "\tPOST /event HTTP/1.1\r\n\r\n",
    "\0POST /event HTTP/1.1\r\n\r\n",
    "POST /ev\0ent HTTP/1.1\r\n\r\n",
    "POST /event HTTP/1.1\n\n",
    "POST /event HTTP/1.1\nHost: us\n\n",
    "\nPOST /event HTTP/1.1\r\n\r\n",
    "POST /event HTTP/1.1\r\n \r\nHost: us\r\n\r\n",
    "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\nPOST /event HTTP/1.1\r\n\r\n",
    "\u{16}\u{3}\u{1}\r\n\r\n",
];

fn all() -> Vec<String> {
    let fields = FIELDS.iter().flat_map(|fields| {
        ["hello", "5\r\nhello\r\n0\r\n\r\n"].map(|body| format!("{LINE}{fields}\r\n\r\n{body}"))
    });
    let chunks =
        CHUNKS.iter().map(|chunks| format!("{LINE}Transfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n"));
    let old = format!("{}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", LINE.replace("1.1", "1.0"));
    fields.chain(chunks).chain(LINES.iter().map(ToString::to_string)).chain([old]).collect()
}

#[test]
fn what_is_ambiguous_is_refused_and_nothing_behind_it_is_heard() {
    let target = Target::start(&[]);
    let requests = all();
    for request in &requests {
        for split in [0, request.len() / 2] {
            let bytes = [request, SMUGGLED].concat();
            let (first, second) = bytes.split_at(split);
            let mut peer = target.connect();
            assert!(peer.send(first.as_bytes()));
            if split > 0 {
                std::thread::sleep(Duration::from_millis(1));
            }
            // What was refused for its first half may be closed by now.
            let is_taken = peer.send(second.as_bytes());
            match peer.answer() {
                Some(answer) => {
                    assert!(answer.starts_with("HTTP/1.1 400 "), "{request:?}: {answer}");
                    assert!(answer.contains("\r\nConnection: close\r\n"), "{request:?}: {answer}");
                }
                None => assert!(split > 0, "{request:?}"),
            }
            assert_eq!(peer.rest(), "", "{request:?}");
            assert!(is_taken || split > 0, "{request:?}");
        }
    }
    let stats = target.stop();
    assert_eq!(counted(&stats, "refused"), 2 * requests.len() as u64, "{stats}");
    assert_eq!((counted(&stats, "notifications"), counted(&stats, "misdirected")), (0, 0), "{stats}");
}

/// Well framed, but more than is spoken here: RFC 9112 section 6.1, RFC 9110 section 15.6.6.
#[test]
fn what_is_not_spoken_here_is_refused_too() {
    let target = Target::start(&[]);
    for (request, status) in [
        (format!("{LINE}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), "501"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), "505"),
        (LINE.replace("1.1", "3.0") + "\r\n", "505"),
    ] {
        let mut peer = target.connect();
        assert!(peer.send([&request, SMUGGLED].concat().as_bytes()));
        let answer = peer.rest();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request:?}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{request:?}: {answer}");
    }
    assert_eq!(counted(&target.stop(), "notifications"), 0);
}

/// The same framing in good form: so it was the fault that was refused above.
#[test]
fn what_is_odd_but_clear_is_answered() {
    let target = Target::start(&[]);
    for request in [
        format!("{LINE}Content-Length: 5\r\n\r\nhello"),
        format!("{LINE}Content-Length: 00005\r\n\r\nhello"),
        format!("{LINE}content-LENGTH:5 \t \r\n\r\nhello"),
        format!("{LINE}Transfer-Encoding: CHUNKED\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        format!("{LINE}Transfer-Encoding: chunked\r\n\r\n005;a=\"b\"\r\nhello\r\n000;z\r\nX: a\r\n\r\n"),
        format!("\r\n\r\n{LINE}Content-Length: 5\r\n\r\nhello"),
        format!("{LINE}X: \u{e9}\u{20ac}\r\nX:\r\n\r\n"),
        "POST http://us/event?x#y HTTP/1.1\r\nHost: us\r\n\r\n".to_owned(),
    ] {
        let mut peer = target.connect();
        assert!(peer.send([&request, SMUGGLED].concat().as_bytes()));
        for _ in 0..2 {
            assert_eq!(peer.answer().as_deref(), Some("HTTP/1.1 204 No Content\r\n\r\n"), "{request:?}");
        }
    }
    assert_eq!(counted(&target.stop(), "notifications"), 16);
}
