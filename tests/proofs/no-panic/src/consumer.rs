//! The consumer: any verb, in any order, with any connection, at any time.

use crate::adapt;
use crate::opaque::{keep, opaque, part, part_mut, show, text};
use crate::page;
use ptpwatch_core::consumer::{Action, ChannelSlot, Config, Conn, ConnId, Consumer, Memory, Notice, Storage};
use ptpwatch_core::dialect::ALL;
use ptpwatch_core::event::{Resource, Stage};
use ptpwatch_core::page::Page;
use ptpwatch_core::time::Instant;
use ptpwatch_core::track::Channel;

pub fn drive(bytes: &[u8]) {
    let names = [text(bytes), text(bytes)];
    let classes = part(bytes);
    let dialect = ALL.get(opaque(0_usize)).copied();
    let mut config = opaque(Config::new(dialect, text(bytes), text(bytes), text(bytes)));
    config.policy.good_classes = classes;
    config.policy.capping_classes = classes;
    if opaque(true) {
        config.policy.instances = ptpwatch_core::verdict::Instances::Named(opaque(&names));
    }
    keep(config.check());
    let (mut smallest, mut usual) = (Storage::<2, 1536, 864, 4>::new(), <Storage>::default());
    let (mut receive, mut send, mut stage) = ([0; 5000], [0; 5000], Stage::new());
    let mut conns = [Conn::default(), Conn::new(), Conn::new()];
    let mut channels = [ChannelSlot::default(), ChannelSlot::new(), ChannelSlot::new()];
    let memory = match opaque(0_u8) {
        0 => Memory::from(&mut smallest),
        1 => Memory::from(&mut usual),
        _ => Memory {
            receive: part_mut(&mut receive),
            send: part_mut(&mut send),
            conns: conns.get_mut(..opaque(0)).unwrap_or_default(),
            channels: channels.get_mut(..opaque(0)).unwrap_or_default(),
            stage: &mut stage,
        },
    };
    keep(memory.check());
    match Consumer::new(memory, config, now()) {
        Ok(made) => drive_verbs(made, bytes),
        Err(error) => show(error),
    }
}

fn drive_verbs(mut consumer: Consumer<'_>, bytes: &[u8]) {
    let page = Page::new();
    let Some(mut conn) = consumer.admit(now()) else { return };
    while opaque(true) {
        match opaque(0_u8) {
            0 => conn = consumer.admit(now()).unwrap_or(conn),
            1 => consumer.handle_opened(now(), any(conn)),
            2 => consumer.handle_end(now(), any(conn)),
            3 => consumer.handle_received(now(), any(conn), opaque(0)),
            4 => consumer.handle_sent(now(), any(conn), opaque(0)),
            5 => consumer.handle_closed(now(), any(conn)),
            6 => consumer.handle_timeout(now()),
            7 => consumer.handle_stop(now()),
            8 => receive(consumer.recv_window(any(conn)), bytes),
            9 => keep(consumer.send_window(any(conn))),
            10 => drive_notice(consumer.poll_notice()),
            11 => consumer.channels().for_each(drive_channel),
            12 => adapt::drive(&mut consumer, any(conn)),
            _ => {
                if let Some(Action::Open(id) | Action::Close(id) | Action::Write(id)) = consumer.poll_action()
                {
                    conn = id;
                }
            }
        }
        page::show(opaque(&page), &consumer);
        keep((consumer.poll_timeout(), consumer.verdict(), consumer.verdict_until(), consumer.link()));
        keep((consumer.stats(), consumer.outcomes(opaque(Resource::Gnss)), consumer.is_stopped()));
        keep((any(conn).index(), any(conn).to_bits()));
    }
}

fn receive(window: &mut [u8], bytes: &[u8]) {
    for (place, byte) in window.iter_mut().zip(part(bytes)) {
        *place = *byte;
    }
}

fn drive_notice(notice: Option<Notice<'_>>) {
    if let Some(Notice::Channel(_, report)) = notice {
        drive_channel(report.channel);
    }
    keep(notice);
}

fn drive_channel(channel: &Channel) {
    keep((channel.resource(), channel.instance(), channel.value(), channel.previous(), channel.state()));
    keep((channel.freshness(), channel.confirmed(), channel.change(), channel.time(), channel.pushed()));
    keep((channel.offset(), channel.is_offset_quiet(), channel.is_offset_frozen(), channel.gnss_fix()));
    keep((channel.disputed(), channel.has_unknown_word(), channel.is_unconfirmed()));
}

/// Any connection: `example`, another, one of long ago.
fn any(example: ConnId) -> ConnId {
    if opaque(true) { opaque(example) } else { ConnId::from_bits(opaque(0)) }
}

fn now() -> Instant {
    opaque(Instant::MAX)
}
