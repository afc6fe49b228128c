//! What `run` has others do for a change: a command, and systemd.

#![cfg(target_os = "linux")]

use std::fs::{self, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use ptpwatch_tests::peer::{Peer, address_of_our_own, list, notification};
use ptpwatch_tests::process::{PATIENCE, Running, program, run};
use serde_json::{Value, json};

/// A folder of its own, with a script in it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, script: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("ptpwatch-reactions-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("it can be made");
        let folder = Self(folder);
        let script = format!("#!/bin/sh\ncd {}\n{script}\n", folder.0.display());
        fs::write(folder.0.join("script"), script).expect("it can be written");
        fs::set_permissions(folder.0.join("script"), Permissions::from_mode(0o755)).expect("it is ours");
        folder
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("it is text").to_owned()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Waits until a file has so many lines.
    fn wait_for_lines(&self, name: &str, count: usize) -> Vec<String> {
        let end = Instant::now() + PATIENCE;
        loop {
            let text = self.read(name);
            if text.lines().count() >= count && text.ends_with('\n') {
                return text.lines().map(ToOwned::to_owned).collect();
            }
            assert!(Instant::now() < end, "{count} lines of {name}: {text}");
            thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// `run` with a producer that has nothing to tell; what changes comes from here.
struct Scene {
    running: Running,
    peer: Peer,
    _simulate: Running,
    producer: String,
}

impl Scene {
    fn new(folder: &Folder, environment: &[(&str, &str)], extra: &[&str]) -> Self {
        let (simulate, producer) = Running::producer("openshift-v2", "locked");
        let listen = address_of_our_own();
        let script = folder.path("script");
        let mut running = start(&producer, listen, environment, &[&["--on-change", &script], extra].concat());
        running.wait_for(r#""subscribed":5"#);
        Self { running, peer: Peer::connect(listen), _simulate: simulate, producer }
    }

    /// Has the PTP lock be in another state.
    fn set(&mut self, state: &str) {
        assert!(self.peer.send(&lock_state(state)));
        assert!(self.peer.answer().is_some_and(|answer| answer.contains("204")));
    }
}

/// `run` whose verdict is that of the PTP lock alone, at once.
fn start(producer: &str, listen: SocketAddr, environment: &[(&str, &str)], extra: &[&str]) -> Running {
    let (address, callback) = (listen.to_string(), format!("http://{listen}/event"));
    let options = [
        "--listen",
        &address,
        "--callback",
        &callback,
        "--recover",
        "0",
        "--os-clock",
        "info",
        "--poll",
        "1h",
        "--stale",
        "3h",
        "--void",
        "6h",
        "--resources",
        "lock-state,os-clock-sync-state,clock-class,sync-state,gnss-sync-status",
    ];
    Running::start_with(environment, &[&run("openshift-v2", producer)[..], &options, extra].concat())
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

/// One fact of a line of `env`.
fn fact<'l>(line: &'l str, name: &str) -> &'l str {
    let start = format!("PTPWATCH_{name}=");
    line.split(' ')
        .find_map(|word| word.strip_prefix(start.as_str()))
        .unwrap_or_else(|| panic!("no {name}: {line}"))
}

const FACTS: &str = "echo $(env | grep PTPWATCH_ | sort) >>facts";

#[test]
fn a_command_is_told_of_each_change() {
    let folder = Folder::new(
        "told",
        &format!("{FACTS}\necho $# $1 $2 >>arguments\necho to stdout; cat; env >>environment"),
    );
    let scene = &mut Scene::new(&folder, &[("NOTIFY_SOCKET", "@nobody"), ("PTPWATCH_VERDICT", "x")], &[]);
    let mut told = folder.wait_for_lines("facts", 1);
    for (count, state) in [(2, "HOLDOVER"), (3, "FREERUN"), (4, "LOCKED")] {
        scene.set(state);
        told = folder.wait_for_lines("facts", count);
    }
    let column = |name: &str| told.iter().map(|line| fact(line, name).to_owned()).collect::<Vec<_>>();
    assert_eq!(column("VERDICT"), ["LOCKED", "HOLDOVER", "FREERUN", "LOCKED"]);
    assert_eq!(column("PREVIOUS"), ["UNKNOWN", "LOCKED", "HOLDOVER", "FREERUN"]);
    assert_eq!(column("WORST"), ["LOCKED", "HOLDOVER", "FREERUN", "LOCKED"]);
    assert_eq!(column("CHANGES"), ["1"; 4]);
    assert_eq!(column("NODE"), ["node1"; 4]);
    assert!(column("REASONS")[1].split(',').any(|reason| reason == "lock-holdover"), "{told:#?}");
    assert!(column("SINCE").iter().all(|since| since.ends_with('Z') && since.starts_with("20")), "{told:#?}");
    assert!(!folder.read("environment").contains("NOTIFY_SOCKET"), "that is between systemd and us");
    assert!(folder.read("environment").contains("PATH="));
    assert_eq!(folder.wait_for_lines("arguments", 4), ["0"; 4]);
    // What it says is not among our lines.
    scene.running.wait_for_error("to stdout");
    scene.running.signal("-TERM");
    let (_, lines) = std::mem::replace(&mut scene.running, Running::start(&["--version"])).end();
    for line in &lines {
        assert!(serde_json::from_str::<Value>(line).is_ok(), "{line}");
    }
}

#[test]
fn arguments_are_words_and_no_shell_sees_them() {
    let folder = Folder::new("words", "echo \"$#|$1|$2\" >>arguments");
    let (_simulate, producer) = Running::producer("openshift-v2", "locked");
    let command = format!("{} $HOME  \"a;b", folder.path("script"));
    let _running = start(&producer, address_of_our_own(), &[], &["--on-change", &command]);
    assert_eq!(folder.wait_for_lines("arguments", 1), ["2|$HOME|\"a;b"]);
}

#[test]
fn a_program_is_found_in_the_path() {
    let folder = Folder::new("path", "echo found >>found");
    let (_simulate, producer) = Running::producer("openshift-v2", "locked");
    let path = format!("/nowhere:{}:/usr/bin:/bin", folder.0.display());
    let _running = start(&producer, address_of_our_own(), &[("PATH", &path)], &["--on-change", "script"]);
    folder.wait_for_lines("found", 1);
}

#[test]
fn what_comes_while_it_runs_is_told_together() {
    // Two at a time would find the folder there.
    let folder = Folder::new(
        "burst",
        &format!(
            "mkdir alone || echo overlap >>overlaps\n{FACTS}\nuntil [ -e go ]; do sleep 0.01; done\nrmdir alone"
        ),
    );
    let scene = &mut Scene::new(&folder, &[], &["--on-change-timeout", "1h"]);
    folder.wait_for_lines("facts", 1);
    let states = ["HOLDOVER", "FREERUN", "HOLDOVER", "LOCKED"];
    for state in states.into_iter().cycle().take(101) {
        scene.set(state);
    }
    assert_eq!(folder.read("facts").lines().count(), 1, "it still runs");
    fs::write(folder.path("go"), "").expect("it can be written");
    let told = folder.wait_for_lines("facts", 2);
    assert_eq!(
        ["VERDICT", "PREVIOUS", "WORST", "CHANGES"].map(|name| fact(&told[1], name)),
        ["HOLDOVER", "LOCKED", "FREERUN", "101"]
    );
    scene.set("LOCKED");
    let told = folder.wait_for_lines("facts", 3);
    assert_eq!(["PREVIOUS", "CHANGES"].map(|name| fact(&told[2], name)), ["HOLDOVER", "1"]);
    assert_eq!(folder.read("overlaps"), "");
}

#[test]
fn one_that_hangs_is_killed_with_all_that_it_has_started_and_nobody_waits() {
    let folder = Folder::new("hangs", &format!("{FACTS}\nsleep 1000 &\necho $! $$ >>pids\nwait"));
    let scene = &mut Scene::new(&folder, &[], &["--on-change-timeout", "1s"]);
    let pids = folder.wait_for_lines("pids", 1);
    // It hangs, and lines go on.
    scene.set("HOLDOVER");
    scene.running.wait_for_verdict("HOLDOVER");
    folder.wait_for_lines("facts", 2);
    for pid in pids[0].split(' ') {
        let end = Instant::now() + PATIENCE;
        while is_alive(pid) {
            assert!(Instant::now() < end, "{pid} is still there");
            thread::sleep(Duration::from_millis(2));
        }
    }
    scene.running.wait_for_error("--on-change: killed");
    // The next is not left behind either.
    scene.running.signal("-TERM");
    while scene.running.is_alive() {
        thread::sleep(Duration::from_millis(2));
    }
}

/// Whether a process is there, and no zombie.
fn is_alive(pid: &str) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

#[test]
fn one_that_fails_is_told_of_and_run_again() {
    let folder = Folder::new("fails", &format!("{FACTS}\n[ $(wc -l <facts) = 1 ] && kill -9 $$\nexit 7"));
    let scene = &mut Scene::new(&folder, &[], &[]);
    folder.wait_for_lines("facts", 1);
    scene.set("HOLDOVER");
    folder.wait_for_lines("facts", 2);
    scene.set("LOCKED");
    folder.wait_for_lines("facts", 3);
    scene.running.wait_for_error("ended by signal 9");
    scene.running.wait_for_error("exit code 7");
}

#[test]
fn each_of_many_is_reaped() {
    let folder = Folder::new("many", FACTS);
    let scene = &mut Scene::new(&folder, &[], &[]);
    for number in 1..=400 {
        folder.wait_for_lines("facts", number);
        scene.set(["LOCKED", "HOLDOVER"][number % 2]);
    }
    let told = folder.wait_for_lines("facts", 401);
    assert!(told.iter().all(|line| fact(line, "CHANGES") == "1"));
    let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", scene.running.pid()));
    assert!(
        children.is_ok_and(|children| children.split_whitespace().count() <= 1),
        "only the last may still be there"
    );
}

#[test]
fn at_the_end_it_may_finish_but_not_stay() {
    let finishes = Folder::new("finishes", "echo begin >>begin\nsleep 0.3\necho end >>end");
    let stays = Folder::new("stays", "echo $$ >>begin\nexec sleep 1000");
    for (folder, extra) in [
        (&finishes, &["--keep-subscriptions"][..]),
        (&finishes, &[]),
        (&stays, &["--keep-subscriptions"]),
        (&stays, &[]),
    ] {
        let _ = fs::remove_file(folder.path("begin"));
        let _ = fs::remove_file(folder.path("end"));
        let scene = Scene::new(folder, &[], extra);
        let begin = folder.wait_for_lines("begin", 1);
        scene.running.signal("-TERM");
        let (status, _) = scene.running.end();
        assert_eq!(status.code(), Some(0));
        let kept = list(&scene.producer, "openshift-v2").matches("/event").count();
        assert_eq!(kept, if extra.is_empty() { 0 } else { 5 });
        if folder.0 == finishes.0 {
            assert_eq!(folder.read("end"), "end\n");
        } else {
            assert!(!is_alive(&begin[0]));
        }
    }
}

#[test]
fn a_command_that_is_not_there_is_a_mistake_in_the_configuration() {
    let arguments = ["run", "--producer", "http://127.0.0.1:1", "--node", "n", "--listen", "127.0.0.1:0"];
    for command in ["/no/such/program", "no-such-program -x", "/etc/passwd", " "] {
        let output =
            Command::new(program()).args(arguments).args(["--on-change", command]).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), said.lines().count()), (Some(2), 1), "{said}");
        assert!(said.contains("--on-change") && said.contains("no such program"), "{said}");
    }
}

/// A service manager.
struct Manager {
    socket: UnixDatagram,
    folder: Folder,
}

impl Manager {
    fn new(name: &str) -> Self {
        let folder = Folder::new(name, "");
        let socket = UnixDatagram::bind(folder.path("notify")).expect("it can be bound");
        socket.set_read_timeout(Some(PATIENCE)).expect("it can be set");
        Self { socket, folder }
    }

    fn next(&self) -> String {
        let mut buffer = [0; 1024];
        let count = self.socket.recv(&mut buffer).expect("it is told something");
        String::from_utf8_lossy(&buffer[..count]).into_owned()
    }

    /// All that is said up to this.
    fn wait_for(&self, text: &str) -> Vec<String> {
        let mut said = Vec::new();
        loop {
            said.push(self.next());
            if said.last().is_some_and(|last| last == text) {
                return said;
            }
        }
    }

    /// What was said by now.
    fn said(&self) -> Vec<String> {
        self.socket.set_nonblocking(true).expect("it can be set");
        let mut said = Vec::new();
        let mut buffer = [0; 1024];
        while let Ok(count) = self.socket.recv(&mut buffer) {
            said.push(String::from_utf8_lossy(&buffer[..count]).into_owned());
        }
        self.socket.set_nonblocking(false).expect("it can be set");
        said
    }
}

#[test]
fn systemd_hears_that_we_are_ready_how_the_verdict_stands_and_that_we_stop() {
    let manager = Manager::new("notify");
    let at = address_of_our_own();
    let socket = manager.folder.path("notify");
    let producer = format!("http://{at}");
    let running = start(&producer, address_of_our_own(), &[("NOTIFY_SOCKET", &socket)], &[]);
    // Nobody is there yet.
    let said = manager.wait_for("STATUS=UNKNOWN: starting, producer-lost");
    assert!(said.iter().all(|text| text.starts_with("STATUS=UNKNOWN")), "{said:?}");
    let at = at.to_string();
    let _simulate = Running::start(&["simulate", "--listen", &at, "--script", "locked"]);
    let said = manager.wait_for("READY=1");
    assert!(!said.iter().any(|text| text.contains("WATCHDOG")), "nobody asked for that: {said:?}");
    // The first state comes with the subscription, or behind it.
    if !said.contains(&"STATUS=LOCKED".to_owned()) {
        manager.wait_for("STATUS=LOCKED");
    }
    running.signal("-TERM");
    let said = manager.wait_for("STOPPING=1");
    assert!(!said.contains(&"READY=1".to_owned()), "once is enough: {said:?}");
    assert_eq!(running.end().0.code(), Some(0));
}

#[test]
fn the_watchdog_hears_from_the_loop_alone() {
    let manager = Manager::new("watchdog");
    let (_simulate, producer) = Running::producer("openshift-v2", "locked");
    let socket = manager.folder.path("notify");
    let environment = [("NOTIFY_SOCKET", socket.as_str()), ("WATCHDOG_USEC", "100000")];
    let running = start(&producer, address_of_our_own(), &environment, &[]);
    for _ in 0..5 {
        manager.wait_for("WATCHDOG=1");
    }
    running.signal("-STOP");
    let stat = || fs::read_to_string(format!("/proc/{}/stat", running.pid())).expect("it is there");
    while !stat().contains(") T ") {
        thread::sleep(Duration::from_millis(1));
    }
    manager.said();
    thread::sleep(Duration::from_millis(500));
    assert_eq!(manager.said(), [""; 0], "who does not go on does not say so");
    running.signal("-CONT");
    manager.wait_for("WATCHDOG=1");
}

/// It is somebody else's, such as a shell's that started us.
#[test]
fn a_watchdog_of_another_process_is_not_ours() {
    let manager = Manager::new("other");
    let (_simulate, producer) = Running::producer("openshift-v2", "locked");
    let socket = manager.folder.path("notify");
    let environment = [("NOTIFY_SOCKET", socket.as_str()), ("WATCHDOG_USEC", "1000"), ("WATCHDOG_PID", "1")];
    let running = start(&producer, address_of_our_own(), &environment, &[]);
    manager.wait_for("READY=1");
    running.signal("-TERM");
    let said = manager.wait_for("STOPPING=1");
    assert!(!said.iter().any(|text| text.contains("WATCHDOG")), "{said:?}");
}

#[test]
fn a_manager_that_is_not_there_changes_nothing() {
    let (_simulate, producer) = Running::producer("openshift-v2", "locked");
    for socket in ["/nowhere/notify", "@nobody", "vsock:2:1", "", "@"] {
        let mut running = start(&producer, address_of_our_own(), &[("NOTIFY_SOCKET", socket)], &[]);
        running.wait_for_verdict("LOCKED");
        running.signal("-TERM");
        assert_eq!(running.end().0.code(), Some(0), "{socket}");
    }
}
