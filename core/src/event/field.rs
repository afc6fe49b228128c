//! The fields of events and of their values, in every spelling of their names.

use super::stage::{Span, StagedEvent, StagedValue};
use crate::json::Text;
use heapless::Vec;

/// A field of an event that is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Id,
    Kind,
    Source,
    Subject,
    Time,
    Data,
    /// `StarlingX` v1: `ResourceType`.
    FlatType,
    /// `StarlingX` v1: `EventData`.
    FlatData,
    /// `StarlingX` v1: `ResourceQualifier`.
    FlatQualifier,
    Unknown,
}

impl Field {
    /// The field of an event's member, by its name in the spelling of v1, v2 or the specification's figures.
    #[inline(always)]
    pub(super) fn of(name: Text<'_>) -> Self {
        // By the first byte, which tells most apart, and then whole.
        match name.raw() {
            b"id" | b"Id" => Self::Id,
            raw @ [b't', ..] if raw == b"type" => Self::Kind,
            raw @ [b't', ..] if raw == b"time" => Self::Time,
            raw @ [b's', ..] if raw == b"source" => Self::Source,
            raw @ [b's', ..] if raw == b"subject" => Self::Subject,
            raw @ [b'd', ..] if raw == b"data" => Self::Data,
            raw @ [b'E', ..] if raw == b"EventTimestamp" => Self::Time,
            raw @ [b'E', ..] if raw == b"EventData" => Self::FlatData,
            raw @ [b'R', ..] if raw == b"ResourceType" => Self::FlatType,
            raw @ [b'R', ..] if raw == b"ResourceQualifier" => Self::FlatQualifier,
            _ if name.is_escaped() => Self::of_escaped(name),
            _ => Self::Unknown,
        }
    }

    #[cold]
    fn of_escaped(name: Text<'_>) -> Self {
        Self::of(Text::plain(&resolve(name)))
    }
}

/// A field of a value that is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueField {
    Value,
    Address,
    Type,
    Unknown,
}

impl ValueField {
    /// The field of a value's member, by its name in the spelling of v1, v2 or the specification's figures.
    #[inline(always)]
    pub(super) fn of(name: Text<'_>) -> Self {
        match name.raw() {
            raw @ [b'v', ..] if raw == b"value" => Self::Value,
            raw @ [b'R', ..] if raw == b"ResourceAddress" => Self::Address,
            raw @ [b'r', ..] if raw == b"resource" => Self::Address,
            raw @ [b'd', ..] if raw == b"data_type" || raw == b"dataType" => Self::Type,
            raw @ [b't', ..] if raw == b"type" => Self::Type,
            _ if name.is_escaped() => Self::of_escaped(name),
            _ => Self::Unknown,
        }
    }

    #[cold]
    fn of_escaped(name: Text<'_>) -> Self {
        Self::of(Text::plain(&resolve(name)))
    }
}

impl StagedEvent {
    /// Takes in a field that is a text, which stands at `span`.
    pub(super) fn take_text(&mut self, field: Field, text: Text<'_>, span: Span) {
        match field {
            Field::Id => self.id = span,
            Field::Kind => self.kind = span,
            Field::Source => self.source = span,
            Field::Subject => self.subject = span,
            Field::Time => self.time = span,
            Field::Data => {
                self.data = span;
                self.value_count = 0;
            }
            Field::FlatType => self.is_flat_ptp = text.is_ignoring_case(b"PTP"),
            Field::FlatData | Field::FlatQualifier | Field::Unknown => {}
        }
        self.is_event |= matches!(field, Field::Kind | Field::Source | Field::Data);
    }
}

impl StagedValue {
    /// Takes in a field that is a text, which stands at `span`.
    pub(super) fn take_text(&mut self, field: ValueField, text: Text<'_>, span: Span) {
        match field {
            ValueField::Value => self.value = span,
            ValueField::Address => self.address = span,
            ValueField::Type => self.is_notification = text.is_ignoring_case(b"notification"),
            ValueField::Unknown => {}
        }
    }
}

/// A name with its escapes resolved; empty if it is longer than any that is known.
fn resolve(name: Text<'_>) -> Vec<u8, NAME_MAX> {
    let mut resolved = Vec::new();
    for byte in name.bytes() {
        if resolved.push(byte).is_err() {
            return Vec::new();
        }
    }
    resolved
}

/// Longest name of a field: `ResourceQualifier`.
const NAME_MAX: usize = 17;
