//! What the clocks of a node are called.

use super::event::Site;

impl Site {
    /// The PTP clock that a script calls `name`: a number counts those of the node, none is the first.
    pub(super) fn instance(&self, name: Option<&str>) -> String {
        let number = match name.map(|name| (name, name.parse::<u32>())) {
            None => 1,
            Some((_, Ok(number))) if number > 0 => number,
            Some((name, _)) => return name.into(),
        };
        match self.manners.names.ptp {
            Some(stem) => format!("{stem}{number}"),
            None => port_clock(&self.interface, number),
        }
    }

    pub(super) fn gnss_instance(&self) -> String {
        self.manners.names.gnss.map_or_else(|| self.instance(None), Into::into)
    }

    pub(super) fn synce_instance(&self) -> String {
        self.manners.names.synce.map_or_else(|| format!("synce1/{}", self.interface), Into::into)
    }
}

/// What events call the clock of a network card: the port of `ens1f0` becomes an `x`. `number` counts from the card that
/// is meant.
fn port_clock(interface: &str, number: u32) -> String {
    let (name, vlan) = interface.split_at(interface.find('.').unwrap_or(interface.len()));
    let (stem, port) = match name.strip_suffix(|last: char| last.is_ascii_digit()) {
        Some(stem) => (stem, "x"),
        None => (name, ""),
    };
    format!("{}{port}{vlan}/master", next_card(stem, number - 1))
}

/// The name of the network card `count` after this one: that much is added to its last number.
fn next_card(stem: &str, count: u32) -> String {
    if count == 0 {
        return stem.into();
    }
    let end = stem.rfind(|last: char| last.is_ascii_digit()).map_or(stem.len(), |at| at + 1);
    let start = stem[..end].rfind(|first: char| !first.is_ascii_digit()).map_or(0, |at| at + 1);
    match stem[start..end].parse::<u32>() {
        Ok(card) => format!("{}{}{}", &stem[..start], card.saturating_add(count), &stem[end..]),
        Err(_) => format!("{stem}{count}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_loses_its_port() {
        for (interface, first, second) in [
            ("ens1f0", "ens1fx/master", "ens2fx/master"),
            ("ens1f0.100", "ens1fx.100/master", "ens2fx.100/master"),
            ("enp3s0f1np1", "enp3s0f1npx/master", "enp3s0f2npx/master"),
            ("eth0", "ethx/master", "eth1x/master"),
            ("eth", "eth/master", "eth1/master"),
        ] {
            assert_eq!(port_clock(interface, 1), first);
            assert_eq!(port_clock(interface, 2), second);
        }
    }
}
