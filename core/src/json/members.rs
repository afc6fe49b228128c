//! Members of objects as most are: a name and a string, both of them plain and whole.

use super::grammar::Passed;
use super::string::count_plain;
use super::{Reader, Text};
use crate::limits::SPEED_IS_WORTH_CODE;
use crate::swar::IN_PLACE_MAX;

/// The names of an object's members, as what they mean to who reads them.
pub(crate) trait Name: Copy {
    /// The meaning of any name.
    fn of(name: Text<'_>) -> Self;

    /// The meaning of a name that is known by its letters: `text` begins behind its opening quote, and what is returned
    /// with it behind its closing quote and the colon. `None` if it is not known, or the colon does not follow at once.
    fn split(text: &[u8]) -> Option<(Self, &[u8])>;
}

/// The meaning of `name` among those that are known, escapes resolved.
pub(crate) fn named<N: Copy>(known: &[(&[u8], N)], name: Text<'_>) -> Option<N> {
    known.iter().find(|(spelling, _)| name.is(spelling)).map(|(_, meaning)| *meaning)
}

/// The `name`, if `text` begins with its `spelling`: letters, the closing quote and a colon.
#[inline(always)]
pub(crate) fn split_known<'b, N>(text: &'b [u8], spelling: &[u8], name: N) -> Option<(N, &'b [u8])> {
    // A call can take as long as a whole member.
    let (front, back) = spelling.split_at_checked(IN_PLACE_MAX).unwrap_or((spelling, b""));
    Some((name, text.strip_prefix(front)?.strip_prefix(back)?))
}

/// What stands behind plain members.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Next<'b, N> {
    /// The value of the member of this name.
    Value(N, Text<'b>),
    /// The end of the object was there, and was taken.
    End,
    /// Whatever [`Reader::next_token`] says.
    Other,
}

impl<'b> Reader<'_, 'b> {
    /// Hands over the members in front whose names and values are plain strings that end in the window, as almost all are,
    /// and says what stands behind them.
    #[inline]
    pub(crate) fn take_plain_members<N: Name>(&mut self, mut take: impl FnMut(N, Text<'b>)) -> Next<'b, N> {
        if !SPEED_IS_WORTH_CODE || !self.scanner.grammar.expects_key() {
            return Next::Other;
        }
        let mut rest = self.rest;
        let mut passed = None;
        let next = loop {
            let Some(text) = open_string(rest) else { break Next::Other };
            let Some((name, behind_name)) = split_name::<N>(text) else { break Next::Other };
            let Some((value, behind_value)) = open_string(behind_name).and_then(split_text) else {
                (rest, passed) = (behind_name, Some(Passed::Colon));
                break Next::Value(name, Text::plain(before(text, behind_name)));
            };
            take(name, Text::plain(value));
            match skip_any_white_space(behind_value) {
                [b',', behind_comma @ ..] => (rest, passed) = (behind_comma, Some(Passed::Comma)),
                [b'}', behind_object @ ..] => {
                    (rest, passed) = (behind_object, Some(Passed::End));
                    break Next::End;
                }
                _ => {
                    (rest, passed) = (behind_value, Some(Passed::Value));
                    break Next::Other;
                }
            }
        };
        if let Some(passed) = passed {
            self.scanner.grammar.pass_members(passed);
        }
        self.advance_to(rest);
        next
    }
}

impl Reader<'_, '_> {
    /// Takes the `{`, or the `[`, in front if it comes next, or comes after a comma in an array. `false` leaves it to
    /// [`next_token`](Reader::next_token).
    #[inline]
    pub(crate) fn take_start(&mut self, bracket: u8) -> bool {
        if !SPEED_IS_WORTH_CODE {
            return false;
        }
        let grammar = &mut self.scanner.grammar;
        let behind = match skip_any_white_space(self.rest) {
            [first, behind @ ..] if *first == bracket && grammar.expects_value() => behind,
            [b',', element @ ..] if grammar.expects_element() => match skip_any_white_space(element) {
                [first, behind @ ..] if *first == bracket => behind,
                _ => return false,
            },
            _ => return false,
        };
        let is_open = grammar.open(bracket == b'{');
        if is_open {
            self.advance_to(behind);
        }
        is_open
    }

    /// The same for the `}` or `]` in front.
    #[inline]
    pub(crate) fn take_end(&mut self, bracket: u8) -> bool {
        if !SPEED_IS_WORTH_CODE {
            return false;
        }
        let grammar = &mut self.scanner.grammar;
        match skip_any_white_space(self.rest) {
            [first, behind @ ..] if *first == bracket && grammar.expects_end(bracket == b'}') => {
                grammar.close();
                self.advance_to(behind);
                true
            }
            _ => false,
        }
    }
}

/// Splits a plain name off the front of `text`: its meaning, and what follows its closing quote and the colon.
#[inline(always)]
fn split_name<N: Name>(text: &[u8]) -> Option<(N, &[u8])> {
    if let Some(known) = N::split(text) {
        return Some(known);
    }
    let (name, [b':', behind @ ..]) = split_text(text)? else { return None };
    Some((N::of(Text::plain(name)), behind))
}

/// The name that `text` begins with, which ends with a quote and a colon in front of `behind`.
fn before<'b>(text: &'b [u8], behind: &[u8]) -> &'b [u8] {
    let length = text.len().saturating_sub(behind.len()).saturating_sub(b"\":".len());
    text.get(..length).unwrap_or_default()
}

/// What follows the opening quote in front of `bytes`, white space before it not counted.
#[inline(always)]
fn open_string(bytes: &[u8]) -> Option<&[u8]> {
    match bytes {
        [b'"', text @ ..] | [b' ', b'"', text @ ..] => Some(text),
        [..=b' ', ..] => skip_white_space(bytes).strip_prefix(b"\""),
        _ => None,
    }
}

/// Splits plain text from the closing quote that follows it, and what is behind that.
#[inline(always)]
fn split_text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (text, [b'"', behind @ ..]) = bytes.split_at_checked(count_plain(bytes))? else { return None };
    Some((text, behind))
}

/// Skips white space, where there is mostly none.
#[inline(always)]
pub(super) fn skip_any_white_space(bytes: &[u8]) -> &[u8] {
    if let [..=b' ', ..] = bytes { skip_white_space(bytes) } else { bytes }
}

/// Skips white space (RFC 8259 section 2).
#[inline(never)]
pub(super) fn skip_white_space(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let [b' ' | b'\t' | b'\n' | b'\r', behind @ ..] = rest {
        rest = skip_blanks(behind);
    }
    rest
}

/// Skips what indents a line: blanks in runs, but for some at the end of `bytes`.
#[inline]
fn skip_blanks(bytes: &[u8]) -> &[u8] {
    const BLANKS: u64 = u64::from_ne_bytes([b' '; 8]);
    let mut rest = bytes;
    while let Some((chunk, behind)) = rest.split_first_chunk() {
        let others = u64::from_le_bytes(*chunk) ^ BLANKS;
        if others != 0 {
            return rest.get(others.trailing_zeros() as usize >> 3..).unwrap_or_default();
        }
        rest = behind;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Error, Scanner, Token};

    /// A short name that means itself.
    #[derive(Clone, Copy)]
    struct Itself(char);

    impl Itself {
        fn told(self) -> String {
            format!("name {}", self.0)
        }
    }

    impl Name for Itself {
        fn of(name: Text<'_>) -> Self {
            Self(name.bytes().next().map_or('-', char::from))
        }

        fn split(text: &[u8]) -> Option<(Self, &[u8])> {
            split_known(text, b"a\":", Self('a')).or_else(|| split_known(text, b"g\":", Self('g')))
        }
    }

    /// What a window holds, taken token by token, or with the plain members before each token.
    fn tokens(window: &[u8], by_members: bool) -> (Vec<String>, Option<Error>, usize, u32) {
        let (mut scanner, mut tokens) = (Scanner::new(), vec![]);
        let mut reader = scanner.read(window, false);
        let told = |token: Token<'_>| match token {
            Token::Key(name) => Itself::of(name).told(),
            token => format!("{token:?}"),
        };
        let error = loop {
            if by_members {
                let next = reader.take_plain_members(|name: Itself, value| {
                    tokens.extend([name.told(), told(Token::String(value))]);
                });
                match next {
                    Next::Value(name, text) => {
                        assert_eq!(told(Token::Key(text)), name.told());
                        tokens.push(name.told());
                    }
                    Next::End => tokens.push(told(Token::ObjectEnd)),
                    Next::Other => {}
                }
            }
            match reader.next_token() {
                Ok(Some(token)) => tokens.push(told(token)),
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        let depth = reader.depth();
        (tokens, error, scanner.offset(), depth)
    }

    #[test]
    fn they_are_what_the_tokens_say_in_any_window() {
        for document in [
            r#"{"a":"b","c":{"d":"e","f":[{"g":"h"},{"i":"j","k":1}]},"l":"m"}"#,
            "{\n        \"a\" : \"b\",\r\n\t\"c\":\t\"d\",   \"e\": {}}",
            r#"[{"a":"\u0062","\u0063":"d","é":"f","g":"é"},{"h":"i"}, "j","k"]"#,
            r#"{"a":"b",}"#,
            r#"{"a":"b" "c":"d"}"#,
            r#"{"a":"b"]"#,
            "{\"a\":\"b\",\"c\u{1}\":\"d\"}",
            r#"{"a":"b"}{"c":"d"}"#,
        ] {
            for end in 0..=document.len() {
                let window = &document.as_bytes()[..end];
                let (expected, error, offset, depth) = tokens(window, false);
                let found = tokens(window, true);
                assert_eq!((&found.0, found.1, found.3), (&expected, error, depth), "{document} up to {end}");
                // A comma right behind a member is taken with it.
                assert!((offset..=offset + 1).contains(&found.2), "{document} up to {end}");
            }
        }
    }
}
