//! A socket: moves bytes between the kernel and the windows of one connection.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;

use mio::event::Event;
use mio::net::TcpStream;
use ptpwatch_core::consumer::{ConnId, Consumer};
use ptpwatch_core::time::Instant;

use super::shown::Shown;

/// An open connection.
#[derive(Debug)]
pub(super) struct Socket {
    conn: ConnId,
    stream: TcpStream,
    /// Whether the kernel may hold bytes that were not read: it may from the start.
    is_readable: bool,
    /// Whether the socket stands in the queue of those to be read from.
    is_queued: bool,
    /// Whether the kernel knows that the peer sends no more: it says so once, behind the last bytes.
    is_ending: bool,
    /// Whether the kernel took no more of what there was to send: it says when it does.
    is_stuck: bool,
}

/// Why reading stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// There is no more for now, or for ever.
    Done,
    /// The consumer takes no more until it has sent something.
    Blocked,
    /// It was enough for one turn.
    Unfinished,
}

impl Socket {
    pub(super) fn new(conn: ConnId, stream: TcpStream) -> Self {
        Self { conn, stream, is_readable: true, is_queued: false, is_ending: false, is_stuck: false }
    }

    pub(super) fn conn(&self) -> ConnId {
        self.conn
    }

    /// Notes what the poll says, and answers whether there is something to send that may be taken now.
    pub(super) fn handle_event(&mut self, event: &Event) -> bool {
        self.is_readable |= event.is_readable() || event.is_read_closed() || event.is_error();
        self.is_ending |= event.is_read_closed();
        event.is_writable() && self.is_stuck
    }

    /// Queues the socket to be read from, if it may have something and is not queued yet.
    pub(super) fn queue(&mut self, unread: &mut VecDeque<usize>) {
        if self.is_readable && !std::mem::replace(&mut self.is_queued, true) {
            unread.push_back(self.conn.index());
        }
    }

    /// Reads what there is and the consumer takes, but not more than is fair to the others.
    ///
    /// # Errors
    /// If the connection is lost.
    pub(super) fn read(&mut self, now: Instant, consumer: &mut Consumer<'_>) -> io::Result<Reading> {
        self.is_queued = false;
        for _ in 0..READS_MAX {
            let window = consumer.recv_window(self.conn);
            let room = window.len();
            if room == 0 {
                return Ok(Reading::Blocked);
            }
            let count = match self.stream.read(window) {
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(self.end_reading()),
                Err(error) => return Err(error),
            };
            if count == 0 {
                consumer.handle_end(now, self.conn);
                return Ok(self.end_reading());
            }
            consumer.handle_received(now, self.conn, count);
            if count < room && !self.is_ending {
                return Ok(self.end_reading());
            }
        }
        Ok(Reading::Unfinished)
    }

    /// Sends what there is, as far as the kernel takes it. What is sent may make room for more to be read, and answered:
    /// what came of that is shown before each answer.
    ///
    /// # Errors
    /// If the connection is lost.
    pub(super) fn write(
        &mut self,
        now: Instant,
        consumer: &mut Consumer<'_>,
        shown: &mut Shown<'_>,
    ) -> io::Result<()> {
        self.is_stuck = false;
        loop {
            let window = consumer.send_window(self.conn);
            if window.is_empty() {
                return Ok(());
            }
            shown.update(now, consumer);
            match self.stream.write(window) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => consumer.handle_sent(now, self.conn, count),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.is_stuck = true;
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Closes: what was sent is delivered, and the end of it.
    pub(super) fn close(self) {
        // Whoever is gone need not be told.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    fn end_reading(&mut self) -> Reading {
        self.is_readable = false;
        Reading::Done
    }
}

/// Reads of one connection in a turn.
const READS_MAX: usize = 8;
