//! The table of commands: what each is for, and what its exit codes say.

use std::ffi::OsStr;

/// A command, as the rows of the table name it. Without a command word the program is in `Help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    Run,
    State,
    Page,
    Watch,
    Check,
    Subscriptions,
    Simulate,
    Demo,
    Decode,
    Completions,
    Man,
    Help,
}

/// What is to be said of a command.
#[derive(Debug)]
pub struct CommandRow {
    pub name: Name,
    pub word: &'static str,
    /// What may follow beside options; empty: nothing.
    pub operand: &'static str,
    pub help: &'static str,
    /// Each may have several lines.
    pub examples: [&'static str; 2],
    pub exits: &'static [(u8, &'static str)],
}

impl CommandRow {
    /// The rows of what this build has.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        COMMANDS.iter().filter(|row| row.is_there())
    }

    /// Whether this build has it.
    pub fn is_there(&self) -> bool {
        cfg!(feature = "simulator") || !matches!(self.name, Name::Simulate | Name::Demo)
    }

    /// Finds the row of a command, be it there or not.
    pub fn named(word: &OsStr) -> Option<&'static Self> {
        COMMANDS.iter().find(|row| word == row.word)
    }

    /// Finds the row of `name`.
    pub fn of(name: Name) -> Option<&'static Self> {
        COMMANDS.iter().find(|row| row.name == name)
    }
}

const COMMANDS: [CommandRow; 12] = [
    CommandRow {
        name: Name::Run,
        word: "run",
        operand: "",
        help: "Follow the producer of one node and write a line for every change.",
        examples: [
            "ptpwatch run --producer http://localhost:8089 --node worker-0 --role oc",
            "NODE_NAME=worker-0 PTPWATCH_ROLE=bc ptpwatch run --format json \\\n    \
             --producer http://ptp-event-publisher-service-worker-0:9043",
        ],
        exits: EXITS,
    },
    CommandRow {
        name: Name::State,
        word: "state",
        operand: "",
        help: "Ask for the verdict once, write it, and answer with it as exit code.",
        examples: [
            "ptpwatch state --producer http://localhost:8089 --node worker-0 --role oc",
            "export PTPWATCH_PRODUCER=http://localhost:8089 PTPWATCH_NODE=worker-0\nuntil ptpwatch state; do sleep 5; done",
        ],
        exits: VERDICTS,
    },
    CommandRow {
        name: Name::Page,
        word: "page",
        operand: "[PATH]",
        help: "Show the state page at PATH, by default /run/ptpwatch/state.",
        examples: ["ptpwatch page", "ptpwatch page --watch --format json /run/ptpwatch/state"],
        exits: VERDICTS,
    },
    CommandRow {
        name: Name::Watch,
        word: "watch",
        operand: "[ADDR:PORT]",
        help: "Show a running instance live; by default at 127.0.0.1:8990.",
        examples: ["ptpwatch watch", "ptpwatch watch --format json 192.0.2.1:8990"],
        exits: EXITS,
    },
    CommandRow {
        name: Name::Check,
        word: "check",
        operand: "",
        help: "Try all that run needs, with its options, and say what is wrong.",
        examples: [
            "ptpwatch check --producer http://localhost:8089 --node worker-0",
            "kubectl exec vdu -c ptpwatch -- ptpwatch check --format json",
        ],
        exits: &[
            (0, "no step failed; some may have warned"),
            (1, "a step failed"),
            (2, "usage or configuration"),
        ],
    },
    CommandRow {
        name: Name::Subscriptions,
        word: "subscriptions",
        operand: "list|delete [ID]",
        help: "List who is subscribed at a producer, or unsubscribe.",
        examples: [
            "ptpwatch subscriptions list --producer http://localhost:8089 --node worker-0",
            "kubectl exec vdu -c ptpwatch -- ptpwatch subscriptions delete --mine",
        ],
        exits: EXITS,
    },
    CommandRow {
        name: Name::Simulate,
        word: "simulate",
        operand: "",
        help: "Be a producer: answer subscriptions and play a script of faults.",
        examples: [
            "ptpwatch simulate --script link-down",
            "ptpwatch simulate --dialect openshift-v1 --listen 127.0.0.1:8089 --once",
        ],
        exits: EXITS,
    },
    CommandRow {
        name: Name::Demo,
        word: "demo",
        operand: "",
        help: "Show producer and consumer at work in one process, without set-up.",
        examples: ["ptpwatch demo", "ptpwatch demo --script link-down --format json --once"],
        exits: EXITS,
    },
    CommandRow {
        name: Name::Decode,
        word: "decode",
        operand: "[FILE...]",
        help: "Say what captured events mean; reads stdin unless FILEs are named.",
        examples: ["ptpwatch decode event.json", "curl -s \"$URL/CurrentState\" | ptpwatch decode"],
        exits: EXITS,
    },
    CommandRow {
        name: Name::Completions,
        word: "completions",
        operand: "bash|zsh|fish",
        help: "Write what a shell needs to complete commands, options and their values.",
        examples: [
            "ptpwatch completions bash >/usr/share/bash-completion/completions/ptpwatch",
            "ptpwatch completions zsh >\"${fpath[1]}/_ptpwatch\"",
        ],
        exits: EXITS,
    },
    CommandRow {
        name: Name::Man,
        word: "man",
        operand: "[COMMAND]",
        help: "Write the manual page of a command, or that of the program.",
        examples: ["ptpwatch man run | man -l -", "ptpwatch man >/usr/local/share/man/man1/ptpwatch.1"],
        exits: EXITS,
    },
    CommandRow {
        name: Name::Help,
        word: "help",
        operand: "[COMMAND]",
        help: "Explain a command and its options.",
        examples: ["ptpwatch help", "ptpwatch help run"],
        exits: &[
            (0, "done"),
            (1, "failed"),
            (2, "usage or configuration"),
            (10, "state, page: holdover"),
            (11, "state, page: freerun"),
            (12, "state, page: unknown"),
        ],
    },
];

const VERDICTS: &[(u8, &str)] = &[
    (0, "locked"),
    (1, "failed"),
    (2, "usage or configuration"),
    (10, "holdover"),
    (11, "freerun"),
    (12, "unknown"),
];
const EXITS: &[(u8, &str)] = &[(0, "done"), (1, "failed"), (2, "usage or configuration")];
