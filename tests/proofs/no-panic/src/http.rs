//! Messages: read part by part, written all or nothing.

use crate::opaque::{keep, opaque, part, part_mut, show, text};
use ptpwatch_core::http::{Method, Part, Receiver, Writer, target_path};

pub fn drive(bytes: &mut [u8]) {
    keep(target_path(part(bytes)));
    keep((opaque(Method::Get).name(), opaque(Method::Get).as_bytes()));
    drive_receiver(if opaque(true) { Receiver::requests() } else { Receiver::responses() }, bytes);
    let (front, back) = bytes.split_at_mut_checked(opaque(0)).unwrap_or_default();
    drive_writer(Writer::new(part_mut(front)), back);
}

fn drive_receiver(mut receiver: Receiver, bytes: &[u8]) {
    while opaque(true) {
        match receiver.next_part(part(bytes), opaque(true)) {
            Ok(next) => {
                if let Some((Part::Head(head), _)) = next {
                    keep(head.field(text(bytes)));
                }
                keep(next);
            }
            Err(error) => show(error),
        }
        keep((receiver.is_between_messages(), receiver.is_in_body(), receiver.is_head_incomplete()));
        receiver.expect_response_to(opaque(Method::Get));
    }
}

fn drive_writer(mut writer: Writer<'_>, bytes: &[u8]) {
    while opaque(true) {
        match opaque(0_u8) {
            0 => writer.request(opaque(Method::Get), &[part(bytes), part(bytes)], part(bytes)),
            1 => writer.status(opaque(0)),
            2 => writer.field(text(bytes), part(bytes)),
            3 => writer.field_number(text(bytes), opaque(0)),
            4 => writer.finish_head(),
            5 => writer.bytes(part(bytes)),
            6 => writer.json_text(part(bytes)),
            7 => writer.chunk(part(bytes)),
            _ => writer.last_chunk(),
        }
    }
    keep(writer.finish());
}
