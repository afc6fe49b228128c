//! The state page: any words, any writer, any time.

use crate::opaque::{keep, opaque, part};
use ptpwatch_core::consumer::Consumer;
use ptpwatch_core::event::{Resource, State};
use ptpwatch_core::page::{BootId, Doubt, Entries, Entry, Name, Page, Reader, Reading, Sheet, Writer};
use ptpwatch_core::time::Instant;
use ptpwatch_core::track::Freshness;
use ptpwatch_core::verdict::Verdict;

pub fn drive(bytes: &[u8]) {
    let (made, by_default) = (Page::new(), Page::default());
    let page = opaque(if opaque(true) { &made } else { &by_default });
    let entry = Entry {
        resource: opaque(Resource::LockState),
        state: opaque(State::Unknown),
        freshness: opaque(Freshness::Void),
        level: opaque(None),
        since: now(),
        instance: Name::new(part(bytes)),
    };
    let channels = core::iter::repeat_n(entry, opaque(0));
    write(page, Sheet { verdict: opaque(Verdict::default()), until: now(), channels });
    read(page);
}

/// Shows what `consumer` has to say.
pub fn show(page: &Page, consumer: &Consumer<'_>) {
    consumer.channels().for_each(|channel| keep(Entry::of(channel)));
    write(page, Sheet::of(consumer));
}

fn write(page: &Page, sheet: Sheet<impl Iterator<Item = Entry> + Clone>) {
    let Some(mut writer) = Writer::take(page, opaque(BootId(0)), now()) else { return };
    while opaque(true) {
        writer.update(now(), sheet.clone());
        keep(writer.poll_timeout());
    }
    writer.close(now());
}

fn read(page: &Page) {
    let reader = Reader::new(page, opaque(BootId(0)));
    let mut entries = Entries::new();
    while opaque(true) {
        keep(reader.read(now()));
        keep(reader.read_channels(now(), &mut entries));
        entries.as_slice().iter().for_each(|entry| keep(entry.instance.as_bytes()));
        keep((opaque(Doubt::Layout).name(), Reading::from(opaque(Doubt::Layout))));
    }
}

fn now() -> Instant {
    opaque(Instant::MAX)
}
