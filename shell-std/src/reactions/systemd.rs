//! systemd: that we are ready, how the verdict stands, and that the loop goes round (sd_notify(3), `Type=notify`).

use std::ffi::OsStr;
use std::fmt::Write;
use std::io::{self, ErrorKind};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::{env, process};

use ptpwatch_core::consumer::Link;
use ptpwatch_core::time::{Instant, MILLISECOND_NS};
use ptpwatch_core::verdict::Verdict;

/// A service manager that wants to be told.
#[derive(Debug)]
pub(super) struct Systemd {
    socket: UnixDatagram,
    address: SocketAddr,
    is_ready: bool,
    /// Whether it has to be told that we are.
    is_ready_due: bool,
    /// What was said last of the verdict, or is to be said.
    status: String,
    is_status_due: bool,
    /// It was too busy: not before then again.
    retry_at: Option<Instant>,
    watchdog: Option<Watchdog>,
}

/// When it has to hear from us.
#[derive(Debug)]
struct Watchdog {
    every_ns: u64,
    next: Instant,
}

impl Systemd {
    /// The manager that the environment names; `None` if there is none.
    pub(super) fn from_environment(now: Instant) -> Option<Self> {
        let name = env::var_os("NOTIFY_SOCKET")?;
        let number = |name: &str| env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
        let is_for_us = number("WATCHDOG_PID").is_none_or(|pid| pid == u64::from(process::id()));
        let watchdog_us = number("WATCHDOG_USEC").filter(|_| is_for_us);
        match Self::new(name.as_encoded_bytes(), watchdog_us, now) {
            Ok(systemd) => Some(systemd),
            Err(error) => {
                log::warn!("NOTIFY_SOCKET: {error}");
                None
            }
        }
    }

    fn new(name: &[u8], watchdog_us: Option<u64>, now: Instant) -> io::Result<Self> {
        let address = match name {
            [b'@', abstract_name @ ..] => SocketAddr::from_abstract_name(abstract_name)?,
            path => SocketAddr::from_pathname(OsStr::from_bytes(path))?,
        };
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        // At half of what is granted, as sd_watchdog_enabled(3) recommends.
        let watchdog = watchdog_us
            .filter(|us| *us > 0)
            .map(|us| Watchdog { every_ns: us.saturating_mul(MICROSECOND_NS / 2), next: now });
        Ok(Self {
            socket,
            address,
            is_ready: false,
            is_ready_due: false,
            status: String::with_capacity(STATUS_MAX),
            is_status_due: false,
            retry_at: None,
            watchdog,
        })
    }

    /// The verdict is another, or its reasons are.
    pub(super) fn take_verdict(&mut self, verdict: Verdict) {
        self.status.clear();
        let _ = write!(self.status, "STATUS={}", verdict.state.name());
        let mut gap = ": ";
        for reason in verdict.reasons.names() {
            self.status += gap;
            self.status += reason;
            gap = ", ";
        }
        self.is_status_due = true;
    }

    /// We are ready once we listen, as we always do, and are subscribed, or poll what another has subscribed to.
    pub(super) fn take_link(&mut self, link: Link) {
        if !self.is_ready && link.is_up == Some(true) && link.subscribed.saturating_add(link.taken) > 0 {
            self.is_ready = true;
            self.is_ready_due = true;
        }
    }

    /// Says what is new, and that the loop goes round: who says it from nowhere else says so no more once that hangs.
    pub(super) fn advance(&mut self, now: Instant) {
        if self.retry_at.is_none_or(|at| at <= now) {
            self.is_ready_due = self.is_ready_due && self.is_busy_for("READY=1");
            self.is_status_due = self.is_status_due && self.is_busy_for(&self.status);
            self.retry_at = Some(now.after(RETRY_NS)).filter(|_| self.is_ready_due || self.is_status_due);
        }
        if let Some(watchdog) = &mut self.watchdog
            && watchdog.next <= now
        {
            watchdog.next = now.after(watchdog.every_ns);
            let _ = self.say("WATCHDOG=1");
        }
    }

    /// When there is something to say at the latest.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let watchdog = self.watchdog.as_ref().map(|watchdog| watchdog.next);
        watchdog.into_iter().chain(self.retry_at).min()
    }

    pub(super) fn stop(&mut self) {
        let _ = self.say("STOPPING=1");
    }

    /// Says something, unless the manager is too busy to hear it.
    fn is_busy_for(&self, text: &str) -> bool {
        self.say(text).is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }

    fn say(&self, text: &str) -> io::Result<usize> {
        self.socket.send_to_addr(text.as_bytes(), &self.address)
    }
}

/// Longest status, in bytes: all reasons at once.
const STATUS_MAX: usize = 512;
const MICROSECOND_NS: u64 = MILLISECOND_NS / 1000;
/// How long to wait for a manager that is busy.
const RETRY_NS: u64 = 100 * MILLISECOND_NS;

#[cfg(test)]
mod tests {
    use std::os::unix::net::SocketAddr;
    use std::time::Duration;

    use ptpwatch_core::event::State;
    use ptpwatch_core::verdict::{Reason, Reasons};

    use super::*;

    fn at(ms: u64) -> Instant {
        Instant::from_nanos(ms * MILLISECOND_NS)
    }

    /// A manager at an abstract name, or at a path.
    fn manager(name: &str) -> UnixDatagram {
        let socket = match name.strip_prefix('@') {
            Some(name) => UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(name).unwrap()),
            None => UnixDatagram::bind(name),
        };
        let socket = socket.unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        socket
    }

    fn heard(manager: &UnixDatagram) -> Vec<String> {
        let mut buffer = [0; 1024];
        let next = || {
            manager.recv(&mut buffer).ok().map(|count| String::from_utf8_lossy(&buffer[..count]).into_owned())
        };
        std::iter::from_fn(next).collect()
    }

    fn link(subscribed: u8, taken: u8) -> Link {
        Link { is_up: Some(true), wanted: 5, subscribed, taken, ..Link::default() }
    }

    fn unique(name: &str) -> String {
        format!("{name}-{}", process::id())
    }

    #[test]
    fn ready_and_status_are_said_once_each() {
        for name in [unique("@ptpwatch-ready"), format!("/tmp/{}", unique("ptpwatch-ready"))] {
            let manager = manager(&name);
            let mut systemd = Systemd::new(name.as_bytes(), None, at(0)).unwrap();
            systemd.advance(at(0));
            let reasons = Reasons::NONE.with(Reason::Starting).with(Reason::ProducerLost);
            systemd.take_verdict(Verdict { reasons, ..Verdict::default() });
            systemd.take_link(Link::default());
            systemd.take_link(link(0, 0));
            systemd.advance(at(1));
            assert_eq!(heard(&manager), ["STATUS=UNKNOWN: starting, producer-lost"]);
            systemd.take_link(link(1, 0));
            systemd.take_link(link(5, 0));
            systemd.take_verdict(Verdict { state: State::Locked, ..Verdict::default() });
            systemd.advance(at(2));
            systemd.take_link(Link { is_up: Some(false), ..link(0, 0) });
            systemd.take_link(link(5, 0));
            systemd.advance(at(3));
            assert_eq!(heard(&manager), ["READY=1", "STATUS=LOCKED"]);
            assert_eq!(systemd.deadline(), None);
            systemd.stop();
            assert_eq!(heard(&manager), ["STOPPING=1"]);
            if !name.starts_with('@') {
                std::fs::remove_file(name).unwrap();
            }
        }
    }

    #[test]
    fn who_polls_what_another_has_is_ready_too() {
        let name = unique("@ptpwatch-taken");
        let manager = manager(&name);
        let mut systemd = Systemd::new(name.as_bytes(), None, at(0)).unwrap();
        systemd.take_link(link(0, 5));
        systemd.advance(at(0));
        assert_eq!(heard(&manager), ["READY=1"]);
    }

    #[test]
    fn the_watchdog_hears_of_each_turn_at_half_of_its_time_and_of_none_in_between() {
        let name = unique("@ptpwatch-watchdog");
        let manager = manager(&name);
        let mut systemd = Systemd::new(name.as_bytes(), Some(1_000_000), at(0)).unwrap();
        for (ms, count, next_ms) in [(0, 1, 500), (1, 0, 500), (499, 0, 500), (500, 1, 1000), (5000, 1, 5500)]
        {
            systemd.advance(at(ms));
            assert_eq!(heard(&manager), vec!["WATCHDOG=1"; count], "{ms}");
            assert_eq!(systemd.deadline(), Some(at(next_ms)));
        }
        assert!(Systemd::new(name.as_bytes(), Some(0), at(0)).unwrap().watchdog.is_none());
    }

    #[test]
    fn a_manager_that_is_busy_is_told_later_and_one_that_is_gone_is_not_waited_for() {
        let name = unique("@ptpwatch-busy");
        let manager = manager(&name);
        let mut systemd = Systemd::new(name.as_bytes(), None, at(0)).unwrap();
        let mut sent = 0;
        while systemd.say("X=1").is_ok() {
            sent += 1;
        }
        systemd.take_link(link(5, 0));
        systemd.take_verdict(Verdict::default());
        systemd.advance(at(0));
        assert_eq!(systemd.deadline(), Some(at(100)));
        assert_eq!(heard(&manager).len(), sent);
        systemd.advance(at(99));
        assert_eq!(heard(&manager), [""; 0]);
        systemd.advance(at(100));
        assert_eq!(heard(&manager), ["READY=1", "STATUS=UNKNOWN"]);
        assert_eq!(systemd.deadline(), None);
        drop(manager);
        systemd.take_verdict(Verdict::default());
        systemd.advance(at(200));
        assert_eq!(systemd.deadline(), None);
    }

    #[test]
    fn no_status_is_longer_than_the_memory_for_it() {
        let name = unique("@ptpwatch-long");
        let mut systemd = Systemd::new(name.as_bytes(), None, at(0)).unwrap();
        let reasons = Reason::ALL.into_iter().fold(Reasons::NONE, Reasons::with);
        systemd.take_verdict(Verdict { state: State::Holdover, reasons, ..Verdict::default() });
        assert!(systemd.status.len() <= STATUS_MAX, "{}", systemd.status.len());
    }
}
