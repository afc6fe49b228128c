//! HTTP/1.1 messages: read part by part off the front of a window, written all or nothing (RFC 9112).
//!
//! The same reader serves both sides: a server reads requests, a client responses. What another reader might take for a
//! different message (a doubled length, a bare CR) is refused, never repaired.

mod cache;
mod chunk;
mod class;
mod fields;
mod head;
mod lines;
mod message;
mod target;
mod writer;

pub(crate) use cache::HeadCache;
pub use head::{Body, Head, Line, Method, Version};
pub use message::{Part, Receiver};
pub use target::target_path;
pub use writer::Writer;

use core::fmt;

/// Why a peer's bytes are no message. The connection cannot be used any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The head is not HTTP: answer 400.
    Head,
    /// The head has more fields than [`HEADERS_MAX`](crate::limits::HEADERS_MAX): answer 431.
    HeadTooLong,
    /// Where the body ends is unclear or not said in good form: answer 400.
    Framing,
    /// A version other than HTTP/1.0 and HTTP/1.1: answer 505.
    Version,
    /// The peer stopped sending in mid-message.
    Truncated,
    /// A transfer coding other than `chunked`, in front of it: answer 501.
    NotImplemented,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Head => "not an HTTP message",
            Self::HeadTooLong => "too many header fields",
            Self::Framing => "unclear message framing",
            Self::Version => "unsupported HTTP version",
            Self::Truncated => "message cut short",
            Self::NotImplemented => "unknown transfer coding",
        })
    }
}

impl core::error::Error for Error {}

#[cfg(test)]
mod tests;
