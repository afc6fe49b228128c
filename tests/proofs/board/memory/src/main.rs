//! Copying and filling memory as `tests/board` does it, against doing it byte by byte: every place and length in a small
//! arena.
#![no_std]
#![no_main]

#[path = "../../../../board/src/memory.rs"]
mod memory;

use core::fmt::Write;
use core::panic::PanicInfo;
use start::host::{Terminal, exit};

/// So far from each other are places, and so long is what is copied.
const SPAN: usize = 21;

/// Bytes that are all different, and room on both sides.
type Arena = [u8; 3 * SPAN];

#[unsafe(no_mangle)]
extern "C" fn main(_count: i32, _arguments: *const *const u8) -> i32 {
    let mut cases = 0;
    for to in 0..SPAN {
        for count in 0..SPAN {
            for from in 0..SPAN {
                copy(to, from, count);
                move_within(to, from, count);
                cases += 2;
            }
            fill(to, count);
            cases += 1;
        }
    }
    let _ = writeln!(Terminal, "{cases} copies, moves and fills");
    0
}

fn copy(to: usize, from: usize, count: usize) {
    let source = arena();
    let (mut arena, mut expected) = ([0; _], [0; _]);
    for place in 0..count {
        put(&mut expected, to + place, source[from + place]);
    }
    let destination = at(&mut arena, to);
    // SAFETY: both are within their arenas.
    let returned = unsafe { memory::memcpy(destination, source.as_ptr().wrapping_add(from), count) };
    check(returned == destination, &arena, &expected);
}

fn move_within(to: usize, from: usize, count: usize) {
    let (mut arena, mut expected) = (arena(), arena());
    for place in 0..count {
        put(&mut expected, to + place, arena[from + place]);
    }
    let (destination, source) = (at(&mut arena, to), at(&mut arena, from));
    // SAFETY: both are within the arena.
    let returned = unsafe { memory::memmove(destination, source, count) };
    check(returned == destination, &arena, &expected);
}

fn fill(to: usize, count: usize) {
    let (mut arena, mut expected) = (arena(), arena());
    for place in 0..count {
        put(&mut expected, to + place, 0xA7);
    }
    let destination = at(&mut arena, to);
    // SAFETY: it is within the arena. Only the low byte of the value counts.
    let returned = unsafe { memory::memset(destination, 0x5FA7, count) };
    check(returned == destination, &arena, &expected);
}

fn arena() -> Arena {
    let mut arena = [0; _];
    for place in 0..size_of::<Arena>() {
        put(&mut arena, place, place as u8 + 1);
    }
    arena
}

/// Writes a byte by itself, which no compiler makes a call of `memset` or `memcpy` out of.
fn put(arena: &mut Arena, place: usize, byte: u8) {
    let place = &raw mut arena[place];
    // SAFETY: it is an element.
    unsafe { place.write_volatile(byte) };
}

fn at(arena: &mut Arena, place: usize) -> *mut u8 {
    arena.as_mut_ptr().wrapping_add(place)
}

fn check(is_returned: bool, arena: &Arena, expected: &Arena) {
    assert!(is_returned, "another destination comes back");
    for place in 0..size_of::<Arena>() {
        assert_eq!(arena[place], expected[place], "at {place}");
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let _ = writeln!(Terminal, "{info}");
    exit(1)
}
