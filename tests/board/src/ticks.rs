//! Nanoseconds of ticks and cycles.

/// Cycles of the processor's clock in a second.
pub const HERTZ: u32 = 50_000_000;

/// Nanoseconds of one of them.
const CYCLE_NS: u32 = 1_000_000_000 / HERTZ;

/// Cycles from one tick to the next: 10 ms. So late is the main loop at most for what nothing but time brings about.
pub const TICK_CYCLES: u32 = HERTZ / 100;

/// Nanoseconds of so many ticks, and of one with `left` of its cycles to come.
pub fn nanos(ticks: u64, left: u32) -> u64 {
    ticks * u64::from(TICK_CYCLES * CYCLE_NS) + u64::from((TICK_CYCLES - 1).saturating_sub(left) * CYCLE_NS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_begins_where_another_ends() {
        assert_eq!(nanos(0, TICK_CYCLES - 1), 0);
        assert_eq!(nanos(0, 0), 9_999_980);
        assert_eq!(nanos(1, TICK_CYCLES - 1), 10_000_000);
        assert_eq!(nanos(1 << 32, TICK_CYCLES - 1), 42_949_672_960_000_000, "497 days");
        // 580 years.
        assert_eq!(nanos(u64::MAX / 10_000_000, TICK_CYCLES - 1), u64::MAX / 10_000_000 * 10_000_000);
    }
}
