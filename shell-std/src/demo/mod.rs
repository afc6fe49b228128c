//! `demo`: producer and consumer in one process, over real sockets, told apart for who looks on.

mod screen;
mod stage;
mod tally;

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use mio::{Interest, Token};
use ptpwatch_core::consumer::{Config, Notice};
use ptpwatch_core::dialect;
use ptpwatch_core::event::Resource;
use ptpwatch_core::verdict::{OsClock, Policy, Role};

use crate::admin::{self, About, Admin, Counts};
use crate::failure::Failure;
use crate::logger;
use crate::options::{self, Demo};
use crate::output::Output;
use crate::signals::Signals;
use crate::turn::{FOREIGN, Memory, Setup, Turn, clock};
use crate::view::{Moment, View};
use screen::{Screen, WATCHER};
use stage::Stage;
use tally::Tally;

/// Plays the script and watches it: over and over until a signal comes, or just once.
///
/// # Errors
/// If the verdicts are not those that the script leads to, which makes this a test of the whole too; or if something
/// is lacking.
#[inline(never)]
pub fn demo(options: &Demo) -> Result<(), Failure> {
    let mut signals = Signals::new()?;
    let stage = Stage::open(options)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let admin = options.admin.map(Admin::listen).transpose()?;
    let mut admin_memory = admin.as_ref().map(|_| admin::Memory::new());
    let endpoint = format!("http://{}/event", listener.local_addr()?);
    let authority = stage.address().to_string();
    // A producer whose API goes by another name is found out.
    let dialect = dialect::from_name(&options.dialect);
    let mut config = Config::new(dialect, NODE, &authority, &endpoint);
    config.policy = Policy::for_role(Role::OrdinaryClock);
    if dialect.is_some_and(|dialect| !dialect.has(Resource::OsClock)) {
        config.policy.os_clock = OsClock::Info;
    }
    let mut memory = Memory::for_connections(CONNECTIONS);
    let (host, port) = (stage.address().ip().to_string(), stage.address().port());
    let turn = Turn::new(Setup {
        memory: &mut memory,
        config,
        listener,
        allow: Vec::new(),
        host,
        port,
        page: None,
    })?;
    turn.registry().register(signals.stream(), Token(FOREIGN), Interest::READABLE)?;
    let open = |(listener, admin_memory)| Admin::open(listener, admin_memory, turn.registry(), about());
    let watcher = Watcher {
        admin: admin.zip(admin_memory.as_mut()).map(open).transpose()?,
        turn,
        stage,
        view: View::new(options.lines, NODE).with_margin(WATCHER),
        screen: Screen::new(options),
        tally: Tally::new(&options.script),
        output: Output::stdout()?,
    };
    watcher.watch(options, &mut signals)
}

/// The consumer, what it watches, and where its lines go.
struct Watcher<'s> {
    turn: Turn<'s>,
    stage: Stage,
    view: View,
    screen: Screen,
    tally: Tally,
    output: Output,
    admin: Option<Box<Admin<'s>>>,
}

impl Watcher<'_> {
    fn watch(mut self, options: &Demo, signals: &mut Signals) -> Result<(), Failure> {
        self.screen.push_opening(&mut self.output, options);
        let signal = loop {
            self.step()?;
            self.say()?;
            if let Some(signal) = signals.take() {
                break Some(signal);
            }
            if self.stage.is_finished()? && options.once {
                break None;
            }
        };
        let cause = signal.map_or("script ended".to_owned(), |signal| signal.to_string());
        if let Some(admin) = &mut self.admin {
            admin.end(clock::now(), &cause);
        }
        self.stop()?;
        let missed = self.tally.missed(signal.is_none());
        let events = self.turn.consumer().stats().events;
        self.screen.push_end(&mut self.output, &cause, &self.tally, events, missed.is_some());
        self.output.drain(Instant::now() + LAST_LINES).map_err(lost_stdout)?;
        match missed {
            None => Ok(()),
            Some(expected) => {
                let seen = self.tally.verdicts();
                Err(Failure::new(format_args!("the verdicts were {seen}, and not {expected}")))
            }
        }
    }

    /// Gives up the subscriptions; of no interest to anybody here.
    fn stop(&mut self) -> io::Result<()> {
        let deadline = Instant::now() + STOP_MAX;
        self.turn.stop();
        while !self.turn.consumer().is_stopped() && Instant::now() < deadline {
            self.step()?;
        }
        Ok(())
    }

    fn step(&mut self) -> io::Result<()> {
        let Self { turn, admin, .. } = self;
        let patience = admin.as_ref().and_then(|admin| admin.patience(clock::now()));
        turn.step(Some(patience.map_or(GLANCE, |patience| patience.min(GLANCE))), |event| {
            if let Some(admin) = admin {
                admin.handle_event(event);
            }
        })
    }

    /// Says what is new: first what the producer did, for that came first.
    fn say(&mut self) -> Result<(), Failure> {
        let Self { turn, stage, view, screen, tally, output, admin } = self;
        while let Some(saying) = stage.take_saying() {
            tally.handle_saying(&saying);
            screen.push_saying(output, &saying);
        }
        while let Some(notice) = turn.poll_notice() {
            let moment = Moment::now();
            if let Notice::Verdict(_, report) = &notice {
                tally.handle_verdict(moment, report);
            }
            view.push(output, moment, &notice);
            if let Some(admin) = admin {
                admin.note(moment, &notice);
            }
        }
        logger::flush();
        output.flush().map_err(lost_stdout)?;
        if let Some(admin) = admin {
            admin.serve(clock::now(), turn.consumer(), Counts::default());
        }
        Ok(())
    }
}

/// What the admin port says of us from the start to the end.
fn about() -> About {
    About {
        node: NODE.to_owned(),
        role: options::Role::Oc.word(),
        holdover_budget: None,
        openshift_metrics: false,
        started: Moment::now(),
    }
}

fn lost_stdout(error: io::Error) -> Failure {
    Failure::new(format_args!("stdout: {error}"))
}

/// The node that is played.
const NODE: &str = "node1";
/// Connections of the consumer: to the producer, and from it.
const CONNECTIONS: usize = 16;
/// How often to look for what the producer says, which wakes nobody.
const GLANCE: Duration = Duration::from_millis(50);
/// How long the way out may take.
const STOP_MAX: Duration = Duration::from_secs(2);
/// How long the last lines may take.
const LAST_LINES: Duration = Duration::from_secs(1);
