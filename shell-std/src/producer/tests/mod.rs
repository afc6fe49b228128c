//! The whole producer against a scripted consumer, in virtual time.

mod answers;
mod daemon;
mod events;
mod faults;
mod knobs;
mod starlingx;

use std::collections::{BTreeMap, BTreeSet};

use ptpwatch_core::time::MILLISECOND_NS;

use super::address::Addressing;
use super::clock::Kind;
use super::subscriptions::Subscription;
use super::*;

/// A producer, and a consumer that answers its callbacks.
struct Bench {
    producer: Producer,
    now: Instant,
    /// What the consumer answers; `None` never, an empty text closes.
    answer: Option<&'static str>,
    /// Whether the consumer's port is open.
    listens: bool,
    /// Our connections to the producer, with what it answered on them.
    answers: BTreeMap<Conn, String>,
    /// Callbacks in the order they came: the request line's target, the port, and the body.
    posts: Vec<(String, u16, String)>,
    /// Everything that was said, in order: `-> POST /event`, `<- 201`.
    talk: Vec<String>,
    lines: Vec<String>,
    closed: Vec<Conn>,
    peers: BTreeMap<Conn, u16>,
}

impl Bench {
    fn new(manners: &'static Manners, script: &str) -> Self {
        Self::with_seed(manners, Script::parse(script).unwrap(), 1)
    }

    fn with_seed(manners: &'static Manners, script: Script, seed: u64) -> Self {
        let config = Config {
            manners,
            node: "node1".into(),
            interface: "ens1f0".into(),
            authority: "localhost:9043".into(),
            seed,
            epoch_ns: 1_795_369_732_000_000_000,
        };
        let now = Instant::from_nanos(0);
        let producer = Producer::new(config, script, now);
        let mut bench = Self {
            producer,
            now,
            answer: Some(NO_CONTENT),
            listens: true,
            answers: BTreeMap::new(),
            posts: Vec::new(),
            talk: Vec::new(),
            lines: Vec::new(),
            closed: Vec::new(),
            peers: BTreeMap::new(),
        };
        bench.run_ms(0);
        bench
    }

    /// Sends a request on a connection of its own; what is answered by now, identifiers masked.
    fn ask(&mut self, request: &str) -> String {
        let conn = self.connect().unwrap();
        self.say(conn, request);
        masked(&self.answers[&conn])
    }

    fn get(&mut self, path: &str) -> String {
        let base = self.producer.site.manners.base;
        self.ask(&format!("GET {base}{path} HTTP/1.1\r\nHost: localhost:9043\r\n\r\n"))
    }

    fn delete(&mut self, path: &str) -> String {
        let base = self.producer.site.manners.base;
        self.ask(&format!("DELETE {base}{path} HTTP/1.1\r\nHost: localhost:9043\r\n\r\n"))
    }

    fn post(&mut self, body: &str) -> String {
        let base = self.producer.site.manners.base;
        let length = body.len();
        self.ask(&format!(
            "POST {base}/subscriptions HTTP/1.1\r\nHost: localhost:9043\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        ))
    }

    fn subscribe(&mut self, suffix: &str, endpoint: &str) -> String {
        self.post(&subscribe_body(self.producer.site.manners, suffix, endpoint))
    }

    fn current(&mut self, suffix: &str) -> String {
        let address = match self.producer.site.manners.addressing {
            Addressing::Letters => format!("/cluster/node/node1{suffix}"),
            Addressing::Tree => format!("/./node1{suffix}"),
            Addressing::Node => "/PTP".into(),
        };
        self.get(&format!("{address}/CurrentState"))
    }

    /// The subscriptions that get events about the first clock.
    fn kept(&self, suffix: &str) -> Vec<Subscription> {
        let site = &self.producer.site;
        let resource = site.manners.resources.iter().find(|resource| resource.suffix == suffix).unwrap();
        self.producer.store.to(site, resource, &site.instance(None)).cloned().collect()
    }

    /// The identifier of the only subscription to the lock state.
    fn only_id(&self) -> String {
        let kept = self.kept(LOCK);
        assert_eq!(kept.len(), 1);
        kept[0].id.clone()
    }

    fn connect(&mut self) -> Option<Conn> {
        let conn = self.producer.handle_accepted(self.now)?;
        self.answers.insert(conn, String::new());
        Some(conn)
    }

    fn say(&mut self, conn: Conn, bytes: &str) {
        self.producer.handle_received(self.now, conn, bytes.as_bytes());
        self.settle();
    }

    fn run_ms(&mut self, milliseconds: u64) {
        let end = self.now.after(milliseconds * MILLISECOND_NS);
        self.settle();
        while let Some(due) = self.producer.poll_timeout().filter(|due| *due <= end) {
            self.now = due.max(self.now);
            self.producer.handle_timeout(self.now);
            self.settle();
        }
        self.now = end;
    }

    fn settle(&mut self) {
        while let Some(action) = self.producer.poll_action() {
            match action {
                Action::Open { conn, host, port } => {
                    assert_eq!(host, "localhost");
                    self.peers.insert(conn, port);
                    if self.listens {
                        self.producer.handle_opened(self.now, conn);
                    } else {
                        self.producer.handle_closed(self.now, conn);
                    }
                }
                Action::Write(conn) => self.move_bytes(conn),
                Action::Close(conn) => self.closed.push(conn),
            }
        }
        self.lines.extend(std::iter::from_fn(|| self.producer.poll_line()));
    }

    fn move_bytes(&mut self, conn: Conn) {
        let text = String::from_utf8(self.producer.send_window(conn).to_vec()).unwrap();
        self.producer.handle_sent(self.now, conn, text.len());
        if let Some(answer) = self.answers.get_mut(&conn) {
            self.talk.push(format!("<- {}", text.split(' ').nth(1).unwrap_or_default()));
            return answer.push_str(&text);
        }
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let target = head.split(' ').nth(1).unwrap();
        self.talk.push(format!("-> POST {target}"));
        self.posts.push((target.into(), self.peers[&conn], body.into()));
        match self.answer {
            None => {}
            Some("") => self.producer.handle_closed(self.now, conn),
            Some(answer) => self.producer.handle_received(self.now, conn, answer.as_bytes()),
        }
    }

    /// The bodies of the callbacks since the last call, masked.
    fn bodies(&mut self) -> Vec<String> {
        std::mem::take(&mut self.posts).into_iter().map(|(_, _, body)| masked(&body)).collect()
    }

    /// The resource and the state or class in each body since the last call.
    fn news(&mut self) -> Vec<String> {
        let between = |body: &str, from: &str, to: &str| {
            let rest = body.split_once(from).unwrap().1;
            rest.split_once(to).unwrap().0.to_string()
        };
        let bodies = self.bodies().into_iter().filter(|body| !body.is_empty());
        bodies
            .map(|body| {
                let source = between(&body, "\"source\":\"", "\"");
                format!("{} {}", source.rsplit('/').next().unwrap(), between(&body, "\"value\":\"", "\""))
            })
            .collect()
    }
}

/// What asks for a subscription.
fn subscribe_body(manners: &Manners, suffix: &str, endpoint: &str) -> String {
    let [endpoint_key, resource_key] = manners.subscribe_keys;
    let resource = match manners.addressing {
        Addressing::Letters => format!("\"{resource_key}\": \"/cluster/node/node1{suffix}\""),
        Addressing::Tree => format!("\"{resource_key}\": \"/./node1{suffix}\""),
        Addressing::Node => r#""ResourceType": "PTP", "ResourceQualifier": {"NodeName": "node1"}"#.into(),
    };
    format!("{{\"{endpoint_key}\": \"{endpoint}\", {resource}}}")
}

/// `text` with `UUID` for each UUID.
fn masked(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let head = rest.get(..36).filter(|head| is_uuid(head));
        out.push_str(head.map_or_else(|| &rest[..first.len_utf8()], |_| "UUID"));
        rest = &rest[head.map_or(first.len_utf8(), str::len)..];
    }
    out
}

fn is_uuid(text: &str) -> bool {
    text.bytes().enumerate().all(|(index, byte)| match index {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

const NO_CONTENT: &str = "HTTP/1.1 204 No Content\r\n\r\n";
const EVENT: &str = "http://localhost:9055/event";
const OTHER: &str = "http://localhost:9056/other";

/// Those that come with Go's server.
const OPENSHIFT: [&Manners; 2] = [&OPENSHIFT_V1, &OPENSHIFT_V2];

const LOCK: &str = "/sync/ptp-status/lock-state";
const OS: &str = "/sync/sync-status/os-clock-sync-state";
const SYNC: &str = "/sync/sync-status/sync-state";

#[test]
fn a_seed_decides_everything() {
    let run = |manners, seed| {
        let mut bench = Bench::with_seed(manners, Script::named("link-down").unwrap(), seed);
        for suffix in [LOCK, OS, SYNC] {
            bench.subscribe(suffix, EVENT);
        }
        bench.run_ms(30_000);
        (bench.posts, bench.answers, bench.lines)
    };
    for manners in Manners::ALL {
        assert_eq!(run(manners, 1), run(manners, 1), "{}", manners.name);
        assert_ne!(run(manners, 1).1, run(manners, 2).1, "{}", manners.name);
    }
}

#[test]
fn built_in_scripts_end_where_they_should() {
    for manners in Manners::ALL {
        for (name, seconds, is_finished, state) in [
            ("clock-step", 17, true, State::Locked),
            ("ha-standby", 0, true, State::Locked),
            ("locked", 1, true, State::Locked),
            ("long-holdover", 75, true, State::Locked),
            ("ntp", 0, true, State::Locked),
            ("demo", 20, true, State::Locked),
            ("link-down", 18, true, State::Locked),
            ("gnss-loss", 50, true, State::Locked),
            ("restart", 50, true, State::Locked),
            ("flapping", 3600, false, State::Locked),
        ] {
            let mut bench = Bench::with_seed(manners, Script::named(name).unwrap(), 1);
            bench.run_ms(seconds * 1000);
            assert_eq!(bench.producer.is_finished(), is_finished, "{name}");
            assert_eq!(bench.producer.truth().sync_state(), Some(state), "{name}");
        }
    }
}

#[test]
fn the_demo_shows_every_state() {
    let mut bench = Bench::with_seed(&OPENSHIFT_V2, Script::named("demo").unwrap(), 1);
    let (mut states, mut offsets) = (Vec::new(), [(); 2].map(|()| BTreeSet::new()));
    for _ in 0..20 {
        let clock = bench.producer.truth();
        states.extend(clock.sync_state());
        offsets[0].extend(clock.lock_states().map(|(_, reading)| reading.offset_ns));
        offsets[1].extend(clock.os_clock().map(|reading| reading.offset_ns));
        bench.run_ms(1000);
    }
    let count = |wanted| states.iter().filter(|state| **state == wanted).count();
    assert_eq!(count(State::Locked), 10);
    assert_eq!(count(State::Holdover), 5);
    assert_eq!(count(State::Freerun), 5);
    // It plays again and again: what never moves for a minute is called frozen.
    assert!(offsets.iter().all(|seen| seen.len() > 1), "{offsets:?}");
}

#[test]
fn every_producer_has_a_name_of_its_own() {
    for manners in Manners::ALL {
        assert!(std::ptr::eq(Manners::named(manners.name).unwrap(), manners));
    }
    assert!(Manners::named("openshift").is_none());
}

#[test]
fn every_dialect_has_its_producer() {
    for dialect in ptpwatch_core::dialect::ALL {
        assert_eq!(Manners::named(dialect.name).unwrap().dialect, dialect.name);
    }
    for manners in Manners::ALL {
        assert_eq!(ptpwatch_core::dialect::from_name(manners.dialect).unwrap().base, manners.base);
    }
}
