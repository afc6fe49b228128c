//! What arrives in pieces means what it means in one: to the scanner, to the HTTP reader, and to a whole consumer.

mod bench;

use ptpwatch_core::json::{Error, Scanner, Token};

use crate::cuts::Cuts;
use crate::framing::Role;
use crate::http::receive;

/// Checks one input: a byte that says what it is, two that cut it into pieces, and the bytes.
pub fn check(input: &[u8]) {
    let [kind, seed, size_max, bytes @ ..] = input else { return };
    let cuts = Cuts::new(*seed, *size_max);
    match kind % 8 {
        0 => assert_same_tokens(bytes, cuts),
        1 => assert_flags_the_oversized(bytes, cuts, usize::from(*seed) % 48 + 1),
        2 => assert_same_messages(bytes, Role::Server, cuts, kind & 8 != 0),
        3 => assert_same_messages(bytes, Role::Client { to_head: false }, cuts, kind & 8 != 0),
        4 => assert_eq!(bench::notify(bytes, cuts), bench::notify(bytes, Cuts::none())),
        5 => assert_eq!(bench::notify_chunked(bytes, cuts), bench::notify_chunked(bytes, Cuts::none())),
        6 => assert_eq!(bench::list(bytes, cuts, kind >> 3), bench::list(bytes, Cuts::none(), kind >> 3)),
        _ => assert_eq!(bench::answer(bytes, cuts), bench::answer(bytes, Cuts::none())),
    }
}

/// A token that owns its bytes.
#[derive(Clone, Debug, PartialEq)]
enum Owned {
    Key(Vec<u8>),
    Text(Vec<u8>),
    Number(Vec<u8>),
    /// A bracket, `true`, `false` or `null`.
    Other(&'static str),
    OversizedKey,
    Oversized,
}

impl Owned {
    fn of(token: Token<'_>) -> Self {
        match token {
            Token::Key(text) => Self::Key(text.raw().to_vec()),
            Token::String(text) => Self::Text(text.raw().to_vec()),
            Token::Number(text) => Self::Number(text.to_vec()),
            Token::ObjectStart => Self::Other("{"),
            Token::ObjectEnd => Self::Other("}"),
            Token::ArrayStart => Self::Other("["),
            Token::ArrayEnd => Self::Other("]"),
            Token::Bool(true) => Self::Other("true"),
            Token::Bool(false) => Self::Other("false"),
            Token::Null => Self::Other("null"),
            Token::OversizedKey => Self::OversizedKey,
            Token::Oversized => Self::Oversized,
        }
    }

    /// Bytes in the document.
    fn length(&self) -> usize {
        match self {
            Self::Key(raw) | Self::Text(raw) => raw.len() + 2,
            Self::Number(raw) => raw.len(),
            Self::Other(word) => word.len(),
            Self::OversizedKey | Self::Oversized => 0,
        }
    }
}

/// Reads a document through a window of `capacity` bytes, into which pieces come.
fn scan(document: &[u8], capacity: usize, mut cuts: Cuts) -> (Vec<Owned>, Option<Error>) {
    let mut scanner = Scanner::new();
    let (mut start, mut end) = (0, 0_usize);
    let mut tokens = Vec::new();
    loop {
        end = document.len().min(end.saturating_add(cuts.next_size())).min(start + capacity);
        let is_last = end == document.len();
        let mut reader = scanner.read(&document[start..end], is_last);
        loop {
            match reader.next_token() {
                Ok(Some(token)) => tokens.push(Owned::of(token)),
                Ok(None) => break,
                Err(error) => return (tokens, Some(error)),
            }
        }
        if end - start == capacity && reader.consumed() == 0 {
            reader.skip_oversized();
        }
        start += reader.consumed();
        assert_eq!(scanner.offset(), start);
        if is_last {
            assert_eq!(start, end, "all is consumed in the end");
            return (tokens, None);
        }
    }
}

/// In a window without end the pieces give the same tokens, and an error at the same place, which no prefix has.
fn assert_same_tokens(document: &[u8], cuts: Cuts) {
    let capacity = document.len() + 1;
    let whole = scan(document, capacity, Cuts::none());
    assert_eq!(scan(document, capacity, cuts), whole);
    if let (_, Some(Error { offset, .. })) = whole {
        let mut scanner = Scanner::new();
        let mut reader = scanner.read(&document[..offset], false);
        while reader.next_token().expect("nothing is wrong before the offset").is_some() {}
    }
}

/// In a small window whatever fits is the same, and what does not is flagged.
fn assert_flags_the_oversized(document: &[u8], cuts: Cuts, capacity: usize) {
    let (whole, error) = scan(document, document.len() + 1, Cuts::none());
    let (tokens, small_error) = scan(document, capacity, cuts);
    assert_eq!(error, small_error);
    assert_eq!(tokens.len(), whole.len());
    for (token, expected) in tokens.iter().zip(&whole) {
        let flag = if matches!(expected, Owned::Key(_)) { Owned::OversizedKey } else { Owned::Oversized };
        // The byte behind a number is needed to know its end.
        let must_fit = expected.length() < capacity;
        let cannot_fit = expected.length() > capacity;
        assert!(*token == *expected && !cannot_fit || *token == flag && !must_fit, "{token:?} {expected:?}");
    }
}

fn assert_same_messages(bytes: &[u8], role: Role, cuts: Cuts, closed: bool) {
    assert_eq!(receive(bytes, role, cuts, closed), receive(bytes, role, Cuts::none(), closed));
}
