//! How deep the stack has been: it was painted at the start, and what lost its paint was used.

use core::ptr::addr_of;

/// What the stack is painted with.
pub const PAINT: u32 = 0xA5A5_5A5A;

unsafe extern "C" {
    static _stack_start: u32;
    static _stack_end: u32;
}

/// Bytes of stack that were in use at most since the start, and those there are.
pub fn depth() -> (usize, usize) {
    let (start, end) = (addr_of!(_stack_start), addr_of!(_stack_end));
    let mut lowest = start;
    // SAFETY: the stack is there to be read, whatever is in it; its end, where this function is, has no paint.
    while unsafe { lowest.read_volatile() } == PAINT {
        lowest = lowest.wrapping_add(1);
    }
    (end.addr() - lowest.addr(), end.addr() - start.addr())
}
