//! ptpwatch, the program: sockets, outputs and commands around `ptpwatch-core`.

mod admin;
mod api;
pub mod check;
pub mod decode;
#[cfg(feature = "simulator")]
pub mod demo;
pub mod escape;
pub mod failure;
mod journal;
mod json;
pub mod live;
pub mod logger;
pub mod options;
pub mod output;
pub mod page;
#[cfg(feature = "simulator")]
pub mod producer;
mod reactions;
pub mod resolver;
pub mod run;
pub mod signals;
#[cfg(feature = "simulator")]
pub mod simulate;
pub mod state;
#[cfg(feature = "simulator")]
mod table;
mod threads;
#[cfg(feature = "simulator")]
pub mod tray;
pub mod turn;
pub mod view;
mod watch;
