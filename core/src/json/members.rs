//! Members of objects as most are: a name and a string, both of them plain and whole.

use super::grammar::Passed;
use super::string::count_plain;
use super::{Reader, Text};
use crate::swar;

/// What stands behind plain members.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Next<'b> {
    /// The value of the member of this name.
    Value(Text<'b>),
    /// The end of the object was there, and was taken.
    End,
    /// Whatever [`Reader::next_token`] says.
    Other,
}

impl<'b> Reader<'_, 'b> {
    /// Hands over the members in front whose names and values are plain strings that end in the window, as almost all are,
    /// and says what stands behind them.
    #[inline]
    pub(crate) fn take_plain_members(&mut self, mut take: impl FnMut(Text<'b>, Text<'b>)) -> Next<'b> {
        if !self.scanner.grammar.expects_key() {
            return Next::Other;
        }
        let mut rest = self.rest;
        let mut passed = None;
        let next = loop {
            let Some((name, [b':', behind_name @ ..])) = split_plain(rest) else { break Next::Other };
            let Some((value, behind_value)) = split_plain(behind_name) else {
                (rest, passed) = (behind_name, Some(Passed::Colon));
                break Next::Value(Text::plain(name));
            };
            take(Text::plain(name), Text::plain(value));
            match behind_value {
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

/// Splits a whole plain string off the front of `bytes`, white space before it not counted: its text and what follows it.
#[inline]
fn split_plain(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = match bytes {
        [b'"', text @ ..] | [b' ', b'"', text @ ..] => text,
        _ => skip_white_space(bytes).strip_prefix(b"\"")?,
    };
    let (text, [b'"', behind @ ..]) = text.split_at_checked(count_plain(text))? else { return None };
    Some((text, behind))
}

/// Skips white space (RFC 8259 section 2).
#[inline(never)]
pub(super) fn skip_white_space(bytes: &[u8]) -> &[u8] {
    const BLANKS: u64 = u64::from_ne_bytes([b' '; 8]);
    let mut rest = bytes;
    while let [b' ' | b'\t' | b'\n' | b'\r', behind @ ..] = rest {
        // What indents a line comes in runs.
        let count = swar::find(behind, |chunk| chunk ^ BLANKS, |byte| *byte != b' ');
        rest = behind.get(count..).unwrap_or_default();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Error, Scanner, Token};

    /// What a window holds, taken token by token, or with the plain members before each token.
    fn tokens(window: &[u8], by_members: bool) -> (Vec<Token<'_>>, Option<Error>, usize, u32) {
        let (mut scanner, mut tokens) = (Scanner::new(), vec![]);
        let mut reader = scanner.read(window, false);
        let error = loop {
            if by_members {
                let next = reader.take_plain_members(|name, value| {
                    tokens.extend([Token::Key(name), Token::String(value)]);
                });
                match next {
                    Next::Value(name) => tokens.push(Token::Key(name)),
                    Next::End => tokens.push(Token::ObjectEnd),
                    Next::Other => {}
                }
            }
            match reader.next_token() {
                Ok(Some(token)) => tokens.push(token),
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
