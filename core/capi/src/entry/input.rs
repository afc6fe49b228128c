//! What happened: to connections, to time, to the caller.

use super::{Conn, conn_of, id_of, take_in};
use crate::codes::PTPWATCH_NO_CONN;
use crate::error::code;
use crate::watch::Watch;
use ptpwatch_core::consumer::Consumer;

/// Gives a place to a peer who connects; PTPWATCH_NO_CONN says to leave it in the backlog, and to try again after an
/// action or a close; or that there is no consumer.
///
/// A free place, else that of the oldest stranger, who has not sent a complete message yet, else one idle for 120 s; never
/// that of a known peer in mid-message. Who yields is closed by an action: take the actions before you admit the next.
///
/// # Safety
/// `consumer` is null, or points to memory of a consumer's size that no other thread uses meanwhile. This goes for every
/// function that takes a consumer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptpwatch_admit(consumer: *mut Watch, now_ns: u64) -> Conn {
    let mut admitted = None;
    // SAFETY: as our caller vouches for.
    let done = unsafe { take_in(consumer, now_ns, |consumer, now| admitted = consumer.admit(now)) };
    done.ok().and(admitted).map_or(PTPWATCH_NO_CONN, conn_of)
}

/// The connection that PTPWATCH_ACTION_OPEN asked for is there.
///
/// Like each function whose name has `handle` in it: it takes in what happened, and returns PTPWATCH_OK,
/// PTPWATCH_ERROR_NULL or PTPWATCH_ERROR_CONSUMER. A call that makes no sense, as for a connection that is closed, does
/// nothing and is counted (`misuse`). Then take the actions and the notices, then the timeout.
///
/// # Safety
/// As for ptpwatch_admit().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptpwatch_handle_opened(consumer: *mut Watch, now_ns: u64, conn: Conn) -> i32 {
    // SAFETY: as our caller vouches for.
    code(unsafe { take_in(consumer, now_ns, |consumer, now| consumer.handle_opened(now, id_of(conn))) })
}

/// You wrote `count` bytes to the front of the connection's ptpwatch_recv_window().
///
/// # Safety
/// As for ptpwatch_admit().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptpwatch_handle_received(
    consumer: *mut Watch,
    now_ns: u64,
    conn: Conn,
    count: usize,
) -> i32 {
    let id = id_of(conn);
    // SAFETY: as our caller vouches for.
    code(unsafe { take_in(consumer, now_ns, |consumer, now| consumer.handle_received(now, id, count)) })
}

/// You sent `count` bytes off the front of the connection's ptpwatch_send_window().
///
/// # Safety
/// As for ptpwatch_admit().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptpwatch_handle_sent(
    consumer: *mut Watch,
    now_ns: u64,
    conn: Conn,
    count: usize,
) -> i32 {
    let id = id_of(conn);
    // SAFETY: as our caller vouches for.
    code(unsafe { take_in(consumer, now_ns, |consumer, now| consumer.handle_sent(now, id, count)) })
}

/// The peer sends no more, as a recv() of 0 says; what it is owed still goes out.
///
/// # Safety
/// As for ptpwatch_admit().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptpwatch_handle_end(consumer: *mut Watch, now_ns: u64, conn: Conn) -> i32 {
    // SAFETY: as our caller vouches for.
    code(unsafe { take_in(consumer, now_ns, |consumer, now| consumer.handle_end(now, id_of(conn))) })
}

/// The connection is gone, or could not be opened. Not needed after PTPWATCH_ACTION_CLOSE.
///
/// # Safety
/// As for ptpwatch_admit().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptpwatch_handle_closed(consumer: *mut Watch, now_ns: u64, conn: Conn) -> i32 {
    // SAFETY: as our caller vouches for.
    code(unsafe { take_in(consumer, now_ns, |consumer, now| consumer.handle_closed(now, id_of(conn))) })
}

/// Time has passed: ptpwatch_poll_timeout() is here.
///
/// # Safety
/// As for ptpwatch_admit().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptpwatch_handle_timeout(consumer: *mut Watch, now_ns: u64) -> i32 {
    // SAFETY: as our caller vouches for.
    code(unsafe { take_in(consumer, now_ns, Consumer::handle_timeout) })
}

/// Starts the way out: our subscriptions are deleted, unless the producer does not answer. Go on until
/// ptpwatch_is_stopped(), or for as long as you can wait; then ptpwatch_end().
///
/// # Safety
/// As for ptpwatch_admit().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptpwatch_handle_stop(consumer: *mut Watch, now_ns: u64) -> i32 {
    // SAFETY: as our caller vouches for.
    code(unsafe { take_in(consumer, now_ns, Consumer::handle_stop) })
}
