//! The frames around the values of events, as tables.

use super::clock::Kind;

/// How an event looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Envelope {
    /// What one body holds.
    pub form: Form,
    pub members: &'static [(&'static str, Fill)],
    pub data_version: &'static str,
    /// Members of a value, in order.
    pub value: &'static [(&'static str, Slot)],
    /// States come with their offsets.
    pub has_offsets: bool,
    /// Numbers went through a float: `-2.16213e+06`.
    pub floats: bool,
    /// The type of the values that are numbers.
    pub number: &'static str,
    /// The overall state is filed under the clock that changed it; otherwise under its own address.
    pub sync_state_by_cause: bool,
    /// The data type of a clock class.
    pub class: &'static str,
    /// Ends the address of a clock class.
    pub class_tail: &'static str,
    pub synce_state: SynceState,
    pub synce_quality: SynceQuality,
}

/// What one body holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// One event with all values.
    Event,
    /// An array of an event for each instance; where only `bare` is asked for, its event alone.
    Array { bare: Kind },
    /// An object of an event for each instance. Of two for the same instance the last one remains.
    Keyed,
    /// The same, each event in an array.
    KeyedArray,
}

/// What stands in one member of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fill {
    Fixed(&'static str),
    FreshId,
    SubscriptionId,
    Suffix,
    Address,
    Type,
    /// When the event was made.
    Time,
    /// When the clock changed, in microseconds without a dot before them.
    ChangeTime,
    /// The same in seconds since the Unix epoch.
    ChangeSeconds,
    /// The version and the values.
    Data,
    /// `{"State": "Locked"}`.
    State,
    /// `{"NodeName": "controller-0"}`.
    Node,
}

/// What stands in one member of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Address,
    DataType,
    ValueType,
    Value,
}

/// How the state of a SyncE clock is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SynceState {
    Word,
    /// The same, but it is said to be a number.
    Number,
    /// `0`, whatever it is.
    Zero,
}

/// How the quality level of a SyncE clock is told.
#[derive(Clone, Copy, Debug)]
pub(super) struct SynceQuality {
    /// Ends the address of the level.
    pub tail: &'static str,
    /// Ends that of the extended level; `None`: that is not told.
    pub extended_tail: Option<&'static str>,
    /// There is no node in the address of the extended level.
    pub is_bare: bool,
    /// The level stands without quotes.
    pub is_number: bool,
}
