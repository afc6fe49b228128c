//! The head of a message, from its lines.

use ptpwatch_core::http::{Body, Method, Version};
use ptpwatch_core::limits::{HEADERS_MAX, LENGTH_DIGITS_MAX};

use super::{Head, Role, Start};

/// Reads a head: `None` if it is none, `Some(None)` if it is an interim response's.
pub(super) fn parse_head(lines: &[&[u8]], role: Role) -> Option<Option<Head>> {
    let (first, lines) = lines.split_first()?;
    if has_too_many_fields(lines) {
        return None;
    }
    let (start, version) = if role == Role::Server { request_line(first)? } else { status_line(first)? };
    let fields = lines.iter().map(|line| field(line)).collect::<Option<Vec<_>>>()?;
    let all = |name: &str| -> Vec<&[u8]> {
        let named = fields.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name.as_bytes()));
        named.map(|(_, value)| *value).collect()
    };
    if all("Host").len() > 1 {
        return None;
    }
    let framing = framing(&all("Content-Length"), &all("Transfer-Encoding"), version)?;
    let body = match (&start, role) {
        (Start::Request(..), _) => framing.unwrap_or(Body::None),
        (Start::Response(0..=99 | 101), _) => return None,
        (Start::Response(100..=199), _) => return Some(None),
        (Start::Response(204 | 304), _) | (_, Role::Client { to_head: true }) => Body::None,
        (Start::Response(_), _) => framing.unwrap_or(Body::UntilClose),
    };
    let options: Vec<_> = all("Connection").join(&b',').to_ascii_lowercase();
    let has_option =
        |option: &[u8]| options.split(|byte| *byte == b',').any(|word| word.trim_ascii() == option);
    let persists = version == Version::Http11 || has_option(b"keep-alive");
    let is_1_1_request = version == Version::Http11 && matches!(start, Start::Request(..));
    Some(Some(Head {
        keep_alive: persists && !has_option(b"close") && body != Body::UntilClose,
        expects_continue: is_1_1_request
            && all("Expect").iter().any(|value| value.eq_ignore_ascii_case(b"100-continue")),
        authority: all("Host").first().map(|value| value.to_vec()),
        content_type: all("Content-Type").first().map(|value| value.to_vec()),
        start,
        version,
        body,
    }))
}

/// Policy: a head has `HEADERS_MAX` fields at most.
fn has_too_many_fields(fields: &[&[u8]]) -> bool {
    fields.len() > HEADERS_MAX
}

fn request_line(line: &[u8]) -> Option<(Start, Version)> {
    let words: Vec<_> = line.split(|byte| *byte == b' ').collect();
    let [method, target, version] = words.as_slice() else { return None };
    let is_target = !target.is_empty() && target.iter().all(u8::is_ascii_graphic);
    if !is_token(method) || !is_target {
        return None;
    }
    let method = match *method {
        b"GET" => Method::Get,
        b"HEAD" => Method::Head,
        b"POST" => Method::Post,
        b"DELETE" => Method::Delete,
        _ => Method::Other,
    };
    Some((Start::Request(method, target.to_vec()), parse_version(version)?))
}

/// Policy: a status line may lack its reason, and the space before it.
fn status_line(line: &[u8]) -> Option<(Start, Version)> {
    let (version, rest) = line.split_at_checked(8)?;
    let (digits, reason) = rest.strip_prefix(b" ")?.split_at_checked(3)?;
    if !digits.iter().all(u8::is_ascii_digit) || !(reason.is_empty() || reason[0] == b' ') || !is_text(reason)
    {
        return None;
    }
    let status = digits.iter().fold(0, |status, digit| status * 10 + u16::from(digit - b'0'));
    Some((Start::Response(status), parse_version(version)?))
}

fn parse_version(version: &[u8]) -> Option<Version> {
    match version {
        b"HTTP/1.0" => Some(Version::Http10),
        b"HTTP/1.1" => Some(Version::Http11),
        _ => None,
    }
}

/// Splits a field line into name and value, trimmed.
fn field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    // Nothing that is text is trimmed but spaces and tabs.
    if is_token(name) && is_text(value) { Some((name, value.trim_ascii())) } else { None }
}

fn is_token(text: &[u8]) -> bool {
    !text.is_empty()
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

fn is_text(text: &[u8]) -> bool {
    text.iter().all(|byte| matches!(byte, b'\t' | b' '..=0x7e | 0x80..))
}

/// How the fields frame a body: `None` if that is unclear, `Some(None)` if they do not.
fn framing(lengths: &[&[u8]], codings: &[&[u8]], version: Version) -> Option<Option<Body>> {
    match (lengths, codings) {
        ([], []) => Some(None),
        ([length], []) => parse_length(length).map(Body::Length).map(Some),
        // Policy: of the transfer codings there is `chunked`, alone and from HTTP/1.1 on.
        ([], [coding]) if version == Version::Http11 && coding.eq_ignore_ascii_case(b"chunked") => {
            Some(Some(Body::Chunked))
        }
        _ => None,
    }
}

/// Policy: a length has `LENGTH_DIGITS_MAX` digits at most.
fn parse_length(digits: &[u8]) -> Option<u64> {
    let is_number = (1..=LENGTH_DIGITS_MAX).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    if is_number { std::str::from_utf8(digits).ok()?.parse().ok() } else { None }
}
