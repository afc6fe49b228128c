//! Texts about commands, written from the tables: for a terminal, wrapped to [`COLUMNS_MAX`], or as a page of the manual.

use super::Known;
use super::commands::{CommandRow, Name};
use super::kinds::AUTO;
use super::row::{Row, Unset, Value};

/// The help of one command; that of `help` is the program's own.
pub(super) fn text(command: Name, known: &Known<'_>) -> String {
    let mut page = Page::default();
    let Some(row) = CommandRow::of(command) else { return page.text };
    match command {
        Name::Help => page.paragraph("", &format!("ptpwatch {ABOUT}.")),
        _ => page.paragraph("", &format!("ptpwatch {}: {}", row.word, row.help)),
    }
    body(&mut page, row, known);
    page.text
}

/// The page of one command in the manual, in the language of man(7).
pub(super) fn manual(command: Name, known: &Known<'_>) -> String {
    let mut page = Page { is_manual: true, ..Page::default() };
    let Some(row) = CommandRow::of(command) else { return page.text };
    let (name, about) = match command {
        Name::Help => ("ptpwatch".to_owned(), ABOUT),
        _ => (format!("ptpwatch-{}", row.word), row.help),
    };
    page.text +=
        &format!(".TH {} 1 \"\" \"ptpwatch {}\"\n", name.to_ascii_uppercase(), env!("CARGO_PKG_VERSION"));
    page.title("NAME");
    page.control(&format!("{} \\- {}", name.replace('-', "\\-"), about.trim_end_matches('.')));
    body(&mut page, row, known);
    page.title("SEE ALSO");
    let others = CommandRow::all().filter(|other| other.name != command).map(|other| match other.name {
        Name::Help => "ptpwatch(1)".to_owned(),
        _ => format!("ptpwatch-{}(1)", other.word),
    });
    page.paragraph("", &others.collect::<Vec<_>>().join(", "));
    page.text
}

/// What a command's help and its page in the manual have in common.
fn body(page: &mut Page, row: &CommandRow, known: &Known<'_>) {
    page.title("USAGE");
    if row.name == Name::Help {
        page.line("  ptpwatch COMMAND [OPTIONS]");
        page.line("  ptpwatch help [COMMAND]");
        page.title("COMMANDS");
        CommandRow::all().for_each(|row| page.item(13, row.word, row.help));
    } else {
        page.paragraph("  ", &usage(row));
    }
    if matches!(row.name, Name::Run | Name::State | Name::Page) {
        page.title("VERDICTS");
        VERDICTS.into_iter().for_each(|(verdict, meaning)| page.item(8, verdict, meaning));
    }
    page.title("OPTIONS");
    for option in Row::all_of(row.name) {
        page.option(option, known);
    }
    if Row::all_of(row.name).any(|option| !option.environment().is_empty()) {
        page.line("");
        page.paragraph("  ", "A flag comes before the environment, and that before the default.");
    }
    page.title("EXIT CODES");
    for (code, meaning) in row.exits {
        page.item(2, &format!("{code:>2}"), meaning);
    }
    page.title("EXAMPLES");
    page.control(".nf");
    for line in row.examples.iter().flat_map(|example| example.lines()) {
        page.line(&format!("  {line}"));
    }
    page.control(".fi");
}

/// The command with what it cannot do without.
fn usage(row: &CommandRow) -> String {
    let mut usage = format!("ptpwatch {}", row.word);
    for option in Row::all_of(row.name).filter(|option| matches!(option.unset, Unset::Required)) {
        usage += &format!(" --{} {}", option.long, option.value.name());
    }
    format!("{usage} [OPTIONS] {}", row.operand)
}

/// A text in the making.
#[derive(Default)]
struct Page {
    text: String,
    /// Whether it is one of the manual.
    is_manual: bool,
}

impl Page {
    fn title(&mut self, title: &str) {
        self.line("");
        if self.is_manual {
            self.control(&format!(".SH {title}"));
        } else {
            self.line(title);
        }
    }

    /// A term, in a column of `width`, and what it means.
    fn item(&mut self, width: usize, term: &str, meaning: &str) {
        if self.is_manual {
            self.term(term);
            self.paragraph("", meaning);
        } else {
            let indent = " ".repeat(INDENT + width + INDENT);
            self.wrap(&format!("  {term:width$}  "), &indent, meaning);
        }
    }

    fn option(&mut self, row: &Row, known: &Known<'_>) {
        let short = row.short.map(|short| format!("-{short}, ")).unwrap_or_default();
        self.term(format!("  {short}--{} {}", row.long, row.value.name()).trim_end());
        let choice = match row.value {
            Value::Dialect => format!(" One of {AUTO}, {}.", known.dialects.join(", ")),
            Value::Producer => format!(" One of {}.", known.producers.join(", ")),
            Value::Resources => format!(" A comma list of {}.", known.resources.join(", ")),
            _ => String::new(),
        };
        for (index, paragraph) in format!("{}{choice}", row.help).lines().enumerate() {
            self.control(if index > 0 { ".IP" } else { "" });
            self.paragraph("      ", paragraph);
        }
        self.paragraph("      ", &notes(row));
    }

    /// Writes a term, whose meaning comes behind it.
    fn term(&mut self, term: &str) {
        if self.is_manual {
            self.text += ".TP\n.B ";
        }
        self.line(term);
    }

    /// Writes `text` with `indent` before each line, broken between words.
    fn paragraph(&mut self, indent: &str, text: &str) {
        self.wrap(indent, indent, text);
    }

    /// The same with `first`, which is as long, before the first line.
    fn wrap(&mut self, first: &str, indent: &str, text: &str) {
        let mut line = first.to_owned();
        for word in text.split_whitespace() {
            if line.len() > indent.len() {
                if line.len() + 1 + word.len() > COLUMNS_MAX {
                    self.line(&line);
                    line.clear();
                    line += indent;
                } else {
                    line.push(' ');
                }
            }
            line += word;
        }
        if line.len() > indent.len() {
            self.line(&line);
        }
    }

    /// Writes a line as it stands; the manual has neither empty lines nor an indent, and takes some letters for its own.
    fn line(&mut self, line: &str) {
        if !self.is_manual {
            self.text += line;
        } else if line.is_empty() {
            return;
        } else {
            self.text += "\\&";
            self.text += &line.trim_start().replace('\\', "\\e").replace('-', "\\-");
        }
        self.text.push('\n');
    }

    /// Writes a request of man(7), which a help text does without.
    fn control(&mut self, request: &str) {
        if self.is_manual && !request.is_empty() {
            self.text += request;
            self.text.push('\n');
        }
    }
}

/// What holds without the option, and its environment names.
fn notes(row: &Row) -> String {
    let unset = match (row.unset, row.value) {
        (_, Value::Nothing | Value::Switch) | (Unset::Means(""), _) => String::new(),
        (Unset::Required, _) => "required".to_owned(),
        (Unset::Default(text), _) => format!("default: {text}"),
        (Unset::Means(text), _) => format!("default: {text}"),
    };
    let environment = match row.environment() {
        names if names.is_empty() => String::new(),
        names => format!("env: {}", names.join(", ")),
    };
    match (unset.is_empty(), environment.is_empty()) {
        (true, true) => String::new(),
        (false, false) => format!("[{unset}; {environment}]"),
        _ => format!("[{unset}{environment}]"),
    }
}

const ABOUT: &str = "says whether this host's PTP clock can be trusted, at once and for certain";
/// What an L1 does with each.
const VERDICTS: [(&str, &str); 4] = [
    ("LOCKED", "transmit"),
    ("HOLDOVER", "transmit; time is running"),
    ("FREERUN", "stop: the clock cannot be trusted"),
    ("UNKNOWN", "no information: neither start nor stop for it, apply your own limit"),
];
/// Widest line of a help text.
const COLUMNS_MAX: usize = 80;
/// Columns before a term, and between it and its meaning.
const INDENT: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: Known<'_> = Known {
        dialects: &["openshift-v1", "openshift-v2"],
        producers: &["openshift-v1-hybrid"],
        resources: &["lock-state", "os-clock-sync-state", "clock-class", "sync-state", "gnss-sync-status"],
    };

    #[test]
    fn every_line_fits_and_ends_clean() {
        for row in CommandRow::all() {
            for line in text(row.name, &KNOWN).lines() {
                assert!(line.len() <= COLUMNS_MAX && line.trim_end() == line, "{line:?}");
            }
        }
    }

    #[test]
    fn a_page_has_its_sections_and_each_option() {
        for row in CommandRow::all() {
            let page = text(row.name, &KNOWN);
            for title in ["\nUSAGE\n", "\nOPTIONS\n", "\nEXIT CODES\n", "\nEXAMPLES\n"] {
                assert!(page.contains(title), "{}: {title}", row.word);
            }
            for option in Row::all_of(row.name) {
                assert!(page.contains(&format!("--{}", option.long)), "{}", option.long);
                assert!(option.environment().iter().all(|name| page.contains(name)), "{}", option.long);
            }
        }
    }

    fn words(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_page_of_the_manual_has_all_that_the_help_has() {
        for row in CommandRow::all() {
            let page = manual(row.name, &KNOWN);
            let plain = page.replace("\\&", "").replace("\\-", "-").replace("\\e", "\\");
            let plain = words(&plain.replace(".B ", ""));
            for option in Row::all_of(row.name) {
                assert!(
                    plain.contains(&format!("--{} {}", option.long, option.value.name())),
                    "{}",
                    option.long
                );
                for text in option.help.lines().chain([notes(option).as_str()]) {
                    assert!(plain.contains(&words(text)), "{}: {text}", option.long);
                }
            }
            for (code, meaning) in row.exits {
                assert!(plain.contains(&format!("{code} {meaning}")), "{}: {code}", row.word);
            }
            for example in row.examples {
                assert!(plain.contains(&words(example)), "{}: {example}", row.word);
            }
            for title in ["NAME", "USAGE", "OPTIONS", "EXIT CODES", "EXAMPLES", "SEE ALSO"] {
                assert!(page.contains(&format!("\n.SH {title}\n")), "{}: {title}", row.word);
            }
            let is_request = |line: &&str| {
                [".TH ", ".SH ", ".TP", ".B ", ".IP", ".nf", ".fi"].iter().any(|name| line.starts_with(name))
            };
            let name = page.lines().nth(2).unwrap();
            assert!(name.starts_with("ptpwatch") && name.contains(" \\- "), "{name}");
            for line in page.lines().filter(|line| !is_request(line) && *line != name) {
                assert!(line.starts_with("\\&"), "{line}");
            }
        }
    }

    #[test]
    fn an_option_reads_well() {
        let page = text(Name::Run, &KNOWN);
        let poll = "  --stale DURATION\n      How long a state counts as fresh without confirmation: at least two polls\n      \
                    plus 5 s.\n      [default: 15s; env: PTPWATCH_STALE]\n";
        assert!(page.contains(poll), "{page}");
    }
}
