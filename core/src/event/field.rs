//! The fields of events and of their values, in every spelling of their names.

use super::stage::{Span, StagedEvent, StagedValue};
use crate::json::{Name, Text, named, split_known};

/// A field of an event that is read; first those that are texts, in the order of [`StagedEvent::texts`].
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Field {
    Id,
    Kind,
    Source,
    Subject,
    Time,
    /// `StarlingX` v1: `ResourceType`.
    FlatType,
    Data,
    /// `StarlingX` v1: `EventData`.
    FlatData,
    /// `StarlingX` v1: `ResourceQualifier`.
    FlatQualifier,
    Unknown,
}

impl Field {
    /// Number of fields that are texts.
    pub(super) const TEXTS: usize = Self::Data as usize;

    /// In the spelling of v1, v2 or the specification's figures.
    const NAMES: [(&[u8], Self); 11] = [
        (b"id", Self::Id),
        (b"Id", Self::Id),
        (b"type", Self::Kind),
        (b"source", Self::Source),
        (b"subject", Self::Subject),
        (b"time", Self::Time),
        (b"EventTimestamp", Self::Time),
        (b"ResourceType", Self::FlatType),
        (b"data", Self::Data),
        (b"EventData", Self::FlatData),
        (b"ResourceQualifier", Self::FlatQualifier),
    ];

    /// A bit of its own.
    const fn bit(self) -> u16 {
        1_u16.wrapping_shl(self as u32)
    }

    /// The fields of which every event has one, as bits.
    const OF_EVENTS: u16 = Self::Kind.bit() | Self::Source.bit() | Self::Data.bit() | Self::FlatData.bit();
}

impl Name for Field {
    fn of(name: Text<'_>) -> Self {
        named(&Self::NAMES, name).unwrap_or(Self::Unknown)
    }

    #[inline(always)]
    fn split(text: &[u8]) -> Option<(Self, &[u8])> {
        match text {
            [b't', ..] => split_known(text, br#"time":"#, Self::Time)
                .or_else(|| split_known(text, br#"type":"#, Self::Kind)),
            [b's', ..] => split_known(text, br#"source":"#, Self::Source)
                .or_else(|| split_known(text, br#"specversion":"1.0","id":"#, Self::Id)),
            [b'd', ..] => split_known(text, br#"data":"#, Self::Data)
                .or_else(|| split_known(text, br#"dataContentType":"application/json","time":"#, Self::Time)),
            [b'i', ..] => split_known(text, br#"id":"#, Self::Id),
            _ => None,
        }
    }
}

/// A field of a value that is read, in the order of [`StagedValue::texts`].
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum ValueField {
    Value,
    Address,
    Type,
    /// The value behind all that declares it a state, in the words of `OpenShift`.
    State,
    /// The value behind all that declares it an offset.
    Offset,
    Unknown,
}

impl ValueField {
    /// Number of fields that have a place of their own.
    pub(super) const TEXTS: usize = Self::State as usize;

    /// In the spelling of v1, v2 or the specification's figures.
    const NAMES: [(&[u8], Self); 6] = [
        (b"value", Self::Value),
        (b"resource", Self::Address),
        (b"ResourceAddress", Self::Address),
        (b"dataType", Self::Type),
        (b"data_type", Self::Type),
        (b"type", Self::Type),
    ];
}

impl Name for ValueField {
    fn of(name: Text<'_>) -> Self {
        named(&Self::NAMES, name).unwrap_or(Self::Unknown)
    }

    #[inline(always)]
    fn split(text: &[u8]) -> Option<(Self, &[u8])> {
        match text {
            [b'v', ..] => split_known(text, br#"value":"#, Self::Value)
                .or_else(|| split_known(text, br#"value_type":"#, Self::Unknown))
                .or_else(|| split_known(text, br#"valueType":"#, Self::Unknown)),
            [b'd', b'a', b't', b'a', b'_', ..] => {
                let (name, behind) = split_known(text, br#"data_type":"#, Self::Type)?;
                // A notification or a metric.
                let typed = match behind {
                    [_, b'n', ..] => split_known(behind, V2_STATE, Self::State),
                    _ => split_known(behind, V2_OFFSET, Self::Offset),
                };
                typed.or(Some((name, behind)))
            }
            [b'd', ..] => {
                let (name, behind) = split_known(text, br#"dataType":"#, Self::Type)?;
                let typed = match behind {
                    [_, b'n', ..] => split_known(behind, V1_STATE, Self::State),
                    _ => split_known(behind, V1_OFFSET, Self::Offset),
                };
                typed.or(Some((name, behind)))
            }
            [b'R', ..] => split_known(text, br#"ResourceAddress":"#, Self::Address),
            [b'r', ..] => split_known(text, br#"resource":"#, Self::Address),
            _ => None,
        }
    }
}

/// What `OpenShift` writes between the name of the type and a value that is a state, or an offset: in v1 (4.10 to 4.18)
/// and in v2 (from 4.16).
const V1_STATE: &[u8] = br#""notification","valueType":"enumeration","value":"#;
const V1_OFFSET: &[u8] = br#""metric","valueType":"decimal64.3","value":"#;
const V2_STATE: &[u8] = br#""notification","value_type":"enumeration","value":"#;
const V2_OFFSET: &[u8] = br#""metric","value_type":"decimal64.3","value":"#;

/// A field of an event's `data`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum DataField {
    Values,
    Unknown,
}

impl Name for DataField {
    fn of(name: Text<'_>) -> Self {
        if name.is(b"values") { Self::Values } else { Self::Unknown }
    }

    #[inline(always)]
    fn split(text: &[u8]) -> Option<(Self, &[u8])> {
        split_known(text, br#"values":"#, Self::Values)
            .or_else(|| split_known(text, br#"version":"#, Self::Unknown))
    }
}

impl StagedEvent {
    /// Takes in a field that is a text, which stands at `span`.
    #[inline(always)]
    pub(super) fn take_text(&mut self, field: Field, span: Span) {
        if let Some(text) = self.texts.get_mut(field as usize) {
            *text = span;
            self.note(field);
        } else if field == Field::Data {
            self.data = span;
            self.value_count = 0;
            self.note(field);
        }
    }

    /// Takes note that there is such a field, of a kind that it should be of.
    pub(super) const fn note(&mut self, field: Field) {
        self.fields |= field.bit();
    }

    /// Whether it is an event, by the fields that are there.
    pub(super) const fn is_event(&self) -> bool {
        self.fields & Field::OF_EVENTS != 0
    }

    /// The place of a field that is a text.
    pub(super) fn text(&self, field: Field) -> Span {
        self.texts.get(field as usize).copied().unwrap_or_default()
    }
}

impl StagedValue {
    /// Takes in a field, which stands at `span`.
    #[inline(always)]
    pub(super) fn take_text(&mut self, field: ValueField, span: Span) {
        if let Some(text) = self.texts.get_mut(field as usize) {
            *text = span;
            if field == ValueField::Type {
                self.is_state = None;
            }
        } else if matches!(field, ValueField::State | ValueField::Offset) {
            self.take_text(ValueField::Value, span);
            self.is_state = Some(field == ValueField::State);
        }
    }

    /// The place of a field.
    pub(super) fn text(&self, field: ValueField) -> Span {
        self.texts.get(field as usize).copied().unwrap_or_default()
    }
}
