//! What httparse may return, whatever it reads: what core calls, with a result the optimiser cannot know.
//!
//! httparse has panics of its own that the linker finds reachable. With this in its place, what remains is core's.
#![no_std]

/// A field of a head.
#[derive(Clone, Copy, Debug)]
pub struct Header<'b> {
    pub name: &'b str,
    pub value: &'b [u8],
}

/// No field.
pub const EMPTY_HEADER: Header<'static> = Header { name: "", value: b"" };

/// Why fields are none.
#[derive(Clone, Copy, Debug)]
pub enum Error {
    HeaderName,
    HeaderValue,
    NewLine,
    Status,
    Token,
    TooManyHeaders,
    Version,
}

/// Whether the fields were there to their end.
#[derive(Clone, Copy, Debug)]
pub enum Status<T> {
    Complete(T),
    Partial,
}

/// The fields of a head, and how many bytes they take.
pub type Fields<'h, 'b> = (usize, &'h [Header<'b>]);

/// Reads any number of fields from any part of `lines`.
#[inline(never)]
pub fn parse_headers<'b: 'h, 'h>(
    lines: &'b [u8],
    headers: &'h mut [Header<'b>],
) -> Result<Status<Fields<'h, 'b>>, Error> {
    let headers = headers.get_mut(..any_number()).unwrap_or_default();
    for header in headers.iter_mut() {
        *header = Header { name: any_text(lines), value: any_part(lines) };
    }
    match any_number() {
        0 => Err(Error::HeaderName),
        1 => Err(Error::HeaderValue),
        2 => Err(Error::NewLine),
        3 => Err(Error::Status),
        4 => Err(Error::Token),
        5 => Err(Error::TooManyHeaders),
        6 => Err(Error::Version),
        7 => Ok(Status::Partial),
        _ => Ok(Status::Complete((any_number(), headers))),
    }
}

fn any_text(lines: &[u8]) -> &str {
    core::str::from_utf8(any_part(lines)).unwrap_or_default()
}

fn any_part(lines: &[u8]) -> &[u8] {
    let start = any_number();
    lines.get(start..any_number().max(start)).unwrap_or_default()
}

/// A number of which nothing is known.
fn any_number() -> usize {
    let number = 0;
    // SAFETY: a reference is valid to be read from; only the compiler takes what comes for any number.
    unsafe { core::ptr::read_volatile(&number) }
}
