//! Events, what they are made of, and the channels that follow them.

use crate::opaque::{keep, opaque, part, part_mut, show};
use ptpwatch_core::event::{
    Address, Content, Decimal, Decoded, Event, Resource, Stage, Word, decode, is_same_node,
};
use ptpwatch_core::time::{Instant, Timestamp};
use ptpwatch_core::track::{Ageing, ChannelSlot, Channels, Source, UpdateRoom};

pub fn drive(bytes: &mut [u8]) {
    drive_parts(bytes);
    let mut stage = Stage::new();
    while opaque(true) {
        match decode(part_mut(bytes), &mut stage) {
            Ok(decoded) => {
                keep(decoded.is_cut());
                decoded.events().for_each(drive_event);
                drive_channels(decoded);
            }
            Err(error) => keep(error),
        }
    }
}

fn drive_channels(decoded: Decoded<'_>) {
    let mut slots = [const { ChannelSlot::new() }; 4];
    let ageing = Ageing { stale_ns: opaque(0), void_ns: opaque(0) };
    let mut channels = Channels::new(slots.get_mut(..opaque(4)).unwrap_or_default(), ageing);
    while opaque(true) {
        let mut room = UpdateRoom::default();
        let updates = room.fold(decoded, part(&opaque(*b"node")));
        let now = Instant::from_nanos(opaque(0));
        let source = opaque(Source::Push { reorders: opaque(true) });
        channels.take(now, &updates, source, |resource, ask| keep((resource, ask)));
        channels.iter().for_each(keep);
        keep(channels.outcomes(opaque(Resource::Gnss)));
    }
}

fn drive_event(event: Event<'_>) {
    keep((event.id(), event.kind(), event.source(), event.time_text(), event.time()));
    keep((event.resource(), event.node(), event.has_unreadable_data()));
    for reading in event.readings() {
        if let Content::Metric(_, Some(number)) = reading.content {
            show(number);
        }
        keep(reading);
    }
}

fn drive_parts(bytes: &[u8]) {
    keep(Address::parse(part(bytes)));
    keep(is_same_node(part(bytes), part(bytes)));
    keep((Word::parse(opaque(WORD_OF), part(bytes)), Word::parse_any(part(bytes))));
    if let Some(number) = Decimal::parse(part(bytes)) {
        keep((number.whole(), number.thousandths(), number.is_sentinel(), number.to_octet()));
        show(number);
    }
    show(opaque(Decimal::from_whole(opaque(0))));
    show(opaque(Timestamp::from_unix_nanos(opaque(0))));
    keep(Timestamp::parse(part(bytes)).map(Timestamp::unix_nanos));
    let instant = Instant::from_nanos(opaque(0));
    keep((instant.after(opaque(0)).since(opaque(instant)), instant.as_nanos()));
}

const WORD_OF: ptpwatch_core::event::Resource = ptpwatch_core::event::Resource::LockState;
