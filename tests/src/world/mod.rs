//! One consumer and one simulated producer, connected by bytes that move when the world says so.

mod ethernet;
mod home;
mod loopback;
mod machine;
mod pipes;
mod windows;
mod wires;

pub use ethernet::Ethernet;
pub use home::{Home, Wire};
pub use loopback::Loopback;
pub use machine::{Machine, Task};
pub use pipes::Pipes;
pub use windows::Windows;

use crate::network::Network;
use ptpwatch::producer::{self, Manners, Producer, Script};
use ptpwatch_core::consumer::{Config, Consumer, Link, Notice};
use ptpwatch_core::dialect::Dialect;
use ptpwatch_core::event::{Resource, State};
use ptpwatch_core::time::Instant;
use ptpwatch_core::track::{Freshness, Value};
use ptpwatch_core::verdict::{Policy, Reasons, Role};
use std::collections::BTreeMap;

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

/// One connection between the two.
#[derive(Clone, Copy, Debug)]
struct Pair {
    /// What it is called at the consumer's home.
    wire: Wire,
    /// No byte moves before then.
    ready_at: Instant,
    /// Whether no byte moves any more, and nobody is told.
    is_dead: bool,
}

/// The home of a consumer whose windows are at hand.
pub type Direct<'s> = Windows<Consumer<'s>>;

/// One consumer, wherever it lives, and one simulated producer.
#[derive(Debug)]
pub struct World<H: Home = Direct<'static>> {
    /// Where the consumer lives.
    pub home: H,
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
    /// Requests and answers of the consumer as they stood on the wire, in order.
    pub sent: Vec<u8>,
    /// Memory for consumers to come.
    spares: Vec<H::Memory>,
    now: Instant,
    pairs: BTreeMap<producer::Conn, Pair>,
    /// Connections to somebody else's endpoint, which answers 204 to whatever comes.
    others: Vec<producer::Conn>,
    /// Connections of the consumer that ended at a proxy, which says that nobody is there.
    proxied: Vec<Wire>,
}

/// When every world begins.
const START: Instant = Instant::from_nanos(5_000_000_000);

impl<H: Home> World<H> {
    /// A world in which nothing has happened, with memory for four consumers, one after the other.
    pub fn new(dialect: &'static Dialect, script: &str, change: impl FnOnce(&mut Config<'static>)) -> Self {
        Self::within((0..4).map(|_| H::memory()), dialect, script, change)
    }

    /// A world in which nothing has happened, in the memory of as many consumers as it can have, one after the other.
    pub fn within(
        memory: impl IntoIterator<Item = H::Memory>,
        dialect: &'static Dialect,
        script: &str,
        change: impl FnOnce(&mut Config<'static>),
    ) -> Self {
        let mut spares: Vec<_> = memory.into_iter().collect();
        let manners = Manners::named(dialect.name).expect("every dialect is simulated");
        let memory = spares.pop().expect("there is memory");
        Self {
            home: H::new(memory, config(Some(dialect), change), START),
            producer: new_producer(manners, script, START, 7),
            manners,
            network: Network::default(),
            told: Vec::new(),
            lines: Vec::new(),
            sent: Vec::new(),
            spares,
            now: START,
            pairs: BTreeMap::new(),
            others: Vec::new(),
            proxied: Vec::new(),
        }
    }

    /// The consumer.
    pub fn consumer(&self) -> &H::Machine {
        self.home.machine()
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
            self.home.advance(self.now);
            self.producer.handle_timeout(self.now);
        }
        self.now = end;
        self.home.advance(self.now);
        self.producer.handle_timeout(self.now);
        self.settle();
        let _ = observe(self);
    }

    /// The next time that anything happens by itself.
    fn next_at(&mut self) -> Instant {
        let delayed = self
            .pairs
            .values()
            .filter(|pair| !pair.is_dead && pair.ready_at > self.now)
            .map(|pair| pair.ready_at);
        self.home
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
        self.home.stop(self.now);
        self.settle();
    }

    /// Kills the consumer without a word, and starts another; `false` if there is no memory for one.
    pub fn restart_consumer(
        &mut self,
        dialect: Option<&'static Dialect>,
        change: impl FnOnce(&mut Config<'static>),
    ) -> bool {
        let Some(memory) = self.spares.pop() else { return false };
        self.sever();
        self.sent.clear();
        self.home = H::new(memory, config(dialect, change), self.now);
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
            self.home.reset(self.now, pair.wire);
        }
    }

    /// Whether the producer answers, and every resource is subscribed to.
    pub fn is_subscribed(&self) -> bool {
        let link = self.consumer().link();
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

fn config(dialect: Option<&'static Dialect>, change: impl FnOnce(&mut Config<'static>)) -> Config<'static> {
    let mut config = Config::new(dialect, NODE, "localhost:9043", ENDPOINT);
    config.policy = Policy::for_role(Role::OrdinaryClock);
    change(&mut config);
    config
}
