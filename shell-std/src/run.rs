//! `run`: follows one producer until a signal comes, a line for every change.

use std::io;
use std::time::{Duration, Instant};

use mio::Token;
use ptpwatch_core::consumer::{Link, Notice};

use crate::admin::{self, About, Admin, Counts, Lobby};
use crate::failure::Failure;
use crate::journal::Journal;
use crate::logger;
use crate::options::{Role, Run, Watch};
use crate::output::Output;
use crate::page::OwnPage;
use crate::reactions::Reactions;
use crate::signals::Signals;
use crate::turn::{FOREIGN, Turn, clock, shorter};
use crate::view::{Moment, TroubleName, View};
use crate::watch::{Ground, Manner, check_found};

/// Runs until SIGTERM or SIGINT, or until nobody reads the lines any more.
///
/// # Errors
/// If it cannot begin, or stdout is gone.
#[inline(never)]
pub fn run(options: &Run) -> Result<(), Failure> {
    let watch = &options.watch;
    let mut signals = Signals::new()?;
    let reactions = Reactions::new(options, &signals)?;
    let page = options.page.as_deref().map(OwnPage::take).transpose()?;
    let admin = options.admin.map(Admin::listen).transpose()?;
    let mut admin_memory = admin.as_ref().map(|_| admin::Memory::new());
    let journal = options.journal.as_deref();
    let journal = journal.map(|path| Journal::open(path, options.journal_size, &watch.node)).transpose()?;
    let lobby = admin.as_ref().map(Lobby::open).transpose()?;
    let Some(mut ground) = Ground::lay(watch, Manner::Host, &mut signals, None)? else { return Ok(()) };
    drop(lobby);
    let writer = page.as_ref().map(|page| page.writer(clock::now())).transpose()?;
    let turn = ground.turn(&mut signals, writer)?;
    let open = |(listener, memory)| Admin::open(listener, memory, turn.registry(), about(options));
    let admin = admin.zip(admin_memory.as_mut()).map(open).transpose()?;
    let view = View::new(watch.lines, &watch.node);
    let output = Output::stdout()?;
    let mut watcher =
        Watcher { watch, turn, view, output, reactions, signals, dialect: None, admin, journal };
    let end = watcher.watch();
    watcher.stop(options.keep_subscriptions)?;
    log::debug!("in the end: {:?}", watcher.turn.consumer().stats());
    if let Some(journal) = &mut watcher.journal {
        journal.drain(Instant::now() + DRAIN);
    }
    match end {
        Ok(()) => Ok(watcher.output.drain(Instant::now() + DRAIN)?),
        Err(failure) => Err(failure),
    }
}

/// A turn and where its lines go.
struct Watcher<'s> {
    watch: &'s Watch,
    turn: Turn<'s>,
    view: View,
    output: Output,
    reactions: Reactions,
    signals: Signals,
    /// The last that was found.
    dialect: Option<&'static str>,
    admin: Option<Box<Admin<'s>>>,
    journal: Option<Journal>,
}

impl Watcher<'_> {
    /// Goes on until a signal comes.
    fn watch(&mut self) -> Result<(), Failure> {
        loop {
            // Whoever has to know at once knows before the producer has its answer; but for what waits behind an answer.
            self.push_notices()?;
            self.turn.answer();
            self.push_notices()?;
            self.serve();
            if let Some(signal) = self.signals.take() {
                log::info!("{signal}: ends");
                return self.end(&signal.to_string());
            }
            self.step(None)?;
        }
    }

    /// Gives up our subscriptions, unless they are to be kept, if the producer answers in time; and lets reactions end.
    fn stop(&mut self, keeps_subscriptions: bool) -> io::Result<()> {
        let deadline = Instant::now() + STOP_MAX;
        // What could not be told is answered all the same.
        self.turn.answer();
        self.reactions.stop();
        if let Some(admin) = &mut self.admin {
            admin.stop();
        }
        if !keeps_subscriptions {
            self.turn.stop();
        }
        loop {
            let is_stopped = keeps_subscriptions || self.turn.consumer().is_stopped();
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() && !is_stopped {
                log::warn!("the producer may keep subscriptions of ours: it did not answer in time");
            }
            if left.is_zero() || is_stopped && !self.reactions.is_busy() {
                break;
            }
            self.step(Some(left))?;
            self.turn.answer();
            self.serve();
        }
        Ok(())
    }

    /// Says that no more lines follow, and why.
    fn end(&mut self, cause: &str) -> Result<(), Failure> {
        let moment = Moment::now();
        self.view.push_end(&mut self.output, moment, cause);
        if let Some(journal) = &mut self.journal {
            journal.note_end(moment, cause);
        }
        if let Some(admin) = &mut self.admin {
            admin.end(moment.now, cause);
        }
        self.flush()
    }

    /// Waits for what there is to take in, and takes it; what was not taken of ours yet is tried again soon.
    fn step(&mut self, max_wait: Option<Duration>) -> io::Result<()> {
        let Self { turn, output, reactions, signals, admin, journal, .. } = self;
        let is_pending = output.is_pending() || journal.as_ref().is_some_and(Journal::is_pending);
        let retry = Some(FLUSH_RETRY).filter(|_| is_pending);
        let patience = admin.as_ref().and_then(|admin| admin.patience(clock::now()));
        let wait = shorter(shorter(max_wait, retry), shorter(reactions.advance(), patience));
        // The signals are asked in each turn.
        let mut is_signalled = false;
        turn.take_in(wait, |event| {
            is_signalled |= event.token() == Token(FOREIGN);
            if let Some(admin) = admin {
                admin.handle_event(event);
            }
        })?;
        if is_signalled {
            signals.drain();
        }
        logger::flush();
        Ok(())
    }

    /// What is done last in a turn: whoever has to know at once knows by now.
    fn serve(&mut self) {
        let Self { turn, output, admin, journal, .. } = self;
        if let Some(journal) = journal {
            journal.send();
        }
        if let Some(admin) = admin {
            let counts = Counts {
                turned_away: turn.turned_away(),
                lines_dropped: output.dropped_ever(),
                journal_dropped: journal.as_ref().map(Journal::dropped),
            };
            admin.serve(clock::now(), turn.consumer(), counts);
        }
    }

    fn push_notices(&mut self) -> Result<(), Failure> {
        let Self { turn, view, output, reactions, admin, journal, .. } = self;
        let mut link_news = None;
        while let Some(notice) = turn.poll_notice() {
            let moment = Moment::now();
            view.push(output, moment, &notice);
            reactions.take(&notice);
            if let Some(admin) = admin {
                admin.note(moment, &notice);
            }
            if let Some(journal) = journal {
                journal.note(moment, &notice);
            }
            if let Notice::Link(_, link) = notice {
                link_news = Some(link);
            }
        }
        if let Some(link) = link_news {
            log_link(link);
            if let Some(found) = link.dialect.filter(|_| link.dialect != self.dialect) {
                check_found(self.watch, found);
                self.dialect = link.dialect;
            }
            log::debug!("{:?}", self.turn.consumer().stats());
        }
        // Mostly there is nothing, and each turn asks twice.
        if self.output.is_pending() { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Failure> {
        self.output.flush().map_err(|error| Failure::new(format_args!("stdout: {error}")))
    }
}

/// What the admin port says of us from the start to the end.
fn about(options: &Run) -> About {
    let rules = &options.watch.rules;
    About {
        node: options.watch.node.clone(),
        role: rules.role.map_or("", Role::word),
        holdover_budget: rules.holdover_budget,
        openshift_metrics: options.openshift_metrics,
        started: Moment::now(),
    }
}

fn log_link(link: Link) {
    let Link { subscribed, wanted, taken, .. } = link;
    match (link.is_up, link.trouble) {
        (Some(false), Some(trouble)) => log::info!("the producer is lost: {}", TroubleName(trouble)),
        (_, Some(trouble)) => {
            log::info!("subscribed {subscribed} of {wanted}, {taken} taken: {}", TroubleName(trouble));
        }
        (_, None) => log::info!("subscribed {subscribed} of {wanted}, {taken} taken"),
    }
}

/// How long the way out may take.
const STOP_MAX: Duration = Duration::from_secs(2);
/// How long the last lines may take.
const DRAIN: Duration = Duration::from_millis(500);
/// How soon a full stdout is tried again.
const FLUSH_RETRY: Duration = Duration::from_millis(100);
