//! The functions of the interface.

// In the order of the header.
pub mod begin;
pub mod input;

pub mod windows;

pub mod output;
pub mod state;

pub mod page;

pub mod names;

use crate::codes::PTPWATCH_NO_CONN;
use crate::error::{Error, code};
use crate::watch::Watch;
use ptpwatch_core::consumer::{ConnId, Consumer};
use ptpwatch_core::time::Instant;

/// A connection, as a consumer calls it: never 0, and worth nothing once the connection is closed.
pub type Conn = u32;

/// Has the consumer at `place` take in what happened at `now_ns`, and shows what came of it.
///
/// # Safety
/// As for [`Watch::at`].
unsafe fn take_in(
    place: *mut Watch,
    now_ns: u64,
    input: impl FnOnce(&mut Consumer<'static>, Instant),
) -> Result<(), Error> {
    // SAFETY: as our caller vouches for.
    let watch = unsafe { Watch::at(place) }?;
    let now = Instant::from_nanos(now_ns);
    input(&mut watch.consumer, now);
    watch.show(now);
    Ok(())
}

/// A number for `id`: one more than its own, so that none is [`PTPWATCH_NO_CONN`].
const fn conn_of(id: ConnId) -> Conn {
    id.to_bits().wrapping_add(1)
}

/// The id of a number; of [`PTPWATCH_NO_CONN`], one that is worth nothing.
const fn id_of(conn: Conn) -> ConnId {
    ConnId::from_bits(conn.wrapping_sub(1))
}

/// 1 if there is something, 0 if not; or the error's number.
fn found(result: Result<bool, Error>) -> i32 {
    result.map_or_else(|error| code(Err(error)), i32::from)
}

const _: () = assert!(PTPWATCH_NO_CONN == 0);
