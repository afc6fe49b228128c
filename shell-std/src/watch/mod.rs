//! What `run` and `state` have in common before the first turn: a listener, an endpoint, a configuration.

mod files;
mod local;
mod policy;

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::process;
use std::time::Duration;

use mio::{Interest, Token};
use ptpwatch_core::consumer::{Config, Resources};
use ptpwatch_core::dialect;
use ptpwatch_core::event::Resource;
use ptpwatch_core::page::Writer;
use ptpwatch_core::verdict::OsClock;
use rustix::io::Errno;
use rustix::system::uname;

pub(crate) use self::local::own;
use crate::failure::Failure;
use crate::options::{Uri, Watch};
use crate::signals::Signals;
use crate::turn::{FOREIGN, Memory, Setup, Turn, clock};

/// What a turn stands on.
#[derive(Debug)]
pub(crate) struct Ground<'w> {
    watch: &'w Watch,
    manner: Manner,
    listener: TcpListener,
    memory: Memory,
    /// The instances that the policy names.
    names: Vec<&'w str>,
    /// The producer's host and port, as requests name it.
    authority: String,
    /// Our address, as the producer is told.
    endpoint: String,
}

/// How two commands on one host stay out of each other's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Holds subscriptions, at a path that is the same after a restart.
    Host,
    /// Subscribes only to what nobody else has, at a path of its own.
    Guest,
}

impl<'w> Ground<'w> {
    /// Listens, and finds out how the producer reaches us. `None` if a signal or the end of `patience` came first.
    ///
    /// # Errors
    /// If the options do not go together, the listener cannot be, or the system lacks something.
    pub(crate) fn lay(
        watch: &'w Watch,
        manner: Manner,
        signals: &mut Signals,
        patience: Option<Duration>,
    ) -> Result<Option<Self>, Failure> {
        check(watch)?;
        let listener = listen(watch.listen, manner)
            .map_err(|error| Failure::usage(format_args!("--listen {}: {error}", watch.listen)))?;
        let address = listener.local_addr()?;
        let endpoint = match &watch.callback {
            Some(uri) if manner == Manner::Host => uri.to_string(),
            Some(uri) => format!("http://{}{}", uri.authority(), path(manner)),
            None => match own_address(watch, address, signals, patience)? {
                Some(own) => format!("http://{}{}", SocketAddr::new(own, address.port()), path(manner)),
                None => return Ok(None),
            },
        };
        log::info!("listens on {address}; the producer is told {endpoint}");
        let memory = Memory::for_connections(watch.connections);
        files::make_room(memory.connections());
        let (names, authority) = (policy::names(&watch.rules), watch.producer.authority());
        Ok(Some(Self { watch, manner, listener, memory, names, authority, endpoint }))
    }

    /// The turn, which a signal ends the waiting of, and which shows its verdict on `page`.
    ///
    /// # Errors
    /// If the system lacks something.
    pub(crate) fn turn<'g>(
        &'g mut self,
        signals: &mut Signals,
        page: Option<Writer<'g>>,
    ) -> Result<Turn<'g>, Failure> {
        let turn = Turn::new(Setup {
            memory: &mut self.memory,
            config: config(self.watch, &self.names, self.manner, &self.authority, &self.endpoint)?,
            listener: self.listener.try_clone()?,
            allow: self.watch.allow.clone(),
            host: self.watch.producer.host.clone(),
            port: self.watch.producer.port,
            page,
        })?;
        turn.registry().register(signals.stream(), Token(FOREIGN), Interest::READABLE)?;
        Ok(turn)
    }
}

/// Warns if the dialect that was found out does not go together with the options: one that was named was checked before.
pub(crate) fn check_found(watch: &Watch, found: &str) {
    if watch.dialect.is_none() {
        let named = Watch { dialect: Some(found.to_owned()), ..watch.clone() };
        if let Err(failure) = check(&named) {
            log::warn!("{}", failure.problem());
        }
    }
}

/// Whether the verdict cannot be known without `resource`.
pub(crate) fn requires(watch: &Watch, resource: Resource) -> bool {
    let policy = policy::policy(&watch.rules, &[]);
    match resource {
        Resource::LockState => policy.requires_lock,
        Resource::OsClock => policy.os_clock != OsClock::Info,
        _ => false,
    }
}

/// Checks that the options go together.
pub(crate) fn check(watch: &Watch) -> Result<(), Failure> {
    let names = policy::names(&watch.rules);
    let authority = watch.producer.authority();
    policy::check(&config(watch, &names, Manner::Host, &authority, "http://localhost")?, &watch.rules)
}

/// The consumer's configuration; its own check is still to come.
///
/// # Errors
/// For a name that the options' table took and core does not know.
fn config<'w>(
    watch: &'w Watch,
    names: &'w [&'w str],
    manner: Manner,
    authority: &'w str,
    endpoint: &'w str,
) -> Result<Config<'w>, Failure> {
    let named = |name: &String| {
        dialect::from_name(name).ok_or_else(|| Failure::usage(format_args!("--dialect: no dialect {name}")))
    };
    let dialect = watch.dialect.as_ref().map(named).transpose()?;
    let mut config = Config::new(dialect, &watch.node, authority, endpoint);
    config.policy = policy::policy(&watch.rules, names);
    config.poll_ns = policy::nanos(watch.poll);
    config.request_ns = policy::nanos(watch.request_timeout);
    if let Some(names) = &watch.resources {
        let chosen = names.iter().filter_map(|name| Resource::from_name(name));
        config.resources = chosen.fold(Resources::NONE, Resources::with);
    }
    let chance = || clock::now().as_nanos() ^ u64::from(process::id()).rotate_left(32);
    config.seed = watch.seed.unwrap_or_else(chance);
    config.is_guest = manner == Manner::Guest;
    Ok(config)
}

/// Listens at `address`. `[::]` takes both families, or IPv4 alone where there is no IPv6.
///
/// A guest has no need of just this port: its environment may be that of a host who has it already.
pub(crate) fn listen(address: SocketAddr, manner: Manner) -> io::Result<TcpListener> {
    match TcpListener::bind(address) {
        Err(error)
            if address.ip().is_unspecified()
                && address.is_ipv6()
                && error.raw_os_error() == Some(Errno::AFNOSUPPORT.raw_os_error()) =>
        {
            listen(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), address.port()), manner)
        }
        Err(error) if manner == Manner::Guest && error.kind() == ErrorKind::AddrInUse => {
            TcpListener::bind(SocketAddr::new(address.ip(), 0))
        }
        result => result,
    }
}

/// The address that the producer reaches us at.
fn own_address(
    watch: &Watch,
    listens: SocketAddr,
    signals: &mut Signals,
    patience: Option<Duration>,
) -> Result<Option<IpAddr>, Failure> {
    if listens.ip().is_unspecified() {
        if watch.address.is_some() {
            return Ok(watch.address);
        }
        let own = local::towards(&watch.producer, listens, signals, patience)?;
        return Ok(own.map(|own| own.to_canonical()));
    }
    Ok(Some(listens.ip()))
}

/// What a producer at one of `addresses` is told, once it is asked from a listener at `listens`; `None` as long as its port
/// is to be any.
pub(crate) fn endpoint(
    callback: Option<&Uri>,
    listens: SocketAddr,
    addresses: &[SocketAddr],
    manner: Manner,
) -> Option<String> {
    if let Some(uri) = callback {
        let guest = || format!("http://{}{}", uri.authority(), path(manner));
        return Some(if manner == Manner::Host { uri.to_string() } else { guest() });
    }
    let towards = || addresses.iter().find_map(|peer| own(*peer, listens)).map(|own| own.to_canonical());
    let own = if listens.ip().is_unspecified() { towards() } else { Some(listens.ip()) };
    let known = own.filter(|_| listens.port() != 0);
    known.map(|own| format!("http://{}{}", SocketAddr::new(own, listens.port()), path(manner)))
}

/// The path that notifications are taken on.
fn path(manner: Manner) -> String {
    let name = plain(&uname().nodename().to_string_lossy());
    match manner {
        Manner::Host => format!("/event/{name}"),
        Manner::Guest => format!("/state/{name}-{}", process::id()),
    }
}

/// A host name as it can stand in a path.
fn plain(name: &str) -> String {
    let plain =
        |letter: char| if letter.is_ascii_alphanumeric() || "-._".contains(letter) { letter } else { '-' };
    name.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_name_becomes_a_part_of_a_path() {
        assert_eq!(plain("worker-0.example.com"), "worker-0.example.com");
        assert_eq!(plain("a b/c?\u{fc}"), "a-b-c--");
    }

    #[test]
    fn a_guest_takes_another_port_than_the_one_in_use() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        assert_eq!(listen(address, Manner::Host).unwrap_err().kind(), ErrorKind::AddrInUse);
        assert_ne!(listen(address, Manner::Guest).unwrap().local_addr().unwrap(), address);
    }

    #[test]
    fn guests_and_hosts_have_different_paths() {
        assert!(path(Manner::Host).starts_with("/event/"));
        assert!(path(Manner::Guest).ends_with(&format!("-{}", process::id())));
    }
}
