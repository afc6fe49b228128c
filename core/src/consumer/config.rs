//! What a consumer is told at the start, checked before any socket exists.

use crate::dialect::{DETECTED, Dialect};
use crate::event::Resource;
use crate::http::target_path;
use crate::limits::{AUTHORITY_MAX, BASE_MAX, ENDPOINT_MAX, NODE_MAX, POLL_NS, REQUEST_NS};
use crate::time::SECOND_NS;
use crate::verdict::{OsClock, Policy};
use core::fmt;

/// What a consumer is told at the start.
#[derive(Clone, Copy, Debug)]
pub struct Config<'s> {
    /// The embedder's number for the producer; each notice carries it.
    pub producer: u32,
    /// How the producer speaks; `None` has it found out, among [`DETECTED`].
    pub dialect: Option<&'static Dialect>,
    /// The node, by its full name: 1 to 253 bytes of letters, digits, `-`, `.` and `_`.
    pub node: &'s str,
    /// The producer's host and port as they stand in the Host field, such as `localhost:8089` or `[::1]:9043`.
    pub authority: &'s str,
    /// Our endpoint as the producer is told, such as `http://192.0.2.1:8989/event`: the path is the one that
    /// notifications are taken on.
    pub endpoint: &'s str,
    /// The resources to follow.
    pub resources: Resources,
    /// What counts for the verdict.
    pub policy: Policy<'s>,
    /// Where the jitter of waits comes from: best a different one for each consumer.
    pub seed: u64,
    /// Time between two polls of a resource, in nanoseconds.
    pub poll_ns: u64,
    /// How long the producer may take to answer, in nanoseconds.
    pub request_ns: u64,
    /// Whether to subscribe only to what nobody holds a subscription of: for a look at a node that others watch.
    pub is_guest: bool,
}

impl<'s> Config<'s> {
    /// The defaults. `dialect` is one, or `None` to have it found out.
    pub fn new(
        dialect: impl Into<Option<&'static Dialect>>,
        node: &'s str,
        authority: &'s str,
        endpoint: &'s str,
    ) -> Self {
        Self {
            producer: 0,
            dialect: dialect.into(),
            node,
            authority,
            endpoint,
            resources: Resources::DEFAULT,
            policy: Policy::default(),
            seed: 1,
            poll_ns: POLL_NS,
            request_ns: REQUEST_NS,
            is_guest: false,
        }
    }

    /// Checks everything that could make the consumer fail later.
    ///
    /// # Errors
    /// What is wrong, the first there is.
    pub fn check(&self) -> Result<(), ConfigError> {
        let is_node = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        if !is_text(self.node, NODE_MAX, is_node) {
            return Err(ConfigError::Node);
        }
        if !is_text(self.authority, AUTHORITY_MAX, u8::is_ascii_graphic) {
            return Err(ConfigError::Authority);
        }
        let has_host = match self.endpoint.as_bytes().strip_prefix(b"http://") {
            Some([first, ..]) => !matches!(first, b'/' | b':'),
            _ => false,
        };
        if !has_host || !is_text(self.endpoint, ENDPOINT_MAX, u8::is_ascii_graphic) {
            return Err(ConfigError::Endpoint);
        }
        self.check_policy()
    }

    fn check_policy(&self) -> Result<(), ConfigError> {
        let ageing = self.policy.ageing;
        if self.poll_ns == 0 || ageing.stale_ns.saturating_sub(5 * SECOND_NS) / 2 < self.poll_ns {
            return Err(ConfigError::StaleTooShort);
        }
        if ageing.void_ns / 2 < ageing.stale_ns {
            return Err(ConfigError::VoidTooShort);
        }
        if self.request_ns == 0 {
            return Err(ConfigError::Deadline);
        }
        let is_known = |resource| match self.dialect {
            Some(dialect) => dialect.has(resource),
            None => DETECTED.iter().any(|dialect| dialect.has(resource)),
        };
        let is_followed = |resource| self.resources.contains(resource) && is_known(resource);
        let lock = !self.policy.requires_lock || is_followed(Resource::LockState);
        let os = self.policy.os_clock == OsClock::Info || is_followed(Resource::OsClock);
        if !self.policy.requires_something() || !lock || !os {
            return Err(ConfigError::Required);
        }
        Ok(())
    }

    /// The path that notifications are taken on.
    pub(super) fn path(&self) -> &'s [u8] {
        target_path(self.endpoint.as_bytes())
    }
}

/// Whether `text` has 1 to `max` bytes, all of which are such.
fn is_text(text: &str, max: usize, is_such: fn(&u8) -> bool) -> bool {
    !text.is_empty() && text.len() <= max && text.as_bytes().iter().all(is_such)
}

// The longest base of a dialect is what a request has room for.
const _: () = assert!("/api/ocloudNotifications/v2".len() <= BASE_MAX);

/// Why a [`Config`] is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The node's name is empty, too long, or holds a character that no name has.
    Node,
    /// The producer's host and port are empty, too long, or hold white space.
    Authority,
    /// The endpoint is no `http://` URI with a host, too long, or holds white space.
    Endpoint,
    /// Values would be stale before two polls had a chance: `stale` is below two poll intervals plus 5 s.
    StaleTooShort,
    /// `void` is below twice `stale`.
    VoidTooShort,
    /// The producer is given no time to answer.
    Deadline,
    /// Nothing is required, or something that is not followed.
    Required,
    /// The memory that was lent is too small, or not the same for each connection.
    Memory,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Node => "the node's name must be 1 to 253 letters, digits, '-', '.' or '_'",
            Self::Authority => "the producer's address must be a host and port without white space",
            Self::Endpoint => "the endpoint must be an http:// URI with a host, of 384 bytes at most",
            Self::StaleTooShort => "stale must be at least two poll intervals plus 5 s",
            Self::VoidTooShort => "void must be at least twice stale",
            Self::Deadline => "the producer must be given time to answer",
            Self::Required => "the policy requires a resource that is not followed, or nothing at all",
            Self::Memory => "the memory lent must be enough, and the same for each connection",
        })
    }
}

impl core::error::Error for ConfigError {}

/// A set of resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resources(u8);

impl Resources {
    /// No resource.
    pub const NONE: Self = Self(0);

    /// The resources every `OpenShift` since 4.10 has: all but those of synchronous Ethernet.
    pub const DEFAULT: Self = Self::NONE
        .with(Resource::LockState)
        .with(Resource::OsClock)
        .with(Resource::ClockClass)
        .with(Resource::SyncState)
        .with(Resource::Gnss);

    /// These resources and `resource`.
    #[must_use]
    pub const fn with(self, resource: Resource) -> Self {
        Self(self.0 | 1_u8.wrapping_shl(resource as u32))
    }

    /// Whether `resource` is among them.
    pub const fn contains(self, resource: Resource) -> bool {
        self.0 & 1_u8.wrapping_shl(resource as u32) != 0
    }

    /// The resources as bits, each at its [number](Resource::index).
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The resources whose [`bits`](Self::bits) these are; those of no resource are nothing.
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::OPENSHIFT_V2;

    fn config() -> Config<'static> {
        Config::new(
            Some(&OPENSHIFT_V2),
            "compute-1.example.com",
            "localhost:9043",
            "http://[::1]:8989/event?x=1",
        )
    }

    #[test]
    fn the_defaults_are_fine() {
        assert_eq!(config().check(), Ok(()));
        assert_eq!(config().path(), b"/event");
    }

    #[test]
    fn what_would_fail_later_is_refused() {
        let long = "x".repeat(400);
        let check = |change: &dyn Fn(&mut Config<'static>)| {
            let mut config = config();
            change(&mut config);
            config.check().unwrap_err()
        };
        assert_eq!(check(&|config| config.node = ""), ConfigError::Node);
        assert_eq!(check(&|config| config.node = "a/b"), ConfigError::Node);
        assert_eq!(check(&|config| config.authority = "a b"), ConfigError::Authority);
        for endpoint in ["", "https://a/", "http://", "http:///event", "http://a/\n", "http://:80/"] {
            assert_eq!(check(&|config| config.endpoint = endpoint), ConfigError::Endpoint, "{endpoint}");
        }
        let mut too_long = Config { endpoint: &long, ..config() };
        assert_eq!(too_long.check(), Err(ConfigError::Endpoint));
        too_long = Config { node: &long, ..config() };
        assert_eq!(too_long.check(), Err(ConfigError::Node));
        assert_eq!(check(&|config| config.poll_ns = 6 * SECOND_NS), ConfigError::StaleTooShort);
        assert_eq!(check(&|config| config.policy.ageing.void_ns = 29 * SECOND_NS), ConfigError::VoidTooShort);
        assert_eq!(check(&|config| config.request_ns = 0), ConfigError::Deadline);
        assert_eq!(check(&|config| config.resources = Resources::NONE), ConfigError::Required);
        assert_eq!(
            check(&|config| {
                config.policy.requires_lock = false;
                config.policy.os_clock = OsClock::Info;
            }),
            ConfigError::Required
        );
    }
}
