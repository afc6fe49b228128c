//! A number that differs from start to start, where there is no source of chance.

unsafe extern "C" {
    /// A word of RAM that nothing initialises: a reset leaves it as it is, and a power cut leaves noise.
    static mut _starts: u32;
}

/// Numbers from which jitter, ports and sequence numbers come: another at each start, and for each board.
pub fn next(board: u32) -> u32 {
    let starts = &raw mut _starts;
    // SAFETY: it is there, and whatever it holds is a number; nobody else reads or writes it.
    let count = unsafe { starts.read_volatile() }.wrapping_add(1);
    // SAFETY: the same.
    unsafe { starts.write_volatile(count) };
    // Knuth's multiplicative hash.
    (board ^ count).wrapping_mul(0x9E37_79B1)
}
