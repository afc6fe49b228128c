//! The memory that the shell lends to a consumer.

use std::{io, thread};

use ptpwatch_core::consumer::{Config, ConfigError, Consumer, Storage};
use ptpwatch_core::time::Instant;

/// Memory for one consumer, of one of a few sizes.
#[derive(Debug)]
pub struct Memory(Size);

#[derive(Debug)]
enum Size {
    Small(Box<Sized<16>>),
    Medium(Box<Sized<64>>),
    Large(Box<Sized<256>>),
    Largest(Box<Sized<1024>>),
}

/// Room for so many connections.
type Sized<const CONNS: usize> = Storage<CONNS, RX, TX, CHANNELS>;

impl Memory {
    /// Room for `connections` at least, the one to the producer among them; 1024 at most.
    ///
    /// # Errors
    /// If there is no memory for it.
    pub fn for_connections(connections: usize) -> io::Result<Self> {
        let size = match connections {
            0..=16 => Size::Small(boxed()?),
            17..=64 => Size::Medium(boxed()?),
            65..=256 => Size::Large(boxed()?),
            _ => Size::Largest(boxed()?),
        };
        Ok(Self(size))
    }

    /// How many connections there is room for.
    pub fn connections(&self) -> usize {
        match &self.0 {
            Size::Small(_) => 16,
            Size::Medium(_) => 64,
            Size::Large(_) => 256,
            Size::Largest(_) => 1024,
        }
    }

    /// A consumer in this memory.
    pub(super) fn consumer<'s>(
        &'s mut self,
        config: Config<'s>,
        now: Instant,
    ) -> Result<Consumer<'s>, ConfigError> {
        match &mut self.0 {
            Size::Small(storage) => Consumer::new(storage, config, now),
            Size::Medium(storage) => Consumer::new(storage, config, now),
            Size::Large(storage) => Consumer::new(storage, config, now),
            Size::Largest(storage) => Consumer::new(storage, config, now),
        }
    }
}

/// Makes the memory on a thread with room for it: on its way to the heap it passes over the stack, several times over in
/// a debug build.
fn boxed<const CONNS: usize>() -> io::Result<Box<Sized<CONNS>>> {
    let stack = size_of::<Sized<CONNS>>() * COPIES_MAX + STACK_MIN;
    let builder = thread::Builder::new().name("memory".to_owned()).stack_size(stack);
    let maker = builder.spawn(|| Box::new(Storage::new()))?;
    maker.join().map_err(|_| io::ErrorKind::OutOfMemory.into())
}

/// Bytes to receive into, of each connection: the largest body that is read.
const RX: usize = 8192;
/// Bytes to send from, of each connection.
const TX: usize = 1536;
/// Channels, one for each instance of each resource.
const CHANNELS: usize = 64;
/// Copies of the memory on the stack at a time.
const COPIES_MAX: usize = 4;
/// Stack for anything else.
const STACK_MIN: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_as_many_as_were_asked_for() {
        for connections in [2, 16, 17, 64, 65, 256, 257, 1024] {
            let memory = Memory::for_connections(connections).unwrap();
            assert!(memory.connections() >= connections, "{connections}");
        }
    }
}
