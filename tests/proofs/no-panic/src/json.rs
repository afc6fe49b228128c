//! The scanner.

use crate::opaque::{keep, opaque, part, part_mut, show};
use ptpwatch_core::json::{Reader, Scanner, Text, Token, unescape_in_place};

pub fn drive(bytes: &mut [u8]) {
    keep(unescape_in_place(part_mut(bytes)));
    let mut scanner = if opaque(true) { Scanner::new() } else { Scanner::default() };
    while opaque(true) {
        drive_reader(&mut scanner.read(part(bytes), opaque(true)), bytes);
        keep((scanner.depth(), scanner.offset(), scanner.is_done(), scanner.is_blank()));
    }
}

fn drive_reader(reader: &mut Reader<'_, '_>, bytes: &[u8]) {
    while opaque(true) {
        match opaque(0_u8) {
            0 => reader.skip_oversized(),
            1 => keep(reader.skip_to_depth(opaque(0))),
            _ => drive_token(reader, bytes),
        }
        keep((reader.consumed(), reader.depth()));
    }
}

fn drive_token(reader: &mut Reader<'_, '_>, bytes: &[u8]) {
    match reader.next_token() {
        Ok(Some(Token::Key(text) | Token::String(text))) => drive_text(text, bytes),
        Ok(token) => keep(token),
        Err(error) => {
            show(error);
            show(error.kind);
        }
    }
}

fn drive_text(text: Text<'_>, bytes: &[u8]) {
    text.bytes().for_each(keep);
    keep((text.raw(), text.is_escaped(), text.is(part(bytes)), text.is_ignoring_case(part(bytes))));
    Text::plain(part(bytes)).bytes().for_each(keep);
}
