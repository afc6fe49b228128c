//! The table, in Markdown.

use std::fmt;

/// One measure: what was wanted, and what came of it. What is empty has nothing to be told.
#[derive(Debug, Default)]
pub(crate) struct Row {
    pub(crate) measure: String,
    pub(crate) ours: String,
    /// The others, each with its name.
    pub(crate) beside: String,
    pub(crate) ratio: String,
    pub(crate) wanted: &'static str,
}

impl fmt::Display for Row {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { measure, ours, beside, ratio, wanted } = self;
        write!(formatter, "| {measure} | {ours} | {beside} | {ratio} | {wanted} |")
    }
}

/// The table's head.
pub(crate) const HEAD: &str = "| measure | ptpwatch | beside it | ratio | aim |\n|---|---|---|---|---|";

/// A whole number, its thousands apart.
pub(crate) fn whole(number: f64) -> String {
    let digits = format!("{:.0}", number.abs());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number <= -0.5 { format!("-{text}") } else { text }
}

/// The others, each with its figure.
pub(crate) fn list(figures: &[(&str, f64)]) -> String {
    let parts: Vec<String> =
        figures.iter().map(|(name, figure)| format!("{name} {}", whole(*figure))).collect();
    parts.join(", ")
}

/// So many connections, in words.
pub(crate) fn connections(count: usize) -> String {
    if count == 1 { "1 connection".to_owned() } else { format!("{count} connections") }
}

/// The median.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
