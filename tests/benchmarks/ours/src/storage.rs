//! Sizes of the memory that a consumer takes.

use ptpwatch_core::consumer::{Consumer, Storage};

/// What is measured, and its bytes.
pub const SIZES: [(&str, usize); 3] = [
    ("Storage", size_of::<Storage>()),
    ("Storage<2, 1536, 1536, 4>", size_of::<Storage<2, 1536, 1536, 4>>()),
    ("Consumer", size_of::<Consumer<'_>>()),
];
