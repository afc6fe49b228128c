//! Counters: what came in, what became of it, and what was asked of the producer.

/// Counters since the start: a `u64` lasts for centuries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Notifications received: requests to our callback path, whatever they held.
    pub notifications: u64,
    /// Events found in notifications.
    pub events: u64,
    /// Notifications without a body: the check of our endpoint by `OpenShift` v1.
    pub empty: u64,
    /// Notifications that are no JSON.
    pub malformed: u64,
    /// Notifications, and answers of the producer, larger than the receive window.
    pub oversized: u64,
    /// Messages with more events or values than are read from one.
    pub cut: u64,
    /// Values about another node.
    pub foreign: u64,
    /// Values that stand for "no data".
    pub placeholders: u64,
    /// Events about a resource that is not known.
    pub unknown: u64,
    /// Requests to another path, or with another method.
    pub misdirected: u64,
    /// Connections refused for bytes that are no HTTP.
    pub refused: u64,
    /// Connections closed for being too slow.
    pub slow: u64,
    /// Connections that yielded to a newcomer.
    pub evicted: u64,
    /// Requests sent to the producer.
    pub requests: u64,
    /// Requests that failed without an answer.
    pub failures: u64,
    /// Answers to CurrentState that held a state.
    pub polls: u64,
    /// Answers to CurrentState that held none.
    pub polls_without_data: u64,
    /// Subscriptions made.
    pub subscribed: u64,
    /// Subscriptions of ours that the producer no longer held.
    pub lost_subscriptions: u64,
    /// Subscriptions deleted.
    pub deleted: u64,
    /// Calls of the embedder that made no sense.
    pub misuse: u64,
}

/// Counts one more.
pub(super) fn count(counter: &mut u64) {
    add(counter, 1);
}

/// Counts `more`.
// Where 64 bits are two registers, a call is half of it.
#[cfg_attr(not(target_pointer_width = "64"), inline(never))]
pub(super) fn add(counter: &mut u64, more: u64) {
    *counter = counter.wrapping_add(more);
}
