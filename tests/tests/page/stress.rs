//! Writers killed at random while readers look on: each read is of one write, and no earlier one than the last.

use std::fs::{self, OpenOptions};
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{env, thread};

use ptpwatch::page::{OwnPage, SeenPage};
use ptpwatch::turn::clock;
use ptpwatch_core::event::{Resource, State};
use ptpwatch_core::limits::INSTANCE_MAX;
use ptpwatch_core::page::{Doubt, Entries, Entry, Name, Reading, Sheet};
use ptpwatch_core::time::{self, SECOND_NS};
use ptpwatch_core::track::Freshness;
use ptpwatch_core::verdict::{Reasons, Verdict};
use ptpwatch_tests::Random;
use ptpwatch_tests::process::PATIENCE;

use crate::Folder;

const STATES: [State; 4] = [State::Unknown, State::Locked, State::Holdover, State::Freerun];

/// What the write of a number says.
fn verdict(number: u64) -> Verdict {
    Verdict {
        state: STATES[number as usize % 4],
        reasons: Reasons::from_bits(number.wrapping_mul(0x9E37_79B9_7F4A_7C15)),
        last_known: STATES[number as usize / 4 % 4],
        since: time::Instant::from_nanos(number),
        holdover_until: Some(time::Instant::from_nanos(number + 1)),
    }
}

fn entry(number: u64) -> Entry {
    Entry {
        resource: Resource::ClockClass,
        state: STATES[number as usize % 4],
        freshness: Freshness::Fresh,
        level: Some(number as u8),
        since: time::Instant::from_nanos(number),
        instance: Name::new(&[number as u8; INSTANCE_MAX]),
    }
}

fn channel_count(number: u64) -> usize {
    1 + number as usize % 4
}

/// Writes number after number until it is killed.
#[test]
#[ignore = "the other tests kill it, in a process of its own"]
fn the_writer() {
    let Some(path) = env::var_os(PAGE) else { return };
    let own = OwnPage::take(Path::new(&path)).expect("it is nobody else's");
    let mut writer = own.writer(clock::now()).expect("it is a page");
    // Readers come between two writes often, or seldom.
    let pause = PAUSES[std::process::id() as usize % PAUSES.len()];
    for number in 1.. {
        let channels = std::iter::repeat_n(entry(number), channel_count(number));
        writer.update(clock::now(), Sheet { verdict: verdict(number), until: time::Instant::MAX, channels });
        for step in 0..pause {
            black_box(step);
        }
    }
}

const PAGE: &str = "PTPWATCH_TEST_PAGE";
/// Steps between two writes.
const PAUSES: [u32; 2] = [100, 1000];

/// A process that goes with the test.
struct Writer(Child);

impl Drop for Writer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(page: &Path) -> Writer {
    let writer = Command::new(env::current_exe().expect("a test is a program"))
        .args(["--exact", "stress::the_writer", "--ignored"])
        .env(PAGE, page)
        .stdout(Stdio::null())
        .spawn();
    Writer(writer.expect("it starts"))
}

/// What readers saw.
#[derive(Debug, Default)]
struct Tally {
    reads: AtomicU64,
    unknown: AtomicU64,
    busy: AtomicU64,
    is_over: AtomicBool,
}

/// Ends the readers, also when the test fails.
struct Over<'a>(&'a Tally);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::Relaxed);
    }
}

/// A page that is opened again whenever another file has its name.
struct Glass<'p> {
    path: &'p Path,
    page: Option<SeenPage>,
    entries: Entries,
    last: (time::Instant, time::Instant),
}

impl Glass<'_> {
    fn read(&mut self, with_channels: bool) -> Option<Doubt> {
        let Some(page) = &self.page else {
            self.page = SeenPage::open(self.path).ok();
            return Some(Doubt::Layout);
        };
        let now = clock::now();
        let reading = match with_channels {
            true => page.reader().read_channels(now, &mut self.entries),
            false => page.reader().read(now),
        };
        match reading.doubt {
            None => self.check(&reading, with_channels),
            Some(_) if page.is_at(self.path) => {}
            // Also one that was left in the middle of a write.
            Some(_) => self.page = None,
        }
        reading.doubt
    }

    fn check(&mut self, reading: &Reading, with_channels: bool) {
        let number = reading.verdict.since.as_nanos();
        assert_eq!(reading.verdict, verdict(number), "torn");
        assert_eq!(reading.clock_class, Some(number as u8), "torn");
        assert_eq!(reading.void_after.since(reading.as_of), SECOND_NS, "torn");
        if with_channels {
            let entries = self.entries.as_slice();
            assert!(
                entries.len() == channel_count(number) && entries.iter().all(|one| *one == entry(number)),
                "torn"
            );
        }
        let at = (reading.epoch, reading.verdict.since);
        assert!(self.last <= at, "it went back: {:?}, {at:?}", self.last);
        self.last = at;
    }
}

fn glass(path: &Path) -> Glass<'_> {
    Glass { path, page: None, entries: Entries::new(), last: Default::default() }
}

fn look_on(path: &Path, tally: &Tally) {
    let mut glass = glass(path);
    while !tally.is_over.load(Ordering::Relaxed) {
        let (mut unknown, mut busy) = (0, 0);
        for number in 0..BATCH {
            match glass.read(number % 64 == 0) {
                None => {}
                Some(Doubt::Writing) => busy += 1,
                Some(_) => {
                    unknown += 1;
                    // Whoever is to write the next page needs the processor.
                    thread::sleep(BREAK);
                }
            }
        }
        tally.reads.fetch_add(BATCH - unknown - busy, Ordering::Relaxed);
        tally.unknown.fetch_add(unknown, Ordering::Relaxed);
        tally.busy.fetch_add(busy, Ordering::Relaxed);
    }
}

const BATCH: u64 = 1_000;
const BREAK: Duration = Duration::from_micros(100);

/// Puts something else in the place of the page, now and then.
fn spoil(path: &Path, random: &mut Random) {
    match random.below(8) {
        0 => fs::remove_file(path).expect("it is there"),
        1 => {
            let file = OpenOptions::new().write(true).open(path).expect("it is ours");
            file.write_all_at(&[2], 8).expect("there is room");
        }
        _ => {}
    }
}

/// Kills one writer after another until so many of them were killed, and so many reads were good.
fn kill_writers(kills: u32, reads: u64) {
    let folder = Folder::new();
    let (path, tally) = (folder.page(), Tally::default());
    let mut random = Random::new(1);
    let (mut killed, mut halves) = (0, 0);
    thread::scope(|scope| {
        let _over = Over(&tally);
        let readers: Vec<_> = (0..READERS).map(|_| scope.spawn(|| look_on(&path, &tally))).collect();
        while tally.reads.load(Ordering::Relaxed) < reads || killed < kills {
            assert!(readers.iter().all(|reader| !reader.is_finished()), "a reader gave up");
            let started = clock::now();
            let writer = start(&path);
            wait_until_written(&path, started);
            thread::sleep(Duration::from_micros(random.below(5000)));
            drop(writer);
            killed += 1;
            halves += u32::from(glass(&path).read_twice() == Some(Doubt::Writing));
            spoil(&path, &mut random);
        }
    });
    let [reads, unknown, busy] =
        [&tally.reads, &tally.unknown, &tally.busy].map(|count| count.load(Ordering::Relaxed));
    println!(
        "{reads} reads, 0 torn; {busy} beside a write, {unknown} of no page; {killed} writers killed, {halves} in a write"
    );
}

impl Glass<'_> {
    /// Once to open it, once to read it.
    fn read_twice(&mut self) -> Option<Doubt> {
        self.read(false);
        self.read(false)
    }
}

/// Waits until a writer that was started at `started` has written.
fn wait_until_written(path: &Path, started: time::Instant) {
    let (mut glass, end) = (glass(path), Instant::now() + PATIENCE);
    while glass.read(false).is_some() || glass.last.0 < started {
        assert!(Instant::now() < end, "nobody writes");
        thread::sleep(BREAK);
    }
}

const READERS: usize = 2;

#[test]
fn no_read_is_torn_or_old_in_a_hundred_thousand() {
    kill_writers(20, 100_000);
}

/// `cargo test --release -p ptpwatch-tests --test page -- --ignored --exact stress::no_read_is_torn_or_old_in_a_hundred_million --nocapture`
#[test]
#[ignore = "takes a minute"]
fn no_read_is_torn_or_old_in_a_hundred_million() {
    kill_writers(1_000, 100_000_000);
}
