//! Options of the simulated producer's commands.

use std::net::SocketAddr;

use log::LevelFilter;

use super::kinds::{self, name};
use super::uri::Uri;
use super::values::Values;
use super::{Known, Lines, Refusal, lines, log_level};

/// Options of `simulate`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulate {
    pub listen: SocketAddr,
    /// One of [`Known::producers`].
    pub dialect: String,
    pub node: String,
    /// A file or the name of a script.
    pub script: String,
    pub interface: String,
    pub seed: u64,
    /// The authority in `UriLocation`. `None`: the one it listens at.
    pub advertise: Option<String>,
    /// End with the script.
    pub once: bool,
    pub log_level: LevelFilter,
}

/// Options of `demo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demo {
    /// One of [`Known::producers`].
    pub dialect: String,
    /// A file or the name of a script.
    pub script: String,
    /// End with the script.
    pub once: bool,
    /// `None`: there is none.
    pub admin: Option<SocketAddr>,
    pub lines: Lines,
    pub log_level: LevelFilter,
}

/// Reads those of `simulate`.
///
/// # Errors
/// [`Refusal`] for the first that cannot be.
pub(super) fn simulate(values: &Values<'_>, known: &Known<'_>) -> Result<Simulate, Refusal> {
    Ok(Simulate {
        listen: values.need("listen", kinds::listen)?,
        dialect: values.need("dialect", |text| kinds::one_of(text, known.producers))?,
        node: values.need("node", kinds::node)?,
        script: values.need("script", kinds::text)?,
        interface: values.need("interface", interface)?,
        seed: values.need("seed", |text| kinds::number(text, 0..=u64::MAX))?,
        advertise: values.find("advertise", advertise)?,
        once: values.need("once", kinds::switch)?,
        log_level: log_level(values)?,
    })
}

/// Reads those of `demo`.
///
/// # Errors
/// [`Refusal`] for the first that cannot be.
pub(super) fn demo(values: &Values<'_>, known: &Known<'_>) -> Result<Demo, Refusal> {
    Ok(Demo {
        dialect: values.need("dialect", |text| kinds::one_of(text, known.producers))?,
        script: values.need("script", kinds::text)?,
        once: values.need("once", kinds::switch)?,
        admin: values.find("admin", kinds::listen)?,
        lines: lines(values)?,
        log_level: log_level(values)?,
    })
}

/// Reads the name of a network interface.
fn interface(text: &str) -> Result<String, String> {
    name(text, INTERFACE_MAX)
}

/// Reads the `HOST:PORT` of a producer; the port may be left out where it is 80.
fn advertise(text: &str) -> Result<String, String> {
    let uri = Uri::parse(&format!("http://{text}")).ok().filter(|uri| uri.path == "/" && !text.contains('/'));
    uri.map(|uri| uri.authority()).ok_or_else(|| "expected HOST:PORT, an IPv6 address in brackets".to_owned())
}

/// Longest name of an interface, in bytes: Linux' `IFNAMSIZ` without its NUL.
const INTERFACE_MAX: usize = 15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authorities_to_advertise() {
        assert_eq!(advertise("node1.example:9043").as_deref(), Ok("node1.example:9043"));
        assert_eq!(advertise("[fd00::1]:9043").as_deref(), Ok("[fd00::1]:9043"));
        for text in ["", "a/b", "a:1/", "fd00::1", "a:b"] {
            assert!(advertise(text).is_err(), "{text}");
        }
    }
}
