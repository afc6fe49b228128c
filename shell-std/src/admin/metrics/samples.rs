//! Samples of one family, in the text format of Prometheus or OpenMetrics.

use std::fmt::{self, Display, Write};
use std::time::Duration;

use ptpwatch_core::event::Decimal;
use ptpwatch_core::time::SECOND_NS;

use super::{Family, Format, Kind, Names};
use crate::escape::Escaped;

/// A label: its value may be what a peer sent.
pub(super) type Label<'l> = (&'static str, &'l [u8]);

/// Writes the samples of a family, and what the family is before the first of them.
pub(super) struct Samples<'w> {
    out: &'w mut dyn Write,
    format: Format,
    family: &'static Family,
    suffix: &'static str,
    has_begun: bool,
}

/// The value of a sample.
#[derive(Clone, Copy, Debug)]
pub(super) enum Number {
    Count(u64),
    /// Nanoseconds, shown in seconds.
    Nanos(u64),
    /// The same, with a sign and thousandths.
    NanosOf(Decimal),
}

impl<'w> Samples<'w> {
    pub(super) fn new(out: &'w mut dyn Write, format: Format, family: &'static Family) -> Self {
        let suffix = if family.kind == Kind::Counter { TOTAL } else { "" };
        Self { out, format, family, suffix, has_begun: false }
    }

    /// Has the names of the samples that follow end in `suffix`.
    pub(super) fn of(&mut self, suffix: &'static str) {
        self.suffix = suffix;
    }

    /// Writes one sample.
    pub(super) fn one(&mut self, labels: &[Label<'_>], value: Number) -> fmt::Result {
        self.sample(labels, None, value)
    }

    /// Writes one sample if there is a value.
    pub(super) fn some(&mut self, labels: &[Label<'_>], value: Option<Number>) -> fmt::Result {
        value.map_or(Ok(()), |value| self.one(labels, value))
    }

    /// Writes one sample for each value of one label.
    pub(super) fn all(&mut self, label: &'static str, counts: &[(&str, u64)]) -> fmt::Result {
        let sample =
            |(value, count): &(&str, u64)| self.one(&[(label, value.as_bytes())], Number::Count(*count));
        counts.iter().try_for_each(sample)
    }

    /// Writes a set: a sample for each of its names, 1 for the one that holds.
    pub(super) fn set(&mut self, labels: &[Label<'_>], of: &Names, holds: &str) -> fmt::Result {
        of.names.iter().try_for_each(|name| {
            let value = Number::Count(u64::from(*name == holds));
            self.sample(labels, Some((of.label, name.as_bytes())), value)
        })
    }

    fn sample(&mut self, labels: &[Label<'_>], more: Option<Label<'_>>, value: Number) -> fmt::Result {
        self.begin()?;
        self.out.write_str(self.family.name)?;
        self.out.write_str(self.suffix)?;
        let mut opening = "{";
        for (name, text) in labels.iter().copied().chain(more) {
            write!(self.out, "{opening}{name}=\"")?;
            write!(EscapingLabel(&mut *self.out), "{}", Escaped(text))?;
            self.out.write_str("\"")?;
            opening = ",";
        }
        writeln!(self.out, "{} {value}", if opening == "," { "}" } else { "" })
    }

    fn begin(&mut self) -> fmt::Result {
        if std::mem::replace(&mut self.has_begun, true) {
            return Ok(());
        }
        let Family { name, kind, help, .. } = self.family;
        let (total, kind) = match (kind, self.format) {
            (Kind::Gauge, _) => ("", "gauge"),
            // OpenMetrics names a family without what its samples end in.
            (Kind::Counter, Format::OpenMetrics) => ("", "counter"),
            (Kind::Counter, Format::Text) => (TOTAL, "counter"),
            (Kind::Histogram, _) => ("", "histogram"),
        };
        write!(self.out, "# HELP {name}{total} {help}\n# TYPE {name}{total} {kind}\n")
    }
}

impl Number {
    pub(super) fn of(duration: Duration) -> Self {
        Self::Nanos(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
    }
}

impl Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Nanos(nanos) => write!(f, "{}.{:09}", nanos / SECOND_NS, nanos % SECOND_NS),
            Self::NanosOf(decimal) => {
                let (whole, thousandths) = (decimal.whole(), decimal.thousandths());
                let sign = if whole < 0 || thousandths < 0 { "-" } else { "" };
                write!(f, "{sign}{}{:03}", Self::Nanos(whole.unsigned_abs()), thousandths.unsigned_abs())
            }
        }
    }
}

/// Passes text on as it stands between the quotes of a label.
struct EscapingLabel<'w>(&'w mut dyn Write);

impl Write for EscapingLabel<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'\\' | b'"')) {
            let (front, behind) = rest.split_at(at);
            self.0.write_str(front)?;
            self.0.write_str("\\")?;
            let (escaped, behind) = behind.split_at(1);
            self.0.write_str(escaped)?;
            rest = behind;
        }
        self.0.write_str(rest)
    }
}

const TOTAL: &str = "_total";

#[cfg(test)]
mod tests {
    use super::super::Content;
    use super::*;

    static FAMILY: Family =
        Family { name: "x", kind: Kind::Counter, help: "What it is.", content: Content::One(|_| 0) };

    fn written(format: Format, write: impl FnOnce(&mut Samples<'_>) -> fmt::Result) -> String {
        let mut text = String::new();
        write(&mut Samples::new(&mut text, format, &FAMILY)).unwrap();
        text
    }

    #[test]
    fn a_family_is_told_once_and_only_with_samples() {
        assert_eq!(written(Format::Text, |_| Ok(())), "");
        let two = |samples: &mut Samples<'_>| samples.all("a", &[("b", 1), ("c", u64::MAX)]);
        let samples = "x_total{a=\"b\"} 1\nx_total{a=\"c\"} 18446744073709551615\n";
        let head = "# HELP x_total What it is.\n# TYPE x_total counter\n";
        assert_eq!(written(Format::Text, two), format!("{head}{samples}"));
        let head = "# HELP x What it is.\n# TYPE x counter\n";
        assert_eq!(written(Format::OpenMetrics, two), format!("{head}{samples}"));
    }

    #[test]
    fn labels_of_peers_break_no_line() {
        for (label, expected) in [
            (&b"plain/master"[..], "plain/master"),
            (b"a\"b\\c\nd", r#"a\"b\\c\\x0ad"#),
            (b"\xff\x1b", r"\\xff\\x1b"),
            ("é\u{202e}".as_bytes(), r"é\\u{202e}"),
        ] {
            let text = written(Format::Text, |samples| samples.one(&[("l", label)], Number::Count(1)));
            assert!(text.ends_with(&format!("x_total{{l=\"{expected}\"}} 1\n")), "{text}");
        }
    }

    #[test]
    fn nanoseconds_are_seconds_exactly() {
        for (text, expected) in [
            ("0", "0.000000000000"),
            ("-12.5", "-0.000000012500"),
            ("-0.5", "-0.000000000500"),
            ("2000000001.007", "2.000000001007"),
            ("-9223372036854775808", "-9223372036.854775808000"),
        ] {
            let decimal = Decimal::parse(text.as_bytes()).unwrap();
            assert_eq!(Number::NanosOf(decimal).to_string(), expected);
        }
        assert_eq!(Number::of(Duration::from_millis(1500)).to_string(), "1.500000000");
    }
}
