//! The addresses of a name, a few at most, in memory that is there already.

use std::net::SocketAddr;

/// Addresses in their order, without a gap before the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Addresses([Option<SocketAddr>; ADDRESSES_MAX]);

impl Addresses {
    /// Takes the first.
    pub fn pop_first(&mut self) -> Option<SocketAddr> {
        let first = self.0.first_mut().and_then(Option::take);
        self.0.rotate_left(1);
        first
    }

    /// Puts `address` behind the others; `false` if it is not among them.
    pub fn postpone(&mut self, address: SocketAddr) -> bool {
        let Some(index) = self.iter().position(|other| other == address) else { return false };
        let count = self.iter().count();
        if let Some(behind) = self.0.get_mut(index..count) {
            behind.rotate_left(1);
        }
        true
    }

    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    pub fn iter(&self) -> impl Iterator<Item = SocketAddr> {
        self.0.iter().copied().map_while(|address| address)
    }
}

/// The first of them, as many as there is room for.
impl FromIterator<SocketAddr> for Addresses {
    fn from_iter<I: IntoIterator<Item = SocketAddr>>(addresses: I) -> Self {
        let mut taken = Self::default();
        for (place, address) in taken.0.iter_mut().zip(addresses) {
            *place = Some(address);
        }
        taken
    }
}

impl From<SocketAddr> for Addresses {
    fn from(address: SocketAddr) -> Self {
        std::iter::once(address).collect()
    }
}

/// Addresses that are kept of one name, at most.
const ADDRESSES_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn address(port: u16) -> SocketAddr {
        ([10, 0, 0, 1], port).into()
    }

    fn ports(addresses: &Addresses) -> Vec<u16> {
        addresses.iter().map(|address| address.port()).collect()
    }

    #[test]
    fn they_come_in_their_order() {
        let mut addresses: Addresses = (1..=3).map(address).collect();
        assert_eq!(ports(&addresses), [1, 2, 3]);
        assert!(addresses.postpone(address(1)) && !addresses.postpone(address(9)));
        for port in [2, 3, 1] {
            assert!(!addresses.is_empty());
            assert_eq!(addresses.pop_first(), Some(address(port)));
        }
        assert!(addresses.is_empty() && addresses.pop_first().is_none());
    }

    #[test]
    fn the_first_are_kept() {
        let mut addresses: Addresses = (0..u16::MAX).map(address).collect();
        assert_eq!(ports(&addresses).len(), ADDRESSES_MAX);
        assert!(addresses.postpone(address(0)));
        assert_eq!(ports(&addresses).last(), Some(&0));
        assert_eq!(ports(&address(7).into()), [7]);
    }
}
