//! How deep the stack has been: it was painted at the start, and what lost its paint was used.

use core::ptr::addr_of;

/// What the stack is painted with.
pub const PAINT: u32 = 0xA5A5_5A5A;

unsafe extern "C" {
    static _stack_start: u32;
    static _stack_end: u32;
}

/// The most stack that was in use since the start, and what there is, in bytes.
#[derive(Default)]
pub struct Depth {
    pub deepest: usize,
    pub size: usize,
}

impl Depth {
    /// Looks again, and whether there is news.
    pub fn has_grown(&mut self) -> bool {
        let (start, end) = (addr_of!(_stack_start), addr_of!(_stack_end));
        let mut lowest = start;
        // SAFETY: the stack is there to be read, whatever is in it; where this function is, it has no paint.
        while unsafe { lowest.read_volatile() } == PAINT {
            lowest = lowest.wrapping_add(1);
        }
        let before = self.deepest;
        self.deepest = end.addr() - lowest.addr();
        self.size = end.addr() - start.addr();
        self.deepest > before
    }
}
