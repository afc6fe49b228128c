//! The PTP notification consumer of an O-Cloud host, as a state machine without I/O, heap or clock.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::string_slice
    )
)]

pub mod consumer;
pub mod dialect;
pub mod event;
pub mod http;
pub mod json;
pub mod limits;
pub mod time;
pub mod track;
pub mod verdict;
