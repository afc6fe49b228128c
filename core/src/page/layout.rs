//! Where what stands: the words of a page, at offsets that never change.

use super::atomics::{AtomicU64, Ordering};
use core::mem::{offset_of, size_of};

/// A state page: words that one writer stores and many readers load. See the [module](super) for its layout.
///
/// Any bytes are a page: those of zeros, and any other that it cannot be, read as Unknown.
#[derive(Debug)]
#[repr(C)]
pub struct Page {
    pub(super) magic: AtomicU64,
    pub(super) version: AtomicU64,
    pub(super) size: AtomicU64,
    pub(super) boot: AtomicU64,
    pub(super) epoch: AtomicU64,
    pub(super) sequence: AtomicU64,
    pub(super) as_of: AtomicU64,
    pub(super) void_after: AtomicU64,
    pub(super) state: AtomicU64,
    pub(super) reasons: AtomicU64,
    pub(super) holdover_until: AtomicU64,
    pub(super) since: AtomicU64,
    pub(super) last_known: AtomicU64,
    pub(super) clock_class: AtomicU64,
    pub(super) transitions: AtomicU64,
    pub(super) channel_count: AtomicU64,
    _reserved: [AtomicU64; 8],
    pub(super) channels: [Line; CHANNELS_MAX],
}

/// Which of its boots a host is in: on Linux the first 16 digits of `/proc/sys/kernel/random/boot_id`, as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BootId(pub u64);

/// The words of one channel.
#[derive(Debug)]
#[repr(transparent)]
pub(super) struct Line([AtomicU64; LINE]);

impl Page {
    /// Bytes of a page.
    pub const SIZE: usize = size_of::<Self>();

    /// A page of zeros, which nobody has written yet.
    pub const fn new() -> Self {
        Self {
            magic: AtomicU64::new(0),
            version: AtomicU64::new(0),
            size: AtomicU64::new(0),
            boot: AtomicU64::new(0),
            epoch: AtomicU64::new(0),
            sequence: AtomicU64::new(0),
            as_of: AtomicU64::new(0),
            void_after: AtomicU64::new(0),
            state: AtomicU64::new(0),
            reasons: AtomicU64::new(0),
            holdover_until: AtomicU64::new(0),
            since: AtomicU64::new(0),
            last_known: AtomicU64::new(0),
            clock_class: AtomicU64::new(0),
            transitions: AtomicU64::new(0),
            channel_count: AtomicU64::new(0),
            _reserved: [const { AtomicU64::new(0) }; 8],
            channels: [const { Line([const { AtomicU64::new(0) }; LINE]) }; CHANNELS_MAX],
        }
    }

    /// Whether its words are where this version has them.
    #[inline]
    pub(super) fn is_of_this_layout(&self) -> bool {
        self.is_identified(MAGIC, VERSION, SIZE)
    }

    /// Whether nothing was ever written.
    pub(super) fn is_blank(&self) -> bool {
        self.is_identified(0, 0, 0)
    }

    #[inline]
    fn is_identified(&self, magic: u64, version: u64, size: u64) -> bool {
        let is = |word: &AtomicU64, value| word.load(Ordering::Relaxed) == value;
        is(&self.magic, magic) && is(&self.version, version) && is(&self.size, size)
    }

    /// Stores what tells a page from anything else.
    pub(super) fn identify(&self) {
        for (word, value) in [(&self.magic, MAGIC), (&self.version, VERSION), (&self.size, SIZE)] {
            word.store(value, Ordering::Relaxed);
        }
    }
}

impl Default for Page {
    fn default() -> Self {
        Self::new()
    }
}

impl Line {
    pub(super) fn load(&self) -> [u64; LINE] {
        self.0.each_ref().map(|word| word.load(Ordering::Relaxed))
    }

    pub(super) fn is(&self, values: [u64; LINE]) -> bool {
        self.0.iter().zip(values).all(|(word, value)| word.load(Ordering::Relaxed) == value)
    }

    pub(super) fn store(&self, values: [u64; LINE]) {
        for (word, value) in self.0.iter().zip(values) {
            word.store(value, Ordering::Relaxed);
        }
    }
}

/// What a page begins with.
pub const MAGIC: u64 = u64::from_le_bytes(*b"PTPWATCH");

/// The version of the layout.
pub const VERSION: u64 = 1;

/// Most channels that a page shows.
pub const CHANNELS_MAX: usize = 64;

/// Words of a channel.
pub(super) const LINE: usize = 8;

/// Bytes of a page, as it says itself.
const SIZE: u64 = Page::SIZE as u64;

const _: () = assert!(size_of::<Page>() == 192 + 64 * CHANNELS_MAX);
const _: () = assert!(offset_of!(Page, sequence) == 40 && offset_of!(Page, state) == 64);
const _: () = assert!(offset_of!(Page, channel_count) == 120 && offset_of!(Page, channels) == 192);

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the module's documentation: programs in other languages are built on it.
    #[test]
    fn every_word_is_where_it_was_in_version_1() {
        let offsets = [
            (0, offset_of!(Page, magic)),
            (8, offset_of!(Page, version)),
            (16, offset_of!(Page, size)),
            (24, offset_of!(Page, boot)),
            (32, offset_of!(Page, epoch)),
            (40, offset_of!(Page, sequence)),
            (48, offset_of!(Page, as_of)),
            (56, offset_of!(Page, void_after)),
            (64, offset_of!(Page, state)),
            (72, offset_of!(Page, reasons)),
            (80, offset_of!(Page, holdover_until)),
            (88, offset_of!(Page, since)),
            (96, offset_of!(Page, last_known)),
            (104, offset_of!(Page, clock_class)),
            (112, offset_of!(Page, transitions)),
            (120, offset_of!(Page, channel_count)),
            (192, offset_of!(Page, channels)),
        ];
        for (expected, offset) in offsets {
            assert_eq!(offset, expected);
        }
        assert_eq!((VERSION, Page::SIZE, size_of::<Line>(), CHANNELS_MAX), (1, 4288, 64, 64));
        assert_eq!(MAGIC, 0x4843_5441_5750_5450);
    }
}
