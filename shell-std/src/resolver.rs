//! Names to addresses on a thread of its own, one question at a time.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use heapless::Vec;
use mio::Waker;

use crate::threads;

/// Resolves host names; the waker tells that [`take_answer`](Self::take_answer) has one.
///
/// Once dropped, its thread ends as soon as it can: nobody waits for a `getaddrinfo` that hangs.
#[derive(Debug)]
pub struct Resolver {
    waker: Arc<Waker>,
    look_up: LookUp,
    /// `None` before the first name: literals need no thread.
    thread: Option<Thread>,
    /// Whether the thread works on `question`.
    is_out: bool,
    /// What was asked last.
    question: Option<Question>,
    answer: Option<Answer>,
    last_good: Addresses,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Question {
    host: Arc<str>,
    port: u16,
}

/// The addresses of a name, in memory that is there already.
pub type Addresses = Vec<SocketAddr, ADDRESSES_MAX>;

/// At least one address, or why there is none.
pub type Answer = io::Result<Addresses>;

type LookUp = fn(&str, u16) -> Answer;

/// Our end of a thread, which ends when this is dropped.
#[derive(Debug)]
struct Thread {
    desk: Arc<Desk>,
    handle: JoinHandle<()>,
}

/// What both threads see.
#[derive(Debug, Default)]
struct Desk {
    papers: Mutex<Papers>,
    /// There is a question, or nobody asks any more.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Papers {
    question: Option<Question>,
    answer: Option<Answer>,
    is_left: bool,
}

impl Resolver {
    /// A resolver without a question, and without a thread before the first name.
    pub fn new(waker: Arc<Waker>) -> Self {
        Self::with(waker, look_up)
    }

    /// Asks for the addresses of `host` (IPv6 without brackets). A literal has its answer at once, without a wake.
    ///
    /// The same question while it is out is not asked again; another one takes its place.
    pub fn ask(&mut self, host: &str, port: u16) {
        let same = self.question.take_if(|asked| *asked.host == *host && asked.port == port);
        let question = same.unwrap_or_else(|| {
            self.forget();
            Question { host: host.into(), port }
        });
        if let Ok(address) = host.parse::<IpAddr>() {
            self.keep(Ok(Addresses::from_iter([SocketAddr::new(address, port)])));
        } else if !self.is_out {
            self.send(question.clone());
        }
        self.question = Some(question);
    }

    /// The answer to the last question, once.
    pub fn take_answer(&mut self) -> Option<Answer> {
        if let Some(thread) = &self.thread {
            // Before the papers: an answer may be its last deed.
            let has_ended = thread.handle.is_finished();
            let answer = thread.desk.papers().answer.take();
            match answer {
                Some(answer) => self.keep(answer),
                None if has_ended => self.lose_thread(),
                None => {}
            }
        }
        self.answer.take()
    }

    /// The addresses of the last good answer to the last question, whatever came after it; empty if there was none.
    pub fn last_good(&self) -> &Addresses {
        &self.last_good
    }

    fn with(waker: Arc<Waker>, look_up: LookUp) -> Self {
        Self {
            waker,
            look_up,
            thread: None,
            is_out: false,
            question: None,
            answer: None,
            last_good: Addresses::default(),
        }
    }

    /// Makes room for another question; a thread still at work is left to end by itself.
    fn forget(&mut self) {
        if self.is_out {
            self.thread = None;
            self.is_out = false;
        }
        self.answer = None;
        self.last_good.clear();
    }

    fn send(&mut self, question: Question) {
        let thread = match self.thread.take().map_or_else(|| spawn(Arc::clone(&self.waker), self.look_up), Ok)
        {
            Ok(thread) => self.thread.insert(thread),
            Err(error) => return self.keep(Err(error)),
        };
        thread.desk.papers().question = Some(question);
        thread.desk.changed.notify_one();
        self.is_out = true;
    }

    fn keep(&mut self, answer: Answer) {
        self.is_out = false;
        if let Ok(addresses) = &answer {
            self.last_good.clone_from(addresses);
        }
        self.answer = Some(answer);
    }

    /// The thread ended by itself, which it never should; the next question starts another.
    fn lose_thread(&mut self) {
        self.thread = None;
        self.keep(Err(io::Error::other("the resolver thread ended")));
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.desk.papers().is_left = true;
        self.desk.changed.notify_one();
    }
}

impl Desk {
    fn papers(&self) -> MutexGuard<'_, Papers> {
        self.papers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a question; `None` once nobody asks any more.
    fn next_question(&self) -> Option<Question> {
        let is_idle = |papers: &mut Papers| papers.question.is_none() && !papers.is_left;
        let papers = self.changed.wait_while(self.papers(), is_idle);
        let mut papers = papers.unwrap_or_else(PoisonError::into_inner);
        papers.question.take().filter(|_| !papers.is_left)
    }
}

/// Starts a thread that answers questions until nobody asks any more.
fn spawn(waker: Arc<Waker>, look_up: LookUp) -> io::Result<Thread> {
    let desk = Arc::new(Desk::default());
    let of_thread = Arc::clone(&desk);
    let work = move || {
        while let Some(Question { host, port }) = of_thread.next_question() {
            let answer = look_up(&host, port);
            of_thread.papers().answer = Some(answer);
            if let Err(error) = waker.wake() {
                log::error!("an answer waits unseen: {error}");
            }
        }
    };
    let handle = threads::spawn("resolver", Box::new(work))?;
    Ok(Thread { desk, handle })
}

/// Asks the system, which may take its time.
pub(crate) fn look_up(host: &str, port: u16) -> Answer {
    let addresses: Addresses = (host, port).to_socket_addrs()?.take(ADDRESSES_MAX).collect();
    if addresses.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(addresses) }
}

/// Addresses that are kept of one name, at most.
const ADDRESSES_MAX: usize = 8;

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use mio::{Events, Poll, Token};

    use super::*;

    fn address(port: u16) -> Addresses {
        Addresses::from_iter([SocketAddr::from(([10, 0, 0, 1], port))])
    }

    fn resolver(look_up: LookUp) -> (Poll, Resolver) {
        let poll = Poll::new().unwrap();
        let waker = Arc::new(Waker::new(poll.registry(), Token(7)).unwrap());
        (poll, Resolver::with(waker, look_up))
    }

    /// The answer that the waker announces.
    fn awaited(poll: &mut Poll, resolver: &mut Resolver) -> Answer {
        let mut events = Events::with_capacity(4);
        poll.poll(&mut events, Some(Duration::from_secs(10))).unwrap();
        assert!(events.iter().any(|event| event.token() == Token(7)));
        resolver.take_answer().unwrap()
    }

    #[test]
    fn a_literal_needs_no_thread() {
        let (_poll, mut resolver) = resolver(|_, _| unreachable!());
        for (host, expected) in [("10.0.0.1", "10.0.0.1:80"), ("fd00::1", "[fd00::1]:80")] {
            resolver.ask(host, 80);
            let expected = Addresses::from_iter([expected.parse::<SocketAddr>().unwrap()]);
            assert_eq!(resolver.take_answer().unwrap().unwrap(), expected);
            assert_eq!(*resolver.last_good(), expected);
            assert!(resolver.take_answer().is_none() && resolver.thread.is_none());
        }
    }

    #[test]
    fn a_question_that_is_out_is_not_asked_again() {
        static GATE: Mutex<()> = Mutex::new(());
        static CALLS: AtomicUsize = AtomicUsize::new(0);
        let (mut poll, mut resolver) = resolver(|_, port| {
            CALLS.fetch_add(1, Ordering::SeqCst);
            let _open = GATE.lock().unwrap();
            Ok(address(port))
        });
        let closed = GATE.lock().unwrap();
        (0..3).for_each(|_| resolver.ask("name", 5));
        assert!(resolver.take_answer().is_none());
        drop(closed);
        assert_eq!(awaited(&mut poll, &mut resolver).unwrap(), address(5));
        resolver.ask("name", 5);
        assert_eq!(*resolver.last_good(), address(5));
        assert!(awaited(&mut poll, &mut resolver).is_ok());
        assert_eq!(CALLS.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn another_question_takes_the_place_of_one_that_hangs() {
        static GATE: Mutex<()> = Mutex::new(());
        let (mut poll, mut resolver) = resolver(|host, port| {
            let _open = (host == "hangs").then(|| GATE.lock().unwrap());
            Ok(address(port))
        });
        let closed = GATE.lock().unwrap();
        resolver.ask("hangs", 1);
        resolver.ask("answers", 2);
        assert_eq!(awaited(&mut poll, &mut resolver).unwrap(), address(2));
        drop(closed);
        resolver.ask("10.0.0.9", 3);
        assert_eq!(resolver.last_good().first(), Some(&SocketAddr::from(([10, 0, 0, 9], 3))));
    }

    #[test]
    fn a_failure_leaves_the_last_good_answer() {
        static CALLS: AtomicUsize = AtomicUsize::new(0);
        let (mut poll, mut resolver) = resolver(|_, port| match CALLS.fetch_add(1, Ordering::SeqCst) {
            0 => Ok(address(port)),
            _ => Err(io::ErrorKind::TimedOut.into()),
        });
        resolver.ask("name", 5);
        assert!(awaited(&mut poll, &mut resolver).is_ok());
        resolver.ask("name", 5);
        assert_eq!(awaited(&mut poll, &mut resolver).unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(*resolver.last_good(), address(5));
    }

    #[test]
    fn the_system_is_asked() {
        assert_eq!(look_up("127.0.0.1", 9).unwrap().first(), Some(&SocketAddr::from(([127, 0, 0, 1], 9))));
        assert!(look_up("a\0b", 9).is_err());
    }
}
