//! The host behind the emulator, by Arm's semihosting.

use core::arch::asm;
use core::fmt;

const WRITE_CHARACTER: usize = 0x03;
const EXIT_EXTENDED: usize = 0x20;
const APPLICATION_EXIT: usize = 0x2_0026;

/// Writes text to the host's terminal.
pub fn print(text: &str) {
    write(text.as_bytes());
}

/// Writes bytes to the host's terminal.
pub fn write(bytes: &[u8]) {
    for byte in bytes {
        call(WRITE_CHARACTER, core::ptr::from_ref(byte) as usize);
    }
}

/// The host's terminal.
#[derive(Debug)]
pub struct Terminal;

impl fmt::Write for Terminal {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        print(text);
        Ok(())
    }
}

/// Ends the emulator with this exit code.
pub fn exit(code: i32) -> ! {
    let arguments = [APPLICATION_EXIT, code as usize];
    call(EXIT_EXTENDED, arguments.as_ptr() as usize);
    loop {}
}

fn call(operation: usize, argument: usize) {
    // SAFETY: the emulator answers in r0, and reads what `argument` points to: a byte, or two words.
    unsafe { asm!("bkpt 0xab", inout("r0") operation => _, in("r1") argument) };
}
