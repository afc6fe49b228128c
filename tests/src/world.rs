//! One consumer and one simulated producer, connected by bytes that move when the world says so.

use crate::network::{Fate, Network};
use ptpwatch::producer::{self, Manners, Producer, Script};
use ptpwatch_core::consumer::{Action, Config, ConnId, Consumer, Link, Notice, Storage};
use ptpwatch_core::dialect::Dialect;
use ptpwatch_core::event::{Resource, State};
use ptpwatch_core::time::Instant;
use ptpwatch_core::track::{Freshness, Value};
use ptpwatch_core::verdict::{Policy, Reasons, Role};
use std::collections::{BTreeMap, VecDeque};
use std::slice::IterMut;

/// The node of every world, by its full name.
pub const NODE: &str = "compute-1.example.com";

/// Where every world's consumer takes notifications.
pub const ENDPOINT: &str = "http://localhost:8989/event";

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

/// One connection between the two.
#[derive(Clone, Copy, Debug)]
struct Pair {
    /// The consumer's end; `None` while it waits to be accepted.
    ours: Option<ConnId>,
    /// No byte moves before then.
    ready_at: Instant,
    /// Whether no byte moves any more, and nobody is told.
    is_dead: bool,
}

/// One consumer and one simulated producer.
#[derive(Debug)]
pub struct World<'s> {
    /// The consumer.
    pub consumer: Consumer<'s>,
    /// The producer.
    pub producer: Producer,
    /// Which producer that is.
    pub(crate) manners: &'static Manners,
    /// How the network behaves.
    pub network: Network,
    /// Everything told so far, with its time in milliseconds.
    pub told: Vec<(u64, Told)>,
    /// The lines that the producer wrote.
    pub lines: Vec<(u64, String)>,
    /// Connections that the consumer accepted.
    pub accepted: usize,
    /// Requests and answers of the consumer as they stood on the wire, in order.
    pub sent: Vec<u8>,
    /// Memory for consumers to come.
    spares: IterMut<'s, Storage>,
    now: Instant,
    pairs: BTreeMap<producer::Conn, Pair>,
    /// Connections to somebody else's endpoint, which answers 204 to whatever comes.
    others: Vec<producer::Conn>,
    /// Connections of the consumer that ended at a proxy, which says that nobody is there.
    proxied: Vec<ConnId>,
    arrivals: VecDeque<producer::Conn>,
}

/// What a proxy says when nobody is there.
const UNAVAILABLE: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\nConnection: close\r\n\r\n{\"a\"";

/// The port of [`ENDPOINT`].
const OUR_PORT: u16 = 8989;

/// When every world begins.
const START: Instant = Instant::from_nanos(5_000_000_000);

impl World<'static> {
    /// A world in which nothing has happened, with memory for four consumers, one after the other.
    pub fn new(dialect: &'static Dialect, script: &str, change: impl FnOnce(&mut Config<'static>)) -> Self {
        let memory: Vec<Storage> = (0..4).map(|_| Storage::new()).collect();
        Self::within(memory.leak(), dialect, script, change)
    }
}

impl<'s> World<'s> {
    /// A world in which nothing has happened, in the memory of as many consumers as it can have, one after the other.
    pub fn within(
        memory: &'s mut [Storage],
        dialect: &'static Dialect,
        script: &str,
        change: impl FnOnce(&mut Config<'static>),
    ) -> Self {
        let mut spares = memory.iter_mut();
        let manners = Manners::named(dialect.name).expect("every dialect is simulated");
        Self {
            consumer: consumer(&mut spares, Some(dialect), START, change).expect("there is memory"),
            producer: new_producer(manners, script, START, 7),
            manners,
            network: Network::default(),
            told: Vec::new(),
            lines: Vec::new(),
            accepted: 0,
            sent: Vec::new(),
            spares,
            now: START,
            pairs: BTreeMap::new(),
            others: Vec::new(),
            proxied: Vec::new(),
            arrivals: VecDeque::new(),
        }
    }

    /// Virtual milliseconds since the start.
    pub fn millis(&self) -> u64 {
        self.now.since(START) / 1_000_000
    }

    /// The time now.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Lets `millis` pass.
    pub fn run(&mut self, millis: u64) {
        self.run_observed(millis, |_| true);
    }

    /// Lets `millis` pass, and calls `observe` after each step; it says whether to go on.
    pub fn run_observed(&mut self, millis: u64, mut observe: impl FnMut(&mut Self) -> bool) {
        let end = self.now.after(millis * 1_000_000);
        let mut standstill = 0;
        loop {
            self.settle();
            if !observe(self) {
                return;
            }
            let next = self.next_at();
            if next > end {
                break;
            }
            standstill = if next <= self.now { standstill + 1 } else { 0 };
            assert!(standstill < 1000, "time goes on");
            self.now = self.now.max(next);
            self.consumer.handle_timeout(self.now);
            self.producer.handle_timeout(self.now);
        }
        self.now = end;
        self.consumer.handle_timeout(self.now);
        self.producer.handle_timeout(self.now);
        self.settle();
        let _ = observe(self);
    }

    /// The next time that anything happens by itself.
    fn next_at(&self) -> Instant {
        let delayed = self
            .pairs
            .values()
            .filter(|pair| !pair.is_dead && pair.ready_at > self.now)
            .map(|pair| pair.ready_at);
        self.consumer
            .poll_timeout()
            .into_iter()
            .chain(self.producer.poll_timeout())
            .chain(delayed)
            .min()
            .unwrap_or(Instant::MAX)
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

    /// Kills the consumer without a word, and starts another; `false` if there is no memory for one.
    pub fn restart_consumer(
        &mut self,
        dialect: Option<&'static Dialect>,
        change: impl FnOnce(&mut Config<'static>),
    ) -> bool {
        let Some(consumer) = consumer(&mut self.spares, dialect, self.now, change) else { return false };
        self.sever();
        self.sent.clear();
        self.consumer = consumer;
        true
    }

    /// Puts another producer in the place of the one there is: an upgrade, or a node that was started anew.
    pub fn replace_producer(&mut self, manners: &'static Manners, script: &str, seed: u64) {
        self.sever();
        self.others.clear();
        self.manners = manners;
        self.producer = new_producer(manners, script, self.now, seed);
    }

    /// Ends every connection, and tells both ends.
    pub fn sever(&mut self) {
        for (peer, pair) in std::mem::take(&mut self.pairs) {
            self.producer.handle_closed(self.now, peer);
            if let Some(ours) = pair.ours {
                self.consumer.handle_closed(self.now, ours);
            }
        }
        self.arrivals.clear();
    }

    /// Whether the producer answers, and every resource is subscribed to.
    pub fn is_subscribed(&self) -> bool {
        let link = self.consumer.link();
        link.is_up == Some(true) && link.subscribed == link.wanted
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
            let moved = self.move_bytes() | self.answer_others() | self.answer_proxied() | self.accept();
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
        match self.network.fate_of_opening(self.network.reaches_producer) {
            Fate::Lost => return,
            Fate::Refused => return self.consumer.handle_closed(self.now, conn),
            Fate::Proxied => {
                self.proxied.push(conn);
                return self.consumer.handle_opened(self.now, conn);
            }
            Fate::Through => {}
        }
        if self.producer.is_down(self.now) {
            return self.consumer.handle_closed(self.now, conn);
        }
        match self.producer.handle_accepted(self.now) {
            Some(peer) => {
                self.pairs.insert(peer, Pair { ours: Some(conn), ready_at: self.now, is_dead: false });
                self.consumer.handle_opened(self.now, conn);
            }
            None => self.consumer.handle_closed(self.now, conn),
        }
    }

    fn close_of_consumer(&mut self, conn: ConnId) {
        let is_it = |pair: &Pair| pair.ours == Some(conn);
        let peer = self.pairs.iter().find(|(_, pair)| is_it(pair)).map(|(peer, _)| *peer);
        if let Some(peer) = peer {
            self.pairs.remove(&peer);
            self.producer.handle_closed(self.now, peer);
        }
    }

    fn drain_producer(&mut self) -> bool {
        let mut acted = false;
        while let Some(action) = self.producer.poll_action() {
            acted = true;
            match action {
                producer::Action::Open { conn, port, .. } if port != OUR_PORT => {
                    self.others.push(conn);
                    self.producer.handle_opened(self.now, conn);
                }
                producer::Action::Open { conn, .. } => self.open_to_consumer(conn),
                producer::Action::Close(conn) => self.close_of_producer(conn),
                producer::Action::Write(_) => {}
            }
        }
        let at = self.millis();
        while let Some(line) = self.producer.poll_line() {
            self.lines.push((at, line));
        }
        acted
    }

    fn open_to_consumer(&mut self, conn: producer::Conn) {
        match self.network.fate_of_opening(self.network.reaches_consumer) {
            Fate::Lost => {}
            Fate::Refused | Fate::Proxied => self.producer.handle_closed(self.now, conn),
            Fate::Through => {
                self.pairs.insert(conn, Pair { ours: None, ready_at: self.now, is_dead: false });
                self.arrivals.push_back(conn);
                self.producer.handle_opened(self.now, conn);
            }
        }
    }

    fn close_of_producer(&mut self, conn: producer::Conn) {
        self.arrivals.retain(|waiting| *waiting != conn);
        self.others.retain(|other| *other != conn);
        let Some(Pair { ours: Some(ours), is_dead, .. }) = self.pairs.remove(&conn) else { return };
        if !is_dead && self.network.moves() {
            self.consumer.handle_end(self.now, ours);
            self.drain_consumer();
            self.consumer.handle_closed(self.now, ours);
        }
    }

    fn accept(&mut self) -> bool {
        let mut accepted = false;
        while let Some(peer) = self.arrivals.front().copied() {
            let Some(conn) = self.consumer.admit(self.now) else { break };
            self.arrivals.pop_front();
            if let Some(pair) = self.pairs.get_mut(&peer) {
                pair.ours = Some(conn);
            }
            self.accepted += 1;
            accepted = true;
        }
        accepted
    }

    fn move_bytes(&mut self) -> bool {
        let mut moved = false;
        let peers: Vec<_> = self.pairs.keys().filter(|_| self.network.moves()).copied().collect();
        for peer in peers {
            let Some(pair) = self.pairs.get(&peer).copied() else { continue };
            let Some(ours) = pair.ours.filter(|_| !pair.is_dead && pair.ready_at <= self.now) else {
                continue;
            };
            if self.move_to_consumer(peer, ours) | self.move_to_producer(peer, ours) {
                moved = true;
                self.strike(peer, ours);
            }
        }
        moved
    }

    /// Has somebody else's endpoint answer what was sent to it.
    fn answer_others(&mut self) -> bool {
        let mut moved = false;
        for other in self.others.clone() {
            let bytes = self.producer.send_window(other).to_vec();
            if bytes.is_empty() {
                continue;
            }
            moved = true;
            self.producer.handle_sent(self.now, other, bytes.len());
            if bytes.starts_with(b"POST ") {
                self.producer.handle_received(self.now, other, b"HTTP/1.1 204 No Content\r\n\r\n");
            }
        }
        moved
    }

    /// Has a proxy answer what it cannot pass on.
    fn answer_proxied(&mut self) -> bool {
        let Some(conn) = self.proxied.pop() else { return false };
        let asked = self.consumer.send_window(conn).len();
        let window = self.consumer.recv_window(conn);
        if asked > 0 && window.len() >= UNAVAILABLE.len() {
            window[..UNAVAILABLE.len()].copy_from_slice(UNAVAILABLE);
            self.consumer.handle_sent(self.now, conn, asked);
            self.consumer.handle_received(self.now, conn, UNAVAILABLE.len());
            self.consumer.handle_end(self.now, conn);
        } else {
            self.consumer.handle_closed(self.now, conn);
        }
        true
    }

    /// What the network does to a connection behind a piece that it let through.
    fn strike(&mut self, peer: producer::Conn, ours: ConnId) {
        let Some(blow) = self.network.blow() else { return };
        if blow.resets {
            self.pairs.remove(&peer);
            self.producer.handle_closed(self.now, peer);
            self.consumer.handle_closed(self.now, ours);
        } else if let Some(pair) = self.pairs.get_mut(&peer) {
            pair.is_dead = blow.kills;
            pair.ready_at = self.now.after(blow.delay_ns);
        }
    }

    fn move_to_consumer(&mut self, peer: producer::Conn, conn: ConnId) -> bool {
        let window = self.consumer.recv_window(conn);
        let bytes = self.producer.send_window(peer);
        let count = bytes.len().min(window.len()).min(self.network.piece());
        if count == 0 {
            return false;
        }
        window[..count].copy_from_slice(&bytes[..count]);
        self.network.garble(&mut window[..count]);
        self.producer.handle_sent(self.now, peer, count);
        self.consumer.handle_received(self.now, conn, count);
        true
    }

    fn move_to_producer(&mut self, peer: producer::Conn, conn: ConnId) -> bool {
        let bytes = self.consumer.send_window(conn);
        let bytes = bytes[..bytes.len().min(self.network.piece())].to_vec();
        if bytes.is_empty() {
            return false;
        }
        self.consumer.handle_sent(self.now, conn, bytes.len());
        self.producer.handle_received(self.now, peer, &bytes);
        self.sent.extend_from_slice(&bytes);
        true
    }
}

fn new_producer(manners: &'static Manners, script: &str, now: Instant, seed: u64) -> Producer {
    let config = producer::Config {
        manners,
        node: NODE.to_owned(),
        interface: "ens1f0".to_owned(),
        authority: "localhost:9043".to_owned(),
        seed,
        epoch_ns: 1_795_370_000_000_000_000,
    };
    let script = Script::named(script).unwrap_or_else(|| Script::parse(script).expect("the script is good"));
    Producer::new(config, script, now)
}

fn consumer<'s>(
    spares: &mut IterMut<'s, Storage>,
    dialect: Option<&'static Dialect>,
    now: Instant,
    change: impl FnOnce(&mut Config<'static>),
) -> Option<Consumer<'s>> {
    let mut config = Config::new(dialect, NODE, "localhost:9043", ENDPOINT);
    config.policy = Policy::for_role(Role::OrdinaryClock);
    change(&mut config);
    Some(Consumer::new(spares.next()?, config, now).expect("the configuration is good"))
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
