//! What is measured of `ptpwatch-core` within one process.

pub mod consumer;
pub mod payload;
pub mod storage;
pub mod tracker;
