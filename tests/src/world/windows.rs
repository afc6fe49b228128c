//! A home without walls: bytes go straight into the windows of a machine, and out of them.

use super::Told;
use super::home::{Home, Wire};
use super::machine::{Machine, Task};
use ptpwatch_core::consumer::Config;
use ptpwatch_core::time::Instant;
use std::collections::{BTreeMap, VecDeque};

/// A machine, and what its connections are called outside.
#[derive(Debug)]
pub struct Windows<M: Machine> {
    pub(crate) machine: M,
    conns: BTreeMap<Wire, M::Conn>,
    /// Connected, and not admitted yet.
    backlog: VecDeque<Wire>,
    calls: VecDeque<Wire>,
    closed: VecDeque<Wire>,
    named: u32,
    admitted: usize,
    now: Instant,
}

impl<M: Machine> Home for Windows<M> {
    type Machine = M;
    type Memory = M::Memory;

    fn memory() -> M::Memory {
        M::memory()
    }

    fn new(memory: M::Memory, config: Config<'static>, now: Instant) -> Self {
        Self {
            machine: M::new(memory, config, now),
            conns: BTreeMap::new(),
            backlog: VecDeque::new(),
            calls: VecDeque::new(),
            closed: VecDeque::new(),
            named: 0,
            admitted: 0,
            now,
        }
    }

    fn machine(&self) -> &M {
        &self.machine
    }

    fn advance(&mut self, now: Instant) -> bool {
        if std::mem::replace(&mut self.now, now) < now {
            self.machine.handle_timeout(now);
        }
        let mut acted = self.act();
        while let Some(wire) = self.backlog.front().copied() {
            let Some(conn) = self.machine.admit(now) else { break };
            self.backlog.pop_front();
            self.conns.insert(wire, conn);
            self.admitted += 1;
            self.act();
            acted = true;
        }
        acted
    }

    fn poll_timeout(&mut self) -> Option<Instant> {
        self.machine.poll_timeout()
    }

    fn poll_notice(&mut self) -> Option<Told> {
        self.machine.poll_notice()
    }

    fn stop(&mut self, now: Instant) {
        self.machine.handle_stop(now);
    }

    fn poll_call(&mut self) -> Option<Wire> {
        self.calls.pop_front()
    }

    fn answer(&mut self, now: Instant, wire: Wire, is_taken: bool) {
        let Some(conn) = self.conns.get(&wire).copied() else { return };
        if is_taken {
            self.machine.handle_opened(now, conn);
        } else {
            self.reset(now, wire);
        }
    }

    fn connect(&mut self, _now: Instant) -> Option<Wire> {
        let wire = self.name();
        self.backlog.push_back(wire);
        Some(wire)
    }

    fn send(&mut self, now: Instant, wire: Wire, bytes: &[u8]) -> usize {
        let Some(conn) = self.conns.get(&wire).copied() else { return 0 };
        let window = self.machine.recv_window(conn);
        let count = bytes.len().min(window.len());
        if count > 0 {
            window[..count].copy_from_slice(&bytes[..count]);
            self.machine.handle_received(now, conn, count);
        }
        count
    }

    fn receive(&mut self, now: Instant, wire: Wire, room: usize) -> Vec<u8> {
        let Some(conn) = self.conns.get(&wire).copied() else { return Vec::new() };
        let window = self.machine.send_window(conn);
        let bytes = window[..window.len().min(room)].to_vec();
        if !bytes.is_empty() {
            self.machine.handle_sent(now, conn, bytes.len());
        }
        bytes
    }

    fn end(&mut self, now: Instant, wire: Wire) {
        if let Some(conn) = self.conns.get(&wire) {
            self.machine.handle_end(now, *conn);
        }
    }

    fn close(&mut self, now: Instant, wire: Wire) {
        self.end(now, wire);
        self.act();
        self.reset(now, wire);
    }

    fn reset(&mut self, now: Instant, wire: Wire) {
        self.backlog.retain(|waiting| *waiting != wire);
        if let Some(conn) = self.conns.remove(&wire) {
            self.machine.handle_closed(now, conn);
        }
    }

    fn poll_closed(&mut self) -> Option<Wire> {
        self.closed.pop_front()
    }
}

impl<M: Machine> Windows<M> {
    /// Connections that were let in.
    pub fn admitted(&self) -> usize {
        self.admitted
    }

    /// Does what the machine asks for; whether it did.
    fn act(&mut self) -> bool {
        let mut acted = false;
        while let Some(task) = self.machine.poll_action() {
            acted = true;
            match task {
                Task::Open(conn) => {
                    let wire = self.name();
                    self.conns.insert(wire, conn);
                    self.calls.push_back(wire);
                }
                Task::Close(conn) => self.forget(conn),
                Task::Write(_) => {}
            }
        }
        acted
    }

    fn forget(&mut self, conn: M::Conn) {
        let wire = self.conns.iter().find(|(_, held)| **held == conn).map(|(wire, _)| *wire);
        if let Some(wire) = wire {
            self.conns.remove(&wire);
            self.calls.retain(|calling| *calling != wire);
            self.closed.push_back(wire);
        }
    }

    fn name(&mut self) -> Wire {
        self.named += 1;
        Wire(self.named)
    }
}
