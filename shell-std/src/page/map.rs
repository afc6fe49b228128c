//! A page of a file in our memory: the one room of the shell with unsafe code.
//!
//! Whoever truncates a file takes the memory from under those who have mapped it: their next access is a SIGBUS, which
//! ends them. So only files are mapped that nobody but their owner may write, and whose size is right; and a writer never
//! changes the size of one that has its name.
#![allow(unsafe_code, reason = "memory cannot be mapped without")]

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::ptr::{NonNull, null_mut};

use ptpwatch_core::page::Page;
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

/// A page that is shared with whoever else has mapped its file.
#[derive(Debug)]
pub(super) struct Map(NonNull<Page>);

impl Map {
    /// The page in `file`, to be read only. The file has to have the size of a page.
    pub(super) fn read_only(file: &File) -> io::Result<Self> {
        Self::new(file, ProtFlags::READ)
    }

    /// The page in `file`, to be written. The file has to have the size of a page.
    pub(super) fn writable(file: &File) -> io::Result<Self> {
        Self::new(file, ProtFlags::READ | ProtFlags::WRITE)
    }

    fn new(file: &File, protection: ProtFlags) -> io::Result<Self> {
        if file.metadata()?.len() != Page::SIZE as u64 {
            return Err(io::Error::other("its size is not that of a page"));
        }
        // SAFETY: without an address and MAP_FIXED it takes the place of nothing that is in use.
        let start = unsafe { mmap(null_mut(), Page::SIZE, protection, MapFlags::SHARED, file, 0) }?;
        NonNull::new(start.cast()).map(Self).ok_or_else(|| io::ErrorKind::OutOfMemory.into())
    }
}

impl Deref for Map {
    type Target = Page;

    fn deref(&self) -> &Page {
        // SAFETY: it is mapped until `drop`, from where a page of memory starts, and as long as a `Page` is. Any bytes are
        // a `Page`, all of it atomic, so that others may store; a `Reader` loads relaxed, as read-only memory needs it.
        unsafe { self.0.as_ref() }
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        // SAFETY: it was mapped at this place with this length, and whoever borrowed it is done with it.
        let _ = unsafe { munmap(self.0.as_ptr().cast(), Page::SIZE) };
    }
}
