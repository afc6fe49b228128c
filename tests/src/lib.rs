//! Helpers of the tests: a world of one consumer and one simulated producer, in virtual time and without a socket.

mod network;
mod random;
pub mod sim;
mod world;

pub use network::{Faults, Network};
pub use random::Random;
pub use world::{ENDPOINT, NODE, Told, World};
