//! The page that is ours to write: its file, and a lock that keeps it ours.

use std::fmt::Display;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use ptpwatch_core::page::{BootId, Page, Writer};
use ptpwatch_core::time::Instant;
use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::process::geteuid;

use super::boot_id;
use super::map::Map;
use crate::escape::Escaped;
use crate::failure::Failure;

/// A page that nobody else writes for as long as this lives.
#[derive(Debug)]
pub struct OwnPage {
    map: Map,
    boot: BootId,
    _lock: Lock,
}

/// What keeps other writers away for as long as it lives.
#[derive(Debug)]
struct Lock(File);

impl OwnPage {
    /// Takes the page at `path`: the one that is there, if it is of this version and ours, so that its readers go on
    /// reading; else a new one in its place.
    ///
    /// # Errors
    /// If there is no such directory, another process writes the page, or the system refuses.
    pub fn take(path: &Path) -> Result<Self, Failure> {
        Self::try_take(path).map_err(|problem| {
            let path = path.as_os_str().as_encoded_bytes();
            Failure::usage(format_args!("--page {}: {problem}", Escaped(path)))
        })
    }

    /// Begins to write the page, which says Unknown from now on.
    ///
    /// # Errors
    /// If somebody has written something else over it.
    pub fn writer(&self, now: Instant) -> Result<Writer<'_>, Failure> {
        Writer::take(&self.map, self.boot, now)
            .ok_or_else(|| Failure::new("the state page was overwritten by somebody else"))
    }

    fn try_take(path: &Path) -> io::Result<Self> {
        check_directory(path)?;
        let lock = Lock::take(&beside(path, ".lock"))?;
        let boot = boot_id()?;
        let map = match kept(path, boot) {
            Some(map) => map,
            None => made(path, boot).map_err(|error| refused("it cannot be made", &error))?,
        };
        Ok(Self { map, boot, _lock: lock })
    }
}

impl Lock {
    /// Locks the file `path`, which stays when the page's own is replaced, and which nobody else can open, to hold us up.
    fn take(path: &Path) -> io::Result<Self> {
        let mut options = options();
        let file = options.create(true).truncate(false).mode(0o600).open(path);
        let file = file.map_err(|error| refused("its lock cannot be opened", &error))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self(file)),
            Err(error) if error == rustix::io::Errno::WOULDBLOCK => {
                Err(io::Error::other("another process writes this page"))
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Drop for Lock {
    /// To close the file is not enough: a process that we begin has it too, until it is the program that it will be.
    fn drop(&mut self) {
        // Nobody can be told that it is locked for longer.
        let _ = flock(&self.0, FlockOperation::Unlock);
    }
}

fn check_directory(path: &Path) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => path,
    };
    if path.file_name().is_none() || !directory.is_dir() {
        let directory = Escaped(directory.as_os_str().as_encoded_bytes());
        return Err(io::Error::other(format!(
            "expected a file in a directory that is there, not in {directory}"
        )));
    }
    Ok(())
}

/// The page that is there, if it is one that we may go on with.
fn kept(path: &Path, boot: BootId) -> Option<Map> {
    let file = options().open(path).ok()?;
    let metadata = file.metadata().ok()?;
    let is_ours = metadata.is_file() && metadata.uid() == geteuid().as_raw();
    if !is_ours || metadata.mode() & PERMISSIONS_MASK != PERMISSIONS {
        return None;
    }
    begin(Map::writable(&file).ok()?, boot)
}

/// A new page. It has its name only once it is whole: nobody sees less.
fn made(path: &Path, boot: BootId) -> io::Result<Map> {
    let draft = beside(path, ".new");
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = options().create_new(true).mode(PERMISSIONS).open(&draft)?;
    let map = (|| {
        file.set_permissions(Permissions::from_mode(PERMISSIONS))?;
        // A file with holes would be a SIGBUS once there is no room left to fill them.
        file.write_all(&[0; Page::SIZE])?;
        let map = begin(Map::writable(&file)?, boot).ok_or(io::ErrorKind::InvalidData)?;
        fs::rename(&draft, path)?;
        Ok(map)
    })();
    if map.is_err() {
        let _ = fs::remove_file(&draft);
    }
    map
}

/// Writes a page's beginning; `None` if something else is there.
fn begin(map: Map, boot: BootId) -> Option<Map> {
    Writer::take(&map, boot, Instant::default())?;
    Some(map)
}

/// To read and to write, no other file than the one of this name, and never to wait.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    options.read(true).write(true).custom_flags(flags.bits().cast_signed());
    options
}

/// The file beside `path` whose name is longer by `ending`.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn refused(what: &str, why: &dyn Display) -> io::Error {
    io::Error::other(format!("{what}: {why}"))
}

/// Others may read it, and nobody but its owner write.
const PERMISSIONS: u32 = 0o644;
const PERMISSIONS_MASK: u32 = 0o7777;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::tests::Folder;

    #[test]
    fn a_process_that_begins_keeps_no_writer_away() {
        let folder = Folder::new();
        let lock = Lock::take(&folder.page()).unwrap();
        // As it has it between fork and exec.
        let _inherited = lock.0.try_clone().unwrap();
        drop(lock);
        Lock::take(&folder.page()).unwrap();
    }
}
