//! The state page, beside questions over sockets.

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Instant;

use ptpwatch::page::{OwnPage, SeenPage};
use ptpwatch::turn::clock;
use ptpwatch_core::event::{Resource, State};
use ptpwatch_core::page::{Entries, Entry, Name, Sheet, Writer};
use ptpwatch_core::time;
use ptpwatch_core::track::Freshness;
use ptpwatch_core::verdict::Verdict;

use crate::table::{Row, list};

pub(crate) fn measure() -> Vec<Row> {
    let (mut unix, mut http) = (unix(), http());
    let sockets = [
        ("a byte each way over a Unix socket", best(SLOW, |_| query(&mut unix, &[0], 1))),
        ("GET and a fixed answer over HTTP", best(SLOW, |_| query(&mut http, REQUEST, ANSWER.len()))),
    ];
    let row = |measure: &str, ours: f64, wanted: &'static str| Row {
        measure: format!("{measure}, ns"),
        ours: format!("{ours:.1}"),
        beside: list(&sockets),
        ratio: format!("{:.5} of the socket", ours / sockets[0].1),
        wanted,
    };
    let Figures { write, write_channels, state, all, clock } = figures();
    vec![
        row("state page, write of another verdict", write, "≤ 10"),
        row(&format!("the same, beside {CHANNELS} channels"), write_channels, ""),
        row("state page, read of the state", state, "≤ 8"),
        row("the same, and of the clock for it", clock, ""),
        row("state page, read of all about the verdict", all, "≤ 8"),
    ]
}

/// Nanoseconds of one of each.
struct Figures {
    write: f64,
    write_channels: f64,
    state: f64,
    all: f64,
    clock: f64,
}

/// Of a page in a file, as two processes have it mapped.
fn figures() -> Figures {
    let path = std::env::temp_dir().join(format!("ptpwatch-measured-{}", std::process::id()));
    let own = OwnPage::take(&path).expect("a page can be made");
    let page = SeenPage::open(&path).expect("it is there");
    let now = clock::now();
    let (mut writer, reader) = (own.writer(now).expect("it is a page"), page.reader());
    let figures = Figures {
        write: best(FAST, |number| write(&mut writer, now, number, 0)),
        write_channels: best(FAST, |number| write(&mut writer, now, number, CHANNELS)),
        state: best(FAST, |_| {
            black_box(reader.read(black_box(now)).verdict.state);
        }),
        all: best(FAST, |_| {
            black_box(&reader.read(black_box(now)));
        }),
        clock: best(FAST, |_| {
            black_box(reader.read(clock::now()).verdict.state);
        }),
    };
    let mut entries = Entries::new();
    let reading = reader.read_channels(now, &mut entries);
    assert_eq!((reading.doubt, entries.as_slice().len()), (None, CHANNELS), "what was measured was a page");
    for file in [path.with_extension("lock"), path] {
        let _ = std::fs::remove_file(file);
    }
    figures
}

/// Writes a verdict that is another than the one of the number before.
fn write(writer: &mut Writer<'_>, now: time::Instant, number: u64, channels: usize) {
    let state = if number.is_multiple_of(2) { State::Locked } else { State::Holdover };
    let verdict = Verdict { state, since: time::Instant::from_nanos(number), ..Verdict::default() };
    let entry = Entry {
        resource: Resource::LockState,
        state: State::Locked,
        freshness: Freshness::Fresh,
        level: None,
        since: now,
        instance: Name::new(b"ens1fx/master"),
    };
    let channels = std::iter::repeat_n(entry, black_box(channels));
    writer.update(black_box(now), Sheet { verdict, until: time::Instant::MAX, channels });
}

/// Nanoseconds of one, in the best of many rounds: what others take from the processor is no part of it.
fn best(times: u64, mut act: impl FnMut(u64)) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        (0..times).for_each(&mut act);
        best = best.min(start.elapsed().as_nanos() as f64 / times as f64);
    }
    best
}

/// Somebody who answers a byte with a byte.
fn unix() -> UnixStream {
    let (ours, theirs) = UnixStream::pair().expect("there are sockets");
    thread::spawn(move || answer(theirs, 1, &[1]));
    ours
}

/// Somebody who answers on a connection of HTTP and does nothing else.
fn http() -> TcpStream {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there are ports");
    let stream = TcpStream::connect(listener.local_addr().expect("it has one")).expect("it listens");
    let (theirs, _) = listener.accept().expect("we connect");
    for stream in [&stream, &theirs] {
        stream.set_nodelay(true).expect("it can be set");
    }
    thread::spawn(move || answer(theirs, REQUEST.len(), ANSWER));
    stream
}

/// Answers each question of so many bytes, to the end.
fn answer(mut stream: impl Read + Write, length: usize, answer: &[u8]) {
    let mut question = vec![0; length];
    while stream.read_exact(&mut question).is_ok() && stream.write_all(answer).is_ok() {}
}

fn query(stream: &mut (impl Read + Write), question: &[u8], length: usize) {
    let mut answer = [0; ANSWER.len()];
    stream.write_all(question).expect("it is there");
    stream.read_exact(&mut answer[..length]).expect("it answers");
}

const REQUEST: &[u8] = b"GET /state HTTP/1.1\r\nHost: localhost\r\n\r\n";
const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 18\r\n\r\n{\"state\":\"LOCKED\"}";
/// Channels of a usual node.
const CHANNELS: usize = 5;
const ROUNDS: usize = 1_000;
/// In one round.
const FAST: u64 = 10_000;
const SLOW: u64 = 20;
