//! The network between a consumer and a producer, and what it does to their bytes.

use crate::random::Random;

/// How the network behaves.
#[derive(Clone, Debug)]
pub struct Network {
    /// Most bytes moved at a time.
    pub piece: usize,
    /// Whether connections to the consumer are accepted.
    pub reaches_consumer: bool,
    /// Whether connections to the producer are accepted.
    pub reaches_producer: bool,
    /// Whether nothing gets through, on open connections either, and nobody is told.
    pub is_cut: bool,
    /// Whether the producer's process is frozen: its system takes connections and bytes, and nothing comes of them yet.
    pub is_frozen: bool,
    /// Where faults come from; `None` is a network without any.
    pub faults: Option<Faults>,
}

/// Faults drawn from a seed.
#[derive(Clone, Debug)]
pub struct Faults {
    random: Random,
    /// How many there were of each kind: resets, half-open connections, delays, refusals, spoiled pieces,
    /// answers 503.
    pub counts: [u64; 6],
}

/// What becomes of an attempt to connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Through,
    Refused,
    /// A proxy takes it, and answers 503.
    Proxied,
    /// Nobody answers.
    Lost,
}

/// What happens to a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Blow {
    pub(crate) resets: bool,
    /// From now on nothing gets through, and nobody is told.
    pub(crate) kills: bool,
    pub(crate) delay_ns: u64,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            piece: usize::MAX,
            reaches_consumer: true,
            reaches_producer: true,
            is_cut: false,
            is_frozen: false,
            faults: None,
        }
    }
}

impl Faults {
    /// The faults of a seed.
    pub fn new(random: Random) -> Self {
        Self { random, counts: [0; 6] }
    }
}

impl Network {
    pub(crate) fn fate_of_opening(&mut self, is_reached: bool) -> Fate {
        if self.is_cut {
            return Fate::Lost;
        }
        if !is_reached {
            return Fate::Refused;
        }
        let Some(faults) = &mut self.faults else { return Fate::Through };
        match faults.random.below(60) {
            0 => Fate::Lost,
            1 | 2 => {
                faults.counts[3] += 1;
                Fate::Refused
            }
            3 | 4 => {
                faults.counts[5] += 1;
                Fate::Proxied
            }
            _ => Fate::Through,
        }
    }

    /// Whether bytes that were sent arrive now.
    pub(crate) fn moves(&self) -> bool {
        !self.is_cut && !self.is_frozen
    }

    /// How many bytes may move at a time, now.
    pub(crate) fn piece(&mut self) -> usize {
        let Some(faults) = &mut self.faults else { return self.piece };
        if !faults.random.once_in(6) {
            return self.piece;
        }
        usize::try_from(faults.random.between(1, 300)).unwrap_or(1).min(self.piece)
    }

    pub(crate) fn blow(&mut self) -> Option<Blow> {
        let faults = self.faults.as_mut()?;
        let none = Blow { resets: false, kills: false, delay_ns: 0 };
        match faults.random.below(400) {
            0..3 => {
                faults.counts[0] += 1;
                Some(Blow { resets: true, ..none })
            }
            3..5 => {
                faults.counts[1] += 1;
                Some(Blow { kills: true, ..none })
            }
            5..40 => {
                faults.counts[2] += 1;
                let longest = if faults.random.once_in(8) { 12_000_000_000 } else { 300_000_000 };
                Some(Blow { delay_ns: faults.random.between(1, longest), ..none })
            }
            _ => None,
        }
    }

    /// Spoils a byte, now and then, so that what it stands in is neither JSON nor a request.
    pub(crate) fn garble(&mut self, bytes: &mut [u8]) {
        let Some(faults) = &mut self.faults else { return };
        if faults.random.once_in(500)
            && let Some(index) = usize::try_from(faults.random.below(bytes.len() as u64)).ok()
        {
            faults.counts[4] += 1;
            bytes[index] = 0xFF;
        }
    }
}
