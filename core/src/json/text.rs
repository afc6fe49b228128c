//! The text of strings and keys, and what their escapes stand for.

/// Text of a string or key as it stands in the document, without its quotes: valid UTF-8, escapes not resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'b> {
    raw: &'b [u8],
    is_escaped: bool,
}

impl<'b> Text<'b> {
    /// Text that is known to hold no escapes.
    pub const fn plain(raw: &'b [u8]) -> Self {
        Self::new(raw, false)
    }

    pub(super) const fn new(raw: &'b [u8], is_escaped: bool) -> Self {
        Self { raw, is_escaped }
    }

    /// The bytes as they stand in the document.
    pub const fn raw(self) -> &'b [u8] {
        self.raw
    }

    /// Whether there are escapes in it; without them [`raw`](Self::raw) is what [`bytes`](Self::bytes) gives.
    pub const fn is_escaped(self) -> bool {
        self.is_escaped
    }

    /// The text in UTF-8, escapes resolved. An escaped lone surrogate becomes U+FFFD.
    pub fn bytes(self) -> impl Iterator<Item = u8> + 'b {
        let mut unescape = Unescape::new();
        core::iter::from_fn(move || unescape.next(self.raw))
    }

    /// Whether the text is `plain`, escapes resolved.
    pub fn is(self, plain: &[u8]) -> bool {
        if self.is_escaped { self.resolves_to(plain) } else { self.raw == plain }
    }

    /// Whether the text is `plain`, escapes resolved, ASCII letters of either case taken for the same.
    pub fn is_ignoring_case(self, plain: &[u8]) -> bool {
        if !self.is_escaped && (self.raw == plain || self.raw.len() != plain.len()) {
            return self.raw == plain;
        }
        self.folds_to(plain)
    }

    #[cold]
    fn resolves_to(self, plain: &[u8]) -> bool {
        self.bytes().eq(plain.iter().copied())
    }

    #[cold]
    fn folds_to(self, plain: &[u8]) -> bool {
        // Not `eq_ignore_ascii_case`: optimised for size, it keeps a panic reachable.
        let folded = plain.iter().map(u8::to_ascii_lowercase);
        self.bytes().map(|byte| byte.to_ascii_lowercase()).eq(folded)
    }
}

/// Resolves the escapes of `raw`, the bytes of a [`Text`], in place and answers the length of the result.
///
/// The result is never longer. What is no valid escape stays as it is.
pub fn unescape_in_place(raw: &mut [u8]) -> usize {
    let mut unescape = Unescape::new();
    let mut count = 0_usize;
    // No escape is shorter than what it stands for, so the byte written is one that was read already.
    while let Some(byte) = unescape.next(raw)
        && let Some(place) = raw.get_mut(count)
    {
        *place = byte;
        count = count.wrapping_add(1);
    }
    count
}

/// The place in a text whose escapes are being resolved.
struct Unescape {
    /// Bytes of the text read.
    count: usize,
    /// The rest of a character of several bytes, the next one lowest; zero if there is none.
    pending: u32,
}

impl Unescape {
    const fn new() -> Self {
        Self { count: 0, pending: 0 }
    }

    /// The next byte of the text that stands in `raw`, the same at each call.
    fn next(&mut self, raw: &[u8]) -> Option<u8> {
        if self.pending == 0 {
            let rest = raw.get(self.count..)?;
            let (character, length) = match escape(rest) {
                Some(found) => found,
                None => (u32::from(*rest.first()?), 1),
            };
            self.count = self.count.wrapping_add(length);
            if length == 1 || character < 0x80 {
                return Some(character as u8);
            }
            self.pending = utf8(character);
        }
        let [byte, ..] = self.pending.to_le_bytes();
        self.pending >>= 8;
        Some(byte)
    }
}

/// The character that the escape in front of `text` stands for and the escape's length; `None` if there is none.
fn escape(text: &[u8]) -> Option<(u32, usize)> {
    let [b'\\', mark, ..] = text else { return None };
    let character = match mark {
        b'u' => return code_point(text),
        b'b' => 0x08,
        b'f' => 0x0C,
        b'n' => 0x0A,
        b'r' => 0x0D,
        b't' => 0x09,
        b'"' | b'\\' | b'/' => u32::from(*mark),
        _ => return None,
    };
    Some((character, 2))
}

/// The same for `\u`: one escape, or the two of a surrogate pair (RFC 8259 section 7).
fn code_point(text: &[u8]) -> Option<(u32, usize)> {
    match code_unit(text)? {
        high @ 0xD800..=0xDBFF => match text.get(6..).and_then(code_unit) {
            Some(low @ 0xDC00..=0xDFFF) => {
                let offset = (high & 0x3FF) << 10 | low & 0x3FF;
                Some((offset.wrapping_add(0x1_0000), 12))
            }
            _ => Some((REPLACEMENT, 6)),
        },
        0xDC00..=0xDFFF => Some((REPLACEMENT, 6)),
        unit => Some((unit, 6)),
    }
}

fn code_unit(text: &[u8]) -> Option<u32> {
    let [b'\\', b'u', digits @ ..] = text else { return None };
    let digits: &[u8; 4] = digits.first_chunk()?;
    digits.iter().try_fold(0, |unit, &digit| Some(unit << 4 | hex_value(digit)?))
}

const fn hex_value(digit: u8) -> Option<u32> {
    let value = match digit {
        b'0'..=b'9' => digit.wrapping_sub(b'0'),
        b'a'..=b'f' => digit.wrapping_sub(b'a' - 10),
        b'A'..=b'F' => digit.wrapping_sub(b'A' - 10),
        _ => return None,
    };
    Some(value as u32)
}

/// The UTF-8 of a character beyond ASCII, its first byte lowest (RFC 3629 section 3).
const fn utf8(character: u32) -> u32 {
    const fn tail(character: u32, shift: u32) -> u8 {
        0x80 | (character.wrapping_shr(shift) & 0x3F) as u8
    }
    u32::from_le_bytes(match character {
        ..0x800 => [0xC0 | (character >> 6) as u8, tail(character, 0), 0, 0],
        0x800..0x1_0000 => [0xE0 | (character >> 12) as u8, tail(character, 6), tail(character, 0), 0],
        _ => [0xF0 | (character >> 18) as u8, tail(character, 12), tail(character, 6), tail(character, 0)],
    })
}

/// What a lone surrogate stands for.
const REPLACEMENT: u32 = 0xFFFD;

#[cfg(test)]
mod tests {
    use super::*;

    fn unescaped(raw: &str) -> String {
        let text = Text::new(raw.as_bytes(), raw.contains('\\'));
        let resolved: Vec<u8> = text.bytes().collect();
        let mut place = raw.as_bytes().to_vec();
        let length = unescape_in_place(&mut place);
        assert_eq!(resolved, place[..length], "in place and not: {raw}");
        assert!(text.is(&resolved));
        assert!(text.is_ignoring_case(&resolved.to_ascii_uppercase()));
        assert!(!text.is(&[&resolved[..], b"x"].concat()));
        String::from_utf8(resolved).unwrap()
    }

    #[test]
    fn escapes_are_resolved() {
        for (raw, expected) in [
            ("", ""),
            ("plain \u{e9}\u{20ac}\u{1f600}", "plain \u{e9}\u{20ac}\u{1f600}"),
            (r#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"),
            (r"a\u0000b", "a\0b"),
            (r"\u0041\u007f\u0080\u07FF\u0800\uffff", "A\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}"),
            (r"\ud800\udc00 \uD83D\uDE00 \udbff\udfff", "\u{10000} \u{1f600} \u{10ffff}"),
            (r"\\u0041", r"\u0041"),
            (r"\\\u0041", r"\A"),
        ] {
            assert_eq!(unescaped(raw), expected, "{raw}");
        }
    }

    #[test]
    fn each_lone_surrogate_is_replaced() {
        for (raw, expected) in [
            (r"\ud83d", "\u{fffd}"),
            (r"\ude00x", "\u{fffd}x"),
            (r"\ud83d\n", "\u{fffd}\n"),
            (r"\ud83d\u0041", "\u{fffd}A"),
            (r"\ude00\ud83d", "\u{fffd}\u{fffd}"),
            (r"\ud83d\ud83d\ude00", "\u{fffd}\u{1f600}"),
        ] {
            assert_eq!(unescaped(raw), expected, "{raw}");
        }
    }

    #[test]
    fn what_is_no_escape_stays() {
        for raw in [&br"\"[..], br"a\x", br"\u12", br"\u12g4", b"\xff\\"] {
            let mut place = raw.to_vec();
            let length = unescape_in_place(&mut place);
            assert_eq!(place[..length], *raw);
        }
    }

    #[test]
    fn comparing_minds_case_only_when_told() {
        let text = Text::plain(b"ResourceAddress");
        assert!(text.is(b"ResourceAddress") && !text.is(b"resourceaddress") && !text.is(b"Resource"));
        assert!(text.is_ignoring_case(b"RESOURCEaddress") && !text.is_ignoring_case(b"resource_address"));
        let text = Text::new(br"\u0052esource", true);
        assert!(text.is(b"Resource") && !text.is(b"resource") && text.is_ignoring_case(b"rESOURCE"));
        assert!(!text.is_ignoring_case(b"resourc") && !text.is_ignoring_case(b"resources"));
    }
}
