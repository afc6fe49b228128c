//! The heap of the tests: blocks of the powers of two, each kept for its size once it was taken.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use core::ptr::null_mut;

#[global_allocator]
pub(crate) static HEAP: Heap = Heap { used: Cell::new(0), free: [const { Cell::new(null_mut()) }; 32] };

pub(crate) struct Heap {
    /// Bytes taken since the start.
    used: Cell<usize>,
    /// The first free block of each size; a free block begins with the address of the next.
    free: [Cell<*mut u8>; 32],
}

// SAFETY: the board has one thread, and nothing interrupts it.
unsafe impl Sync for Heap {}

unsafe extern "C" {
    static mut _free_start: [u8; 0];
    static mut _free_end: [u8; 0];
}

// SAFETY: no block is given out twice before it comes back, and a block of 2^n bytes stands at a multiple of them.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let size = size_of_block(layout);
        let first = &self.free[size.trailing_zeros() as usize];
        let block = first.get();
        if block.is_null() {
            return self.take(size);
        }
        // SAFETY: a free block begins with the address of the next, and is aligned to its size.
        first.set(unsafe { block.cast::<*mut u8>().read() });
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let first = &self.free[size_of_block(layout).trailing_zeros() as usize];
        // SAFETY: the block is the heap's again, has room for an address, and is aligned to its size.
        unsafe { block.cast::<*mut u8>().write(first.get()) };
        first.set(block);
    }
}

impl Heap {
    fn take(&self, size: usize) -> *mut u8 {
        let start = (&raw mut _free_start).cast::<u8>();
        let room = &raw mut _free_end as usize - start as usize;
        let at = (start as usize + self.used.get()).next_multiple_of(size) - start as usize;
        if at + size > room {
            return null_mut();
        }
        self.used.set(at + size);
        start.wrapping_add(at)
    }
}

fn size_of_block(layout: Layout) -> usize {
    layout.size().max(layout.align()).max(size_of::<usize>()).next_power_of_two()
}
