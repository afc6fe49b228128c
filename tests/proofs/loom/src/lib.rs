//! The protocol of the state page under every interleaving, with every value that a load may see: no read is torn, none
//! goes back, and a writer that was killed holds up nobody after it.
//!
//! `sequence` is the very source of `core`. Those in `planted` are made of it by `build.rs`, each weaker in one thing,
//! and each must fail: so the model is one that sees.
#![cfg(test)]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use atomics::{AtomicU64, Ordering};
use loom::sync::Arc;
use loom::thread;

/// What the source uses of its surroundings. Two tries are as good as many: the next begins as they did.
mod atomics {
    pub(crate) use loom::sync::atomic::{AtomicU64, Ordering, fence};
}
const TRIES_MAX: usize = 2;

#[path = "../../../../core/src/page/sequence.rs"]
mod sequence;

mod planted {
    use crate::{TRIES_MAX, atomics};
    include!(concat!(env!("OUT_DIR"), "/planted.rs"));
}

trait Protocol: 'static {
    fn write(sequence: &AtomicU64, stores: impl FnOnce());
    fn read<T>(sequence: &AtomicU64, loads: impl FnMut() -> T) -> Option<T>;
}

/// A page of two words.
struct Page {
    sequence: AtomicU64,
    words: [AtomicU64; 2],
}

impl Page {
    fn new() -> Arc<Self> {
        Arc::new(Self { sequence: AtomicU64::new(0), words: [AtomicU64::new(0), AtomicU64::new(0)] })
    }

    fn write<P: Protocol>(&self, value: u64) {
        P::write(&self.sequence, || self.words.iter().for_each(|word| word.store(value, Ordering::Relaxed)));
    }

    /// As a writer does who is killed in the middle.
    fn write_half<P: Protocol>(&self, value: u64) {
        let half = || {
            self.words[0].store(value, Ordering::Relaxed);
            resume_unwind(Box::new("killed"));
        };
        assert!(catch_unwind(AssertUnwindSafe(|| P::write(&self.sequence, half))).is_err());
    }

    fn read<P: Protocol>(&self) -> Option<u64> {
        let words = P::read(&self.sequence, || {
            [self.words[0].load(Ordering::Relaxed), self.words[1].load(Ordering::Relaxed)]
        });
        let [one, other] = words?;
        assert_eq!(one, other, "torn");
        Some(one)
    }
}

/// Two writes, and a reader beside them.
fn two_writes_beside_a_read<P: Protocol>() {
    loom::model(|| {
        let page = Page::new();
        let shared = Arc::clone(&page);
        let writer = thread::spawn(move || {
            shared.write::<P>(1);
            shared.write::<P>(2);
        });
        page.read::<P>();
        writer.join().unwrap();
        assert_eq!(page.read::<P>(), Some(2));
    });
}

/// A write, and a reader that reads twice beside it.
fn a_write_beside_two_reads<P: Protocol>() {
    loom::model(|| {
        let page = Page::new();
        let shared = Arc::clone(&page);
        let writer = thread::spawn(move || shared.write::<P>(1));
        let (first, second) = (page.read::<P>(), page.read::<P>());
        assert!(second.is_none() || first <= second, "it went back: {first:?}, {second:?}");
        writer.join().unwrap();
    });
}

/// A writer that is killed in its second write, and one that comes after it.
fn a_killed_writer_and_the_next<P: Protocol>() {
    loom::model(|| {
        let page = Page::new();
        let shared = Arc::clone(&page);
        let writers = thread::spawn(move || {
            shared.write::<P>(1);
            shared.write_half::<P>(2);
            shared.write::<P>(3);
        });
        let read = page.read::<P>();
        assert_ne!(read, Some(2), "half a write");
        writers.join().unwrap();
        assert_eq!(page.read::<P>(), Some(3));
    });
}

/// Nothing is said of a page that was left in the middle of a write.
fn a_killed_writer_alone<P: Protocol>() {
    loom::model(|| {
        let page = Page::new();
        page.write_half::<P>(1);
        assert_eq!(page.read::<P>(), None);
    });
}

fn all<P: Protocol>() {
    a_killed_writer_alone::<P>();
    a_killed_writer_and_the_next::<P>();
    a_write_beside_two_reads::<P>();
    two_writes_beside_a_read::<P>();
}

/// Names a protocol, and holds it to what is expected of it.
macro_rules! protocols {
    ($($(#[$expected:meta])* $test:ident: $name:ident = $path:path;)+) => { $(
        struct $name;

        impl Protocol for $name {
            fn write(sequence: &AtomicU64, stores: impl FnOnce()) {
                use $path as protocol;
                protocol::write(sequence, stores);
            }

            fn read<T>(sequence: &AtomicU64, loads: impl FnMut() -> T) -> Option<T> {
                use $path as protocol;
                protocol::read(sequence, loads)
            }
        }

        #[test]
        $(#[$expected])*
        fn $test() {
            all::<$name>();
        }
    )+ };
}

protocols! {
    the_protocol_holds: Sound = sequence;
    #[should_panic]
    no_odd_sequence_is_seen: NoOddSequence = planted::no_odd_sequence;
    #[should_panic]
    no_release_fence_is_seen: NoReleaseFence = planted::no_release_fence;
    #[should_panic]
    relaxed_end_is_seen: RelaxedEnd = planted::relaxed_end;
    #[should_panic]
    no_first_fence_is_seen: NoFirstFence = planted::no_first_fence;
    #[should_panic]
    no_last_fence_is_seen: NoLastFence = planted::no_last_fence;
    #[should_panic]
    no_second_look_is_seen: NoSecondLook = planted::no_second_look;
    #[should_panic]
    odd_is_believed_is_seen: OddIsBelieved = planted::odd_is_believed;
    #[should_panic]
    killed_is_not_heeded_is_seen: KilledIsNotHeeded = planted::killed_is_not_heeded;
}
