//! From reset to `main`, and where the processor goes when something is wrong.

use crate::registers::CFSR;
use crate::stack::PAINT;
use crate::uart::Uart;
use crate::{clock, ethernet, lamp, watchdog};
use core::arch::naked_asm;

unsafe extern "C" {
    /// The program; the one call of it is below.
    fn main() -> !;
}

/// A vector: where to go at an exception.
type Handler = unsafe extern "C" fn();

/// Vectors behind that of the initial stack: the processor's own 15, and the interrupts to that of the Ethernet MAC.
const VECTORS_COUNT: usize = 15 + ethernet::INTERRUPT + 1;

#[unsafe(link_section = ".vectors")]
#[used]
static VECTORS: [Handler; VECTORS_COUNT] = {
    let mut vectors = [fault as Handler; VECTORS_COUNT];
    vectors[0] = reset;
    vectors[14] = clock::handle_tick;
    vectors[15 + watchdog::INTERRUPT] = watchdog::handle_hang;
    vectors[15 + ethernet::INTERRUPT] = ethernet::handle_interrupt;
    vectors
};

/// Paints the stack, gives each static variable its initial value, and goes on to `main`.
#[unsafe(naked)]
unsafe extern "C" fn reset() {
    naked_asm!(
        "ldr r0, =_stack_start",
        "ldr r1, =_stack_end",
        "ldr r2, ={paint}",
        "2: str r2, [r0], #4",
        "cmp r0, r1",
        "blo 2b",
        "ldr r0, =_bss_start",
        "ldr r1, =_bss_end",
        "movs r2, #0",
        "3: cmp r0, r1",
        "itt lo",
        "strlo r2, [r0], #4",
        "blo 3b",
        "ldr r0, =_data_start",
        "ldr r1, =_data_end",
        "ldr r3, =_data_load",
        "4: cmp r0, r1",
        "ittt lo",
        "ldrlo r2, [r3], #4",
        "strlo r2, [r0], #4",
        "blo 4b",
        "bl {main}",
        ".ltorg",
        paint = const PAINT,
        main = sym main,
    )
}

/// Hands over what the processor has put on the stack: r0 to r3, r12, lr, pc and xpsr.
#[unsafe(naked)]
unsafe extern "C" fn fault() {
    naked_asm!("mrs r0, msp", "bl {stop}", stop = sym stop)
}

/// Tells where it happened and goes no further; the watchdog begins anew.
///
/// A panic comes here too: it is an instruction that is none.
extern "C" fn stop(frame: &[u32; 8]) -> ! {
    lamp::show_unknown();
    let [.., lr, pc, _xpsr] = *frame;
    let mut uart = Uart;
    for (name, value) in [("fault pc ", pc), (" lr ", lr), (" cfsr ", CFSR.read())] {
        uart.text(name);
        uart.hex(value);
    }
    uart.end();
    loop {
        core::hint::spin_loop();
    }
}
