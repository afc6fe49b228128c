//! The log: one line a record on stderr, with the time in UTC, never waiting for anybody.

use std::fmt::{self, Write as _};
use std::io;
use std::slice::SliceIndex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, TryLockError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use log::{LevelFilter, Log, Metadata, Record};
use ptpwatch_core::time::Timestamp;

use crate::escape::Escaping;
use crate::output::{Dropped, Output};

/// Writes records of at most `log::max_level()` to an [`Output`].
#[derive(Debug)]
pub struct Logger {
    output: Mutex<Output>,
    /// Whether some of it waits for a flush: looked at in each turn of a loop, which costs nobody a lock.
    is_pending: AtomicBool,
    /// Records that came while another thread was writing one.
    missed: AtomicU64,
}

/// A moment as RFC 3339 has it: UTC, in milliseconds. A clock before 1970 says 1970, one past 2262 says 2262.
#[derive(Clone, Copy, Debug)]
pub struct Utc(pub SystemTime);

/// The time of day of a moment, as [`Utc`] has it.
#[derive(Clone, Copy, Debug)]
pub struct TimeOfDay(pub SystemTime);

/// Sends the records of the whole program to stderr.
///
/// # Errors
/// Those of `dup`; `AlreadyExists` if there is a logger.
pub fn init(level: LevelFilter) -> io::Result<()> {
    let output = Output::stderr()?;
    let logger = LOGGER.get_or_init(|| Logger::new(output));
    log::set_logger(logger).map_err(|_| io::ErrorKind::AlreadyExists)?;
    log::set_max_level(level);
    Ok(())
}

/// Writes what waits, as far as it goes without blocking.
pub fn flush() {
    log::logger().flush();
}

/// Writes what waits, blocking until `deadline` at most: for the end of the program.
pub fn drain(deadline: Instant) {
    if let Some(logger) = LOGGER.get() {
        logger.with_output(|output| output.drain(deadline));
    }
}

impl Logger {
    /// A logger of its own; [`init`] makes the program's.
    pub fn new(output: Output) -> Self {
        Self { output: Mutex::new(output), is_pending: AtomicBool::new(false), missed: AtomicU64::new(0) }
    }

    /// Lends the output unless another thread has it. An error ends it: there is nobody left to tell.
    fn with_output(&self, act: impl FnOnce(&mut Output) -> io::Result<()>) -> bool {
        let mut output = match self.output.try_lock() {
            Ok(output) => output,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return false,
        };
        output.note_dropped(self.missed.swap(0, Ordering::Relaxed));
        let _ = act(&mut output);
        self.is_pending.store(output.is_pending(), Ordering::Relaxed);
        true
    }
}

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let is_taken = self.with_output(|output| {
            output.push_line_with(|line, dropped| {
                write!(line, "{} {} {}: ", Utc(SystemTime::now()), record.level(), record.target())?;
                write!(Escaping(&mut *line), "{}", record.args())?;
                write!(line, "{}", Dropped(dropped))
            });
            output.flush()
        });
        if !is_taken {
            self.missed.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn flush(&self) {
        if self.is_pending.load(Ordering::Relaxed) {
            self.with_output(Output::flush);
        }
    }
}

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_part(f, self.0, ..MILLISECONDS)
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_part(f, self.0, DATE..MILLISECONDS)
    }
}

/// Writes those letters of a moment in UTC, and its `Z`.
fn write_part(
    f: &mut fmt::Formatter<'_>,
    moment: SystemTime,
    part: impl SliceIndex<str, Output = str>,
) -> fmt::Result {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    let nanos = i64::try_from(since.as_nanos()).unwrap_or(i64::MAX);
    let mut time = heapless::String::<30>::new();
    write!(time, "{}", Timestamp::from_unix_nanos(nanos))?;
    f.write_str(time.get(part).unwrap_or_default())?;
    f.write_str("Z")
}

/// Letters of a date and the `T` behind it.
const DATE: usize = 11;
/// Letters of a date and a time in milliseconds, without the `Z`.
const MILLISECONDS: usize = 23;

static LOGGER: OnceLock<Logger> = OnceLock::new();

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::time::Duration;

    use log::Level;

    use super::*;

    fn record(logger: &Logger, level: Level, message: &str) {
        logger.log(&Record::builder().level(level).target("room").args(format_args!("{message}")).build());
    }

    #[test]
    fn a_record_is_one_escaped_line() {
        let (mut reader, writer) = io::pipe().unwrap();
        let logger = Logger::new(Output::to(writer.into()));
        log::set_max_level(LevelFilter::Info);
        record(&logger, Level::Warn, "from a peer: \x1b[2J\nroot");
        record(&logger, Level::Debug, "not asked for");
        let held = logger.output.lock().unwrap();
        record(&logger, Level::Warn, "lost");
        drop(held);
        record(&logger, Level::Error, "after");
        drop(logger);
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        let lines: Vec<_> = text.lines().map(|line| line.split_once(' ').unwrap()).collect();
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|(time, _)| time.len() == "2026-01-02T03:04:05.678Z".len()));
        assert_eq!(lines[0].1, "WARN room: from a peer: \\x1b[2J\\x0aroot");
        assert_eq!(lines[1].1, "ERROR room: after (dropped: 1)");
    }

    #[test]
    fn there_is_one_logger() {
        init(LevelFilter::Info).unwrap();
        assert_eq!(init(LevelFilter::Info).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        flush();
        drain(Instant::now());
    }

    #[test]
    fn moments_in_utc() {
        let cases = [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_800_001, "2000-03-01T00:00:00.001Z"),
            (1_735_689_599_000, "2024-12-31T23:59:59.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (253_402_300_799_000, "2262-04-11T23:47:16.854Z"),
        ];
        for (ms, expected) in cases {
            assert_eq!(Utc(UNIX_EPOCH + Duration::from_millis(ms)).to_string(), expected);
        }
        assert_eq!(Utc(UNIX_EPOCH - Duration::from_secs(1)).to_string(), "1970-01-01T00:00:00.000Z");
    }
}
