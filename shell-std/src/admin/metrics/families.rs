//! The table of metrics.

use std::fmt;
use std::time::UNIX_EPOCH;

use ptpwatch_core::consumer::{Link, Trouble};
use ptpwatch_core::event::{Resource, State, Word};
use ptpwatch_core::track::{Channel, Freshness, Value};
use ptpwatch_core::verdict::Reason;

use super::samples::{Number, Samples};
use super::{Content, Family, Kind, Names};
use crate::admin::facts::Facts;

const fn gauge(name: &'static str, help: &'static str, content: Content) -> Family {
    Family { name, kind: Kind::Gauge, help, content }
}

const fn counter(name: &'static str, help: &'static str, content: Content) -> Family {
    Family { name, kind: Kind::Counter, help, content }
}

/// In the order in which they are shown.
pub(super) const FAMILIES: &[Family] = &[
    gauge(
        "ptpwatch_build_info",
        "The version of ptpwatch.",
        Content::Of(|samples, _| samples.one(&[("version", env!("CARGO_PKG_VERSION").as_bytes())], ONE)),
    ),
    gauge(
        "ptpwatch_node_info",
        "The node that is followed, and the role it was given.",
        Content::Of(|samples, facts| {
            let labels = [("node", facts.about.node.as_bytes()), ("role", facts.about.role.as_bytes())];
            samples.one(&labels, ONE)
        }),
    ),
    gauge(
        "process_start_time_seconds",
        "When the process started, in seconds since 1970.",
        Content::Some(|facts| facts.about.started.wall.duration_since(UNIX_EPOCH).ok().map(Number::of)),
    ),
    gauge(
        "ptpwatch_ready",
        "Whether the producer answers and every subscription is held.",
        Content::One(|facts| facts.is_ready().into()),
    ),
    gauge(
        "ptpwatch_verdict_state",
        "Whether the clock can be trusted: 1 for the state that holds.",
        Content::Set { of: &STATES, holds: |facts| facts.verdict.state.name() },
    ),
    gauge(
        "ptpwatch_verdict_reason",
        "Why the verdict is what it is: 1 for each reason that holds.",
        Content::Of(|samples, facts| {
            let holds = |reason| facts.verdict.reasons.contains(reason).into();
            let sample = |reason: Reason| {
                samples.one(&[("reason", reason.name().as_bytes())], Number::Count(holds(reason)))
            };
            Reason::ALL.into_iter().try_for_each(sample)
        }),
    ),
    gauge(
        "ptpwatch_verdict_age_seconds",
        "How long the verdict has had its state.",
        Content::Some(|facts| Some(Number::Nanos(facts.moment.now.since(facts.verdict.since)))),
    ),
    counter(
        "ptpwatch_verdict_transitions",
        "Changes of the verdict's state.",
        Content::One(|facts| facts.tally.transitions),
    ),
    gauge(
        "ptpwatch_holdover_budget_seconds",
        "How long holdover is trusted at most.",
        Content::Some(|facts| facts.about.holdover_budget.map(Number::of)),
    ),
    gauge(
        "ptpwatch_holdover_remaining_seconds",
        "How long holdover is still trusted.",
        Content::Some(|facts| {
            facts.verdict.holdover_until.map(|until| Number::Nanos(until.since(facts.moment.now)))
        }),
    ),
    counter(
        "ptpwatch_disagreements",
        "Times the producer's own overall state began to differ.",
        Content::One(|facts| facts.tally.disagreements),
    ),
    gauge(
        "ptpwatch_channel_state",
        "State of a channel: 1 for the one it vouches for.",
        Content::ChannelSets {
            only: None,
            of: &STATES,
            holds: |channel| has_state(channel.resource()).then(|| channel.state().name()),
        },
    ),
    gauge(
        "ptpwatch_channel_freshness",
        "How far a channel is known: 1 for what holds.",
        Content::ChannelSets {
            only: None,
            of: &FRESHNESS,
            holds: |channel| Some(channel.freshness().name()),
        },
    ),
    gauge(
        "ptpwatch_channel_confirmed_age_seconds",
        "Since a channel was last heard or confirmed.",
        Content::Channels {
            only: None,
            number: |facts, channel| Some(Number::Nanos(facts.moment.now.since(channel.confirmed()))),
        },
    ),
    gauge(
        "ptpwatch_channel_offset_seconds",
        "Offset that was last reported.",
        Content::Channels { only: None, number: |_, channel| channel.offset().map(Number::NanosOf) },
    ),
    gauge(
        "ptpwatch_gnss_state",
        "State of a GNSS receiver: 1 for the one it reports.",
        Content::ChannelSets {
            only: Some(Resource::Gnss),
            of: &GNSS_STATES,
            holds: |channel| match channel.value() {
                Some(Value::Word(word)) if channel.freshness() != Freshness::Void => Some(word.name()),
                _ => Some(State::Unknown.name()),
            },
        },
    ),
    gauge(
        "ptpwatch_gnss_fix",
        "Kind of fix of a GNSS receiver; 3 is one in three dimensions.",
        Content::Channels { only: Some(Resource::Gnss), number: |_, channel| channel.gnss_fix().map(count) },
    ),
    gauge(
        "ptpwatch_clock_class",
        "Clock class.",
        Content::Channels { only: Some(Resource::ClockClass), number: level },
    ),
    gauge(
        "ptpwatch_synce_quality_level",
        "Quality level of synchronous Ethernet.",
        Content::Channels { only: Some(Resource::SynceQuality), number: level },
    ),
    gauge(
        "ptpwatch_producer_up",
        "Whether the producer answers.",
        Content::One(|facts| (facts.link.is_up == Some(true)).into()),
    ),
    gauge(
        "ptpwatch_producer_info",
        "How the producer speaks.",
        Content::Of(|samples, facts| {
            facts.link.dialect.map_or(Ok(()), |dialect| samples.one(&[("dialect", dialect.as_bytes())], ONE))
        }),
    ),
    gauge(
        "ptpwatch_producer_trouble",
        "What is wrong with the producer: 1 for what holds.",
        Content::Set { of: &TROUBLES, holds: |facts| facts.link.trouble.map_or("", trouble) },
    ),
    gauge(
        "ptpwatch_subscriptions",
        "Resources to be subscribed to, by who holds the subscription.",
        Content::Of(|samples, facts| {
            let Link { subscribed, taken, wanted, .. } = facts.link;
            let missing = wanted.saturating_sub(subscribed).saturating_sub(taken);
            samples.all(
                "state",
                &[("held", subscribed.into()), ("taken", taken.into()), ("missing", missing.into())],
            )
        }),
    ),
    counter(
        "ptpwatch_subscription_changes",
        "Subscriptions made, found lost, and deleted.",
        Content::Of(|samples, facts| {
            let stats = &facts.stats;
            samples.all(
                "change",
                &[("made", stats.subscribed), ("lost", stats.lost_subscriptions), ("deleted", stats.deleted)],
            )
        }),
    ),
    counter(
        "ptpwatch_notifications",
        "Notifications received.",
        Content::One(|facts| facts.stats.notifications),
    ),
    counter(
        "ptpwatch_events",
        "What was pushed, by what became of it.",
        Content::Of(|samples, facts| {
            Resource::ALL.into_iter().try_for_each(|resource| {
                let outcomes = facts.consumer.outcomes(resource);
                let counts = [
                    ("changed", outcomes.changed),
                    ("repeated", outcomes.repeated),
                    ("late", outcomes.late),
                    ("no-state", outcomes.stateless),
                ];
                counts.into_iter().try_for_each(|(outcome, count)| {
                    let labels = [("resource", resource.name().as_bytes()), ("outcome", outcome.as_bytes())];
                    samples.one(&labels, Number::Count(count))
                })
            })
        }),
    ),
    counter(
        "ptpwatch_bodies_unusable",
        "Bodies that told nothing, or not all of it.",
        Content::Of(|samples, facts| {
            let stats = &facts.stats;
            samples.all(
                "reason",
                &[
                    ("empty", stats.empty),
                    ("malformed", stats.malformed),
                    ("oversized", stats.oversized),
                    ("cut", stats.cut),
                ],
            )
        }),
    ),
    counter(
        "ptpwatch_values_ignored",
        "Values that say nothing of the node.",
        Content::Of(|samples, facts| {
            let stats = &facts.stats;
            samples.all(
                "reason",
                &[
                    ("foreign", stats.foreign),
                    ("placeholder", stats.placeholders),
                    ("unknown-resource", stats.unknown),
                ],
            )
        }),
    ),
    Family {
        name: "ptpwatch_event_latency_seconds",
        kind: Kind::Histogram,
        help: "From an event's own time to the change that it made.",
        content: Content::Of(|samples, facts| {
            let latency = &facts.tally.latency;
            samples.of("_bucket");
            samples.all("le", &latency.cumulative())?;
            samples.of("_sum");
            samples.one(&[], Number::Nanos(latency.sum_ns()))?;
            samples.of("_count");
            samples.one(&[], Number::Count(latency.count()))
        }),
    },
    counter(
        "ptpwatch_polls",
        "Answers to CurrentState, with a state and without one.",
        Content::Of(|samples, facts| {
            samples
                .all("outcome", &[("state", facts.stats.polls), ("no-state", facts.stats.polls_without_data)])
        }),
    ),
    counter(
        "ptpwatch_producer_requests",
        "Requests sent to the producer.",
        Content::One(|facts| facts.stats.requests),
    ),
    counter(
        "ptpwatch_producer_request_failures",
        "Requests that were not answered.",
        Content::One(|facts| facts.stats.failures),
    ),
    counter(
        "ptpwatch_connections_refused",
        "Connections to where events are awaited that were ended.",
        Content::Of(|samples, facts| {
            let stats = &facts.stats;
            samples.all(
                "reason",
                &[
                    ("not-allowed", facts.counts.turned_away),
                    ("not-http", stats.refused),
                    ("slow", stats.slow),
                    ("evicted", stats.evicted),
                ],
            )
        }),
    ),
    counter(
        "ptpwatch_requests_misdirected",
        "Requests that were no notifications.",
        Content::One(|facts| facts.stats.misdirected),
    ),
    counter(
        "ptpwatch_lines_dropped",
        "Lines that found no room.",
        Content::Of(|samples, facts| {
            samples.one(&[("output", b"stdout")], Number::Count(facts.counts.lines_dropped))?;
            samples.some(&[("output", b"journal")], facts.counts.journal_dropped.map(Number::Count))
        }),
    ),
    gauge("ptpwatch_event_streams", "Readers of /events.", Content::One(|facts| facts.streams as u64)),
    counter(
        "ptpwatch_event_streams_dropped",
        "Readers of /events that were too slow.",
        Content::One(|facts| facts.streams_dropped),
    ),
    gauge(
        "openshift_ptp_clock_state",
        "0 = FREERUN, 1 = LOCKED, 2 = HOLDOVER.",
        Content::Of(|samples, facts| match facts.about.openshift_metrics {
            true => facts.consumer.channels().try_for_each(|channel| openshift(samples, facts, channel)),
            false => Ok(()),
        }),
    ),
];

/// What the PTP operator's own daemon shows of this channel.
fn openshift(samples: &mut Samples<'_>, facts: &Facts<'_>, channel: &Channel) -> fmt::Result {
    let instance = channel.instance();
    let (interface, process) = match channel.resource() {
        Resource::LockState => (instance.strip_suffix(b"/master").unwrap_or(instance), &b"ptp4l"[..]),
        Resource::OsClock => (&b"CLOCK_REALTIME"[..], &b"phc2sys"[..]),
        _ => return Ok(()),
    };
    let value = match channel.state() {
        State::Freerun => 0,
        State::Locked => 1,
        State::Holdover => 2,
        State::Unknown => return Ok(()),
    };
    let node = facts.about.node.as_bytes();
    samples.one(&[("iface", interface), ("node", node), ("process", process)], Number::Count(value))
}

/// Whether what a resource reports is one of the states of a clock.
fn has_state(resource: Resource) -> bool {
    resource.has_words() && resource != Resource::Gnss
}

/// The level that a channel vouches for.
fn level(_: &Facts<'_>, channel: &Channel) -> Option<Number> {
    match channel.value() {
        Some(Value::Level(level)) if channel.freshness() != Freshness::Void => Some(count(level)),
        _ => None,
    }
}

fn count(number: u8) -> Number {
    Number::Count(number.into())
}

fn trouble(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Unreachable => UNREACHABLE,
        Trouble::Timeout => TIMEOUT,
        Trouble::NotHttp => NOT_HTTP,
        Trouble::Subscribe(_) => SUBSCRIBE,
        Trouble::List(_) => LIST,
        _ => "",
    }
}

/// The value of what only has labels.
const ONE: Number = Number::Count(1);

static STATES: Names = Names {
    label: "state",
    names: &[State::Locked.name(), State::Holdover.name(), State::Freerun.name(), State::Unknown.name()],
};

static GNSS_STATES: Names = Names {
    label: "state",
    names: &[
        Word::Synchronized.name(),
        Word::AcquiringSync.name(),
        Word::AntennaDisconnected.name(),
        Word::AntennaShortCircuit.name(),
        Word::Booting.name(),
        Word::FailureMultipath.name(),
        Word::FailureNofix.name(),
        Word::FailureLowSnr.name(),
        Word::FailurePll.name(),
        State::Unknown.name(),
    ],
};

static FRESHNESS: Names = Names {
    label: "freshness",
    names: &[Freshness::Fresh.name(), Freshness::Stale.name(), Freshness::Void.name()],
};

static TROUBLES: Names =
    Names { label: "trouble", names: &[UNREACHABLE, TIMEOUT, NOT_HTTP, SUBSCRIBE, LIST] };

const UNREACHABLE: &str = "unreachable";
const TIMEOUT: &str = "timeout";
const NOT_HTTP: &str = "not-http";
const SUBSCRIBE: &str = "subscribe";
const LIST: &str = "list";
