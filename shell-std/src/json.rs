//! A value as a line of JSON: one text, whatever a peer put into it, that no terminal takes for a command.

use std::fmt::{self, Write};

use ptpwatch_core::limits::{INSTANCE_MAX, NODE_MAX};
use serde::Serialize;

use crate::escape::EscapedJson;

/// The JSON text of `value`, without a newline.
pub(crate) fn text(value: &impl Serialize) -> String {
    let mut buffer = vec![0; LENGTH_USUAL];
    // Full is all that it can be: a text of the peer's was longer than most.
    let length = loop {
        match serde_json_core::to_slice(value, &mut buffer) {
            Ok(length) => break length,
            Err(_) => buffer.resize(2 * buffer.len(), 0),
        }
    };
    let written = buffer.get(..length).unwrap_or_default();
    EscapedJson(str::from_utf8(written).unwrap_or_default()).to_string()
}

/// Writes the JSON text of `value`, without a newline and without taking memory for it.
///
/// # Errors
/// If it is longer than [`LENGTH_MAX`], or `out` takes no more.
pub(crate) fn write(out: &mut impl Write, value: &impl Serialize) -> fmt::Result {
    let mut buffer = [0; LENGTH_MAX];
    let length = serde_json_core::to_slice(value, &mut buffer).map_err(|_| fmt::Error)?;
    let written = buffer.get(..length).unwrap_or_default();
    write!(out, "{}", EscapedJson(str::from_utf8(written).unwrap_or_default()))
}

/// Bytes that most lines have room in.
const LENGTH_USUAL: usize = 1024;
/// Most bytes of a line about a change, before letters that act are escaped: the names of a node and an instance, each
/// byte of them as six, and what we say ourselves.
pub(crate) const LENGTH_MAX: usize = 6 * (NODE_MAX + INSTANCE_MAX) + 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_escaped_and_means_the_same() {
        let hostile = "a\u{fffd}\x1b\0\"\\\n\x7f\u{9b}\u{85}\u{61c}\u{200f}\u{2028}\u{2029}\u{202e}\u{2066}\u{e4}\u{1f550}";
        let text = text(&hostile);
        assert_eq!(
            text,
            "\"a\u{fffd}\\u001B\\u0000\\\"\\\\\\n\\u007f\\u009b\\u0085\\u061c\\u200f\\u2028\\u2029\\u202e\\u2066\u{e4}\u{1f550}\""
        );
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), hostile);
    }

    #[test]
    fn a_line_is_the_same_text_or_none() {
        let write = |value: &str| {
            let mut line = String::new();
            write(&mut line, &value).map(|()| line)
        };
        let hostile = "\u{1b}\u{202e}".repeat(100);
        assert_eq!(write(&hostile), Ok(text(&hostile)));
        assert!(write(&"x".repeat(LENGTH_MAX - 2)).is_ok());
        assert_eq!(write(&"x".repeat(LENGTH_MAX - 1)), Err(fmt::Error));
    }

    #[test]
    fn a_long_text_has_room() {
        let long = "\u{202e}".repeat(LENGTH_USUAL);
        assert_eq!(text(&long).len(), 6 * LENGTH_USUAL + 2);
    }
}
