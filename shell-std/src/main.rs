//! From arguments to a command, and from its end to an exit code.

#[cfg(panic = "abort")]
mod no_unwinding;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use log::LevelFilter;
use ptpwatch::failure::Failure;
use ptpwatch::options::{self, Command, Known, Refusal};
use ptpwatch::{check, decode, live, logger, page, run, state};
#[cfg(feature = "simulator")]
use ptpwatch::{demo, producer::Manners, simulate};
use ptpwatch_core::dialect;
use ptpwatch_core::event::Resource;

fn main() -> ExitCode {
    let dialects = dialect::ALL.map(|dialect| dialect.name);
    let resources = Resource::ALL.map(Resource::name);
    #[cfg(feature = "simulator")]
    let producers = Manners::ALL.map(|manners| manners.name);
    #[cfg(not(feature = "simulator"))]
    let producers = [];
    let known = Known { dialects: &dialects, producers: &producers, resources: &resources };
    let arguments = std::env::args_os().skip(1);
    let code = match options::parse(arguments, &|name| std::env::var_os(name), &known) {
        Ok(command) => perform(&command),
        Err(refusal) => {
            say(&refusal);
            ExitCode::from(Refusal::EXIT_CODE)
        }
    };
    logger::drain(Instant::now() + DRAIN);
    code
}

/// None of them is inlined: what one of them needs of the stack would be below all the others.
fn perform(command: &Command) -> ExitCode {
    let result = logger::init(level(command)).map_err(Failure::from).and_then(|()| match command {
        Command::Run(options) => run::run(options).map(|()| ExitCode::SUCCESS),
        Command::State(options) => state::state(options).map(ExitCode::from),
        Command::Page(options) => page::page(options).map(ExitCode::from),
        Command::Live(options) => live::live(options).map(|()| ExitCode::SUCCESS),
        Command::Check(options) => check::check(options).map(ExitCode::from),
        Command::Subscriptions(options) => check::subscriptions(options).map(|()| ExitCode::SUCCESS),
        #[cfg(feature = "simulator")]
        Command::Simulate(options) => simulate::simulate(options).map(|()| ExitCode::SUCCESS),
        #[cfg(feature = "simulator")]
        Command::Demo(options) => demo::demo(options).map(|()| ExitCode::SUCCESS),
        Command::Decode(options) => Ok(decode::decode(options)),
        Command::Print(text) => Ok(print(text)),
    });
    result.unwrap_or_else(|failure| {
        say(&failure);
        ExitCode::from(failure.exit_code())
    })
}

fn level(command: &Command) -> LevelFilter {
    match command {
        Command::Run(options) => options.watch.log_level,
        Command::State(options) => options.watch.log_level,
        Command::Check(options) => options.watch.log_level,
        Command::Subscriptions(options) => options.watch.log_level,
        #[cfg(feature = "simulator")]
        Command::Simulate(options) => options.log_level,
        #[cfg(feature = "simulator")]
        Command::Demo(options) => options.log_level,
        Command::Page(_) | Command::Live(_) | Command::Decode(_) | Command::Print(_) => LevelFilter::Warn,
    }
}

/// Writes to stdout; that a reader left is no failure.
fn print(text: &str) -> ExitCode {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            say(&format_args!("ptpwatch: stdout: {error}"));
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

/// Says something on stderr, to whoever still listens.
fn say(what: &dyn std::fmt::Display) {
    let _ = writeln!(io::stderr(), "{what}");
}

/// How long the last lines of the log may take.
const DRAIN: Duration = Duration::from_millis(500);
