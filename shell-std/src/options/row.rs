//! What there is to be said of an option.

use super::commands::Name;
use super::table::OPTIONS;

/// What is to be said of an option. Several rows may share a flag as long as no command has two of them.
#[derive(Debug)]
pub struct Row {
    /// Without the dashes.
    pub long: &'static str,
    pub short: Option<char>,
    pub value: Value,
    pub unset: Unset,
    /// Environment names that are asked after its own.
    pub also: &'static [&'static str],
    pub commands: &'static [Name],
    /// May have several paragraphs.
    pub help: &'static str,
}

/// What an option takes.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    /// Nothing: it acts where it stands, and not from the environment.
    Nothing,
    /// Nothing; in the environment `true` or `false`.
    Switch,
    /// A text under this name, judged where it is used.
    Text(&'static str),
    /// One of these words.
    Words(&'static [&'static str]),
    /// The name of a dialect, or `auto`.
    Dialect,
    /// The name of a producer that can be simulated.
    Producer,
    /// Names of resources with commas between them.
    Resources,
}

/// What holds when an option is neither on the command line nor in the environment.
#[derive(Clone, Copy, Debug)]
pub enum Unset {
    /// The command is refused.
    Required,
    /// It is read as if this had been given.
    Default(&'static str),
    /// The program decides; in words for the help.
    Means(&'static str),
}

impl Row {
    /// The rows of one command, in the order of the table.
    pub fn all_of(command: Name) -> impl Iterator<Item = &'static Self> {
        OPTIONS.iter().filter(move |row| row.commands.contains(&command))
    }

    /// The environment names in the order they are asked: first `PTPWATCH_` and the flag in capitals.
    pub fn environment(&self) -> Vec<String> {
        if matches!(self.value, Value::Nothing) {
            return Vec::new();
        }
        let own = format!("PTPWATCH_{}", self.long.to_ascii_uppercase().replace('-', "_"));
        std::iter::once(own).chain(self.also.iter().map(ToString::to_string)).collect()
    }
}

impl Value {
    /// What stands for the value in a help text; empty if there is none.
    pub fn name(&self) -> String {
        match self {
            Self::Nothing | Self::Switch => String::new(),
            Self::Text(name) => (*name).to_owned(),
            Self::Words(words) => words.join("|"),
            Self::Dialect | Self::Producer => "NAME".to_owned(),
            Self::Resources => "LIST".to_owned(),
        }
    }
}
