//! The oracles of the fuzz targets: for each target a `check` that panics where core breaks its word.
//!
//! What a claim is compared with is written independently of core, as simply as it can be, by meaning: `json` reads
//! with `serde_json`, `model` finds events in what it read, `framing` cuts messages by RFC 9112. Core alone is compared
//! with itself only where that is the claim: pieces and the whole. Where core departs from what it is compared with on
//! purpose, one function with a name says so; look for "Policy:".

mod cuts;
mod framing;
mod json;
mod model;

pub mod decode;
pub mod drive;
pub mod http;
pub mod scan;
pub mod split;
