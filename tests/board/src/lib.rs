//! What of the board's program can be tested anywhere.
#![cfg_attr(not(test), no_std)]

pub mod fifo;
pub mod settings;
pub mod ticks;
