//! What comes of asking.

use std::fmt;
use std::io::{self, ErrorKind};

/// What came of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// An answer with this status.
    Answered(u16),
    Refused,
    /// There is no way there.
    Unreachable,
    /// Neither a connection nor a refusal came in time.
    NoConnection,
    /// It connected, and did not answer in time.
    Silent,
    /// The connection ended before the answer did.
    Closed,
    NotHttp,
    /// The answer was longer than anything that is read.
    TooLong,
    /// A signal came.
    Interrupted,
}

impl From<io::Error> for Outcome {
    /// Of an error in connecting.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::ConnectionRefused => Self::Refused,
            ErrorKind::TimedOut => Self::NoConnection,
            ErrorKind::ConnectionReset => Self::Closed,
            _ => Self::Unreachable,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Answered(status) => return write!(f, "{status}"),
            Self::Refused => "connection refused",
            Self::Unreachable => "no way there",
            Self::NoConnection => "no connection in time",
            Self::Silent => "no answer in time",
            Self::Closed => "closed without an answer",
            Self::NotHttp => "no HTTP",
            Self::TooLong => "an answer without end",
            Self::Interrupted => "interrupted",
        })
    }
}
