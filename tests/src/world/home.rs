//! What a world needs of the home that a consumer lives in: the same scenarios run in each.

use super::Told;
use super::machine::Machine;
use ptpwatch_core::consumer::Config;
use ptpwatch_core::time::Instant;
use std::fmt::Debug;

/// A connection as others see it: a number that no other of the same home has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wire(pub u32);

/// A way to bring bytes and time to a machine, seen from outside: from the other ends of its connections.
pub trait Home: Sized {
    /// Who lives there.
    type Machine: Machine;
    /// What it is made of.
    type Memory: Debug;

    /// Memory for one, that is never given back.
    fn memory() -> Self::Memory;

    /// A home for a consumer that has done nothing yet.
    fn new(memory: Self::Memory, config: Config<'static>, now: Instant) -> Self;

    /// Who lives there.
    fn machine(&self) -> &Self::Machine;

    /// Does all that can be done at this time; whether that was anything. Time may have passed.
    fn advance(&mut self, now: Instant) -> bool;

    /// Waits for what others did not deliver yet, where there are others; whether anything came.
    fn wait(&mut self, _now: Instant) -> bool {
        false
    }

    /// When to call [`advance`](Self::advance) next, though nobody calls or sends.
    fn poll_timeout(&mut self) -> Option<Instant>;

    /// What changed.
    fn poll_notice(&mut self) -> Option<Told>;

    /// Has the machine take its leave.
    fn stop(&mut self, now: Instant);

    /// Whether anybody listens where the producer is. A home that hears of calls before they are answered needs not know.
    fn set_reachable(&mut self, _is_reachable: bool) {}

    /// A connection that the machine opens to the producer: to be [answered](Self::answer), or left to wait.
    fn poll_call(&mut self) -> Option<Wire>;

    /// Takes the call, or refuses it.
    fn answer(&mut self, now: Instant, wire: Wire, is_taken: bool);

    /// Connects to the machine; `None` if that is refused. Being let in may take a while.
    fn connect(&mut self, now: Instant) -> Option<Wire>;

    /// Sends to the machine; how many bytes were taken.
    fn send(&mut self, now: Instant, wire: Wire, bytes: &[u8]) -> usize;

    /// Takes what the machine sent, `room` bytes at most.
    fn receive(&mut self, now: Instant, wire: Wire, room: usize) -> Vec<u8>;

    /// Sends no more to the machine.
    fn end(&mut self, now: Instant, wire: Wire);

    /// Closes in good order: what was sent arrives, and nothing more is taken.
    fn close(&mut self, now: Instant, wire: Wire);

    /// Breaks the connection.
    fn reset(&mut self, now: Instant, wire: Wire);

    /// A connection that the machine has closed, and from which everything was received.
    fn poll_closed(&mut self) -> Option<Wire>;
}
