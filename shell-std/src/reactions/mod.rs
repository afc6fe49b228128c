//! Reactions: what else is told of a change. A command is run for it, and systemd hears of it.

mod command;
mod systemd;

use std::time::Duration;

use ptpwatch_core::consumer::Notice;
use ptpwatch_core::time::Instant;

use self::command::OnChange;
use self::systemd::Systemd;
use crate::failure::Failure;
use crate::options::Run;
use crate::signals::Signals;

/// Whoever is to be told.
#[derive(Debug)]
pub(crate) struct Reactions {
    on_change: Option<OnChange>,
    systemd: Option<Systemd>,
}

impl Reactions {
    /// Those that the options and the environment ask for. The end of a command is a signal.
    ///
    /// # Errors
    /// If there is no such command, or the system lacks something.
    pub(crate) fn new(options: &Run, signals: &Signals, now: Instant) -> Result<Self, Failure> {
        let on_change = match &options.on_change {
            Some(command) => {
                signals.heed_children()?;
                Some(OnChange::new(command, options.on_change_timeout, &options.watch.node)?)
            }
            None => None,
        };
        Ok(Self { on_change, systemd: Systemd::from_environment(now) })
    }

    /// Takes note of what changed.
    pub(crate) fn take(&mut self, notice: &Notice<'_>) {
        match notice {
            Notice::Verdict(_, report) => {
                if let Some(command) = &mut self.on_change {
                    command.take(report);
                }
                if let Some(systemd) = &mut self.systemd {
                    systemd.take_verdict(report.verdict);
                }
            }
            Notice::Link(_, link) => {
                if let Some(systemd) = &mut self.systemd {
                    systemd.take_link(*link);
                }
            }
            Notice::Channel(..) => {}
        }
    }

    /// Does what is to be done at each turn.
    pub(crate) fn advance(&mut self, now: Instant) {
        if let Some(command) = &mut self.on_change {
            command.advance(now);
        }
        if let Some(systemd) = &mut self.systemd {
            systemd.advance(now);
        }
    }

    /// How long nothing needs to be done; `None`: until something happens.
    pub(crate) fn patience(&self, now: Instant) -> Option<Duration> {
        let command = self.on_change.as_ref().and_then(OnChange::deadline);
        let systemd = self.systemd.as_ref().and_then(Systemd::deadline);
        let first = command.into_iter().chain(systemd).min()?;
        Some(Duration::from_nanos(first.since(now)))
    }

    /// The end has begun.
    pub(crate) fn stop(&mut self) {
        if let Some(systemd) = &mut self.systemd {
            systemd.stop();
        }
    }

    /// Whether a command is still at work.
    pub(crate) fn is_busy(&self) -> bool {
        self.on_change.as_ref().is_some_and(OnChange::is_busy)
    }
}
