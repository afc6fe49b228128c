//! A simulated PTP event producer, without I/O and without a clock of its own: bytes and time are plain values.
//!
//! `ptpwatch simulate` and `ptpwatch demo` drive it over sockets, the tests' simulator in virtual time. It answers as
//! the producer does whose [`Manners`] it is given, quirks included, and a [`Script`] says what happens to its node.
//!
//! The contract is that of the consumer in `core`: after any `handle_*` drain [`Producer::poll_action`], then
//! [`Producer::poll_line`], then read [`Producer::poll_timeout`]. Time never goes back. A connection that is not
//! known is inert.

mod address;
mod agenda;
mod answer;
mod ask;
mod callbacks;
mod clock;
mod delivery;
mod endpoint;
mod envelope;
mod event;
mod facts;
mod faults;
mod go;
mod json;
mod manners;
mod names;
mod openshift;
mod pipe;
mod player;
mod python;
mod random;
mod resources;
mod script;
mod scripts;
mod serve;
mod server;
mod session;
mod stage;
mod starlingx;
mod subscribe;
mod subscriptions;
mod words;

pub use clock::{Clock, Gnss, Reading, State, Synce};
pub use manners::Manners;
pub use openshift::{OPENSHIFT_V1, OPENSHIFT_V1_HYBRID, OPENSHIFT_V2, OPENSHIFT_V2_DAEMON};
pub use script::{Script, ScriptError, ScriptFault};
pub use starlingx::{STARLINGX_V1, STARLINGX_V2, STARLINGX_V2_LEGACY, VMWARE};

use std::collections::VecDeque;

use ptpwatch_core::time::Instant;

use agenda::Agenda;
use answer::Answer;
use callbacks::Callbacks;
use delivery::{Purpose, Push};
use event::Site;
use faults::{Faults, History};
use player::Player;
use random::Random;
use session::Session;
use subscriptions::Store;

use crate::table::Table;

/// What a simulated producer is.
#[derive(Clone, Debug)]
pub struct Config {
    /// Which producer it imitates.
    pub manners: &'static Manners,
    /// The node's name.
    pub node: String,
    /// The network interface with the PTP clock, where clocks are named by that: `ens1f0`, which events call
    /// `ens1fx/master`.
    pub interface: String,
    /// Host and port in the locations it hands out.
    pub authority: String,
    /// Decides all identifiers, and the order where there is none.
    pub seed: u64,
    /// The wall-clock time at [`Instant`] 0, in nanoseconds since the Unix epoch.
    pub epoch_ns: u64,
}

/// A connection, of either direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Conn(u32);

impl Conn {
    /// A number that no other connection of this producer has.
    pub const fn number(self) -> u32 {
        self.0
    }
}

/// What the driver has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Connect; then [`Producer::handle_opened`], or [`Producer::handle_closed`] if that fails.
    Open {
        conn: Conn,
        /// A name or an address, an IPv6 address without brackets.
        host: String,
        port: u16,
    },
    /// There are bytes in [`Producer::send_window`].
    Write(Conn),
    /// Close at once. The connection is forgotten already.
    Close(Conn),
}

/// The simulated producer.
#[derive(Debug)]
pub struct Producer {
    site: Site,
    epoch_ns: u64,
    random: Random,
    player: Player,
    clock: Clock,
    /// What CurrentState is told from.
    history: History,
    /// What subscribers were last told of the overall state.
    reported_sync_state: Option<State>,
    /// When the OS clock follows the PTP clock, and where.
    follow_at: Option<(Instant, State)>,
    /// When a restart ends.
    back_at: Option<Instant>,
    /// When there is data again after a restart.
    ready_at: Instant,
    faults: Faults,
    store: Store,
    sessions: Table<Conn, Session>,
    callbacks: Callbacks<Purpose>,
    /// Events to deliver.
    queue: Agenda<Push>,
    /// Answers that wait.
    held: Agenda<(Conn, Answer)>,
    conns_named: u32,
    actions: VecDeque<Action>,
    lines: VecDeque<String>,
}

impl Producer {
    /// A producer that has just come up. Its script begins with the first [`Self::handle_timeout`].
    pub fn new(config: Config, script: Script, now: Instant) -> Self {
        let manners = config.manners;
        Self {
            site: Site {
                manners,
                node: config.node,
                interface: config.interface,
                authority: config.authority,
            },
            epoch_ns: config.epoch_ns,
            random: Random::new(config.seed),
            player: Player::new(script, now),
            clock: Clock::default(),
            history: History::new(),
            reported_sync_state: None,
            follow_at: None,
            back_at: None,
            ready_at: now,
            faults: Faults::none(manners),
            store: Store::new(manners),
            sessions: Table::new(),
            callbacks: Callbacks::new(manners.client),
            queue: Agenda::new(),
            held: Agenda::new(),
            conns_named: 0,
            actions: VecDeque::new(),
            lines: VecDeque::new(),
        }
    }

    /// A consumer connects. `None` refuses it: the producer is down, or has too many.
    pub fn handle_accepted(&mut self, now: Instant) -> Option<Conn> {
        if self.is_down(now) || self.sessions.len() >= SESSIONS_MAX {
            return None;
        }
        let conn = self.next_conn();
        self.sessions.insert(conn, Session::new(self.site.manners.server));
        Some(conn)
    }

    /// A connection that [`Action::Open`] asked for stands.
    pub fn handle_opened(&mut self, _now: Instant, conn: Conn) {
        if self.callbacks.handle_opened(conn) {
            self.announce_output(conn);
        }
    }

    /// Bytes have come.
    pub fn handle_received(&mut self, now: Instant, conn: Conn, bytes: &[u8]) {
        if let Some(session) = self.sessions.get_mut(conn) {
            session.receive(bytes);
            self.serve(now, conn);
        } else if let Some(progress) = self.callbacks.handle_received(now, conn, bytes) {
            if progress.close {
                self.actions.push_back(Action::Close(conn));
            }
            if let Some((purpose, outcome)) = progress.ended {
                self.finish(now, purpose, outcome);
            }
        }
    }

    /// The first `count` bytes of [`Self::send_window`] have left.
    pub fn handle_sent(&mut self, _now: Instant, conn: Conn, count: usize) {
        let Some(session) = self.sessions.get_mut(conn) else {
            return self.callbacks.handle_sent(conn, count);
        };
        if session.handle_sent(count) {
            self.sessions.remove(conn);
            self.actions.push_back(Action::Close(conn));
        }
    }

    /// The peer closed, or the connection failed, or it could not be made.
    pub fn handle_closed(&mut self, now: Instant, conn: Conn) {
        self.sessions.remove(conn);
        self.held.retain(|(waiting, _)| *waiting != conn);
        if let Some((purpose, outcome)) = self.callbacks.handle_closed(conn) {
            self.finish(now, purpose, outcome);
        }
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.expire(now);
        self.release(now);
        self.perform(now);
        self.deliver(now);
    }

    /// The bytes to send on a connection.
    pub fn send_window(&self, conn: Conn) -> &[u8] {
        let session = self.sessions.get(conn);
        session.map_or_else(|| self.callbacks.outbox(conn), Session::outbox)
    }

    /// What to do next, if anything.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// What happened, for people: `lock-state HOLDOVER`, `push lock-state -> 204`, `restart`.
    pub fn poll_line(&mut self) -> Option<String> {
        self.lines.pop_front()
    }

    /// When to call [`Self::handle_timeout`] next; `None` if nothing is waited for.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let follow_at = self.follow_at.map(|(at, _)| at);
        let all = [
            self.player.due(),
            follow_at,
            self.back_at,
            self.callbacks.deadline(),
            self.next_delivery(),
            self.held.due(),
        ];
        all.into_iter().flatten().min()
    }

    /// Whether the script ran to its end.
    pub fn is_finished(&self) -> bool {
        self.player.is_finished() && self.follow_at.is_none() && self.back_at.is_none()
    }

    /// Whether the process is gone for the moment; nobody listens then.
    pub fn is_down(&self, now: Instant) -> bool {
        self.back_at.is_some_and(|back_at| now < back_at)
    }

    /// What the clocks of the node really are.
    pub fn truth(&self) -> &Clock {
        &self.clock
    }

    fn has_data(&self, now: Instant) -> bool {
        now >= self.ready_at
    }

    /// The time by the node's own clock.
    fn wall_ns(&self, now: Instant) -> u64 {
        self.epoch_ns.saturating_add(now.as_nanos()).saturating_add_signed(self.faults.step_ns)
    }

    fn next_conn(&mut self) -> Conn {
        self.conns_named = self.conns_named.wrapping_add(1);
        Conn(self.conns_named)
    }

    fn announce_output(&mut self, conn: Conn) {
        let action = Action::Write(conn);
        if !self.send_window(conn).is_empty() && !self.actions.contains(&action) {
            self.actions.push_back(action);
        }
    }

    fn tell(&mut self, line: impl Into<String>) {
        if self.lines.len() >= LINES_MAX {
            self.lines.pop_front();
        }
        self.lines.push_back(line.into());
    }
}

/// Connections of consumers at a time.
const SESSIONS_MAX: usize = 256;

/// Lines kept for someone who does not ask for them.
const LINES_MAX: usize = 1024;

#[cfg(test)]
mod tests;
