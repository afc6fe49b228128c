//! The consumer without an operating system: an image for the LM3S6965's evaluation board, real or emulated.
//!
//! The verdict is a line on the UART and a number on two pins. All memory is static, and nothing is allocated.
#![no_std]
#![no_main]

mod clock;
mod ethernet;
mod lamp;
mod lines;
mod memory;
mod registers;
mod seed;
mod stack;
mod start;
mod station;
mod uart;
mod watchdog;

use board::settings::Settings;
use clock::Clock;
use ethernet::Ethernet;
use ptpwatch_core::consumer::{Consumer, Notice};
use station::Station;
use uart::Uart;
use watchdog::Watchdog;

/// All that is not on the stack.
struct Memory {
    ethernet: Ethernet,
    consumer: station::Memory,
    sockets: station::SocketMemory,
}

static mut MEMORY: Memory = Memory {
    ethernet: Ethernet::new(),
    consumer: station::Memory::new(),
    sockets: station::SocketMemory::new(),
};

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    clock::start();
    lamp::start();
    let mut uart = Uart::start();
    let watchdog = Watchdog::start();
    uart.text("ptpwatch starts");
    uart.end();
    let memory = &raw mut MEMORY;
    // SAFETY: `main` runs once, and nobody else names the memory.
    let Memory { ethernet, consumer, sockets } = unsafe { &mut *memory };
    let settings = match Settings::read(settings_page()) {
        Ok(settings) => settings,
        Err(name) => complain(name, &mut uart),
    };
    let mac = ethernet.start();
    let seed = seed::next(0);
    let mut clock = Clock::new();
    let now = clock.now();
    let station = Station::new(sockets, ethernet, mac, &settings, seed, now);
    match &mut station::consumer(consumer, &settings, seed, now) {
        Ok(consumer) => follow(station, consumer, ethernet, clock, uart, watchdog),
        Err(_) => complain("config", &mut uart),
    }
}

/// The main loop.
fn follow(
    mut station: Station,
    consumer: &mut Consumer<'_>,
    ethernet: &mut Ethernet,
    mut clock: Clock,
    mut uart: Uart,
    mut watchdog: Watchdog,
) -> ! {
    let mut told = (0, 0);
    loop {
        let now = clock.now();
        let until = station.turn(now, ethernet, consumer, |notice| {
            if let Notice::Verdict(_, report) = notice {
                lamp::show(report.verdict.state);
            }
            uart.notice(now, &notice);
        });
        let depth = stack::depth();
        if depth != told {
            told = depth;
            uart.stack(now, depth);
        }
        watchdog.kick(now);
        let is_due = until.is_some_and(|until| until <= clock.now());
        clock::sleep(|| !is_due && ethernet.is_idle());
    }
}

/// The page of flash with the settings.
fn settings_page() -> &'static [u8] {
    unsafe extern "C" {
        static _settings_start: u8;
        static _settings_end: u8;
    }
    let (start, end) = (&raw const _settings_start, &raw const _settings_end);
    // SAFETY: there is flash from the one to the other, and nothing writes it.
    unsafe { core::slice::from_raw_parts(start, end.addr() - start.addr()) }
}

/// Says what is wrong with the settings; it is said again after each reset of the watchdog.
fn complain(name: &str, uart: &mut Uart) -> ! {
    uart.text("settings: ");
    uart.text(name);
    uart.end();
    loop {
        clock::sleep(|| true);
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
