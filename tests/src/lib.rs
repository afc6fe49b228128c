//! Helpers of the tests: a world of one consumer, wherever it lives, and one simulated producer, in virtual time; and the
//! program itself, as a process, with peers of ours.

pub mod board;
pub mod card;
pub mod lan;
mod network;
pub mod peer;
pub mod process;
mod random;
pub mod sim;
mod stranger;
mod world;

pub use network::{Faults, Network};
pub use random::Random;
pub use world::{
    Direct, ENDPOINT, Ethernet, Home, Loopback, Machine, NODE, Pipes, Task, Told, Windows, Wire, World,
};

use ptpwatch_core::dialect::{self, Dialect};
use ptpwatch_core::event::Resource;

/// A script's first ten seconds: all is well.
pub const LOCKED_10_S: &str =
    "os-clock LOCKED offset 7\nlock-state LOCKED offset 5\nclock-class 6\nwait 10s\n";

/// Every dialect whose producers report all that the default policy requires: StarlingX v1 knows no host's clock.
pub fn with_os_clock() -> impl Iterator<Item = &'static Dialect> {
    dialect::ALL.into_iter().filter(|dialect| dialect.has(Resource::OsClock))
}
