//! The board's map: registers of the LM3S6965 and of its Cortex-M3, by the names that their data sheets have for them.

/// A word of a device.
#[derive(Clone, Copy)]
pub struct Register(usize);

impl Register {
    /// What it holds; a device may take notice.
    pub fn read(self) -> u32 {
        // SAFETY: the address is one of those below: a register that may be read at any time.
        unsafe { core::ptr::with_exposed_provenance::<u32>(self.0).read_volatile() }
    }

    /// Gives it another value.
    pub fn write(self, value: u32) {
        // SAFETY: the address is one of those below: a register, so that no variable is there.
        unsafe { core::ptr::with_exposed_provenance_mut::<u32>(self.0).write_volatile(value) }
    }

    /// Sets the bits that `value` has.
    pub fn set(self, value: u32) {
        self.write(self.read() | value);
    }
}

// Watchdog timer

pub const WDTLOAD: Register = Register(0x4000_0000);
pub const WDTCTL: Register = Register(0x4000_0008);
pub const WDTICR: Register = Register(0x4000_000C);
pub const WDTLOCK: Register = Register(0x4000_0C00);

// Pins

/// The data of port B's first two pins; the others cannot be reached by this address.
pub const GPIO_B_DATA_1_0: Register = Register(0x4000_5000 + (0b11 << 2));
pub const GPIO_B_DIR: Register = Register(0x4000_5400);
pub const GPIO_B_DEN: Register = Register(0x4000_551C);
pub const GPIO_A_AFSEL: Register = Register(0x4000_4420);
pub const GPIO_A_DEN: Register = Register(0x4000_451C);
pub const GPIO_F_AFSEL: Register = Register(0x4002_5420);
pub const GPIO_F_DEN: Register = Register(0x4002_551C);

// UART 0

pub const UARTDR: Register = Register(0x4000_C000);
pub const UARTFR: Register = Register(0x4000_C018);
pub const UARTIBRD: Register = Register(0x4000_C024);
pub const UARTFBRD: Register = Register(0x4000_C028);
pub const UARTLCRH: Register = Register(0x4000_C02C);
pub const UARTCTL: Register = Register(0x4000_C030);

// Ethernet MAC

/// Reads as MACRIS, which interrupts there are; writing acknowledges them.
pub const MACIACK: Register = Register(0x4004_8000);
pub const MACIM: Register = Register(0x4004_8004);
pub const MACRCTL: Register = Register(0x4004_8008);
pub const MACTCTL: Register = Register(0x4004_800C);
pub const MACDATA: Register = Register(0x4004_8010);
pub const MACIA0: Register = Register(0x4004_8014);
pub const MACIA1: Register = Register(0x4004_8018);
pub const MACMDV: Register = Register(0x4004_8024);
pub const MACNP: Register = Register(0x4004_8034);
pub const MACTR: Register = Register(0x4004_8038);

// System control

pub const RIS: Register = Register(0x400F_E050);
pub const RCC: Register = Register(0x400F_E060);
pub const RCGC0: Register = Register(0x400F_E100);
pub const RCGC1: Register = Register(0x400F_E104);
pub const RCGC2: Register = Register(0x400F_E108);
/// Three bytes of the board's MAC address, and three more, as they were set in the factory.
pub const USER_REG0: Register = Register(0x400F_E1E0);
pub const USER_REG1: Register = Register(0x400F_E1E4);

// Cortex-M3

pub const SYST_CSR: Register = Register(0xE000_E010);
pub const SYST_RVR: Register = Register(0xE000_E014);
pub const SYST_CVR: Register = Register(0xE000_E018);
/// Enables of the interrupts 0 to 31, and 32 to 63.
pub const NVIC_ISER: [Register; 2] = [Register(0xE000_E100), Register(0xE000_E104)];
pub const NVIC_ICER: [Register; 2] = [Register(0xE000_E180), Register(0xE000_E184)];
pub const ICSR: Register = Register(0xE000_ED04);
pub const CFSR: Register = Register(0xE000_ED28);
