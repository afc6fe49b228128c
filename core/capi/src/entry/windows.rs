//! Memory of the consumer, lent to the caller for bytes that come and go.

use super::{Conn, id_of};
use crate::watch::Watch;
use core::ptr;

/// Where to receive into: `*length` bytes, which are yours until the next call for this consumer. Then say how many came,
/// by ptpwatch_handle_received().
///
/// Null, and a length of 0, if the connection is closed, or nothing can be taken at present: leave it in the kernel then,
/// and ask again after a ptpwatch_handle_sent().
///
/// # Safety
/// As for ptpwatch_admit(); `length` is null or points to one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptpwatch_recv_window(
    consumer: *mut Watch,
    conn: Conn,
    length: *mut usize,
) -> *mut u8 {
    // SAFETY: as our caller vouches for.
    let watch = unsafe { Watch::at(consumer) };
    let window = watch.map_or(Default::default(), |watch| watch.consumer.recv_window(id_of(conn)));
    // SAFETY: as our caller vouches for.
    if unsafe { tell(length, window.len()) } { window.as_mut_ptr() } else { ptr::null_mut() }
}

/// What to send: `*length` bytes, which stay until the next call for this consumer. Then say how many the socket took, by
/// ptpwatch_handle_sent().
///
/// Null, and a length of 0, if there is nothing.
///
/// # Safety
/// As for ptpwatch_admit(); `length` is null or points to one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptpwatch_send_window(
    consumer: *const Watch,
    conn: Conn,
    length: *mut usize,
) -> *const u8 {
    // SAFETY: as our caller vouches for.
    let watch = unsafe { Watch::seen_at(consumer) };
    let window = watch.map_or(Default::default(), |watch| watch.consumer.send_window(id_of(conn)));
    // SAFETY: as our caller vouches for.
    if unsafe { tell(length, window.len()) } { window.as_ptr() } else { ptr::null() }
}

/// A number below the connections of the profile, PTPWATCH_CONNECTIONS_SMALL and its like, for a table of your own: no two
/// open connections share it. Of PTPWATCH_NO_CONN it is 65535.
#[unsafe(no_mangle)]
pub extern "C" fn ptpwatch_conn_index(conn: Conn) -> u32 {
    u32::try_from(id_of(conn).index()).unwrap_or(u32::MAX)
}

/// Says how long a window is; `false` if there is none, or nobody to tell.
///
/// # Safety
/// `place` is null or points to a length.
unsafe fn tell(place: *mut usize, length: usize) -> bool {
    if place.is_null() {
        return false;
    }
    // SAFETY: as our caller vouches for.
    unsafe { place.write_unaligned(length) };
    length > 0
}
