//! The state page as a file: ours to write, or seen; and `page`, which shows it.

mod line;
mod map;
mod own;
mod seen;

use std::path::Path;
use std::time::{Duration, Instant};
use std::{fs, io};

use ptpwatch_core::page::BootId;
use ptpwatch_core::time::Instant as Now;

pub use self::own::OwnPage;
pub use self::seen::SeenPage;

use self::line::Sight;
use crate::failure::Failure;
use crate::options;
use crate::output::Output;
use crate::state::exit_code;
use crate::view::Moment;

/// Shows the page: once, or each time that it says something new, for as long as somebody reads the lines. Returns the
/// exit code that tells the verdict.
///
/// # Errors
/// If stdout is gone.
#[inline(never)]
pub fn page(options: &options::Page) -> Result<u8, Failure> {
    let mut output = Output::stdout()?;
    let (mut seen, mut told) = (None, None);
    loop {
        let moment = Moment::now();
        let sight = look(&options.path, &mut seen, moment.now);
        line::push(&mut output, options.format, moment, &sight, told.as_ref());
        output.drain(Instant::now() + DRAIN).map_err(lost)?;
        if !options.watch {
            return Ok(exit_code(sight.reading.verdict.state));
        }
        told = Some(sight);
        output.idle(GLANCE).map_err(lost)?;
    }
}

fn lost(error: io::Error) -> Failure {
    Failure::new(format_args!("stdout: {error}"))
}

/// What is at `path` now: what was seen before, or a page that took its place.
fn look(path: &Path, seen: &mut Option<SeenPage>, now: Now) -> Sight {
    if let Some(page) = seen {
        let (reading, entries) = page.read(now);
        if reading.doubt.is_none() || page.is_at(path) {
            return Sight { reading, entries, problem: None };
        }
    }
    *seen = None;
    match SeenPage::open(path) {
        Ok(page) => {
            let (reading, entries) = seen.insert(page).read(now);
            Sight { reading, entries, problem: None }
        }
        Err(error) => Sight { problem: Some(error.to_string()), ..Sight::default() },
    }
}

/// The boot that this host is in.
pub(crate) fn boot_id() -> io::Result<BootId> {
    let text = fs::read_to_string(BOOT_ID)?;
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).take(BOOT_DIGITS).collect();
    u64::from_str_radix(&digits, 16).map(BootId).map_err(|_| io::Error::other("the boot has no id"))
}

/// How long the line may take.
const DRAIN: Duration = Duration::from_secs(2);
/// How often to look for something new.
const GLANCE: Duration = Duration::from_millis(100);
/// Those that fit into a word.
const BOOT_DIGITS: usize = 16;
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

#[cfg(test)]
mod tests;
