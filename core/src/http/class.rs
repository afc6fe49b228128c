//! Classes of bytes in a head (RFC 9110 sections 5.5 and 5.6.2).

/// Whether `name` is a token, as methods are.
pub(super) fn is_token(name: &[u8]) -> bool {
    let is_such = |byte: &u8| {
        TOKEN.get(usize::from(byte >> 5)).is_some_and(|row| row.wrapping_shr(u32::from(*byte)) & 1 != 0)
    };
    !name.is_empty() && name.iter().all(is_such)
}

/// The bytes of tokens as bits, 32 to a row: letters, digits, and any of `!#$%&'*+-.^_`|~`.
const TOKEN: [u32; 4] = [0, 0x03FF_6CFA, 0xC7FF_FFFE, 0x57FF_FFFF];

/// Whether `byte` may stand anywhere in a target or a field value: no control character, no white space.
pub(super) const fn is_visible(byte: u8) -> bool {
    byte > b' ' && byte != DELETE
}

/// Whether `text` has no control characters but tabs.
pub(super) fn is_text(text: &[u8]) -> bool {
    text.iter().all(|byte| is_visible(*byte) || matches!(byte, b' ' | b'\t'))
}

/// The last of the control characters.
pub(super) const DELETE: u8 = 0x7F;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_letters_digits_and_a_few_more() {
        for byte in 0..=u8::MAX {
            let is_one = byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
            assert_eq!(is_token(&[b'a', byte]), is_one, "{byte:#x}");
        }
        assert!(!is_token(b""));
    }
}
