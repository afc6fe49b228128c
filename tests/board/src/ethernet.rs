//! The Ethernet MAC as a device of smoltcp: frames pass through its FIFOs word by word, without an allocation.

use crate::registers::{
    GPIO_F_AFSEL, GPIO_F_DEN, MACDATA, MACIA0, MACIA1, MACIACK, MACIM, MACMDV, MACNP, MACRCTL, MACTCTL,
    MACTR, NVIC_ISER, USER_REG0, USER_REG1,
};
use board::fifo::{FRAME_MAX, Fifo, LENGTH, put, take};
use board::ticks::HERTZ;
use smoltcp::phy::{self, Device, DeviceCapabilities, Medium};
use smoltcp::time::Instant;
use smoltcp::wire::EthernetAddress;

/// Its interrupt.
pub const INTERRUPT: usize = 42;

/// A frame is to be sent, or is being sent.
const NEWTX: u32 = 1;

/// The MAC, and the frame that comes in and the one that goes out.
pub struct Ethernet {
    incoming: Fifo,
    outgoing: Fifo,
}

impl Ethernet {
    /// Memory for it, all zeros; [`start`](Self::start) comes first.
    pub const fn new() -> Self {
        Self { incoming: [0; _], outgoing: [0; _] }
    }

    /// Starts the MAC at the board's address, which is returned.
    pub fn start(&mut self) -> EthernetAddress {
        const LEDS: u32 = 0b1100;
        const RXINT_TXEMP: u32 = 0b101;
        const RSTFIFO: u32 = 1 << 4;
        const RXEN: u32 = 1;
        const DUPLEX_CRC_PADEN_TXEN: u32 = 0b1111;
        // A management clock of 2.5 MHz at most.
        const DIVISOR: u32 = HERTZ / (2 * 2_500_000) - 1;
        GPIO_F_AFSEL.write(LEDS);
        GPIO_F_DEN.write(LEDS);
        let [a, b, c, _] = USER_REG0.read().to_le_bytes();
        let [d, e, f, _] = USER_REG1.read().to_le_bytes();
        MACIM.write(0);
        MACMDV.write(DIVISOR);
        MACIA0.write(u32::from_le_bytes([a, b, c, d]));
        MACIA1.write(u32::from_le_bytes([e, f, 0, 0]));
        MACRCTL.write(RSTFIFO);
        MACRCTL.write(RXEN);
        MACTCTL.write(DUPLEX_CRC_PADEN_TXEN);
        MACIM.write(RXINT_TXEMP);
        NVIC_ISER[INTERRUPT / 32].write(1 << (INTERRUPT % 32));
        EthernetAddress([a, b, c, d, e, f])
    }

    /// Whether no frame waits.
    pub fn is_idle(&self) -> bool {
        MACNP.read() == 0
    }
}

impl Device for Ethernet {
    type RxToken<'a> = Incoming<'a>;
    type TxToken<'a> = Outgoing<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Incoming<'_>, Outgoing<'_>)> {
        if self.is_idle() || is_sending() {
            return None;
        }
        let length = take(&mut self.incoming, || MACDATA.read());
        Some((Incoming(&self.incoming[LENGTH..LENGTH + length]), Outgoing(&mut self.outgoing)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Outgoing<'_>> {
        if is_sending() { None } else { Some(Outgoing(&mut self.outgoing)) }
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = FRAME_MAX;
        capabilities.max_burst_size = Some(1);
        capabilities
    }
}

/// A frame that came in.
pub struct Incoming<'a>(&'a [u8]);

impl phy::RxToken for Incoming<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read: F) -> R {
        read(self.0)
    }
}

/// Room for a frame that goes out.
pub struct Outgoing<'a>(&'a mut Fifo);

impl phy::TxToken for Outgoing<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, write: F) -> R {
        let result = write(&mut self.0[LENGTH..LENGTH + length]);
        put(self.0, length, |word| MACDATA.write(word));
        MACTR.write(NEWTX);
        result
    }
}

/// The last frame that was put into the FIFO has not left it.
fn is_sending() -> bool {
    MACTR.read() & NEWTX != 0
}

/// The interrupt: the main loop looks at the FIFOs once it is awake.
pub unsafe extern "C" fn handle_interrupt() {
    MACIACK.write(MACIACK.read());
}
