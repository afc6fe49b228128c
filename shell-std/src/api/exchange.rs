//! One exchange: a request that goes out, and the answer that comes of it.

use std::io::{ErrorKind, Read, Write};
use std::time::SystemTime;

use mio::net::TcpStream;
use ptpwatch_core::http::{Line, Part, Receiver};
use ptpwatch_core::time::Timestamp;

use super::outcome::Outcome;

/// A request under way on a connection of its own.
#[derive(Debug)]
pub(super) struct Exchange<'r> {
    stream: TcpStream,
    unsent: &'r [u8],
    received: Vec<u8>,
    /// How much of that was read.
    taken: usize,
    receiver: Receiver,
    pub(super) status: u16,
    /// The Date field, in whole seconds.
    pub(super) date: Option<Timestamp>,
    pub(super) body: Vec<u8>,
}

impl<'r> Exchange<'r> {
    pub(super) fn new(stream: TcpStream, request: &'r [u8]) -> Self {
        Self {
            stream,
            unsent: request,
            received: Vec::new(),
            taken: 0,
            receiver: Receiver::responses(),
            status: 0,
            date: None,
            body: Vec::new(),
        }
    }

    /// Does what can be done without waiting; whether the answer is there.
    pub(super) fn advance(&mut self) -> Result<bool, Outcome> {
        let mut buffer = [0; READ_MAX];
        loop {
            match self.stream.write(self.unsent) {
                Ok(count) => self.unsent = self.unsent.get(count..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                // Whoever closes may have answered before.
                Err(_) => self.unsent = &[],
            }
            match self.stream.read(&mut buffer) {
                Ok(count) => {
                    self.received.extend_from_slice(buffer.get(..count).unwrap_or_default());
                    if self.read(count == 0)? {
                        return Ok(true);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(_) => return Err(Outcome::Closed),
            }
        }
    }

    /// Reads on in what came; whether the answer is whole.
    fn read(&mut self, closed: bool) -> Result<bool, Outcome> {
        let Self { receiver, received, taken, .. } = self;
        loop {
            let window = received.get(*taken..).unwrap_or_default();
            match receiver.next_part(window, closed) {
                Ok(Some((part, count))) => {
                    match part {
                        Part::Head(head) => {
                            if let Line::Response { status } = head.line {
                                self.status = status;
                            }
                            self.date = date(window.get(..count).unwrap_or_default());
                        }
                        Part::Body(bytes) => self.body.extend_from_slice(bytes),
                        Part::End => return Ok(true),
                    }
                    *taken += count;
                }
                _ if closed => return Err(Outcome::Closed),
                Ok(None) if received.len() > ANSWER_MAX => return Err(Outcome::TooLong),
                Ok(None) => return Ok(false),
                Err(_) => return Err(Outcome::NotHttp),
            }
        }
    }
}

/// The Date of a head (RFC 9110 section 5.6.7, of the three formats the one that is still sent):
/// `Date: Sun, 22 Nov 2026 18:07:12 GMT`.
fn date(head: &[u8]) -> Option<Timestamp> {
    for line in head.split(|byte| *byte == b'\n') {
        let Some((name, text)) = line.split_at_checked("date:".len()) else { continue };
        if name.eq_ignore_ascii_case(b"date:") {
            let mut words = text.trim_ascii().split(|byte| *byte == b' ').skip(1);
            let (day, month, year, time) = (words.next()?, words.next()?, words.next()?, words.next()?);
            let month = MONTHS.chunks(3).position(|name| name == month)? + 1;
            let month = [b'0' + (month / 10) as u8, b'0' + (month % 10) as u8];
            return Timestamp::parse(&[year, b"-", &month, b"-", day, b"T", time, b"Z"].concat());
        }
    }
    None
}

/// This moment as producers write it.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix_nanos(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
/// Bytes of one read.
const READ_MAX: usize = 4096;
/// Longest answer, in bytes: the list of a producer with thousands of subscriptions.
const ANSWER_MAX: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read() {
        let head = |date: &str| format!("HTTP/1.1 200 OK\r\nX: a:b\r\n{date}\r\nContent-Length: 0\r\n\r\n");
        let read = |line: &str| date(head(line).as_bytes()).map(|date| date.to_string());
        for (line, expected) in [
            ("Date: Sun, 22 Nov 2026 18:07:12 GMT", Some("2026-11-22T18:07:12.000000000Z")),
            ("date:Thu, 01 Jan 1970 00:00:00 GMT", Some("1970-01-01T00:00:00.000000000Z")),
            ("Date: now", None),
            ("Date: Sun, 22 anF 2026 18:07:12 GMT", None),
            ("Date: Sun, 22 N 2026 18:07:12 GMT", None),
            ("Dates: Sun, 22 Nov 2026 18:07:12 GMT", None),
            ("Y: z", None),
        ] {
            assert_eq!(read(line).as_deref(), expected, "{line}");
        }
    }
}
