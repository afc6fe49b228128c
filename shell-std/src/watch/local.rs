//! Our own address, as seen from the producer.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Token, Waker};

use crate::options::Uri;
use crate::resolver::{Answer, Resolver};
use crate::signals::Signals;

/// The address that packets to `producer` leave from, as soon as its name can be resolved and there is a way to it.
/// `None` if a signal or the end of `patience` came first.
///
/// `listens` says which families count.
///
/// # Errors
/// If the system lacks something.
pub(super) fn towards(
    producer: &Uri,
    listens: SocketAddr,
    signals: &mut Signals,
    patience: Option<Duration>,
) -> io::Result<Option<IpAddr>> {
    let mut search = Search::new(producer, listens)?;
    search.poll.registry().register(signals.stream(), SIGNAL, Interest::READABLE)?;
    let found = search.run(signals, patience);
    search.poll.registry().deregister(signals.stream())?;
    found
}

struct Search<'p> {
    producer: &'p Uri,
    listens: SocketAddr,
    poll: Poll,
    resolver: Resolver,
    is_failing: bool,
}

impl<'p> Search<'p> {
    fn new(producer: &'p Uri, listens: SocketAddr) -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), ANSWER)?);
        Ok(Self { producer, listens, poll, resolver: Resolver::new(waker), is_failing: false })
    }

    fn run(&mut self, signals: &mut Signals, patience: Option<Duration>) -> io::Result<Option<IpAddr>> {
        let deadline = patience.map(|patience| Instant::now() + patience);
        let mut ask_at = Instant::now();
        let mut events = Events::with_capacity(2);
        loop {
            let now = Instant::now();
            if signals.take().is_some() || deadline.is_some_and(|deadline| now >= deadline) {
                return Ok(None);
            }
            if now >= ask_at {
                self.resolver.ask(&self.producer.host, self.producer.port);
                ask_at = now + RETRY;
            }
            if let Some(answer) = self.resolver.take_answer()
                && let Some(own) = self.judge(answer)
            {
                return Ok(Some(own));
            }
            let next = deadline.map_or(ask_at, |deadline| deadline.min(ask_at));
            match self.poll.poll(&mut events, Some(next.saturating_duration_since(now))) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
        }
    }

    /// The address towards the first that there is a way to.
    fn judge(&mut self, answer: Answer) -> Option<IpAddr> {
        let host = &self.producer.host;
        let problem = match answer {
            Ok(addresses) => match addresses.iter().find_map(|peer| own(*peer, self.listens)) {
                Some(own) => return Some(own),
                None => format!("there is no way to {host} from where we listen"),
            },
            Err(error) => format!("cannot resolve {host}: {error}"),
        };
        let level = if self.is_failing { log::Level::Debug } else { log::Level::Warn };
        log::log!(level, "{problem}; tries on");
        self.is_failing = true;
        None
    }
}

/// Asks the kernel for its route: connecting a UDP socket sends nothing.
pub(crate) fn own(peer: SocketAddr, listens: SocketAddr) -> Option<IpAddr> {
    let any: IpAddr = match peer {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) if listens.is_ipv6() => Ipv6Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => return None,
    };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect(peer).ok()?;
    socket.local_addr().ok().map(|own| own.ip())
}

/// How long to wait between two tries.
const RETRY: Duration = Duration::from_secs(1);
const ANSWER: Token = Token(0);
const SIGNAL: Token = Token(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_ourselves_is_ourselves() {
        let anywhere = "[::]:1".parse().unwrap();
        assert_eq!(own("127.0.0.1:9".parse().unwrap(), anywhere), Some(Ipv4Addr::LOCALHOST.into()));
        let ipv4_only = "0.0.0.0:1".parse().unwrap();
        assert_eq!(own("[::1]:9".parse().unwrap(), ipv4_only), None);
    }
}
