//! What httparse may return, whatever it reads: the functions that core calls, with a result the optimiser cannot know.
//!
//! httparse has panics of its own that the linker finds reachable. With this in its place, what remains is core's.
#![no_std]

use core::mem::MaybeUninit;

/// A field of a head.
#[derive(Clone, Copy, Debug)]
pub struct Header<'b> {
    pub name: &'b str,
    pub value: &'b [u8],
}

/// Why a head is none.
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

/// Whether a head was there to its end.
#[derive(Clone, Copy, Debug)]
pub enum Status<T> {
    Complete(T),
    Partial,
}

/// The head of a request.
#[derive(Debug)]
pub struct Request<'h, 'b> {
    pub method: Option<&'b str>,
    pub path: Option<&'b str>,
    pub version: Option<u8>,
    pub headers: &'h mut [Header<'b>],
}

impl<'h, 'b> Request<'h, 'b> {
    pub fn new(headers: &'h mut [Header<'b>]) -> Self {
        Self { method: None, path: None, version: None, headers }
    }

    #[inline(never)]
    pub fn parse_with_uninit_headers(
        &mut self,
        head: &'b [u8],
        headers: &'h mut [MaybeUninit<Header<'b>>],
    ) -> Result<Status<usize>, Error> {
        self.method = any_of(any_text(head));
        self.path = any_of(any_text(head));
        self.version = any_of(any_number() as u8);
        self.headers = fill(headers, head);
        any_result()
    }
}

/// The head of a response.
#[derive(Debug)]
pub struct Response<'h, 'b> {
    pub version: Option<u8>,
    pub code: Option<u16>,
    pub reason: Option<&'b str>,
    pub headers: &'h mut [Header<'b>],
}

impl<'h, 'b> Response<'h, 'b> {
    pub fn new(headers: &'h mut [Header<'b>]) -> Self {
        Self { version: None, code: None, reason: None, headers }
    }
}

/// How a head is read.
#[derive(Debug, Default)]
pub struct ParserConfig;

impl ParserConfig {
    #[inline(never)]
    pub fn parse_response_with_uninit_headers<'h, 'b>(
        &self,
        response: &mut Response<'h, 'b>,
        head: &'b [u8],
        headers: &'h mut [MaybeUninit<Header<'b>>],
    ) -> Result<Status<usize>, Error> {
        response.version = any_of(any_number() as u8);
        response.code = any_of(any_number() as u16);
        response.reason = any_of(any_text(head));
        response.headers = fill(headers, head);
        any_result()
    }
}

/// Fills any number of headers with any part of `head`, and drops the others.
fn fill<'h, 'b>(headers: &'h mut [MaybeUninit<Header<'b>>], head: &'b [u8]) -> &'h mut [Header<'b>] {
    let headers = headers.get_mut(..any_number()).unwrap_or_default();
    for header in headers.iter_mut() {
        header.write(Header { name: any_text(head), value: any_part(head) });
    }
    // SAFETY: each of them was just written.
    unsafe { headers.assume_init_mut() }
}

fn any_result() -> Result<Status<usize>, Error> {
    match any_number() {
        0 => Err(Error::HeaderName),
        1 => Err(Error::HeaderValue),
        2 => Err(Error::NewLine),
        3 => Err(Error::Status),
        4 => Err(Error::Token),
        5 => Err(Error::TooManyHeaders),
        6 => Err(Error::Version),
        7 => Ok(Status::Partial),
        _ => Ok(Status::Complete(any_number())),
    }
}

fn any_of<T>(value: T) -> Option<T> {
    (any_number() == 0).then_some(value)
}

fn any_text(head: &[u8]) -> &str {
    core::str::from_utf8(any_part(head)).unwrap_or_default()
}

fn any_part(head: &[u8]) -> &[u8] {
    let start = any_number();
    head.get(start..any_number().max(start)).unwrap_or_default()
}

/// A number of which nothing is known.
fn any_number() -> usize {
    let number = 0;
    // SAFETY: a reference is valid to be read from; only the compiler takes what comes for any number.
    unsafe { core::ptr::read_volatile(&number) }
}
