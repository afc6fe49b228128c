//! A consumer on a board without `std` and without a heap: follows a producer to a verdict, goes through trouble, and
//! tells how much stack that took.
//!
//! There is no allocator, so code that allocates does not compile into this. The host's exit code is 0 if everything was
//! as it should be.
#![no_std]
#![no_main]

mod bench;
mod follow;
mod message;
mod random;
mod stack;
mod trouble;

use bench::{Depths, VERBS};
use core::fmt::Write;
use core::panic::PanicInfo;
use ptpwatch_core::consumer::{Consumer, Storage};
use start::host::{Terminal, exit};

/// Most bytes of stack that making a consumer may take: what was measured, and a tenth.
const NEW_MAX: usize = 5_900;

/// Most bytes of stack that any later call of it may take: the same.
const CALL_MAX: usize = 4_100;

/// Lives of a consumer in trouble, each with a seed of its own.
const LIVES: u64 = 80;

static mut STORAGE: Storage = Storage::new();

#[unsafe(no_mangle)]
extern "C" fn main(_count: i32, _arguments: *const *const u8) -> i32 {
    // SAFETY: `main` runs once, and nobody else names the storage.
    let storage = unsafe { &mut *(&raw mut STORAGE) };
    let mut depths = Depths::default();
    follow::follow(storage, &mut depths);
    for seed in 1..=LIVES {
        trouble::live(storage, seed, &mut depths);
    }
    report(&depths)
}

fn report(depths: &Depths) -> i32 {
    let mut terminal = Terminal;
    let (flash, ram) = stack::memory();
    let sizes = (size_of::<Storage>(), size_of::<Consumer<'_>>());
    let _ = writeln!(
        terminal,
        "flash {flash}, static RAM {ram}, of it Storage {}; Consumer {}",
        sizes.0, sizes.1
    );
    let mut exit_code = 0;
    for (name, depth) in VERBS.iter().zip(depths.0) {
        let most = if *name == VERBS[0] { NEW_MAX } else { CALL_MAX };
        let _ = writeln!(terminal, "stack {depth:5} of {most} {name}");
        if depth > most {
            exit_code = 1;
        }
    }
    exit_code
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let _ = writeln!(Terminal, "{info}");
    exit(1)
}
