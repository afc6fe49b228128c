//! The stage: the simulated producer on a thread and sockets of its own, as far from the consumer as loopback goes.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use mio::Waker;

use super::NODE;
use crate::failure::Failure;
use crate::options::{Demo, Simulate};
use crate::simulate::{self, Saying, Simulation, load_script};
use crate::threads;
use crate::tray::Tray;

/// A producer that plays its script until this is dropped.
pub(super) struct Stage {
    address: SocketAddr,
    sayings: Arc<Tray<Saying>>,
    flags: Arc<Flags>,
    waker: Arc<Waker>,
    thread: Option<JoinHandle<()>>,
    /// What the producer died of.
    death: Arc<Tray<io::Error>>,
}

#[derive(Debug, Default)]
struct Flags {
    is_to_end: AtomicBool,
    is_finished: AtomicBool,
}

impl Stage {
    /// Begins the play: once, or over and over.
    ///
    /// # Errors
    /// If the script cannot be read, or the system lacks something.
    pub(super) fn open(demo: &Demo) -> Result<Self, Failure> {
        let script = load_script(&demo.script)?;
        let script = if demo.once { script } else { script.looped() };
        let simulation = simulate::open(&site(demo), script)?;
        let (address, waker) = (simulation.address(), simulation.waker());
        let sayings = Arc::clone(simulation.sayings());
        let flags = Arc::new(Flags::default());
        let death = Arc::new(Tray::new());
        let of_thread = (Arc::clone(&flags), Arc::clone(&death));
        let work = move || {
            let (flags, death) = of_thread;
            play(simulation, &flags).unwrap_or_else(|error| death.put(error));
        };
        let thread = Some(threads::spawn("producer", Box::new(work))?);
        Ok(Self { address, sayings, flags, waker, thread, death })
    }

    /// Where the producer listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it said, and nobody has heard yet.
    pub(super) fn take_saying(&self) -> Option<Saying> {
        self.sayings.take()
    }

    /// Whether the script ran to its end.
    ///
    /// # Errors
    /// What the producer died of.
    pub(super) fn is_finished(&mut self) -> io::Result<bool> {
        if let Some(thread) = self.thread.take_if(|thread| thread.is_finished()) {
            let _ = thread.join();
            let early = || io::Error::other("the simulated producer ended early");
            return Err(self.death.take().unwrap_or_else(early));
        }
        Ok(self.flags.is_finished.load(Ordering::SeqCst))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.flags.is_to_end.store(true, Ordering::SeqCst);
        let _ = self.waker.wake();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What is on the stage.
fn site(demo: &Demo) -> Simulate {
    Simulate {
        listen: (Ipv4Addr::LOCALHOST, 0).into(),
        dialect: demo.dialect.clone(),
        node: NODE.to_owned(),
        script: demo.script.clone(),
        interface: "ens1f0".to_owned(),
        seed: 1,
        advertise: None,
        once: demo.once,
        log_level: demo.log_level,
    }
}

fn play(mut simulation: Simulation, flags: &Flags) -> io::Result<()> {
    while !flags.is_to_end.load(Ordering::SeqCst) {
        simulation.turn(None)?;
        flags.is_finished.store(simulation.is_finished(), Ordering::SeqCst);
    }
    Ok(())
}
