//! `watch`: a running instance as it is now, from the changes that its admin port tells of.

mod client;
mod document;
mod model;
mod screen;
mod text;

use std::io::{self, IsTerminal};
use std::thread;
use std::time::{Duration, Instant};

use self::client::{Client, Event};
use self::model::Model;
use self::screen::Screen;
use crate::failure::Failure;
use crate::options::{Format, Live, Uri};
use crate::output::Output;
use crate::signals::Signals;

/// Shows the instance until a signal comes, or nobody reads the lines any more: on a terminal a picture that is kept up
/// to date, elsewhere a line for each change. Comes back by itself when the instance does.
///
/// # Errors
/// If stdout is gone.
#[inline(never)]
pub fn live(options: &Live) -> Result<(), Failure> {
    let mut signals = Signals::new()?;
    let is_screen = io::stdout().is_terminal() && options.lines.format == Format::Text;
    let mut viewer = Viewer {
        format: options.lines.format,
        model: Model::new(options.admin.authority()),
        screen: is_screen.then(Screen::new),
        is_colored: options.lines.color.applies(io::stdout().is_terminal()),
        output: Output::stdout()?,
    };
    while let Some(problem) = viewer.follow(&options.admin, &mut signals)? {
        viewer.model.take_problem(problem);
        viewer.show_problem()?;
        if !waits(&mut signals) {
            break;
        }
    }
    viewer.end()
}

/// Waits before the next try; `false` if a signal came.
fn waits(signals: &mut Signals) -> bool {
    let retry_at = Instant::now() + RETRY;
    while Instant::now() < retry_at {
        if signals.take().is_some() {
            return false;
        }
        thread::sleep(GLANCE);
    }
    true
}

/// What is known, and how it is shown.
struct Viewer {
    format: Format,
    model: Model,
    /// `None`: lines are written.
    screen: Option<Screen>,
    is_colored: bool,
    output: Output,
}

impl Viewer {
    /// Shows what comes from `admin`; returns why no more does, or `None` if a signal came.
    fn follow(&mut self, admin: &Uri, signals: &mut Signals) -> Result<Option<String>, Failure> {
        let mut client = match Client::connect(admin) {
            Ok(client) => client,
            Err(error) => return Ok(Some(error.to_string())),
        };
        while signals.take().is_none() {
            match client.next_event() {
                Ok(event) => self.show(event)?,
                Err(problem) => return Ok(Some(problem)),
            }
        }
        Ok(None)
    }

    /// Shows what an event says; without one, how old all is by now.
    fn show(&mut self, event: Option<Event>) -> Result<(), Failure> {
        let Some(event) = event else { return self.refresh() };
        let Some(document) = document::parse(&event.data) else { return Ok(()) };
        match (self.format, &self.screen) {
            (Format::Json, _) => text::push_json(&mut self.output, &event.data),
            (Format::Text, None) => text::push_news(&mut self.output, &event.name, &document),
            (Format::Text, Some(_)) => {}
        }
        self.model.take(&event.name, document);
        self.note();
        self.refresh()
    }

    fn show_problem(&mut self) -> Result<(), Failure> {
        if self.screen.is_none()
            && let Some(problem) = self.model.new_problem()
        {
            text::push_problem(&mut self.output, self.format, problem);
        }
        self.note();
        self.refresh()
    }

    fn note(&mut self) {
        if let Some(screen) = &mut self.screen {
            screen.note();
        }
    }

    fn refresh(&mut self) -> Result<(), Failure> {
        if let Some(screen) = &mut self.screen {
            screen.draw(&mut self.output, &self.model, self.is_colored);
        }
        self.output.idle(Duration::ZERO).and_then(|()| self.output.flush()).map_err(lost_stdout)
    }

    fn end(mut self) -> Result<(), Failure> {
        self.output.drain(Instant::now() + DRAIN).map_err(lost_stdout)
    }
}

fn lost_stdout(error: io::Error) -> Failure {
    Failure::new(format_args!("stdout: {error}"))
}

/// How long to wait before connecting again.
const RETRY: Duration = Duration::from_secs(1);
/// How often to look for a signal.
const GLANCE: Duration = Duration::from_millis(100);
/// How long the last lines may take.
const DRAIN: Duration = Duration::from_millis(500);
