//! Bytes from a peer, made harmless for terminals, logs and lines of JSON.

use std::fmt::{self, Write as _};

/// Bytes from elsewhere, fit for a terminal and a log: printable UTF-8 as it is, anything else as `\xNN` or `\u{N}`.
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a>(pub &'a [u8]);

/// Passes text on as [`Escaped`] has it.
#[derive(Debug)]
pub struct Escaping<W>(pub W);

/// Passes text on as it stands between the quotes of a JSON string (RFC 8259 section 7), where letters that act on a
/// terminal are escaped too.
#[derive(Debug)]
pub struct EscapingJson<W>(pub W);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            write_escaped(f, chunk.valid(), |f, letter| match letter {
                '\0'..' ' | '\x7f' => write!(f, "\\x{:02x}", u32::from(letter)),
                _ if acts(letter) => write!(f, "\\u{{{:x}}}", u32::from(letter)),
                _ => f.write_char(letter),
            })?;
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

impl<W: fmt::Write> fmt::Write for Escaping<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        write!(self.0, "{}", Escaped(text.as_bytes()))
    }
}

impl<W: fmt::Write> fmt::Write for EscapingJson<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        write_escaped(&mut self.0, text, |out, letter| match letter {
            '"' => out.write_str("\\\""),
            '\\' => out.write_str("\\\\"),
            '\n' => out.write_str("\\n"),
            '\r' => out.write_str("\\r"),
            '\t' => out.write_str("\\t"),
            // All of them are of 16 bits.
            _ if letter < ' ' || acts(letter) => write!(out, "\\u{:04x}", u32::from(letter)),
            _ => out.write_char(letter),
        })
    }
}

/// Writes `text`: as it is where it is plain, and each letter that may not be through `escape`.
fn write_escaped<W: fmt::Write>(
    out: &mut W,
    text: &str,
    escape: impl Fn(&mut W, char) -> fmt::Result,
) -> fmt::Result {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    let mut rest = text;
    while !rest.is_empty() {
        let (plain, other) =
            rest.split_at(rest.bytes().position(|byte| !is_plain(byte)).unwrap_or(rest.len()));
        out.write_str(plain)?;
        let mut letters = other.chars();
        letters.next().map_or(Ok(()), |letter| escape(out, letter))?;
        rest = letters.as_str();
    }
    Ok(())
}

/// Whether a letter from DEL on acts instead of being seen: it and C1 controls, line breaks, and what turns the direction.
fn acts(letter: char) -> bool {
    matches!(letter, '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_a_peer_acts_on_a_terminal() {
        let cases: [(&[u8], &str); 7] = [
            (b"plain \\ text", "plain \\ text"),
            ("Grüße, 時刻 🕐".as_bytes(), "Grüße, 時刻 🕐"),
            (b"\x1b[31m\r\n\t\0\x7f", "\\x1b[31m\\x0d\\x0a\\x09\\x00\\x7f"),
            ("\u{9b}x\u{80}".as_bytes(), "\\u{9b}x\\u{80}"),
            ("a\u{202e}b\u{2066}c\u{2028}".as_bytes(), "a\\u{202e}b\\u{2066}c\\u{2028}"),
            (b"\xff ok \xe2\x82", "\\xff ok \\xe2\\x82"),
            (b"", ""),
        ];
        for (bytes, expected) in cases {
            assert_eq!(Escaped(bytes).to_string(), expected);
        }
        assert!(!('\u{10000}'..=char::MAX).any(acts), "JSON would need two escapes");
        let mut text = String::new();
        Escaping(&mut text).write_str("ü\x1b\n").unwrap();
        assert_eq!(text, "ü\\x1b\\x0a");
    }
}
