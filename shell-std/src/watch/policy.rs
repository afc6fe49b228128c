//! From options to the policy, and which of them do not go together.

use std::time::Duration;

use ptpwatch_core::consumer::{Config, ConfigError};
use ptpwatch_core::event::Resource;
use ptpwatch_core::verdict::{self, OsClock, Policy, Role};

use crate::failure::Failure;
use crate::options::{Instances, Rules};

/// What counts: the defaults of the role, and what else was told. `names` are those of the instances.
pub(super) fn policy<'r>(rules: &'r Rules, names: &'r [&'r str]) -> Policy<'r> {
    let role = rules.role.and_then(|role| Role::from_name(role.word()));
    let defaults: Policy<'r> = Policy::for_role(role.unwrap_or_default());
    let mut policy = Policy {
        os_clock: rules
            .os_clock
            .and_then(|choice| OsClock::from_name(choice.word()))
            .unwrap_or(defaults.os_clock),
        good_classes: rules.good_classes.as_deref().unwrap_or(defaults.good_classes),
        capping_classes: rules.capping_classes.as_deref().unwrap_or(defaults.capping_classes),
        gnss_caps: rules.gnss_caps.unwrap_or(defaults.gnss_caps),
        producer_floor: rules.producer_floor.unwrap_or(defaults.producer_floor),
        holdover_budget_ns: rules.holdover_budget.map(nanos),
        recover_ns: nanos(rules.recover),
        ..defaults
    };
    policy.ageing.stale_ns = nanos(rules.stale);
    policy.ageing.void_ns = nanos(rules.void);
    match rules.instances {
        Some(Instances::Worst) => policy.instances = verdict::Instances::Worst,
        Some(Instances::Any) => policy.instances = verdict::Instances::Any,
        Some(Instances::Named(_)) => policy.instances = verdict::Instances::Named(names),
        None => {}
    }
    policy
}

/// The names that `rules` gives to instances.
pub(super) fn names(rules: &Rules) -> Vec<&str> {
    match &rules.instances {
        Some(Instances::Named(names)) => names.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Checks that the options go together.
///
/// # Errors
/// The first that do not, by name: for the consumer, or because one of them would do nothing.
pub(super) fn check(config: &Config<'_>, rules: &Rules) -> Result<(), Failure> {
    config.check().map_err(|error| match error {
        ConfigError::Required => missing(config),
        error => error.into(),
    })?;
    let policy = &config.policy;
    if let Some(class) = policy.good_classes.iter().find(|class| policy.capping_classes.contains(class)) {
        let problem = "is in --capping-classes too, given or by default";
        return Err(Failure::usage(format_args!("--good-classes: {class} {problem}")));
    }
    let is_given = |classes: &Option<Vec<u8>>| classes.as_ref().is_some_and(|classes| !classes.is_empty());
    let needs = [
        ("--instances", rules.instances.is_some(), Resource::LockState),
        ("--good-classes", is_given(&rules.good_classes), Resource::ClockClass),
        ("--capping-classes", is_given(&rules.capping_classes), Resource::ClockClass),
        ("--gnss-caps", rules.gnss_caps == Some(true), Resource::Gnss),
        ("--producer-floor", rules.producer_floor == Some(true), Resource::SyncState),
    ];
    for (option, _, resource) in needs.into_iter().filter(|(_, is_asked, _)| *is_asked) {
        if let Some(lack) = lack(config, resource) {
            return Err(Failure::usage(format_args!("{option}: needs {resource}, but {lack}")));
        }
    }
    Ok(())
}

/// Why the verdict could never be known.
fn missing(config: &Config<'_>) -> Failure {
    let policy = &config.policy;
    if !policy.requires_something() {
        return Failure::usage("--os-clock info: leaves --role ntp nothing that the verdict is about");
    }
    let lock = Some(Resource::LockState).filter(|_| policy.requires_lock);
    match lock.and_then(|resource| lack(config, resource)) {
        Some(lack) => Failure::usage(format_args!("the verdict requires lock-state, but {lack}")),
        None => Failure::usage(format_args!(
            "the verdict requires os-clock-sync-state, but {}; --os-clock info does without",
            lack(config, Resource::OsClock).unwrap_or_default()
        )),
    }
}

/// Why `resource` is not followed, if it is not.
fn lack(config: &Config<'_>, resource: Resource) -> Option<String> {
    if !config.resources.contains(resource) {
        return Some("--resources does not have it".to_owned());
    }
    let dialect = config.dialect.filter(|dialect| !dialect.has(resource))?;
    Some(format!("the dialect {} does not have it", dialect.name))
}

pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use ptpwatch_core::dialect;

    use super::*;
    use crate::options::{self, Command, Known, Watch};
    use crate::watch::{Manner, config};

    /// The options of a line.
    fn watch(line: &str) -> Watch {
        let dialects = dialect::ALL.map(|dialect| dialect.name);
        let resources = Resource::ALL.map(Resource::name);
        let known = Known { dialects: &dialects, producers: &[], resources: &resources };
        let line = format!("run --producer http://h --node n {line}");
        match options::parse(line.split_whitespace().map(Into::into), &|_| None, &known) {
            Ok(Command::Run(run)) => run.watch,
            other => panic!("{line}: {other:?}"),
        }
    }

    fn complaint(line: &str) -> Option<String> {
        let watch = watch(line);
        let names = names(&watch.rules);
        let config = config(&watch, &names, Manner::Host, "h", "http://h");
        config.and_then(|config| check(&config, &watch.rules)).err().map(|failure| {
            assert_eq!(failure.exit_code(), 2);
            failure.to_string().replacen("ptpwatch: ", "", 1)
        })
    }

    /// So a default that core changes is changed here too, or the help is wrong.
    #[test]
    fn without_options_it_is_as_the_role_has_it() {
        assert_eq!(policy(&watch("").rules, &[]), Policy::default());
        for (name, role) in Role::NAMES {
            assert_eq!(
                policy(&watch(&format!("--role {name}")).rules, &[]),
                Policy::for_role(role),
                "{name}"
            );
        }
    }

    #[test]
    fn what_is_told_comes_before_the_role() {
        let watch = watch(
            "--role ha --os-clock info --instances a,b --good-classes 6 --capping-classes none --gnss-caps yes \
             --producer-floor yes --holdover-budget 5s --recover 1s --stale 20s --void 70s",
        );
        let second = 1_000_000_000;
        let names = names(&watch.rules);
        let mut expected = Policy {
            os_clock: OsClock::Info,
            instances: verdict::Instances::Named(&["a", "b"]),
            good_classes: &[6],
            capping_classes: &[],
            gnss_caps: true,
            producer_floor: true,
            holdover_budget_ns: Some(5 * second),
            recover_ns: second,
            ..Policy::for_role(Role::HighAvailability)
        };
        expected.ageing.stale_ns = 20 * second;
        expected.ageing.void_ns = 70 * second;
        assert_eq!(policy(&watch.rules, &names), expected);
    }

    #[test]
    fn what_does_not_go_together_is_one_line() {
        let cases = [
            ("--poll 6s", "--stale: stale must be at least two poll intervals plus 5 s"),
            ("--void 20s", "--void: void must be at least twice stale"),
            (
                "--role ntp --os-clock info",
                "--os-clock info: leaves --role ntp nothing that the verdict is about",
            ),
            (
                "--resources lock-state",
                "the verdict requires os-clock-sync-state, but --resources does not have it; --os-clock info does \
                 without",
            ),
            (
                "--dialect starlingx-v1",
                "the verdict requires os-clock-sync-state, but the dialect starlingx-v1 does not have it; --os-clock \
                 info does without",
            ),
            (
                "--resources os-clock-sync-state",
                "the verdict requires lock-state, but --resources does not have it",
            ),
            ("--good-classes 6,248", "--good-classes: 248 is in --capping-classes too, given or by default"),
            (
                "--gnss-caps yes --resources lock-state,os-clock-sync-state",
                "--gnss-caps: needs gnss-sync-status, but --resources does not have it",
            ),
            (
                "--dialect starlingx-v1 --os-clock info --producer-floor yes",
                "--producer-floor: needs sync-state, but the dialect starlingx-v1 does not have it",
            ),
        ];
        for (line, expected) in cases {
            assert_eq!(complaint(line).as_deref(), Some(expected), "{line}");
        }
        for line in
            ["", "--dialect starlingx-v1 --os-clock info", "--good-classes 248 --capping-classes none"]
        {
            assert_eq!(complaint(line), None, "{line}");
        }
    }
}
