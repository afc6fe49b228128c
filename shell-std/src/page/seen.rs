//! The page as a reader has it: mapped, and mapped anew once there is another file under its name.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use ptpwatch_core::page::{BootId, Entries, Page, Reader, Reading};
use ptpwatch_core::time::Instant;
use rustix::fs::OFlags;

use super::boot_id;
use super::map::Map;

/// A page that another process writes.
#[derive(Debug)]
pub struct SeenPage {
    map: Map,
    boot: BootId,
    /// Which file it is of.
    file: Identity,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

impl SeenPage {
    /// The page at `path`.
    ///
    /// # Errors
    /// If there is none, or somebody may write to it who is not its owner: reading it could end us then.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() || metadata.len() != Page::SIZE as u64 {
            return Err(io::Error::other("not a state page of this version"));
        }
        if metadata.mode() & OTHERS_WRITE != 0 {
            return Err(io::Error::other("others than its owner may write to it"));
        }
        Ok(Self { map: Map::read_only(&file)?, boot: boot_id()?, file: Identity::of(&metadata) })
    }

    /// Whether it is still the file that `path` names.
    pub fn is_at(&self, path: &Path) -> bool {
        path.metadata().is_ok_and(|metadata| Identity::of(&metadata) == self.file)
    }

    /// A reader, for reads in nanoseconds.
    pub fn reader(&self) -> Reader<'_> {
        Reader::new(&self.map, self.boot)
    }

    /// What it says of the verdict and of its channels.
    pub fn read(&self, now: Instant) -> (Reading, Entries) {
        let mut entries = Entries::new();
        (self.reader().read_channels(now, &mut entries), entries)
    }
}

impl Identity {
    fn of(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }
}

/// Opens what may be anything, without waiting for it.
fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

const OTHERS_WRITE: u32 = 0o022;
