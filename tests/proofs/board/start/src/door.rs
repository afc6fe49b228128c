//! What `std` asks of a system called zkvm.

use crate::host;
use core::alloc::{GlobalAlloc, Layout};

/// The program's arguments. A panic ends the program, so what a test prints must not wait for the test's end.
const ARGUMENTS: [&str; 2] = ["board", "--nocapture"];

#[unsafe(no_mangle)]
extern "C" fn sys_argc() -> usize {
    ARGUMENTS.len()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn sys_argv(words: *mut u32, count: usize, index: usize) -> usize {
    let argument = ARGUMENTS.get(index).copied().unwrap_or_default();
    for (place, byte) in argument.bytes().enumerate().take(4 * count) {
        // SAFETY: the caller lends `count` words.
        unsafe { words.cast::<u8>().add(place).write(byte) };
    }
    argument.len()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn sys_write(_file: u32, bytes: *const u8, count: usize) {
    // SAFETY: as the caller says.
    host::write(unsafe { core::slice::from_raw_parts(bytes, count) });
}

#[unsafe(no_mangle)]
extern "C" fn sys_read(_file: u32, _bytes: *mut u8, _count: usize) -> usize {
    0
}

#[unsafe(no_mangle)]
extern "C" fn sys_getenv(_words: *mut u32, _count: usize, _name: *const u8, _length: usize) -> usize {
    usize::MAX
}

/// Seeds of hash tables: the same in each run.
#[unsafe(no_mangle)]
unsafe extern "C" fn sys_rand(words: *mut u32, count: usize) {
    for place in 0..count {
        // SAFETY: the caller lends `count` words.
        unsafe { words.add(place).write(0x9E37_79B9) };
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn sys_panic(message: *const u8, count: usize) -> ! {
    // SAFETY: as the caller says.
    host::write(unsafe { core::slice::from_raw_parts(message, count) });
    host::exit(1)
}

#[unsafe(no_mangle)]
extern "C" fn sys_halt() -> ! {
    host::exit(1)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn sys_alloc_words(count: usize) -> *mut u32 {
    // SAFETY: as below.
    unsafe { sys_alloc_aligned(4 * count, 4) }.cast()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn sys_alloc_aligned(count: usize, align: usize) -> *mut u8 {
    let Ok(layout) = Layout::from_size_align(count.max(1), align) else { return core::ptr::null_mut() };
    // SAFETY: the layout is not empty.
    unsafe { crate::heap::HEAP.alloc(layout) }
}
