//! Helpers of the tests: a world of one consumer and one simulated producer, in virtual time and without a socket.

mod world;

pub use world::{NODE, Network, Told, World};
