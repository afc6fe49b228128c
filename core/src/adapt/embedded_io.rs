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
