//! Lines to stdout and stderr that never block: a fixed buffer, written as far as the other side takes it.

mod buffer;

use std::fmt::{self, Write as _};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};

use self::buffer::Buffer;
pub use self::buffer::{BUFFER_MAX, Line};

/// Whole lines on their way to a file descriptor. What does not fit is dropped and counted.
#[derive(Debug)]
pub struct Output {
    fd: OwnedFd,
    /// Whether a write takes what there is room for, and never waits.
    is_non_blocking: bool,
    buffer: Buffer,
    dropped: u64,
    /// Lines dropped since the start.
    dropped_ever: u64,
    /// Nobody reads any more: lines vanish.
    is_ended: bool,
}

/// How text lines say what is missing before them: nothing, or ` (dropped: n)`.
#[derive(Clone, Copy, Debug)]
pub struct Dropped(pub u64);

impl Output {
    /// Lines to stdout.
    ///
    /// # Errors
    /// Those of `dup`.
    pub fn stdout() -> io::Result<Self> {
        io::stdout().as_fd().try_clone_to_owned().map(Self::to)
    }

    /// Lines to stderr.
    ///
    /// # Errors
    /// Those of `dup`.
    pub fn stderr() -> io::Result<Self> {
        io::stderr().as_fd().try_clone_to_owned().map(Self::to)
    }

    /// Lines to `fd`, whose own flags are left alone: other processes share them.
    pub fn to(fd: OwnedFd) -> Self {
        let reopened = reopen(fd.as_fd());
        let is_non_blocking = reopened.is_some();
        let fd = reopened.unwrap_or(fd);
        Self { fd, is_non_blocking, buffer: Buffer::new(), dropped: 0, dropped_ever: 0, is_ended: false }
    }

    /// Takes a line without its newline; says after it how many were dropped before it.
    pub fn push_line(&mut self, text: &str) {
        self.push_line_with(|line, dropped| write!(line, "{text}{}", Dropped(dropped)));
    }

    /// Takes the line that `make` writes, without its newline, given how many were dropped before it.
    ///
    /// It is dropped too if it does not fit or `make` fails.
    pub fn push_line_with(&mut self, make: impl FnOnce(&mut Line<'_>, u64) -> fmt::Result) {
        if self.is_ended {
            return;
        }
        let start = self.buffer.length();
        let mut line = Line::new(&mut self.buffer);
        let is_whole = make(&mut line, self.dropped).and_then(|()| line.write_char('\n')).is_ok();
        if is_whole {
            self.dropped = 0;
        } else {
            self.buffer.truncate(start);
            self.note_dropped(1);
        }
    }

    /// Counts lines that were lost before they came here.
    pub fn note_dropped(&mut self, lines: u64) {
        self.dropped = self.dropped.saturating_add(lines);
        self.dropped_ever = self.dropped_ever.saturating_add(lines);
    }

    /// How many lines were dropped since the start.
    pub fn dropped_ever(&self) -> u64 {
        self.dropped_ever
    }

    /// Writes what can be written without blocking.
    ///
    /// # Errors
    /// What the other side's end reports, once (`BrokenPipe` if its reader is gone). From then on lines vanish.
    pub fn flush(&mut self) -> io::Result<()> {
        if !self.is_pending() {
            return Ok(());
        }
        let mut written = 0;
        let result = loop {
            match self.write_chunk(self.buffer.text().get(written..).unwrap_or_default()) {
                Ok(0) => break Ok(()),
                Ok(count) => written += count,
                Err(error) => break Err(error),
            }
        };
        if result.is_err() {
            self.is_ended = true;
            written = self.buffer.length();
        }
        self.buffer.drop_front(written);
        Ok(result?)
    }

    /// Writes the front of `bytes`; zero if there is no room for it, or nothing to write.
    fn write_chunk(&self, bytes: &[u8]) -> Result<usize, Errno> {
        let chunk = bytes.get(..CHUNK_MAX).unwrap_or(bytes);
        // Lines stay whole where stdout and stderr are one pipe.
        let chunk = chunk
            .iter()
            .rposition(|byte| *byte == b'\n')
            .and_then(|last| chunk.get(..=last))
            .unwrap_or(chunk);
        if chunk.is_empty() || !self.is_non_blocking && !is_writable(&self.fd, Duration::ZERO)? {
            return Ok(0);
        }
        match retry_on_intr(|| rustix::io::write(&self.fd, chunk)) {
            Err(Errno::AGAIN) => Ok(0),
            result => result,
        }
    }

    /// Writes everything, blocking until `deadline` at most; [`is_pending`](Self::is_pending) tells whether it did.
    ///
    /// # Errors
    /// As [`flush`](Self::flush).
    pub fn drain(&mut self, deadline: Instant) -> io::Result<()> {
        loop {
            self.flush()?;
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || !self.is_pending() {
                return Ok(());
            }
            is_writable(&self.fd, left)?;
        }
    }

    /// Lets `patience` go by, unless nobody reads any more.
    ///
    /// # Errors
    /// `BrokenPipe` then, which a [`flush`](Self::flush) would not say before there is another line.
    pub fn idle(&self, patience: Duration) -> io::Result<()> {
        // What is asked for is nothing: that the other side is gone is told unasked.
        if is_ready(self.fd.as_fd(), PollFlags::empty(), patience)? {
            Err(Errno::PIPE.into())
        } else {
            Ok(())
        }
    }

    /// Whether lines wait for a [`flush`](Self::flush).
    pub fn is_pending(&self) -> bool {
        self.buffer.length() > 0
    }

    /// How many lines were dropped since the last that came through; no line will say so any more.
    pub fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 { Ok(()) } else { write!(f, " (dropped: {})", self.0) }
    }
}

/// Opens a terminal or pipe once more, so that it can be non-blocking for us alone; `None` where that cannot be.
///
/// A terminal needs it: it calls itself writable with room for a few bytes, and a longer write then blocks. Without it
/// (a terminal that belongs to another user, after `su`) a terminal that has stalled can block us.
fn reopen(fd: BorrowedFd<'_>) -> Option<OwnedFd> {
    let kind = FileType::from_raw_mode(rustix::fs::fstat(fd).ok()?.st_mode);
    if !matches!(kind, FileType::CharacterDevice | FileType::Fifo) {
        return None;
    }
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    rustix::fs::open(format!("/proc/self/fd/{}", fd.as_raw_fd()), flags, Mode::empty()).ok()
}

/// Whether a write would do something, be it fail, within `patience`.
fn is_writable(fd: &OwnedFd, patience: Duration) -> Result<bool, Errno> {
    is_ready(fd.as_fd(), PollFlags::OUT, patience)
}

/// Whether `fd` is ready for what `flags` name, within `patience`.
pub(crate) fn is_ready(fd: BorrowedFd<'_>, flags: PollFlags, patience: Duration) -> Result<bool, Errno> {
    let timeout = Timespec::try_from(patience).map_err(|_| Errno::INVAL)?;
    let ready = retry_on_intr(|| poll(&mut [PollFd::new(&fd, flags)], Some(&timeout)))?;
    Ok(ready > 0)
}

/// Bytes in one write, at most: `PIPE_BUF`. A pipe that does not block takes that whole or not at all, and one that polls as
/// writable has room for it (pipe(7)).
const CHUNK_MAX: usize = 4096;

#[cfg(test)]
mod tests {
    use std::io::{PipeReader, Read};

    use super::*;

    fn piped() -> (PipeReader, Output) {
        let (reader, writer) = io::pipe().unwrap();
        (reader, Output::to(writer.into()))
    }

    fn read_all(mut reader: PipeReader, output: Output) -> String {
        drop(output);
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn lines_come_out_as_they_went_in() {
        let (reader, mut output) = piped();
        output.push_line("one");
        output
            .push_line_with(|line, dropped| line.write_str("tw").and_then(|()| write!(line, "o {dropped}")));
        assert!(output.is_pending());
        output.flush().unwrap();
        assert!(!output.is_pending());
        assert_eq!(read_all(reader, output), "one\ntwo 0\n");
    }

    #[test]
    fn a_pipe_that_nobody_reads_drops_and_then_reports() {
        let (mut reader, mut output) = piped();
        let line = "x".repeat(99);
        let mut pushed = 0_u64;
        while output.dropped < 3 {
            output.push_line(&line);
            output.flush().unwrap();
            pushed += 1;
        }
        assert!(output.is_pending());
        let mut some = vec![0; CHUNK_MAX];
        reader.read_exact(&mut some).unwrap();
        output.flush().unwrap();
        output.push_line("last");
        assert_eq!(output.take_dropped(), 0);

        let rest = std::thread::spawn(move || {
            let mut text = String::new();
            reader.read_to_string(&mut text).map(|_| text)
        });
        output.drain(Instant::now() + Duration::from_secs(10)).unwrap();
        assert!(!output.is_pending());
        drop(output);
        let text = String::from_utf8(some).unwrap() + &rest.join().unwrap().unwrap();
        let (lines, last) = text.split_at(text.len() - "last (dropped: 3)\n".len());
        assert_eq!(last, "last (dropped: 3)\n");
        assert!(lines.lines().all(|other| other == line));
        assert_eq!(lines.lines().count() as u64, pushed - 3);
    }

    #[test]
    fn a_terminal_that_nobody_reads_does_not_block() {
        let pty =
            rustix::pty::openpt(rustix::pty::OpenptFlags::RDWR | rustix::pty::OpenptFlags::NOCTTY).unwrap();
        rustix::pty::unlockpt(&pty).unwrap();
        let path = rustix::pty::ptsname(&pty, Vec::new()).unwrap();
        let terminal = rustix::fs::open(&*path, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        let mut output = Output::to(terminal);
        while output.dropped == 0 {
            output.push_line("a line of the usual length, with its end made two bytes by the terminal");
            output.flush().unwrap();
        }
        output.drain(Instant::now() + Duration::from_millis(1)).unwrap();
        assert!(output.is_pending());
    }

    #[test]
    fn the_flags_that_others_share_stay() {
        let (_reader, writer) = io::pipe().unwrap();
        let _output = Output::to(writer.try_clone().unwrap().into());
        assert!(!rustix::fs::fcntl_getfl(&writer).unwrap().contains(OFlags::NONBLOCK));
    }

    #[test]
    fn a_reader_that_left_is_reported_once() {
        let (reader, mut output) = piped();
        drop(reader);
        output.flush().unwrap();
        output.push_line("one");
        assert_eq!(output.flush().unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        for _ in 0..2 {
            output.push_line("two");
            assert!(!output.is_pending());
            output.flush().unwrap();
        }
    }

    #[test]
    fn a_line_is_all_or_nothing() {
        let (reader, mut output) = piped();
        output.push_line(&"x".repeat(BUFFER_MAX));
        output.push_line_with(|line, _| line.write_str("half").and(Err(fmt::Error)));
        assert!(!output.is_pending());
        output.note_dropped(1);
        assert_eq!(output.take_dropped(), 3);
        output.push_line(&"y".repeat(BUFFER_MAX - 1));
        assert!(output.is_pending() && output.take_dropped() == 0);
        output.push_line("");
        assert_eq!(output.take_dropped(), 1);
        drop(reader);
    }

    #[test]
    fn files_and_sockets_are_written_too() {
        let (mut reader, writer) = std::os::unix::net::UnixStream::pair().unwrap();
        let mut output = Output::to(writer.into());
        output.push_line("socket");
        output.drain(Instant::now()).unwrap();
        let mut text = [0; 7];
        reader.read_exact(&mut text).unwrap();
        assert_eq!(&text, b"socket\n");
        let file = rustix::fs::memfd_create("lines", rustix::fs::MemfdFlags::CLOEXEC).unwrap();
        let mut output = Output::to(file.try_clone().unwrap());
        output.push_line(&"z".repeat(5000));
        output.flush().unwrap();
        assert_eq!(rustix::fs::fstat(&file).unwrap().st_size, 5001);
    }
}
