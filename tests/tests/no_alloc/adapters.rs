//! Neither adapter allocates: not for an event, nor for a connection, nor to call the producer.

use embedded_io::{ErrorKind, ErrorType, Read, ReadReady, Write, WriteReady};
use ptpwatch_core::adapt::embedded_io::{Progress, pump};
use ptpwatch_core::consumer::{Config, Consumer, Storage};
use ptpwatch_core::dialect::OPENSHIFT_V2;
use ptpwatch_core::time::{Instant, SECOND_NS};
use ptpwatch_tests::lan::{Lan, PRODUCER_PORT, THEIR_SOCKETS, socket};
use smoltcp::iface::SocketHandle;
use smoltcp::socket::tcp::State;

const REQUEST: &[u8] = b"POST /event HTTP/1.1\r\nHost: us\r\nContent-Length: 2\r\n\r\n{}";
const ANSWER: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";
const START: Instant = Instant::from_nanos(SECOND_NS);

#[test]
fn the_adapters_allocate_nothing() {
    let memory: &mut Storage = Box::leak(Box::new(Storage::new()));
    let (mut lan, handles) =
        Lan::<5>::new(memory, config(), START, [|| socket(128, 64), || socket(2048, 2048)]);
    assert_eq!(super::allocations(|| talk(&mut lan, handles)), 0, "smoltcp");
    let mut storage: Storage = Storage::new();
    let mut consumer = Consumer::new(&mut storage, config(), START).expect("the configuration is good");
    assert_eq!(super::allocations(|| pump_events(&mut consumer)), 0, "embedded-io");
}

fn config() -> Config<'static> {
    Config::new(&OPENSHIFT_V2, "n", "192.0.2.2:9043", "http://192.0.2.1:8989/event")
}

/// A hundred connections of ten events each, and the consumer's calls.
fn talk(lan: &mut Lan<5>, [producer, peer, ..]: [SocketHandle; THEIR_SOCKETS]) {
    let mut now = START;
    let mut calls = 0;
    for port in 0..100 {
        now = now.after(SECOND_NS);
        if lan.peer(producer).state() == State::Closed {
            lan.peer(producer).listen(PRODUCER_PORT).expect("it is closed");
        }
        lan.connect(peer, 2000 + port);
        for _ in 0..10 {
            lan.exchange(now, |_| true);
            assert_eq!(lan.peer(peer).send_slice(REQUEST), Ok(REQUEST.len()));
            lan.exchange(now, |_| true);
            let mut answer = [0; ANSWER.len() + 1];
            assert_eq!(lan.peer(peer).recv_slice(&mut answer), Ok(ANSWER.len()));
            assert!(answer.starts_with(ANSWER));
            while lan.consumer.poll_notice().is_some() {}
        }
        lan.peer(peer).abort();
        calls += u32::from(lan.peer(producer).recv(|bytes| (0, bytes.starts_with(b"GET "))) == Ok(true));
        lan.peer(producer).abort();
        lan.exchange(now, |_| true);
    }
    assert_eq!(lan.consumer.stats().notifications, 1000);
    assert!(calls > 10, "{calls}");
}

/// A thousand connections of ten events each.
fn pump_events(consumer: &mut Consumer<'_>) {
    for number in 0..1000 {
        let conn = consumer.admit(START).expect("there is a place");
        let mut line = Line { incoming: REQUEST, answered: 0 };
        for event in 0..10 {
            line.incoming = REQUEST;
            while pump(consumer, START, conn, &mut line) == Progress::Moved {
                while consumer.poll_action().is_some() {}
            }
            assert_eq!(line.answered, (event + 1) * ANSWER.len(), "{number}");
        }
        consumer.handle_closed(START, conn);
    }
    assert_eq!(consumer.stats().notifications, 10_000);
}

/// A peer that says something, and counts the bytes of what it is answered.
struct Line {
    incoming: &'static [u8],
    answered: usize,
}

impl ErrorType for Line {
    type Error = ErrorKind;
}

impl ReadReady for Line {
    fn read_ready(&mut self) -> Result<bool, ErrorKind> {
        Ok(!self.incoming.is_empty())
    }
}

impl Read for Line {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        self.incoming.read(buffer).map_err(|never| match never {})
    }
}

impl WriteReady for Line {
    fn write_ready(&mut self) -> Result<bool, ErrorKind> {
        Ok(true)
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        self.answered += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}
