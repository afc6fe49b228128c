//! From arguments and environment to a command, or to one line that says why not.

use std::collections::HashSet;

use super::*;

const KNOWN: Known<'_> = Known {
    dialects: &["openshift-v1", "openshift-v2"],
    producers: &["openshift-v2", "openshift-v1-hybrid"],
    resources: &["lock-state", "clock-class"],
};

const RUN: &str = "run --producer http://localhost:8089 --node n";

fn parse_with(line: &str, environment: &[(&str, &str)]) -> Result<Command, String> {
    let find = |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, text)| text.into());
    parse(line.split_whitespace().map(OsString::from), &find, &KNOWN).map_err(|refusal| refusal.to_string())
}

fn watched(line: &str, environment: &[(&str, &str)]) -> Watch {
    match parse_with(line, environment) {
        Ok(Command::Run(Run { watch, .. }) | Command::State(State { watch, .. })) => watch,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn run_and_state_have_these_defaults() {
    let watch = Watch {
        producer: Uri { host: "localhost".into(), port: 8089, path: "/".into() },
        node: "n".into(),
        dialect: None,
        listen: "[::]:8989".parse().unwrap(),
        allow: Vec::new(),
        callback: None,
        address: None,
        resources: None,
        rules: Rules {
            role: None,
            os_clock: None,
            instances: None,
            good_classes: None,
            capping_classes: None,
            gnss_caps: None,
            producer_floor: None,
            holdover_budget: None,
            stale: Duration::from_secs(15),
            void: Duration::from_secs(60),
            recover: Duration::from_secs(3),
        },
        poll: Duration::from_secs(5),
        request_timeout: Duration::from_secs(10),
        connections: 64,
        seed: None,
        lines: Lines { format: Format::Text, color: Color::Auto },
        log_level: LevelFilter::Warn,
    };
    let run = Run {
        watch: watch.clone(),
        keep_subscriptions: false,
        page: None,
        admin: None,
        openshift_metrics: false,
        journal: None,
        journal_size: 4 << 20,
        on_change: None,
        on_change_timeout: Duration::from_secs(10),
    };
    assert_eq!(parse_with(RUN, &[]), Ok(Command::Run(run)));
    let watch = Watch { listen: "[::]:0".parse().unwrap(), ..watch };
    let state = State { watch, wait: Duration::from_secs(10) };
    assert_eq!(parse_with(&RUN.replacen("run", "state", 1), &[]), Ok(Command::State(state)));
}

#[test]
fn check_and_subscriptions_have_the_options_of_run() {
    let watch = watched(RUN, &[]);
    let check = Check { watch: watch.clone(), sidecar_metrics: None };
    assert_eq!(parse_with(&RUN.replacen("run", "check", 1), &[]), Ok(Command::Check(check)));
    let metrics = |text: &str| match parse_with(
        &format!("{} --sidecar-metrics {text}", RUN.replacen("run", "check", 1)),
        &[],
    ) {
        Ok(Command::Check(check)) => check.sidecar_metrics,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(metrics("none"), Some(SidecarMetrics::None));
    let uri = Uri { host: "::1".into(), port: 9091, path: "/metrics".into() };
    assert_eq!(metrics("http://[::1]:9091/metrics"), Some(SidecarMetrics::At(uri)));
    for (words, errand) in [
        ("list", Errand::List),
        ("list --mine", Errand::ListMine),
        ("delete --mine", Errand::DeleteMine),
        ("delete 7f1b-A_1", Errand::Delete("7f1b-A_1".into())),
    ] {
        let line = RUN.replacen("run", &format!("subscriptions {words}"), 1);
        let expected = Subscriptions { watch: watch.clone(), errand };
        assert_eq!(parse_with(&line, &[]), Ok(Command::Subscriptions(expected)), "{words}");
    }
}

/// To delete the collection is to delete everybody's.
#[test]
fn nothing_deletes_more_than_was_named() {
    for words in [
        "",
        "delete",
        "delete .",
        "delete ..",
        "delete a/b",
        "delete a?b",
        "delete %2e",
        "delete a b",
        "delete a --mine",
        "list a",
        "purge",
    ] {
        let line = RUN.replacen("run", &format!("subscriptions {words}"), 1);
        let expected = "ptpwatch: subscriptions takes one of: list, list --mine, delete ID, delete --mine";
        assert_eq!(parse_with(&line, &[("PTPWATCH_MINE", "true")]), Err(expected.to_owned()), "{words}");
    }
    let find = |name: &str| (name == "PTPWATCH_NODE").then(|| "n".into());
    let line = ["subscriptions", "delete", "", "--producer", "http://h"].map(OsString::from);
    assert!(parse(line, &find, &KNOWN).is_err(), "an empty id");
}

#[test]
fn what_counts_can_be_told() {
    let line = format!(
        "{RUN} --dialect openshift-v1 --instances ens1fx/master,ens2fx/master --holdover-budget 5s \
         --good-classes 6 --capping-classes none --gnss-caps yes --producer-floor no --request-timeout 2s --seed 7"
    );
    let watch = watched(&line, &[("PTPWATCH_GOOD_CLASSES", "7"), ("PTPWATCH_OS_CLOCK", "info")]);
    assert_eq!((watch.dialect.as_deref(), watch.seed), (Some("openshift-v1"), Some(7)));
    assert_eq!(watch.request_timeout, Duration::from_secs(2));
    let rules = watch.rules;
    let named = vec!["ens1fx/master".to_owned(), "ens2fx/master".to_owned()];
    assert_eq!(rules.instances, Some(Instances::Named(named)));
    assert_eq!(rules.holdover_budget, Some(Duration::from_secs(5)));
    assert_eq!((rules.good_classes, rules.capping_classes), (Some(vec![6]), Some(vec![])));
    assert_eq!((rules.gnss_caps, rules.producer_floor), (Some(true), Some(false)));
    assert_eq!(rules.os_clock, Some(OsClock::Info));
    assert_eq!(
        watched(&format!("{RUN} --dialect auto"), &[("PTPWATCH_DIALECT", "openshift-v2")]).dialect,
        None
    );
}

#[test]
fn the_other_commands_need_nothing() {
    let simulate = Simulate {
        listen: ([127, 0, 0, 1], 9043).into(),
        dialect: "openshift-v2".into(),
        node: "node1".into(),
        script: "link-down".into(),
        interface: "ens1f0".into(),
        seed: 1,
        advertise: None,
        once: false,
        log_level: LevelFilter::Warn,
    };
    assert_eq!(parse_with("simulate", &[]), Ok(Command::Simulate(simulate)));
    let Ok(Command::Demo(demo)) = parse_with("demo", &[]) else { panic!() };
    assert_eq!((demo.script.as_str(), demo.dialect.as_str()), ("demo", "openshift-v2"));
    let page = |path: &str| Page { path: path.into(), watch: false, format: Format::Text };
    assert_eq!(parse_with("page", &[]), Ok(Command::Page(page("/run/ptpwatch/state"))));
    assert_eq!(parse_with("page a", &[]), Ok(Command::Page(page("a"))));
    let Ok(Command::Live(live)) = parse_with("watch", &[]) else { panic!() };
    assert_eq!(live.admin.authority(), "127.0.0.1:8990");
    assert_eq!(parse_with("decode", &[]), Ok(Command::Decode(Decode { inputs: vec![Input::Stdin] })));
    let inputs = vec![Input::File("a".into()), Input::Stdin, Input::File("--b".into())];
    assert_eq!(parse_with("decode a - -- --b", &[]), Ok(Command::Decode(Decode { inputs })));
}

#[test]
fn flag_comes_before_environment_before_default() {
    let environment = [("PTPWATCH_POLL", "7s"), ("NODE_NAME", "from-pod"), ("PTPWATCH_FORMAT", "")];
    assert_eq!(watched(&format!("{RUN} --poll=9s --poll 8s"), &environment).poll, Duration::from_secs(8));
    assert_eq!(watched(RUN, &environment).poll, Duration::from_secs(7));
    assert_eq!(watched(RUN, &environment).lines.format, Format::Text, "an empty variable is not set");
    let run = RUN.replace("--node n", "");
    assert_eq!(watched(&run, &environment).node, "from-pod");
    assert_eq!(watched(&run, &[("NODE_NAME", "from-pod"), ("PTPWATCH_NODE", "own")]).node, "own");
    assert_eq!(watched(RUN, &[("POD_IP", "fd00::1")]).address, Some("fd00::1".parse().unwrap()));
}

#[test]
fn switches_levels_and_colours() {
    let keeps = |line: &str, environment: &[(&str, &str)]| match parse_with(line, environment) {
        Ok(Command::Run(run)) => run.keep_subscriptions,
        other => panic!("{line}: {other:?}"),
    };
    assert!(keeps(&format!("{RUN} --keep-subscriptions"), &[]));
    assert!(keeps(RUN, &[("PTPWATCH_KEEP_SUBSCRIPTIONS", "true")]));
    assert_eq!(watched(&format!("{RUN} -vv"), &[]).log_level, LevelFilter::Debug);
    assert_eq!(watched(&format!("{RUN} -vvvvvvv"), &[]).log_level, LevelFilter::Trace);
    assert_eq!(watched(&format!("{RUN} -qqqqq"), &[]).log_level, LevelFilter::Off);
    assert_eq!(watched(&format!("{RUN} --log-level off -v"), &[]).log_level, LevelFilter::Error);
    let plain = [("NO_COLOR", "1")];
    assert_eq!(watched(RUN, &plain).lines.color, Color::Never);
    assert_eq!(watched(&format!("{RUN} --color always"), &plain).lines.color, Color::Always);
}

#[test]
fn every_error_is_one_line_that_names_its_source() {
    let cases = [
        (
            "bogus",
            "no command \"bogus\": expected one of run, state, page, watch, check, subscriptions, simulate, demo, decode, completions, man, help",
        ),
        ("run", "run needs --producer URI (or PTPWATCH_PRODUCER in the environment)"),
        (
            "run --producer http://h",
            "run needs --node NAME (or PTPWATCH_NODE or NODE_NAME in the environment)",
        ),
        ("demo --bo\u{1b}gus", "demo has no option --bo\\x1bgus; see: ptpwatch help demo"),
        ("demo --poll 5s", "demo has no option --poll; see: ptpwatch help demo"),
        ("demo -x", "demo has no option -x; see: ptpwatch help demo"),
        ("--bogus", "help has no option --bogus; see: ptpwatch help help"),
        ("demo --script", "--script needs a value: --script FILE|NAME"),
        ("demo --format --once", "--format needs a value: --format text|json"),
        ("demo --format xml", "--format: expected one of text, json, not \"xml\""),
        ("demo --once=yes", "unexpected argument for option '--once': \"yes\""),
        ("demo operand", "demo takes no operand, but got \"operand\""),
        ("demo --dialect v9", "--dialect: expected one of openshift-v2, openshift-v1-hybrid, not \"v9\""),
        ("demo --dialect auto", "--dialect: expected one of openshift-v2, openshift-v1-hybrid, not \"auto\""),
        (
            "demo --log-level loud",
            "--log-level: expected one of error, warn, info, debug, trace, off, not \"loud\"",
        ),
        ("simulate --seed -1", "--seed: expected a whole number from 0 to 18446744073709551615, not \"-1\""),
        (
            "simulate --interface a/b",
            "--interface: expected a name of 1 to 15 letters, digits, '.', '-' or '_', not \"a/b\"",
        ),
        ("watch a b", "watch takes one ADDR:PORT, not also \"b\""),
        ("watch a/b", "watch: expected ADDR:PORT such as 127.0.0.1:8990 or [::1]:8990, not \"a/b\""),
        ("page a b", "page takes one PATH, not also \"b\""),
        ("completions", "completions takes one of bash, zsh, fish"),
        ("completions tcsh", "completions takes one of bash, zsh, fish"),
        ("completions bash fish", "completions takes one of bash, zsh, fish"),
        ("man run demo", "man takes one COMMAND, not also \"demo\""),
        ("help run demo", "help takes one COMMAND, not also \"demo\""),
        (
            "help bogus",
            "no command \"bogus\": expected one of run, state, page, watch, check, subscriptions, simulate, demo, decode, completions, man, help",
        ),
    ];
    for (line, expected) in cases {
        assert_eq!(parse_with(line, &[]), Err(format!("ptpwatch: {expected}")), "{line}");
    }
}

#[test]
fn every_bad_value_of_run_is_named() {
    let cases = [
        ("--producer https://h", "expected http://, for no producer speaks TLS"),
        ("--producer http://h/api", "expected http://HOST[:PORT] without a path"),
        ("--address 0.0.0.0", "expected an address such as 192.0.2.1 or 2001:db8::1"),
        ("--callback h:80", "expected http://HOST[:PORT], an IPv6 address in brackets"),
        ("--listen 8989", "expected ADDR:PORT such as 0.0.0.0:8989 or [::]:8989"),
        (
            "--allow 10.0.0.0/33",
            "expected a comma list of addresses and networks such as 10.128.0.0/14 or ::1",
        ),
        ("--resources a,b", "expected a comma list of lock-state, clock-class"),
        ("--connections 1", "expected a whole number from 2 to 1024"),
        ("--poll 5d", "expected a duration such as 500ms, 5s or 2m, at most 24h"),
        ("--void 0", "expected a duration above zero"),
        ("--dialect v9", "expected one of auto, openshift-v1, openshift-v2"),
        ("--instances any,a", "expected worst, any, or a comma list of names of up to 48 characters"),
        ("--holdover-budget 0", "expected a duration above zero, or none"),
        ("--good-classes 256", "expected a comma list of clock classes, 0 to 255, or none"),
        ("--gnss-caps true", "expected one of yes, no"),
        ("--journal-size 4MB", "expected a size from 64K to 1024G"),
        ("--admin 8990", "expected ADDR:PORT such as 0.0.0.0:8989 or [::]:8989"),
        ("--seed x", "expected a whole number from 0 to 18446744073709551615"),
    ];
    for (option, expected) in cases {
        let (flag, text) = option.split_once(' ').unwrap();
        assert_eq!(
            parse_with(&format!("{RUN} {option}"), &[]),
            Err(format!("ptpwatch: {flag}: {expected}, not {text:?}"))
        );
    }
    let expected =
        "ptpwatch: PTPWATCH_POLL: expected a duration such as 500ms, 5s or 2m, at most 24h, not \"soon\\n\"";
    assert_eq!(parse_with(RUN, &[("PTPWATCH_POLL", "soon\n")]), Err(expected.to_owned()));
    assert_eq!(parse_with("demo", &[("PTPWATCH_POLL", "soon")]).err(), None, "not an option of demo");
}

#[cfg(unix)]
#[test]
fn what_is_not_utf8_is_refused() {
    use std::os::unix::ffi::OsStringExt;
    let arguments = ["demo".into(), "--script".into(), OsString::from_vec(vec![0xff])];
    let refusal = parse(arguments, &|_| None, &KNOWN).unwrap_err();
    assert_eq!(refusal.to_string(), "ptpwatch: --script: expected UTF-8, not \"\\xFF\"");
}

#[test]
fn help_and_version_are_for_stdout() {
    let Ok(Command::Print(program)) = parse_with("--help", &[]) else { panic!() };
    for line in ["-h", "help", "help help"] {
        assert_eq!(parse_with(line, &[]), Ok(Command::Print(program.clone())), "{line}");
    }
    let Ok(Command::Print(run)) = parse_with("help run", &[]) else { panic!() };
    for line in ["run --help", "run -h --bogus"] {
        assert_eq!(parse_with(line, &[]), Ok(Command::Print(run.clone())), "{line}");
    }
    for line in ["--version", "-V", "run --version"] {
        assert_eq!(parse_with(line, &[]), Ok(Command::Print("ptpwatch 0.1.0\n".into())), "{line}");
    }
}

#[test]
fn no_command_gets_the_short_usage() {
    assert!(parse_with("", &[]).unwrap_err().starts_with("usage: ptpwatch COMMAND [OPTIONS]\n"));
}

/// A row that nobody reads would be accepted and do nothing.
#[test]
fn every_row_reaches_its_command() {
    let samples = [
        "other",
        "json",
        "7",
        "7s",
        "7M",
        "1.2.3.4:5",
        "1.2.3.4",
        "1.2.3.4/5",
        "http://other:1",
        "always",
        "lock-state",
        "bc",
        "strict",
        "debug",
        "openshift-v1",
        "openshift-v1-hybrid",
        "yes",
    ];
    let plain = |row: &Row| matches!(row.value, Value::Nothing | Value::Switch);
    let mut silent = HashSet::new();
    let is_text = |name: &Name| matches!(name, Name::Help | Name::Man | Name::Completions);
    for command in CommandRow::all().filter(|command| !is_text(&command.name)) {
        let base = match command.name {
            Name::Run | Name::State | Name::Check => &RUN[4..],
            Name::Subscriptions => "list --producer http://localhost:8089 --node n",
            _ => "",
        };
        let base = format!("{} {base}", command.word);
        let before = parse_with(&base, &[]);
        for row in Row::all_of(command.name) {
            let differs = |sample: &&str| {
                let line = format!("{base} --{} {}", row.long, if plain(row) { "" } else { sample });
                parse_with(&line, &[]).is_ok_and(|after| Ok(&after) != before.as_ref())
            };
            if !samples.iter().any(differs) {
                silent.insert(format!("{} --{}", command.word, row.long));
            }
        }
    }
    assert!(silent.is_empty(), "{silent:?}");
}
