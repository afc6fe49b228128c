//! What is answered, to the byte: of a consumer that is told what to say by a producer's own bytes.

use std::io::{Read, Write};
use std::time::UNIX_EPOCH;

use mio::{Events, Poll};
use ptpwatch_core::consumer::{Config, Link, Trouble};
use ptpwatch_core::dialect::OPENSHIFT_V2;
use ptpwatch_core::event::State as Sync;
use ptpwatch_core::time::SECOND_NS;
use ptpwatch_core::verdict::{Reason, Reasons, Verdict, VerdictReport};

use super::history::{ENTRIES_MAX, Told};
use super::metrics::Format;
use super::request::{Request, Route};
use super::state::{Extent, State};
use super::stream::Stream;
use super::*;
use crate::json;
use crate::turn;

/// A consumer, and what is kept of its changes.
struct Site {
    consumer: Consumer<'static>,
    now: Instant,
    about: About,
    history: History,
    tally: Tally,
}

impl Site {
    fn new() -> Self {
        let memory: &'static mut turn::Memory = Box::leak(Box::new(turn::Memory::for_connections(4)));
        let config = Config::new(&OPENSHIFT_V2, "n1", "localhost:9043", "http://localhost/event");
        let now = Instant::from_nanos(SECOND_NS);
        let about = About {
            node: "n1".to_owned(),
            role: "bc",
            holdover_budget: Some(Duration::from_secs(5)),
            openshift_metrics: true,
            started: moment(now),
        };
        let consumer = Consumer::new(memory, config, now).unwrap();
        Self { consumer, now, about, history: History::new(), tally: Tally::default() }
    }

    /// Has the producer push values, and takes note of what that changes.
    fn push(&mut self, source: &str, values: &[(&str, &str, &str)]) {
        let value = |(address, kind, value): &(&str, &str, &str)| serde_json::json!({"ResourceAddress": address, "data_type": kind, "value": value});
        let values: Vec<_> = values.iter().map(value).collect();
        let body = serde_json::json!({"source": source, "time": "2026-11-22T17:48:52.100Z", "data": {"values": values}});
        let body = body.to_string();
        let request = format!("POST /event HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let conn = self.consumer.admit(self.now).unwrap();
        self.consumer.recv_window(conn)[..request.len()].copy_from_slice(request.as_bytes());
        self.consumer.handle_received(self.now, conn, request.len());
        self.consumer.handle_closed(self.now, conn);
        self.note();
    }

    fn push_lock(&mut self, instance: &str, state: &str, offset: &str) {
        let at = format!("/cluster/node/n1/{instance}");
        self.push("/sync/ptp-status/lock-state", &[(&at, "notification", state), (&at, "metric", offset)]);
    }

    fn note(&mut self) {
        while self.consumer.poll_action().is_some() {}
        let moment = moment(self.now);
        while let Some(notice) = self.consumer.poll_notice() {
            self.history.note(moment, &notice);
            self.tally.note(moment, &notice);
        }
    }

    fn wait(&mut self, ms: u64) {
        self.now = self.now.after(ms * 1_000_000);
        self.consumer.handle_timeout(self.now);
        self.note();
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            moment: moment(self.now),
            about: &self.about,
            consumer: &self.consumer,
            verdict: self.consumer.verdict(),
            link: self.consumer.link(),
            stats: self.consumer.stats(),
            history: &self.history,
            tally: &self.tally,
            counts: Counts { turned_away: 1, lines_dropped: 2, journal_dropped: Some(3) },
            streams: 1,
            streams_dropped: 0,
            is_stopping: false,
        }
    }

    fn metrics(&self, format: Format) -> String {
        let mut text = String::new();
        metrics::write(&mut text, format, &self.facts()).unwrap();
        text
    }
}

/// The wall's clock is that of the producer at first.
fn moment(now: Instant) -> Moment {
    let wall = UNIX_EPOCH + Duration::from_millis(1_795_369_731_107) + Duration::from_nanos(now.as_nanos());
    Moment { now, wall }
}

/// A site with channels of every kind, some of them void, and a node that has changed its state.
fn site() -> Site {
    let mut site = Site::new();
    site.push_lock("ens1fx/master", "LOCKED", "-3.5");
    let os = "/cluster/node/n1/CLOCK_REALTIME";
    site.push("/sync/sync-status/os-clock-sync-state", &[(os, "notification", "LOCKED")]);
    let gnss = "/cluster/node/n1/ens1fx/master";
    site.push(
        "/sync/gnss-status/gnss-sync-status",
        &[(gnss, "notification", "SYNCHRONIZED"), (&format!("{gnss}/gpsFix"), "metric", "3")],
    );
    site.push("/sync/synce-status/clock-quality", &[("/cluster/node/n1/synce1", "metric", "4")]);
    site.wait(61_000);
    site.push("/sync/ptp-status/clock-class", &[("/cluster/node/n1/a\"b\\c\u{9b}/master", "metric", "7")]);
    site.push("/sync/sync-status/os-clock-sync-state", &[(os, "notification", "LOCKED")]);
    site.push_lock("ens1fx/master", "HOLDOVER", "12");
    site.push_lock("ens1fx/master", "HOLDOVER", "12");
    site.push(
        "/sync/ptp-status/lock-state",
        &[("/cluster/node/other/ens1fx/master", "notification", "FREERUN")],
    );
    site.wait(1_500);
    site
}

/// Compares with the file, or writes it if it is asked to.
fn check(name: &str, text: &str) {
    let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("PTPWATCH_BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(&path).unwrap(), "{name}");
}

#[test]
fn metrics_to_the_byte() {
    let site = site();
    check("metrics.txt", &site.metrics(Format::Text));
    check("metrics-openmetrics.txt", &site.metrics(Format::OpenMetrics));
}

#[test]
fn series_are_the_same_in_both_formats_and_none_comes_twice() {
    let site = site();
    let samples = |format| {
        let text = site.metrics(format);
        let samples = text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned);
        samples.collect::<Vec<_>>()
    };
    let all = samples(Format::Text);
    assert_eq!(all, samples(Format::OpenMetrics));
    let series = |sample: &String| sample.rsplit_once(' ').unwrap().0.to_owned();
    let distinct: std::collections::HashSet<_> = all.iter().map(series).collect();
    assert_eq!(distinct.len(), all.len());
}

#[test]
fn the_state_to_the_byte() {
    let site = site();
    for (name, extent) in [("state.json", Extent::WithHistory), ("state-present.json", Extent::Present)] {
        let text = json::text(&State(&site.facts(), extent));
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (&value["v"], &value["kind"], value.get("history").is_some()),
            (&1.into(), &"state".into(), extent == Extent::WithHistory)
        );
        assert!(text.chars().all(|letter| matches!(letter, ' '..='~')), "{text:?}");
        check(name, &(text + "\n"));
    }
}

/// Names of which each letter takes as much room as any can.
#[test]
fn the_largest_answers_fit() {
    for suffix in ["gnss-status/gnss-sync-status", "ptp-status/lock-state"] {
        let mut site = Site::new();
        let word = if suffix.starts_with("gnss") { "ANTENNA-SHORT-CIRCUIT" } else { "HOLDOVER" };
        for number in 0..40_u8 {
            for word in [word, "BOOTING", "LOCKED", word] {
                let name = "\u{1}".repeat(46) + &char::from(b'0' + number).to_string();
                let at = format!("/cluster/node/n1/{name}");
                site.push(
                    &format!("/sync/{suffix}"),
                    &[(&at, "notification", word), (&at, "metric", "-9223372036854775807.999")],
                );
            }
        }
        assert_eq!(site.consumer.channels().count(), 32);
        let report = VerdictReport {
            verdict: Verdict {
                reasons: Reasons::from_bits(u64::MAX),
                state: Sync::Holdover,
                ..Verdict::default()
            },
            transitions: u32::MAX,
            worst: Sync::Holdover,
        };
        for _ in 0..ENTRIES_MAX {
            site.history.note(moment(site.now), &Notice::Verdict(0, report));
        }
        site.now = Instant::from_nanos(u64::MAX / 2);
        let mut memory = Memory::new();
        let seat = &mut memory.seats()[0];
        for route in [Route::Metrics, Route::State, Route::Page, Route::Events] {
            let request = Request { route: Ok(route), ..Request::refused(200) };
            answer(seat, Ok(request), &site.facts());
            let status = &seat.output[seat.unsent()][..12];
            assert_eq!(status, b"HTTP/1.1 200", "{route:?}");
        }
    }
}

fn verdict(state: Sync) -> Notice<'static> {
    let verdict = Verdict { state, reasons: Reasons::NONE.with(Reason::Class), ..Verdict::default() };
    Notice::Verdict(0, VerdictReport { verdict, transitions: 1, worst: state })
}

fn link(trouble: Option<Trouble>) -> Notice<'static> {
    Notice::Link(0, Link { trouble, ..Link::default() })
}

#[test]
fn verdicts_and_everything_else_share_the_history() {
    let (mut history, at) = (History::new(), moment(Instant::default()));
    let count = |history: &History| {
        let told = |entry| json::text(&Told(Instant::default(), entry));
        let verdicts = history.newest_first().filter(|entry| told(entry).contains("\"verdict\"")).count();
        (verdicts, history.newest_first().count() - verdicts)
    };
    for _ in 0..10 {
        history.note(at, &verdict(Sync::Locked));
    }
    for number in 0..1000 {
        history.note(at, &link((number % 2 == 0).then_some(Trouble::Timeout)));
    }
    assert_eq!(count(&history), (10, ENTRIES_MAX - 10), "what flaps leaves the verdicts alone");
    for _ in 0..1000 {
        history.note(at, &verdict(Sync::Locked));
    }
    assert_eq!(count(&history), (ENTRIES_MAX / 2, ENTRIES_MAX / 2));
    assert_eq!(history.last(), 2010);
    let numbers: Vec<u64> = history.newest_first().map(|entry| entry.number).collect();
    assert!(numbers.is_sorted_by(|newer, older| newer > older));
}

#[test]
fn what_is_no_transition_is_not_kept() {
    let (mut history, at) = (History::new(), moment(Instant::default()));
    let Notice::Verdict(_, report) = verdict(Sync::Locked) else { unreachable!() };
    history.note(at, &Notice::Verdict(0, VerdictReport { transitions: 0, ..report }));
    let on_the_way = |subscribed| Link { is_up: Some(true), subscribed, wanted: 5, ..Link::default() };
    for subscribed in 0..=5 {
        history.note(at, &Notice::Link(0, on_the_way(subscribed)));
    }
    assert_eq!(history.last(), 2, "the first answer, and the last subscription");
}

#[test]
fn a_reader_hears_of_each_entry_once_or_that_it_missed_some() {
    let mut site = Site::new();
    let mut room = vec![0; 64 * 1024];
    let mut stream = Stream::begin(&mut Fill::new(&mut room), &site.facts()).unwrap();
    let heard = |site: &Site, stream: &mut Stream| {
        let mut room = vec![0; 64 * 1024];
        let mut out = Fill::new(&mut room);
        let result = stream.go_on(&mut out, &site.facts());
        let length = out.length();
        let text = String::from_utf8(room[..length].to_vec()).unwrap();
        let count = |what: &str| text.matches(what).count();
        result.map(|()| (count("event: change\n"), count(": keep-alive\nevent: state\n")))
    };
    assert_eq!(heard(&site, &mut stream).unwrap(), (0, 0));
    for _ in 0..100 {
        site.history.note(moment(site.now), &verdict(Sync::Locked));
    }
    stream.note();
    let mut changes = 0;
    while changes < 100 {
        assert!(stream.due() <= site.now.after(SECOND_NS));
        changes += heard(&site, &mut stream).unwrap().0;
    }
    site.now = site.now.after(SECOND_NS);
    assert_eq!((changes, heard(&site, &mut stream).unwrap()), (100, (0, 1)));
    assert!(stream.due() > site.now.after(SECOND_NS), "and then not before long");
    for _ in 0..=ENTRIES_MAX {
        site.history.note(moment(site.now), &verdict(Sync::Locked));
    }
    assert!(heard(&site, &mut stream).is_err());
}

/// The page says in words what each reason means.
#[test]
fn the_page_knows_every_reason() {
    let page = include_str!("page.html");
    let (_, words) = page.split_once("const WORDS = {").unwrap();
    let (words, _) = words.split_once("};").unwrap();
    let known: Vec<&str> = words
        .lines()
        .filter_map(|line| line.split_once(": \"").map(|(name, _)| name.trim().trim_matches('"')))
        .collect();
    assert_eq!(known, Reason::ALL.map(Reason::name));
}

/// Who is told of the end gets first what it was told before, from where it had read.
#[test]
fn the_end_of_a_stream_comes_behind_what_was_not_sent() {
    let site = Site::new();
    let mut memory = Memory::new();
    let seat = &mut memory.seats()[0];
    let request = Request { route: Ok(Route::Events), ..Request::refused(200) };
    answer(seat, Ok(request), &site.facts());
    let before = seat.output[seat.unsent()].to_vec();
    assert!(seat.stream().is_some() && before.ends_with(b"}\n\n"));
    end_stream(seat, site.now, TOO_SLOW);
    let end = b"event: end\ndata: {\"v\":1,\"kind\":\"end\",\"cause\":\"too-slow\"}\n\n";
    assert_eq!(seat.output[seat.unsent()], [&before[..], end].concat());
    assert!(seat.stream().is_none());
}

/// Whoever has said something that was not read yet is not taken for idle when another comes to a full house.
#[test]
fn who_begins_to_ask_keeps_his_seat() {
    let mut site = Site::new();
    let (mut poll, mut memory) = (Poll::new().unwrap(), Memory::new());
    let listener = Admin::listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let mut admin = Admin::open(listener, &mut memory, poll.registry(), site.about.clone()).unwrap();
    let mut turn = |say: &str, peers: &mut [std::net::TcpStream]| {
        let mut events = Events::with_capacity(64);
        poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
        events.iter().for_each(|event| admin.handle_event(event));
        // What comes between is not known of yet.
        peers.iter_mut().for_each(|peer| peer.write_all(say.as_bytes()).unwrap());
        site.now = site.now.after(SECOND_NS / 10);
        admin.serve(site.now, &site.consumer, Counts::default());
    };
    let connect = |_| std::net::TcpStream::connect(address).unwrap();
    let mut peers: Vec<_> = (0..SEATS).map(connect).collect();
    turn("", &mut []);
    peers.push(connect(SEATS));
    turn("GET /livez HTTP/1.1\r\n", &mut peers);
    turn("Host: us\r\nConnection: close\r\n\r\n", &mut peers);
    (0..2 * SEATS).for_each(|_| turn("", &mut []));
    for (index, mut peer) in peers.into_iter().enumerate() {
        peer.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut answer = String::new();
        peer.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{index}: {answer:?}");
    }
}
