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

/// What may come next: one bit for each kind; none behind the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Expects(u8);

impl Expects {
    const NOTHING: Self = Self(0);
    const VALUE: Self = Self(1);
    const KEY: Self = Self(2);
    const COLON: Self = Self(4);
    const COMMA: Self = Self(8);
    /// The end of the array or object that is open.
    const END: Self = Self(16);
    const VALUE_OR_END: Self = Self(Self::VALUE.0 | Self::END.0);
    const KEY_OR_END: Self = Self(Self::KEY.0 | Self::END.0);
    const COMMA_OR_END: Self = Self(Self::COMMA.0 | Self::END.0);

    const fn includes(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
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
        Self { expects: Expects::VALUE, depth: 0, objects: 0 }
    }

    /// Moves on over `byte`, which is not white space, and over the token it starts. An error changes nothing.
    #[inline(always)]
    pub(super) fn step(&mut self, byte: u8) -> Result<Meaning, ErrorKind> {
        match byte {
            b'{' | b'[' if self.expects_value() => {
                if !self.open(byte == b'{') {
                    return Err(ErrorKind::Depth);
                }
                Ok(Meaning::Token(if byte == b'{' { Token::ObjectStart } else { Token::ArrayStart }))
            }
            b'}' | b']' if self.expects_end(byte == b'}') => {
                self.close();
                Ok(Meaning::Token(if byte == b'}' { Token::ObjectEnd } else { Token::ArrayEnd }))
            }
            b',' if self.expects(Expects::COMMA) => Ok(self.separate(self.after_comma())),
            b':' if self.expects(Expects::COLON) => Ok(self.separate(Expects::VALUE)),
            b'"' if self.expects(Expects::KEY) => {
                self.expects = Expects::COLON;
                Ok(Meaning::Lexeme(Lexeme::key()))
            }
            _ if self.expects_value() => {
                let lexeme = Lexeme::value(byte).ok_or(ErrorKind::Unexpected)?;
                self.expects = self.after_value();
                Ok(Meaning::Lexeme(lexeme))
            }
            _ if self.is_at_end() => Err(ErrorKind::Trailing),
            _ => Err(ErrorKind::Unexpected),
        }
    }

    /// Whether a member's name may come next.
    pub(super) const fn expects_key(&self) -> bool {
        self.expects(Expects::KEY)
    }

    /// Whether a value may come next.
    pub(super) const fn expects_value(&self) -> bool {
        self.expects(Expects::VALUE)
    }

    /// Whether a comma and another element of an array may come next.
    pub(super) const fn expects_element(&self) -> bool {
        self.expects(Expects::COMMA) && !self.is_in_object()
    }

    /// Whether the end of an object, or of an array, may come next.
    pub(super) const fn expects_end(&self, of_object: bool) -> bool {
        self.expects(Expects::END) && self.is_in_object() == of_object
    }

    /// Moves on over members where a name is expected, to what was `passed` last of them.
    pub(super) const fn pass_members(&mut self, passed: Passed) {
        match passed {
            Passed::Colon => self.expects = Expects::VALUE,
            Passed::Value => self.expects = Expects::COMMA_OR_END,
            Passed::Comma => self.expects = Expects::KEY,
            Passed::End => self.close(),
        }
    }

    /// Opens an object or an array where a value, or an element behind a comma, may come; `false` if there are as many open
    /// as there may be.
    pub(super) const fn open(&mut self, is_object: bool) -> bool {
        if self.depth >= DEPTH_MAX {
            return false;
        }
        self.depth = self.depth.wrapping_add(1);
        self.objects = self.objects << 1 | is_object as u32;
        self.expects = if is_object { Expects::KEY_OR_END } else { Expects::VALUE_OR_END };
        true
    }

    /// Closes the object or array that is open.
    pub(super) const fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.objects >>= 1;
        self.expects = self.after_value();
    }

    /// Open arrays and objects.
    pub(super) const fn depth(&self) -> u32 {
        self.depth
    }

    /// Whether no token has started yet.
    pub(super) fn is_at_start(&self) -> bool {
        self.depth == 0 && self.expects == Expects::VALUE
    }

    /// Whether the last token of the document has started.
    pub(super) fn is_at_end(&self) -> bool {
        self.expects == Expects::NOTHING
    }

    fn separate(&mut self, expects: Expects) -> Meaning {
        self.expects = expects;
        Meaning::Separator
    }

    const fn after_comma(&self) -> Expects {
        if self.is_in_object() { Expects::KEY } else { Expects::VALUE }
    }

    const fn after_value(&self) -> Expects {
        if self.depth == 0 { Expects::NOTHING } else { Expects::COMMA_OR_END }
    }

    const fn expects(&self, what: Expects) -> bool {
        self.expects.includes(what)
    }

    const fn is_in_object(&self) -> bool {
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
