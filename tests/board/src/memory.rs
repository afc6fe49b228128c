//! Copying and filling memory, as the compiler asks for it: a tenth of the size of the compiler's own, a word at a time.
//!
//! A Cortex-M3 reads and writes words at any address. Run-time ABI for the Arm Architecture, section 4.3.4.

use core::arch::naked_asm;

/// Copies `count` bytes; the destination comes back.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcpy(_to: *mut u8, _from: *const u8, _count: usize) -> *mut u8 {
    naked_asm!(
        "mov r12, r0",
        "2: subs r2, #4",
        "ittt hs",
        "ldrhs r3, [r1], #4",
        "strhs r3, [r12], #4",
        "bhs 2b",
        "adds r2, #4",
        "3: subs r2, #1",
        "ittt hs",
        "ldrbhs r3, [r1], #1",
        "strbhs r3, [r12], #1",
        "bhs 3b",
        "bx lr",
    )
}

/// Copies `count` bytes between places that may overlap: from the back where the front would be overwritten.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memmove(_to: *mut u8, _from: *const u8, _count: usize) -> *mut u8 {
    naked_asm!(
        "subs r3, r0, r1",
        "cmp r3, r2",
        "bhs {memcpy}",
        "add r1, r2",
        "add r12, r0, r2",
        "2: subs r2, #4",
        "ittt hs",
        "ldrhs r3, [r1, #-4]!",
        "strhs r3, [r12, #-4]!",
        "bhs 2b",
        "adds r2, #4",
        "3: subs r2, #1",
        "ittt hs",
        "ldrbhs r3, [r1, #-1]!",
        "strbhs r3, [r12, #-1]!",
        "bhs 3b",
        "bx lr",
        memcpy = sym memcpy,
    )
}

/// Fills `count` bytes with the low one of `byte`; the destination comes back.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memset(_to: *mut u8, _byte: i32, _count: usize) -> *mut u8 {
    naked_asm!(
        "mov r12, r0",
        "uxtb r1, r1",
        "orr r1, r1, r1, lsl #8",
        "orr r1, r1, r1, lsl #16",
        "2: subs r2, #4",
        "itt hs",
        "strhs r1, [r12], #4",
        "bhs 2b",
        "adds r2, #4",
        "3: subs r2, #1",
        "itt hs",
        "strbhs r1, [r12], #1",
        "bhs 3b",
        "bx lr",
    )
}

/// The names of the same for words, and for pairs of words.
macro_rules! aliases {
    ($($name:ident is $function:ident;)*) => {
        $(
            #[unsafe(naked)]
            #[unsafe(no_mangle)]
            unsafe extern "C" fn $name() {
                naked_asm!("b {function}", function = sym $function)
            }
        )*
    };
}

aliases! {
    __aeabi_memcpy is memcpy;
    __aeabi_memcpy4 is memcpy;
    __aeabi_memcpy8 is memcpy;
    __aeabi_memmove is memmove;
    __aeabi_memmove4 is memmove;
    __aeabi_memmove8 is memmove;
    __aeabi_memset4 is __aeabi_memset;
    __aeabi_memset8 is __aeabi_memset;
    __aeabi_memclr4 is __aeabi_memclr;
    __aeabi_memclr8 is __aeabi_memclr;
}

/// As `memset`, with its arguments in another order.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn __aeabi_memset(_to: *mut u8, _count: usize, _byte: i32) {
    naked_asm!("mov r3, r1", "mov r1, r2", "mov r2, r3", "b {memset}", memset = sym memset)
}

#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn __aeabi_memclr(_to: *mut u8, _count: usize) {
    naked_asm!("mov r2, r1", "movs r1, #0", "b {memset}", memset = sym memset)
}
