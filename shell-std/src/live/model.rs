//! What is known of the instance.

use std::time::{Duration, Instant};

use super::document::Value;

/// What is known of the instance, and how old that is.
#[derive(Debug)]
pub(super) struct Model {
    /// Where it is looked for.
    pub(super) place: String,
    /// How all stood when it was last said.
    pub(super) state: Value,
    /// The last transitions, the newest first.
    pub(super) history: Vec<Value>,
    said_at: Option<Instant>,
    started: Instant,
    /// Why nothing is heard; `None` while something is.
    pub(super) problem: Option<String>,
    /// Whether the problem was shown.
    is_shown: bool,
}

impl Model {
    pub(super) fn new(place: String) -> Self {
        Self {
            place,
            state: Value::Null,
            history: Vec::new(),
            said_at: None,
            started: Instant::now(),
            problem: None,
            is_shown: false,
        }
    }

    /// Whether anything was ever said.
    pub(super) fn is_known(&self) -> bool {
        self.said_at.is_some()
    }

    /// How long ago it was said how all stands, or for how long it was not.
    pub(super) fn age(&self) -> Duration {
        self.said_at.unwrap_or(self.started).elapsed()
    }

    /// Whether it may be otherwise by now.
    pub(super) fn is_old(&self) -> bool {
        self.problem.is_some() || self.age() > OLD
    }

    /// Takes in what an event says.
    pub(super) fn take(&mut self, event: &str, mut document: Value) {
        match event {
            "snapshot" => {
                self.history = match document.take("history") {
                    Value::List(entries) => entries,
                    _ => Vec::new(),
                };
                self.take_state(document);
            }
            "state" => self.take_state(document),
            "change" => {
                self.history.truncate(HISTORY_MAX - 1);
                self.history.insert(0, document);
            }
            _ => {}
        }
    }

    /// Nothing is heard any more, and why.
    pub(super) fn take_problem(&mut self, problem: String) {
        self.is_shown &= self.problem.as_ref() == Some(&problem);
        self.problem = Some(problem);
    }

    /// The problem, once.
    pub(super) fn new_problem(&mut self) -> Option<&str> {
        let is_shown = std::mem::replace(&mut self.is_shown, true);
        self.problem.as_deref().filter(|_| !is_shown)
    }

    fn take_state(&mut self, state: Value) {
        (self.state, self.said_at) = (state, Some(Instant::now()));
        (self.problem, self.is_shown) = (None, false);
    }
}

/// Entries of the history that are kept.
const HISTORY_MAX: usize = 256;
/// How long after something was said all is called old: more than twice as long as the instance is ever silent.
const OLD: Duration = Duration::from_secs(12);
