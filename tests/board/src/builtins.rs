//! What the compiler calls to copy, fill and divide: a seventh of the size of its own.
//!
//! Run-time ABI for the Arm Architecture, sections 4.2 and 4.3.4. A Cortex-M3 reads and writes words at any address.

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

/// Divides 64 bits by 64, bit by bit: the quotient comes back in r0 and r1, the remainder in r2 and r3. What divides is
/// below 2^63, and not 0.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn __aeabi_uldivmod() {
    naked_asm!(
        "push {{r4, r5, r6, r7}}",
        "movs r4, #0",
        "movs r5, #0",
        "movs r6, #64",
        // The remainder, in r4 and r5, takes the next bit in at the low end; the quotient takes the place of what is
        // divided.
        "2: adds r0, r0, r0",
        "adcs r1, r1, r1",
        "adcs r4, r4, r4",
        "adcs r5, r5, r5",
        "subs r7, r4, r2",
        "sbcs r12, r5, r3",
        "ittt hs",
        "movhs r4, r7",
        "movhs r5, r12",
        "addhs r0, #1",
        "subs r6, #1",
        "bne 2b",
        "mov r2, r4",
        "mov r3, r5",
        "pop {{r4, r5, r6, r7}}",
        "bx lr",
    )
}
