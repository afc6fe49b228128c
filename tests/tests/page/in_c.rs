//! The reader in C says of any page what the reader in Rust says of it.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use ptpwatch::page::{OwnPage, SeenPage};
use ptpwatch_core::event::{Resource, State};
use ptpwatch_core::limits::PAGE_LIFE_NS;
use ptpwatch_core::page::{Entries, Entry, Name, Reading, Sheet};
use ptpwatch_core::time::Instant;
use ptpwatch_core::track::Freshness;
use ptpwatch_core::verdict::{Reasons, Verdict};
use ptpwatch_tests::Random;

use crate::Folder;

/// The program in C, at work on one file.
struct InC {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl InC {
    fn start(folder: &Folder, page: &Path) -> Self {
        let program = compiled(folder);
        let mut command = Command::new(program);
        let child = command.arg(page).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.expect("it starts");
        let asks = child.stdin.take().expect("it is a pipe");
        let answers = BufReader::new(child.stdout.take().expect("it is a pipe"));
        Self { child, asks, answers }
    }

    fn read(&mut self, now: Instant) -> String {
        writeln!(self.asks, "{}", now.as_nanos()).expect("it listens");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("it answers");
        line.trim_end_matches('\n').to_owned()
    }
}

impl Drop for InC {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program, made by the compiler that links Rust's own.
fn compiled(folder: &Folder) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("there is a workspace");
    let program = folder.0.join("page_reader");
    let made = Command::new("cc")
        .args(["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Werror", "-O2", "-I"])
        .arg(root.join("core/capi/include"))
        .arg(root.join("tests/capi/page_reader.c"))
        .arg("-o")
        .arg(&program)
        .status();
    assert!(made.expect("there is a compiler").success());
    program
}

/// What the reader in Rust says, as the program in C writes it.
fn in_rust(page: &Path, now: Instant) -> String {
    let Ok(page) = SeenPage::open(page) else { return "none".to_owned() };
    let (reading, entries) = page.read(now);
    let Reading { verdict, doubt, clock_class, transitions, epoch, as_of, void_after } = reading;
    let mut line = format!(
        "{} {} {} {} {:08x} {} {} {transitions} {} {} {}",
        doubt.map_or("", |doubt| doubt.name()),
        verdict.state as u32,
        verdict.last_known as u32,
        level(clock_class),
        verdict.reasons.bits(),
        verdict.since.as_nanos(),
        verdict.holdover_until.unwrap_or(Instant::MAX).as_nanos(),
        epoch.as_nanos(),
        as_of.as_nanos(),
        void_after.as_nanos(),
    );
    push_entries(&mut line, &entries);
    line
}

fn push_entries(line: &mut String, entries: &Entries) {
    for entry in entries.as_slice() {
        let freshness = match entry.freshness {
            Freshness::Void => 0,
            Freshness::Fresh => 1,
            Freshness::Stale => 2,
        };
        let (resource, state) = (entry.resource as u32, entry.state as u32);
        let (level, since) = (level(entry.level), entry.since.as_nanos());
        let _ = write!(line, " [{resource} {state} {freshness} {level} {since} ");
        for byte in entry.instance.as_bytes() {
            let _ = write!(line, "{byte:02x}");
        }
        line.push(']');
    }
}

fn level(level: Option<u8>) -> i32 {
    level.map_or(-1, i32::from)
}

const NOW: Instant = Instant::from_nanos(1_000_000_000_000);

/// The bytes of a page on which any of what it can say is said.
fn written(folder: &Folder, random: &mut Random) -> Vec<u8> {
    let path = folder.0.join("written");
    let _ = fs::remove_file(&path);
    let own = OwnPage::take(&path).expect("it is nobody else's");
    let mut writer = own.writer(NOW).expect("it is a page");
    let states = [State::Unknown, State::Locked, State::Holdover, State::Freerun];
    let verdict = Verdict {
        state: *random.pick(&states),
        reasons: Reasons::from_bits(random.draw()),
        last_known: *random.pick(&states),
        since: Instant::from_nanos(random.draw()),
        holdover_until: Some(Instant::from_nanos(random.draw())).filter(|at| at.as_nanos() % 2 == 0),
    };
    let entries: Vec<Entry> = (0..random.below(70))
        .map(|number| Entry {
            resource: *random.pick(&Resource::ALL),
            state: *random.pick(&states),
            freshness: *random.pick(&[Freshness::Void, Freshness::Fresh, Freshness::Stale]),
            level: Some(number as u8).filter(|level| level % 3 != 0),
            since: Instant::from_nanos(random.draw()),
            instance: Name::new(&vec![number as u8; random.below(50) as usize]),
        })
        .collect();
    let until = NOW.after(random.below(2 * PAGE_LIFE_NS));
    writer.update(NOW, Sheet { verdict, until, channels: entries.into_iter() });
    fs::read(&path).expect("it is there")
}

/// Changes some words of a page, those at its front more often than others.
fn spoil(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..random.below(4) {
        let word = if random.once_in(2) { random.below(24) } else { random.below(536) } as usize;
        let value = match random.below(5) {
            0 => 0,
            1 => u64::MAX,
            2 => random.below(300),
            3 => NOW.as_nanos() + random.below(3 * PAGE_LIFE_NS) - PAGE_LIFE_NS,
            _ => random.draw(),
        };
        bytes[word * 8..word * 8 + 8].copy_from_slice(&value.to_ne_bytes());
    }
    if random.once_in(50) {
        bytes.truncate(random.below(4288) as usize);
    }
}

#[test]
fn the_reader_in_c_reads_what_the_reader_in_rust_does() {
    let folder = Folder::new();
    let page = folder.page();
    let mut in_c = InC::start(&folder, &page);
    let mut random = Random::new(3);
    let mut believed = 0;
    for _ in 0..1500 {
        let mut bytes = written(&folder, &mut random);
        spoil(&mut bytes, &mut random);
        // Another file each time, for the length of one that is mapped must not change.
        let _ = fs::remove_file(&page);
        fs::write(&page, &bytes).expect("there is room");
        let now = Instant::from_nanos(NOW.as_nanos() + random.below(3 * PAGE_LIFE_NS) - PAGE_LIFE_NS);
        for now in [NOW, now, Instant::default(), Instant::MAX] {
            let expected = in_rust(&page, now);
            assert_eq!(in_c.read(now), expected);
            believed += usize::from(expected.starts_with(' '));
        }
    }
    assert!((500..4000).contains(&believed), "{believed} are believed");
}
