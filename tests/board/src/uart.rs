//! Lines on UART 0: 115,200 baud, 8 bits, no parity.

use crate::registers::{GPIO_A_AFSEL, GPIO_A_DEN, UARTCTL, UARTDR, UARTFBRD, UARTFR, UARTIBRD, UARTLCRH};
use board::ticks::HERTZ;

/// A divisor of the clock, in 64ths.
const DIVISOR: u32 = (HERTZ * 4 + BAUD / 2) / BAUD;
const BAUD: u32 = 115_200;

/// Writes a line, part by part. Each byte waits for room in the UART, for 87 µs at most.
pub struct Uart;

impl Uart {
    /// Starts the UART and the pins that it uses.
    pub fn start() -> Self {
        const PINS: u32 = 0b11;
        const EIGHT_BITS_FIFO: u32 = 0x70;
        const ENABLE_TX_RX: u32 = 0x301;
        GPIO_A_AFSEL.write(PINS);
        GPIO_A_DEN.write(PINS);
        UARTCTL.write(0);
        UARTIBRD.write(DIVISOR / 64);
        UARTFBRD.write(DIVISOR % 64);
        UARTLCRH.write(EIGHT_BITS_FIFO);
        UARTCTL.write(ENABLE_TX_RX);
        Self
    }

    /// Writes what is part of a line.
    pub fn text(&mut self, text: &str) {
        text.bytes().for_each(byte);
    }

    /// Writes a number in decimal.
    pub fn number(&mut self, number: u32) {
        self.digits(number, 1);
    }

    /// Writes a number in decimal, with so many digits at least.
    pub fn digits(&mut self, mut number: u32, least: usize) {
        let mut digits = [0; 10];
        let mut count = 0;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (number % 10) as u8;
            number /= 10;
            count += 1;
            if number == 0 && count >= least {
                break;
            }
        }
        digits.iter().skip(digits.len() - count).copied().for_each(byte);
    }

    /// Writes a word in hexadecimal, as addresses are written.
    pub fn hex(&mut self, word: u32) {
        for shift in (0..8).rev() {
            let digit = (word >> (4 * shift) & 0xF) as u8;
            byte(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 });
        }
    }

    /// Ends the line.
    pub fn end(&mut self) {
        self.text("\r\n");
    }
}

fn byte(byte: u8) {
    const TXFF: u32 = 1 << 5;
    while UARTFR.read() & TXFF != 0 {}
    UARTDR.write(u32::from(byte));
}
