//! What the compiler calls in `tests/board`: to copy and fill, against doing it byte by byte, at every place and of every
//! length in a small arena; and to divide, against multiplying.
#![no_std]
#![no_main]

#[path = "../../../../board/src/builtins.rs"]
mod builtins;

use core::fmt::Write;
use core::hint::black_box;
use core::panic::PanicInfo;
use start::host::{Terminal, exit};

/// So far from each other are places, and so long is what is copied.
const SPAN: usize = 21;

const DIVISIONS: u32 = 3 * 64 * 63;

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
    divide();
    let _ = writeln!(Terminal, "{cases} copies, moves and fills; {DIVISIONS} divisions");
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
    let returned = unsafe { builtins::memcpy(destination, source.as_ptr().wrapping_add(from), count) };
    check(returned == destination, &arena, &expected);
}

fn move_within(to: usize, from: usize, count: usize) {
    let (mut arena, mut expected) = (arena(), arena());
    for place in 0..count {
        put(&mut expected, to + place, arena[from + place]);
    }
    let (destination, source) = (at(&mut arena, to), at(&mut arena, from));
    // SAFETY: both are within the arena.
    let returned = unsafe { builtins::memmove(destination, source, count) };
    check(returned == destination, &arena, &expected);
}

fn fill(to: usize, count: usize) {
    let (mut arena, mut expected) = (arena(), arena());
    for place in 0..count {
        put(&mut expected, to + place, 0xA7);
    }
    let destination = at(&mut arena, to);
    // SAFETY: it is within the arena. Only the low byte of the value counts.
    let returned = unsafe { builtins::memset(destination, 0x5FA7, count) };
    check(returned == destination, &arena, &expected);
}

/// Of numbers of every length by numbers of every length.
fn divide() {
    // Marsaglia's xorshift.
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = |bits: u32| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state >> (64 - bits)
    };
    for round in 0..DIVISIONS {
        let (divided, by) = (next(1 + round % 64), next(1 + round / 64 % 63).max(1));
        // Both are one call, and the compiler knows nothing of what comes out.
        let (quotient, remainder) = (black_box(divided) / black_box(by), black_box(divided) % black_box(by));
        assert!(remainder < by, "{divided} / {by}");
        assert_eq!(quotient.checked_mul(by).map(|product| product + remainder), Some(divided));
    }
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
