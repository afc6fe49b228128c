//! What one more connection slot costs: nothing.

use crate::callgrind::{command, instructions_per_one};
use crate::server::built;
use crate::table::{Row, list, whole};

pub(crate) fn measure() -> Vec<Row> {
    let figures = ["4", "16", "64", "256"].map(|conns| (conns, instructions(conns)));
    let [(_, first), .., (_, last)] = figures;
    vec![Row {
        measure: "consumer, bytes to answer, instructions per event by slots".to_owned(),
        ours: whole(first),
        beside: list(&figures),
        ratio: format!("256 slots: {:.4} of 4", last / first),
        wanted: "flat within 2 %",
    }]
}

/// Instructions for one event that is posted to a consumer with so many connections.
pub(crate) fn instructions(conns: &str) -> f64 {
    let program = built("benchmarks/release/ours");
    instructions_per_one(COUNT, |count| command(&program, &["consumer", conns, &count.to_string()]))
}

/// Events between the two counts.
const COUNT: usize = 1000;
