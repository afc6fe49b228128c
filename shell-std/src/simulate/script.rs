//! The script that was asked for: one that is built in, or a file.

use std::fs;

use crate::failure::Failure;
use crate::producer::Script;

/// The script called `name`; a file of the name of one that is built in needs a slash, `./demo`.
///
/// # Errors
/// If there is neither, or the file is no script: `FILE:LINE: cause`.
pub fn load(name: &str) -> Result<Script, Failure> {
    if let Some(script) = Script::named(name) {
        return Ok(script);
    }
    let text = fs::read_to_string(name).map_err(|error| {
        let names = Script::NAMES.join(", ");
        Failure::usage(format_args!("--script {name}: {error} (built in: {names})"))
    })?;
    Script::parse(&text)
        .map_err(|error| Failure::usage(format_args!("{name}:{}: {}", error.line, error.cause)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::OPTIONS;

    /// What is said of a file with this text.
    fn complaint(name: &str, text: &str) -> String {
        let path = std::env::temp_dir().join(format!("ptpwatch-{name}-{}", std::process::id()));
        fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap();
        let result = load(path);
        fs::remove_file(path).unwrap();
        result
            .map_or_else(|failure| failure.to_string().replace(path, "FILE"), |script| format!("{script:?}"))
    }

    #[test]
    fn names_come_before_files() {
        assert_eq!(load("demo").unwrap(), Script::named("demo").unwrap());
        assert!(complaint("good", "clock-class 6").starts_with("Script"));
    }

    #[test]
    fn the_help_names_what_is_built_in() {
        for row in OPTIONS.iter().filter(|row| row.long == "script") {
            assert!(row.help.contains(&Script::NAMES.join(", ")), "{}", row.help);
        }
    }

    #[test]
    fn a_fault_is_told_with_its_line() {
        assert_eq!(complaint("bad", "wait 1s\nwiat 1s"), "ptpwatch: FILE:2: unknown command `wiat`");
        let failure = load("no-such-script").unwrap_err();
        assert_eq!(failure.exit_code(), 2);
        let text = failure.to_string();
        assert!(text.starts_with("ptpwatch: --script no-such-script: ") && text.contains("demo"), "{text}");
    }
}
