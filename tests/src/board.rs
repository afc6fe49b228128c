//! The image of `tests/board` on an emulated LM3S6965 evaluation board, whose network is behind the loopback.

use std::fs;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::peer::address_of_our_own;
use crate::process::{PATIENCE, Running};

/// A board that was switched on: what it writes on its UART, and a debugger at its processor.
#[derive(Debug)]
pub struct Board {
    pub uart: Running,
    /// Where it is connected to from the host.
    pub door: SocketAddr,
    folder: PathBuf,
}

impl Board {
    /// A board that is to follow the producer at this address of the host.
    pub fn following(producer: SocketAddr) -> Self {
        let door = address_of_our_own();
        // To the board, the host is 10.0.2.2.
        let settings = format!(
            "address=10.0.2.15/24\ngateway=10.0.2.2\nnode=node1\nrole=oc\nproducer=10.0.2.2:{}\nendpoint=http://{door}/event\n",
            producer.port(),
        );
        Self::switched_on(&settings, door)
    }

    /// A board with this text on the page of its settings.
    pub fn with_settings(settings: &str) -> Self {
        Self::switched_on(settings, address_of_our_own())
    }

    fn switched_on(settings: &str, door: SocketAddr) -> Self {
        let image = std::env::var_os("TESTED_IMAGE").expect("tests/board/run builds an image and names it");
        let folder = folder_of_our_own();
        let page = folder.join("settings");
        fs::write(&page, settings).expect("the folder is there");
        let mut emulator = Command::new("qemu-system-arm");
        emulator
            .args(["-machine", "lm3s6965evb", "-display", "none", "-monitor", "none", "-serial", "stdio"])
            .args(["-nic", &format!("user,hostfwd=tcp:{door}-10.0.2.15:8989")])
            .args(["-gdb", &format!("unix:{},server=on,wait=off", folder.join("gdb").display())])
            .args(["-device", &format!("loader,addr={SETTINGS},force-raw=on,file={}", page.display())])
            .arg("-kernel")
            .arg(image);
        Self { uart: Running::spawn(&mut emulator), door, folder }
    }

    /// Waits until the verdict is another than `before`, and returns its line if it is `next`.
    ///
    /// # Panics
    /// If it is neither.
    pub fn wait_for_verdict(&mut self, before: &str, next: &str) -> String {
        loop {
            let line = self.uart.wait_for("VERDICT ");
            let state = line.split_whitespace().nth(2).expect("there is a state");
            if state == next {
                return line;
            }
            assert_eq!(state, before, "not {next} either:\n{}", self.uart.seen.join("\n"));
        }
    }

    /// Waits until the two pins show a number among these.
    pub fn wait_for_pins(&self, numbers: &[u32]) -> u32 {
        let end = Instant::now() + PATIENCE;
        loop {
            let number = self.word(PINS);
            if numbers.contains(&number) {
                return number;
            }
            assert!(
                Instant::now() < end,
                "the pins show {number}, none of {numbers:?}:\n{}",
                self.uart.seen.join("\n")
            );
            // Whoever looks stops the board's time.
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// How often it has started: a word of RAM that a reset leaves as it is.
    pub fn starts(&self) -> u32 {
        self.word(STARTS)
    }

    /// Has the processor go on with these instructions, wherever it was.
    pub fn derail(&self, instructions: [u16; 2]) {
        let mut debugger = Debugger::attach(self);
        let [[a, b], [c, d]] = instructions.map(u16::to_le_bytes);
        debugger.ask(&format!("M{BEYOND:x},4:{a:02x}{b:02x}{c:02x}{d:02x}"));
        // It takes a register by its number only from who has asked for their names.
        debugger.ask("qXfer:features:read:target.xml:0,1");
        debugger.ask(&format!("P{PC:x}={:08x}", BEYOND.swap_bytes()));
    }

    fn word(&self, address: u32) -> u32 {
        let word = Debugger::attach(self).ask(&format!("m{address:x},4"));
        u32::from_str_radix(&word, 16).expect("it is a word").swap_bytes()
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A debugger, which stops the board for as long as it is attached. It speaks GDB's remote serial protocol.
struct Debugger(UnixStream);

impl Debugger {
    fn attach(board: &Board) -> Self {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Ok(stream) = UnixStream::connect(board.folder.join("gdb")) {
                stream.set_read_timeout(Some(PATIENCE)).expect("a time-out can be set");
                return Self(stream);
            }
            assert!(Instant::now() < end, "the emulator does not start: {}", board.uart.errors());
        }
    }

    /// Sends a command; its answer.
    fn ask(&mut self, command: &str) -> String {
        let sum = command.bytes().fold(0_u8, u8::wrapping_add);
        self.0.write_all(format!("${command}#{sum:02x}").as_bytes()).expect("the emulator runs");
        // That the board has stopped is told at some time, too.
        let answer = loop {
            let packet = self.packet();
            if !packet.starts_with('T') {
                break packet;
            }
        };
        assert!(!answer.is_empty() && !answer.starts_with('E'), "{command} is answered {answer:?}");
        answer
    }

    /// The next that is said: up to the mark behind which there is a sum of two digits.
    fn packet(&mut self) -> String {
        let mut packet = Vec::new();
        let mut byte = [0];
        while packet.last() != Some(&b'#') {
            self.0.read_exact(&mut byte).expect("the emulator answers");
            packet.push(byte[0]);
        }
        self.0.read_exact(&mut [0; 2]).expect("the emulator answers");
        self.0.write_all(b"+").expect("the emulator runs");
        let packet = String::from_utf8(packet).expect("it is text");
        packet.trim_start_matches(['+', '$']).trim_end_matches('#').to_owned()
    }
}

impl Drop for Debugger {
    /// Detaches: the board goes on.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.ask("D");
        }
    }
}

fn folder_of_our_own() -> PathBuf {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("ptpwatch-board-{}-{number}", std::process::id()));
    fs::create_dir_all(&folder).expect("there is room for it");
    folder
}

/// The page of the settings: the last 1 KiB of 64.
const SETTINGS: u32 = 0xFC00;

/// The data of port B's first two pins.
const PINS: u32 = 0x4000_500C;

/// The last word of the image's RAM.
const STARTS: u32 = 0x2000_7FFC;

/// RAM that the image does not know of: the emulated board has 64 KiB.
const BEYOND: u32 = 0x2000_8000;

/// The program counter's number to a debugger.
const PC: u8 = 15;
