//! The PTP notification consumer of an O-Cloud host, as a state machine without I/O, heap or clock.
//!
//! A [`Consumer`](consumer::Consumer) takes bytes and time and gives a [`Verdict`](verdict::Verdict): whether the clock
//! of the host can be trusted. It subscribes to the node's PTP events over the O-RAN O-Cloud notification API, answers
//! the producer's notifications, polls what they may have missed, and judges; the embedder moves bytes between its
//! sockets and the consumer's windows. All memory is lent, such as in one [`Storage`](consumer::Storage).
//!
//! ```text
//!  socket -> recv_window -> http -> event -> track -> verdict -> poll_notice -> application
//!  socket <- send_window <- http <- dialect <- plan <- time, subscriptions
//!  clock  -> handle_timeout                             poll_timeout -> how long to wait
//! ```
//!
//! The rooms, each using only those above it: [`limits`] and [`time`]; [`json`], a pull scanner; [`event`], which finds
//! the events in a body; [`track`], which keeps a channel for each resource of each instance; [`verdict`]; [`dialect`],
//! how producers differ, as tables; [`http`]; [`consumer`], which carries values between them; and, where there are
//! 64-bit atomics, `page`, which shows the verdict to other threads and processes. Who has an HTTP stack already uses the
//! lower rooms alone. With the features `embedded-io` and `smoltcp`, `adapt` moves the consumer on those transports.
//!
//! Nothing here allocates, recurses without bound, blocks, or panics; there is no unsafe code.
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

#[cfg(any(feature = "embedded-io", feature = "smoltcp"))]
pub mod adapt;
mod calendar;
pub mod consumer;
pub mod dialect;
pub mod event;
pub mod http;
pub mod json;
pub mod limits;
#[cfg(target_has_atomic = "64")]
pub mod page;
mod swar;
pub mod time;
pub mod track;
pub mod verdict;

/// The README's embedding is compiled and run with the documentation's tests, where all features that it shows are on.
#[cfg(all(doctest, feature = "embedded-io", feature = "smoltcp"))]
#[doc = include_str!("../../README.md")]
struct Readme;
