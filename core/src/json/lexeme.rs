//! A token of several bytes on its way through the windows.

use super::literal::LiteralLexer;
use super::number::NumberLexer;
use super::string::StringLexer;
use super::{ErrorKind, Token};

/// A token whose first byte was read, and how far the rest is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lexeme {
    Key(StringLexer),
    String(StringLexer),
    Number(NumberLexer),
    Literal(LiteralLexer),
}

/// How far a lexeme came in the bytes it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Progress {
    /// Bytes that belong to the lexeme.
    pub(super) count: usize,
    pub(super) outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// All bytes belong to the lexeme; more may follow.
    Open,
    /// The lexeme ends after the counted bytes.
    Closed,
    /// The byte after the counted ones is wrong.
    Fault(ErrorKind),
}

impl Lexeme {
    /// Begins a member's name after its quote.
    pub(super) const fn key() -> Self {
        Self::Key(StringLexer::new())
    }

    /// Begins the scalar that starts with `byte`; `None` if none does.
    pub(super) fn value(byte: u8) -> Option<Self> {
        match byte {
            b'"' => Some(Self::String(StringLexer::new())),
            b'-' | b'0'..=b'9' => NumberLexer::new(byte).map(Self::Number),
            _ => LiteralLexer::new(byte).map(Self::Literal),
        }
    }

    /// Reads on in `bytes`, those that follow all that was counted before. With `last` nothing follows them.
    pub(super) fn read(&mut self, bytes: &[u8], last: bool) -> Progress {
        let mut progress = match self {
            Self::Key(string) | Self::String(string) => string.read(bytes),
            Self::Number(number) => number.read(bytes),
            Self::Literal(literal) => literal.read(bytes),
        };
        if last && progress.outcome == Outcome::Open {
            progress.outcome = match self {
                Self::Number(number) if number.may_end() => Outcome::Closed,
                _ => Outcome::Fault(ErrorKind::Truncated),
            };
        }
        progress
    }

    /// The token, closed, that is spelled `bytes`.
    pub(super) fn token(self, bytes: &[u8]) -> Token<'_> {
        match self {
            Self::Key(string) => Token::Key(string.text(bytes)),
            Self::String(string) => Token::String(string.text(bytes)),
            Self::Number(_) => Token::Number(bytes),
            Self::Literal(literal) => literal.token(),
        }
    }

    /// The token, closed, whose spelling is gone.
    pub(super) const fn oversized_token(self) -> Token<'static> {
        match self {
            Self::Key(_) => Token::OversizedKey,
            _ => Token::Oversized,
        }
    }
}
