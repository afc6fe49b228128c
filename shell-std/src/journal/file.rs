//! The file of a journal, and the one before it.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

/// A file that lines are appended to. When it is full it takes the name of the one before it, and a new one begins.
#[derive(Debug)]
pub(super) struct JournalFile {
    path: PathBuf,
    /// The name of the one before it.
    old: PathBuf,
    file: File,
    /// Bytes in it; `None` if it is no file that has a size.
    length: Option<u64>,
    size_max: u64,
}

impl JournalFile {
    /// Opens what is there, or makes it. Some of a line that a sudden end of the host left there is taken away.
    ///
    /// # Errors
    /// If it cannot be written, or its directory is not there.
    pub(super) fn open(path: &Path, size_max: u64) -> io::Result<Self> {
        let (file, length) = open(path)?;
        let mut old = OsString::from(path);
        old.push(".1");
        let mut journal = Self { path: path.to_owned(), old: old.into(), file, length, size_max };
        journal.drop_torn_line()?;
        Ok(journal)
    }

    /// Appends whole lines.
    ///
    /// # Errors
    /// How many of them are lost, and why: the file ends with a whole line all the same.
    pub(super) fn write(&mut self, lines: &[u8]) -> Result<u64, (u64, io::Error)> {
        if let Err(error) = self.make_room(lines.len()) {
            return Err((count(lines), error));
        }
        let (written, result) = write_all(&mut self.file, lines);
        let whole = lines.get(..written).and_then(|front| front.iter().rposition(|byte| *byte == b'\n'));
        let whole = whole.map_or(0, |last| last + 1);
        if let Some(length) = &mut self.length {
            *length += whole as u64;
            if whole < written {
                // Whoever cannot write can make it shorter.
                let _ = self.file.set_len(*length);
            }
        }
        let lost = count(lines.get(whole..).unwrap_or_default());
        result.map(|()| 0).map_err(|error| (lost, error))
    }

    /// Begins a new file if `more` bytes do not fit into this one.
    fn make_room(&mut self, more: usize) -> io::Result<()> {
        let is_full = self.length.is_some_and(|length| length > 0 && length + more as u64 > self.size_max);
        if is_full {
            match fs::rename(&self.path, &self.old) {
                // Somebody else took it away, or a try before this one could not make the next.
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            (self.file, self.length) = open(&self.path)?;
        }
        Ok(())
    }

    fn drop_torn_line(&mut self) -> io::Result<()> {
        let Some(length) = self.length.filter(|length| *length > 0) else { return Ok(()) };
        let mut end = vec![0; usize::try_from(length.min(LINE_MAX)).unwrap_or(0)];
        let start = length - end.len() as u64;
        File::open(&self.path)?.read_exact_at(&mut end, start)?;
        let whole = end.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last as u64 + 1);
        self.file.set_len(start + whole)?;
        self.length = Some(start + whole);
        Ok(())
    }
}

/// Opens a file to append to, and says how long it is: no other than the one of this name, which is renamed in the end.
/// Nobody waits for the reader of a pipe.
fn open(path: &Path) -> io::Result<(File, Option<u64>)> {
    let flags = (OFlags::NONBLOCK | OFlags::NOFOLLOW).bits().cast_signed();
    let file = OpenOptions::new().append(true).create(true).mode(0o644).custom_flags(flags).open(path)?;
    let metadata = file.metadata()?;
    Ok((file, metadata.is_file().then_some(metadata.len())))
}

/// Writes as much of `bytes` as can be; returns how much that is.
fn write_all(file: &mut File, bytes: &[u8]) -> (usize, io::Result<()>) {
    let mut written = 0;
    while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
        match file.write(rest) {
            Ok(0) => return (written, Err(ErrorKind::WriteZero.into())),
            Ok(count) => written += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return (written, Err(error)),
        }
    }
    (written, Ok(()))
}

/// How many lines there are.
fn count(lines: &[u8]) -> u64 {
    lines.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// Longest line, in bytes.
const LINE_MAX: u64 = 8192;

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory of its own, gone in the end.
    struct Place(PathBuf);

    impl Place {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("ptpwatch-journal-{}-{name}", std::process::id()));
            fs::create_dir(&path).unwrap();
            Self(path)
        }

        fn read(&self, name: &str) -> String {
            fs::read_to_string(self.0.join(name)).unwrap()
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn neither_file_grows_beyond_its_size() {
        let place = Place::new("size");
        let path = place.0.join("j");
        let mut journal = JournalFile::open(&path, 100).unwrap();
        for number in 0..50 {
            journal.write(format!("{number:020}\n{number:020}\n").as_bytes()).unwrap();
            for name in ["j", "j.1"] {
                assert!(fs::metadata(place.0.join(name)).map_or(0, |file| file.len()) <= 100);
            }
        }
        let last: Vec<u32> =
            (place.read("j.1") + &place.read("j")).lines().map(|line| line.parse().unwrap()).collect();
        assert_eq!(last, [46, 46, 47, 47, 48, 48, 49, 49]);
        // Another run goes on where this one ended.
        drop(journal);
        JournalFile::open(&path, 100).unwrap().write(&[b'x'; 20]).unwrap();
        assert!(place.read("j").len() < 50 && place.read("j.1").ends_with("49\n"));
    }

    #[test]
    fn a_torn_line_is_taken_away() {
        let place = Place::new("torn");
        let path = place.0.join("j");
        for (before, after) in [("", ""), ("a\n", "a\n"), ("a\nb", "a\n"), ("torn", "")] {
            fs::write(&path, before).unwrap();
            JournalFile::open(&path, 100).unwrap().write(b"c\n").unwrap();
            assert_eq!(place.read("j"), format!("{after}c\n"));
        }
    }

    #[test]
    fn somebody_else_may_take_the_files_away() {
        let place = Place::new("taken");
        let mut journal = JournalFile::open(&place.0.join("j"), 10).unwrap();
        journal.write(b"first\n").unwrap();
        fs::remove_file(place.0.join("j")).unwrap();
        journal.write(b"second\n").unwrap();
        assert_eq!(place.read("j"), "second\n");
    }

    #[test]
    fn what_a_full_disk_does_not_take_is_counted() {
        let mut full = JournalFile::open(Path::new("/dev/full"), 100).unwrap();
        let (lost, error) = full.write(b"a\nb\nc\n").unwrap_err();
        assert_eq!((lost, error.kind()), (3, ErrorKind::StorageFull));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let place = Place::new("refused");
        let link = place.0.join("link");
        std::os::unix::fs::symlink(place.0.join("elsewhere"), &link).unwrap();
        for path in [link, place.0.join("not/there"), place.0.clone()] {
            assert!(JournalFile::open(&path, 100).is_err(), "{path:?}");
        }
        let pipe = place.0.join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).unwrap();
        assert!(JournalFile::open(&pipe, 100).is_err(), "nobody reads it");
    }
}
