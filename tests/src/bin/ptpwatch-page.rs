//! Measures the state page beside other ways to ask for a verdict, in one run: nanoseconds of one read, write or query.

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Instant;

use ptpwatch::page::{OwnPage, SeenPage};
use ptpwatch::turn::clock;
use ptpwatch_core::dialect::OPENSHIFT_V2;
use ptpwatch_core::event::State;
use ptpwatch_core::page::{Entries, Entry, Sheet, Writer};
use ptpwatch_core::time;
use ptpwatch_core::verdict::Verdict;
use ptpwatch_tests::World;

fn main() {
    let path = std::env::temp_dir().join(format!("ptpwatch-page-{}", std::process::id()));
    let own = OwnPage::take(&path).expect("a page can be made");
    let now = clock::now();
    let mut writer = own.writer(now).expect("it is a page");
    let page = SeenPage::open(&path).expect("it is there");
    let (reader, mut entries) = (page.reader(), Entries::new());

    let mut world = World::new(&OPENSHIFT_V2, "locked", |_| ());
    world.run(10_000);
    let channels: Vec<Entry> = world.consumer.channels().map(Entry::of).collect();
    let count = channels.len();
    println!("{:>9}  for one", "ns");
    measure("write of another verdict", FAST, |number| write(&mut writer, now, number, &[]));
    measure(&format!("the same, with {count} channels as before"), FAST, |number| {
        write(&mut writer, now, number, &channels);
    });
    let sheet = || Sheet { until: time::Instant::MAX, ..Sheet::of(&world.consumer) };
    measure("look at a consumer of which all is shown", FAST, |_| writer.update(now, sheet()));
    measure("read of the state", FAST, |_| {
        black_box(reader.read(black_box(now)).verdict.state);
    });
    measure("read of all about it", FAST, |_| {
        black_box(&reader.read(black_box(now)));
    });
    measure("read of the state, and of the clock for it", FAST, |_| {
        black_box(reader.read(clock::now()).verdict.state);
    });
    measure(&format!("read of all, and of {count} channels"), FAST, |_| {
        black_box(reader.read_channels(black_box(now), &mut entries));
    });
    assert_eq!((reader.read(now).doubt, entries.as_slice().len()), (None, count));
    let (ours, theirs) = UnixStream::pair().expect("there are sockets");
    thread::spawn(move || answer(theirs, 1, &[1]));
    measure("query over a Unix socket, a byte each way", SLOW, |_| query(&ours, &[0], 1));
    measure("query over HTTP, connection kept", SLOW, {
        let stream = http();
        move |_| query(&stream, REQUEST, ANSWER.len())
    });
    for file in [path.clone(), path.with_extension("lock")] {
        let _ = std::fs::remove_file(file);
    }
}

/// Prints the best of several rounds: what others take from the processor is no part of it.
fn measure(what: &str, times: u64, mut act: impl FnMut(u64)) {
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        (0..times).for_each(&mut act);
        best = best.min(start.elapsed().as_nanos() as f64 / times as f64);
    }
    println!("{best:>9.1}  {what}");
}

/// Writes a verdict that is another than the one of the number before.
fn write(writer: &mut Writer<'_>, now: time::Instant, number: u64, channels: &[Entry]) {
    let state = if number.is_multiple_of(2) { State::Locked } else { State::Holdover };
    let verdict = Verdict { state, since: time::Instant::from_nanos(number), ..Verdict::default() };
    let sheet = Sheet { verdict, until: time::Instant::MAX, channels: channels.iter().copied() };
    writer.update(black_box(now), sheet);
}

/// Somebody who answers on a connection of HTTP and does nothing else.
fn http() -> TcpStream {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there are ports");
    let address = listener.local_addr().expect("it has one");
    thread::spawn(move || {
        let (stream, _) = listener.accept().expect("we connect");
        stream.set_nodelay(true).expect("it can be set");
        answer(stream, REQUEST.len(), ANSWER);
    });
    let stream = TcpStream::connect(address).expect("it listens");
    stream.set_nodelay(true).expect("it can be set");
    stream
}

/// Answers each question of so many bytes, to the end.
fn answer(mut stream: impl Read + Write, length: usize, answer: &[u8]) {
    let mut question = vec![0; length];
    while stream.read_exact(&mut question).is_ok() && stream.write_all(answer).is_ok() {}
}

fn query<S>(mut stream: &S, question: &[u8], length: usize)
where
    for<'s> &'s S: Read + Write,
{
    let mut answer = [0; ANSWER.len()];
    stream.write_all(question).expect("it is there");
    stream.read_exact(&mut answer[..length]).expect("it answers");
}

const REQUEST: &[u8] = b"GET /state HTTP/1.1\r\nHost: localhost\r\n\r\n";
const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 18\r\n\r\n{\"state\":\"LOCKED\"}";
const ROUNDS: usize = 1_000;
const FAST: u64 = 10_000;
const SLOW: u64 = 20;
