//! `true`, `false` and `null`.

use super::lexeme::{Outcome, Progress};
use super::{ErrorKind, Token};

/// How far a literal is spelled.
#[derive(Clone, Copy, Debug)]
pub(super) struct LiteralLexer {
    word: Word,
    count: u8,
}

#[derive(Clone, Copy, Debug)]
enum Word {
    True,
    False,
    Null,
}

impl LiteralLexer {
    /// Begins the literal that starts with `byte`; `None` if none does.
    pub(super) const fn new(byte: u8) -> Option<Self> {
        let word = match byte {
            b't' => Word::True,
            b'f' => Word::False,
            b'n' => Word::Null,
            _ => return None,
        };
        Some(Self { word, count: 1 })
    }

    /// Reads on in `bytes`, up to the last letter.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Progress {
        let missing = self.word.spelling().get(usize::from(self.count)..).unwrap_or_default();
        let count = missing.iter().zip(bytes).take_while(|(letter, byte)| letter == byte).count();
        self.count = self.count.wrapping_add(count as u8);
        let outcome = if count == missing.len() {
            Outcome::Closed
        } else if count == bytes.len() {
            Outcome::Open
        } else {
            Outcome::Fault(ErrorKind::Literal)
        };
        Progress { count, outcome }
    }

    pub(super) const fn token(self) -> Token<'static> {
        match self.word {
            Word::True => Token::Bool(true),
            Word::False => Token::Bool(false),
            Word::Null => Token::Null,
        }
    }
}

impl Word {
    const fn spelling(self) -> &'static [u8] {
        match self {
            Self::True => b"true",
            Self::False => b"false",
            Self::Null => b"null",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cut_is_resumed() {
        for (spelling, token) in
            [(&b"true"[..], Token::Bool(true)), (b"false", Token::Bool(false)), (b"null", Token::Null)]
        {
            for cut in 1..spelling.len() {
                let mut literal = LiteralLexer::new(spelling[0]).unwrap();
                let progress = literal.read(&spelling[1..cut]);
                assert_eq!(progress, Progress { count: cut - 1, outcome: Outcome::Open });
                let progress = literal.read(&[&spelling[cut..], b"e"].concat());
                assert_eq!(progress, Progress { count: spelling.len() - cut, outcome: Outcome::Closed });
                assert_eq!(literal.token(), token);
            }
        }
    }

    #[test]
    fn a_wrong_letter_is_pointed_at() {
        let mut literal = LiteralLexer::new(b'n').unwrap();
        let progress = literal.read(b"uLl");
        assert_eq!(progress, Progress { count: 1, outcome: Outcome::Fault(ErrorKind::Literal) });
    }
}
