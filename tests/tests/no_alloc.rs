//! `run` allocates nothing once it is warm: not for an event, nor for a poll, nor for the state page, nor to connect
//! again, nor for a question to the admin port, nor for a line of the journal, nor to tell
//! systemd.
//!
//! Only the thread of its loop is counted. It runs in a process of its own, for its lines go to stdout.

#![allow(unsafe_code, reason = "an allocator cannot be made without")]

#[path = "no_alloc/adapters.rs"]
mod adapters;

use std::alloc::{GlobalAlloc, Layout, System};
use std::backtrace::Backtrace;
use std::cell::Cell;
use std::hint::black_box;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ptpwatch::options::{self, Known, Run};
use ptpwatch::{logger, run};
use ptpwatch_core::dialect;
use ptpwatch_core::event::Resource;
use ptpwatch_tests::peer::{Peer, address_of_our_own, notification};
use ptpwatch_tests::process::PATIENCE;
use rustix::process::{Signal, getpid, kill_process};
use serde_json::{Value, json};

/// The system's allocator, and a count of what the loop asks of it.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Whether it counts: the loop is warm.
static IS_WARM: AtomicBool = AtomicBool::new(false);
/// What was asked for since then.
static COUNT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Whether this is the thread of the loop.
    static IS_LOOP: Cell<bool> = const { Cell::new(false) };
}

// SAFETY: each call is passed on as it came to `System`, which keeps to the contract.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: what our caller has to keep to is what `System` wants of us.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: what our caller has to keep to is what `System` wants of us.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: all memory is from `System`, and what our caller has to keep to is what it wants of us.
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: all memory is from `System`, and what our caller has to keep to is what it wants of us.
        unsafe { System.dealloc(memory, layout) }
    }
}

fn count() {
    if !IS_WARM.load(Ordering::Relaxed) || !IS_LOOP.try_with(Cell::get).unwrap_or(false) {
        return;
    }
    if COUNT.fetch_add(1, Ordering::Relaxed) < SHOWN {
        // To tell where takes memory too.
        IS_LOOP.set(false);
        eprintln!("allocated here:\n{}", Backtrace::force_capture());
        IS_LOOP.set(true);
    }
}

/// Allocations whose place is told.
const SHOWN: usize = 3;
/// Events before it counts, and while it does.
const WARM_UP: usize = 2_000;
const EVENTS: usize = 100_000;
/// Answers of the producer and connections to it while it counts, questions to the admin port and changes that it
/// tells, at least.
const LEAST: [usize; 4] = [500, 50, 200, 200];

/// What the producer has done so far.
#[derive(Default)]
struct Traffic {
    polls: AtomicUsize,
    connections: AtomicUsize,
    questions: AtomicUsize,
    changes: AtomicUsize,
    is_over: AtomicBool,
}

impl Traffic {
    fn counts(&self) -> [&AtomicUsize; 4] {
        [&self.polls, &self.connections, &self.questions, &self.changes]
    }
}

#[test]
fn the_warm_loop_allocates_nothing() {
    for (format, host) in [("json", "127.0.0.1"), ("text", "localhost")] {
        let child = Command::new(std::env::current_exe().expect("a test is a program"))
            .args(["--exact", "the_loop_itself", "--ignored", "--nocapture"])
            .env(FORMAT, format)
            // A service manager is told too, each time that the verdict changes.
            .env("NOTIFY_SOCKET", "@ptpwatch-no-alloc")
            .env("WATCHDOG_USEC", "20000")
            .env(HOST, host)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .output()
            .expect("it starts");
        let said = String::from_utf8_lossy(&child.stderr);
        println!("{format}, {host}: {said}");
        assert!(child.status.success(), "{format}, {host}: {said}");
    }
}

const FORMAT: &str = "PTPWATCH_TEST_FORMAT";
const HOST: &str = "PTPWATCH_TEST_HOST";

#[test]
#[ignore = "the other test runs it, in a process of its own"]
fn the_loop_itself() {
    let (Ok(format), Ok(host)) = (std::env::var(FORMAT), std::env::var(HOST)) else { return };
    let (listen, producer, admin) = (address_of_our_own(), address_of_our_own(), address_of_our_own());
    let listener = TcpListener::bind(producer).expect("it is free");
    let traffic = Traffic::default();
    let page = std::env::temp_dir().join(format!("ptpwatch-no-alloc-{}", listen.port()));
    let journal = page.with_extension("jsonl");
    let options = Run {
        page: Some(page.clone()),
        admin: Some(admin),
        journal: Some(journal.clone()),
        journal_size: 1 << 20,
        ..options(&format, &host, producer, listen)
    };
    logger::init(options.watch.log_level).expect("there is none yet");
    thread::scope(|scope| {
        let work = scope.spawn(|| {
            IS_LOOP.set(true);
            counts_one();
            run::run(&options)
        });
        scope.spawn(|| produce(listener, &traffic));
        let mut peer = Events::begin(listen);
        scope.spawn(|| listen_to_changes(admin, &traffic));
        scope.spawn(|| ask_questions(admin, &traffic));
        peer.post(WARM_UP);
        while traffic.connections.load(Ordering::Relaxed) < 2 * REFUSALS {
            peer.post(BATCH);
        }
        let counts = || traffic.counts().map(|count| count.load(Ordering::Relaxed));
        let before = counts();
        IS_WARM.store(true, Ordering::SeqCst);
        peer.post(EVENTS);
        let since = || {
            let mut since = counts();
            since.iter_mut().zip(before).for_each(|(count, before)| *count -= before);
            since
        };
        while since().iter().zip(LEAST).any(|(count, least)| *count < least) {
            peer.post(BATCH);
        }
        IS_WARM.store(false, Ordering::SeqCst);
        let ([polls, connections, questions, changes], events) = (since(), peer.sent);
        kill_process(getpid(), Signal::TERM).expect("it can be sent");
        work.join().expect("it does not panic").expect("it ends well");
        traffic.is_over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(producer);
        let count = COUNT.load(Ordering::SeqCst);
        eprintln!(
            "{events} events, {polls} polls, {connections} connections, {questions} questions, {changes} changes: \
             {count} allocations"
        );
        assert_eq!(count, 0);
    });
    for file in
        [page.clone(), page.with_extension("lock"), journal.clone(), journal.with_extension("jsonl.1")]
    {
        std::fs::remove_file(file).expect("it is there");
    }
}

/// The count is one that counts.
fn counts_one() {
    IS_WARM.store(true, Ordering::SeqCst);
    COUNT.store(SHOWN, Ordering::SeqCst);
    drop(black_box(Box::new(1)));
    IS_WARM.store(false, Ordering::SeqCst);
    assert_eq!(COUNT.swap(0, Ordering::SeqCst), SHOWN + 1);
}

/// What `work` asks for.
fn allocations(work: impl FnOnce()) -> usize {
    IS_LOOP.set(true);
    counts_one();
    IS_WARM.store(true, Ordering::SeqCst);
    work();
    IS_WARM.store(false, Ordering::SeqCst);
    COUNT.swap(0, Ordering::SeqCst)
}

fn options(format: &str, host: &str, producer: SocketAddr, listen: SocketAddr) -> Run {
    let line = format!(
        "run --format {format} --producer http://{host}:{} --node node1 --dialect openshift-v2 --role oc \
         --listen {listen} --callback http://{listen}/event --poll 20ms --color always",
        producer.port()
    );
    let dialects = dialect::ALL.map(|dialect| dialect.name);
    let resources = Resource::ALL.map(Resource::name);
    let known = Known { dialects: &dialects, producers: &[], resources: &resources };
    let arguments = line.split_whitespace().map(Into::into);
    match options::parse(arguments, &|_| None, &known) {
        Ok(options::Command::Run(options)) => options,
        other => panic!("{other:?}"),
    }
}

/// Asks the admin port for all there is, on connections of one question and of some, until it is gone.
fn ask_questions(admin: SocketAddr, traffic: &Traffic) {
    const PATHS: [&str; 7] = ["/", "/metrics", "/livez", "/readyz", "/state", "/nothing", "bad"];
    while let Ok(stream) = TcpStream::connect(admin) {
        let mut peer = Peer::of(stream);
        for path in PATHS {
            if !peer.send(format!("GET {path} HTTP/1.1\r\nHost: us\r\n\r\n").as_bytes())
                || peer.request().is_none()
            {
                break;
            }
            traffic.questions.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// Listens to the changes that the admin port tells, until it is gone.
fn listen_to_changes(admin: SocketAddr, traffic: &Traffic) {
    while let Ok(stream) = TcpStream::connect(admin) {
        let mut peer = Peer::of(stream);
        peer.send(b"GET /events HTTP/1.1\r\nHost: us\r\n\r\n");
        while peer.until(b"\n\n").is_some() {
            traffic.changes.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// Events of two instances, each a change.
struct Events {
    peer: Peer,
    sent: usize,
}

impl Events {
    /// As soon as somebody listens.
    fn begin(address: SocketAddr) -> Self {
        let end = Instant::now() + PATIENCE;
        loop {
            match TcpStream::connect(address) {
                Ok(stream) => return Self { peer: Peer::of(stream), sent: 0 },
                Err(error) => assert!(Instant::now() < end, "{error}"),
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn post(&mut self, count: usize) {
        for _ in 0..count / BATCH {
            let events: Vec<u8> = (0..BATCH).flat_map(|_| self.next()).collect();
            assert!(self.peer.send(&events));
            for _ in 0..BATCH {
                let answer = self.peer.answer();
                assert_eq!(answer.as_deref(), Some("HTTP/1.1 204 No Content\r\n\r\n"));
            }
        }
    }

    fn next(&mut self) -> Vec<u8> {
        let number = self.sent;
        self.sent += 1;
        // An instance may have letters that are no letters of ASCII, and some that lines do not show as they are.
        let instance = ["ens1fx/master", "ens\u{e9}\u{202e}/master"][number % 2];
        let state = ["LOCKED", "HOLDOVER"][number / 2 % 2];
        notification("/event", event(Resource::LockState, instance, state).to_string().as_bytes())
    }
}

/// Events that are sent before the first is answered.
const BATCH: usize = 20;

fn event(resource: Resource, instance: &str, state: &str) -> Value {
    let (kind, path) = match resource {
        Resource::LockState => ("event.sync.ptp-status.ptp-state-change", "/sync/ptp-status/lock-state"),
        _ => ("event.sync.sync-status.os-clock-sync-state-change", "/sync/sync-status/os-clock-sync-state"),
    };
    let address = format!("/cluster/node/node1/{instance}");
    json!({
        "id": "1", "type": kind, "source": path, "time": "2026-11-22T09:30:00Z",
        "data": {"version": "1.0", "values": [
            {"ResourceAddress": address, "data_type": "notification", "value_type": "enumeration", "value": state},
            {"ResourceAddress": address, "data_type": "metric", "value_type": "decimal64.3", "value": "-12.5"},
        ]},
    })
}

/// Plays the producer: keeps subscriptions, answers polls, and breaks off every few answers. After some connections it
/// is not there for a while.
fn produce(mut listener: TcpListener, traffic: &Traffic) {
    let address = listener.local_addr().expect("it has one");
    let mut subscriptions = Vec::new();
    while !traffic.is_over.load(Ordering::SeqCst) {
        let Ok((stream, _)) = listener.accept() else { continue };
        serve(Peer::of(stream), &mut subscriptions, traffic);
        if traffic.connections.fetch_add(1, Ordering::SeqCst).is_multiple_of(REFUSALS) {
            drop(listener);
            thread::sleep(Duration::from_millis(20));
            listener = TcpListener::bind(address).expect("it is ours");
        }
    }
}

/// Connections until the next is refused.
const REFUSALS: usize = 8;
/// Answers on one connection.
const ANSWERS: usize = 12;

fn serve(mut peer: Peer, subscriptions: &mut Vec<Value>, traffic: &Traffic) {
    for _ in 0..ANSWERS {
        let Some((head, body)) = peer.request() else { return };
        let (status, answer) = if head.starts_with("POST") {
            let mut subscription: Value = serde_json::from_slice(&body).expect("it is JSON");
            subscription["SubscriptionId"] = subscriptions.len().to_string().into();
            subscriptions.push(subscription.clone());
            ("201 Created", subscription)
        } else if head.starts_with("DELETE") {
            ("200 OK", Value::Null)
        } else if !head.contains("CurrentState") {
            ("200 OK", subscriptions.clone().into())
        } else {
            traffic.polls.fetch_add(1, Ordering::SeqCst);
            match ["lock-state", "os-clock-sync-state"].map(|name| head.contains(name)) {
                [true, _] => ("200 OK", event(Resource::LockState, "ens1fx/master", "LOCKED")),
                [_, true] => ("200 OK", event(Resource::OsClock, "CLOCK_REALTIME", "LOCKED")),
                _ => ("404 Not Found", Value::Null),
            }
        };
        let answer = answer.to_string();
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", answer.len());
        if !peer.send((head + &answer).as_bytes()) {
            return;
        }
    }
}
