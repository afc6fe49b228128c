//! How deep the stack goes: what is below it is painted, and what lost its paint was used.

use core::arch::asm;

/// What the stack is painted with.
const PAINT: u32 = 0xA5A5_5A5A;

unsafe extern "C" {
    static _flash_used: u8;
    static _ram_used: u8;
    static _free_start: u32;
}

/// Bytes of flash and of RAM that the program takes, the stack apart.
pub fn memory() -> (usize, usize) {
    (&raw const _flash_used as usize, &raw const _ram_used as usize)
}

/// Makes `deepest` no less than the bytes of stack that `action` takes.
pub fn measure<T>(deepest: &mut usize, action: impl FnOnce() -> T) -> T {
    paint();
    let top = pointer();
    let result = call(action);
    *deepest = (top - lowest()).max(*deepest);
    result
}

/// A frame of its own, whatever is inlined into it.
#[inline(never)]
fn call<T>(action: impl FnOnce() -> T) -> T {
    action()
}

/// Paints what is free, up to the stack.
#[inline(always)]
fn paint() {
    let free = &raw const _free_start;
    // SAFETY: memory between the static variables and the stack is nobody's; the loop itself takes no stack.
    unsafe {
        asm!(
            "2: cmp {at}, {end}",
            "bhs 3f",
            "str {paint}, [{at}], #4",
            "b 2b",
            "3:",
            at = inout(reg) free => _,
            end = in(reg) pointer(),
            paint = in(reg) PAINT,
        );
    }
}

/// The lowest address that has lost its paint.
fn lowest() -> usize {
    let mut at = &raw const _free_start;
    // SAFETY: what is below the stack may be read, whatever is in it.
    while unsafe { at.read_volatile() } == PAINT {
        at = at.wrapping_add(1);
    }
    at as usize
}

/// The stack pointer.
#[inline(always)]
fn pointer() -> usize {
    let pointer;
    // SAFETY: it is only read.
    unsafe { asm!("mov {}, sp", out(reg) pointer, options(nomem, nostack)) };
    pointer
}
