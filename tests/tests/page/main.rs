//! The state page: beside a whole consumer in virtual time, beside the program, and under writers that are killed.

mod in_c;
mod program;
mod stress;
mod world;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

/// A folder with a page in it, which goes with the test.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("ptpwatch-pages-{}-{number}", process::id()));
        fs::create_dir(&path).expect("nobody else has this name");
        Self(path)
    }

    fn page(&self) -> PathBuf {
        self.0.join("state")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
