//! What a world needs of a consumer: its contract, whichever language it is called in.

use super::Told;
use ptpwatch_core::consumer::{Action, Config, ConnId, Consumer, Link, Stats, Storage};
use ptpwatch_core::event::Resource;
use ptpwatch_core::time::Instant;
use ptpwatch_core::verdict::Verdict;
use std::fmt::Debug;

/// A consumer: each method does what that of [`Consumer`] does.
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
