//! Time since the start, in nanoseconds, and sleep.

use crate::registers::{ICSR, RCC, RIS, SYST_CSR, SYST_CVR, SYST_RVR};
use board::ticks::{TICK_CYCLES, nanos};
use core::arch::asm;
use core::sync::atomic::{AtomicU32, Ordering};
use ptpwatch_core::time::Instant;

/// Ticks since the start: low and high word. Together they do not overflow in the life of any board.
static TICKS: [AtomicU32; 2] = [AtomicU32::new(0), AtomicU32::new(0)];

/// Takes the processor's clock from the crystal of 8 MHz by the PLL, and starts to count it.
pub fn start() {
    const USESYSDIV: u32 = 1 << 22;
    const BYPASS: u32 = 1 << 11;
    const PLLLRIS: u32 = 1 << 6;
    const XTAL_8_MHZ: u32 = 0xE << 6;
    const SYSDIV_4: u32 = 3 << 23;
    // In the data sheet's order (section 5.3).
    RCC.write(RCC.read() & !USESYSDIV | BYPASS);
    RCC.write(XTAL_8_MHZ | BYPASS);
    RCC.write(XTAL_8_MHZ | SYSDIV_4 | USESYSDIV | BYPASS);
    while RIS.read() & PLLLRIS == 0 {}
    RCC.write(XTAL_8_MHZ | SYSDIV_4 | USESYSDIV);
    SYST_RVR.write(TICK_CYCLES - 1);
    SYST_CVR.write(0);
    // Of the processor's clock, with an interrupt.
    SYST_CSR.write(0b111);
}

/// The interrupt of SysTick.
pub unsafe extern "C" fn handle_tick() {
    let [low, high] = &TICKS;
    let count = low.load(Ordering::Relaxed).wrapping_add(1);
    low.store(count, Ordering::Relaxed);
    if count == 0 {
        high.store(high.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
    }
}

/// Tells the time; it never goes back.
pub struct Clock {
    latest: Instant,
}

impl Clock {
    pub const fn new() -> Self {
        Self { latest: Instant::from_nanos(0) }
    }

    /// The time since the start.
    pub fn now(&mut self) -> Instant {
        self.latest = self.latest.max(Instant::from_nanos(read()));
        self.latest
    }
}

/// Reads ticks and cycles that belong together: with interrupts enabled, for else a tick may wait for ever.
fn read() -> u64 {
    const PENDSTSET: u32 = 1 << 26;
    loop {
        let ticks = ticks();
        let left = SYST_CVR.read();
        // A tick that nobody has counted yet may or may not be in `left`.
        if ICSR.read() & PENDSTSET == 0 && ticks == self::ticks() {
            return nanos(ticks, left);
        }
    }
}

fn ticks() -> [u32; 2] {
    TICKS.each_ref().map(|word| word.load(Ordering::Relaxed))
}

/// Sleeps to the next interrupt if `is_idle` still says so when none can come in between.
pub fn sleep(is_idle: impl FnOnce() -> bool) {
    // SAFETY: interrupts wait, and none of them is needed here.
    unsafe { asm!("cpsid i") };
    if is_idle() {
        // SAFETY: an interrupt that waits ends this too, and SysTick's comes.
        unsafe { asm!("wfi") };
    }
    // SAFETY: they were enabled before.
    unsafe { asm!("cpsie i") };
}
