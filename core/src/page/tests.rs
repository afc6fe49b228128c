//! A page by itself: what is written is what is read, and what cannot be believed is not.

use super::atomics::{AtomicU64, Ordering};
use super::*;
use crate::event::{Resource, State};
use crate::limits::PAGE_LIFE_NS;
use crate::time::{Instant, SECOND_NS};
use crate::track::Freshness;
use crate::verdict::{Reason, Reasons, Verdict};
use std::sync::atomic::AtomicBool;
use std::thread;

const BOOT: BootId = BootId(0x0123_4567_89ab_cdef);
const START: Instant = Instant::from_nanos(1000 * SECOND_NS);

fn reader(page: &Page) -> Reader<'_> {
    Reader::new(page, BOOT)
}

/// A reading that is believed, and the entries with it.
fn read(page: &Page, now: Instant) -> (Reading, Vec<Entry>) {
    let mut entries = Entries::new();
    let reading = reader(page).read_channels(now, &mut entries);
    assert_eq!(reading, reader(page).read(now));
    (reading, entries.as_slice().to_vec())
}

fn verdict(state: State) -> Verdict {
    Verdict {
        state,
        reasons: Reasons::NONE.with(Reason::OsFollows).with(Reason::NoData),
        last_known: State::Holdover,
        since: START.after(1),
        holdover_until: Some(START.after(2)),
    }
}

/// A sheet without channels that may be believed for long.
fn sheet(state: State) -> Sheet<std::iter::Empty<Entry>> {
    Sheet { verdict: verdict(state), until: Instant::MAX, channels: std::iter::empty() }
}

fn entry(resource: Resource, level: Option<u8>, instance: &[u8]) -> Entry {
    Entry {
        resource,
        state: State::Locked,
        freshness: Freshness::Fresh,
        level,
        since: START,
        instance: Name::new(instance),
    }
}

fn written(state: State) -> Page {
    let page = Page::new();
    Writer::take(&page, BOOT, START).unwrap().update(START, sheet(state));
    page
}

fn doubt(page: &Page) -> Option<Doubt> {
    let reading = reader(page).read(START);
    if reading.doubt.is_some() {
        assert_eq!((reading.verdict.state, reading.verdict.reasons), (State::Unknown, Reasons::NONE));
    }
    reading.doubt
}

fn store(word: &AtomicU64, value: u64) {
    word.store(value, Ordering::Relaxed);
}

#[test]
fn nobody_wrote_yet() {
    let page = Page::new();
    assert_eq!(doubt(&page), Some(Doubt::Layout));
    let _writer = Writer::take(&page, BOOT, START).unwrap();
    assert_eq!(doubt(&page), Some(Doubt::Expired));
    assert_eq!(reader(&page).read(START).epoch, START);
    // A reader that looked at the clock before the writer did.
    assert_eq!(reader(&page).read(Instant::default()).verdict.state, State::Unknown);
    assert_eq!(reader(&page).read(Instant::from_nanos(START.as_nanos() - 1)).doubt, Some(Doubt::Expired));
}

#[test]
fn what_is_written_is_read() {
    for state in [State::Unknown, State::Locked, State::Holdover, State::Freerun] {
        let page = written(state);
        let expected = Reading {
            verdict: verdict(state),
            doubt: None,
            clock_class: None,
            transitions: u64::from(state != State::Unknown),
            epoch: START,
            as_of: START,
            void_after: START.after(PAGE_LIFE_NS),
        };
        assert_eq!(read(&page, START.after(5)).0, expected);
    }
}

/// The table of the module's documentation: programs in other languages are built on it.
#[test]
fn the_words_are_those_of_version_1() {
    let page = Page::new();
    let channels = [entry(Resource::ClockClass, Some(6), b"ens1fx/master")].into_iter();
    let sheet = Sheet { verdict: verdict(State::Holdover), until: Instant::MAX, channels };
    Writer::take(&page, BOOT, START).unwrap().update(START, sheet);
    let words = [
        (&page.magic, u64::from_le_bytes(*b"PTPWATCH")),
        (&page.version, 1),
        (&page.size, 4288),
        (&page.boot, 0x0123_4567_89ab_cdef),
        (&page.epoch, 1_000_000_000_000),
        (&page.sequence, 4),
        (&page.as_of, 1_000_000_000_000),
        (&page.void_after, 1_001_000_000_000),
        (&page.state, 2),
        (&page.reasons, 1 << 12 | 1 << 27),
        (&page.holdover_until, 1_000_000_000_002),
        (&page.since, 1_000_000_000_001),
        (&page.last_known, 2),
        (&page.clock_class, 256 + 6),
        (&page.transitions, 1),
        (&page.channel_count, 1),
    ];
    for (index, (word, expected)) in words.into_iter().enumerate() {
        assert_eq!(word.load(Ordering::Relaxed), expected, "{index}");
    }
    let name = [u64::from_le_bytes(*b"ens1fx/m"), u64::from_le_bytes(*b"aster\0\0\0")];
    let line = [0x0106_0d01_0102, 1_000_000_000_000, name[0], name[1], 0, 0, 0, 0];
    assert_eq!(page.channels[0].load(), line);
}

#[test]
fn channels_of_every_kind_are_read_as_they_were() {
    let (page, long) = (Page::new(), [b'x'; 48]);
    let mut expected: Vec<Entry> =
        Resource::ALL.into_iter().map(|resource| entry(resource, None, b"")).collect();
    expected.extend([0, 6, 255].map(|level| entry(Resource::ClockClass, Some(level), &long)));
    expected[1].state = State::Freerun;
    expected[2].freshness = Freshness::Stale;
    expected[3].freshness = Freshness::Void;
    let mut writer = Writer::take(&page, BOOT, START).unwrap();
    let update = |writer: &mut Writer<'_>, channels: &[Entry]| {
        let channels = channels.iter().cloned();
        writer.update(START, Sheet { verdict: verdict(State::Locked), until: Instant::MAX, channels });
    };
    update(&mut writer, &expected);
    let (reading, entries) = read(&page, START);
    assert_eq!((reading.clock_class, &entries[..]), (Some(255), &expected[..]));
    // The same places, other names.
    expected.truncate(9);
    expected[0].instance = Name::new(b"ens2f0");
    expected[8].instance = Name::new(b"y");
    update(&mut writer, &expected);
    let (reading, entries) = read(&page, START);
    assert_eq!((reading.clock_class, &entries[..]), (Some(6), &expected[..]));
    // More than have a place.
    let many = vec![entry(Resource::LockState, None, b"ens1f0"); CHANNELS_MAX + 1];
    update(&mut writer, &many);
    assert_eq!(&read(&page, START).1[..], &many[1..]);
    assert_eq!(page.channel_count.load(Ordering::Relaxed), 65);
}

#[test]
fn a_class_that_is_not_known_any_more_is_none() {
    let page = Page::new();
    let mut old = entry(Resource::ClockClass, Some(248), b"a");
    old.freshness = Freshness::Void;
    let channels = [old, entry(Resource::ClockClass, Some(6), b"b")].into_iter();
    let sheet = Sheet { verdict: verdict(State::Locked), until: Instant::MAX, channels };
    Writer::take(&page, BOOT, START).unwrap().update(START, sheet);
    assert_eq!(read(&page, START).0.clock_class, Some(6));
}

#[test]
fn a_page_that_nobody_renews_is_unknown() {
    let page = written(State::Locked);
    let end = START.after(PAGE_LIFE_NS);
    let last = reader(&page).read(Instant::from_nanos(end.as_nanos() - 1));
    assert_eq!((last.doubt, last.verdict.state), (None, State::Locked));
    for now in [end, end.after(1), Instant::MAX] {
        let (reading, entries) = read(&page, now);
        let expected = Verdict { last_known: State::Locked, since: end, ..Verdict::default() };
        assert_eq!((reading.doubt, reading.verdict, entries.len()), (Some(Doubt::Expired), expected, 0));
    }
}

#[test]
fn it_lives_no_longer_than_the_verdict_is_known() {
    let page = Page::new();
    let mut writer = Writer::take(&page, BOOT, START).unwrap();
    let mut update = |now: Instant, until| writer.update(now, Sheet { until, ..sheet(State::Locked) });
    update(START, START.after(9));
    assert_eq!(reader(&page).read(START).void_after, START.after(9));
    update(START.after(1), START.after(7));
    assert_eq!(reader(&page).read(START).void_after, START.after(7), "less than was promised");
    update(START.after(2), Instant::MAX);
    assert_eq!(reader(&page).read(START).void_after, START.after(7), "more, while there is time");
    update(START.after(7), Instant::MAX);
    assert_eq!(reader(&page).read(START).void_after, START.after(PAGE_LIFE_NS + 7), "as soon as it is over");
}

#[test]
fn it_is_written_on_change_and_at_half_its_life() {
    let page = Page::new();
    let mut writer = Writer::take(&page, BOOT, START).unwrap();
    let mut update = |now, state| {
        writer.update(now, sheet(state));
        (page.sequence.load(Ordering::Relaxed), writer.poll_timeout())
    };
    let half = START.after(PAGE_LIFE_NS / 2);
    assert_eq!(update(START, State::Locked), (4, half));
    assert_eq!(update(START.after(1), State::Locked), (4, half));
    assert_eq!(update(half, State::Locked), (6, half.after(PAGE_LIFE_NS / 2)));
    let changed = half.after(1);
    assert_eq!(update(changed, State::Freerun), (8, changed.after(PAGE_LIFE_NS / 2)));
    assert_eq!(read(&page, changed).0.as_of, changed);
}

/// Without it an embedder who sleeps until then would not sleep at all.
#[test]
fn the_next_time_to_write_is_always_ahead() {
    let page = Page::new();
    let mut writer = Writer::take(&page, BOOT, START).unwrap();
    for until in [Instant::default(), START, START.after(1), Instant::MAX] {
        writer.update(START, Sheet { until, ..sheet(State::Locked) });
        assert!(writer.poll_timeout() > START, "{until:?}");
    }
}

#[test]
fn transitions_count_also_what_came_and_went_between_two_writes() {
    let page = Page::new();
    let mut writer = Writer::take(&page, BOOT, START).unwrap();
    let mut update = |state, since| {
        let verdict = Verdict { since, ..verdict(state) };
        writer.update(START, Sheet { verdict, ..sheet(state) });
        reader(&page).read(START).transitions
    };
    assert_eq!(update(State::Unknown, START), 0);
    assert_eq!(update(State::Locked, START.after(1)), 1);
    assert_eq!(update(State::Locked, START.after(1)), 1);
    assert_eq!(update(State::Locked, START.after(2)), 3);
}

#[test]
fn what_is_no_page_of_ours_is_unknown_and_left_alone() {
    for index in 0..3 {
        let page = written(State::Locked);
        store([&page.magic, &page.version, &page.size][index], 2);
        assert_eq!(doubt(&page), Some(Doubt::Layout));
        assert!(Writer::take(&page, BOOT, START).is_none());
        assert_eq!(page.state.load(Ordering::Relaxed), 1);
    }
}

#[test]
fn a_page_of_another_boot_is_unknown() {
    let page = written(State::Locked);
    store(&page.boot, 0);
    assert_eq!(doubt(&page), Some(Doubt::Boot));
    Writer::take(&page, BOOT, START).unwrap().update(START, sheet(State::Locked));
    assert_eq!(doubt(&page), None);
}

#[test]
fn a_time_of_another_clock_is_unknown() {
    let page = written(State::Locked);
    let read = |now| reader(&page).read(Instant::from_nanos(now)).doubt;
    assert_eq!(read(START.as_nanos() - PAGE_LIFE_NS), None);
    assert_eq!(read(START.as_nanos() - PAGE_LIFE_NS - 1), Some(Doubt::Clock));
    // Seconds for nanoseconds; nanoseconds since 1970.
    assert_eq!(read(START.as_nanos() / SECOND_NS), Some(Doubt::Clock));
    assert_eq!(read(1_790_000_000 * SECOND_NS), Some(Doubt::Expired));
}

#[test]
fn a_writer_killed_in_the_middle_is_unknown_until_the_next_one() {
    let page = written(State::Locked);
    store(&page.sequence, 5);
    store(&page.state, 3);
    assert_eq!(doubt(&page), Some(Doubt::Writing));
    let now = START.after(1);
    let mut next = Writer::take(&page, BOOT, now).unwrap();
    assert_eq!(
        (reader(&page).read(now).doubt, page.sequence.load(Ordering::Relaxed)),
        (Some(Doubt::Expired), 6)
    );
    next.update(now, sheet(State::Holdover));
    let reading = reader(&page).read(now);
    assert_eq!((reading.verdict.state, reading.epoch), (State::Holdover, now));
}

#[test]
fn a_writer_that_ends_says_so() {
    let page = Page::new();
    let mut writer = Writer::take(&page, BOOT, START).unwrap();
    writer.update(START, sheet(State::Locked));
    writer.close(START.after(1));
    let reading = reader(&page).read(START.after(1));
    assert_eq!((reading.doubt, reading.verdict.last_known), (Some(Doubt::Expired), State::Locked));
}

#[test]
fn numbers_that_mean_nothing_are_unknown_or_nothing() {
    let page = written(State::Locked);
    store(&page.state, 4);
    store(&page.clock_class, 255);
    store(&page.channel_count, u64::MAX);
    page.channels[0].store([u64::MAX; 8]);
    let (reading, entries) = read(&page, START);
    assert_eq!((reading.verdict.state, reading.clock_class), (State::Unknown, None));
    // The other lines are zeros.
    assert_eq!(entries.len(), CHANNELS_MAX - 1);
}

#[test]
fn readers_beside_a_writer_see_whole_writes() {
    let (page, is_over) = (Page::new(), AtomicBool::new(false));
    let numbered = |number: u64| {
        let since = Instant::from_nanos(number);
        let verdict = Verdict { since, holdover_until: Some(since), ..verdict(State::Holdover) };
        let channels = std::iter::repeat_n(Entry { since, ..entry(Resource::Gnss, None, b"a") }, 3);
        Sheet { verdict, until: Instant::MAX, channels }
    };
    thread::scope(|scope| {
        let write = || {
            let mut writer = Writer::take(&page, BOOT, START).unwrap();
            (1..20_000).for_each(|number| writer.update(START, numbered(number)));
            is_over.store(true, Ordering::Relaxed);
        };
        scope.spawn(write);
        let (mut last, mut entries) = (Instant::default(), Entries::new());
        while !is_over.load(Ordering::Relaxed) {
            let reading = reader(&page).read_channels(START, &mut entries);
            if reading.doubt.is_none() {
                let since = reading.verdict.since;
                assert!(since >= last && reading.verdict.holdover_until == Some(since));
                let entries = entries.as_slice();
                assert!(entries.len() == 3 && entries.iter().all(|entry| entry.since == since));
                last = since;
            }
        }
    });
}
