//! Which token may come next: the pushdown automaton of RFC 8259, its stack one bit a level.

use super::lexeme::Lexeme;
use super::{ErrorKind, Token};
use crate::limits::DEPTH_MAX;

/// The place between two tokens of a document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grammar {
    expects: Expects,
    depth: u32,
    /// One bit for each open array (0) or object (1), the innermost lowest.
    objects: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expects {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
    Nothing,
}

/// A place in the members of an object, or right behind them.
#[derive(Clone, Copy, Debug)]
pub(super) enum Passed {
    Colon,
    Value,
    Comma,
    End,
}

/// What a byte between two tokens means.
#[derive(Clone, Copy, Debug)]
pub(super) enum Meaning {
    /// A comma or a colon where it belongs.
    Separator,
    /// A bracket.
    Token(Token<'static>),
    /// The first byte of a longer token.
    Lexeme(Lexeme),
}

impl Grammar {
    pub(super) const fn new() -> Self {
        Self { expects: Expects::Value, depth: 0, objects: 0 }
    }

    /// Moves on over `byte`, which is not white space, and over the token it starts. An error changes nothing.
    pub(super) fn step(&mut self, byte: u8) -> Result<Meaning, ErrorKind> {
        match (self.expects, byte) {
            (Expects::Value | Expects::ValueOrEnd, b'{') => self.open(true),
            (Expects::Value | Expects::ValueOrEnd, b'[') => self.open(false),
            (Expects::KeyOrEnd, b'}') => Ok(self.end(Token::ObjectEnd)),
            (Expects::ValueOrEnd, b']') => Ok(self.end(Token::ArrayEnd)),
            (Expects::CommaOrEnd, b'}') if self.is_in_object() => Ok(self.end(Token::ObjectEnd)),
            (Expects::CommaOrEnd, b']') if !self.is_in_object() => Ok(self.end(Token::ArrayEnd)),
            (Expects::CommaOrEnd, b',') => Ok(self.separate(self.after_comma())),
            (Expects::Colon, b':') => Ok(self.separate(Expects::Value)),
            (Expects::Key | Expects::KeyOrEnd, b'"') => {
                self.expects = Expects::Colon;
                Ok(Meaning::Lexeme(Lexeme::key()))
            }
            (Expects::Value | Expects::ValueOrEnd, byte) => {
                let lexeme = Lexeme::value(byte).ok_or(ErrorKind::Unexpected)?;
                self.expects = self.after_value();
                Ok(Meaning::Lexeme(lexeme))
            }
            (Expects::Nothing, _) => Err(ErrorKind::Trailing),
            _ => Err(ErrorKind::Unexpected),
        }
    }

    /// Whether a member's name may come next.
    pub(super) const fn expects_key(&self) -> bool {
        matches!(self.expects, Expects::Key | Expects::KeyOrEnd)
    }

    /// Moves on over members where a name is expected, to what was `passed` last of them.
    pub(super) fn pass_members(&mut self, passed: Passed) {
        self.expects = match passed {
            Passed::Colon => Expects::Value,
            Passed::Value => Expects::CommaOrEnd,
            Passed::Comma => Expects::Key,
            Passed::End => {
                self.close();
                self.after_value()
            }
        };
    }

    /// Open arrays and objects.
    pub(super) const fn depth(&self) -> u32 {
        self.depth
    }

    /// Whether no token has started yet.
    pub(super) fn is_at_start(&self) -> bool {
        self.depth == 0 && self.expects == Expects::Value
    }

    /// Whether the last token of the document has started.
    pub(super) fn is_at_end(&self) -> bool {
        self.expects == Expects::Nothing
    }

    fn open(&mut self, is_object: bool) -> Result<Meaning, ErrorKind> {
        if self.depth >= DEPTH_MAX {
            return Err(ErrorKind::Depth);
        }
        self.depth = self.depth.wrapping_add(1);
        self.objects = self.objects << 1 | u32::from(is_object);
        if is_object {
            self.expects = Expects::KeyOrEnd;
            Ok(Meaning::Token(Token::ObjectStart))
        } else {
            self.expects = Expects::ValueOrEnd;
            Ok(Meaning::Token(Token::ArrayStart))
        }
    }

    fn end(&mut self, bracket: Token<'static>) -> Meaning {
        self.close();
        self.expects = self.after_value();
        Meaning::Token(bracket)
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.objects >>= 1;
    }

    fn separate(&mut self, expects: Expects) -> Meaning {
        self.expects = expects;
        Meaning::Separator
    }

    fn after_comma(&self) -> Expects {
        if self.is_in_object() { Expects::Key } else { Expects::Value }
    }

    fn after_value(&self) -> Expects {
        if self.depth == 0 { Expects::Nothing } else { Expects::CommaOrEnd }
    }

    fn is_in_object(&self) -> bool {
        self.objects & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps over one-byte tokens; answers what the last of them did.
    fn step_all(bytes: &[u8]) -> Result<Meaning, ErrorKind> {
        let mut grammar = Grammar::new();
        let mut result = Ok(Meaning::Separator);
        for &byte in bytes {
            result = grammar.step(byte);
        }
        result
    }

    #[test]
    fn brackets_must_match() {
        for good in [&b"[]"[..], b"{}", b"[[]]", b"[{}]", b"[[],[]", b"{\":1", b"{\":[]}", b"{\":1,\":{}}"] {
            assert!(step_all(good).is_ok(), "{good:?}");
        }
        for bad in
            [&b"]"[..], b"}", b"[}", b"{]", b"[1}", b"{\":1]", b"[,", b"[1,]", b"{,", b"{\":1,}", b"{\"}"]
        {
            assert_eq!(step_all(bad).err(), Some(ErrorKind::Unexpected), "{bad:?}");
        }
        assert_eq!(step_all(b"[]]").err(), Some(ErrorKind::Trailing));
    }

    #[test]
    fn the_whole_bitmap_is_used() {
        let mut grammar = Grammar::new();
        for level in 0..DEPTH_MAX {
            let bracket: &[u8] = if level % 3 == 0 { b"{\":" } else { b"[" };
            assert!(bracket.iter().all(|&byte| grammar.step(byte).is_ok()));
        }
        assert_eq!(grammar.depth(), DEPTH_MAX);
        assert_eq!(grammar.step(b'[').err(), Some(ErrorKind::Depth));
        assert!(grammar.step(b'1').is_ok());
        for level in (0..DEPTH_MAX).rev() {
            assert!(!grammar.is_at_end());
            let (right, wrong) = if level % 3 == 0 { (b'}', b']') } else { (b']', b'}') };
            assert!(grammar.step(wrong).is_err());
            assert!(grammar.step(right).is_ok());
        }
        assert!(grammar.is_at_end());
    }
}
