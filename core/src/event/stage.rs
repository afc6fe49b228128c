//! What one pass over a body found, as places in it: nothing counts before the body ended clean.

use super::field::{Field, ValueField};
use crate::json::{Text, unescape_in_place};
use crate::limits::{BODY_MAX, EVENTS_MAX, VALUES_MAX};
use heapless::Vec;

/// Lent memory for one body: the events in it and their values.
#[derive(Debug, Default)]
pub struct Stage {
    pub(super) events: Vec<StagedEvent, EVENTS_MAX>,
    pub(super) values: Vec<StagedValue, VALUES_MAX>,
    pub(super) is_full: bool,
    /// Whether a text holds escapes, or an event's `data` is a text.
    pub(super) is_unresolved: bool,
}

impl Stage {
    /// A stage with nothing on it.
    pub const fn new() -> Self {
        Self { events: Vec::new(), values: Vec::new(), is_full: false, is_unresolved: false }
    }

    pub(super) fn clear(&mut self) {
        self.events.clear();
        self.values.clear();
        self.is_full = false;
        self.is_unresolved = false;
    }

    /// Takes back everything: it is all of no use.
    pub(super) fn give_up(&mut self) {
        self.clear();
        self.is_full = true;
    }

    /// Values staged so far.
    pub(super) fn value_count(&self) -> u16 {
        u16::try_from(self.values.len()).unwrap_or(u16::MAX)
    }

    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(super) fn truncate_values(&mut self, values: u16) {
        self.values.truncate(usize::from(values));
    }

    pub(super) fn push_event(&mut self, event: StagedEvent) {
        self.is_unresolved |= !event.data.is_empty();
        if self.events.push(event).is_err() {
            self.is_full = true;
        }
    }

    pub(super) fn push_value(&mut self, value: StagedValue) {
        if self.values.push(value).is_err() {
            self.is_full = true;
        }
    }
}

/// The places of an event's fields.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StagedEvent {
    pub(super) texts: [Span; Field::TEXTS],
    pub(super) node: Span,
    /// The key that a wrapper holds the event under.
    pub(super) hint: Span,
    /// `data` where it is a string that holds JSON.
    pub(super) data: Span,
    /// The fields there are, as bits.
    pub(super) fields: u16,
    pub(super) has_unreadable_data: bool,
    pub(super) first_value: u16,
    pub(super) value_count: u16,
}

/// The places of one value's fields.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StagedValue {
    /// The value is empty if it is absent, null, or an array or object: nothing that could be read.
    pub(super) texts: [Span; ValueField::TEXTS],
    /// Whether the value was declared a state or an offset; `None` where its type says it, if anything does.
    pub(super) is_state: Option<bool>,
}

/// A place in the body; empty at first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    start: u16,
    length: u16,
}

/// Where a body begins in memory.
#[derive(Clone, Copy)]
pub(super) struct Origin(usize);

impl Origin {
    /// Of the body that `document` stands in, at `start`.
    pub(super) fn new(document: &[u8], start: usize) -> Self {
        Self(document.as_ptr().addr().wrapping_sub(start))
    }

    /// Where `text`, which is borrowed from the document, stands in the body: without meaning beyond [`BODY_MAX`].
    pub(super) fn span(self, text: Text<'_>) -> Span {
        let start = text.raw().as_ptr().addr().wrapping_sub(self.0);
        Span { start: start as u16, length: text.raw().len() as u16 }
    }
}

impl Span {
    pub(super) fn is_empty(self) -> bool {
        self.length == 0
    }

    pub(super) fn start(self) -> usize {
        usize::from(self.start)
    }

    /// The text at this place.
    // Where registers are few, a call is shorter.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(super) fn of(self, body: &[u8]) -> &[u8] {
        let start = self.start();
        let end = start.saturating_add(usize::from(self.length));
        body.get(start..end).unwrap_or(b"")
    }

    /// Resolves the escapes of the text at this place, in place: once, for what they stand for may look like escapes.
    pub(super) fn unescape(&mut self, body: &mut [u8]) {
        let start = self.start();
        let end = start.saturating_add(usize::from(self.length));
        if let Some(text) = body.get_mut(start..end) {
            self.length = u16::try_from(unescape_in_place(text)).unwrap_or(0);
        }
    }
}

// A place in a body is two `u16`, and so is one among the values.
const _: () = assert!(BODY_MAX <= u16::MAX as usize && VALUES_MAX <= BODY_MAX);
