//! Runs the benchmarks and writes the table: `measure [SECTION]...`, all if none is named.

mod callgrind;
mod client;
mod decode;
mod machine;
mod server;
mod slots;
mod table;
mod whole;

use table::{HEAD, Row};

/// Every section: its name and what measures it.
const SECTIONS: [(&str, fn() -> Vec<Row>); 3] =
    [("decode", decode::measure), ("instructions", whole::measure), ("slots", slots::measure)];

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    for name in &wanted {
        assert!(SECTIONS.iter().any(|(known, _)| known == name), "no such section: {name}");
    }
    let mut rows = Vec::new();
    for (name, measure) in SECTIONS {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            eprintln!("measures {name}");
            rows.extend(measure());
        }
    }
    println!("{}\n\n{HEAD}", machine::describe());
    rows.iter().for_each(|row| println!("{row}"));
}
