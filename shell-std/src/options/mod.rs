//! Arguments and environment become one typed command. A new option is a row in the table and the line that uses it.

mod commands;
mod completions;
mod help;
mod kinds;
mod lists;
mod row;
#[cfg(feature = "simulator")]
mod simulator;
mod table;
mod uri;
mod values;

use std::ffi::OsString;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use log::LevelFilter;

pub use self::commands::{CommandRow, Name};
pub(crate) use self::kinds::is_id;
pub use self::kinds::{Color, DURATION_MAX, Format, Input, OsClock, Role, SidecarMetrics};
pub use self::lists::Instances;
pub use self::row::{Row, Unset, Value};
#[cfg(feature = "simulator")]
pub use self::simulator::{Demo, Simulate};
pub use self::table::OPTIONS;
pub use self::uri::Uri;
use self::values::{Asked, Values};

/// What the program is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Run(Run),
    State(State),
    Page(Page),
    Live(Live),
    Check(Check),
    Subscriptions(Subscriptions),
    #[cfg(feature = "simulator")]
    Simulate(Simulate),
    #[cfg(feature = "simulator")]
    Demo(Demo),
    Decode(Decode),
    /// Write this to stdout: a help text, what else is made of the tables, or the version.
    Print(String),
}

/// Options of `run`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub watch: Watch,
    pub keep_subscriptions: bool,
    /// The state page; `None`: there is none.
    pub page: Option<PathBuf>,
    /// The admin port; `None`: there is none.
    pub admin: Option<SocketAddr>,
    /// Whether its metrics show the PTP operator's own gauge too.
    pub openshift_metrics: bool,
    /// Where changes are written down; `None`: nowhere.
    pub journal: Option<PathBuf>,
    /// Most bytes of the journal, and of the one before it.
    pub journal_size: u64,
    /// A program and its arguments, with white space between them; `None`: nothing is run.
    pub on_change: Option<String>,
    pub on_change_timeout: Duration,
}

/// Options of `state`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pub watch: Watch,
    /// How long the verdict may take to be known.
    pub wait: Duration,
}

/// Options of all that have to do with a producer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// Its path is `/`.
    pub producer: Uri,
    pub node: String,
    /// One of [`Known::dialects`]. `None`: to be found out.
    pub dialect: Option<String>,
    pub listen: SocketAddr,
    /// Who may connect; nobody named: everybody.
    pub allow: Vec<IpNet>,
    /// `None`: made from the address the producer is reached from.
    pub callback: Option<Uri>,
    /// `None`: that of the way to the producer.
    pub address: Option<IpAddr>,
    /// Of [`Known::resources`], none twice. `None`: all but those of synchronous Ethernet.
    pub resources: Option<Vec<String>>,
    pub rules: Rules,
    pub poll: Duration,
    pub request_timeout: Duration,
    pub connections: usize,
    /// `None`: another each time.
    pub seed: Option<u64>,
    pub lines: Lines,
    pub log_level: LevelFilter,
}

/// What counts for the verdict. Where a field may be `None`, it is as the role has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// `None`: assumed to be an ordinary clock, which the verdict says.
    pub role: Option<Role>,
    pub os_clock: Option<OsClock>,
    pub instances: Option<Instances>,
    pub good_classes: Option<Vec<u8>>,
    pub capping_classes: Option<Vec<u8>>,
    pub gnss_caps: Option<bool>,
    pub producer_floor: Option<bool>,
    /// `None`: the producer alone ends holdover, whatever the role.
    pub holdover_budget: Option<Duration>,
    pub stale: Duration,
    pub void: Duration,
    /// May be zero.
    pub recover: Duration,
}

/// Options of `check`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Those of `run`, which is what is checked.
    pub watch: Watch,
    /// Where the producer's own metrics are. `None`: at the usual place, if it is on this host.
    pub sidecar_metrics: Option<SidecarMetrics>,
}

/// Options of `subscriptions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscriptions {
    /// Those of `run`, which say what is ours.
    pub watch: Watch,
    pub errand: Errand,
}

/// What to do with subscriptions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    List,
    ListMine,
    /// The one with this id: letters, digits, `-` and `_`.
    Delete(String),
    DeleteMine,
}

/// Options of `page`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub path: PathBuf,
    /// Go on, with a line for each change.
    pub watch: bool,
    pub format: Format,
}

/// Options of `watch`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// The admin port to watch; its path is `/`.
    pub admin: Uri,
    pub lines: Lines,
}

/// Operands of `decode`: at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decode {
    pub inputs: Vec<Input>,
}

/// How lines on stdout look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines {
    pub format: Format,
    /// `NO_COLOR` is already heeded.
    pub color: Color,
}

/// The names that tables elsewhere know.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// What can be followed, by its API.
    pub dialects: &'a [&'a str],
    /// What can be simulated; nothing where there is no simulator.
    pub producers: &'a [&'a str],
    pub resources: &'a [&'a str],
}

/// Why there is no command: a line for stderr, naming the option or environment variable. Exit code 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(String);

/// Reads `arguments` (without the program's name), then the environment, then the defaults.
///
/// # Errors
/// [`Refusal`] for the first thing that cannot be: an unknown command or option, a missing or bad value.
pub fn parse(
    arguments: impl IntoIterator<Item = OsString>,
    environment: &dyn Fn(&str) -> Option<OsString>,
    known: &Known<'_>,
) -> Result<Command, Refusal> {
    let values = match Values::read(arguments, environment)? {
        Asked::Help(command) => return Ok(Command::Print(help::text(command, known))),
        Asked::Version => {
            return Ok(Command::Print(concat!("ptpwatch ", env!("CARGO_PKG_VERSION"), "\n").to_owned()));
        }
        Asked::Values(values) => values,
    };
    Ok(match values.command() {
        Name::Run => Command::Run(Run {
            watch: watch(&values, known)?,
            keep_subscriptions: values.need("keep-subscriptions", kinds::switch)?,
            page: values.find("page", kinds::text)?.map(PathBuf::from),
            admin: values.find("admin", kinds::listen)?,
            openshift_metrics: values.need("openshift-metrics", kinds::switch)?,
            journal: values.find("journal", kinds::text)?.map(PathBuf::from),
            journal_size: values.need("journal-size", kinds::size)?,
            on_change: values.find("on-change", kinds::text)?,
            on_change_timeout: values.need("on-change-timeout", kinds::interval)?,
        }),
        Name::State => Command::State(State {
            watch: watch(&values, known)?,
            wait: values.need("wait", kinds::interval)?,
        }),
        Name::Page => Command::Page(page(&values)?),
        Name::Watch => Command::Live(live(&values)?),
        Name::Check => Command::Check(Check {
            watch: watch(&values, known)?,
            sidecar_metrics: values.find("sidecar-metrics", SidecarMetrics::parse)?,
        }),
        Name::Subscriptions => {
            let errand = errand(&values)?;
            Command::Subscriptions(Subscriptions { errand, watch: watch(&values, known)? })
        }
        #[cfg(feature = "simulator")]
        Name::Simulate => Command::Simulate(simulator::simulate(&values, known)?),
        #[cfg(feature = "simulator")]
        Name::Demo => Command::Demo(simulator::demo(&values, known)?),
        #[cfg(not(feature = "simulator"))]
        Name::Simulate | Name::Demo => return Err(Refusal::without_simulator()),
        Name::Decode => Command::Decode(decode(&values)),
        Name::Completions => Command::Print(completions(&values, known)?),
        Name::Man => Command::Print(help::manual(values.topic()?, known)),
        Name::Help => Command::Print(help::text(values.topic()?, known)),
    })
}

impl Refusal {
    pub const EXIT_CODE: u8 = 2;

    fn new(problem: impl fmt::Display) -> Self {
        Self(format!("ptpwatch: {problem}"))
    }

    fn without_simulator() -> Self {
        Self::new("this build has no simulated producer: it lacks the feature simulator")
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

fn watch(values: &Values<'_>, known: &Known<'_>) -> Result<Watch, Refusal> {
    let node = values.need("node", kinds::node);
    // Of two that are missing, the first in the help is named.
    let producer =
        values.need("producer", |text| kinds::producer(text, node.as_deref().unwrap_or_default()))?;
    Ok(Watch {
        producer,
        node: node?,
        dialect: values.need("dialect", |text| kinds::dialect(text, known.dialects))?,
        listen: values.need("listen", kinds::listen)?,
        allow: values.find("allow", lists::networks)?.unwrap_or_default(),
        callback: values.find("callback", Uri::parse)?,
        address: values.find("address", kinds::address)?,
        resources: values.find("resources", |text| lists::list_of(text, known.resources))?,
        rules: rules(values)?,
        poll: values.need("poll", kinds::interval)?,
        request_timeout: values.need("request-timeout", kinds::interval)?,
        connections: values.need("connections", |text| kinds::number(text, 2..=CONNECTIONS_MAX))?,
        seed: values.find("seed", |text| kinds::number(text, 0..=u64::MAX))?,
        lines: lines(values)?,
        log_level: log_level(values)?,
    })
}

fn errand(values: &Values<'_>) -> Result<Errand, Refusal> {
    let mut words = values.operands().iter().map(|word| word.to_str().unwrap_or_default());
    match (words.next(), words.next(), values.count("mine") > 0) {
        (Some("list"), None, false) => Ok(Errand::List),
        (Some("list"), None, true) => Ok(Errand::ListMine),
        (Some("delete"), None, true) => Ok(Errand::DeleteMine),
        (Some("delete"), Some(id), false) if is_id(id) && words.next().is_none() => {
            Ok(Errand::Delete(id.to_owned()))
        }
        _ => Err(Refusal::new("subscriptions takes one of: list, list --mine, delete ID, delete --mine")),
    }
}

fn completions(values: &Values<'_>, known: &Known<'_>) -> Result<String, Refusal> {
    let shell = match values.operands() {
        [shell] => shell.to_str().and_then(|shell| completions::script(shell, known)),
        _ => None,
    };
    shell.ok_or_else(|| Refusal::new("completions takes one of bash, zsh, fish"))
}

fn rules(values: &Values<'_>) -> Result<Rules, Refusal> {
    Ok(Rules {
        role: values.find("role", Role::parse)?,
        os_clock: values.find("os-clock", OsClock::parse)?,
        instances: values.find("instances", Instances::parse)?,
        good_classes: values.find("good-classes", lists::classes)?,
        capping_classes: values.find("capping-classes", lists::classes)?,
        gnss_caps: values.find("gnss-caps", kinds::yes_or_no)?,
        producer_floor: values.find("producer-floor", kinds::yes_or_no)?,
        holdover_budget: values.need("holdover-budget", kinds::budget)?,
        stale: values.need("stale", kinds::interval)?,
        void: values.need("void", kinds::interval)?,
        recover: values.need("recover", kinds::duration)?,
    })
}

fn live(values: &Values<'_>) -> Result<Live, Refusal> {
    let address = match values.operands() {
        [] => ADMIN_ADDRESS,
        [address] => address.to_str().unwrap_or_default(),
        [_, second, ..] => {
            return Err(Refusal::new(format_args!("watch takes one ADDR:PORT, not also {second:?}")));
        }
    };
    let admin = kinds::admin(address)
        .map_err(|expected| Refusal::new(format_args!("watch: {expected}, not {address:?}")))?;
    Ok(Live { admin, lines: lines(values)? })
}

fn page(values: &Values<'_>) -> Result<Page, Refusal> {
    let path = match values.operands() {
        [] => PAGE_PATH.into(),
        [path] => path.into(),
        [_, second, ..] => {
            return Err(Refusal::new(format_args!("page takes one PATH, not also {second:?}")));
        }
    };
    let watch = values.need("watch", kinds::switch)?;
    Ok(Page { path, watch, format: values.need("format", Format::parse)? })
}

fn decode(values: &Values<'_>) -> Decode {
    let input = |operand: &OsString| if operand == "-" { Input::Stdin } else { Input::File(operand.into()) };
    let inputs: Vec<Input> = values.operands().iter().map(input).collect();
    Decode { inputs: if inputs.is_empty() { vec![Input::Stdin] } else { inputs } }
}

fn lines(values: &Values<'_>) -> Result<Lines, Refusal> {
    let color = match values.need("color", Color::parse)? {
        Color::Auto if values.is_set("NO_COLOR") => Color::Never,
        color => color,
    };
    Ok(Lines { format: values.need("format", Format::parse)?, color })
}

/// `--log-level`, with each `-v` a level more and each `-q` a level less.
fn log_level(values: &Values<'_>) -> Result<LevelFilter, Refusal> {
    let base = values.need("log-level", kinds::log_level)?;
    let level = (base as usize + values.count("verbose")).saturating_sub(values.count("quiet"));
    Ok(LevelFilter::iter().nth(level).unwrap_or(LevelFilter::Trace))
}

/// Most connections that may be asked for.
pub const CONNECTIONS_MAX: usize = 1024;

/// Where an admin port is looked for, unless it is named.
pub const ADMIN_ADDRESS: &str = "127.0.0.1:8990";

/// Where a state page is looked for, unless it is named.
pub const PAGE_PATH: &str = "/run/ptpwatch/state";

#[cfg(all(test, feature = "simulator"))]
mod tests;

#[cfg(all(test, not(feature = "simulator")))]
mod tests_of_what_is_shipped {
    use super::*;

    #[test]
    fn what_is_not_there_is_refused_and_not_offered() {
        let known = Known { dialects: &[], producers: &[], resources: &[] };
        let parse = |line: &str| parse(line.split(' ').map(OsString::from), &|_| None, &known);
        for line in ["demo", "simulate --once", "help demo", "man simulate"] {
            assert_eq!(parse(line), Err(Refusal::without_simulator()), "{line}");
        }
        let Ok(Command::Print(help)) = parse("help") else { panic!() };
        assert!(help.contains("  run ") && !help.contains("simulate") && !help.contains("demo"), "{help}");
    }
}
