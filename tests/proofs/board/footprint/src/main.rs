//! All of a consumer and nothing else, to see how much code that is. It is linked and never run.
#![no_std]
#![no_main]

use core::hint::black_box;
use core::panic::PanicInfo;
use ptpwatch_core::consumer::{Action, Config, ConfigError, ConnId, Consumer, Link, Notice, Stats, Storage};
use ptpwatch_core::time::Instant;
use ptpwatch_core::verdict::Verdict;

type Lent = Consumer<'static>;

/// What an embedder calls.
#[expect(dead_code, reason = "it is here to be linked")]
struct Verbs {
    new: fn(&'static mut Storage, Config<'static>, Instant) -> Result<Lent, ConfigError>,
    admit: fn(&mut Lent, Instant) -> Option<ConnId>,
    on_connection: [fn(&mut Lent, Instant, ConnId); 3],
    on_bytes: [fn(&mut Lent, Instant, ConnId, usize); 2],
    on_time: [fn(&mut Lent, Instant); 2],
    recv_window: for<'c> fn(&'c mut Lent, ConnId) -> &'c mut [u8],
    send_window: for<'c> fn(&'c Lent, ConnId) -> &'c [u8],
    poll_action: fn(&mut Lent) -> Option<Action>,
    poll_notice: for<'c> fn(&'c mut Lent) -> Option<Notice<'c>>,
    poll_timeout: fn(&Lent) -> Option<Instant>,
    verdict: fn(&Lent) -> Verdict,
    verdict_until: fn(&Lent) -> Instant,
    channels: fn(&Lent) -> usize,
    link: fn(&Lent) -> Link,
    stats: fn(&Lent) -> Stats,
    is_stopped: fn(&Lent) -> bool,
}

static VERBS: Verbs = Verbs {
    new: Consumer::new,
    admit: Consumer::admit,
    on_connection: [Consumer::handle_opened, Consumer::handle_end, Consumer::handle_closed],
    on_bytes: [Consumer::handle_received, Consumer::handle_sent],
    on_time: [Consumer::handle_timeout, Consumer::handle_stop],
    recv_window: Consumer::recv_window,
    send_window: Consumer::send_window,
    poll_action: Consumer::poll_action,
    poll_notice: Consumer::poll_notice,
    poll_timeout: Consumer::poll_timeout,
    verdict: Consumer::verdict,
    verdict_until: Consumer::verdict_until,
    channels: |consumer| consumer.channels().count(),
    link: Consumer::link,
    stats: Consumer::stats,
    is_stopped: Consumer::is_stopped,
};

/// Where a board would begin.
#[unsafe(no_mangle)]
extern "C" fn reset() -> ! {
    black_box(&VERBS);
    loop {}
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}
