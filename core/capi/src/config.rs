//! What a consumer is told at the start, as the caller has it.

use crate::codes::*;
use crate::error::Error;
use crate::sized::Versioned;
use core::ffi::c_char;
use core::mem::offset_of;
use core::ptr;
use ptpwatch_core::consumer::Resources;
use ptpwatch_core::limits::{POLL_NS, REQUEST_NS};
use ptpwatch_core::verdict::{Instances, OsClock, Policy, Role};

/// What a consumer is told at the start.
///
/// Set `struct_size`, then have ptpwatch_config_default() fill the rest, then set what is yours: `node`, `authority`,
/// `endpoint` at least. ptpwatch_new() copies everything, the texts and lists too.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Set it to the size of this struct.
    pub struct_size: u32,
    /// Your number for the producer; each notice carries it.
    pub producer: u32,
    /// The node, by its full name.
    pub node: *const c_char,
    /// The producer's host and port as they stand in the Host field, such as `localhost:8089` or `[::1]:9043`.
    pub authority: *const c_char,
    /// Our endpoint as the producer is told, such as `http://192.0.2.1:8989/event`: the path is the one that notifications
    /// are taken on.
    pub endpoint: *const c_char,
    /// How the producer speaks: `openshift-v1`, `openshift-v2`, `openshift-v2-daemon`, `starlingx-v1`, `starlingx-v2`,
    /// `vmware`; null has it found out.
    pub dialect: *const c_char,
    /// The role that the defaults were of: PTPWATCH_ROLE_ORDINARY_CLOCK and its like.
    pub role: u32,
    /// The resources to follow: PTPWATCH_BIT(PTPWATCH_RESOURCE_LOCK_STATE) and its like, together.
    pub resources: u32,
    /// Where the jitter of waits comes from: best a different one for each consumer.
    pub seed: u64,
    /// Time between two polls of a resource, in nanoseconds.
    pub poll_ns: u64,
    /// How long the producer may take to answer, in nanoseconds.
    pub request_ns: u64,
    /// Age at which an unconfirmed value is stale, in nanoseconds.
    pub stale_ns: u64,
    /// Age at which an unconfirmed value is void, in nanoseconds.
    pub void_ns: u64,
    /// How long all must be well before the verdict says so, in nanoseconds.
    pub recover_ns: u64,
    /// How long Holdover is trusted at most, in nanoseconds; PTPWATCH_NEVER leaves that to the producer, which knows its
    /// oscillator. It can only end Holdover earlier.
    pub holdover_budget_ns: u64,
    /// Whether to subscribe only to what nobody holds a subscription of: for a look at a node that others watch.
    pub is_guest: u32,
    /// Whether the PTP lock is required.
    pub requires_lock: u32,
    /// How the host's clock counts: PTPWATCH_OS_CLOCK_FOLLOW and its like. An L1 whose slots are timed from CLOCK_REALTIME
    /// wants PTPWATCH_OS_CLOCK_STRICT.
    pub os_clock: u32,
    /// Which instance of the PTP lock counts: PTPWATCH_INSTANCES_WORST and its like.
    pub instances: u32,
    /// Whether a GNSS receiver that is not synchronised caps the verdict at Holdover.
    pub gnss_caps: u32,
    /// Whether the producer's own overall state counts where it is the worse.
    pub producer_floor: u32,
    /// Clock classes that tell of a source as good as it should be.
    pub good_classes: *const u8,
    /// Clock classes that cap the verdict at Holdover.
    pub capping_classes: *const u8,
    /// The names for PTPWATCH_INSTANCES_NAMED.
    pub instance_names: *const *const c_char,
    /// How many there are; PTPWATCH_CLASSES_MAX at most.
    pub good_classes_count: u32,
    /// How many there are; PTPWATCH_CLASSES_MAX at most.
    pub capping_classes_count: u32,
    /// How many there are; PTPWATCH_INSTANCES_MAX at most.
    pub instance_names_count: u32,
    /// For a later version: 0.
    pub reserved: u32,
}

impl Config {
    /// One in which nothing is set.
    pub(crate) const EMPTY: Self = Self {
        struct_size: 0,
        producer: 0,
        node: ptr::null(),
        authority: ptr::null(),
        endpoint: ptr::null(),
        dialect: ptr::null(),
        role: PTPWATCH_ROLE_ASSUMED,
        resources: 0,
        seed: 0,
        poll_ns: 0,
        request_ns: 0,
        stale_ns: 0,
        void_ns: 0,
        recover_ns: 0,
        holdover_budget_ns: 0,
        is_guest: 0,
        requires_lock: 0,
        os_clock: 0,
        instances: 0,
        gnss_caps: 0,
        producer_floor: 0,
        good_classes: ptr::null(),
        capping_classes: ptr::null(),
        instance_names: ptr::null(),
        good_classes_count: 0,
        capping_classes_count: 0,
        instance_names_count: 0,
        reserved: 0,
    };

    /// The defaults of a role.
    ///
    /// # Errors
    /// [`Error::Code`] if there is no such role.
    pub(crate) fn default_of(role: u32) -> Result<Self, Error> {
        let policy = Policy::for_role(role_of(role)?);
        Ok(Self {
            role,
            resources: u32::from(Resources::DEFAULT.bits()),
            seed: 1,
            poll_ns: POLL_NS,
            request_ns: REQUEST_NS,
            stale_ns: policy.ageing.stale_ns,
            void_ns: policy.ageing.void_ns,
            recover_ns: policy.recover_ns,
            holdover_budget_ns: policy.holdover_budget_ns.unwrap_or(PTPWATCH_NEVER),
            requires_lock: u32::from(policy.requires_lock),
            os_clock: match policy.os_clock {
                OsClock::Follow => PTPWATCH_OS_CLOCK_FOLLOW,
                OsClock::Strict => PTPWATCH_OS_CLOCK_STRICT,
                OsClock::Info => PTPWATCH_OS_CLOCK_INFO,
            },
            instances: match policy.instances {
                Instances::Worst => PTPWATCH_INSTANCES_WORST,
                Instances::Any => PTPWATCH_INSTANCES_ANY,
                Instances::Named(_) => PTPWATCH_INSTANCES_NAMED,
            },
            gnss_caps: u32::from(policy.gnss_caps),
            producer_floor: u32::from(policy.producer_floor),
            good_classes: policy.good_classes.as_ptr(),
            capping_classes: policy.capping_classes.as_ptr(),
            good_classes_count: count(policy.good_classes),
            capping_classes_count: count(policy.capping_classes),
            ..Self::EMPTY
        })
    }
}

// SAFETY: `repr(C)` behind a size, of integers and pointers.
unsafe impl Versioned for Config {
    const LEAST: usize = offset_of!(Self, seed);
}

/// The role of a number.
pub(crate) const fn role_of(number: u32) -> Result<Role, Error> {
    Ok(match number {
        PTPWATCH_ROLE_ASSUMED => Role::Assumed,
        PTPWATCH_ROLE_ORDINARY_CLOCK => Role::OrdinaryClock,
        PTPWATCH_ROLE_BOUNDARY_CLOCK => Role::BoundaryClock,
        PTPWATCH_ROLE_GRANDMASTER => Role::Grandmaster,
        PTPWATCH_ROLE_HIGH_AVAILABILITY => Role::HighAvailability,
        PTPWATCH_ROLE_NTP => Role::Ntp,
        _ => return Err(Error::Code),
    })
}

fn count(classes: &[u8]) -> u32 {
    u32::try_from(classes.len()).unwrap_or(0)
}

// There are no holes.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Config>() == 168);
