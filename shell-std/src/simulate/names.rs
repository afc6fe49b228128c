//! The names in callback addresses: each is looked up on a thread of its own, for the system may take its time.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::thread;

use mio::Waker;

use crate::producer::Conn;
use crate::tray::Tray;

/// Looks up where connections are to go; the waker tells that [`Names::poll`] has something.
#[derive(Debug)]
pub(super) struct Names {
    waker: Arc<Waker>,
    asked: Vec<Conn>,
    answers: Arc<Tray<Answer>>,
    threads: usize,
}

type Answer = (Conn, Vec<SocketAddr>);

impl Names {
    pub(super) fn new(waker: Arc<Waker>) -> Self {
        Self { waker, asked: Vec::new(), answers: Arc::default(), threads: 0 }
    }

    /// Asks for the addresses of `host`: those of a literal are there at once, no others can be had if it is busy.
    pub(super) fn ask(&mut self, conn: Conn, host: &str, port: u16) -> Option<Vec<SocketAddr>> {
        if let Ok(address) = host.parse::<IpAddr>() {
            return Some(vec![SocketAddr::new(address, port)]);
        }
        if self.threads >= THREADS_MAX {
            return Some(Vec::new());
        }
        let (host, waker, answers) = (host.to_owned(), Arc::clone(&self.waker), Arc::clone(&self.answers));
        let look_up = move || {
            let addresses =
                (host.as_str(), port).to_socket_addrs().map(Iterator::collect).unwrap_or_default();
            answers.put((conn, addresses));
            let _ = waker.wake();
        };
        if thread::Builder::new().name("name".to_owned()).spawn(look_up).is_err() {
            return Some(Vec::new());
        }
        self.threads += 1;
        self.asked.push(conn);
        None
    }

    /// Wants no answer any more.
    pub(super) fn forget(&mut self, conn: Conn) {
        self.asked.retain(|asked| *asked != conn);
    }

    /// A connection and where it can go; nowhere if there is no such name.
    pub(super) fn poll(&mut self) -> Option<Answer> {
        while let Some((conn, addresses)) = self.answers.take() {
            self.threads = self.threads.saturating_sub(1);
            if let Some(place) = self.asked.iter().position(|asked| *asked == conn) {
                self.asked.swap_remove(place);
                return Some((conn, addresses));
            }
        }
        None
    }
}

/// Names that are looked up at a time.
const THREADS_MAX: usize = 64;
