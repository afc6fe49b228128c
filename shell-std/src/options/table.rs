//! The table of options: parsing, environment and help are all drawn from it.

use super::commands::Name;
use super::kinds::{Color, Format, LOG_LEVELS, OsClock, Role};

/// What is to be said of an option. Several rows may share a flag as long as no command has two of them.
#[derive(Debug)]
pub struct Row {
    /// Without the dashes.
    pub long: &'static str,
    pub short: Option<char>,
    pub value: Value,
    pub unset: Unset,
    /// Environment names that are asked after its own.
    pub also: &'static [&'static str],
    pub commands: &'static [Name],
    pub help: &'static str,
}

/// What an option takes.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    /// Nothing: it acts where it stands, and not from the environment.
    Nothing,
    /// Nothing; in the environment `true` or `false`.
    Switch,
    /// A text under this name, judged where it is used.
    Text(&'static str),
    /// One of these words.
    Words(&'static [&'static str]),
    /// The name of a dialect.
    Dialect,
    /// Names of resources with commas between them.
    Resources,
}

/// What holds when an option is neither on the command line nor in the environment.
#[derive(Clone, Copy, Debug)]
pub enum Unset {
    /// The command is refused.
    Required,
    /// It is read as if this had been given.
    Default(&'static str),
    /// The program decides; in words for the help.
    Means(&'static str),
}

impl Row {
    /// The rows of one command, in the order of the table.
    pub fn all_of(command: Name) -> impl Iterator<Item = &'static Self> {
        OPTIONS.iter().filter(move |row| row.commands.contains(&command))
    }

    /// The environment names in the order they are asked: first `PTPWATCH_` and the flag in capitals.
    pub fn environment(&self) -> Vec<String> {
        if matches!(self.value, Value::Nothing) {
            return Vec::new();
        }
        let own = format!("PTPWATCH_{}", self.long.to_ascii_uppercase().replace('-', "_"));
        std::iter::once(own).chain(self.also.iter().map(ToString::to_string)).collect()
    }
}

impl Value {
    /// What stands for the value in a help text; empty if there is none.
    pub fn name(&self) -> String {
        match self {
            Self::Nothing | Self::Switch => String::new(),
            Self::Text(name) => (*name).to_owned(),
            Self::Words(words) => words.join("|"),
            Self::Dialect => "NAME".to_owned(),
            Self::Resources => "LIST".to_owned(),
        }
    }
}

pub const OPTIONS: &[Row] = &[
    Row {
        long: "producer",
        value: Value::Text("URI"),
        unset: Unset::Required,
        commands: WATCH,
        help: "Where the producer answers: http://HOST[:PORT], an IPv6 address in brackets; port 80 if none \
               is given. The dialect knows the path.",
        ..ROW
    },
    Row {
        long: "node",
        value: Value::Text("NAME"),
        unset: Unset::Required,
        also: NODE_NAME,
        commands: WATCH,
        help: "The node to follow, in full, as the producer spells it.",
        ..ROW
    },
    Row {
        long: "dialect",
        value: Value::Dialect,
        unset: Unset::Required,
        commands: WATCH,
        help: "How the producer speaks.",
        ..ROW
    },
    Row {
        long: "listen",
        value: Value::Text("ADDR:PORT"),
        unset: Unset::Default("[::]:8989"),
        commands: &[Name::Run],
        help: "Where the producer's events are awaited; [::] takes IPv4 too. Port 0 takes a free one.",
        ..ROW
    },
    Row {
        long: "listen",
        value: Value::Text("ADDR:PORT"),
        unset: Unset::Default("[::]:0"),
        commands: &[Name::State],
        help: "Where the producer's events are awaited; [::] takes IPv4 too. Port 0 takes a free one, and so \
               does a port that is in use.",
        ..ROW
    },
    Row {
        long: "callback",
        value: Value::Text("URI"),
        unset: Unset::Means("made from our address towards the producer, the port and the host name"),
        commands: &[Name::Run],
        help: "The address the producer is given for its events: http://HOST[:PORT]/PATH. Needed when it \
               reaches us through a Service or another address than we see.",
        ..ROW
    },
    Row {
        long: "callback",
        value: Value::Text("URI"),
        unset: Unset::Means("made from our address towards the producer and the port"),
        commands: &[Name::State],
        help: "As in run, but with a path of its own: a subscription of run is left alone.",
        ..ROW
    },
    Row {
        long: "resources",
        value: Value::Resources,
        unset: Unset::Means("all but those of synchronous Ethernet"),
        commands: WATCH,
        help: "What to subscribe to.",
        ..ROW
    },
    Row {
        long: "role",
        value: Value::Words(Role::WORDS),
        unset: Unset::Means("as oc, with the reason role-assumed"),
        commands: WATCH,
        help: "The part the node's clock plays: ordinary clock, boundary clock, grandmaster, two NICs for \
               high availability, or NTP. It sets what the verdict requires.",
        ..ROW
    },
    Row {
        long: "os-clock",
        value: Value::Words(OsClock::WORDS),
        unset: Unset::Means("follow, but strict for ha and ntp"),
        commands: WATCH,
        help: "How CLOCK_REALTIME counts: follow forgives its FREERUN while PTP is in holdover, strict never \
               does, info leaves it out of the verdict.",
        ..ROW
    },
    Row {
        long: "poll",
        value: Value::Text("DURATION"),
        unset: Unset::Default("5s"),
        commands: WATCH,
        help: "How often every channel is asked for its state: 500ms, 5s, 2m; seconds if no unit is given.",
        ..ROW
    },
    Row {
        long: "stale",
        value: Value::Text("DURATION"),
        unset: Unset::Default("15s"),
        commands: WATCH,
        help: "How long a state counts as fresh without confirmation.",
        ..ROW
    },
    Row {
        long: "void",
        value: Value::Text("DURATION"),
        unset: Unset::Default("60s"),
        commands: WATCH,
        help: "How long a state counts at all without confirmation.",
        ..ROW
    },
    Row {
        long: "recover",
        value: Value::Text("DURATION"),
        unset: Unset::Default("3s"),
        commands: WATCH,
        help: "How long everything must be locked before the verdict is Locked again.",
        ..ROW
    },
    Row {
        long: "connections",
        value: Value::Text("N"),
        unset: Unset::Default("64"),
        commands: WATCH,
        help: "Connections at a time, 2 to 1024; rounded up to 16, 64, 256 or 1024.",
        ..ROW
    },
    Row {
        long: "keep-subscriptions",
        value: Value::Switch,
        unset: Unset::Default("false"),
        commands: &[Name::Run],
        help: "Leave our subscriptions with the producer when the program ends.",
        ..ROW
    },
    Row {
        long: "wait",
        value: Value::Text("DURATION"),
        unset: Unset::Default("10s"),
        commands: &[Name::State],
        help: "How long the verdict may take to be known; then it is unknown.",
        ..ROW
    },
    Row {
        long: "listen",
        value: Value::Text("ADDR:PORT"),
        unset: Unset::Default("127.0.0.1:9043"),
        commands: &[Name::Simulate],
        help: "Where the simulated producer answers. Port 0 takes a free one.",
        ..ROW
    },
    Row {
        long: "dialect",
        value: Value::Dialect,
        unset: Unset::Default("openshift-v2"),
        commands: PLAY,
        help: "How the simulated producer speaks.",
        ..ROW
    },
    Row {
        long: "node",
        value: Value::Text("NAME"),
        unset: Unset::Default("node1"),
        also: NODE_NAME,
        commands: &[Name::Simulate],
        help: "The node it reports about.",
        ..ROW
    },
    Row {
        long: "script",
        value: Value::Text("FILE|NAME"),
        unset: Unset::Default("link-down"),
        commands: &[Name::Simulate],
        help: SCRIPT,
        ..ROW
    },
    Row {
        long: "script",
        value: Value::Text("FILE|NAME"),
        unset: Unset::Default("demo"),
        commands: &[Name::Demo],
        help: SCRIPT,
        ..ROW
    },
    Row {
        long: "interface",
        value: Value::Text("NAME"),
        unset: Unset::Default("ens1f0"),
        commands: &[Name::Simulate],
        help: "The network interface it reports about.",
        ..ROW
    },
    Row {
        long: "seed",
        value: Value::Text("N"),
        unset: Unset::Default("1"),
        commands: &[Name::Simulate],
        help: "Where chance starts: the same seed plays the same faults.",
        ..ROW
    },
    Row {
        long: "advertise",
        value: Value::Text("HOST:PORT"),
        unset: Unset::Means("the address it listens at"),
        commands: &[Name::Simulate],
        help: "The authority it writes into UriLocation.",
        ..ROW
    },
    Row {
        long: "once",
        value: Value::Switch,
        unset: Unset::Default("false"),
        commands: PLAY,
        help: "End with the script.",
        ..ROW
    },
    Row {
        long: "format",
        value: Value::Words(Format::WORDS),
        unset: Unset::Default("text"),
        commands: LINES,
        help: "Lines for people or, one JSON object each, for programs.",
        ..ROW
    },
    Row {
        long: "color",
        value: Value::Words(Color::WORDS),
        unset: Unset::Default("auto"),
        commands: LINES,
        help: "Colours in text lines; auto: on a terminal, unless NO_COLOR is set.",
        ..ROW
    },
    Row {
        long: "log-level",
        value: Value::Words(LOG_LEVELS),
        unset: Unset::Default("warn"),
        commands: LOGS,
        help: "How much is said on stderr.",
        ..ROW
    },
    Row {
        long: "verbose",
        short: Some('v'),
        commands: LOGS,
        help: "One log level more; may be repeated.",
        ..ROW
    },
    Row {
        long: "quiet",
        short: Some('q'),
        commands: LOGS,
        help: "One log level less; may be repeated.",
        ..ROW
    },
    Row { long: "help", short: Some('h'), help: "Write this text.", ..ROW },
    Row { long: "version", short: Some('V'), help: "Write the version.", ..ROW },
];

/// What a row says where it says nothing: no value, no environment, every command.
const ROW: Row = Row {
    long: "",
    short: None,
    value: Value::Nothing,
    unset: Unset::Means(""),
    also: &[],
    commands: &[Name::Run, Name::State, Name::Simulate, Name::Demo, Name::Decode, Name::Help],
    help: "",
};

const SCRIPT: &str = "What happens when: a file, or one of clock-step, demo, flapping, gnss-loss, ha-standby, link-down, locked, long-holdover, ntp, restart.";
const WATCH: &[Name] = &[Name::Run, Name::State];
const PLAY: &[Name] = &[Name::Simulate, Name::Demo];
const LOGS: &[Name] = &[Name::Run, Name::State, Name::Simulate, Name::Demo];
const LINES: &[Name] = &[Name::Run, Name::State, Name::Demo];
/// What a pod's downward API calls it.
const NODE_NAME: &[&str] = &["NODE_NAME"];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::commands::COMMANDS;
    use super::*;

    #[test]
    fn each_command_has_one_row_for_a_flag_and_for_an_environment_name() {
        for command in &COMMANDS {
            let mut taken = HashSet::new();
            for row in Row::all_of(command.name) {
                assert!(taken.insert(row.long.to_owned()), "{} {}", command.word, row.long);
                assert!(row.short.is_none_or(|short| taken.insert(short.to_string())), "{}", row.long);
                for name in row.environment() {
                    assert!(taken.insert(name.clone()), "{name}");
                }
            }
        }
    }

    #[test]
    fn rows_of_one_flag_agree_on_what_they_take() {
        for (row, other) in OPTIONS.iter().flat_map(|row| OPTIONS.iter().map(move |other| (row, other))) {
            let same =
                format!("{:?}{:?}", row.value, row.also) == format!("{:?}{:?}", other.value, other.also);
            assert!(row.long != other.long || same, "{}", row.long);
        }
    }

    /// A pod in the namespace of a Service named ptpwatch is given these by Kubernetes.
    #[test]
    fn no_name_is_one_that_kubernetes_sets() {
        for name in OPTIONS.iter().flat_map(Row::environment) {
            assert!(!name.starts_with("PTPWATCH_PORT") && !name.starts_with("PTPWATCH_SERVICE_"), "{name}");
        }
    }

    #[test]
    fn every_row_explains_itself() {
        for row in OPTIONS {
            assert!(row.help.ends_with('.') && !row.long.is_empty(), "{}", row.long);
            assert!(row.long.bytes().all(|byte| byte == b'-' || byte.is_ascii_lowercase()), "{}", row.long);
        }
    }
}
