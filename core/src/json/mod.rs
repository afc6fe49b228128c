//! A pull scanner for JSON (RFC 8259): one pass over lent windows, text borrowed, everything validated.
//!
//! A [`Scanner`] keeps the place in the document between windows; a [`Reader`] takes tokens off one window. Neither
//! recurses: the open arrays and objects are one bit each, [`DEPTH_MAX`] of them at most. A token that a window cuts
//! stays in front of the next window, and what was read of it is not read again. A token larger than the window is
//! validated piece by piece and reported as [`Token::Oversized`] or [`Token::OversizedKey`].
//!
//! Where RFC 8259 leaves a choice, or producers break it:
//! - An escaped lone surrogate is accepted and stands for U+FFFD: encoders in Go and Python let them through.
//! - Keys that occur twice are all reported; a caller who keeps the latest lets the last one win.
//! - A document nested deeper than `DEPTH_MAX` is an error.
//! - A byte order mark, a comment, a trailing comma, a control character in a string and malformed UTF-8 are errors,
//!   in values that are skipped too.
//! - Numbers are checked against the grammar and handed on as text; none is too large.
//!
//! An error's offset is that of the first byte that makes the document invalid, whatever follows. That byte is not
//! consumed, so that an error stays: asking again gives it again.
//!
//! [`DEPTH_MAX`]: crate::limits::DEPTH_MAX

mod error;
mod grammar;
mod lexeme;
mod literal;
mod members;
mod number;
mod scanner;
mod string;
mod text;

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod windows;

pub use error::{Error, ErrorKind};
pub(crate) use members::{Name, Next, named, split_known};
pub use scanner::{Reader, Scanner};
pub use text::{Text, unescape_in_place};

/// One token of a document; commas and colons are checked and passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'b> {
    /// `{`.
    ObjectStart,
    /// `}`.
    ObjectEnd,
    /// `[`.
    ArrayStart,
    /// `]`.
    ArrayEnd,
    /// A member's name; its value follows.
    Key(Text<'b>),
    /// A string that is a value.
    String(Text<'b>),
    /// A number as it is spelled, after the grammar of RFC 8259 section 6.
    Number(&'b [u8]),
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
    /// A valid member's name that did not fit the window; its value follows.
    OversizedKey,
    /// A valid scalar that did not fit the window.
    Oversized,
}
