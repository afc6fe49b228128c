//! The verdict on two pins, for what cannot read lines: its number, as everywhere.

use crate::registers::{GPIO_B_DATA_1_0, GPIO_B_DEN, GPIO_B_DIR};
use ptpwatch_core::event::State;

const PINS: u32 = 0b11;

/// Makes the two pins outputs; they say Unknown.
pub fn start() {
    GPIO_B_DIR.set(PINS);
    GPIO_B_DEN.set(PINS);
    show_unknown();
}

/// Shows a verdict.
pub fn show(state: State) {
    GPIO_B_DATA_1_0.write(state as u32);
}

/// Shows that nothing is known: who cannot judge any more must not leave the last verdict behind.
pub fn show_unknown() {
    show(State::Unknown);
}
