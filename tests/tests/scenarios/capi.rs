//! A home of libptpwatch: its functions are called as C calls them, with C's structs, and what they say is taken back into
//! core's words.
#![allow(unsafe_code, reason = "C has no other calls")]

use ptpwatch_capi_linked::codes::*;
use ptpwatch_capi_linked::config::Config as CConfig;
use ptpwatch_capi_linked::entry::begin::*;
use ptpwatch_capi_linked::entry::input::*;
use ptpwatch_capi_linked::entry::output::*;
use ptpwatch_capi_linked::entry::state::*;
use ptpwatch_capi_linked::entry::windows::*;
use ptpwatch_capi_linked::entry::{Conn, names};
use ptpwatch_capi_linked::reports::{ChannelReport, LinkReport, StatsReport, VerdictReport};
use ptpwatch_capi_linked::watch::Watch;
use ptpwatch_core::consumer::{Config, Link, Stats, Trouble};
use ptpwatch_core::dialect;
use ptpwatch_core::event::{Resource, State, Word};
use ptpwatch_core::time::Instant;
use ptpwatch_core::track::{Freshness, Value};
use ptpwatch_core::verdict::{Instances, OsClock, Reasons, Role, Verdict};
use ptpwatch_tests::{Machine, Task, Told};
use std::ffi::{CStr, CString, c_char};
use std::mem::MaybeUninit;
use std::ptr;
use std::slice;

/// A consumer behind C's functions.
#[derive(Debug)]
pub(crate) struct Capi(*mut Watch);

/// Memory for one: of the static kind, with room to spare.
#[repr(C, align(16))]
#[derive(Debug)]
pub(crate) struct Block([u8; PTPWATCH_SIZE_DEFAULT]);

impl Machine for Capi {
    type Memory = &'static mut Block;
    type Conn = Conn;

    fn memory() -> &'static mut Block {
        Box::leak(Box::new(Block([0xa5; PTPWATCH_SIZE_DEFAULT])))
    }

    fn new(memory: &'static mut Block, config: Config<'static>, now: Instant) -> Self {
        let texts = Texts::of(&config);
        let struct_of_c = texts.config(&config);
        let mut consumer = ptr::null_mut();
        let (place, size) = (ptr::from_mut(memory).cast(), PTPWATCH_SIZE_DEFAULT);
        let (profile, now) = (PTPWATCH_PROFILE_DEFAULT, now.as_nanos());
        // SAFETY: the memory is there for ever; the struct is of the size that it says, and its texts are there.
        let made =
            unsafe { ptpwatch_new(place, size, profile, &raw const struct_of_c, now, &raw mut consumer) };
        assert_eq!(made, PTPWATCH_OK, "the configuration is good");
        Self(consumer)
    }

    fn admit(&mut self, now: Instant) -> Option<Conn> {
        // SAFETY: the consumer is there for as long as we are, and used by nobody else.
        Some(unsafe { ptpwatch_admit(self.0, now.as_nanos()) }).filter(|conn| *conn != PTPWATCH_NO_CONN)
    }

    fn handle_opened(&mut self, now: Instant, conn: Conn) {
        // SAFETY: as in `admit`.
        done(unsafe { ptpwatch_handle_opened(self.0, now.as_nanos(), conn) });
    }

    fn handle_end(&mut self, now: Instant, conn: Conn) {
        // SAFETY: as in `admit`.
        done(unsafe { ptpwatch_handle_end(self.0, now.as_nanos(), conn) });
    }

    fn handle_received(&mut self, now: Instant, conn: Conn, count: usize) {
        // SAFETY: as in `admit`.
        done(unsafe { ptpwatch_handle_received(self.0, now.as_nanos(), conn, count) });
    }

    fn handle_sent(&mut self, now: Instant, conn: Conn, count: usize) {
        // SAFETY: as in `admit`.
        done(unsafe { ptpwatch_handle_sent(self.0, now.as_nanos(), conn, count) });
    }

    fn handle_closed(&mut self, now: Instant, conn: Conn) {
        // SAFETY: as in `admit`.
        done(unsafe { ptpwatch_handle_closed(self.0, now.as_nanos(), conn) });
    }

    fn handle_timeout(&mut self, now: Instant) {
        // SAFETY: as in `admit`.
        done(unsafe { ptpwatch_handle_timeout(self.0, now.as_nanos()) });
    }

    fn handle_stop(&mut self, now: Instant) {
        // SAFETY: as in `admit`.
        done(unsafe { ptpwatch_handle_stop(self.0, now.as_nanos()) });
    }

    fn recv_window(&mut self, conn: Conn) -> &mut [u8] {
        let mut length = usize::MAX;
        // SAFETY: as in `admit`.
        let window = unsafe { ptpwatch_recv_window(self.0, conn, &raw mut length) };
        if window.is_null() {
            assert_eq!(length, 0);
            return &mut [];
        }
        // SAFETY: there are as many bytes, ours until the next call, which our caller cannot make before it lets go of us.
        unsafe { slice::from_raw_parts_mut(window, length) }
    }

    fn send_window(&self, conn: Conn) -> &[u8] {
        let mut length = usize::MAX;
        // SAFETY: as in `admit`.
        let window = unsafe { ptpwatch_send_window(self.0, conn, &raw mut length) };
        if window.is_null() {
            assert_eq!(length, 0);
            return &[];
        }
        // SAFETY: there are as many bytes, which stay until the next call that changes anything.
        unsafe { slice::from_raw_parts(window, length) }
    }

    fn poll_action(&mut self) -> Option<Task<Conn>> {
        let mut conn = PTPWATCH_NO_CONN;
        // SAFETY: as in `admit`.
        match unsafe { ptpwatch_poll_action(self.0, &raw mut conn) } {
            PTPWATCH_OK => None,
            PTPWATCH_ACTION_OPEN => Some(Task::Open(conn)),
            PTPWATCH_ACTION_CLOSE => Some(Task::Close(conn)),
            PTPWATCH_ACTION_WRITE => Some(Task::Write(conn)),
            other => panic!("no action is {other}"),
        }
    }

    fn poll_notice(&mut self) -> Option<Told> {
        let (mut channel, mut verdict, mut link) = (sized(), sized(), sized());
        let places = (&raw mut channel, &raw mut verdict, &raw mut link);
        // SAFETY: as in `admit`; the structs are of the size that they say.
        match unsafe { ptpwatch_poll_notice(self.0, places.0, places.1, places.2) } {
            PTPWATCH_OK => None,
            PTPWATCH_NOTICE_CHANNEL => Some(told_channel(&channel)),
            PTPWATCH_NOTICE_VERDICT => Some(told_verdict(&verdict)),
            PTPWATCH_NOTICE_LINK => Some(Told::Link(link_of(&link))),
            other => panic!("no notice is {other}"),
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        // SAFETY: as in `admit`.
        time(unsafe { ptpwatch_poll_timeout(self.0) })
    }

    fn verdict(&self) -> Verdict {
        let mut verdict = sized();
        // SAFETY: as in `admit`; the struct is of the size that it says.
        done(unsafe { ptpwatch_verdict(self.0, &raw mut verdict) });
        // SAFETY: as in `admit`.
        let until = unsafe { ptpwatch_verdict_until(self.0) };
        assert!(self.poll_timeout().is_none_or(|timeout| timeout.as_nanos() <= until));
        verdict_of(&verdict)
    }

    fn link(&self) -> Link {
        let mut link = sized();
        // SAFETY: as in `admit`; the struct is of the size that it says.
        done(unsafe { ptpwatch_link(self.0, &raw mut link) });
        link_of(&link)
    }

    fn stats(&self) -> Stats {
        let mut report = sized();
        // SAFETY: as in `admit`; the struct is of the size that it says.
        done(unsafe { ptpwatch_stats(self.0, &raw mut report) });
        stats_of(&report)
    }

    fn is_stopped(&self) -> bool {
        // SAFETY: as in `admit`.
        match unsafe { ptpwatch_is_stopped(self.0) } {
            0 => false,
            1 => true,
            error => panic!("error {error}"),
        }
    }

    fn instances(&self, resource: Resource) -> Vec<String> {
        let mut instances = Vec::new();
        for index in 0.. {
            let mut channel: ChannelReport = sized();
            // SAFETY: as in `admit`; the struct is of the size that it says.
            match unsafe { ptpwatch_channel(self.0, index, &raw mut channel) } {
                1 if resource_of(channel.resource) == resource => instances.push(instance(&channel)),
                1 => {}
                end => {
                    done(end);
                    break;
                }
            }
        }
        instances
    }
}

/// Everything that a configuration of C's points to.
struct Texts {
    node: CString,
    authority: CString,
    endpoint: CString,
    dialect: Option<CString>,
    names: Vec<CString>,
    places: Vec<*const c_char>,
}

impl Texts {
    fn of(config: &Config<'_>) -> Self {
        let text = |text: &str| CString::new(text).expect("it holds no zero");
        let names: Vec<_> = match config.policy.instances {
            Instances::Named(names) => names.iter().copied().map(text).collect(),
            Instances::Worst | Instances::Any => Vec::new(),
        };
        Self {
            node: text(config.node),
            authority: text(config.authority),
            endpoint: text(config.endpoint),
            dialect: config.dialect.map(|dialect| text(dialect.name)),
            places: names.iter().map(|name| name.as_ptr()).collect(),
            names,
        }
    }

    /// C's configuration for core's: the defaults of a role, of which everything is overwritten.
    fn config(&self, config: &Config<'_>) -> CConfig {
        let policy = &config.policy;
        let role = if policy.is_role_assumed { PTPWATCH_ROLE_ASSUMED } else { role_of(Role::OrdinaryClock) };
        let mut c: CConfig = sized();
        // SAFETY: the struct is of the size that it says.
        done(unsafe { ptpwatch_config_default(&raw mut c, role) });
        assert_eq!(self.places.len(), self.names.len());
        CConfig {
            producer: config.producer,
            node: self.node.as_ptr(),
            authority: self.authority.as_ptr(),
            endpoint: self.endpoint.as_ptr(),
            dialect: self.dialect.as_ref().map_or(ptr::null(), |name| name.as_ptr()),
            resources: u32::from(config.resources.bits()),
            seed: config.seed,
            poll_ns: config.poll_ns,
            request_ns: config.request_ns,
            stale_ns: policy.ageing.stale_ns,
            void_ns: policy.ageing.void_ns,
            recover_ns: policy.recover_ns,
            holdover_budget_ns: policy.holdover_budget_ns.unwrap_or(PTPWATCH_NEVER),
            is_guest: u32::from(config.is_guest),
            requires_lock: u32::from(policy.requires_lock),
            os_clock: match policy.os_clock {
                OsClock::Follow => PTPWATCH_OS_CLOCK_FOLLOW,
                OsClock::Strict => PTPWATCH_OS_CLOCK_STRICT,
                OsClock::Info => PTPWATCH_OS_CLOCK_INFO,
            },
            instances: match policy.instances {
                Instances::Worst => PTPWATCH_INSTANCES_WORST,
                Instances::Any => PTPWATCH_INSTANCES_ANY,
                Instances::Named(_) => PTPWATCH_INSTANCES_NAMED,
            },
            gnss_caps: u32::from(policy.gnss_caps),
            producer_floor: u32::from(policy.producer_floor),
            good_classes: policy.good_classes.as_ptr(),
            capping_classes: policy.capping_classes.as_ptr(),
            instance_names: self.places.as_ptr(),
            good_classes_count: count(policy.good_classes),
            capping_classes_count: count(policy.capping_classes),
            instance_names_count: count(&self.places),
            ..c
        }
    }
}

fn role_of(role: Role) -> u32 {
    assert_eq!(role, Role::OrdinaryClock);
    PTPWATCH_ROLE_ORDINARY_CLOCK
}

fn count<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).expect("it is short")
}

#[track_caller]
fn done(result: i32) {
    assert_eq!(result, PTPWATCH_OK);
}

/// A struct of zeros but for its size.
fn sized<T: Copy>() -> T {
    let mut zeros = MaybeUninit::<T>::zeroed();
    // SAFETY: each of C's structs begins with its size.
    unsafe { zeros.as_mut_ptr().cast::<u32>().write(size_of::<T>() as u32) };
    // SAFETY: zeros are a value of each of C's structs: integers, and null pointers.
    unsafe { zeros.assume_init() }
}

fn time(nanos: u64) -> Option<Instant> {
    Some(nanos).filter(|nanos| *nanos != PTPWATCH_NEVER).map(Instant::from_nanos)
}

fn state(number: u32) -> State {
    let states = [State::Unknown, State::Locked, State::Holdover, State::Freerun];
    states[number as usize]
}

fn resource_of(number: u32) -> Resource {
    Resource::ALL[number as usize]
}

/// The value that a word and a level are together.
fn value(word: u32, level: i32) -> Option<Value> {
    if level >= 0 {
        assert_eq!(word, PTPWATCH_WORD_NONE);
        return u8::try_from(level).ok().map(Value::Level);
    }
    // SAFETY: every name ends with a zero, and stays.
    let name = unsafe { CStr::from_ptr(names::ptpwatch_word_name(word)) };
    (word != PTPWATCH_WORD_NONE).then(|| Value::Word(Word::parse_any(name.to_bytes()).expect("it is a word")))
}

fn instance(channel: &ChannelReport) -> String {
    let bytes: Vec<u8> = channel.instance.iter().map(|byte| byte.cast_unsigned()).collect();
    let (name, zeros) = bytes.split_at(channel.instance_length as usize);
    assert!(!zeros.is_empty() && zeros.iter().all(|byte| *byte == 0), "zeros are behind it");
    String::from_utf8_lossy(name).into_owned()
}

fn told_channel(channel: &ChannelReport) -> Told {
    Told::Channel {
        resource: resource_of(channel.resource),
        instance: instance(channel),
        value: value(channel.word, channel.level),
        freshness: match channel.freshness {
            PTPWATCH_FRESHNESS_VOID => Freshness::Void,
            PTPWATCH_FRESHNESS_FRESH => Freshness::Fresh,
            PTPWATCH_FRESHNESS_STALE => Freshness::Stale,
            other => panic!("no freshness is {other}"),
        },
        transitions: channel.transitions,
    }
}

fn told_verdict(verdict: &VerdictReport) -> Told {
    let Verdict { state, reasons, .. } = verdict_of(verdict);
    Told::Verdict { state, reasons, transitions: verdict.transitions }
}

fn verdict_of(verdict: &VerdictReport) -> Verdict {
    Verdict {
        state: state(verdict.state),
        reasons: Reasons::from_bits(verdict.reasons),
        last_known: state(verdict.last_known),
        since: Instant::from_nanos(verdict.since_ns),
        holdover_until: time(verdict.holdover_until_ns),
    }
}

fn link_of(link: &LinkReport) -> Link {
    let status = u16::try_from(link.trouble_status).expect("it is a status");
    let small = |count: u32| u8::try_from(count).expect("there are few resources");
    let dialect: Vec<u8> = link.dialect.iter().map(|byte| byte.cast_unsigned()).collect();
    let dialect =
        CStr::from_bytes_until_nul(&dialect).expect("a zero ends it").to_str().expect("it is a name");
    Link {
        is_up: match link.state {
            PTPWATCH_LINK_UNTRIED => None,
            PTPWATCH_LINK_UP => Some(true),
            PTPWATCH_LINK_DOWN => Some(false),
            other => panic!("no link is {other}"),
        },
        subscribed: small(link.subscribed),
        taken: small(link.taken),
        wanted: small(link.wanted),
        trouble: match link.trouble {
            PTPWATCH_TROUBLE_NONE => None,
            PTPWATCH_TROUBLE_UNREACHABLE => Some(Trouble::Unreachable),
            PTPWATCH_TROUBLE_TIMEOUT => Some(Trouble::Timeout),
            PTPWATCH_TROUBLE_NOT_HTTP => Some(Trouble::NotHttp),
            PTPWATCH_TROUBLE_SUBSCRIBE => Some(Trouble::Subscribe(status)),
            PTPWATCH_TROUBLE_LIST => Some(Trouble::List(status)),
            other => panic!("no trouble is {other}"),
        },
        dialect: dialect::from_name(dialect).map(|dialect| dialect.name),
    }
}

fn stats_of(report: &StatsReport) -> Stats {
    let mut stats = Stats::default();
    stats.notifications = report.notifications;
    stats.events = report.events;
    stats.empty = report.empty;
    stats.malformed = report.malformed;
    stats.oversized = report.oversized;
    stats.cut = report.cut;
    stats.foreign = report.foreign;
    stats.placeholders = report.placeholders;
    stats.unknown = report.unknown;
    stats.misdirected = report.misdirected;
    stats.refused = report.refused;
    stats.slow = report.slow;
    stats.evicted = report.evicted;
    stats.requests = report.requests;
    stats.failures = report.failures;
    stats.polls = report.polls;
    stats.polls_without_data = report.polls_without_data;
    stats.subscribed = report.subscribed;
    stats.lost_subscriptions = report.lost_subscriptions;
    stats.deleted = report.deleted;
    stats.misuse = report.misuse;
    stats
}
