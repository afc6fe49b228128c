//! What is wrong with a document, and where.

use core::fmt;

/// Why a document is no JSON, or none that we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Bytes of the document before the one that is wrong.
    pub offset: usize,
}

/// What is wrong with a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The document ends before its value does.
    Truncated,
    /// Something other than white space follows the value.
    Trailing,
    /// A byte that no token may start with at this place.
    Unexpected,
    /// A word other than `true`, `false` and `null`.
    Literal,
    /// A number against the grammar of RFC 8259 section 6.
    Number,
    /// An escape that RFC 8259 section 7 does not know.
    Escape,
    /// A control character in a string, unescaped.
    Control,
    /// A string that is not UTF-8 (RFC 3629).
    Utf8,
    /// More arrays and objects within each other than [`DEPTH_MAX`](crate::limits::DEPTH_MAX).
    Depth,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "document ends early",
            Self::Trailing => "text after the document",
            Self::Unexpected => "unexpected byte",
            Self::Literal => "unknown literal",
            Self::Number => "malformed number",
            Self::Escape => "invalid escape",
            Self::Control => "control character in a string",
            Self::Utf8 => "invalid UTF-8",
            Self::Depth => "nesting too deep",
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.kind, self.offset)
    }
}

impl core::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_and_where() {
        let error = Error { kind: ErrorKind::Utf8, offset: 17 };
        assert_eq!(error.to_string(), "invalid UTF-8 at byte 17");
        let error = Error { kind: ErrorKind::Truncated, offset: 9 };
        assert_eq!(error.to_string(), "document ends early at byte 9");
    }
}
