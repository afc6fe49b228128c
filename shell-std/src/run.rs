//! `run`: follows one producer until a signal comes, a line for every change.

use std::io;
use std::time::{Duration, Instant};

use ptpwatch_core::consumer::{Link, Notice};

use crate::failure::Failure;
use crate::logger;
use crate::options::{Run, Watch};
use crate::output::Output;
use crate::page::OwnPage;
use crate::reactions::Reactions;
use crate::signals::Signals;
use crate::turn::{Turn, clock};
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
    let Some(mut ground) = Ground::lay(watch, Manner::Host, &mut signals, None)? else { return Ok(()) };
    let writer = page.as_ref().map(|page| page.writer(clock::now())).transpose()?;
    let turn = ground.turn(&mut signals, writer)?;
    let view = View::new(watch.lines, &watch.node);
    let output = Output::stdout()?;
    let mut watcher = Watcher { watch, turn, view, output, reactions, signals, dialect: None };
    let end = watcher.watch();
    watcher.stop(options.keep_subscriptions)?;
    log::debug!("in the end: {:?}", watcher.turn.consumer().stats());
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
}

impl Watcher<'_> {
    /// Goes on until a signal comes.
    fn watch(&mut self) -> Result<(), Failure> {
        loop {
            self.push_notices()?;
            if let Some(signal) = self.signals.take() {
                log::info!("{signal}: ends");
                self.view.push_end(&mut self.output, Moment::now(), &signal.to_string());
                return self.flush();
            }
            self.step(None)?;
        }
    }

    /// Gives up our subscriptions, unless they are to be kept, if the producer answers in time; and lets reactions end.
    fn stop(&mut self, keeps_subscriptions: bool) -> io::Result<()> {
        let deadline = Instant::now() + STOP_MAX;
        self.reactions.stop();
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
        }
        Ok(())
    }

    /// One turn; what stdout did not take yet is tried again soon.
    fn step(&mut self, max_wait: Option<Duration>) -> io::Result<()> {
        let retry = Some(FLUSH_RETRY).filter(|_| self.output.is_pending());
        let wait = [max_wait, retry, self.reactions.advance()].into_iter().flatten().min();
        // The signals are asked in each turn.
        let mut is_signalled = false;
        self.turn.step(wait, |_| is_signalled = true)?;
        if is_signalled {
            self.signals.drain();
        }
        logger::flush();
        Ok(())
    }

    fn push_notices(&mut self) -> Result<(), Failure> {
        let Self { turn, view, output, reactions, .. } = self;
        let mut link_news = None;
        while let Some(notice) = turn.poll_notice() {
            view.push(output, Moment::now(), &notice);
            reactions.take(&notice);
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
        self.flush()
    }

    fn flush(&mut self) -> Result<(), Failure> {
        self.output.flush().map_err(|error| Failure::new(format_args!("stdout: {error}")))
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
