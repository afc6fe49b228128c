//! The place in a document between windows, and the tokens of one window.

use super::grammar::{Grammar, Meaning};
use super::lexeme::{Lexeme, Outcome};
use super::members::skip_any_white_space;
use super::{Error, ErrorKind, Token};

/// The place in one document, kept between windows.
#[derive(Clone, Debug)]
pub struct Scanner {
    pub(super) grammar: Grammar,
    /// Bytes consumed.
    offset: usize,
    /// The token that has started and not ended.
    lexeme: Option<Lexeme>,
    /// Bytes of `lexeme` that were read and wait unconsumed for its end.
    pending: usize,
    /// Whether bytes of `lexeme` were consumed before its end.
    is_oversized: bool,
}

impl Scanner {
    /// At the start of a document.
    pub const fn new() -> Self {
        Self { grammar: Grammar::new(), offset: 0, lexeme: None, pending: 0, is_oversized: false }
    }

    /// Reads on in `window`: the document's bytes from the first one not consumed. `last` says that no bytes follow
    /// `window`.
    pub fn read<'s, 'b>(&'s mut self, window: &'b [u8], last: bool) -> Reader<'s, 'b> {
        Reader { start: self.offset, scanner: self, rest: window, last }
    }

    /// Open arrays and objects.
    pub fn depth(&self) -> u32 {
        self.grammar.depth()
    }

    /// Bytes of the document consumed in all.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Whether one complete value was read; white space may follow.
    pub fn is_done(&self) -> bool {
        self.grammar.is_at_end() && self.lexeme.is_none()
    }

    /// Whether nothing but white space was seen so far.
    pub fn is_blank(&self) -> bool {
        self.grammar.is_at_start()
    }
}

impl Default for Scanner {
    fn default() -> Self {
        Self::new()
    }
}

/// Takes tokens off one window of a document.
#[derive(Debug)]
pub struct Reader<'s, 'b> {
    pub(super) scanner: &'s mut Scanner,
    /// What is not consumed of the window.
    pub(super) rest: &'b [u8],
    /// Where the window starts in the document.
    start: usize,
    last: bool,
}

impl<'b> Reader<'_, 'b> {
    /// Takes the next token off the window.
    ///
    /// `Ok(None)` asks for more bytes. An unfinished token stays unconsumed, white space, commas and colons before
    /// it do not; a number is unfinished until the byte after it is there. In the last window `Ok(None)` is the end
    /// of the document: complete, or [blank](Scanner::is_blank).
    ///
    /// # Errors
    /// The first byte that makes the document invalid; it stays unconsumed, so that the error comes again.
    pub fn next_token(&mut self) -> Result<Option<Token<'b>>, Error> {
        if let Some(lexeme) = self.scanner.lexeme {
            return self.read_lexeme(lexeme);
        }
        loop {
            self.advance_to(skip_any_white_space(self.rest));
            let [byte, behind @ ..] = self.rest else { return self.end_between_tokens() };
            let meaning = match self.scanner.grammar.step(*byte) {
                Ok(meaning) => meaning,
                Err(kind) => return Err(self.error(kind)),
            };
            let token = match meaning {
                Meaning::Separator => None,
                Meaning::Token(token) => Some(token),
                Meaning::Lexeme(lexeme) => {
                    self.scanner.pending = 1;
                    return self.read_lexeme(lexeme);
                }
            };
            self.advance_to(behind);
            if token.is_some() {
                return Ok(token);
            }
        }
    }

    /// Skips tokens, validating them, until no more than `depth` arrays and objects are open.
    ///
    /// Given the depth that was before a value's first token, this skips the rest of the value once that token was
    /// returned: up to and including the matching end, or nothing after a scalar. `Ok(false)` asks for more bytes, as
    /// [`next_token`](Self::next_token) does: call again with the same depth.
    ///
    /// # Errors
    /// As [`next_token`](Self::next_token).
    pub fn skip_to_depth(&mut self, depth: u32) -> Result<bool, Error> {
        while self.depth() > depth {
            if self.next_token()?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Gives up the text of the unfinished token in front, and consumes what is there of it: for a full window of
    /// which [`next_token`](Self::next_token) consumes nothing.
    ///
    /// From then on `next_token` validates and consumes the token, from as many windows as it takes, and at its end
    /// gives [`Token::Oversized`], or [`Token::OversizedKey`] for a key. Without an unfinished token nothing happens.
    pub fn skip_oversized(&mut self) {
        self.scanner.is_oversized = self.scanner.lexeme.is_some();
        self.take_pending();
    }

    /// Bytes of this window consumed.
    pub fn consumed(&self) -> usize {
        self.scanner.offset.wrapping_sub(self.start)
    }

    /// Open arrays and objects.
    pub fn depth(&self) -> u32 {
        self.scanner.depth()
    }

    #[inline(never)]
    fn read_lexeme(&mut self, mut lexeme: Lexeme) -> Result<Option<Token<'b>>, Error> {
        let unread = self.rest.get(self.scanner.pending..).unwrap_or_default();
        let progress = lexeme.read(unread, self.last);
        self.scanner.pending = self.scanner.pending.wrapping_add(progress.count);
        if progress.outcome == Outcome::Closed {
            self.scanner.lexeme = None;
            return Ok(Some(self.end_lexeme(lexeme)));
        }
        self.scanner.lexeme = Some(lexeme);
        if let Outcome::Fault(kind) = progress.outcome {
            return Err(self.error(kind));
        }
        if self.scanner.is_oversized {
            self.take_pending();
        }
        Ok(None)
    }

    fn end_lexeme(&mut self, lexeme: Lexeme) -> Token<'b> {
        let spelling = self.take_pending();
        if core::mem::take(&mut self.scanner.is_oversized) {
            lexeme.oversized_token()
        } else {
            lexeme.token(spelling)
        }
    }

    #[cold]
    fn end_between_tokens(&self) -> Result<Option<Token<'b>>, Error> {
        if self.last && !self.scanner.is_done() && !self.scanner.is_blank() {
            return Err(self.error(ErrorKind::Truncated));
        }
        Ok(None)
    }

    /// Consumes what was read of the unfinished token.
    fn take_pending(&mut self) -> &'b [u8] {
        let count = core::mem::take(&mut self.scanner.pending);
        let (spelling, behind) = self.rest.split_at_checked(count).unwrap_or((self.rest, &[]));
        self.advance_to(behind);
        spelling
    }

    /// Consumes what stands before `behind`, which is the end of the window.
    pub(super) fn advance_to(&mut self, behind: &'b [u8]) {
        self.scanner.offset = self.scanner.offset.wrapping_add(self.rest.len().wrapping_sub(behind.len()));
        self.rest = behind;
    }

    /// An error at the first byte that was not read.
    fn error(&self, kind: ErrorKind) -> Error {
        Error { kind, offset: self.scanner.offset.wrapping_add(self.scanner.pending) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Text;

    #[test]
    fn tokens_come_in_order() {
        let document = br#"{"a": [1, "x\n", true, false, null], "b": {}}"#;
        let mut scanner = Scanner::new();
        let mut reader = scanner.read(document, true);
        let text = |raw| Text::new(raw, true);
        for (token, depth) in [
            (Token::ObjectStart, 1),
            (Token::Key(Text::plain(b"a")), 1),
            (Token::ArrayStart, 2),
            (Token::Number(b"1"), 2),
            (Token::String(text(br"x\n")), 2),
            (Token::Bool(true), 2),
            (Token::Bool(false), 2),
            (Token::Null, 2),
            (Token::ArrayEnd, 1),
            (Token::Key(Text::plain(b"b")), 1),
            (Token::ObjectStart, 2),
            (Token::ObjectEnd, 1),
            (Token::ObjectEnd, 0),
        ] {
            assert_eq!(reader.next_token(), Ok(Some(token)));
            assert_eq!(reader.depth(), depth);
        }
        assert_eq!(reader.next_token(), Ok(None));
        assert_eq!(reader.consumed(), document.len());
        assert!(scanner.is_done() && !scanner.is_blank());
    }

    #[test]
    fn errors_say_where_and_stay() {
        use ErrorKind::*;
        for (document, kind, offset) in [
            (&b"[1 2]"[..], Unexpected, 3),
            (b"\xEF\xBB\xBF[]", Unexpected, 0),
            (b"[1,]", Unexpected, 3),
            (b"{\"a\":1,}", Unexpected, 7),
            (b"{\"a\" 1}", Unexpected, 5),
            (b"{1:1}", Unexpected, 1),
            (b"[] []", Trailing, 3),
            (b"truex", Trailing, 4),
            (b"[trux]", Literal, 4),
            (b"[01]", Number, 2),
            (b" -", Truncated, 2),
            (b"[1.]", Number, 3),
            (b"[\"a\\q\"]", Escape, 4),
            (b"[\"a\tb\"]", Control, 3),
            (b"[\"a\xFF\"]", Utf8, 3),
            (b"[\"abc", Truncated, 5),
            (b"[tr", Truncated, 3),
            (b"{\"a\"", Truncated, 4),
        ] {
            let mut scanner = Scanner::new();
            let mut reader = scanner.read(document, true);
            let error = loop {
                match reader.next_token() {
                    Ok(token) => assert!(token.is_some(), "accepted {document:?}"),
                    Err(error) => break error,
                }
            };
            assert_eq!(error, Error { kind, offset }, "{}", document.escape_ascii());
            assert_eq!(reader.next_token(), Err(error));
        }
    }

    #[test]
    fn blank_is_no_error() {
        for document in [&b""[..], b" ", b"\r\n\t "] {
            let mut scanner = Scanner::new();
            assert_eq!(scanner.read(document, true).next_token(), Ok(None));
            assert!(scanner.is_blank() && !scanner.is_done());
            assert_eq!(scanner.offset(), document.len());
        }
    }

    #[test]
    fn depth_is_bounded() {
        let read = |depth: usize, document: &str| {
            let mut scanner = Scanner::new();
            let mut reader = scanner.read(document.as_bytes(), false);
            while reader.next_token()?.is_some() {}
            assert_eq!(reader.depth() as usize, depth);
            Ok(())
        };
        assert_eq!(read(32, &"[".repeat(32)), Ok(()));
        assert_eq!(read(0, &["[".repeat(32), "]".repeat(32)].concat()), Ok(()));
        let error = Error { kind: ErrorKind::Depth, offset: 32 };
        assert_eq!(read(32, &"[".repeat(33)), Err(error));
        assert_eq!(read(32, &"{\"\":".repeat(33)), Err(Error { offset: 128, ..error }));
        assert_eq!(read(32, &"[".repeat(26_000)), Err(error));
    }

    #[test]
    fn skipping_stops_behind_the_matching_end() {
        let document = br#"[{"a":[1,{"b":[]}],"c":"d"},2]"#;
        for size in 1..=document.len() {
            let mut scanner = Scanner::new();
            let (mut start, mut end) = (2, size.max(2));
            let mut reader = scanner.read(&document[..2], false);
            assert_eq!(reader.next_token(), Ok(Some(Token::ArrayStart)));
            assert_eq!(reader.next_token(), Ok(Some(Token::ObjectStart)));
            let mut reader = scanner.read(&document[start..end], false);
            while !reader.skip_to_depth(1).unwrap() {
                start += reader.consumed();
                end = document.len().min(end + size);
                reader = scanner.read(&document[start..end], false);
            }
            start += reader.consumed();
            assert_eq!(document[start..], *b",2]");
            let mut reader = scanner.read(&document[start..], true);
            assert_eq!(reader.next_token(), Ok(Some(Token::Number(b"2"))));
            assert_eq!(reader.skip_to_depth(1), Ok(true));
            assert_eq!(reader.next_token(), Ok(Some(Token::ArrayEnd)));
        }
    }

    #[test]
    fn skipping_validates() {
        for document in [&b"[[\"\xFF\"]]"[..], b"[[01]]", b"[[{]]", b"[[\"\\x\"]]", b"[[tru]]", b"[[1"] {
            let mut scanner = Scanner::new();
            let mut reader = scanner.read(document, true);
            assert_eq!(reader.next_token(), Ok(Some(Token::ArrayStart)));
            assert!(reader.skip_to_depth(0).is_err());
        }
    }

    #[test]
    fn skip_oversized_between_tokens_does_nothing() {
        let mut scanner = Scanner::new();
        let mut reader = scanner.read(b"[1,2]", true);
        reader.skip_oversized();
        assert_eq!(reader.next_token(), Ok(Some(Token::ArrayStart)));
        reader.skip_oversized();
        assert_eq!(reader.next_token(), Ok(Some(Token::Number(b"1"))));
    }

    #[test]
    fn a_foreign_window_does_no_harm() {
        let mut scanner = Scanner::new();
        assert_eq!(scanner.read(b"\"abcdef", false).next_token(), Ok(None));
        assert_eq!(scanner.read(b"\"a", false).next_token(), Ok(None));
        let error = Error { kind: ErrorKind::Truncated, offset: 7 };
        assert_eq!(scanner.read(b"", true).next_token(), Err(error));
    }
}
