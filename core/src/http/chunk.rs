//! The line that opens a chunk.

use super::Error;
use crate::limits::CHUNK_DIGITS_MAX;

/// The size of the chunk that `line` opens; 0 for the last one. RFC 9112 section 7.1.
///
/// Extensions are passed over, as section 7.1.1 wants of a recipient that knows none.
///
/// # Errors
/// [`Error::Framing`] unless the size is 1 to [`CHUNK_DIGITS_MAX`] hexadecimal digits.
pub(super) fn chunk_size(line: &[u8]) -> Result<u64, Error> {
    let mut digits = match line.iter().position(|byte| *byte == b';') {
        Some(end) => without_padding(line.get(..end).unwrap_or_default()),
        None => line,
    };
    if digits.is_empty() || digits.len() > CHUNK_DIGITS_MAX {
        return Err(Error::Framing);
    }
    let mut size = 0;
    while let [digit, rest @ ..] = digits {
        let value = char::from(*digit).to_digit(16).ok_or(Error::Framing)?;
        size = size << 4 | u64::from(value);
        digits = rest;
    }
    Ok(size)
}

/// `text` without the bad white space that may stand before an extension (RFC 9112 section 7.1.1).
fn without_padding(mut text: &[u8]) -> &[u8] {
    while let [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_sizes() {
        for (line, size) in [
            ("0", 0),
            ("000", 0),
            ("a", 10),
            ("1F", 31),
            ("5;name=value", 5),
            ("5 \t;x", 5),
            ("5;", 5),
            ("fffffffffffffff", 0xfff_ffff_ffff_ffff),
        ] {
            assert_eq!(chunk_size(line.as_bytes()), Ok(size), "{line}");
        }
    }

    #[test]
    fn refuses_what_is_no_size() {
        for line in ["", " 5", "5 ", "+5", "-5", "0x5", "5 5", "g", ";x", "5,", "1000000000000000", "\u{665}"]
        {
            assert_eq!(chunk_size(line.as_bytes()), Err(Error::Framing), "{line}");
        }
    }
}
