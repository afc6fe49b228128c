//! ptpwatch, the program: sockets, outputs and commands around `ptpwatch-core`.

pub mod escape;
pub mod logger;
pub mod options;
pub mod output;
pub mod producer;
pub mod resolver;
pub mod signals;
