//! The watchdog: a main loop that makes no progress says Unknown after 5 s, and begins anew after 10.

use crate::lamp;
use crate::registers::{NVIC_ICER, NVIC_ISER, WDTCTL, WDTICR, WDTLOAD, WDTLOCK};
use board::ticks::HERTZ;
use ptpwatch_core::time::Instant;

/// Its interrupt.
pub const INTERRUPT: usize = 18;

/// How long the main loop may take for a turn, in cycles: 5 s. A turn takes milliseconds.
const PATIENCE: u32 = 5 * HERTZ;

/// Expires twice when nobody kicks it: an interrupt, then a reset.
pub struct Watchdog {
    kicked: Instant,
}

impl Watchdog {
    /// Starts it. Nothing stops it again, and after this none but [`kick`](Self::kick) gets at it.
    pub fn start() -> Self {
        const INTERRUPT_AND_RESET: u32 = 0b11;
        WDTLOAD.write(PATIENCE);
        WDTCTL.write(INTERRUPT_AND_RESET);
        lock();
        NVIC_ISER[0].write(1 << INTERRUPT);
        Self { kicked: Instant::from_nanos(0) }
    }

    /// The main loop has done its turn, as of `now`; if time stands still, that is no progress.
    pub fn kick(&mut self, now: Instant) {
        const KEY: u32 = 0x1ACC_E551;
        if now == self.kicked {
            return;
        }
        self.kicked = now;
        WDTLOCK.write(KEY);
        WDTICR.write(1);
        lock();
        NVIC_ISER[0].write(1 << INTERRUPT);
    }
}

fn lock() {
    WDTLOCK.write(0);
}

/// The first time that it expires. It stays expired, for else there would be no second time; so that the main loop may
/// go on if it can, the interrupt comes no more.
pub unsafe extern "C" fn handle_hang() {
    NVIC_ICER[0].write(1 << INTERRUPT);
    lamp::show_unknown();
}
