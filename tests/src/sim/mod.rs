//! The simulator: one seed is one run of a consumer beside a producer that lies, restarts and forgets, over a network
//! that loses, delays and resets, judged by the clock that the run itself drew.

mod judge;
mod script;

use crate::network::Faults;
use crate::random::Random;
use crate::world::{Direct, Home, Told, World};
use judge::Judge;
use ptpwatch::producer::Manners;
use ptpwatch_core::consumer::{Config, Storage};
use ptpwatch_core::dialect::{ALL, DETECTED, Dialect};
use ptpwatch_core::event::{Resource, State};
use ptpwatch_core::limits::{POLL_NS, REQUEST_NS, VOID_NS};
use ptpwatch_core::track::Ageing;
use ptpwatch_core::verdict::{Policy, Role};
use std::fmt;

/// What became of a run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Virtual milliseconds.
    pub millis: u64,
    /// Faults by kind, in the order of [`Report::FAULTS`].
    pub faults: [u64; 9],
    /// How often the verdict changed.
    pub verdicts: u64,
    /// How often each state was the verdict, by its number.
    pub states: [u64; 4],
}

impl Report {
    /// The kinds of faults.
    pub const FAULTS: [&'static str; 9] = [
        "resets",
        "half-open connections",
        "delays",
        "refusals",
        "spoiled pieces",
        "answers 503",
        "cuts and freezes",
        "restarts of the consumer",
        "upgrades and reboots",
    ];

    /// Adds another run.
    pub fn add(&mut self, other: &Self) {
        self.millis += other.millis;
        self.verdicts += other.verdicts;
        self.faults.iter_mut().zip(other.faults).for_each(|(sum, more)| *sum += more);
        self.states.iter_mut().zip(other.states).for_each(|(sum, more)| *sum += more);
    }
}

/// A rule that was broken.
#[derive(Clone, Debug)]
pub struct Violation {
    /// The seed of the run.
    pub seed: u64,
    /// Whether it was a calm one.
    pub is_calm: bool,
    /// Virtual milliseconds since its start.
    pub at: u64,
    /// The rule, and how it was broken.
    pub what: String,
    /// What happened before, a line each.
    pub trace: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.trace {
            writeln!(f, "{line}")?;
        }
        writeln!(f, "{:>9.3} s  VIOLATION: {}", self.at as f64 / 1000.0, self.what)?;
        write!(
            f,
            "replay: cargo run --release -p ptpwatch-tests --bin ptpwatch-sim -- --seed {}{}",
            self.seed,
            if self.is_calm { " --calm" } else { "" }
        )
    }
}

/// How long the clock is left alone at the end of a run, so that the verdict can find the truth, in milliseconds.
const QUIET: u64 = 100_000;

/// The same in a calm run.
const CALM_QUIET: u64 = 2_500_000;

/// The memory that runs are played in, one after the other.
pub fn memory() -> Vec<Storage> {
    (0..CONSUMERS_MAX).map(|_| Storage::new()).collect()
}

/// Plays one seed; `is_calm` has things happen by the hour.
///
/// # Errors
/// The first rule that was broken.
pub fn play(memory: &mut [Storage], seed: u64, is_calm: bool) -> Result<Report, Box<Violation>> {
    let mut run = Run::new(memory, seed, is_calm);
    let chaos = run.random.between(60_000, 400_000) * run.setup.pace();
    let result = run.chaos(chaos).and_then(|()| run.quiet());
    let mut report = Report { millis: run.world.millis(), ..Report::default() };
    report.faults[..6]
        .copy_from_slice(&run.world.network.faults.as_ref().map_or(run.spent, |faults| faults.counts));
    report.faults[6..].copy_from_slice(&run.counts);
    for state in run.world.verdicts() {
        report.verdicts += 1;
        report.states[state as usize] += 1;
    }
    match result {
        Ok(()) => Ok(report),
        Err(what) => {
            Err(Box::new(Violation { seed, is_calm, at: run.world.millis(), what, trace: run.trace() }))
        }
    }
}

/// What every consumer of a run is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    seed: u64,
    budget_ns: Option<u64>,
    /// Whether there are two network cards, one of which stands by.
    has_standby: bool,
    /// Whether things happen by the hour, and polls are far between: a long time in little of it.
    is_calm: bool,
}

impl Setup {
    fn apply(self, config: &mut Config<'_>) {
        config.seed = self.seed | 1;
        if self.has_standby {
            config.policy = Policy::for_role(Role::HighAvailability);
        }
        config.policy.holdover_budget_ns = self.budget_ns;
        if self.is_calm {
            config.poll_ns = CALM_POLL_NS;
            config.policy.ageing = Ageing { stale_ns: 3 * CALM_POLL_NS, void_ns: 6 * CALM_POLL_NS };
        }
    }

    /// How much slower everything is than in a run that is not calm.
    pub(crate) fn pace(self) -> u64 {
        if self.is_calm { CALM_PACE } else { 1 }
    }

    /// How far back a report may lie that is still believed, in milliseconds: until it is void, a poll later, and an
    /// answer that took its time.
    pub(crate) fn memory(self) -> u64 {
        let (void_ns, poll_ns) =
            if self.is_calm { (6 * CALM_POLL_NS, CALM_POLL_NS) } else { (VOID_NS, POLL_NS) };
        (void_ns + poll_ns + 2 * REQUEST_NS) / 1_000_000 + 5_000
    }
}

/// Time between polls in a calm run.
const CALM_POLL_NS: u64 = 300_000_000_000;

/// How much slower a calm run is.
const CALM_PACE: u64 = 600;

/// The holdover budget of a run that has one.
const BUDGET_NS: u64 = 20_000_000_000;

/// A run under way.
struct Run<'s> {
    world: World<Direct<'s>>,
    random: Random,
    judge: Judge,
    dialect: &'static Dialect,
    is_detected: bool,
    /// Whether answers to CurrentState come late or are old.
    lags: bool,
    setup: Setup,
    /// Faults of the network that were counted before it became quiet.
    spent: [u64; 6],
    counts: [u64; 3],
    events: Vec<(u64, String)>,
}

impl<'s> Run<'s> {
    fn new(memory: &'s mut [Storage], seed: u64, is_calm: bool) -> Self {
        let mut random = Random::new(seed);
        let is_detected = random.once_in(3);
        let dialect = draw_dialect(&mut random, is_detected);
        let (lags, has_budget, has_standby) = (random.once_in(4), random.once_in(4), random.once_in(6));
        let setup =
            Setup { seed, budget_ns: if has_budget { Some(BUDGET_NS) } else { None }, has_standby, is_calm };
        let script = script::draw(&mut random, 400, lags, setup);
        let mut world = World::within(memory, dialect, &script, |config| setup.apply(config));
        if is_detected {
            world.restart_consumer(None, |config| setup.apply(config));
        }
        world.network.faults = Some(Faults::new(Random::new(seed ^ 0xFA17)));
        let judge = Judge::new(dialect, lags, setup);
        let events =
            vec![(0, format!("dialect {}{}", dialect.name, if is_detected { ", detected" } else { "" }))];
        Self {
            world,
            random,
            judge,
            dialect,
            is_detected,
            lags,
            setup,
            spent: [0; 6],
            counts: [0; 3],
            events,
        }
    }

    /// A while in which anything may happen.
    fn chaos(&mut self, millis: u64) -> Result<(), String> {
        while self.world.millis() < millis {
            let step = self.random.between(10, 8000) * self.setup.pace();
            self.observe(step)?;
            match self.random.below(40) {
                0 => {
                    let is_frozen = self.random.once_in(2);
                    self.note(if is_frozen { "the producer is frozen" } else { "the network is cut" });
                    self.counts[0] += 1;
                    self.world.network.is_cut = !is_frozen;
                    self.world.network.is_frozen = is_frozen;
                    let length = self.random.between(100, 90_000);
                    self.observe(length)?;
                    self.world.network.is_cut = false;
                    self.world.network.is_frozen = false;
                }
                1 => {
                    self.note("the consumer is killed and started again");
                    self.counts[1] += 1;
                    let dialect = if self.is_detected { None } else { Some(self.dialect) };
                    let setup = self.setup;
                    self.world.restart_consumer(dialect, |config| setup.apply(config));
                    self.judge.restarted();
                }
                2 => self.replace_producer(),
                3 => self.flood(),
                _ => {}
            }
        }
        Ok(())
    }

    /// Peace at last: the verdict has to find the truth, and the subscriptions have to be in order.
    fn quiet(&mut self) -> Result<(), String> {
        self.note("all is quiet");
        self.spent = self.world.network.faults.take().map_or([0; 6], |faults| faults.counts);
        let (state, script) = script::settle(&mut self.random, self.lags, self.setup);
        let seed = self.setup.seed ^ 0x5EED;
        // The same producer, told what its clock does from now on: a reboot whose store survived would do as well.
        self.world.replace_producer(self.judge.manners(), &script, seed);
        self.judge.plant_foreign(&mut self.world);
        self.judge.quiet();
        self.observe(if self.setup.is_calm { CALM_QUIET } else { QUIET })?;
        let verdict = self.world.consumer().verdict();
        if verdict.state != state {
            let names: Vec<_> = verdict.reasons.names().collect();
            return Err(format!("in peace the verdict is {} {names:?}, the truth {state}", verdict.state));
        }
        self.judge.check_subscriptions(&mut self.world)?;
        let stats = self.world.consumer().stats();
        if stats.misuse != 0 {
            return Err(format!("{} calls made no sense", stats.misuse));
        }
        if stats.events < stats.unknown || stats.requests < stats.subscribed + stats.deleted {
            return Err(format!("the counters do not add up: {stats:?}"));
        }
        self.world.stop();
        self.observe(1000)?;
        if !self.world.consumer().is_stopped() {
            return Err("it does not take its leave".to_owned());
        }
        self.judge.check_leave(&mut self.world)
    }

    /// Lets time pass, and checks every rule after every step.
    fn observe(&mut self, millis: u64) -> Result<(), String> {
        let Self { world, judge, .. } = self;
        let mut broken = None;
        world.run_observed(millis, |world| {
            broken = judge.check(world).err();
            broken.is_none()
        });
        broken.map_or(Ok(()), Err)
    }

    fn replace_producer(&mut self) {
        self.counts[2] += 1;
        let script = script::draw(&mut self.random, 400, self.lags, self.setup);
        if self.is_detected && self.random.once_in(2) {
            self.dialect = draw_dialect(&mut self.random, true);
        }
        self.note(&format!("another producer takes its place, {}", self.dialect.name));
        self.judge.set_dialect(self.dialect);
        let seed = self.random.draw();
        self.world.replace_producer(self.judge.manners(), &script, seed);
    }

    /// Strangers who send nonsense, as many as there are slots and more.
    fn flood(&mut self) {
        self.note("strangers come");
        for _ in 0..self.random.between(1, 20) {
            let now = self.world.now();
            let Some(wire) = self.world.home.connect(now) else { continue };
            self.world.settle();
            let count = usize::try_from(self.random.below(200)).unwrap_or(0);
            let bytes: Vec<u8> = (0..count)
                .map(|_| *self.random.pick(b"POST /event HTTP/1.1\r\n\r\n{}[]\":,\x00\xFF"))
                .collect();
            self.world.home.send(now, wire, &bytes);
            if self.random.once_in(2) {
                self.world.home.end(now, wire);
            }
            self.world.settle();
        }
    }

    fn note(&mut self, what: &str) {
        self.events.push((self.world.millis(), what.to_owned()));
    }

    /// Everything that happened in the last minutes, in order.
    fn trace(&self) -> Vec<String> {
        let mut lines: Vec<(u64, String)> =
            self.events.iter().map(|(at, what)| (*at, format!("world     {what}"))).collect();
        lines.extend(self.world.lines.iter().map(|(at, line)| (*at, format!("producer  {line}"))));
        lines.extend(self.world.told.iter().map(|(at, told)| (*at, format!("ptpwatch  {}", describe(told)))));
        lines.sort_by_key(|(at, _)| *at);
        let first = lines.len().saturating_sub(TRACE_MAX);
        lines[first..].iter().map(|(at, line)| format!("{:>9.3} s  {line}", *at as f64 / 1000.0)).collect()
    }
}

/// A dialect whose producers report on all that the default policy requires.
fn draw_dialect(random: &mut Random, is_detected: bool) -> &'static Dialect {
    let dialects: &[&'static Dialect] = if is_detected { &DETECTED } else { &ALL };
    let is_simulated = |dialect: &&&'static Dialect| Manners::named(dialect.name).is_some();
    let usable: Vec<&'static Dialect> = dialects
        .iter()
        .filter(|dialect| dialect.has(Resource::OsClock))
        .filter(is_simulated)
        .copied()
        .collect();
    random.pick::<&'static Dialect>(&usable)
}

fn describe(told: &Told) -> String {
    match told {
        Told::Channel { resource, instance, value, freshness, .. } => {
            format!("{resource} {instance} {value:?} {}", freshness.name())
        }
        Told::Verdict { state, reasons, .. } => {
            format!("VERDICT {} {:?}", state, reasons.names().collect::<Vec<_>>())
        }
        Told::Link(link) => format!("{link:?}"),
    }
}

/// Most consumers in one run, one after the other.
const CONSUMERS_MAX: usize = 12;

/// Most lines of a trace.
const TRACE_MAX: usize = 120;

/// The worst of two states as a verdict has them.
pub(crate) fn worst(first: State, second: State) -> State {
    first.max(second)
}
