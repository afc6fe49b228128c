//! Pages as files: which are kept, which are replaced, and which are not read.

use std::fs::Permissions;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, io, process};

use ptpwatch_core::event::State;
use ptpwatch_core::page::{Doubt, Page, Sheet, Writer};
use ptpwatch_core::time::Instant;
use ptpwatch_core::verdict::Verdict;

use super::*;
use crate::options::Format;
use crate::turn::clock;

/// A folder that goes with the test.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("ptpwatch-page-{}-{number}", process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(super) fn page(&self) -> PathBuf {
        self.0.join("state")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn show(writer: &mut Writer<'_>, state: State) {
    let verdict = Verdict { state, ..Verdict::default() };
    writer.update(clock::now(), Sheet { verdict, until: Instant::MAX, channels: std::iter::empty() });
}

fn inode(path: &Path) -> u64 {
    fs::symlink_metadata(path).unwrap().ino()
}

/// What is seen at `path`, and what went wrong with it.
fn seen(path: &Path) -> (State, Option<Doubt>, Option<String>) {
    let sight = look(path, &mut None, clock::now());
    (sight.reading.verdict.state, sight.reading.doubt, sight.problem)
}

fn complaint(path: &Path) -> String {
    let failure = OwnPage::take(path).unwrap_err();
    assert_eq!(failure.exit_code(), 2);
    failure.problem().replacen(&format!("--page {}: ", path.display()), "", 1)
}

#[test]
fn a_page_is_seen_by_who_opens_it() {
    let folder = Folder::new();
    let own = OwnPage::take(&folder.page()).unwrap();
    assert_eq!(seen(&folder.page()), (State::Unknown, Some(Doubt::Expired), None));
    let mut writer = own.writer(clock::now()).unwrap();
    show(&mut writer, State::Holdover);
    assert_eq!(seen(&folder.page()), (State::Holdover, None, None));
    let metadata = fs::metadata(folder.page()).unwrap();
    assert_eq!((metadata.mode() & 0o7777, metadata.len()), (0o644, Page::SIZE as u64));
    let names = fs::read_dir(&folder.0).unwrap().count();
    assert_eq!(names, 2, "the page and its lock");
}

#[test]
fn a_second_writer_is_refused() {
    let folder = Folder::new();
    let own = OwnPage::take(&folder.page()).unwrap();
    let mut writer = own.writer(clock::now()).unwrap();
    show(&mut writer, State::Locked);
    assert_eq!(complaint(&folder.page()), "another process writes this page");
    assert_eq!(seen(&folder.page()).0, State::Locked);
}

#[test]
fn the_next_writer_goes_on_with_the_same_file() {
    let folder = Folder::new();
    let mut file = None;
    let mut before = None;
    for state in [State::Locked, State::Freerun] {
        let own = OwnPage::take(&folder.page()).unwrap();
        assert_eq!(*file.get_or_insert(inode(&folder.page())), inode(&folder.page()));
        let mut writer = own.writer(clock::now()).unwrap();
        show(&mut writer, state);
        let before = before.get_or_insert_with(|| SeenPage::open(&folder.page()).unwrap());
        assert_eq!(before.reader().read(clock::now()).verdict.state, state);
    }
}

#[test]
fn what_is_no_page_of_ours_is_replaced() {
    let folder = Folder::new();
    let path = folder.page();
    let other_version = || {
        let mut bytes = fs::read(&path).unwrap();
        bytes[8] = 2;
        fs::write(&path, bytes).unwrap();
    };
    let larger = || fs::write(&path, [0; Page::SIZE + 1]).unwrap();
    let for_everybody = || fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
    let elsewhere = folder.0.join("elsewhere");
    let link = || {
        fs::rename(&path, &elsewhere).unwrap();
        symlink(&elsewhere, &path).unwrap();
    };
    let left_over = || {
        fs::rename(&path, folder.0.join("state.new")).unwrap();
    };
    let cases: [&dyn Fn(); 5] = [&other_version, &larger, &for_everybody, &link, &left_over];
    for (number, spoil) in cases.into_iter().enumerate() {
        drop(OwnPage::take(&path).unwrap());
        spoil();
        let old = fs::symlink_metadata(&path).map(|metadata| metadata.ino()).ok();
        let before = SeenPage::open(&path);
        let own = OwnPage::take(&path).unwrap();
        show(&mut own.writer(clock::now()).unwrap(), State::Locked);
        assert_ne!(old, Some(inode(&path)), "{number}");
        assert_eq!(seen(&path).0, State::Locked, "{number}");
        // Who still looks at the old file sees that it is over, and where the new one is.
        let mut before = before.ok();
        if let Some(page) = &before {
            assert_ne!(page.reader().read(clock::now()).doubt, None, "{number}");
        }
        assert_eq!(look(&path, &mut before, clock::now()).reading.verdict.state, State::Locked, "{number}");
    }
}

#[test]
fn where_no_page_can_be_is_said() {
    let folder = Folder::new();
    let missing = folder.0.join("none");
    let expected = format!("expected a file in a directory that is there, not in {}", missing.display());
    assert_eq!(complaint(&missing.join("state")), expected);
    fs::create_dir(folder.page()).unwrap();
    assert!(complaint(&folder.page()).starts_with("it cannot be made: "), "{}", complaint(&folder.page()));
    assert!(complaint(Path::new("/")).starts_with("expected a file in a directory"));
    assert!(!folder.0.join("state.new").exists());
}

#[test]
fn what_may_change_under_us_is_not_read() {
    let folder = Folder::new();
    let path = folder.page();
    drop(OwnPage::take(&path).unwrap());
    fs::set_permissions(&path, Permissions::from_mode(0o646)).unwrap();
    let problem = |path: &Path| seen(path).2.unwrap();
    assert_eq!(problem(&path), "others than its owner may write to it");
    fs::write(&path, [0; 100]).unwrap();
    assert_eq!(problem(&path), "not a state page of this version");
    assert_eq!(problem(&folder.0), "not a state page of this version");
    assert!(problem(&folder.0.join("none")).starts_with("No such file"));
}

/// The lines on what is seen for the first time.
fn lines(format: Format, moment: Moment, sight: &Sight) -> String {
    let (mut reader, writer) = io::pipe().unwrap();
    let mut output = Output::to(writer.into());
    line::push(&mut output, format, moment, sight, None);
    line::push(&mut output, format, moment, sight, Some(sight));
    output.flush().unwrap();
    drop(output);
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_line_says_what_is_known() {
    let moment = Moment { now: Instant::from_nanos(70_000_000_000), wall: std::time::UNIX_EPOCH };
    let verdict = Verdict {
        state: State::Holdover,
        since: Instant::from_nanos(60_000_000_000),
        holdover_until: Some(Instant::from_nanos(75_000_000_000)),
        last_known: State::Holdover,
        ..Verdict::default()
    };
    let page = Page::new();
    let mut writer = Writer::take(&page, BootId(1), moment.now).unwrap();
    writer.update(moment.now, Sheet { verdict, until: Instant::MAX, channels: std::iter::empty() });
    let reading = ptpwatch_core::page::Reader::new(&page, BootId(1)).read(moment.now);
    let holdover = Sight { reading, ..Sight::default() };
    let expired = Sight { reading: Doubt::Expired.into(), ..Sight::default() };
    let nothing = Sight { problem: Some("gone\u{1b}".to_owned()), ..Sight::default() };
    let text = [
        (&holdover, "00:00:00.000Z  PAGE HOLDOVER  (for 10.0 s)  (5.0 s of holdover left)\n"),
        (&expired, "00:00:00.000Z  PAGE UNKNOWN  expired\n"),
        (&nothing, "00:00:00.000Z  PAGE UNKNOWN  no page: gone\\x1b\n"),
    ];
    for (sight, expected) in text {
        assert_eq!(lines(Format::Text, moment, sight), expected);
    }
    let expected = r#"{"v":1,"kind":"page","at":"1970-01-01T00:00:00.000Z","state":"HOLDOVER","reasons":[],"last_known":"HOLDOVER","age_ms":10000,"holdover_left_ms":5000,"clock_class":null,"transitions":1,"writer_age_ms":0,"as_of_age_ms":0,"void_left_ms":1000,"doubt":null,"problem":null,"channels":[]}"#;
    assert_eq!(lines(Format::Json, moment, &holdover), format!("{expected}\n"));
}
