//! A turn among real sockets: peers on threads, a producer that does not answer.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use ptpwatch_core::consumer::Stats;
use ptpwatch_core::dialect::OPENSHIFT_V2;

use super::*;

const REQUEST: &[u8] = b"POST /event HTTP/1.1\r\nHost: us\r\nContent-Length: 2\r\n\r\n{}";
const ANSWER: &[u8] = b"HTTP/1.1 204 No Content\r\n";
/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(30);

/// Says how many answers it got.
type Peer = Box<dyn FnOnce(SocketAddr) -> usize + Send>;

/// Plays peers against a turn with room for `connections`, and returns what it counted until they were done.
fn play(connections: usize, peers: Vec<Peer>) -> (Stats, Vec<usize>) {
    play_with(connections, Vec::new(), peers)
}

/// The same where only those in `allow` may connect.
fn play_with(connections: usize, allow: Vec<IpNet>, peers: Vec<Peer>) -> (Stats, Vec<usize>) {
    with_turn(connections, allow, |turn, address| {
        let peers: Vec<JoinHandle<usize>> =
            peers.into_iter().map(|peer| thread::spawn(move || peer(address))).collect();
        let deadline = Instant::now() + PATIENCE;
        while peers.iter().any(|peer| !peer.is_finished()) {
            assert!(Instant::now() < deadline, "stuck: {:?}", turn.consumer().stats());
            turn.step(Some(Duration::from_millis(5)), |_| {}).unwrap();
            while turn.poll_notice().is_some() {}
        }
        (turn.consumer().stats(), peers.into_iter().map(|peer| peer.join().unwrap()).collect())
    })
}

/// Gives `play` a turn, and where it listens.
fn with_turn<T>(
    connections: usize,
    allow: Vec<IpNet>,
    play: impl FnOnce(&mut Turn<'_>, SocketAddr) -> T,
) -> T {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut memory = Memory::for_connections(connections);
    let config = Config::new(&OPENSHIFT_V2, "n", "localhost", "http://localhost/event");
    // Nobody listens at a port that was just free.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let host = "127.0.0.1".to_owned();
    let setup = Setup { memory: &mut memory, config, listener, allow, host, port, page: None };
    play(&mut Turn::new(setup).unwrap(), address)
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

/// Reads to the end of the connection; how many answers there were.
fn count_answers(mut stream: TcpStream) -> usize {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    bytes.windows(ANSWER.len()).filter(|window| *window == ANSWER).count()
}

/// Sends one request, and that no more follows.
fn say_all(address: SocketAddr) -> TcpStream {
    let mut stream = connect(address);
    stream.write_all(REQUEST).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    stream
}

#[test]
fn a_peer_that_sends_no_more_is_answered() {
    let (stats, answers) = play(16, vec![Box::new(|address| count_answers(say_all(address)))]);
    assert_eq!((stats.notifications, stats.misuse), (1, 0));
    assert_eq!(answers, [1]);
}

fn event(state: &str) -> Vec<u8> {
    let body = format!(
        r#"{{"source":"/sync/ptp-status/lock-state","data":{{"values":[{{"ResourceAddress":"/cluster/node/n/ens1f0/master","data_type":"notification","value":"{state}"}}]}}}}"#
    );
    format!("POST /event HTTP/1.1\r\nHost: us\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Takes turns until `is_done`, and what changed in vain.
fn go_on(turn: &mut Turn<'_>, mut is_done: impl FnMut(&Turn<'_>) -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_done(turn) {
        assert!(Instant::now() < deadline, "stuck: {:?}", turn.consumer().stats());
        turn.step(Some(Duration::from_millis(1)), |_| {}).unwrap();
        while turn.poll_notice().is_some() {}
    }
}

/// Whether there is an answer to read, which is then read.
fn is_answered(peer: &mut TcpStream) -> bool {
    peer.set_nonblocking(true).unwrap();
    let mut answer = [0; 128];
    match peer.read(&mut answer) {
        Ok(count) => {
            assert!(answer[..count].starts_with(ANSWER), "{}", answer[..count].escape_ascii());
            true
        }
        Err(error) => {
            assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
            false
        }
    }
}

/// The first comes with its event, and has a seat for the others.
#[test]
fn what_changed_is_told_before_it_is_answered() {
    with_turn(4, Vec::new(), |turn, address| {
        let mut peer = connect(address);
        for state in ["HOLDOVER", "LOCKED", "FREERUN"] {
            peer.write_all(&event(state)).unwrap();
            let deadline = Instant::now() + PATIENCE;
            loop {
                match turn.poll_notice() {
                    Some(Notice::Channel(..)) => break,
                    Some(_) => {}
                    None => turn.take_in(Some(Duration::from_millis(1)), |_| {}).unwrap(),
                }
                assert!(Instant::now() < deadline, "{state}");
            }
            assert!(!is_answered(&mut peer), "{state}");
            turn.answer();
            assert!(is_answered(&mut peer), "{state}");
        }
    });
}

/// What is found awake is taken in like what ends a sleep: of each the poll tells once.
#[test]
fn who_is_heard_in_a_rush_is_answered() {
    with_turn(4, Vec::new(), |turn, address| {
        // No turn waits by a clock that stands.
        turn.clock = || ptpwatch_core::time::Instant::from_nanos(u64::MAX / 2);
        let mut peers = [connect(address), connect(address)];
        let mut rushes = 0;
        for _ in 0..50 {
            for peer in &mut peers {
                rushes += usize::from(turn.rush.is_on());
                peer.write_all(REQUEST).unwrap();
                go_on(turn, |_| is_answered(peer));
            }
        }
        assert!(rushes > 50, "{rushes}");
    });
}

/// Where few seats are left, whoever was answered has to go: his seat is for who comes, and not one of somebody who is about
/// to ask.
#[test]
fn nobody_yields_while_a_seat_is_about_to_be_free() {
    with_turn(17, Vec::new(), |turn, address| {
        let mut slow = connect(address);
        let (first, rest) = REQUEST.split_at(20);
        slow.write_all(first).unwrap();
        let _known: Vec<TcpStream> = (0..14)
            .map(|_| {
                let mut peer = connect(address);
                peer.write_all(REQUEST).unwrap();
                go_on(turn, |_| is_answered(&mut peer));
                peer
            })
            .collect();
        let mut last = connect(address);
        // He has a seat by the second turn.
        let mut turns = 0..3;
        go_on(turn, |_| turns.next().is_none());
        last.write_all(REQUEST).unwrap();
        let mut next = connect(address);
        next.write_all(REQUEST).unwrap();
        go_on(turn, |_| is_answered(&mut next));
        assert!(is_answered(&mut last));
        slow.write_all(rest).unwrap();
        go_on(turn, |_| is_answered(&mut slow));
        assert_eq!(turn.consumer().stats().evicted, 0);
    });
}

/// Each has said all it has to say before the next comes, and so yields to nobody.
#[test]
fn more_peers_than_seats_are_all_answered() {
    let many = |address| {
        let streams: Vec<TcpStream> = (0..100).map(|_| say_all(address)).collect();
        streams.into_iter().map(count_answers).sum()
    };
    let (stats, answers) = play(16, vec![Box::new(many)]);
    assert_eq!((stats.notifications, stats.misuse), (100, 0));
    assert_eq!(answers, [100]);
}

#[test]
fn peers_that_say_nothing_keep_nobody_out() {
    let last_of_many = |address| {
        let _silent: Vec<TcpStream> = (0..200).map(|_| connect(address)).collect();
        count_answers(say_all(address))
    };
    let (stats, answers) = play(16, vec![Box::new(last_of_many)]);
    assert!(stats.evicted > 0 && stats.misuse == 0, "{stats:?}");
    assert_eq!(answers, [1]);
}

/// With edge-triggered readiness, whoever stops reading must remember to go on.
#[test]
fn a_peer_that_reads_late_gets_all_its_answers() {
    const COUNT: usize = 100_000;
    let late = |address| {
        let mut stream = connect(address);
        let mut writer = stream.try_clone().unwrap();
        let write = thread::spawn(move || {
            for _ in 0..COUNT / 100 {
                writer.write_all(&REQUEST.repeat(100)).unwrap();
            }
            writer.shutdown(Shutdown::Write).unwrap();
        });
        // The answers fill every buffer on the way before the first is read.
        let mut first = [0; 1];
        stream.peek(&mut first).unwrap();
        thread::sleep(Duration::from_millis(300));
        stream.read_exact(&mut first).unwrap();
        let count = count_answers(stream);
        write.join().unwrap();
        count + 1
    };
    let (stats, answers) = play(16, vec![Box::new(late)]);
    assert_eq!((stats.notifications, stats.misuse), (COUNT as u64, 0));
    assert_eq!(answers, [COUNT]);
}

#[test]
fn a_peer_that_breaks_off_is_forgotten() {
    let break_off = |address| {
        let mut stream = connect(address);
        stream.write_all(&REQUEST[..20]).unwrap();
        // With the answer unread, closing resets the connection.
        drop(stream);
        count_answers(say_all(address))
    };
    let (stats, answers) = play(16, vec![Box::new(break_off)]);
    assert_eq!((stats.notifications, stats.misuse), (1, 0));
    assert_eq!(answers, [1]);
}

/// `localhost` is often both ::1 and 127.0.0.1, and the producer at one of them.
#[test]
fn the_producer_is_found_at_its_second_address() {
    use std::sync::Arc;

    use mio::{Poll, Waker};
    use ptpwatch_core::consumer::Action;

    let producer = TcpListener::bind("127.0.0.1:0").unwrap();
    let refused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut memory = Memory::for_connections(16);
    let config = Config::new(&OPENSHIFT_V2, "n", "localhost", "http://localhost/event");
    let mut consumer = Consumer::new(&mut memory, config, clock::now()).unwrap();
    let Some(Action::Open(conn)) = consumer.poll_action() else { panic!() };
    let mut poll = Poll::new().unwrap();
    let waker = Arc::new(Waker::new(poll.registry(), WAKER).unwrap());
    let mut dial = dial::Dial::new("unused".to_owned(), 1, waker);
    let addresses = [refused, producer.local_addr().unwrap()];
    let mut outcome = dial.connect(poll.registry(), conn, addresses.into_iter().collect());
    let mut events = Events::with_capacity(4);
    while matches!(outcome, dial::Outcome::Pending) {
        poll.poll(&mut events, Some(Duration::from_secs(10))).unwrap();
        assert!(!events.is_empty());
        outcome = dial.handle_ready(poll.registry());
    }
    let dial::Outcome::Opened(opened, _) = outcome else { panic!("{outcome:?}") };
    assert_eq!(opened, conn);
    assert!(!dial.close(conn));
}

#[test]
fn who_may_not_connect_is_not_heard() {
    let many =
        |address| (0..50).map(|_| TcpStream::connect(address).unwrap()).map(count_answers_or_none).sum();
    for (allow, expected) in [("10.0.0.0/8", 0), ("127.0.0.1/32", 50), ("0.0.0.0/0", 50)] {
        let allow = vec![allow.parse().unwrap(), "::/0".parse().unwrap()];
        let (stats, answers) = play_with(2, allow, vec![Box::new(many)]);
        assert_eq!((stats.notifications, answers), (expected as u64, vec![expected]));
    }
}

/// Sends one request, if it is taken; how many answers there were.
fn count_answers_or_none(mut stream: TcpStream) -> usize {
    let mut bytes = Vec::new();
    let _ = stream.write_all(REQUEST);
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.read_to_end(&mut bytes);
    bytes.windows(ANSWER.len()).filter(|window| *window == ANSWER).count()
}
