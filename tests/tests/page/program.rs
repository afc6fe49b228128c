//! The page of the running program.

use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use ptpwatch::page::SeenPage;
use ptpwatch::turn::clock;
use ptpwatch_core::event::State;
use ptpwatch_core::limits::PAGE_LIFE_NS;
use ptpwatch_core::page::{Doubt, Reading};
use ptpwatch_tests::peer::{Peer, address_of_our_own, notification};
use ptpwatch_tests::process::{PATIENCE, Running, end_unread, program, run};
use serde_json::json;

use crate::Folder;

/// `run --page`, and where it listens.
fn start(producer: &str, page: &Path) -> (Running, SocketAddr) {
    let listen = address_of_our_own();
    let (address, callback) = (listen.to_string(), format!("http://{listen}/event"));
    let page = page.to_str().expect("it is a text");
    let extra = ["--listen", &address, "--callback", &callback, "--recover", "0", "--page", page];
    (Running::start(&[&run("openshift-v2", producer)[..], &extra].concat()), listen)
}

fn read(page: &SeenPage) -> Reading {
    page.reader().read(clock::now())
}

/// Waits until `page` says `state`.
fn wait_for(page: &SeenPage, state: State) -> Reading {
    let end = Instant::now() + PATIENCE;
    loop {
        let reading = read(page);
        if reading.doubt.is_none() && reading.verdict.state == state {
            return reading;
        }
        assert!(Instant::now() < end, "not {state}: {reading:?}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// What `page` shows of it, and its exit code.
fn shown(page: &Path) -> (String, Option<i32>) {
    let output = Command::new(program()).args(["page", "--format", "json"]).arg(page).output();
    let output = output.expect("it starts");
    (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.code())
}

fn lock_state(state: &str) -> Vec<u8> {
    let address = "/cluster/node/node1/ens1fx/master";
    let value = json!({
        "ResourceAddress": address, "data_type": "notification", "value_type": "enumeration", "value": state
    });
    let event = json!({
        "id": "1", "type": "event.sync.ptp-status.ptp-state-change", "source": "/sync/ptp-status/lock-state",
        "data": {"version": "1.0", "values": [value]},
    });
    notification("/event", event.to_string().as_bytes())
}

/// Alone, and behind so many others that there is no room for its answer until theirs have left.
#[test]
fn whoever_is_answered_finds_the_page_changed() {
    let folder = Folder::new();
    let (_simulate, producer) = Running::producer("openshift-v2", "locked");
    let (mut run, address) = start(&producer, &folder.page());
    run.wait_for_verdict("LOCKED");
    let page = SeenPage::open(&folder.page()).expect("there is one");
    let mut peer = Peer::connect(address);
    for (number, others) in [0, 70].into_iter().cycle().take(400).enumerate() {
        let (word, state) = [("HOLDOVER", State::Holdover), ("FREERUN", State::Freerun)][number % 2];
        let before = lock_state(["FREERUN", "HOLDOVER"][number % 2]).repeat(others);
        assert!(peer.send(&[before, lock_state(word)].concat()));
        for _ in 0..=others {
            assert!(peer.answer().expect("it answers").contains("204"));
        }
        assert_eq!(read(&page).verdict.state, state, "{number}");
    }
}

#[test]
fn killed_it_is_unknown_after_a_second_and_the_next_goes_on_in_the_same_file() {
    let folder = Folder::new();
    let path = folder.page();
    let (_simulate, producer) = Running::producer("openshift-v2", "locked");
    assert_eq!(shown(&path).1, Some(12));
    let (run, _) = start(&producer, &path);
    let end = Instant::now() + PATIENCE;
    while !path.exists() {
        assert!(Instant::now() < end, "no page: {}", run.errors());
    }
    let (page, inode) = (SeenPage::open(&path).expect("it is whole"), inode(&path));
    let before = wait_for(&page, State::Locked);
    // Nothing comes for so long, and nothing is asked.
    std::thread::sleep(Duration::from_nanos(2 * PAGE_LIFE_NS));
    assert_eq!(read(&page).doubt, None, "it is kept up");
    let (line, code) = shown(&path);
    assert!(
        code == Some(0) && line.contains(r#""kind":"page""#) && line.contains(r#""state":"LOCKED""#),
        "{line}"
    );
    run.signal("-KILL");
    run.end();
    let killed = clock::now();
    let left = read(&page).void_after.since(killed);
    assert!(left <= PAGE_LIFE_NS, "{left}");
    std::thread::sleep(Duration::from_nanos(left));
    let reading = read(&page);
    assert_eq!((reading.doubt, reading.verdict.state), (Some(Doubt::Expired), State::Unknown));
    assert_eq!((reading.verdict.last_known, shown(&path).1), (State::Locked, Some(12)));
    let (run, _) = start(&producer, &path);
    let after = wait_for(&page, State::Locked);
    assert!(after.epoch > before.epoch && inode == self::inode(&path));
    run.signal("-TERM");
    assert_eq!(run.end().0.code(), Some(0));
    assert_eq!(read(&page).doubt, Some(Doubt::Expired), "who ends well says so at once");
}

fn inode(path: &Path) -> u64 {
    path.metadata().expect("it is there").ino()
}

#[test]
fn watch_says_what_changes_also_in_a_file_that_takes_the_place_of_another() {
    let folder = Folder::new();
    let path = folder.page();
    let text = path.to_str().expect("it is a text");
    let mut watch = Running::start(&["page", "--watch", "--format", "json", text]);
    watch.wait_for(r#""problem":"No such file"#);
    let (_simulate, producer) = Running::producer("openshift-v2", "locked");
    for _ in 0..2 {
        let (run, _) = start(&producer, &path);
        watch.wait_for(r#""state":"LOCKED""#);
        run.signal("-KILL");
        run.end();
        watch.wait_for(r#""doubt":"expired""#);
        std::fs::remove_file(&path).expect("it is there");
        watch.wait_for(r#""problem":"No such file"#);
    }
    assert!(watch.seen.len() < 50, "{:#?}", watch.seen);
}

/// It does not wait for a page that may never change again.
#[test]
fn watch_ends_once_nobody_reads_its_lines() {
    let folder = Folder::new();
    let path = folder.page();
    assert_eq!(end_unread(&["page", "--watch", path.to_str().expect("it is a text")]), Some(1));
}

#[test]
fn what_cannot_be_a_page_ends_with_2_and_one_line() {
    let folder = Folder::new();
    let nowhere = folder.0.join("none/state");
    let (_simulate, producer) = Running::producer("openshift-v2", "locked");
    let (mut first, _) = start(&producer, &folder.page());
    first.wait_for_verdict("LOCKED");
    for (path, expected) in [(&nowhere, "in a directory that is there"), (&folder.page(), "another process")]
    {
        let (run, _) = start(&producer, path);
        let (status, [_, errors]) = run.end_with_bytes();
        let errors = String::from_utf8_lossy(&errors);
        assert_eq!(status.code(), Some(2), "{errors}");
        assert!(errors.lines().count() == 1 && errors.contains(expected), "{errors}");
    }
}
