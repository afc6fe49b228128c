//! The settings: text in a page of flash of its own, so that one image serves any board.

use core::net::{Ipv4Addr, SocketAddrV4};
use ptpwatch_core::verdict::{Policy, Role};

/// What a board has to be told: a line each, `name=value`, in any order. The page ends with its first byte that is no
/// text, such as that of erased flash.
///
/// ```text
/// address=192.0.2.10/24
/// gateway=192.0.2.1
/// node=compute-1
/// role=oc
/// producer=192.0.2.1:9043
/// endpoint=http://192.0.2.10:8989/event
/// ```
///
/// `gateway` may be left out. The port that is listened on is that of `listen=8989`, where it is not 8989.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings<'s> {
    /// The board's own address, and how many of its bits are those of the network.
    pub address: (Ipv4Addr, u8),
    /// Where what is not of the network is sent to.
    pub gateway: Option<Ipv4Addr>,
    /// The port that notifications are awaited on.
    pub port: u16,
    /// The node that is judged.
    pub node: &'s str,
    /// What its role asks for.
    pub policy: Policy<'s>,
    /// Where the producer listens: as it is written, and as it is.
    pub authority: &'s str,
    pub producer: SocketAddrV4,
    /// Our endpoint as the producer is told.
    pub endpoint: &'s str,
}

impl<'s> Settings<'s> {
    /// Reads them out of their page.
    ///
    /// # Errors
    /// The name of the first that is missing or means nothing.
    pub fn read(page: &'s [u8]) -> Result<Self, &'static str> {
        let text = Text::of(page);
        let authority = text.required("producer")?;
        Ok(Self {
            address: parse(text.required("address")?, network).ok_or("address")?,
            gateway: match text.value("gateway") {
                Some(value) => Some(parse(value, ipv4).ok_or("gateway")?),
                None => None,
            },
            port: match text.value("listen") {
                Some(value) => parse(value, port).ok_or("listen")?,
                None => 8989,
            },
            node: text.required("node")?,
            policy: Policy::for_role(Role::from_name(text.required("role")?).ok_or("role")?),
            authority,
            producer: parse(authority, endpoint).ok_or("producer")?,
            endpoint: text.required("endpoint")?,
        })
    }
}

/// The lines of the page.
struct Text<'s>(&'s str);

impl<'s> Text<'s> {
    fn of(page: &'s [u8]) -> Self {
        let is_text = |byte: &u8| matches!(byte, b'\n' | b' '..=b'~');
        let end = page.iter().position(|byte| !is_text(byte)).unwrap_or(page.len());
        // SAFETY: all of it is ASCII.
        Self(unsafe { str::from_utf8_unchecked(&page[..end]) })
    }

    /// The value of the first line with this name.
    fn value(&self, name: &str) -> Option<&'s str> {
        let mut rest = self.0;
        while !rest.is_empty() {
            let end = rest.bytes().position(|byte| byte == b'\n').unwrap_or(rest.len());
            let line = rest.get(..end)?;
            if let Some(value) = line.strip_prefix(name).and_then(|line| line.strip_prefix('=')) {
                return Some(value);
            }
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        None
    }

    fn required(&self, name: &'static str) -> Result<&'s str, &'static str> {
        self.value(name).ok_or(name)
    }
}

/// What `read` finds if it takes all of `value`.
fn parse<T>(value: &str, read: impl FnOnce(&mut &[u8]) -> Option<T>) -> Option<T> {
    let mut rest = value.as_bytes();
    let found = read(&mut rest)?;
    if rest.is_empty() { Some(found) } else { None }
}

fn endpoint(rest: &mut &[u8]) -> Option<SocketAddrV4> {
    let address = ipv4(rest)?;
    skip(rest, b':')?;
    Some(SocketAddrV4::new(address, port(rest)?))
}

fn network(rest: &mut &[u8]) -> Option<(Ipv4Addr, u8)> {
    let address = ipv4(rest)?;
    skip(rest, b'/')?;
    Some((address, number(rest, 32)? as u8))
}

fn ipv4(rest: &mut &[u8]) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    for (place, octet) in octets.iter_mut().enumerate() {
        if place > 0 {
            skip(rest, b'.')?;
        }
        *octet = number(rest, 255)? as u8;
    }
    Some(octets.into())
}

fn port(rest: &mut &[u8]) -> Option<u16> {
    Some(number(rest, 65_535)? as u16)
}

/// Takes a decimal number off the front, `max` at most.
fn number(rest: &mut &[u8], max: u32) -> Option<u32> {
    let mut number = None;
    while let Some((digit @ b'0'..=b'9', behind)) = rest.split_first() {
        let so_far = number.unwrap_or(0) * 10 + u32::from(digit - b'0');
        if so_far > max {
            return None;
        }
        number = Some(so_far);
        *rest = behind;
    }
    number
}

fn skip(rest: &mut &[u8], byte: u8) -> Option<()> {
    *rest = rest.strip_prefix(&[byte])?;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str =
        "node=n1\nrole=gm\nproducer=192.0.2.1:9043\nendpoint=http://192.0.2.10:80/e\naddress=192.0.2.10/24\n";

    #[test]
    fn a_page_ends_where_its_flash_is_erased() {
        let mut page = [0xFF; 1024];
        page[..LINES.len()].copy_from_slice(LINES.as_bytes());
        let settings = Settings::read(&page).expect("they are complete");
        assert_eq!(settings, Settings::read(LINES.as_bytes()).expect("they are complete"));
        assert_eq!(settings.address, (Ipv4Addr::new(192, 0, 2, 10), 24));
        assert_eq!((settings.node, settings.authority, settings.port), ("n1", "192.0.2.1:9043", 8989));
        assert_eq!(settings.producer, SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 1), 9043));
        assert_eq!(settings.policy, Policy::for_role(Role::Grandmaster));
        assert_eq!(settings.gateway, None);
    }

    #[test]
    fn what_is_missing_or_means_nothing_is_named() {
        assert_eq!(Settings::read(&[0xFF; 1024]), Err("producer"));
        for name in ["node", "role", "producer", "endpoint", "address"] {
            let page = LINES.replacen(name, "other", 1);
            assert_eq!(Settings::read(page.as_bytes()), Err(name));
        }
        for (name, line) in [
            ("address", "address=192.0.2.10"),
            ("address", "address=192.0.2/24"),
            ("address", "address=192.0.2.10/x"),
            ("address", "address=192.0.2.10/33"),
            ("producer", "producer=example.com:9043"),
            ("producer", "producer=192.0.2.1"),
            ("role", "role=king"),
            ("gateway", "gateway="),
            ("gateway", "gateway=192.0.2.1.2"),
            ("producer", "producer=192.0.2.256:9043"),
            ("listen", "listen=80000"),
        ] {
            assert_eq!(Settings::read(format!("{line}\n{LINES}").as_bytes()), Err(name), "{line}");
        }
    }
}
