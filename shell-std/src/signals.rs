//! SIGTERM and SIGINT as something to poll; another one a while after the first ends the program there and then.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use mio::net::UnixStream;
use signal_hook::consts::{SIGCHLD, SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

use crate::threads;

/// Catches the signals that ask for an end, from its making to the end of the program.
#[derive(Debug)]
pub struct Signals {
    stream: UnixStream,
    /// The other end, for whoever tells of something.
    writer: std::os::unix::net::UnixStream,
    last: Arc<AtomicUsize>,
    /// Whether the next signal ends the program.
    is_armed: Arc<AtomicBool>,
}

/// A request to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    Terminate,
    Interrupt,
}

impl Signals {
    /// Catches from now on. A signal that comes [`PATIENCE`] after another was taken exits at once with 128 and its
    /// number, as a shell would say it.
    ///
    /// # Errors
    /// Those of `socketpair` and `sigaction`.
    pub fn new() -> io::Result<Self> {
        let (stream, writer) = std::os::unix::net::UnixStream::pair()?;
        stream.set_nonblocking(true)?;
        let last = Arc::new(AtomicUsize::new(0));
        let is_armed = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGINT] {
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&is_armed))?;
            flag::register_usize(signal, Arc::clone(&last), signal as usize)?;
            low_level::pipe::register(signal, writer.try_clone()?)?;
        }
        Ok(Self { stream: UnixStream::from_std(stream), writer, last, is_armed })
    }

    /// Wakes whoever polls when a child of ours has ended, too.
    ///
    /// # Errors
    /// Those of `sigaction`.
    pub fn heed_children(&self) -> io::Result<()> {
        low_level::pipe::register(SIGCHLD, self.writer.try_clone()?).map(drop)
    }

    /// Becomes readable when a signal came: to be registered with the poll.
    pub fn stream(&mut self) -> &mut UnixStream {
        &mut self.stream
    }

    /// The signal that came, once.
    pub fn take(&mut self) -> Option<Signal> {
        let signal = match i32::try_from(self.last.swap(0, Ordering::SeqCst)) {
            Ok(SIGTERM) => Signal::Terminate,
            Ok(SIGINT) => Signal::Interrupt,
            _ => return None,
        };
        self.drain();
        self.arm_soon();
        Some(signal)
    }

    /// Makes room for what is told next. It is noted before the stream is told: what a signal adds after this makes one
    /// idle turn, at most.
    pub fn drain(&mut self) {
        while matches!(self.stream.read(&mut [0; 16]), Ok(1..)) {}
    }

    /// Not at once: `timeout` and some supervisors signal a process and then the group it is in, which is one request.
    /// On a thread, for who sends another signal may do so because the rest of the program hangs.
    fn arm_soon(&self) {
        let is_armed = Arc::clone(&self.is_armed);
        let arm = move || {
            thread::sleep(PATIENCE);
            is_armed.store(true, Ordering::SeqCst);
        };
        if threads::spawn("signals", Box::new(arm)).is_err() {
            self.is_armed.store(true, Ordering::SeqCst);
        }
    }
}

/// How long after a signal others are taken for the same.
pub const PATIENCE: Duration = Duration::from_millis(300);

impl Signal {
    pub fn name(self) -> &'static str {
        match self {
            Self::Terminate => "SIGTERM",
            Self::Interrupt => "SIGINT",
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use mio::{Events, Interest, Poll, Token};
    use rustix::process::{Signal as Raw, getpid, kill_process};

    use super::*;

    /// However many there were before, each is told of.
    #[test]
    fn the_end_of_a_child_wakes_who_polls() {
        let mut signals = Signals::new().unwrap();
        signals.heed_children().unwrap();
        let mut poll = Poll::new().unwrap();
        poll.registry().register(signals.stream(), Token(1), Interest::READABLE).unwrap();
        let mut events = Events::with_capacity(4);
        for number in 0..2000 {
            kill_process(getpid(), Raw::CHILD).unwrap();
            while let Err(error) = poll.poll(&mut events, Some(Duration::from_secs(10))) {
                assert_eq!(error.kind(), io::ErrorKind::Interrupted);
            }
            assert!(!events.is_empty(), "{number}");
            signals.drain();
            assert_eq!(signals.take(), None);
        }
    }

    /// In a process of its own, for the last signal ends it.
    #[test]
    fn those_at_once_are_one_and_a_later_one_ends() {
        if std::env::var_os(CHILD).is_some() {
            return child();
        }
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "signals::tests::those_at_once_are_one_and_a_later_one_ends"])
            .env(CHILD, "1")
            .output()
            .unwrap()
            .status;
        assert_eq!(status.code(), Some(130));
    }

    fn child() {
        let mut signals = Signals::new().unwrap();
        let mut poll = Poll::new().unwrap();
        poll.registry().register(signals.stream(), Token(1), Interest::READABLE).unwrap();
        assert_eq!(signals.take(), None);
        kill_process(getpid(), Raw::TERM).unwrap();
        kill_process(getpid(), Raw::TERM).unwrap();
        wait_for(&mut signals, &mut poll);
        kill_process(getpid(), Raw::TERM).unwrap();
        while !signals.is_armed.load(Ordering::SeqCst) {
            thread::yield_now();
        }
        kill_process(getpid(), Raw::INT).unwrap();
        thread::sleep(Duration::from_secs(10));
    }

    /// The kernel gives a process's signal to any of its threads, in its own time, and it may interrupt the poll.
    fn wait_for(signals: &mut Signals, poll: &mut Poll) {
        let mut events = Events::with_capacity(4);
        for _ in 0..100 {
            let _ = poll.poll(&mut events, Some(Duration::from_millis(100)));
            if let Some(signal) = signals.take() {
                return assert_eq!(signal, Signal::Terminate);
            }
        }
        panic!("no signal came");
    }

    const CHILD: &str = "PTPWATCH_TEST_SIGNALS_CHILD";
}
