//! The table of options: parsing, environment and help are all drawn from it.

use super::commands::Name;
use super::kinds::{Color, Format, LOG_LEVELS, OsClock, Role, YES_OR_NO};
use super::row::{Row, Unset, Value};

pub const OPTIONS: &[Row] = &[
    Row {
        long: "producer",
        value: Value::Text("URI"),
        unset: Unset::Required,
        commands: WATCH,
        help: "Where the producer answers: http://HOST[:PORT], an IPv6 address in brackets; port 80 if none is \
               given. The path is left out: the dialect has it. NODE_NAME in it stands for the first label of --node: \
               http://ptp-event-publisher-service-NODE_NAME.openshift-ptp.svc:9043 is right on every node of OpenShift.",
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
        unset: Unset::Default("auto"),
        commands: WATCH,
        help: "How the producer speaks. auto asks at the path of each API in turn; vmware has to be named, for \
               it shares its path with starlingx-v1.",
        ..ROW
    },
    Row {
        long: "listen",
        value: Value::Text("ADDR:PORT"),
        unset: Unset::Default("[::]:8989"),
        commands: HOST,
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
        long: "allow",
        value: Value::Text("NETWORK[,NETWORK...]"),
        unset: Unset::Means("everybody"),
        commands: WATCH,
        help: "Who may connect to where events are awaited: addresses and networks (127.0.0.1,10.128.0.0/14,fd00::/8). \
               Anybody else's connection is closed before a byte of it is read. The producer's address must be among \
               them, as it is seen here: on OpenShift v1 that is the sidecar's, 127.0.0.1 or ::1.",
        ..ROW
    },
    Row {
        long: "callback",
        value: Value::Text("URI"),
        unset: Unset::Means("made from our address towards the producer, the port and the host name"),
        commands: HOST,
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
        long: "address",
        value: Value::Text("ADDR"),
        unset: Unset::Means("that of the way to the producer, once its name can be resolved"),
        also: POD_IP,
        commands: WATCH,
        help: "Our own address, for the callback, where --listen has [::] or 0.0.0.0 and --callback is not given.",
        ..ROW
    },
    Row {
        long: "resources",
        value: Value::Resources,
        unset: Unset::Means("all but those of synchronous Ethernet"),
        commands: WATCH,
        help: "What to subscribe to and to ask for. The verdict needs lock-state (not with --role ntp) and \
               os-clock-sync-state (not with --os-clock info).",
        ..ROW
    },
    Row {
        long: "role",
        value: Value::Words(Role::WORDS),
        unset: Unset::Means("that of oc, and each verdict says role-assumed"),
        commands: WATCH,
        help: "The part the node's clock plays. It is not detected. It sets what holds where the options from \
               --os-clock to --producer-floor are not given:\n\
               oc (ordinary clock, T-TSC), bc (boundary clock, T-BC): lock-state is required, of several instances \
               the worst, and the OS clock, with follow.\n\
               gm (grandmaster, T-GM): the same, with other clock classes, and GNSS caps.\n\
               ha (two network cards): as bc, but the best instance counts, and the OS clock is strict.\n\
               ntp: no PTP; the OS clock alone is required, strict.",
        ..ROW
    },
    Row {
        long: "os-clock",
        value: Value::Words(OsClock::WORDS),
        unset: Unset::Means("follow; strict for ha and ntp"),
        commands: WATCH,
        help: "How the OS clock, CLOCK_REALTIME, counts. follow takes its FREERUN for HOLDOVER where it only goes \
               with PTP into holdover, as OpenShift up to 4.18 has it. strict takes it at its word: for who takes \
               time from that clock. info leaves it out of the verdict.",
        ..ROW
    },
    Row {
        long: "instances",
        value: Value::Text("worst|any|NAME[,NAME...]"),
        unset: Unset::Means("worst; any for ha"),
        commands: WATCH,
        help: "Which instance of lock-state counts where there are several: the worst, any (the best), or the \
               worst of those named, as lines show them (ens1fx/master). Until each of those was seen the verdict \
               is UNKNOWN.",
        ..ROW
    },
    Row {
        long: "holdover-budget",
        value: Value::Text("DURATION|none"),
        unset: Unset::Default("none"),
        commands: WATCH,
        help: "How long HOLDOVER is trusted at most, from the loss of LOCKED; after that the verdict is FREERUN. \
               It only ever ends HOLDOVER before the producer does. For oc and bc, OpenShift's own default is 5s; \
               for gm, see the data sheet of the oscillator.",
        ..ROW
    },
    Row {
        long: "good-classes",
        value: Value::Text(CLASSES),
        unset: Unset::Means("6,7,135; 6,7 for gm"),
        commands: WATCH,
        help: "Clock classes (0 to 255) of a source as good as it should be. One that is neither here nor among \
               the capping ones gives the reason class-unknown; 0 and 255 tell nothing.",
        ..ROW
    },
    Row {
        long: "capping-classes",
        value: Value::Text(CLASSES),
        unset: Unset::Means("140,150,160,165,187,193,228,248; 140,150,160,248 for gm"),
        commands: WATCH,
        help: "Clock classes of a degraded source: 5 s after one of them came, the verdict is HOLDOVER at best.",
        ..ROW
    },
    Row {
        long: "gnss-caps",
        value: Value::Words(YES_OR_NO),
        unset: Unset::Means("no; yes for gm"),
        commands: WATCH,
        help: "Whether the verdict is HOLDOVER at best once GNSS has not been SYNCHRONIZED for 5 s; otherwise that \
               is only a reason, gnss.",
        ..ROW
    },
    Row {
        long: "producer-floor",
        value: Value::Words(YES_OR_NO),
        unset: Unset::Means("no"),
        commands: WATCH,
        help: "Whether the producer's own overall state, sync-state, counts where it is the worse; otherwise that \
               is only a reason, disagreement.",
        ..ROW
    },
    Row {
        long: "poll",
        value: Value::Text("DURATION"),
        unset: Unset::Default("5s"),
        commands: WATCH,
        help: "How often each resource is asked for its state: 500ms, 5s, 2m; seconds if no unit is given.",
        ..ROW
    },
    Row {
        long: "stale",
        value: Value::Text("DURATION"),
        unset: Unset::Default("15s"),
        commands: WATCH,
        help: "How long a state counts as fresh without confirmation: at least two polls plus 5 s.",
        ..ROW
    },
    Row {
        long: "void",
        value: Value::Text("DURATION"),
        unset: Unset::Default("60s"),
        commands: WATCH,
        help: "How long a state counts at all without confirmation, at least twice --stale; after that the verdict \
               is UNKNOWN.",
        ..ROW
    },
    Row {
        long: "recover",
        value: Value::Text("DURATION"),
        unset: Unset::Default("3s"),
        commands: WATCH,
        help: "How long all must be well before the verdict gets better. It gets worse at once.",
        ..ROW
    },
    Row {
        long: "request-timeout",
        value: Value::Text("DURATION"),
        unset: Unset::Default("10s"),
        commands: WATCH,
        help: "How long the producer may take to answer a request.",
        ..ROW
    },
    Row {
        long: "connections",
        value: Value::Text("N"),
        unset: Unset::Default("64"),
        commands: WATCH,
        help: "Connections at a time, 2 to 1024.",
        ..ROW
    },
    Row {
        long: "seed",
        value: Value::Text("N"),
        unset: Unset::Means("from the clock and the process id"),
        commands: WATCH,
        help: "Where the jitter of retries starts.",
        ..ROW
    },
    Row {
        long: "sidecar-metrics",
        value: Value::Text("URI|none"),
        unset: Unset::Means("http://127.0.0.1:9091/metrics, if the producer is on this host"),
        commands: &[Name::Check],
        help: "Where the producer counts what it received and delivered (cne_...).",
        ..ROW
    },
    Row {
        long: "mine",
        commands: &[Name::Subscriptions],
        help: "Only those whose endpoint is exactly that of run with the same options. What run still wants it makes \
               again within seconds.",
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
        long: "page",
        value: Value::Text("PATH"),
        unset: Unset::Means("no page"),
        commands: &[Name::Run],
        help: "A file that shows the verdict to whoever maps it, such as /run/ptpwatch/state: an L1 reads it in \
               nanoseconds, without a call. Its directory has to be there first. PATH.lock beside it keeps a second \
               writer away.",
        ..ROW
    },
    Row {
        long: "admin",
        value: Value::Text("ADDR:PORT"),
        unset: Unset::Means("no admin port"),
        commands: &[Name::Run, Name::Demo],
        help: "Where to answer people and their tools over HTTP, such as 127.0.0.1:8990: a status page at /, /metrics for \
               Prometheus, /livez, /readyz, /state and /events. In a pod, where others have to reach it, [::]:8990.",
        ..ROW
    },
    Row {
        long: "openshift-metrics",
        value: Value::Switch,
        unset: Unset::Default("false"),
        commands: &[Name::Run],
        help: "Have /metrics show openshift_ptp_clock_state too, as the PTP operator does: for dashboards that are there.",
        ..ROW
    },
    Row {
        long: "journal",
        value: Value::Text("FILE"),
        unset: Unset::Means("no journal"),
        commands: &[Name::Run],
        help: "Append each change to FILE, a line of JSON, whatever --format is. FILE that is full becomes FILE.1.",
        ..ROW
    },
    Row {
        long: "journal-size",
        value: Value::Text("SIZE"),
        unset: Unset::Default("4M"),
        commands: &[Name::Run],
        help: "How large the journal grows, 64K at least, and FILE.1 beside it.",
        ..ROW
    },
    Row {
        long: "on-change",
        value: Value::Text("COMMAND"),
        unset: Unset::Means("nothing is run"),
        commands: &[Name::Run],
        help: "Run this for each change of the verdict: a program and its arguments, with white space between them. There is \
               no shell and no quoting; for more, name a script. One runs at a time; the next is told of all that it has \
               missed. It reads nothing, and what it writes goes to stderr. Its environment has, beside ours:\n\
               PTPWATCH_VERDICT and PTPWATCH_PREVIOUS: LOCKED, HOLDOVER, FREERUN or UNKNOWN, now and as it was told last.\n\
               PTPWATCH_REASONS: with commas between them; may be empty.\n\
               PTPWATCH_SINCE: since when the verdict is what it is (2026-01-02T03:04:05.678Z).\n\
               PTPWATCH_HOLDOVER_LEFT_MS: of a holdover budget of ours; not set without one.\n\
               PTPWATCH_CHANGES and PTPWATCH_WORST: how often the verdict has changed since it was told last, and the \
               worst that it was.\n\
               PTPWATCH_NODE: the node.",
        ..ROW
    },
    Row {
        long: "on-change-timeout",
        value: Value::Text("DURATION"),
        unset: Unset::Default("10s"),
        commands: &[Name::Run],
        help: "How long that may take; then it is killed, with all that it has started and that is still in its process \
               group.",
        ..ROW
    },
    Row {
        long: "watch",
        value: Value::Switch,
        unset: Unset::Default("false"),
        commands: &[Name::Page],
        help: "Go on, and write a line for each change.",
        ..ROW
    },
    Row {
        long: "wait",
        value: Value::Text("DURATION"),
        unset: Unset::Default("10s"),
        commands: &[Name::State],
        help: "How long the verdict may take to be known; after that it is UNKNOWN.",
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
        value: Value::Producer,
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
        commands: FORMATS,
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
    commands: &[
        Name::Run,
        Name::State,
        Name::Page,
        Name::Watch,
        Name::Check,
        Name::Subscriptions,
        Name::Simulate,
        Name::Demo,
        Name::Decode,
        Name::Completions,
        Name::Man,
        Name::Help,
    ],
    help: "",
};

const SCRIPT: &str = "What happens when: a file, or one of chaos, clock-step, demo, flapping, gnss-loss, ha-standby, link-down, locked, long-holdover, ntp, restart.";
const WATCH: &[Name] = &[Name::Run, Name::State, Name::Check, Name::Subscriptions];
/// Those that are told, or look at, what `run` listens at.
const HOST: &[Name] = &[Name::Run, Name::Check, Name::Subscriptions];
const PLAY: &[Name] = &[Name::Simulate, Name::Demo];
const LOGS: &[Name] = &[Name::Run, Name::State, Name::Check, Name::Subscriptions, Name::Simulate, Name::Demo];
const LINES: &[Name] = &[Name::Run, Name::State, Name::Watch, Name::Check, Name::Subscriptions, Name::Demo];
const FORMATS: &[Name] =
    &[Name::Run, Name::State, Name::Page, Name::Watch, Name::Check, Name::Subscriptions, Name::Demo];
const CLASSES: &str = "N[,N...]|none";
/// What a pod's downward API tells, as it is often called.
const NODE_NAME: &[&str] = &["NODE_NAME"];
const POD_IP: &[&str] = &["POD_IP"];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::commands::CommandRow;
    use super::*;

    #[test]
    fn each_command_has_one_row_for_a_flag_and_for_an_environment_name() {
        for command in CommandRow::all() {
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
            let same = row.value.name() == other.value.name() && row.also == other.also;
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
