//! What a world needs of a consumer, and of the home it lives in: the same scenarios run in each.

use super::Told;
use ptpwatch_core::consumer::{Action, Config, ConnId, Consumer, Link, Notice, Stats, Storage};
use ptpwatch_core::event::Resource;
use ptpwatch_core::time::Instant;
use ptpwatch_core::verdict::Verdict;
use std::fmt::Debug;

/// The consumer's contract, whichever language it is called in: each method does what that of [`Consumer`] does.
pub trait Machine: Debug + Sized {
    /// What it lives in.
    type Memory: Debug;
    /// One of its connections.
    type Conn: Copy + Eq + Debug;

    /// Memory for one, that is never given back.
    fn memory() -> Self::Memory;

    fn new(memory: Self::Memory, config: Config<'static>, now: Instant) -> Self;
    fn admit(&mut self, now: Instant) -> Option<Self::Conn>;
    fn handle_opened(&mut self, now: Instant, conn: Self::Conn);
    fn handle_end(&mut self, now: Instant, conn: Self::Conn);
    fn handle_received(&mut self, now: Instant, conn: Self::Conn, count: usize);
    fn handle_sent(&mut self, now: Instant, conn: Self::Conn, count: usize);
    fn handle_closed(&mut self, now: Instant, conn: Self::Conn);
    fn handle_timeout(&mut self, now: Instant);
    fn handle_stop(&mut self, now: Instant);
    fn recv_window(&mut self, conn: Self::Conn) -> &mut [u8];
    fn send_window(&self, conn: Self::Conn) -> &[u8];
    fn poll_action(&mut self) -> Option<Task<Self::Conn>>;
    fn poll_notice(&mut self) -> Option<Told>;
    fn poll_timeout(&self) -> Option<Instant>;
    fn verdict(&self) -> Verdict;
    fn link(&self) -> Link;
    fn stats(&self) -> Stats;
    fn is_stopped(&self) -> bool;

    /// The instances that there are channels of for a resource.
    fn instances(&self, resource: Resource) -> Vec<String>;
}

/// What a machine asks for: [`Action`], with connections of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task<Conn> {
    Open(Conn),
    Close(Conn),
    Write(Conn),
}

/// A connection as others see it: a number that no other of the same home has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wire(pub u32);

/// A way to bring bytes and time to a machine, seen from outside: from the other ends of its connections.
pub trait Home: Sized {
    /// Who lives there.
    type Machine: Machine;
    /// What it is made of.
    type Memory: Debug;

    /// Memory for one, that is never given back.
    fn memory() -> Self::Memory;

    /// A home for a consumer that has done nothing yet.
    fn new(memory: Self::Memory, config: Config<'static>, now: Instant) -> Self;

    /// Who lives there.
    fn machine(&self) -> &Self::Machine;

    /// Does all that can be done at this time; whether that was anything. Time may have passed.
    fn advance(&mut self, now: Instant) -> bool;

    /// Waits for what others did not deliver yet, where there are others; whether anything came.
    fn wait(&mut self, _now: Instant) -> bool {
        false
    }

    /// When to call [`advance`](Self::advance) next, though nobody calls or sends.
    fn poll_timeout(&mut self) -> Option<Instant>;

    /// What changed.
    fn poll_notice(&mut self) -> Option<Told>;

    /// Has the machine take its leave.
    fn stop(&mut self, now: Instant);

    /// Whether anybody listens where the producer is. A home that hears of calls before they are answered needs not know.
    fn set_reachable(&mut self, _is_reachable: bool) {}

    /// A connection that the machine opens to the producer: to be [answered](Self::answer), or left to wait.
    fn poll_call(&mut self) -> Option<Wire>;

    /// Takes the call, or refuses it.
    fn answer(&mut self, now: Instant, wire: Wire, is_taken: bool);

    /// Connects to the machine; `None` if that is refused. Being let in may take a while.
    fn connect(&mut self, now: Instant) -> Option<Wire>;

    /// Sends to the machine; how many bytes were taken.
    fn send(&mut self, now: Instant, wire: Wire, bytes: &[u8]) -> usize;

    /// Takes what the machine sent, `room` bytes at most.
    fn receive(&mut self, now: Instant, wire: Wire, room: usize) -> Vec<u8>;

    /// Sends no more to the machine.
    fn end(&mut self, now: Instant, wire: Wire);

    /// Closes in good order: what was sent arrives, and nothing more is taken.
    fn close(&mut self, now: Instant, wire: Wire);

    /// Breaks the connection.
    fn reset(&mut self, now: Instant, wire: Wire);

    /// A connection that the machine has closed, and from which everything was received.
    fn poll_closed(&mut self) -> Option<Wire>;
}

impl<'s> Machine for Consumer<'s> {
    type Memory = &'s mut Storage;
    type Conn = ConnId;

    fn memory() -> &'s mut Storage {
        Box::leak(Box::new(Storage::new()))
    }

    fn new(memory: &'s mut Storage, config: Config<'static>, now: Instant) -> Self {
        Self::new(memory, config, now).expect("the configuration is good")
    }

    fn admit(&mut self, now: Instant) -> Option<ConnId> {
        self.admit(now)
    }

    fn handle_opened(&mut self, now: Instant, conn: ConnId) {
        self.handle_opened(now, conn);
    }

    fn handle_end(&mut self, now: Instant, conn: ConnId) {
        self.handle_end(now, conn);
    }

    fn handle_received(&mut self, now: Instant, conn: ConnId, count: usize) {
        self.handle_received(now, conn, count);
    }

    fn handle_sent(&mut self, now: Instant, conn: ConnId, count: usize) {
        self.handle_sent(now, conn, count);
    }

    fn handle_closed(&mut self, now: Instant, conn: ConnId) {
        self.handle_closed(now, conn);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.handle_timeout(now);
    }

    fn handle_stop(&mut self, now: Instant) {
        self.handle_stop(now);
    }

    fn recv_window(&mut self, conn: ConnId) -> &mut [u8] {
        self.recv_window(conn)
    }

    fn send_window(&self, conn: ConnId) -> &[u8] {
        self.send_window(conn)
    }

    fn poll_action(&mut self) -> Option<Task<ConnId>> {
        self.poll_action().map(|action| match action {
            Action::Open(conn) => Task::Open(conn),
            Action::Close(conn) => Task::Close(conn),
            Action::Write(conn) => Task::Write(conn),
        })
    }

    fn poll_notice(&mut self) -> Option<Told> {
        self.poll_notice().map(Told::from)
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.poll_timeout()
    }

    fn verdict(&self) -> Verdict {
        self.verdict()
    }

    fn link(&self) -> Link {
        self.link()
    }

    fn stats(&self) -> Stats {
        self.stats()
    }

    fn is_stopped(&self) -> bool {
        self.is_stopped()
    }

    fn instances(&self, resource: Resource) -> Vec<String> {
        let of_it = self.channels().filter(|channel| channel.resource() == resource);
        of_it.map(|channel| String::from_utf8_lossy(channel.instance()).into_owned()).collect()
    }
}

impl From<Notice<'_>> for Told {
    fn from(notice: Notice<'_>) -> Self {
        match notice {
            Notice::Channel(_, report) => Self::Channel {
                resource: report.channel.resource(),
                instance: String::from_utf8_lossy(report.channel.instance()).into_owned(),
                value: report.channel.value(),
                freshness: report.channel.freshness(),
                transitions: report.transitions,
            },
            Notice::Verdict(_, report) => Self::Verdict {
                state: report.verdict.state,
                reasons: report.verdict.reasons,
                transitions: report.transitions,
            },
            Notice::Link(_, link) => Self::Link(link),
        }
    }
}
