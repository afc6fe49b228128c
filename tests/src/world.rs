//! One consumer and one simulated producer, connected by bytes that move when the world says so.

use ptpwatch::producer::{self, Manners, Producer, Script};
use ptpwatch_core::consumer::{Action, Config, ConnId, Consumer, Link, Notice, Storage};
use ptpwatch_core::dialect::Dialect;
use ptpwatch_core::event::{Resource, State};
use ptpwatch_core::time::Instant;
use ptpwatch_core::track::{Freshness, Value};
use ptpwatch_core::verdict::{Policy, Reasons, Role};
use std::collections::{BTreeMap, VecDeque};

/// The node of every world, by its full name.
pub const NODE: &str = "compute-1.example.com";

/// How the network between the two behaves.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    /// Most bytes moved at a time.
    pub piece: usize,
    /// Whether connections to the consumer are accepted.
    pub reaches_consumer: bool,
    /// Whether connections to the producer are accepted.
    pub reaches_producer: bool,
    /// Whether nothing gets through, on open connections either, and nobody is told.
    pub is_cut: bool,
}

impl Default for Network {
    fn default() -> Self {
        Self { piece: usize::MAX, reaches_consumer: true, reaches_producer: true, is_cut: false }
    }
}

/// A notice, kept.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// A channel: resource, instance, value, freshness, transitions.
    Channel {
        resource: Resource,
        instance: String,
        value: Option<Value>,
        freshness: Freshness,
        transitions: u32,
    },
    /// The verdict: state, reasons, transitions.
    Verdict { state: State, reasons: Reasons, transitions: u32 },
    /// The link.
    Link(Link),
}

/// One consumer and one simulated producer.
#[derive(Debug)]
pub struct World {
    /// The consumer.
    pub consumer: Consumer<'static>,
    /// The producer.
    pub producer: Producer,
    /// How the network behaves.
    pub network: Network,
    /// Everything told so far, with its time in milliseconds.
    pub told: Vec<(u64, Told)>,
    /// The lines that the producer wrote.
    pub lines: Vec<(u64, String)>,
    /// Requests and answers of the consumer as they stood on the wire, in order.
    pub sent: Vec<u8>,
    dialect: &'static Dialect,
    now: Instant,
    pairs: BTreeMap<producer::Conn, Option<ConnId>>,
    arrivals: VecDeque<producer::Conn>,
}

impl World {
    /// A world in which nothing has happened.
    pub fn new(dialect: &'static Dialect, script: &str, change: impl FnOnce(&mut Config<'static>)) -> Self {
        let now = Instant::from_nanos(5_000_000_000);
        let consumer = consumer(dialect, now, change);
        let manners = Manners::named(dialect.name).expect("every dialect is simulated");
        let config = producer::Config {
            manners,
            node: NODE.to_owned(),
            interface: "ens1f0".to_owned(),
            authority: "localhost:9043".to_owned(),
            seed: 7,
            epoch_ns: 1_795_370_000_000_000_000,
        };
        let script =
            Script::named(script).unwrap_or_else(|| Script::parse(script).expect("the script is good"));
        Self {
            consumer,
            producer: Producer::new(config, script, now),
            network: Network::default(),
            told: Vec::new(),
            lines: Vec::new(),
            sent: Vec::new(),
            dialect,
            now,
            pairs: BTreeMap::new(),
            arrivals: VecDeque::new(),
        }
    }

    /// Virtual milliseconds since the start.
    pub fn millis(&self) -> u64 {
        self.now.as_nanos() / 1_000_000 - 5_000
    }

    /// The time now.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Lets `millis` pass.
    pub fn run(&mut self, millis: u64) {
        let end = self.now.after(millis * 1_000_000);
        loop {
            self.settle();
            let next = self.consumer.poll_timeout().into_iter().chain(self.producer.poll_timeout()).min();
            match next {
                Some(at) if at <= end => {
                    assert!(at >= self.now || self.consumer.poll_timeout() != Some(at), "time goes on");
                    self.now = self.now.max(at);
                }
                _ => {
                    self.now = end;
                    self.settle();
                    return;
                }
            }
            self.consumer.handle_timeout(self.now);
            self.producer.handle_timeout(self.now);
        }
    }

    /// Lets time pass until `done`, for `millis` at most; whether it came to that.
    pub fn run_until(&mut self, millis: u64, mut done: impl FnMut(&Self) -> bool) -> bool {
        let end = self.millis() + millis;
        while !done(self) {
            if self.millis() >= end {
                return false;
            }
            self.run(1);
        }
        true
    }

    /// Has the consumer take its leave.
    pub fn stop(&mut self) {
        self.consumer.handle_stop(self.now);
        self.settle();
    }

    /// Kills the consumer without a word, and starts another.
    pub fn restart_consumer(&mut self, change: impl FnOnce(&mut Config<'static>)) {
        for (peer, _) in std::mem::take(&mut self.pairs) {
            self.producer.handle_closed(self.now, peer);
        }
        self.arrivals.clear();
        self.sent.clear();
        self.consumer = consumer(self.dialect, self.now, change);
    }

    /// The states that the verdict went through, as it was told.
    pub fn verdicts(&self) -> Vec<State> {
        let mut states: Vec<State> = Vec::new();
        for (_, told) in &self.told {
            if let Told::Verdict { state, .. } = told
                && states.last() != Some(state)
            {
                states.push(*state);
            }
        }
        states
    }

    /// Moves everything that can move at this moment.
    pub fn settle(&mut self) {
        for round in 0.. {
            assert!(round < 1_000_000, "the world comes to rest");
            let acted = self.drain_consumer() | self.drain_producer();
            let moved = self.move_bytes() | self.accept();
            if !acted && !moved {
                return;
            }
        }
    }

    fn drain_consumer(&mut self) -> bool {
        let mut acted = false;
        while let Some(action) = self.consumer.poll_action() {
            acted = true;
            match action {
                Action::Open(conn) => self.open_to_producer(conn),
                Action::Close(conn) => self.close_of_consumer(conn),
                Action::Write(_) => {}
            }
        }
        let at = self.millis();
        while let Some(notice) = self.consumer.poll_notice() {
            self.told.push((at, keep(&notice)));
        }
        acted
    }

    fn open_to_producer(&mut self, conn: ConnId) {
        if self.network.is_cut {
            return;
        }
        let is_reached = self.network.reaches_producer && !self.producer.is_down(self.now);
        match self.producer.handle_accepted(self.now).filter(|_| is_reached) {
            Some(peer) => {
                self.pairs.insert(peer, Some(conn));
                self.consumer.handle_opened(self.now, conn);
            }
            None => self.consumer.handle_closed(self.now, conn),
        }
    }

    fn close_of_consumer(&mut self, conn: ConnId) {
        let peers: Vec<_> =
            self.pairs.iter().filter(|(_, ours)| **ours == Some(conn)).map(|(peer, _)| *peer).collect();
        for peer in peers {
            self.pairs.remove(&peer);
            self.producer.handle_closed(self.now, peer);
        }
    }

    fn drain_producer(&mut self) -> bool {
        let mut acted = false;
        while let Some(action) = self.producer.poll_action() {
            acted = true;
            match action {
                producer::Action::Open { .. } if self.network.is_cut => {}
                producer::Action::Open { conn, .. } if self.network.reaches_consumer => {
                    self.pairs.insert(conn, None);
                    self.arrivals.push_back(conn);
                    self.producer.handle_opened(self.now, conn);
                }
                producer::Action::Open { conn, .. } => self.producer.handle_closed(self.now, conn),
                producer::Action::Close(conn) => {
                    if let Some(Some(ours)) = self.pairs.remove(&conn) {
                        self.consumer.handle_end(self.now, ours);
                        self.drain_consumer();
                        self.consumer.handle_closed(self.now, ours);
                    }
                    self.arrivals.retain(|waiting| *waiting != conn);
                }
                producer::Action::Write(_) => {}
            }
        }
        let at = self.millis();
        while let Some(line) = self.producer.poll_line() {
            self.lines.push((at, line));
        }
        acted
    }

    fn accept(&mut self) -> bool {
        let mut accepted = false;
        while !self.arrivals.is_empty() {
            let Some(conn) = self.consumer.admit(self.now) else { break };
            let peer = self.arrivals.pop_front().expect("it is not empty");
            self.pairs.insert(peer, Some(conn));
            accepted = true;
        }
        accepted
    }

    fn move_bytes(&mut self) -> bool {
        let mut moved = false;
        if self.network.is_cut {
            return false;
        }
        for (peer, conn) in self.pairs.clone() {
            let Some(conn) = conn else { continue };
            moved |= self.move_to_consumer(peer, conn) | self.move_to_producer(peer, conn);
        }
        moved
    }

    fn move_to_consumer(&mut self, peer: producer::Conn, conn: ConnId) -> bool {
        let window = self.consumer.recv_window(conn);
        let bytes = self.producer.send_window(peer);
        let count = bytes.len().min(window.len()).min(self.network.piece);
        if count == 0 {
            return false;
        }
        window[..count].copy_from_slice(&bytes[..count]);
        self.producer.handle_sent(self.now, peer, count);
        self.consumer.handle_received(self.now, conn, count);
        true
    }

    fn move_to_producer(&mut self, peer: producer::Conn, conn: ConnId) -> bool {
        let bytes = self.consumer.send_window(conn);
        let bytes = bytes[..bytes.len().min(self.network.piece)].to_vec();
        if bytes.is_empty() {
            return false;
        }
        self.consumer.handle_sent(self.now, conn, bytes.len());
        self.producer.handle_received(self.now, peer, &bytes);
        self.sent.extend_from_slice(&bytes);
        true
    }
}

fn consumer(
    dialect: &'static Dialect,
    now: Instant,
    change: impl FnOnce(&mut Config<'static>),
) -> Consumer<'static> {
    let mut config = Config::new(dialect, NODE, "localhost:9043", "http://localhost:8989/event");
    config.policy = Policy::for_role(Role::OrdinaryClock);
    change(&mut config);
    let storage: &'static mut Storage = Box::leak(Box::default());
    Consumer::new(storage, config, now).expect("the configuration is good")
}

fn keep(notice: &Notice<'_>) -> Told {
    match notice {
        Notice::Channel(_, report) => Told::Channel {
            resource: report.channel.resource(),
            instance: String::from_utf8_lossy(report.channel.instance()).into_owned(),
            value: report.channel.value(),
            freshness: report.channel.freshness(),
            transitions: report.transitions,
        },
        Notice::Verdict(_, report) => Told::Verdict {
            state: report.verdict.state,
            reasons: report.verdict.reasons,
            transitions: report.transitions,
        },
        Notice::Link(_, link) => Told::Link(*link),
    }
}
