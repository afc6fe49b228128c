//! A burst of events on one connection, the next before the answer to the last.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Stdio;
use std::thread;

use crate::client::{Client, Events};
use crate::memory::Resident;
use crate::server::{Server, free_address, shipped};
use crate::table::{Row, whole};

pub(crate) fn measure() -> Vec<Row> {
    let admin = free_address();
    let mut server = Server::ptpwatch(&[], &shipped(), &["--admin", &admin.to_string()], Stdio::piped());
    let mut lines = server.process.0.stdout.take().expect("it is piped");
    let mut receiver = Client::connect(server.address, Events::InTurn);
    // The first takes all that a burst can take: nobody reads its lines, so that as many wait as may.
    burst(&mut receiver);
    let reading = thread::spawn(move || io::copy(&mut lines, &mut io::sink()));
    // What is asked for the first time takes memory too.
    let counts_before = [TRACKED, DROPPED].map(|series| counted(admin, series));
    let before = Resident::of(&server);
    burst(&mut receiver);
    let after = Resident::of(&server);
    let [tracked, dropped] = [TRACKED, DROPPED].map(|series| counted(admin, series));
    server.end();
    reading.join().expect("it does not panic").expect("there are lines");
    vec![Row {
        measure: "100,000 events on one connection, pipelined: answered, transitions tracked".to_owned(),
        ours: format!("{}, {}", whole(BURST as f64), whole((tracked - counts_before[0]) as f64)),
        ratio: format!(
            "RssAnon {:+} kB beside the burst before, {} lines that their reader was too slow for",
            after.anonymous - before.anonymous,
            dropped - counts_before[1]
        ),
        wanted: "all, in order; 0",
        ..Row::default()
    }]
}

/// What the metric `series` counts, as the admin port tells it.
fn counted(admin: SocketAddr, series: &str) -> u64 {
    let mut stream = TcpStream::connect(admin).expect("it listens");
    let request = "GET /metrics HTTP/1.1\r\nHost: us\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).expect("it is taken");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it is text");
    let value = answer.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {series} in {answer}"))
}

fn burst(receiver: &mut Client) {
    let mut sender = receiver.other_half();
    thread::scope(|scope| {
        scope.spawn(move || (0..BURST / BATCH).for_each(|_| sender.send(BATCH)));
        receiver.receive(BURST);
    });
}

const TRACKED: &str = r#"ptpwatch_events_total{resource="lock-state",outcome="changed"}"#;
const DROPPED: &str = r#"ptpwatch_lines_dropped_total{output="stdout"}"#;
/// An even number: the next event is LOCKED again.
const BURST: usize = 100_000;
/// Events that are sent at once.
const BATCH: usize = 100;
