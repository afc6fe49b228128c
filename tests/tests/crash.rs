//! The program killed under load, again and again: it comes back at the same port, to the subscriptions that it left.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ptpwatch_tests::peer::{Peer, address_of_our_own, exchange, list, notification};
use ptpwatch_tests::process::{PATIENCE, Running, with_both_dialects};
use serde_json::Value;

/// What the default configuration subscribes to.
const WANTED: usize = 5;

fn start(producer: &str, dialect: &str, listen: SocketAddr) -> Running {
    let listen = listen.to_string();
    let options = ["--producer", producer, "--dialect", dialect, "--listen", &listen, "--node", "node1"];
    Running::start(
        &[&["run", "--format", "json", "--role", "oc", "--log-level", "info"], &options[..]].concat(),
    )
}

/// Where the producer is told to send events.
fn endpoint(running: &Running) -> String {
    let told = "the producer is told ";
    let said = running.wait_for_error(told);
    let (_, rest) = said.split_once(told).expect("it says so");
    rest.lines().next().expect("it says what").to_owned()
}

/// Posts events for as long as there is somebody to take them, and then to the next.
fn post(address: SocketAddr, answered: &AtomicUsize, is_over: &AtomicBool) {
    let event = notification("/event/anything", br#"{"id":"1","data":{"version":"1.0","values":[]}}"#);
    while !is_over.load(Ordering::Relaxed) {
        let Ok(stream) = TcpStream::connect(address) else {
            std::thread::sleep(Duration::from_millis(1));
            continue;
        };
        let mut peer = Peer::of(stream);
        while !is_over.load(Ordering::Relaxed) && peer.send(&event) && peer.answer().is_some() {
            answered.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Waits until the producer has told of `count` subscriptions or more.
fn wait_until_subscribed(run: &mut Running, count: usize) {
    let mut subscribed = 0;
    while subscribed < count {
        let line: Value = serde_json::from_str(&run.wait_for(r#""kind":"link""#)).expect("each line is JSON");
        subscribed = line["subscribed"].as_u64().map_or(0, |count| usize::try_from(count).expect("it fits"));
    }
}

/// Deletes all subscriptions, whoever made them.
fn forget_all(producer: &str, dialect: &str) {
    let version = dialect.trim_start_matches("openshift-");
    let request = format!(
        "DELETE /api/ocloudNotifications/{version}/subscriptions HTTP/1.1\r\nHost: us\r\nConnection: close\r\n\r\n"
    );
    let answer = exchange(producer, request.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 2"), "{answer}");
    assert_eq!(listed(producer, dialect), []);
}

/// The resource and the endpoint of each subscription there is.
fn listed(producer: &str, dialect: &str) -> Vec<(String, String)> {
    let answer = list(producer, dialect);
    let (_, body) = answer.split_once("\r\n\r\n").expect("there is a body");
    let Ok(Value::Array(all)) = serde_json::from_str(body) else { return Vec::new() };
    let text = |subscription: &Value, keys: [&str; 2]| {
        let value = keys.iter().find_map(|key| subscription[key].as_str());
        value.expect("each has one").to_owned()
    };
    all.iter()
        .map(|one| (text(one, ["resource", "ResourceAddress"]), text(one, ["endpointUri", "EndpointUri"])))
        .collect()
}

/// Waits until each resource is subscribed to once, at `endpoint`, and nothing else is.
fn each_is_there_once(producer: &str, dialect: &str, endpoint: &str) {
    let end = Instant::now() + PATIENCE;
    loop {
        let listed = listed(producer, dialect);
        let resources: BTreeSet<&String> = listed.iter().map(|(resource, _)| resource).collect();
        let are_ours = listed.iter().all(|(_, other)| other == endpoint);
        if are_ours && resources.len() == WANTED && listed.len() == WANTED {
            return;
        }
        assert!(Instant::now() < end, "{dialect}: {listed:#?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn kill_and_start_again(times: usize) {
    with_both_dialects(|dialect| {
        let (_simulate, producer) = Running::producer(dialect, "flapping");
        let address = address_of_our_own();
        let (answered, over) = (AtomicUsize::new(0), AtomicBool::new(false));
        std::thread::scope(|scope| {
            let _over = Over(&over);
            scope.spawn(|| post(address, &answered, &over));
            let mut expected = None;
            for time in 0..times {
                // Every other time there is nothing left to come back to.
                if time % 2 == 1 {
                    forget_all(&producer, dialect);
                }
                let mut run = start(&producer, dialect, address);
                let endpoint = endpoint(&run);
                assert_eq!(*expected.get_or_insert_with(|| endpoint.clone()), endpoint, "the same each time");
                // Between two of its steps, other ones each time.
                wait_until_subscribed(&mut run, time / 2 % (WANTED + 1));
                run.signal("-KILL");
                assert_eq!(run.end().0.code(), None, "it is killed, and does not end by itself");
            }
            let mut run = start(&producer, dialect, address);
            wait_until_subscribed(&mut run, WANTED);
            each_is_there_once(&producer, dialect, &expected.expect("it started"));
            println!("{dialect}: killed {times} times, {} events answered", answered.load(Ordering::Relaxed));
            assert!(answered.load(Ordering::Relaxed) > 0);
            run.signal("-TERM");
            assert_eq!(run.end().0.code(), Some(0));
            assert_eq!(listed(&producer, dialect), [], "{dialect}");
        });
    });
}

/// Ends the load, also when a test fails.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn killed_under_load_it_comes_back_to_one_subscription_of_each() {
    kill_and_start_again(50);
}

/// `cargo test -p ptpwatch-tests --test crash -- --ignored`
#[test]
#[ignore = "takes a minute"]
fn killed_thousands_of_times_it_comes_back_to_one_subscription_of_each() {
    kill_and_start_again(3000);
}
