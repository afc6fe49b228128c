//! A tray: what one thread leaves for another to take.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Things in the order in which they were put down.
#[derive(Debug)]
pub struct Tray<T>(Mutex<VecDeque<T>>);

impl<T> Tray<T> {
    pub const fn new() -> Self {
        Self(Mutex::new(VecDeque::new()))
    }

    pub fn put(&self, thing: T) {
        self.lock().push_back(thing);
    }

    /// What has been there longest, if anything is there.
    pub fn take(&self) -> Option<T> {
        self.lock().pop_front()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Default for Tray<T> {
    fn default() -> Self {
        Self::new()
    }
}
