//! What the text of an option may say: each parser gives the value, or what it had expected.

use std::fmt::Display;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use log::LevelFilter;

use super::ADMIN_ADDRESS;
use super::uri::Uri;
use crate::output::BUFFER_MAX;

/// An enumeration whose values are words on the command line.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$about])* $variant,)+
        }

        impl $name {
            /// The words, in the order of the variants.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// Its word.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// Reads one of [`Self::WORDS`].
            pub(super) fn parse(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(expected_one_of(Self::WORDS)),
                }
            }
        }
    };
}

words! {
    /// The part the node's clock plays; sets what the verdict requires.
    Role {
        /// Ordinary clock, T-TSC.
        Oc = "oc",
        /// Boundary clock, T-BC.
        Bc = "bc",
        /// Grandmaster, T-GM.
        Gm = "gm",
        /// Two NICs, either of which may carry the node.
        Ha = "ha",
        /// No PTP: the system clock follows NTP.
        Ntp = "ntp",
    }
}

words! {
    /// How the state of the system clock counts in the verdict.
    OsClock {
        /// Its FREERUN is forgiven while PTP is in holdover.
        Follow = "follow",
        /// Its FREERUN is a FREERUN.
        Strict = "strict",
        /// It is reported and counts for nothing.
        Info = "info",
    }
}

words! {
    /// The shape of the lines on stdout.
    Format {
        /// For people.
        Text = "text",
        /// One JSON object a line.
        Json = "json",
    }
}

words! {
    /// Whether text lines are coloured.
    Color {
        /// On a terminal.
        Auto = "auto",
        /// Into pipes and files too.
        Always = "always",
        /// Not at all.
        Never = "never",
    }
}

impl Color {
    /// Whether to colour what goes to stdout, which is or is not a terminal.
    pub fn applies(self, is_terminal: bool) -> bool {
        self == Self::Always || self == Self::Auto && is_terminal
    }
}

/// Where a producer's own metrics are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SidecarMetrics {
    None,
    At(Uri),
}

impl SidecarMetrics {
    /// Reads a URI, or `none`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self::None),
            _ => Uri::parse(text).map(Self::At).map_err(|expected| expected + ", or none"),
        }
    }
}

/// Where `decode` reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    Stdin,
    File(PathBuf),
}

/// Reads one of `words`.
pub(super) fn one_of(text: &str, words: &[&str]) -> Result<String, String> {
    if words.contains(&text) { Ok(text.to_owned()) } else { Err(expected_one_of(words)) }
}

/// Reads one of `names`; `None` for [`AUTO`].
pub(super) fn dialect(text: &str, names: &[&str]) -> Result<Option<String>, String> {
    match text {
        AUTO => Ok(None),
        name => one_of(name, &[&[AUTO], names].concat()).map(Some),
    }
}

/// Reads one of [`LOG_LEVELS`].
pub(super) fn log_level(text: &str) -> Result<LevelFilter, String> {
    one_of(text, LOG_LEVELS)?.parse().map_err(|_| expected_one_of(LOG_LEVELS))
}

/// Reads the name of a node.
pub(super) fn node(text: &str) -> Result<String, String> {
    name(text, NODE_MAX)
}

/// Reads any text that is not empty.
pub(super) fn text(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("expected a text".to_owned()) } else { Ok(text.to_owned()) }
}

/// Reads `true` or `false`, as a switch has it in the environment.
pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(expected_one_of(&["true", "false"])),
    }
}

/// Reads one of [`YES_OR_NO`].
pub(super) fn yes_or_no(text: &str) -> Result<bool, String> {
    one_of(text, YES_OR_NO).map(|word| word == "yes")
}

/// Reads a duration of at most [`DURATION_MAX`]; without a unit it is in seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit_ms = match unit {
        "ms" => Some(1),
        "s" | "" => Some(1_000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        _ => None,
    };
    let number: Option<u64> = number.parse().ok();
    number
        .zip(unit_ms)
        .and_then(|(number, unit_ms)| number.checked_mul(unit_ms))
        .map(Duration::from_millis)
        .filter(|duration| *duration <= DURATION_MAX)
        .ok_or_else(|| "expected a duration such as 500ms, 5s or 2m, at most 24h".to_owned())
}

/// Reads a [`duration`] that is not zero.
pub(super) fn interval(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("expected a duration above zero".to_owned()),
        interval => Ok(interval),
    }
}

/// Reads an [`interval`]; `None` for `none`.
pub(super) fn budget(text: &str) -> Result<Option<Duration>, String> {
    match text {
        "none" => Ok(None),
        _ => interval(text).map(Some).map_err(|expected| expected + ", or none"),
    }
}

/// Reads a whole number within `range`.
pub(super) fn number<T: FromStr + PartialOrd + Display>(
    text: &str,
    range: RangeInclusive<T>,
) -> Result<T, String> {
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| format!("expected a whole number from {} to {}", range.start(), range.end()))
}

/// Reads the address of a listener.
pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "expected ADDR:PORT such as 0.0.0.0:8989 or [::]:8989".to_owned())
}

/// Reads where an admin port is, with or without `http://`.
pub(super) fn admin(text: &str) -> Result<Uri, String> {
    let uri = if text.contains("://") { Uri::parse(text) } else { Uri::parse(&format!("http://{text}")) };
    uri.ok()
        .filter(|uri| uri.path == "/")
        .ok_or_else(|| format!("expected ADDR:PORT such as {ADMIN_ADDRESS} or [::1]:8990"))
}

/// Reads a size in bytes: with `K`, `M` or `G`, 1024 times as much for each.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let (number, shift) = match text.strip_suffix(['K', 'M', 'G']) {
        Some(number) if text.ends_with('K') => (number, 10),
        Some(number) if text.ends_with('M') => (number, 20),
        Some(number) => (number, 30),
        None => (text, 0),
    };
    let size = number.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift));
    size.filter(|size| SIZES.contains(size)).ok_or_else(|| "expected a size from 64K to 1024G".to_owned())
}

/// Whether `text` can be the id of a subscription in a target, and nothing else: not empty, for the collection is
/// everybody's, nor dots, which a server may fold away.
pub(crate) fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// Reads where a producer answers.
///
/// [`NODE_NAME`] stands for the first label of `node`, as in the name of OpenShift's Service for each node.
pub(super) fn producer(text: &str, node: &str) -> Result<Uri, String> {
    let label = node.split('.').next().unwrap_or(node);
    let uri = Uri::parse(&text.replace(NODE_NAME, label))?;
    if uri.path != "/" {
        return Err("expected http://HOST[:PORT] without a path".to_owned());
    }
    Ok(uri)
}

/// Reads an address that others reach us at.
pub(super) fn address(text: &str) -> Result<IpAddr, String> {
    let address = text.parse().ok().filter(|address: &IpAddr| !address.is_unspecified());
    address.ok_or_else(|| "expected an address such as 192.0.2.1 or 2001:db8::1".to_owned())
}

/// Reads a name that can stand in an address and in a JSON text as it is.
pub(super) fn name(text: &str, bytes_max: usize) -> Result<String, String> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    if !is_plain || text.is_empty() || text.len() > bytes_max {
        return Err(format!("expected a name of 1 to {bytes_max} letters, digits, '.', '-' or '_'"));
    }
    Ok(text.to_owned())
}

fn expected_one_of(words: &[&str]) -> String {
    match words {
        [one] => format!("expected {one}"),
        _ => format!("expected one of {}", words.join(", ")),
    }
}

/// How much is said on stderr, from least to most but for the last.
pub(super) const LOG_LEVELS: &[&str] = &["error", "warn", "info", "debug", "trace", "off"];
/// The words of a choice that a role makes otherwise.
pub(super) const YES_OR_NO: &[&str] = &["yes", "no"];
/// What stands for a node in the address of its producer; OpenShift's sidecar has the same.
const NODE_NAME: &str = "NODE_NAME";
/// The dialect that is to be found out.
pub(super) const AUTO: &str = "auto";
/// Longest duration that an option may name.
pub const DURATION_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// Sizes that a file may be given: there is room for all that waits to be written at a time, at least.
const SIZES: RangeInclusive<u64> = BUFFER_MAX as u64..=1 << 40;
/// Longest name of a node, in bytes: that of a DNS name.
const NODE_MAX: usize = 253;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_with_and_without_unit() {
        let cases =
            [("500ms", 500), ("5s", 5_000), ("5", 5_000), ("2m", 120_000), ("24h", 86_400_000), ("0", 0)];
        for (text, ms) in cases {
            assert_eq!(duration(text), Ok(Duration::from_millis(ms)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration() {
        for text in ["", "s", "-1s", "+1s", "1.5s", "1 s", "5S", "1d", "25h", "86401", "18446744073709551616"]
        {
            assert!(duration(text).is_err(), "{text}");
        }
        assert!(interval("0ms").is_err());
        assert_eq!(interval("1ms"), Ok(Duration::from_millis(1)));
    }

    #[test]
    fn names_of_nodes() {
        for text in ["n", "worker-0.example.com", "A_b.9", &"a".repeat(253)] {
            assert_eq!(node(text).as_deref(), Ok(text));
        }
        for text in ["", "a/b", "a b", "ä", "a\n", &"a".repeat(254)] {
            assert!(node(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_producer_of_a_node_is_named_after_its_first_label() {
        let host = |text: &str, node: &str| producer(text, node).map(|uri| uri.host);
        let service = "http://ptp-event-publisher-service-NODE_NAME.openshift-ptp.svc.cluster.local:9043";
        let expected = "ptp-event-publisher-service-compute-1.openshift-ptp.svc.cluster.local";
        for node in ["compute-1.example.com", "compute-1"] {
            assert_eq!(host(service, node).as_deref(), Ok(expected));
        }
        assert_eq!(host("http://localhost:8089", "compute-1").as_deref(), Ok("localhost"));
    }

    #[test]
    fn listeners_of_both_families() {
        for text in ["0.0.0.0:8989", "[::]:8989", "127.0.0.1:0"] {
            assert_eq!(listen(text).map(|address| address.to_string()).as_deref(), Ok(text));
        }
        for text in ["8989", ":8989", "localhost:8989", "::1:8989x", "1.2.3.4:65536"] {
            assert!(listen(text).is_err(), "{text}");
        }
    }

    #[test]
    fn admin_ports_by_their_address() {
        for (text, expected) in [
            ("127.0.0.1:8990", "http://127.0.0.1:8990/"),
            ("[::1]:1", "http://[::1]:1/"),
            ("http://worker-0:8990/", "http://worker-0:8990/"),
        ] {
            assert_eq!(admin(text).map(|uri| uri.to_string()).as_deref(), Ok(expected));
        }
        for text in ["", ":8990", "a:b", "https://a", "a:1/state", "a b:1"] {
            assert!(admin(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_of_files() {
        for (text, bytes) in [("64K", 65_536), ("65536", 65_536), ("4M", 4 << 20), ("1024G", 1 << 40)] {
            assert_eq!(size(text), Ok(bytes));
        }
        for text in ["", "K", "65535", "63K", "1025G", "4m", "1.5M", "-1M", "99999999999G", "4MB"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn no_id_is_the_collection() {
        assert!(is_id("7f1b3963-681d-49f5-91c8-f1b0fc8189a5") && is_id("a_1"));
        for text in ["", ".", "..", "a/b", "a?b", "a#b", "a b", "%2e", "a;b", "\u{e4}"] {
            assert!(!is_id(text), "{text}");
        }
    }

    #[test]
    fn colour_is_for_terminals_unless_told() {
        assert!(Color::Auto.applies(true) && !Color::Auto.applies(false));
        assert!(Color::Always.applies(false) && !Color::Never.applies(true));
    }
}
