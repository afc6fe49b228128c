//! The status page as the program has it: without what only its authors need, and with what browsers are told of it.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

use super::sha256::sha256;

/// Puts the page where the program includes it, and the hashes of its style and script where it names them: a browser
/// takes no others.
pub(super) fn make() {
    println!("cargo::rerun-if-changed={SOURCE}");
    let page = squeezed(&fs::read_to_string(SOURCE).expect("the page is there"));
    for (name, tag) in [("STYLE", "style"), ("SCRIPT", "script")] {
        let text = between(&page, &format!("<{tag}>"), &format!("</{tag}>"));
        println!("cargo::rustc-env=PAGE_{name}_HASH={}", base64(&sha256(text.as_bytes())));
    }
    let target = env::var("OUT_DIR").expect("cargo says where");
    fs::write(Path::new(&target).join("page.html.gz"), gzip(page.as_bytes())).expect("it can be written");
}

/// The page without indentation, empty lines, and comments on lines of their own.
fn squeezed(source: &str) -> String {
    let is_comment = |line: &str| {
        line.starts_with("//")
            || (line.starts_with("/*") && line.ends_with("*/"))
            || (line.starts_with("<!--") && line.ends_with("-->"))
    };
    let lines = source.lines().map(str::trim).filter(|line| !line.is_empty() && !is_comment(line));
    lines.fold(String::new(), |mut page, line| {
        page.push_str(line);
        page.push('\n');
        page
    })
}

/// RFC 1952 section 2.3: no flags, no time, the strongest compression, no system.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255];
    file.extend(miniz_oxide::deflate::compress_to_vec(bytes, 10));
    file.extend(crc32(bytes).to_le_bytes());
    file.extend((bytes.len() as u32).to_le_bytes());
    file
}

/// RFC 1952 section 8.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 0 { crc >> 1 } else { crc >> 1 ^ 0xedb8_8320 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let (_, rest) = text.split_once(start).expect("the page has one");
    rest.split_once(end).expect("it ends").0
}

/// RFC 4648 section 4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits =
            group.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let letter = if place > group.len() { b'=' } else { LETTERS[bits >> (18 - 6 * place) & 63] };
            write!(text, "{}", char::from(letter)).expect("a string takes everything");
        }
    }
    text
}

const SOURCE: &str = "src/admin/page.html";
