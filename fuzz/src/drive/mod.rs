//! Whatever an embedder does, in whatever order, and whatever peers send: a consumer keeps its contract.
//!
//! An input is a script, of letters so that seeds can be written by hand: three bytes of options, then calls, each a
//! letter and a few bytes that say with what. Any other byte stands for one of the letters.
//!
//! | letter | then | call |
//! |---|---|---|
//! | `a` | | `admit` |
//! | `o` `c` `e` | connection | `handle_opened`, `handle_closed`, `handle_end` |
//! | `r` | connection, message | one of our own messages arrives, as much as fits |
//! | `w` | connection, count, bytes | these bytes arrive |
//! | `l` | connection, count | `handle_received` with a count out of thin air |
//! | `s` | connection, count | `handle_sent`; `~` is all there is |
//! | `+` | time | time passes, unnoticed |
//! | `t` | | `handle_timeout`, until nothing is due |
//! | `T` | | time passes until something is due, then as `t` |
//! | `p` | manner | the producer does its part: connects, takes requests, answers |
//! | `q` | | `handle_stop` |
//! | `.` | | what the embedder owes after each call, where the options say that it forgets to |

mod machine;
mod messages;
mod records;

use ptpwatch_core::consumer::{Config, ConfigError, Consumer, Resources, Storage};
use ptpwatch_core::dialect;
use ptpwatch_core::event::Resource;
use ptpwatch_core::time::{Instant, SECOND_NS};
use ptpwatch_core::verdict::{OsClock, Policy, Role};

use machine::Machine;

/// Checks one script.
pub fn check(script: &[u8]) {
    let [dialect, options, role, calls @ ..] = script else { return };
    let mut storage = Storage::<CONNS, RX, TX, CHANNELS>::new();
    let config = config(*dialect, *options, *role);
    let start = Instant::from_nanos(SECOND_NS);
    let consumer = match Consumer::new(&mut storage, config, start) {
        Ok(consumer) => consumer,
        Err(error) => return assert_eq!(error, ConfigError::Required, "an odd configuration"),
    };
    let mut machine = Machine::new(consumer, start, options & FORGETFUL == 0);
    machine.run(calls);
    machine.rest(config.policy.holdover_budget_ns.is_some());
}

const CONNS: usize = 3;
const RX: usize = 1536;
const TX: usize = 640;
const CHANNELS: usize = 4;

const NODE: &str = "n1";
const AUTHORITY: &str = "localhost:8089";
const ENDPOINT: &str = "http://localhost:8989/event";

/// The option of an embedder that takes no actions and notices but when told to.
const FORGETFUL: u8 = 1;
const GUEST: u8 = 2;
const HASTY: u8 = 4;
const BUDGET: u8 = 8;
const EVERYTHING: u8 = 16;

fn config(dialect: u8, options: u8, role: u8) -> Config<'static> {
    const ROLES: [Role; 6] = [
        Role::Assumed,
        Role::OrdinaryClock,
        Role::BoundaryClock,
        Role::Grandmaster,
        Role::HighAvailability,
        Role::Ntp,
    ];
    let dialect = dialect::ALL.get(usize::from(dialect) % (dialect::ALL.len() + 1)).copied();
    let mut config = Config::new(dialect, NODE, AUTHORITY, ENDPOINT);
    config.policy = Policy::for_role(ROLES[usize::from(role) % ROLES.len()]);
    if dialect.is_some_and(|dialect| !dialect.has(Resource::OsClock)) {
        config.policy.os_clock = OsClock::Info;
    }
    config.is_guest = options & GUEST != 0;
    if options & HASTY != 0 {
        config.request_ns = SECOND_NS;
        config.poll_ns = SECOND_NS / 10;
    }
    if options & BUDGET != 0 {
        config.policy.holdover_budget_ns = Some(4 * SECOND_NS);
    }
    if options & EVERYTHING != 0 {
        config.resources = Resource::ALL.into_iter().fold(Resources::NONE, Resources::with);
    }
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_run() {
        for dialect in 0..7 {
            for options in [0, FORGETFUL, GUEST | HASTY, BUDGET | EVERYTHING, FORGETFUL | BUDGET] {
                let mut script = vec![dialect, options, 0];
                script.extend(b"p0p0p0p0p0p0p0p0ar1\x00t.w1\x05helloTTe1s1~.+\xa0tc1p8p9p:p;p<p=p>p?aaaar2!l1\xffs1\xffqp0p0p0");
                check(&script);
            }
        }
    }
}
