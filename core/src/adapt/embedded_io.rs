//! One open connection on a transport of `embedded-io` that can tell whether it is ready.
//!
//! Opening and closing connections is the embedder's: of [`Action`](crate::consumer::Action)s, `Open` connects and then
//! calls `handle_opened`, `Close` drops the transport, and `Write` is a reason to [`pump`].

use ::embedded_io::{Read, ReadReady, Write, WriteReady};

use crate::consumer::{ConnId, Consumer};
use crate::time::Instant;

/// What became of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Progress {
    /// Nothing moves until the transport is ready, or the consumer is told something.
    Idle,
    /// Something moved, and more may: drain the consumer's actions, then pump again.
    Moved,
    /// The connection is lost, and the consumer knows: drop the transport.
    Closed,
}

/// Moves what the transport and the consumer have for each other: one read and one write at most, so that nobody is
/// kept waiting for another.
///
/// A transport that has come to its end has no more to read, and what is owed to the peer still goes out; the consumer
/// asks to close the connection when that is done. A transport that fails, or takes nothing though it said that it
/// would, is lost. It has to send by itself what it took: it is never flushed, for that may block.
pub fn pump<T>(consumer: &mut Consumer<'_>, now: Instant, conn: ConnId, transport: &mut T) -> Progress
where
    T: Read + ReadReady + Write + WriteReady,
{
    let moved = receive(consumer, now, conn, transport)
        .and_then(|received| Ok(received | send(consumer, now, conn, transport)?));
    match moved {
        Ok(true) => Progress::Moved,
        Ok(false) => Progress::Idle,
        Err(Lost) => {
            consumer.handle_closed(now, conn);
            Progress::Closed
        }
    }
}

/// The transport failed.
struct Lost;

/// Whether anything came, be it the end.
fn receive<T: Read + ReadReady>(
    consumer: &mut Consumer<'_>,
    now: Instant,
    conn: ConnId,
    transport: &mut T,
) -> Result<bool, Lost> {
    let window = consumer.recv_window(conn);
    if window.is_empty() || !transport.read_ready().map_err(|_| Lost)? {
        return Ok(false);
    }
    match transport.read(window).map_err(|_| Lost)? {
        0 => consumer.handle_end(now, conn),
        count => consumer.handle_received(now, conn, count),
    }
    Ok(true)
}

/// Whether anything was sent.
fn send<T: Write + WriteReady>(
    consumer: &mut Consumer<'_>,
    now: Instant,
    conn: ConnId,
    transport: &mut T,
) -> Result<bool, Lost> {
    let window = consumer.send_window(conn);
    if window.is_empty() || !transport.write_ready().map_err(|_| Lost)? {
        return Ok(false);
    }
    match transport.write(window).map_err(|_| Lost)? {
        0 => Err(Lost),
        count => {
            consumer.handle_sent(now, conn, count);
            Ok(true)
        }
    }
}

#[cfg(test)]
mod tests {
    use ::embedded_io::{ErrorKind, ErrorType};

    use super::*;
    use crate::consumer::{Action, Config, Storage};
    use crate::dialect::OPENSHIFT_V2;

    const REQUEST: &[u8] = b"POST /event HTTP/1.1\r\nHost: us\r\nContent-Length: 2\r\n\r\n{}";
    const ANSWER: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";
    const NOW: Instant = Instant::from_nanos(0);

    /// A transport that blocks whoever does not ask first whether it is ready.
    #[derive(Debug, Default)]
    struct Line {
        incoming: Vec<u8>,
        has_ended: bool,
        outgoing: Vec<u8>,
        /// Bytes that it takes.
        room: usize,
        /// What fails: `read_ready`, `read`, `write_ready`, `write`; or it says that it is ready, and takes nothing.
        fails: [bool; 5],
    }

    impl Line {
        fn check(&self, call: usize) -> Result<(), ErrorKind> {
            if self.fails[call] { Err(ErrorKind::ConnectionReset) } else { Ok(()) }
        }
    }

    impl ErrorType for Line {
        type Error = ErrorKind;
    }

    impl ReadReady for Line {
        fn read_ready(&mut self) -> Result<bool, ErrorKind> {
            self.check(0).map(|()| !self.incoming.is_empty() || self.has_ended || self.fails[1])
        }
    }

    impl Read for Line {
        fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
            self.check(1)?;
            assert!(self.read_ready()? && !buffer.is_empty(), "it would block");
            let count = self.incoming.len().min(buffer.len());
            buffer[..count].copy_from_slice(&self.incoming[..count]);
            self.incoming.drain(..count);
            Ok(count)
        }
    }

    impl WriteReady for Line {
        fn write_ready(&mut self) -> Result<bool, ErrorKind> {
            self.check(2).map(|()| self.room > 0 || self.fails[3] || self.fails[4])
        }
    }

    impl Write for Line {
        fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
            self.check(3)?;
            assert!(self.write_ready()?, "it would block");
            let count = bytes.len().min(self.room);
            self.room -= count;
            self.outgoing.extend_from_slice(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> Result<(), ErrorKind> {
            panic!("it would block");
        }
    }

    fn with_consumer(test: impl FnOnce(&mut Consumer<'_>)) {
        let mut storage: Storage = Storage::new();
        let config = Config::new(&OPENSHIFT_V2, "n", "p", "http://us/event");
        let mut consumer = Consumer::new(&mut storage, config, NOW).unwrap();
        test(&mut consumer);
        assert_eq!(consumer.stats().misuse, 0);
    }

    /// Pumps until nothing moves; how often something did.
    fn pump_all(consumer: &mut Consumer<'_>, conn: ConnId, line: &mut Line) -> usize {
        let moves = (0..).find(|_| pump(consumer, NOW, conn, line) != Progress::Moved);
        moves.unwrap()
    }

    fn closes(consumer: &mut Consumer<'_>, conn: ConnId) -> bool {
        std::iter::from_fn(|| consumer.poll_action()).any(|action| action == Action::Close(conn))
    }

    #[test]
    fn nothing_is_asked_of_a_transport_that_is_not_ready() {
        with_consumer(|consumer| {
            let conn = consumer.admit(NOW).unwrap();
            let mut line = Line { incoming: REQUEST.repeat(3), ..Line::default() };
            let moves = pump_all(consumer, conn, &mut line);
            assert_eq!((moves, line.outgoing.len()), (1, 0), "answers wait");
            for room in 1..=3 * ANSWER.len() {
                line.room = 1;
                assert_eq!(pump_all(consumer, conn, &mut line), 1);
                assert_eq!(line.outgoing.len(), room);
            }
            assert_eq!(line.outgoing, ANSWER.repeat(3));
            line.room = 100;
            assert_eq!(pump(consumer, NOW, conn, &mut line), Progress::Idle);
        });
    }

    #[test]
    fn the_end_is_told_once_and_what_is_owed_goes_out() {
        with_consumer(|consumer| {
            let conn = consumer.admit(NOW).unwrap();
            let mut line = Line { incoming: REQUEST.to_vec(), has_ended: true, ..Line::default() };
            assert_eq!(pump_all(consumer, conn, &mut line), 2, "bytes, then the end");
            assert!(!closes(consumer, conn));
            line.room = 1000;
            assert_eq!(pump_all(consumer, conn, &mut line), 1);
            assert_eq!(line.outgoing, ANSWER);
            assert!(closes(consumer, conn));
            line.incoming = REQUEST.to_vec();
            assert_eq!(pump(consumer, NOW, conn, &mut line), Progress::Idle, "it is nobody's any more");
        });
    }

    #[test]
    fn a_transport_that_fails_in_any_way_is_lost_and_its_place_is_free() {
        for call in 0..5 {
            with_consumer(|consumer| {
                let conn = consumer.admit(NOW).unwrap();
                let mut line = Line { incoming: REQUEST.to_vec(), ..Line::default() };
                if call > 1 {
                    assert_eq!(pump(consumer, NOW, conn, &mut line), Progress::Moved);
                }
                line.fails[call] = true;
                assert_eq!(pump(consumer, NOW, conn, &mut line), Progress::Closed, "{call}");
                assert!(!closes(consumer, conn), "the embedder knows");
                assert_eq!(consumer.admit(NOW).map(ConnId::index), Some(conn.index()));
            });
        }
    }
}
