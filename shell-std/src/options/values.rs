//! What was given: arguments taken apart by the table, before the environment, before the defaults.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};

use lexopt::{Arg, Parser};

use super::Refusal;
use super::commands::{CommandRow, Name};
use super::row::{Row, Unset, Value};
use crate::escape::Escaped;

/// What the arguments ask for.
pub(super) enum Asked<'a> {
    Help(Name),
    Version,
    Values(Values<'a>),
}

/// The options and operands of one command, not judged yet.
pub(super) struct Values<'a> {
    command: Name,
    flags: Vec<(&'static Row, String)>,
    /// The options that have a text.
    given: Vec<Given>,
    operands: Vec<OsString>,
    environment: &'a dyn Fn(&str) -> Option<OsString>,
}

/// The text of an option and where it came from.
struct Given {
    long: &'static str,
    /// The environment's name for it, if it has it from there.
    variable: Option<String>,
    text: Cow<'static, str>,
}

impl<'a> Values<'a> {
    /// Takes `arguments` apart; without a command word they belong to `help`.
    pub(super) fn read(
        arguments: impl IntoIterator<Item = OsString>,
        environment: &'a dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Asked<'a>, Refusal> {
        let mut arguments = arguments.into_iter().peekable();
        if arguments.peek().is_none() {
            return Err(no_command());
        }
        let word = arguments.next_if(|argument| !argument.as_encoded_bytes().starts_with(b"-"));
        let command = word.as_deref().map_or(Ok(Name::Help), command_named)?;
        let values =
            Self { command, flags: Vec::new(), given: Vec::new(), operands: Vec::new(), environment };
        values.read_options(Parser::from_args(arguments))
    }

    pub(super) fn command(&self) -> Name {
        self.command
    }

    pub(super) fn operands(&self) -> &[OsString] {
        &self.operands
    }

    /// The command that is to be explained; `help` if none is named.
    pub(super) fn topic(&self) -> Result<Name, Refusal> {
        match self.operands.as_slice() {
            [] => Ok(Name::Help),
            [word] => command_named(word),
            [_, second, ..] => {
                let word = self.word();
                Err(Refusal::new(format_args!("{word} takes one COMMAND, not also {second:?}")))
            }
        }
    }

    /// The value of an option that is required or has a default. `parse` says what it had expected.
    pub(super) fn need<T>(
        &self,
        long: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, Refusal> {
        self.find(long, parse)?.ok_or_else(|| self.missing(long))
    }

    /// The value of an option; `None` if it was not given and has no default.
    pub(super) fn find<T>(
        &self,
        long: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Refusal> {
        let Some(given) = self.text_of(long) else { return Ok(None) };
        parse(&given.text).map(Some).map_err(|expected| given.refusal(&expected))
    }

    /// The text of an option, before it is judged. Not a part of each option's own [`find`](Self::find).
    #[inline(never)]
    fn text_of(&self, long: &str) -> Option<&Given> {
        self.given.iter().find(|given| given.long == long)
    }

    /// How often a flag stands on the command line.
    pub(super) fn count(&self, long: &str) -> usize {
        self.flags.iter().filter(|(row, _)| row.long == long).count()
    }

    /// Whether the environment has a text under `name`.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.variable(name).is_some()
    }

    fn read_options(mut self, mut parser: Parser) -> Result<Asked<'a>, Refusal> {
        loop {
            let argument =
                parser.next().map_err(|error| Refusal::new(Escaped(error.to_string().as_bytes())))?;
            let row = match argument {
                None => {
                    self.given = self.all_given()?;
                    return Ok(Asked::Values(self));
                }
                Some(Arg::Value(operand)) => {
                    self.push_operand(operand)?;
                    continue;
                }
                Some(Arg::Long(long)) => {
                    self.row(|row| row.long == long).ok_or_else(|| self.unknown("--", long))?
                }
                Some(Arg::Short(short)) => self
                    .row(|row| row.short == Some(short))
                    .ok_or_else(|| self.unknown("-", short.encode_utf8(&mut [0; 4])))?,
            };
            match row.long {
                "help" => return Ok(Asked::Help(self.command)),
                "version" => return Ok(Asked::Version),
                _ => self.flags.push((row, value_of(row, &mut parser)?)),
            }
        }
    }

    fn push_operand(&mut self, operand: OsString) -> Result<(), Refusal> {
        let row = CommandRow::of(self.command).filter(|row| row.operand.is_empty());
        if let Some(row) = row {
            return Err(Refusal::new(format_args!("{} takes no operand, but got {operand:?}", row.word)));
        }
        self.operands.push(operand);
        Ok(())
    }

    fn all_given(&self) -> Result<Vec<Given>, Refusal> {
        Row::all_of(self.command).filter_map(|row| self.given(row).transpose()).collect()
    }

    /// The text of an option: the last flag, else the first environment variable that is set, else the default.
    fn given(&self, row: &'static Row) -> Result<Option<Given>, Refusal> {
        let given = |variable, text| Ok(Some(Given { long: row.long, variable, text }));
        if let Some((_, text)) = self.flags.iter().rfind(|(other, _)| other.long == row.long) {
            return given(None, Cow::Owned(text.clone()));
        }
        for source in row.environment() {
            if let Some(text) = self.variable(&source) {
                let text = utf8(&source, text)?;
                return given(Some(source), Cow::Owned(text));
            }
        }
        match row.unset {
            Unset::Default(text) => given(None, Cow::Borrowed(text)),
            Unset::Required | Unset::Means(_) => Ok(None),
        }
    }

    /// An environment variable; an empty one counts as not set.
    fn variable(&self, name: &str) -> Option<OsString> {
        (self.environment)(name).filter(|text| !text.is_empty())
    }

    fn row(&self, is_it: impl Fn(&Row) -> bool) -> Option<&'static Row> {
        Row::all_of(self.command).find(|row| is_it(row))
    }

    fn word(&self) -> &'static str {
        CommandRow::of(self.command).map_or("", |row| row.word)
    }

    fn missing(&self, long: &str) -> Refusal {
        let row = self.row(|row| row.long == long);
        let value = row.map(|row| row.value.name()).unwrap_or_default();
        let names = row.map(|row| row.environment().join(" or ")).unwrap_or_default();
        Refusal::new(format_args!("{} needs --{long} {value} (or {names} in the environment)", self.word()))
    }

    fn unknown(&self, dashes: &str, name: &str) -> Refusal {
        let (word, name) = (self.word(), Escaped(name.as_bytes()));
        Refusal::new(format_args!("{word} has no option {dashes}{name}; see: ptpwatch help {word}"))
    }
}

impl Given {
    fn refusal(&self, expected: &str) -> Refusal {
        let flag = || format!("--{}", self.long);
        let source = self.variable.clone().unwrap_or_else(flag);
        Refusal::new(format_args!("{source}: {expected}, not {:?}", self.text))
    }
}

fn command_named(word: &OsStr) -> Result<Name, Refusal> {
    match CommandRow::named(word) {
        Some(row) if row.is_there() => Ok(row.name),
        Some(_) => Err(Refusal::without_simulator()),
        None => Err(Refusal::new(format_args!("no command {word:?}: expected one of {}", words()))),
    }
}

/// The value that follows a flag; a switch says `true`. What looks like the next flag is no value.
fn value_of(row: &Row, parser: &mut Parser) -> Result<String, Refusal> {
    let name = match row.value {
        Value::Nothing | Value::Switch => return Ok("true".to_owned()),
        value => value.name(),
    };
    let flag = format!("--{}", row.long);
    match parser.value() {
        Ok(value) if !value.as_encoded_bytes().starts_with(b"--") => utf8(&flag, value),
        _ => Err(Refusal::new(format_args!("{flag} needs a value: {flag} {name}"))),
    }
}

fn utf8(source: &str, text: OsString) -> Result<String, Refusal> {
    text.into_string().map_err(|text| Refusal::new(format_args!("{source}: expected UTF-8, not {text:?}")))
}

fn no_command() -> Refusal {
    let demo = if cfg!(feature = "simulator") { "; or watch it at work: ptpwatch demo" } else { "" };
    Refusal(format!(
        "usage: ptpwatch COMMAND [OPTIONS]\ncommands: {}\nsee: ptpwatch help [COMMAND]{demo}",
        words()
    ))
}

fn words() -> String {
    CommandRow::all().map(|row| row.word).collect::<Vec<_>>().join(", ")
}
