//! Time since the start, in nanoseconds, and sleep.

use crate::registers::{ICSR, RCC, RCGC0, RCGC1, RCGC2, RIS, SYST_CSR, SYST_CVR, SYST_RVR};
use board::ticks::{TICK_CYCLES, nanos};
use core::arch::asm;
use core::sync::atomic::{AtomicU32, Ordering};
use ptpwatch_core::time::Instant;

/// Ticks since the start, modulo 2^32.
static TICKS: AtomicU32 = AtomicU32::new(0);

/// Takes the processor's clock from the crystal of 8 MHz by the PLL, starts to count it, and gives it to each device.
pub fn start() {
    const USESYSDIV: u32 = 1 << 22;
    const BYPASS: u32 = 1 << 11;
    const PLLLRIS: u32 = 1 << 6;
    const XTAL_8_MHZ: u32 = 0xE << 6;
    const SYSDIV_4: u32 = 3 << 23;
    const WATCHDOG: u32 = 1 << 3;
    const UART_0: u32 = 1;
    const PORTS_A_B_F_MAC_PHY: u32 = 1 | 1 << 1 | 1 << 5 | 1 << 28 | 1 << 30;
    // In the data sheet's order (section 5.3).
    RCC.write(RCC.read() & !USESYSDIV | BYPASS);
    RCC.write(XTAL_8_MHZ | BYPASS);
    RCC.write(XTAL_8_MHZ | SYSDIV_4 | USESYSDIV | BYPASS);
    while RIS.read() & PLLLRIS == 0 {}
    RCC.write(XTAL_8_MHZ | SYSDIV_4 | USESYSDIV);
    RCGC0.write(WATCHDOG);
    RCGC1.write(UART_0);
    RCGC2.write(PORTS_A_B_F_MAC_PHY);
    SYST_RVR.write(TICK_CYCLES - 1);
    SYST_CVR.write(0);
    // Of the processor's clock, with an interrupt.
    SYST_CSR.write(0b111);
}

/// The interrupt of SysTick.
pub unsafe extern "C" fn handle_tick() {
    TICKS.store(TICKS.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
}

/// Tells the time; it never goes back.
pub struct Clock {
    ticks: u64,
    latest: Instant,
}

impl Clock {
    pub const fn new() -> Self {
        Self { ticks: 0, latest: Instant::from_nanos(0) }
    }

    /// The time since the start: in 64 bits if it is asked for once in a year.
    pub fn now(&mut self) -> Instant {
        let (ticks, left) = read();
        self.ticks += u64::from(ticks.wrapping_sub(self.ticks as u32));
        self.latest = self.latest.max(Instant::from_nanos(nanos(self.ticks, left)));
        self.latest
    }
}

/// Ticks, and cycles to the next, that belong together: with interrupts enabled, for else a tick may wait for ever.
fn read() -> (u32, u32) {
    const PENDSTSET: u32 = 1 << 26;
    loop {
        let ticks = TICKS.load(Ordering::Relaxed);
        let left = SYST_CVR.read();
        // A tick that nobody has counted yet may or may not be in `left`.
        if ICSR.read() & PENDSTSET == 0 && ticks == TICKS.load(Ordering::Relaxed) {
            return (ticks, left);
        }
    }
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
