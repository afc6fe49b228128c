//! What a caller is told: the verdict, a channel, the link, the counters.

use crate::codes::*;
use crate::sized::Versioned;
use core::ffi::c_char;
use core::mem::offset_of;
use ptpwatch_core::consumer::{Link, Stats, Trouble};
use ptpwatch_core::event::State;
use ptpwatch_core::time::{Instant, Timestamp};
use ptpwatch_core::track::{self, Channel, Freshness, Value};
use ptpwatch_core::verdict;

/// What can be said of the node's clock.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct VerdictReport {
    /// Set it to the size of this struct.
    pub struct_size: u32,
    /// The number that the configuration gave the producer.
    pub producer: u32,
    /// The state: PTPWATCH_STATE_LOCKED and its like.
    pub state: u32,
    /// The last state that was not Unknown; Unknown if there was none since the start.
    pub last_known: u32,
    /// Why: PTPWATCH_BIT(PTPWATCH_REASON_STALE) and its like.
    pub reasons: u64,
    /// Since when the state is what it is, in nanoseconds of the caller's clock.
    pub since_ns: u64,
    /// When the policy's own budget ends Holdover; PTPWATCH_NEVER where it is not Holdover, or without such a budget: then
    /// the producer alone ends it.
    pub holdover_until_ns: u64,
    /// In a notice: how often the state changed since it was last told; 0 where only reasons did.
    pub transitions: u32,
    /// In a notice: the worst state it had since then; Unknown is none.
    pub worst: u32,
}

/// What a resource of one instance reports.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ChannelReport {
    /// Set it to the size of this struct.
    pub struct_size: u32,
    /// The number that the configuration gave the producer.
    pub producer: u32,
    /// The resource: PTPWATCH_RESOURCE_LOCK_STATE and its like.
    pub resource: u32,
    /// The state that the channel vouches for: Unknown while it is void or reports no state.
    pub state: u32,
    /// How far the value is still known: PTPWATCH_FRESHNESS_FRESH and its like.
    pub freshness: u32,
    /// PTPWATCH_CHANNEL_HAS_OFFSET and its like, together.
    pub flags: u32,
    /// The word that was last reported, also when it is void by now: PTPWATCH_WORD_LOCKED and its like.
    pub word: u32,
    /// The clock class or quality level that was last reported; -1 where there is none.
    pub level: i32,
    /// The word before the present one.
    pub previous_word: u32,
    /// The level before the present one; -1 where there is none.
    pub previous_level: i32,
    /// In a notice: how often the value changed since it was last told.
    pub transitions: u32,
    /// In a notice: the worst word it had since then.
    pub worst_word: u32,
    /// The offset last reported, in nanoseconds, without its decimal places; see PTPWATCH_CHANNEL_HAS_OFFSET.
    pub offset_ns: i64,
    /// The producer's own time of the last push, in nanoseconds since 1970, of the very clock that may be wrong; see
    /// PTPWATCH_CHANNEL_HAS_TIME.
    pub time_unix_ns: i64,
    /// The decimal places of the offset, in thousandths: -999 to 999, of the sign of the offset.
    pub offset_thousandths: i32,
    /// The kind of fix that a GNSS receiver has: 3 is one in three dimensions; -1 where there is none.
    pub gnss_fix: i32,
    /// When the value was first seen, in nanoseconds of the caller's clock.
    pub since_ns: u64,
    /// When the value before it was last confirmed: the change was not before.
    pub since_earliest_ns: u64,
    /// When the value was last heard or confirmed.
    pub confirmed_ns: u64,
    /// When the value was last pushed; PTPWATCH_NEVER if it never was.
    pub pushed_ns: u64,
    /// Length of the instance's name, in bytes.
    pub instance_length: u32,
    /// The instance, such as `ens1fx/master`, and zeros behind it; empty where the resource has none. These are a peer's
    /// bytes: escape them before they reach a terminal or a log.
    pub instance: [c_char; PTPWATCH_INSTANCE_SIZE],
}

/// The link to the producer.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LinkReport {
    /// Set it to the size of this struct.
    pub struct_size: u32,
    /// The number that the configuration gave the producer.
    pub producer: u32,
    /// Whether the producer answers: PTPWATCH_LINK_UP and its like.
    pub state: u32,
    /// What went wrong last: PTPWATCH_TROUBLE_TIMEOUT and its like; PTPWATCH_TROUBLE_NONE while all is well.
    pub trouble: u32,
    /// The status of the answer that was the trouble; 0 where it was none.
    pub trouble_status: u32,
    /// Resources to be subscribed to; 0 until the dialect is known.
    pub wanted: u32,
    /// Resources that we hold a subscription to.
    pub subscribed: u32,
    /// Resources that another consumer holds the subscription to: polls alone tell of them.
    pub taken: u32,
    /// The name of the dialect, and zeros behind it; empty until it is known.
    pub dialect: [c_char; PTPWATCH_DIALECT_SIZE],
}

/// Counters since the start.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct StatsReport {
    /// Set it to the size of this struct.
    pub struct_size: u32,
    /// The number that the configuration gave the producer.
    pub producer: u32,
    /// Calls that made no sense: of an id of another time, of more bytes than there were, out of order.
    pub misuse: u64,
    /// Notifications received: requests to our callback path, whatever they held.
    pub notifications: u64,
    /// Events found in notifications.
    pub events: u64,
    /// Notifications without a body: the check of our endpoint by OpenShift v1.
    pub empty: u64,
    /// Notifications that are no JSON.
    pub malformed: u64,
    /// Notifications, and answers of the producer, larger than the receive window.
    pub oversized: u64,
    /// Messages with more events or values than are read from one.
    pub cut: u64,
    /// Values about another node.
    pub foreign: u64,
    /// Values that stand for "no data".
    pub placeholders: u64,
    /// Events about a resource that is not known.
    pub unknown: u64,
    /// Requests to another path, or with another method.
    pub misdirected: u64,
    /// Connections refused for bytes that are no HTTP.
    pub refused: u64,
    /// Connections closed for being too slow.
    pub slow: u64,
    /// Connections that yielded to a newcomer.
    pub evicted: u64,
    /// Requests sent to the producer.
    pub requests: u64,
    /// Requests that failed without an answer.
    pub failures: u64,
    /// Answers to CurrentState that held a state.
    pub polls: u64,
    /// Answers to CurrentState that held none.
    pub polls_without_data: u64,
    /// Subscriptions made.
    pub subscribed: u64,
    /// Subscriptions of ours that the producer no longer held.
    pub lost_subscriptions: u64,
    /// Subscriptions deleted.
    pub deleted: u64,
}

impl VerdictReport {
    pub(crate) fn of(producer: u32, report: &verdict::VerdictReport) -> Self {
        let verdict = report.verdict;
        Self {
            struct_size: 0,
            producer,
            state: verdict.state as u32,
            last_known: verdict.last_known as u32,
            reasons: verdict.reasons.bits(),
            since_ns: verdict.since.as_nanos(),
            holdover_until_ns: time_or_never(verdict.holdover_until),
            transitions: report.transitions,
            worst: report.worst as u32,
        }
    }

    /// The verdict as it is, of which nothing is news.
    pub(crate) fn now(producer: u32, verdict: verdict::Verdict) -> Self {
        Self::of(producer, &verdict::VerdictReport { verdict, transitions: 0, worst: State::Unknown })
    }
}

impl ChannelReport {
    pub(crate) fn of(producer: u32, report: &track::ChannelReport<'_>) -> Self {
        let channel = report.channel;
        let offset = channel.offset().unwrap_or_default();
        let instance = channel.instance();
        Self {
            struct_size: 0,
            producer,
            resource: channel.resource() as u32,
            state: channel.state() as u32,
            freshness: freshness(channel.freshness()),
            flags: flags(channel, report.is_gone),
            word: word(channel.value()),
            level: level(channel.value()),
            previous_word: word(channel.previous()),
            previous_level: level(channel.previous()),
            transitions: report.transitions,
            worst_word: word(report.worst),
            offset_ns: offset.whole(),
            time_unix_ns: channel.time().map_or(0, Timestamp::unix_nanos),
            offset_thousandths: i32::from(offset.thousandths()),
            gnss_fix: channel.gnss_fix().map_or(NONE, i32::from),
            since_ns: channel.change().at.as_nanos(),
            since_earliest_ns: channel.change().earliest.as_nanos(),
            confirmed_ns: channel.confirmed().as_nanos(),
            pushed_ns: time_or_never(channel.pushed()),
            instance_length: u32::try_from(instance.len()).unwrap_or(0),
            instance: padded(instance),
        }
    }

    /// The channel as it is, of which nothing is news.
    pub(crate) fn now(producer: u32, channel: &Channel) -> Self {
        Self::of(producer, &track::ChannelReport { channel, transitions: 0, worst: None, is_gone: false })
    }
}

impl LinkReport {
    pub(crate) fn of(producer: u32, link: &Link) -> Self {
        let (trouble, status) = trouble(link.trouble);
        Self {
            struct_size: 0,
            producer,
            state: match link.is_up {
                None => PTPWATCH_LINK_UNTRIED,
                Some(true) => PTPWATCH_LINK_UP,
                Some(false) => PTPWATCH_LINK_DOWN,
            },
            trouble,
            trouble_status: u32::from(status),
            wanted: u32::from(link.wanted),
            subscribed: u32::from(link.subscribed),
            taken: u32::from(link.taken),
            dialect: padded(link.dialect.unwrap_or_default().as_bytes()),
        }
    }
}

impl StatsReport {
    pub(crate) fn of(producer: u32, stats: &Stats) -> Self {
        Self {
            struct_size: 0,
            producer,
            misuse: stats.misuse,
            notifications: stats.notifications,
            events: stats.events,
            empty: stats.empty,
            malformed: stats.malformed,
            oversized: stats.oversized,
            cut: stats.cut,
            foreign: stats.foreign,
            placeholders: stats.placeholders,
            unknown: stats.unknown,
            misdirected: stats.misdirected,
            refused: stats.refused,
            slow: stats.slow,
            evicted: stats.evicted,
            requests: stats.requests,
            failures: stats.failures,
            polls: stats.polls,
            polls_without_data: stats.polls_without_data,
            subscribed: stats.subscribed,
            lost_subscriptions: stats.lost_subscriptions,
            deleted: stats.deleted,
        }
    }
}

// SAFETY: `repr(C)` behind a size, of integers and arrays of them.
unsafe impl Versioned for VerdictReport {
    const LEAST: usize = offset_of!(Self, reasons);
}

// SAFETY: `repr(C)` behind a size, of integers and arrays of them.
unsafe impl Versioned for ChannelReport {
    const LEAST: usize = offset_of!(Self, freshness);
}

// SAFETY: `repr(C)` behind a size, of integers and arrays of them.
unsafe impl Versioned for LinkReport {
    const LEAST: usize = offset_of!(Self, trouble_status);
}

// SAFETY: `repr(C)` behind a size, of integers.
unsafe impl Versioned for StatsReport {
    const LEAST: usize = offset_of!(Self, notifications);
}

fn flags(channel: &Channel, is_gone: bool) -> u32 {
    let flag = |holds: bool, flag: u32| if holds { flag } else { 0 };
    flag(channel.offset().is_some(), PTPWATCH_CHANNEL_HAS_OFFSET)
        | flag(channel.time().is_some(), PTPWATCH_CHANNEL_HAS_TIME)
        | flag(is_gone, PTPWATCH_CHANNEL_IS_GONE)
        | flag(channel.has_unknown_word(), PTPWATCH_CHANNEL_HAS_UNKNOWN_WORD)
        | flag(channel.is_unconfirmed(), PTPWATCH_CHANNEL_IS_UNCONFIRMED)
        | flag(channel.disputed().is_some(), PTPWATCH_CHANNEL_IS_DISPUTED)
        | flag(channel.is_offset_frozen(), PTPWATCH_CHANNEL_IS_OFFSET_FROZEN)
}

const fn freshness(freshness: Freshness) -> u32 {
    match freshness {
        Freshness::Void => PTPWATCH_FRESHNESS_VOID,
        Freshness::Fresh => PTPWATCH_FRESHNESS_FRESH,
        Freshness::Stale => PTPWATCH_FRESHNESS_STALE,
    }
}

const fn word(value: Option<Value>) -> u32 {
    match value {
        Some(Value::Word(word)) => word_code(word),
        _ => PTPWATCH_WORD_NONE,
    }
}

fn level(value: Option<Value>) -> i32 {
    match value {
        Some(Value::Level(level)) => i32::from(level),
        _ => NONE,
    }
}

const fn trouble(trouble: Option<Trouble>) -> (u32, u16) {
    match trouble {
        None => (PTPWATCH_TROUBLE_NONE, 0),
        Some(Trouble::Unreachable) => (PTPWATCH_TROUBLE_UNREACHABLE, 0),
        Some(Trouble::Timeout) => (PTPWATCH_TROUBLE_TIMEOUT, 0),
        Some(Trouble::NotHttp) => (PTPWATCH_TROUBLE_NOT_HTTP, 0),
        Some(Trouble::Subscribe(status)) => (PTPWATCH_TROUBLE_SUBSCRIBE, status),
        Some(Trouble::List(status)) => (PTPWATCH_TROUBLE_LIST, status),
        Some(_) => (PTPWATCH_TROUBLE_OTHER, 0),
    }
}

fn time_or_never(time: Option<Instant>) -> u64 {
    time.map_or(PTPWATCH_NEVER, Instant::as_nanos)
}

/// `bytes`, as many as leave room for a zero behind them, and zeros.
fn padded<const SIZE: usize>(bytes: &[u8]) -> [c_char; SIZE] {
    let mut text = [0; SIZE];
    for (place, byte) in text.iter_mut().take(SIZE.saturating_sub(1)).zip(bytes) {
        *place = c_char::from_ne_bytes([*byte]);
    }
    text
}

/// No level.
const NONE: i32 = -1;

// A zero ends the longest name, and no struct has a hole that would tell what was in the memory before.
const _: () = assert!(PTPWATCH_INSTANCE_SIZE > PTPWATCH_INSTANCE_NAME_MAX);
const _: () = assert!(size_of::<VerdictReport>() == 48 && size_of::<LinkReport>() == 64);
const _: () = assert!(size_of::<ChannelReport>() == 160 && size_of::<StatsReport>() == 176);
