//! Why a command ends early: a line for stderr, and an exit code.

use std::{fmt, io};

use ptpwatch_core::consumer::ConfigError;

/// Why a command ends early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    problem: String,
    code: u8,
}

impl Failure {
    /// What was asked for cannot be; `problem` names the option.
    pub fn usage(problem: impl fmt::Display) -> Self {
        Self { problem: problem.to_string(), code: 2 }
    }

    /// Something did not work.
    pub fn new(problem: impl fmt::Display) -> Self {
        Self { problem: problem.to_string(), code: 1 }
    }

    /// What it is, without the program's name.
    pub fn problem(&self) -> &str {
        &self.problem
    }

    pub fn exit_code(&self) -> u8 {
        self.code
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ptpwatch: {}", self.problem)
    }
}

impl std::error::Error for Failure {}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::new(error)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let option = match error {
            ConfigError::Node => "--node: ",
            ConfigError::Authority => "--producer: ",
            ConfigError::Endpoint => "--callback: ",
            ConfigError::StaleTooShort => "--stale: ",
            ConfigError::VoidTooShort => "--void: ",
            ConfigError::Deadline => "--request-timeout: ",
            ConfigError::Required => "--resources: ",
            _ => "",
        };
        Self::usage(format_args!("{option}{error}"))
    }
}
