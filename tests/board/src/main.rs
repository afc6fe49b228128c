//! The consumer without an operating system: an image for the LM3S6965's evaluation board, real or emulated.
//!
//! The verdict is a line on the UART and a number on two pins. Nothing is allocated.
#![no_std]
#![no_main]

mod builtins;
mod clock;
mod ethernet;
mod lamp;
mod lines;
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
use ptpwatch_core::consumer::Consumer;
use smoltcp::wire::EthernetAddress;
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
    let EthernetAddress([.., a, b, c, d]) = mac;
    let seed = seed::next(u32::from_le_bytes([a, b, c, d]));
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
    let mut deepest = stack::Depth::default();
    loop {
        let now = clock.now();
        station.turn(now, ethernet, consumer);
        // The pins say it first, and again: they may have been taken back.
        lamp::show(consumer.verdict().state);
        while let Some(notice) = consumer.poll_notice() {
            uart.notice(now, &notice);
        }
        if deepest.has_grown() {
            uart.stack(now, &deepest);
        }
        watchdog.kick(now);
        let is_due = station.poll_timeout(now, consumer).is_some_and(|at| at <= clock.now());
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
