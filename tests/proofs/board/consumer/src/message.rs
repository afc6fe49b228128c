//! A message to the consumer, in parts, so that it takes no more memory than its head.

use ptpwatch_core::http::Writer;

/// A body: `open`, `unit` so many times, `close`.
#[derive(Clone, Copy)]
pub struct Body {
    pub open: &'static [u8],
    pub unit: &'static [u8],
    pub count: usize,
    pub close: &'static [u8],
}

impl Body {
    pub const fn of(unit: &'static [u8]) -> Self {
        Self { open: b"", unit, count: 1, close: b"" }
    }

    fn length(&self) -> usize {
        self.open.len() + self.unit.len() * self.count + self.close.len()
    }
}

/// How the end of a body is told.
#[derive(Clone, Copy)]
pub enum Framing {
    Length,
    /// One chunk.
    Chunked,
    /// The head is all there is, and says what it likes.
    Raw,
}

pub struct Message {
    head: [u8; 700],
    head_length: usize,
    body: Body,
    tail: &'static [u8],
    /// The byte at one place is another.
    pub damage: Option<(usize, u8)>,
}

impl Message {
    /// `start` writes the start line, and fields if it likes.
    pub fn new(start: impl FnOnce(&mut Writer<'_>), body: Body, framing: Framing) -> Self {
        let mut message = Self { head: [0; 700], head_length: 0, body, tail: b"", damage: None };
        let mut writer = Writer::new(&mut message.head);
        start(&mut writer);
        match framing {
            Framing::Length => {
                writer.field_number("Content-Length", body.length());
                writer.finish_head();
            }
            Framing::Chunked => {
                writer.field("Transfer-Encoding", b"chunked");
                writer.finish_head();
                write_hex(&mut writer, body.length());
                writer.bytes(b";x=y\r\n");
                message.tail = b"\r\n0\r\nTrailer: 1\r\n\r\n";
            }
            Framing::Raw => {}
        }
        message.head_length = writer.finish().expect("a head that fits");
        message
    }

    pub fn length(&self) -> usize {
        self.head_length + self.body.length() + self.tail.len()
    }

    pub fn byte(&self, place: usize) -> u8 {
        match self.damage {
            Some((damaged, byte)) if damaged == place => byte,
            _ => self.intact(place),
        }
    }

    fn intact(&self, mut place: usize) -> u8 {
        let Body { open, unit, count, close } = self.body;
        for (part, count) in [(&self.head[..self.head_length], 1), (open, 1), (unit, count), (close, 1)] {
            if place < part.len() * count {
                return part[place % part.len()];
            }
            place -= part.len() * count;
        }
        self.tail[place]
    }
}

fn write_hex(writer: &mut Writer<'_>, number: usize) {
    for shift in [20, 16, 12, 8, 4, 0] {
        writer.bytes(&[b"0123456789abcdef"[number >> shift & 15]]);
    }
}
