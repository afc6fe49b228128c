//! What shells need to complete a command line: the tables, put into the words of each.

use super::Known;
use super::commands::CommandRow;
use super::kinds::AUTO;
use super::row::{Row, Value};

/// The texts that a script is made of. `@w` is the command's word, `@o` the option, `@d` its description, `@v` the words that
/// may follow; `@c` are all commands, and `@a` the options of this one.
struct Shell {
    name: &'static str,
    head: &'static str,
    /// For each command.
    command: &'static str,
    /// Between the commands and what is to be said of each.
    middle: &'static str,
    /// Where the options of a command begin.
    options: &'static str,
    /// Before each option, and before the operand.
    before: &'static str,
    /// An option, by what follows it.
    option: [&'static str; 4],
    /// Where they end, by what the operand is.
    operand: [&'static str; 4],
    tail: &'static str,
}

/// What can follow an option, or stand for an operand.
#[derive(Clone, Copy)]
enum Follows {
    Nothing,
    Words,
    Files,
    /// Something that nobody can foresee.
    Anything,
}

/// The script for a shell; `None` for one that is not known.
pub(super) fn script(shell: &str, known: &Known<'_>) -> Option<String> {
    let shell = SHELLS.iter().find(|known| known.name == shell)?;
    let mut script = Script::default();
    for row in CommandRow::all() {
        script.all_commands += row.word;
        script.all_commands.push(' ');
    }
    script.add(shell.head);
    for row in CommandRow::all() {
        script.enter(row);
        script.add(shell.command);
    }
    script.add(shell.middle);
    for row in CommandRow::all() {
        script.enter(row);
        script.add(shell.options);
        for option in Row::all_of(row.name) {
            script.option = option.long;
            script.describe(option.help);
            script.all_options += "--";
            script.all_options += option.long;
            script.all_options.push(' ');
            let follows = script.follow(&option.value, known);
            script.add(shell.before);
            script.add(shell.option[follows as usize]);
        }
        let follows = script.name(row.operand);
        script.add(shell.before);
        script.add(shell.operand[follows as usize]);
    }
    script.add(shell.tail);
    Some(script.text)
}

/// A script in the making, and what its texts speak of at the moment.
#[derive(Default)]
struct Script {
    text: String,
    word: &'static str,
    option: &'static str,
    description: String,
    values: String,
    all_options: String,
    all_commands: String,
}

impl Script {
    /// Adds a text of the shell's.
    fn add(&mut self, text: &'static str) {
        let mut parts = text.split('@');
        self.text += parts.next().unwrap_or_default();
        for part in parts {
            let (hole, rest) = part.split_at_checked(1).unwrap_or_default();
            self.text += match hole {
                "w" => self.word,
                "o" => self.option,
                "d" => &self.description,
                "v" => self.values.trim_end(),
                "a" => self.all_options.trim_end(),
                _ => self.all_commands.trim_end(),
            };
            self.text += rest;
        }
    }

    fn enter(&mut self, row: &'static CommandRow) {
        self.word = row.word;
        self.describe(row.help);
        self.all_options.clear();
    }

    /// The first sentence, without what would act between the quotes and brackets of any of the shells.
    fn describe(&mut self, help: &str) {
        self.description.clear();
        let sentence = help.split_once(". ").map_or(help, |(first, _)| first).split('\n').next();
        for letter in sentence.unwrap_or_default().trim_end_matches('.').chars() {
            self.description.push(if "'[]:\\$\"`".contains(letter) { ' ' } else { letter });
        }
    }

    fn follow(&mut self, value: &Value, known: &Known<'_>) -> Follows {
        self.values.clear();
        let words = match *value {
            Value::Nothing | Value::Switch => return Follows::Nothing,
            Value::Text(name) => return self.name(name),
            Value::Words(words) => words,
            Value::Dialect => {
                self.values += AUTO;
                self.values.push(' ');
                known.dialects
            }
            Value::Producer => known.producers,
            Value::Resources => known.resources,
        };
        for word in words {
            self.values += word;
            self.values.push(' ');
        }
        Follows::Words
    }

    /// By a name of the tables, such as `DURATION|none`: what is in small letters is a word of its own.
    fn name(&mut self, name: &str) -> Follows {
        self.values.clear();
        for word in name.split(|letter: char| !letter.is_ascii_alphanumeric()) {
            match word {
                "" => {}
                "FILE" | "PATH" => return Follows::Files,
                // Of this program, or to be run.
                "COMMAND" if name.starts_with('[') => self.values += &self.all_commands,
                "COMMAND" => return Follows::Files,
                _ if word.bytes().all(|byte| byte.is_ascii_lowercase()) => {
                    self.values += word;
                    self.values.push(' ');
                }
                _ => {}
            }
        }
        match (name.is_empty(), self.values.is_empty()) {
            (true, _) => Follows::Nothing,
            (_, true) => Follows::Anything,
            _ => Follows::Words,
        }
    }
}

const SHELLS: [Shell; 3] = [
    Shell {
        name: "bash",
        head: "_ptpwatch() {\n\
               local words= cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n\
               COMPREPLY=()\n\
               case $COMP_CWORD:${COMP_WORDS[1]}:$prev in\n\
               1:*) words='@c --help --version' ;;\n",
        command: "",
        middle: "",
        options: "",
        before: "",
        option: [
            "",
            "*:@w:--@o) words='@v' ;;\n",
            "*:@w:--@o) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n",
            "*:@w:--@o) return ;;\n",
        ],
        operand: [
            "*:@w:*) words='@a' ;;\n",
            "*:@w:*) words='@v @a' ;;\n",
            "*:@w:*) words='@a'; compopt -o default 2>/dev/null ;;\n",
            "*:@w:*) words='@a' ;;\n",
        ],
        tail: "esac\n\
               COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n\
               }\n\
               complete -F _ptpwatch ptpwatch\n",
    },
    Shell {
        name: "zsh",
        head: "#compdef ptpwatch\n\
               _ptpwatch() {\n\
               local -a commands=(\n",
        command: "'@w:@d'\n",
        middle: ")\n\
                 if (( CURRENT == 2 )); then _describe command commands; return; fi\n\
                 local word=$words[2]\n\
                 shift words; (( CURRENT-- ))\n\
                 case $word in\n",
        options: "@w) _arguments",
        before: "",
        option: [
            " \\\n'--@o[@d]'",
            " \\\n'--@o[@d]:value:(@v)'",
            " \\\n'--@o[@d]:file:_files'",
            " \\\n'--@o[@d]:value:'",
        ],
        operand: [" ;;\n", " \\\n':operand:(@v)' ;;\n", " \\\n'*:file:_files' ;;\n", " ;;\n"],
        tail: "esac\n\
               }\n\
               if [[ $funcstack[1] == _ptpwatch ]]; then _ptpwatch; else compdef _ptpwatch ptpwatch; fi\n",
    },
    Shell {
        name: "fish",
        head: "",
        command: "complete -c ptpwatch -n __fish_use_subcommand -fa @w -d '@d'\n",
        middle: "",
        options: "",
        before: "complete -c ptpwatch -n '__fish_seen_subcommand_from @w' ",
        option: ["-fl @o -d '@d'\n", "-xl @o -a '@v' -d '@d'\n", "-rFl @o -d '@d'\n", "-xl @o -d '@d'\n"],
        operand: ["-f\n", "-fa '@v'\n", "-F\n", "-f\n"],
        tail: "",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: Known<'_> = Known {
        dialects: &["openshift-v1", "openshift-v2"],
        producers: &["openshift-v1-hybrid"],
        resources: &["lock-state", "clock-class"],
    };

    fn script_for(shell: &str) -> String {
        script(shell, &KNOWN).unwrap()
    }

    /// The line of a script that holds all of these.
    fn line<'s>(script: &'s str, words: &[&str]) -> &'s str {
        let found = script.lines().find(|line| words.iter().all(|word| line.contains(word)));
        found.unwrap_or_else(|| panic!("no line with {words:?}"))
    }

    #[test]
    fn every_command_and_each_of_its_options_is_there() {
        let [bash, zsh, fish] = ["bash", "zsh", "fish"].map(script_for);
        for row in CommandRow::all() {
            let word = row.word;
            line(&bash, &["1:*) words='", word]);
            line(&zsh, &[&format!("'{word}:")]);
            line(&fish, &["__fish_use_subcommand", &format!(" {word} ")]);
            let of_zsh =
                zsh.split(&format!("\n{word}) _arguments")).nth(1).unwrap().split(" ;;").next().unwrap();
            for option in Row::all_of(row.name) {
                let long = format!("--{}", option.long);
                line(&bash, &[&format!("*:{word}:*) words='"), &long]);
                assert!(of_zsh.contains(&format!("'{long}[")), "{word} {long}");
                line(&fish, &[&format!("from {word}'"), &format!("l {} ", option.long)]);
            }
        }
    }

    #[cfg(feature = "simulator")]
    #[test]
    fn values_are_the_words_of_the_tables() {
        let [bash, zsh, fish] = ["bash", "zsh", "fish"].map(script_for);
        for (word, option, values) in [
            ("run", "role", "oc bc gm ha ntp"),
            ("check", "dialect", "auto openshift-v1 openshift-v2"),
            ("demo", "dialect", "openshift-v1-hybrid"),
            ("state", "resources", "lock-state clock-class"),
            ("run", "instances", "worst any"),
            ("run", "holdover-budget", "none"),
        ] {
            line(&bash, &[&format!("*:{word}:--{option}) words='{values}'")]);
            line(&zsh, &[&format!("'--{option}["), &format!("({values})'")]);
            line(&fish, &[&format!("from {word}'"), &format!("-xl {option} -a '{values}'")]);
        }
        line(&bash, &["*:run:--page)", "compgen -f"]);
        line(&bash, &["*:run:--producer) return"]);
        line(&bash, &["*:completions:*) words='bash zsh fish --help"]);
        line(&bash, &["*:subscriptions:*) words='list delete --producer"]);
        line(&bash, &["*:help:*) words='run state"]);
        line(&bash, &["*:decode:*)", "compopt -o default"]);
    }

    #[test]
    fn nothing_ends_a_quote_before_its_time() {
        for shell in ["bash", "zsh", "fish"] {
            let script = script_for(shell);
            assert!(!script.contains('@'), "{shell}");
            for line in script.lines() {
                assert_eq!(line.matches('\'').count() % 2, 0, "{shell}: {line}");
            }
        }
        assert_eq!(script("tcsh", &KNOWN), None);
    }
}
