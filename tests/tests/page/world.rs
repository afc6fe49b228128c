//! A page kept in step with a consumer in virtual time says what the consumer says, for as long as it can be known.

use ptpwatch_core::event::State;
use ptpwatch_core::page::{BootId, Doubt, Entries, Page, Reader, Sheet, Writer};
use ptpwatch_core::time::Instant;
use ptpwatch_core::verdict::Reason;
use ptpwatch_tests::{World, with_os_clock};

const BOOT: BootId = BootId(1);

/// Runs a world with a page beside it, and checks the page after each step.
fn run(world: &mut World, page: &Page, millis: u64) -> [u32; 4] {
    let mut writer = Writer::take(page, BOOT, world.now()).expect("it is a page");
    let (reader, mut entries) = (Reader::new(page, BOOT), Entries::new());
    let mut seen = [0; 4];
    world.run_observed(millis, |world| {
        let (now, consumer) = (world.now(), world.consumer());
        writer.update(now, Sheet::of(consumer));
        let reading = reader.read_channels(now, &mut entries);
        let until = consumer.verdict_until();
        assert!(reading.void_after <= until, "it lives longer than the verdict is known");
        assert_eq!(reading.doubt, Some(Doubt::Expired).filter(|_| until <= now));
        if reading.doubt.is_none() {
            assert_eq!(reading.verdict, consumer.verdict());
            assert_eq!(entries.as_slice().len(), consumer.channels().count());
        }
        assert_eq!(reader.read(until).verdict.state, State::Unknown, "by itself it says no more");
        seen[reading.verdict.state as usize] += 1;
        true
    });
    seen
}

#[test]
fn the_page_says_what_the_consumer_says_and_no_longer_than_that_is_known() {
    for dialect in with_os_clock() {
        let mut seen = [0; 4];
        for script in ["demo", "flapping", "chaos"] {
            let mut world: World = World::new(dialect, script, |_| ());
            let more = run(&mut world, &Page::new(), 60_000);
            seen.iter_mut().zip(more).for_each(|(seen, more)| *seen += more);
        }
        assert!(seen.iter().all(|count| *count > 0), "{}: {seen:?}", dialect.name);
    }
}

#[test]
fn a_producer_that_is_gone_ends_in_unknown_while_the_writer_lives() {
    for dialect in with_os_clock() {
        let mut world: World = World::new(dialect, "locked", |_| ());
        let page = Page::new();
        run(&mut world, &page, 10_000);
        world.network.is_cut = true;
        run(&mut world, &page, 70_000);
        let reading = Reader::new(&page, BOOT).read(Instant::from_nanos(world.now().as_nanos()));
        assert_eq!((reading.doubt, reading.verdict.state), (None, State::Unknown), "{}", dialect.name);
        assert!(reading.verdict.reasons.contains(Reason::ProducerLost), "{}", dialect.name);
        assert_eq!(reading.verdict.last_known, State::Locked, "{}", dialect.name);
    }
}
