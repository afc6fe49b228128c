//! The lobby: who asks before there is a consumer hears that we are alive, and not ready.
//!
//! What the producer is told of us is known only once its name is, and that may take long. Whoever watches over us must
//! not take that for death.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Duration;

use mio::net::{TcpListener, TcpStream};
use rustix::event::{PollFd, PollFlags, poll};

use crate::output::is_ready;
use crate::threads;

/// A thread that answers, one peer after the other, for as long as this is there.
#[derive(Debug)]
pub(crate) struct Lobby {
    /// What the thread sees the end of.
    _end: UnixStream,
}

impl Lobby {
    /// Opens at `listener`, which somebody else takes over later.
    ///
    /// # Errors
    /// Those of the system.
    pub(crate) fn open(listener: &std::net::TcpListener) -> io::Result<Self> {
        let listener = listener.try_clone()?;
        listener.set_nonblocking(true)?;
        let (ours, theirs) = UnixStream::pair()?;
        let listener = TcpListener::from_std(listener);
        threads::spawn("lobby", Box::new(move || serve(&listener, &theirs)))?;
        Ok(Self { _end: ours })
    }
}

fn serve(listener: &TcpListener, end: &UnixStream) {
    loop {
        let mut both = [PollFd::new(listener, PollFlags::IN), PollFd::new(end, PollFlags::IN)];
        let _ = poll(&mut both, None);
        let [_, end] = both;
        if !end.revents().is_empty() {
            return;
        }
        match listener.accept() {
            Ok((peer, _)) => answer(peer),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => thread::sleep(PATIENCE),
        }
    }
}

/// Answers what is asked at once, and closes; whoever can wait may as well come back.
fn answer(mut peer: TcpStream) {
    let mut question = [0; QUESTION_MAX];
    if is_ready(peer.as_fd(), PollFlags::IN, PATIENCE) == Ok(true) && peer.read(&mut question).is_ok() {
        let answer = match question.starts_with(b"GET /livez") {
            true => ALIVE,
            false => NOT_READY,
        };
        let _ = peer.write_all(answer.as_bytes());
    }
}

const ALIVE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";
const NOT_READY: &str = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
/// How long a peer may take to ask.
const PATIENCE: Duration = Duration::from_millis(500);
/// Longest question that is read, in bytes.
const QUESTION_MAX: usize = 2048;
