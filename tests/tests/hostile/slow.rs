//! A thousand peers that each send a byte now and then.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ptpwatch_tests::process::PATIENCE;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{Events, Target, counted};

/// What the peers have done so far.
#[derive(Default)]
struct Count {
    connected: AtomicUsize,
    closed: AtomicUsize,
    is_over: AtomicBool,
}

/// A head that never ends.
const DRIP: &[u8] =
    b"POST /event HTTP/1.1\r\nHost: us\r\nX-A: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

/// Keeps `count` connections open, each a byte further in each round.
fn drip(address: SocketAddr, count: usize, done: &Count) {
    let mut peers: Vec<Option<(TcpStream, usize)>> = (0..count).map(|_| None).collect();
    while !done.is_over.load(Ordering::Relaxed) {
        for peer in &mut peers {
            if done.is_over.load(Ordering::Relaxed) {
                return;
            }
            match peer {
                Some((stream, sent)) if is_open(stream) => {
                    let _ = stream.write(&DRIP[*sent % DRIP.len()..][..1]);
                    *sent += 1;
                }
                Some(_) => {
                    done.closed.fetch_add(1, Ordering::Relaxed);
                    *peer = None;
                }
                None => {
                    let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_secs(1)) else {
                        continue;
                    };
                    stream.set_nonblocking(true).expect("it can be set");
                    done.connected.fetch_add(1, Ordering::Relaxed);
                    *peer = Some((stream, 0));
                }
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether the other side has neither answered nor closed.
fn is_open(mut stream: &TcpStream) -> bool {
    stream.read(&mut [0; 64]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

/// Makes room for so many connections of our own, as far as the system lets us.
fn connections(wanted: usize) -> usize {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let files = maximum.map_or(8192, |maximum| maximum.min(8192));
    setrlimit(Resource::Nofile, Rlimit { current: Some(files), maximum }).expect("it can be raised");
    let files = usize::try_from(files).expect("it fits");
    wanted.min(files.saturating_sub(200))
}

/// Every event of a connection that behaves is answered and told, while strangers fill all but a few seats
/// (`--connections 1024`) and while there are many times more of them than seats.
fn events_come_through(seats: &str) {
    let strangers = connections(1000);
    let mut target = Target::start(&["--connections", seats]);
    let mut events = Events::begin(&target);
    let done = Count::default();
    let mut waits = Vec::new();
    let end = Instant::now() + PATIENCE;
    std::thread::scope(|scope| {
        let over = Over(&done.is_over);
        let (address, done) = (target.address, &done);
        scope.spawn(move || drip(address, strangers, done));
        // Until all are there, and as many again had to go: for their head takes too long, or others want the seat.
        while done.connected.load(Ordering::Relaxed) < strangers
            || done.closed.load(Ordering::Relaxed) < strangers
            || waits.len() < 2000
        {
            let start = Instant::now();
            assert!(start < end, "they stay: {} of {strangers} went", done.closed.load(Ordering::Relaxed));
            events.push();
            waits.push(start.elapsed());
            std::thread::sleep(Duration::from_millis(1));
        }
        drop(over);
    });
    assert!(target.running.is_alive());
    events.wait_until_told(&mut target.running);
    let stats = target.stop();
    assert_eq!(counted(&stats, "notifications"), events.sent as u64, "{stats}");
    assert!(counted(&stats, "slow") + counted(&stats, "evicted") >= strangers as u64, "{stats}");
    waits.sort();
    println!(
        "{strangers} slow peers at {seats} seats: {} events, answered in {:?} (median), {:?} (p99), {:?} (longest)",
        events.sent,
        waits[waits.len() / 2],
        waits[waits.len() * 99 / 100],
        waits[waits.len() - 1]
    );
}

/// Ends the strangers, also when a test fails.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_thousand_slow_peers_with_seats_for_all_keep_no_event_out() {
    events_come_through("1024");
}

#[test]
fn a_thousand_slow_peers_with_few_seats_keep_no_event_out() {
    events_come_through("64");
}
