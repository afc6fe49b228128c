//! Options that take several values, with commas between them.

use std::net::IpAddr;

use ipnet::IpNet;
use ptpwatch_core::limits::INSTANCE_MAX;

/// Which of several instances of the PTP lock counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instances {
    /// The worst of them.
    Worst,
    /// The best of them.
    Any,
    /// The worst of those with these names.
    Named(Vec<String>),
}

impl Instances {
    /// Reads `worst`, `any` or names as lines show them.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "worst" => return Ok(Self::Worst),
            "any" => return Ok(Self::Any),
            _ => {}
        }
        let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
        let is_name = |name: &str| {
            let is_plain = name.bytes().all(|byte| byte.is_ascii_graphic());
            is_plain && (1..=INSTANCE_MAX).contains(&name.len()) && !["worst", "any"].contains(&name)
        };
        if !names.iter().all(|name| is_name(name)) {
            return Err(format!(
                "expected worst, any, or a comma list of names of up to {INSTANCE_MAX} characters"
            ));
        }
        Ok(Self::Named(names))
    }
}

/// Reads a list of `words` with commas between them; nothing twice, at least one.
pub(super) fn list_of(text: &str, words: &[&str]) -> Result<Vec<String>, String> {
    let mut list = Vec::new();
    for item in text.split(',').map(str::trim) {
        if !words.contains(&item) {
            return Err(format!("expected a comma list of {}", words.join(", ")));
        }
        if !list.iter().any(|known| known == item) {
            list.push(item.to_owned());
        }
    }
    Ok(list)
}

/// Reads a list of networks; an address is a network of its own.
pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let network = |item: &str| {
        let address = || item.parse::<IpAddr>().ok().map(|address| IpNet::from(address.to_canonical()));
        item.parse().ok().or_else(address)
    };
    text.split(',').map(|item| network(item.trim())).collect::<Option<_>>().ok_or_else(|| {
        "expected a comma list of addresses and networks such as 10.128.0.0/14 or ::1".to_owned()
    })
}

/// Reads a list of clock classes; an empty one for `none`.
pub(super) fn classes(text: &str) -> Result<Vec<u8>, String> {
    if text == "none" {
        return Ok(Vec::new());
    }
    let class = |item: &str| item.trim().parse().ok();
    text.split(',')
        .map(class)
        .collect::<Option<_>>()
        .ok_or_else(|| "expected a comma list of clock classes, 0 to 255, or none".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_and_addresses() {
        let read = |text| {
            networks(text).map(|list| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
        };
        for (text, expected) in [
            ("127.0.0.1", "127.0.0.1/32"),
            ("10.128.0.0/14, ::1", "10.128.0.0/14,::1/128"),
            ("::ffff:10.0.0.1", "10.0.0.1/32"),
            ("0.0.0.0/0,::/0", "0.0.0.0/0,::/0"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(expected));
        }
        for text in
            ["", ",", "10.0.0.0/33", "10.0.0.0/8,", "10.0.0.0/-1", "localhost", "[::1]", "10.0.0/8", "::1%lo"]
        {
            assert!(networks(text).is_err(), "{text}");
        }
    }

    #[test]
    fn lists_drop_doubles_and_refuse_strangers() {
        let words = ["lock-state", "clock-class"];
        assert_eq!(
            list_of("clock-class, lock-state,clock-class", &words),
            Ok(vec!["clock-class".into(), "lock-state".into()])
        );
        for text in ["", ",", "lock-state,", "lock_state"] {
            assert!(list_of(text, &words).is_err(), "{text}");
        }
    }

    #[test]
    fn classes_are_bytes_or_none() {
        assert_eq!(classes("6, 7,255"), Ok(vec![6, 7, 255]));
        assert_eq!(classes("none"), Ok(Vec::new()));
        for text in ["", "6,", "256", "-1", "6,none", "6 7", "six"] {
            assert!(classes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn instances_are_two_words_or_names() {
        assert_eq!(Instances::parse("worst"), Ok(Instances::Worst));
        assert_eq!(Instances::parse("any"), Ok(Instances::Any));
        let named = Instances::Named(vec!["ens1fx/master".into(), "ens1f0".into()]);
        assert_eq!(Instances::parse("ens1fx/master, ens1f0"), Ok(named));
        for text in ["", ",", "any,ens1f0", "a b", "a\tb", "\u{e4}", &"x".repeat(INSTANCE_MAX + 1)] {
            assert!(Instances::parse(text).is_err(), "{text:?}");
        }
    }
}
