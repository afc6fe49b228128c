//! `decode`: what captured events mean, a line of JSON each.

mod line;

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::process::ExitCode;

use ptpwatch_core::event::{self, Stage};
use ptpwatch_core::json;
use ptpwatch_core::limits::BODY_MAX;

use crate::escape::Escaped;
use crate::options::{Decode, Input};
use line::Line;

/// Decodes each input to stdout. What is wrong with one is said on stderr, and the others still have their turn.
///
/// This is a filter: it blocks on stdout, and its end is no failure.
#[inline(never)]
pub fn decode(options: &Decode) -> ExitCode {
    let mut stdout = BufWriter::new(io::stdout().lock());
    let mut code = ExitCode::SUCCESS;
    for input in &options.inputs {
        match read(input).and_then(|mut body| write_events(&mut body, &mut stdout)) {
            Ok(()) => {}
            Err(Fault::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => return code,
            Err(Fault::Output(error)) => {
                complain("stdout", &error);
                return ExitCode::FAILURE;
            }
            Err(Fault::Input(error)) => {
                complain(&name(input), &error);
                code = ExitCode::FAILURE;
            }
            Err(Fault::Json(error)) => {
                complain(&name(input), &error);
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}

/// Why an input was not decoded to its end.
#[derive(Debug)]
enum Fault {
    Input(io::Error),
    Json(json::Error),
    Output(io::Error),
}

/// The whole of an input.
fn read(input: &Input) -> Result<Vec<u8>, Fault> {
    let body = match input {
        Input::Stdin => read_all(io::stdin().lock()),
        Input::File(path) => File::open(path).and_then(read_all),
    };
    body.map_err(Fault::Input)
}

fn read_all(source: impl Read) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    let count = source.take(INPUT_MAX + 1).read_to_end(&mut body)?;
    if count as u64 > INPUT_MAX {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {INPUT_MAX} bytes")));
    }
    Ok(body)
}

/// Writes a line for each event of `body`, and sees them out.
fn write_events(body: &mut [u8], out: &mut impl Write) -> Result<(), Fault> {
    let mut stage = Box::<Stage>::default();
    let decoded = event::decode(body, &mut stage).map_err(Fault::Json)?;
    let mut events = decoded.events().peekable();
    while let Some(event) = events.next() {
        // What did not fit was behind the last event, or in it.
        let is_cut = decoded.is_cut() && events.peek().is_none();
        let line = Line::of(&event, is_cut);
        writeln!(out, "{}", crate::json::text(&line)).map_err(Fault::Output)?;
    }
    out.flush().map_err(Fault::Output)
}

fn name(input: &Input) -> String {
    match input {
        Input::Stdin => "stdin".to_owned(),
        Input::File(path) => Escaped(path.as_os_str().as_bytes()).to_string(),
    }
}

/// Says what is wrong, to whoever still listens.
fn complain(name: &str, error: &dyn std::fmt::Display) {
    let _ = writeln!(io::stderr(), "{name}: {error}");
}

/// Largest input, in bytes: the largest body that events are read from.
const INPUT_MAX: u64 = BODY_MAX as u64;

#[cfg(test)]
mod tests;
