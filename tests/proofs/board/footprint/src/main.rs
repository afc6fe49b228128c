//! The smallest program that uses all of a consumer, to see how much code that takes. It is linked and never run.
#![no_std]
#![no_main]

use core::hint::black_box;
use core::panic::PanicInfo;
use ptpwatch_core::consumer::{Action, Config, ConnId, Consumer, Storage};
use ptpwatch_core::time::Instant;

static mut STORAGE: Storage = Storage::new();

/// Where a board would begin.
#[unsafe(no_mangle)]
extern "C" fn reset() -> ! {
    // SAFETY: `reset` runs once, and nobody else names the storage.
    let storage = unsafe { &mut *(&raw mut STORAGE) };
    let config = black_box(Config::new(None, "n1", "publisher:9043", "http://192.0.2.1:8989/event"));
    if let Ok(mut consumer) = Consumer::new(storage, config, now()) {
        // From here on it is somewhere, as it is for whoever calls from elsewhere.
        let consumer = black_box(&mut consumer);
        let mut conn = None;
        while !consumer.is_stopped() {
            conn = conn.or(consumer.admit(now()));
            if let Some(conn) = conn {
                move_bytes(consumer, conn);
            }
            conn = drain(consumer);
            consumer.handle_timeout(now());
        }
    }
    loop {}
}

/// All that may happen to a connection.
fn move_bytes(consumer: &mut Consumer<'_>, conn: ConnId) {
    let now = now();
    black_box(consumer.recv_window(conn));
    black_box(consumer.send_window(conn));
    match black_box(conn).index() {
        0 => consumer.handle_received(now, conn, black_box(0)),
        1 => consumer.handle_sent(now, conn, black_box(0)),
        2 => consumer.handle_opened(now, conn),
        3 => consumer.handle_end(now, conn),
        4 => consumer.handle_closed(now, conn),
        _ => consumer.handle_stop(now),
    }
}

/// All that a consumer tells.
fn drain(consumer: &mut Consumer<'_>) -> Option<ConnId> {
    black_box((consumer.verdict(), consumer.verdict_until(), consumer.poll_timeout()));
    black_box((consumer.link(), consumer.stats()));
    consumer.channels().for_each(|channel| {
        black_box(channel);
    });
    while let Some(notice) = consumer.poll_notice() {
        black_box(notice);
    }
    match consumer.poll_action()? {
        Action::Open(conn) | Action::Close(conn) | Action::Write(conn) => Some(conn),
    }
}

fn now() -> Instant {
    black_box(Instant::MAX)
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}
