//! `--on-change`: a command that is run for each change of the verdict, one at a time, and told of those it has missed.

use std::env;
use std::ffi::{CStr, CString, OsString};
use std::fmt::Write;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStringExt;
use std::time::{Duration, SystemTime};

use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, PosixSpawnFlags, posix_spawn};
use nix::sys::signal::{self, SigSet};
use ptpwatch_core::event::State;
use ptpwatch_core::time::{Instant, MILLISECOND_NS, SECOND_NS};
use ptpwatch_core::verdict::{Verdict, VerdictReport};
use rustix::fs::{Access, FileType, Stat, access, stat};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process_group, waitpid};

use crate::failure::Failure;
use crate::logger::Utc;

/// A command, and what it has to be told.
///
/// It is started by `posix_spawn`, and not by std's `Command`, which has 33 kB for what nobody here asks of it.
#[derive(Debug)]
pub(super) struct OnChange {
    arguments: Vec<CString>,
    /// What it inherits.
    environment: Vec<CString>,
    node: String,
    /// Where it reads from.
    nothing: File,
    timeout: Duration,
    running: Option<Running>,
    news: Option<News>,
    /// The state that it was told of last.
    told: State,
    /// It could not be started: not before then again.
    retry_at: Option<Instant>,
}

#[derive(Debug)]
struct Running {
    pid: Pid,
    /// When it is killed; `None` once it was.
    deadline: Option<Instant>,
}

/// What has changed since a command was started last.
#[derive(Clone, Copy, Debug)]
struct News {
    verdict: Verdict,
    changes: u32,
    worst: State,
}

impl OnChange {
    /// # Errors
    /// If there is no such command.
    pub(super) fn new(command: &str, timeout: Duration, node: &str) -> Result<Self, Failure> {
        let mut words = command.split_ascii_whitespace();
        let program = words
            .next()
            .and_then(find)
            .ok_or_else(|| Failure::usage(format_args!("--on-change {command}: there is no such program")))?;
        let mut arguments = vec![c_string(program.into())?];
        for word in words {
            arguments.push(c_string(word.into())?);
        }
        let mut environment = Vec::new();
        for (mut variable, value) in env::vars_os() {
            if !is_ours(variable.as_encoded_bytes()) {
                variable.push("=");
                variable.push(value);
                environment.push(c_string(variable)?);
            }
        }
        Ok(Self {
            arguments,
            environment,
            node: node.to_owned(),
            nothing: File::open("/dev/null")?,
            timeout,
            running: None,
            news: None,
            told: State::Unknown,
            retry_at: None,
        })
    }

    /// Takes note of a change: of the state, or of the reasons for one that the command does not know of yet.
    pub(super) fn take(&mut self, report: &VerdictReport) {
        if report.transitions == 0 && self.news.is_none() {
            return;
        }
        let before = self.news.map_or((0, State::Unknown), |news| (news.changes, news.worst));
        self.news = Some(News {
            verdict: report.verdict,
            changes: before.0.saturating_add(report.transitions),
            worst: before.1.max(report.worst),
        });
    }

    /// Sees to the command that runs, or starts the next.
    pub(super) fn advance(&mut self, now: Instant) {
        if let Some(running) = &mut self.running {
            if let Ok(None) = waitpid(Some(running.pid), WaitOptions::NOHANG).inspect(log_end) {
                if running.deadline.is_some_and(|deadline| deadline <= now) {
                    log::warn!("--on-change: killed, for it takes too long");
                    running.kill();
                }
                return;
            }
            self.running = None;
        }
        if let Some(news) = self.news
            && self.retry_at.is_none_or(|at| at <= now)
        {
            self.start(now, news);
        }
    }

    /// When there is something to do at the latest.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match &self.running {
            Some(running) => running.deadline,
            None => self.retry_at.filter(|_| self.news.is_some()),
        }
    }

    pub(super) fn is_busy(&self) -> bool {
        self.running.is_some()
    }

    fn start(&mut self, now: Instant, news: News) {
        let facts = self.facts(now, &news);
        match self.spawn(&facts) {
            Ok(pid) => {
                let timeout_ns = u64::try_from(self.timeout.as_nanos()).unwrap_or(u64::MAX);
                self.running = Some(Running { pid, deadline: Some(now.after(timeout_ns)) });
                self.told = news.verdict.state;
                self.news = None;
                self.retry_at = None;
            }
            Err(error) => {
                // As std words it: nix's own words for errors are 20 kB.
                log::error!("--on-change: cannot be started: {}", io::Error::from(error));
                self.retry_at = Some(now.after(RETRY_NS));
            }
        }
    }

    /// What is true, as variables of an environment, each with its NUL.
    fn facts(&self, now: Instant, news: &News) -> String {
        let News { verdict, changes, worst } = news;
        let ago = Duration::from_nanos(now.since(verdict.since));
        let since = SystemTime::now().checked_sub(ago).unwrap_or(SystemTime::UNIX_EPOCH);
        let mut facts = String::new();
        // A string takes everything.
        let _ = write!(
            facts,
            "PTPWATCH_NODE={}\0PTPWATCH_VERDICT={}\0PTPWATCH_PREVIOUS={}\0PTPWATCH_SINCE={}\0PTPWATCH_CHANGES={changes}\0\
             PTPWATCH_WORST={}\0",
            self.node,
            verdict.state.name(),
            self.told.name(),
            Utc(since),
            worst.name(),
        );
        if let Some(until) = verdict.holdover_until {
            let left_ms = until.since(now) / MILLISECOND_NS;
            let _ = write!(facts, "PTPWATCH_HOLDOVER_LEFT_MS={left_ms}\0");
        }
        let mut opening = "PTPWATCH_REASONS=";
        for reason in verdict.reasons.names() {
            facts += opening;
            facts += reason;
            opening = ",";
        }
        if opening != "," {
            facts += opening;
        }
        facts + "\0"
    }

    /// Starts the command in a process group of its own, as if nobody had changed what signals do; what it writes goes to
    /// our stderr.
    fn spawn(&self, facts: &str) -> nix::Result<Pid> {
        let mut actions = PosixSpawnFileActions::init()?;
        actions.add_dup2(self.nothing.as_raw_fd(), 0)?;
        actions.add_dup2(2, 1)?;
        let mut attributes = PosixSpawnAttr::init()?;
        let mut pipe = SigSet::empty();
        pipe.add(signal::SIGPIPE);
        attributes.set_sigdefault(&pipe)?;
        attributes.set_sigmask(&SigSet::empty())?;
        attributes.set_flags(
            PosixSpawnFlags::POSIX_SPAWN_SETPGROUP
                | PosixSpawnFlags::POSIX_SPAWN_SETSIGDEF
                | PosixSpawnFlags::POSIX_SPAWN_SETSIGMASK,
        )?;
        let mut environment: Vec<&CStr> = self.environment.iter().map(CString::as_c_str).collect();
        let mut rest = facts.as_bytes();
        while let Ok(fact) = CStr::from_bytes_until_nul(rest) {
            environment.push(fact);
            rest = rest.get(fact.count_bytes() + 1..).unwrap_or_default();
        }
        let program = self.arguments.first().ok_or(nix::Error::ENOENT)?.as_c_str();
        let pid = posix_spawn(program, &actions, &attributes, &self.arguments, &environment)?;
        Pid::from_raw(pid.as_raw()).ok_or(nix::Error::ECHILD)
    }
}

/// What still runs is not left behind.
impl Drop for OnChange {
    fn drop(&mut self) {
        if let Some(running) = &mut self.running {
            log::warn!("--on-change: killed, for ptpwatch ends");
            running.kill();
            let _ = waitpid(Some(running.pid), WaitOptions::empty());
        }
    }
}

impl Running {
    /// Kills it, and whatever it has started that did not leave its process group.
    fn kill(&mut self) {
        self.deadline = None;
        let _ = kill_process_group(self.pid, Signal::KILL);
    }
}

fn log_end(end: &Option<(Pid, WaitStatus)>) {
    match end.as_ref().map(|(_, status)| (status.exit_status(), status.terminating_signal())) {
        Some((Some(code @ 1..), _)) => log::warn!("--on-change: exit code {code}"),
        Some((None, Some(signal))) => log::warn!("--on-change: ended by signal {signal}"),
        _ => {}
    }
}

/// Where a program is: there, if it has a slash in it, or else in one of the directories of `PATH`.
fn find(program: &str) -> Option<String> {
    let is_program = |path: &str| {
        let is_file = |stat: Stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
        stat(path).is_ok_and(is_file) && access(path, Access::EXEC_OK).is_ok()
    };
    if program.contains('/') {
        return is_program(program).then(|| program.to_owned());
    }
    let path = env::var("PATH").unwrap_or_default();
    path.split(':').map(|directory| format!("{directory}/{program}")).find(|path| is_program(path))
}

/// No argument and no variable has a NUL in it.
fn c_string(text: OsString) -> io::Result<CString> {
    CString::new(text.into_vec()).map_err(|_| io::ErrorKind::InvalidInput.into())
}

/// Whether a variable is set here for the command, or is about us alone.
fn is_ours(name: &[u8]) -> bool {
    let is_fact = |name| FACTS.split(' ').any(|fact| fact.as_bytes() == name);
    match name.strip_prefix(b"PTPWATCH_") {
        Some(name) => is_fact(name),
        None => name == b"NOTIFY_SOCKET" || name.starts_with(b"WATCHDOG_"),
    }
}

const FACTS: &str = "NODE VERDICT PREVIOUS SINCE CHANGES WORST HOLDOVER_LEFT_MS REASONS";
/// How long to wait before what could not be started is tried again.
const RETRY_NS: u64 = SECOND_NS;

#[cfg(test)]
mod tests {
    use ptpwatch_core::verdict::{Reason, Reasons};

    use super::*;
    use crate::turn::clock;

    fn on_change(command: &str) -> OnChange {
        OnChange::new(command, Duration::from_secs(60), "n1").unwrap()
    }

    fn report(state: State, transitions: u32, worst: State) -> VerdictReport {
        let reasons = Reasons::NONE.with(Reason::LockHoldover).with(Reason::OsFollows);
        let verdict = Verdict { state, reasons, since: clock::now(), ..Verdict::default() };
        VerdictReport { verdict, transitions, worst }
    }

    fn fact(facts: &str, name: &str) -> Option<String> {
        let prefix = format!("PTPWATCH_{name}=");
        facts.split('\0').find_map(|fact| fact.strip_prefix(&prefix)).map(ToOwned::to_owned)
    }

    #[test]
    fn what_is_missed_is_told_together_and_the_latest_counts() {
        let mut command = on_change("true");
        command.take(&report(State::Unknown, 0, State::Unknown));
        assert!(command.news.is_none(), "no state has changed");
        command.take(&report(State::Locked, 1, State::Locked));
        command.take(&report(State::Freerun, 2, State::Freerun));
        command.take(&report(State::Holdover, 1, State::Holdover));
        let news = command.news.unwrap();
        let facts = command.facts(clock::now(), &news);
        let told = ["VERDICT", "PREVIOUS", "CHANGES", "WORST", "NODE", "REASONS"]
            .map(|name| fact(&facts, name).unwrap());
        assert_eq!(told, ["HOLDOVER", "UNKNOWN", "4", "FREERUN", "n1", "lock-holdover,os-follows"]);
        assert_eq!(fact(&facts, "HOLDOVER_LEFT_MS"), None);
        assert_eq!(fact(&facts, "SINCE").unwrap().len(), "2026-01-02T03:04:05.678Z".len());
        let mut late = news;
        late.verdict.holdover_until = Some(clock::now().after(5 * SECOND_NS));
        late.verdict.reasons = Reasons::NONE;
        let facts = command.facts(clock::now(), &late);
        assert!(fact(&facts, "HOLDOVER_LEFT_MS").unwrap().starts_with("4"));
        assert_eq!(fact(&facts, "REASONS").as_deref(), Some(""));
        for name in FACTS.split(' ') {
            assert!(fact(&facts, name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_program_that_is_not_there_is_refused() {
        for command in ["", "  ", "no-such-program", "/no/such/program", "/etc/passwd", "/tmp", "./no-such"] {
            let failure = OnChange::new(command, Duration::ZERO, "n").unwrap_err();
            assert_eq!(failure.exit_code(), 2, "{command}");
            assert_eq!(failure.problem(), format!("--on-change {command}: there is no such program"));
        }
    }

    #[test]
    fn words_are_split_at_white_space_and_nowhere_else() {
        let command = on_change("  sh\t-c  a\"b c$d ");
        let words: Vec<_> = command.arguments.iter().map(|word| word.to_str().unwrap()).collect();
        assert!(words[0].starts_with('/') && words[0].ends_with("/sh"), "{words:?}");
        assert_eq!(words[1..], ["-c", "a\"b", "c$d"]);
    }

    #[test]
    fn nothing_is_inherited_that_is_told_or_is_about_us() {
        for name in ["PTPWATCH_VERDICT", "PTPWATCH_NODE", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] {
            assert!(is_ours(name.as_bytes()), "{name}");
        }
        for name in ["PATH", "PTPWATCH_PRODUCER", "PTPWATCH_", "VERDICT", ""] {
            assert!(!is_ours(name.as_bytes()), "{name}");
        }
    }
}
