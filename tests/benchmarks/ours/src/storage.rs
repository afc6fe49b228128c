//! Sizes of the memory that a consumer takes.

use ptpwatch_core::consumer::{Consumer, Storage};

/// What is measured, its type, and its bytes.
pub const SIZES: [(&str, &str, usize); 3] = [
    ("storage", "Storage", size_of::<Storage>()),
    ("smallest-storage", "Storage<2, 1536, 864, 4>", size_of::<Storage<2, 1536, 864, 4>>()),
    ("consumer", "Consumer", size_of::<Consumer<'_>>()),
];
