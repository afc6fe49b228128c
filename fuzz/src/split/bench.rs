//! A consumer, and one thing that arrives at it in pieces.

use ptpwatch_core::consumer::{Action, Config, ConnId, Consumer, Link, Stats, Storage};
use ptpwatch_core::dialect;
use ptpwatch_core::time::{Instant, SECOND_NS};
use ptpwatch_core::verdict::Verdict;

use crate::cuts::Cuts;

/// All that can be seen of a consumer afterwards.
#[derive(Debug, PartialEq)]
pub(super) struct Outcome {
    /// What it sent on the connection.
    sent: Vec<u8>,
    is_closed: bool,
    /// What of the input it took.
    taken: usize,
    stats: Stats,
    link: Link,
    verdict: Verdict,
    channels: Vec<String>,
}

/// What came on a peer's connection.
pub(super) fn notify(bytes: &[u8], cuts: Cuts) -> Outcome {
    with_bench(0, |bench| {
        let peer = bench.consumer.admit(bench.now).expect("a free slot");
        bench.deliver(peer, bytes, cuts)
    })
}

/// A notification with this body, in chunks of 64 bytes.
pub(super) fn notify_chunked(body: &[u8], cuts: Cuts) -> Outcome {
    let mut message = b"POST /event HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    message.extend(chunked(body));
    notify(&message, cuts)
}

/// A list of subscriptions as this body, from a producer of any dialect.
pub(super) fn list(body: &[u8], cuts: Cuts, options: u8) -> Outcome {
    let mut message = b"HTTP/1.1 200 OK\r\n".to_vec();
    if options & 1 == 0 {
        message.extend(format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes());
        message.extend(body);
    } else {
        message.extend(b"Transfer-Encoding: chunked\r\n\r\n");
        message.extend(chunked(body));
    }
    with_bench(options >> 1, |bench| {
        let producer = bench.ask();
        bench.deliver(producer, &message, cuts)
    })
}

/// Any answer to the first request.
pub(super) fn answer(bytes: &[u8], cuts: Cuts) -> Outcome {
    with_bench(0, |bench| {
        let producer = bench.ask();
        bench.deliver(producer, bytes, cuts)
    })
}

fn chunked(body: &[u8]) -> Vec<u8> {
    let chunks = body.chunks(64).flat_map(|chunk| {
        let size = format!("{:x}\r\n", chunk.len()).into_bytes();
        [&size[..], chunk, b"\r\n"].concat()
    });
    chunks.chain(*b"0\r\n\r\n").collect()
}

struct Bench<'s> {
    consumer: Consumer<'s>,
    now: Instant,
}

fn with_bench(dialect: u8, run: impl FnOnce(&mut Bench<'_>) -> Outcome) -> Outcome {
    let mut storage = Storage::<2, 1536, 864, 4>::new();
    let dialect = dialect::ALL[usize::from(dialect) % dialect::ALL.len()];
    let mut config = Config::new(dialect, "n1", "localhost:8089", "http://localhost:8989/event");
    // StarlingX v1 has the PTP lock alone.
    config.policy.os_clock = ptpwatch_core::verdict::OsClock::Info;
    let now = Instant::from_nanos(SECOND_NS);
    let consumer = Consumer::new(&mut storage, config, now).expect("a good configuration");
    run(&mut Bench { consumer, now })
}

impl Bench<'_> {
    /// Opens the connection to the producer, and takes the request for the list.
    fn ask(&mut self) -> ConnId {
        let Some(Action::Open(producer)) = self.consumer.poll_action() else { panic!("nothing to open") };
        self.consumer.handle_opened(self.now, producer);
        let count = self.consumer.send_window(producer).len();
        self.consumer.handle_sent(self.now, producer, count);
        producer
    }

    fn deliver(&mut self, conn: ConnId, bytes: &[u8], mut cuts: Cuts) -> Outcome {
        let (mut sent, mut is_closed, mut taken) = (Vec::new(), false, 0);
        while taken < bytes.len() && !is_closed {
            let window = self.consumer.recv_window(conn);
            let rest = &bytes[taken..];
            let count = window.len().min(rest.len()).min(cuts.next_size());
            if count == 0 {
                break;
            }
            window[..count].copy_from_slice(&rest[..count]);
            taken += count;
            self.consumer.handle_received(self.now, conn, count);
            sent.extend(self.take(conn));
            while let Some(action) = self.consumer.poll_action() {
                is_closed |= action == Action::Close(conn);
            }
        }
        // The last bytes of a connection that is given up may have come with the one that ended it, or not.
        let taken = if is_closed { 0 } else { taken };
        let channel = |channel: &ptpwatch_core::track::Channel| format!("{channel:?}");
        Outcome {
            sent,
            is_closed,
            taken,
            stats: self.consumer.stats(),
            link: self.consumer.link(),
            verdict: self.consumer.verdict(),
            channels: self.consumer.channels().map(channel).collect(),
        }
    }

    /// Takes whatever is to be sent.
    fn take(&mut self, conn: ConnId) -> Vec<u8> {
        let mut sent = Vec::new();
        loop {
            let window = self.consumer.send_window(conn);
            let count = window.len();
            if count == 0 {
                return sent;
            }
            sent.extend(window);
            self.consumer.handle_sent(self.now, conn, count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = r#"{"source":"/sync/ptp-status/lock-state","data":{"values":[{"data_type":"notification",
        "ResourceAddress":"/cluster/node/n1/ens1fx/master","value":"LOCKED"}]}}"#;

    #[test]
    fn outcomes_tell_one_input_from_another() {
        let whole = notify_chunked(EVENT.as_bytes(), Cuts::none());
        assert_eq!(whole.channels.len(), 1);
        assert_eq!(notify_chunked(EVENT.as_bytes(), Cuts::new(1, 3)), whole);
        for other in [EVENT.replace("LOCKED", "FREERUN"), EVENT.replace("n1", "n2"), EVENT.replace("}}", "")]
        {
            assert_ne!(notify_chunked(other.as_bytes(), Cuts::none()), whole, "{other}");
        }
    }

    #[test]
    fn a_list_says_whose_the_subscriptions_are() {
        let entry = r#"[{"SubscriptionId":"1","EndpointUri":"http://localhost:8989/event",
            "ResourceAddress":"/cluster/node/n1/sync/ptp-status/lock-state"}]"#;
        let held = list(entry.as_bytes(), Cuts::none(), 2);
        assert_eq!(held.link.subscribed, 1);
        assert_eq!(list(entry.as_bytes(), Cuts::new(1, 2), 2), held);
        assert_ne!(list(b"[]", Cuts::none(), 2), held);
    }
}
