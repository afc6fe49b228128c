//! `simulate`: a producer to try consumers on.

mod door;
mod names;
mod script;
mod simulation;

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use mio::Interest;
use ptpwatch_core::dialect::{self, Dialect};
use ptpwatch_core::event::Resource;

pub use script::load as load_script;
pub use simulation::{Saying, Simulation, wall_ns};

use crate::escape::Escaping;
use crate::failure::Failure;
use crate::logger::{self, Utc};
use crate::options::Simulate;
use crate::output::{Dropped, Output};
use crate::producer::{Config, Manners, Script};
use crate::signals::Signals;
use crate::view::Moment;

/// Plays the producer until a signal comes, nobody reads stdout any more, or, with `once`, the script ends.
///
/// # Errors
/// If the script cannot be read, or the address not be had; or the system lacks something.
#[inline(never)]
pub fn simulate(options: &Simulate) -> Result<(), Failure> {
    let mut simulation = open(options, load_script(&options.script)?)?;
    let mut signals = Signals::new()?;
    simulation.registry().register(signals.stream(), Simulation::OWNER, Interest::READABLE)?;
    let mut output = Output::stdout()?;
    introduce(&mut output, options, simulation.address());
    loop {
        // The reader of stdout left: nothing more can be said.
        if output.flush().is_err() {
            return Ok(());
        }
        logger::flush();
        if signals.take().is_some() || options.once && simulation.is_finished() {
            output.drain(Instant::now() + LAST_LINES)?;
            return Ok(());
        }
        simulation.turn(output.is_pending().then_some(UNREAD))?;
        while let Some(saying) = simulation.sayings().take() {
            say(&mut output, saying.moment, &saying.text);
        }
    }
}

/// Opens what the options describe, with `script` for theirs.
///
/// # Errors
/// If the address cannot be had.
pub fn open(options: &Simulate, script: Script) -> Result<Simulation, Failure> {
    let manners = Manners::named(&options.dialect).ok_or_else(|| {
        let known = Manners::ALL.map(|manners| manners.name).join(", ");
        Failure::usage(format_args!("--dialect {}: cannot be simulated ({known} can)", options.dialect))
    })?;
    let configure = |address| Config {
        manners,
        node: options.node.clone(),
        interface: options.interface.clone(),
        authority: options.advertise.clone().unwrap_or_else(|| reachable(address).to_string()),
        seed: options.seed,
        epoch_ns: wall_ns(),
    };
    Simulation::open(options.listen, script, configure)
        .map_err(|error| Failure::usage(format_args!("--listen {}: {error}", options.listen)))
}

/// Says what this is, and how to watch it.
fn introduce(output: &mut Output, options: &Simulate, address: SocketAddr) {
    let Simulate { dialect, node, script, .. } = options;
    let address = reachable(address);
    let base = Manners::named(dialect).map_or("", |manners| manners.base);
    say(
        output,
        Moment::now(),
        &format!("producer {dialect} of {node} at http://{address}{base}, script {script}"),
    );
    let needs = needs(dialect, script);
    let watch = format!("ptpwatch run --producer http://{address} --node {node}{needs}");
    say(output, Moment::now(), &format!("watch it with: {watch}"));
}

/// The options without which a producer cannot be watched, and the role that a script is about.
fn needs(producer: &str, script: &str) -> String {
    let mut needs = String::new();
    if let Some(own) = dialect::from_name(producer) {
        let has_same = |other: &Dialect| Resource::ALL.into_iter().all(|it| own.has(it) == other.has(it));
        let found = dialect::DETECTED.into_iter().find(|dialect| dialect.base == own.base);
        // Who asks at that path finds another one.
        if !found.is_some_and(has_same) {
            needs += &format!(" --dialect {producer}");
        }
        if !own.has(Resource::OsClock) {
            needs += " --os-clock info";
        }
    }
    let role = ROLES.iter().find(|(name, _)| *name == script).map_or("oc", |(_, role)| role);
    needs + " --role " + role
}

fn say(output: &mut Output, moment: Moment, text: &str) {
    output.push_line_with(|line, dropped| {
        write!(line, "{} ", Utc(moment.wall))?;
        Escaping(&mut *line).write_str(text)?;
        write!(line, "{}", Dropped(dropped))
    });
}

/// Where a listener can be reached from this host: one of all addresses at the loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// The scripts that are not about an ordinary clock.
const ROLES: [(&str, &str); 3] = [("gnss-loss", "gm"), ("ha-standby", "ha"), ("ntp", "ntp")];
/// How long to wait for a reader of stdout who is slow: in a turn, and at the end.
const UNREAD: Duration = Duration::from_millis(100);
const LAST_LINES: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use ptpwatch_core::verdict;

    use super::*;

    #[test]
    fn only_what_is_not_found_out_is_named() {
        let named: Vec<&str> = Manners::ALL
            .map(|manners| manners.name)
            .into_iter()
            .filter(|name| needs(name, "demo").contains("--dialect"))
            .collect();
        assert_eq!(named, ["vmware"]);
        assert_eq!(needs("starlingx-v1", "demo"), " --os-clock info --role oc");
        for (script, role) in ROLES {
            assert!(Script::named(script).is_some() && verdict::Role::from_name(role).is_some(), "{script}");
        }
    }

    #[test]
    fn a_listener_for_all_is_reached_at_the_loopback() {
        for (listens, expected) in [
            ("0.0.0.0:1", "127.0.0.1:1"),
            ("[::]:2", "[::1]:2"),
            ("192.0.2.7:3", "192.0.2.7:3"),
            ("[fd00::7]:4", "[fd00::7]:4"),
        ] {
            assert_eq!(reachable(listens.parse().unwrap()).to_string(), expected);
        }
    }
}
