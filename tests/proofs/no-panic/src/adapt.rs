//! The consumer on transports of others, which do whatever they like.

use crate::opaque::{keep, lent, opaque, part, part_mut};
use embedded_io::{ErrorKind, ErrorType, Read, ReadReady, Write, WriteReady};
use ptpwatch_core::adapt::embedded_io::{Progress, pump};
use ptpwatch_core::adapt::smoltcp::{Endpoints, Sockets, instant, timestamp};
use ptpwatch_core::consumer::{ConnId, Consumer};
use ptpwatch_core::time::Instant;
use smoltcp::iface::{Interface, SocketHandle, SocketSet};

// What of smoltcp is inlined is inlined into this.
#[inline(never)]
pub fn drive(consumer: &mut Consumer<'_>, conn: ConnId) {
    let now = opaque(Instant::MAX);
    while pump(consumer, now, conn, &mut Line) != Progress::Idle {}
    let (interface, set): (&mut Interface, &mut SocketSet<'_>) = (lent(), lent());
    let mut sockets = Sockets::new(opaque([SocketHandle::default(); 3]), *lent::<Endpoints>(), opaque(0));
    while sockets.poll(opaque(now), interface, set, consumer) {
        keep(sockets.poll_timeout(now, interface, set, consumer));
    }
    keep((timestamp(now), instant(opaque(timestamp(now)))));
}

struct Line;

fn any<T: Copy>(example: T) -> Result<T, ErrorKind> {
    if opaque(true) { Ok(opaque(example)) } else { Err(ErrorKind::Other) }
}

impl ErrorType for Line {
    type Error = ErrorKind;
}

impl ReadReady for Line {
    fn read_ready(&mut self) -> Result<bool, ErrorKind> {
        any(true)
    }
}

impl Read for Line {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        part_mut(buffer).fill(opaque(0));
        any(0)
    }
}

impl WriteReady for Line {
    fn write_ready(&mut self) -> Result<bool, ErrorKind> {
        any(true)
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        keep(part(bytes));
        any(0)
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        any(())
    }
}
