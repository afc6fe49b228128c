//! Events posted to a consumer, from the bytes of requests to those of answers.

use ptpwatch_core::consumer::{Action, Config, ConnId, Consumer, Storage};
use ptpwatch_core::dialect::OPENSHIFT_V1;
use ptpwatch_core::time::{Instant, MILLISECOND_NS};

use crate::tracker::NODE;

/// Posts `request` `count` times to a consumer with `CONNS` connections, of which as many are seated as are kept: in
/// turn over all of them.
///
/// # Panics
/// If an answer is not 204, or the connection is not kept.
pub fn post<const CONNS: usize>(request: &[u8], count: usize) {
    let mut storage = Box::new(Storage::<CONNS>::new());
    let config = Config::new(&OPENSHIFT_V1, NODE, "localhost:8089", "http://127.0.0.1:8989/event");
    let mut now = Instant::from_nanos(0);
    let mut consumer = Consumer::new(&mut *storage, config, now).expect("the configuration is good");
    let seats: Vec<ConnId> = (0..seats(CONNS)).map(|_| consumer.admit(now).expect("it is free")).collect();
    for conn in seats.iter().cycle().take(count) {
        now = now.after(MILLISECOND_NS);
        exchange(&mut consumer, now, *conn, request);
    }
    assert_eq!(consumer.stats().events, u64::try_from(count).expect("it fits"));
}

/// Peers that are kept: an eighth of the connections, one at least, stays free for newcomers, and one is the producer's.
const fn seats(conns: usize) -> usize {
    let free = if conns < 8 { 1 } else { conns / 8 };
    conns - 1 - free
}

fn exchange(consumer: &mut Consumer<'_>, now: Instant, conn: ConnId, request: &[u8]) {
    consumer.recv_window(conn)[..request.len()].copy_from_slice(request);
    consumer.handle_received(now, conn, request.len());
    while let Some(action) = consumer.poll_action() {
        if let Action::Write(conn) = action {
            let answer = consumer.send_window(conn);
            assert_eq!(answer, b"HTTP/1.1 204 No Content\r\n\r\n");
            let sent = answer.len();
            consumer.handle_sent(now, conn, sent);
        }
    }
    while consumer.poll_notice().is_some() {}
    let _ = consumer.poll_timeout();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::Payload;

    #[test]
    fn every_event_is_answered_and_kept() {
        let request = Payload::ALL[0].request();
        post::<4>(&request, 100);
        post::<64>(&request, 1000);
    }
}
