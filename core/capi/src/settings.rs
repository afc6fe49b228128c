//! From a struct of C to core's configuration: all that it points to is copied, and checked.

use crate::codes::*;
use crate::config::{Config, role_of};
use crate::error::Error;
use crate::memory::{CLASSES_MAX, NAMES_MAX, Parts};
use core::ffi::c_char;
use ptpwatch_core::consumer::{self, Resources};
use ptpwatch_core::dialect::{self, Dialect};
use ptpwatch_core::event::Resource;
use ptpwatch_core::limits::{AUTHORITY_MAX, ENDPOINT_MAX, INSTANCE_MAX, NODE_MAX};
use ptpwatch_core::track::Ageing;
use ptpwatch_core::verdict::{Instances, OsClock, Policy, Role};

/// Core's configuration for `config`, with its texts and lists in `parts`.
///
/// # Errors
/// What is wrong with it, the first there is.
///
/// # Safety
/// Its pointers are null or point to what the header says they do.
pub(crate) unsafe fn copy(config: &Config, parts: &mut Parts) -> Result<consumer::Config<'static>, Error> {
    if config.reserved != 0 {
        return Err(Error::Option);
    }
    // SAFETY: as our caller vouches for.
    let node = unsafe { text(config.node, NODE_MAX, Error::Node, parts) }?;
    // SAFETY: as our caller vouches for.
    let authority = unsafe { text(config.authority, AUTHORITY_MAX, Error::Authority, parts) }?;
    // SAFETY: as our caller vouches for.
    let endpoint = unsafe { text(config.endpoint, ENDPOINT_MAX, Error::Endpoint, parts) }?;
    // SAFETY: as our caller vouches for.
    let dialect = unsafe { dialect_of(config.dialect) }?;
    // SAFETY: as our caller vouches for.
    let policy = unsafe { policy(config, parts) }?;
    Ok(consumer::Config {
        producer: config.producer,
        resources: resources(config.resources)?,
        policy,
        seed: config.seed,
        poll_ns: config.poll_ns,
        request_ns: config.request_ns,
        is_guest: config.is_guest != 0,
        ..consumer::Config::new(dialect, node, authority, endpoint)
    })
}

/// # Safety
/// As for [`copy`].
unsafe fn policy(config: &Config, parts: &mut Parts) -> Result<Policy<'static>, Error> {
    // SAFETY: as our caller vouches for.
    let good = unsafe { classes(config.good_classes, config.good_classes_count, parts) }?;
    // SAFETY: as our caller vouches for.
    let capping = unsafe { classes(config.capping_classes, config.capping_classes_count, parts) }?;
    if good.iter().any(|class| capping.contains(class)) {
        return Err(Error::Classes);
    }
    // SAFETY: as our caller vouches for.
    let instances = unsafe { instances(config, parts) }?;
    Ok(Policy {
        is_role_assumed: role_of(config.role)? == Role::Assumed,
        requires_lock: config.requires_lock != 0,
        os_clock: match config.os_clock {
            PTPWATCH_OS_CLOCK_FOLLOW => OsClock::Follow,
            PTPWATCH_OS_CLOCK_STRICT => OsClock::Strict,
            PTPWATCH_OS_CLOCK_INFO => OsClock::Info,
            _ => return Err(Error::Code),
        },
        instances,
        good_classes: good,
        capping_classes: capping,
        gnss_caps: config.gnss_caps != 0,
        holdover_budget_ns: Some(config.holdover_budget_ns).filter(|budget| *budget != PTPWATCH_NEVER),
        producer_floor: config.producer_floor != 0,
        recover_ns: config.recover_ns,
        ageing: Ageing { stale_ns: config.stale_ns, void_ns: config.void_ns },
    })
}

/// # Safety
/// As for [`copy`].
unsafe fn instances(config: &Config, parts: &mut Parts) -> Result<Instances<'static>, Error> {
    match config.instances {
        PTPWATCH_INSTANCES_WORST => return Ok(Instances::Worst),
        PTPWATCH_INSTANCES_ANY => return Ok(Instances::Any),
        PTPWATCH_INSTANCES_NAMED => {}
        _ => return Err(Error::Code),
    }
    let count = usize::try_from(config.instance_names_count).unwrap_or(usize::MAX);
    if !(1..=NAMES_MAX).contains(&count) {
        return Err(Error::Instances);
    }
    if config.instance_names.is_null() {
        return Err(Error::Null);
    }
    let names = parts.take(count, || "")?;
    for (index, name) in (0..count).zip(names.iter_mut()) {
        // SAFETY: our caller vouches for as many pointers there.
        let place = unsafe { config.instance_names.wrapping_add(index).read_unaligned() };
        // SAFETY: and for the text that each points to.
        *name = unsafe { text(place, INSTANCE_MAX, Error::Instances, parts) }?;
        if name.is_empty() {
            return Err(Error::Instances);
        }
    }
    Ok(Instances::Named(names))
}

/// A text of `max` bytes at most, up to the zero that ends it.
///
/// # Safety
/// `place` is null or points to bytes up to a zero, or to more than `max` of them.
unsafe fn text(
    place: *const c_char,
    max: usize,
    error: Error,
    parts: &mut Parts,
) -> Result<&'static str, Error> {
    // SAFETY: as our caller vouches for.
    let length = unsafe { length(place, max) }?.ok_or(error)?;
    let bytes = parts.take(length, || 0)?;
    for (index, byte) in (0..length).zip(bytes.iter_mut()) {
        // SAFETY: it is one of those before the zero.
        *byte = unsafe { place.cast::<u8>().wrapping_add(index).read() };
    }
    core::str::from_utf8(bytes).map_err(|_| error)
}

/// How many bytes there are before a zero; `None` if they are more than `max`.
///
/// # Safety
/// As for [`text`].
unsafe fn length(place: *const c_char, max: usize) -> Result<Option<usize>, Error> {
    if place.is_null() {
        return Err(Error::Null);
    }
    for length in 0..=max {
        // SAFETY: none of those before it was the zero that ends the text.
        if unsafe { place.wrapping_add(length).read() } == 0 {
            return Ok(Some(length));
        }
    }
    Ok(None)
}

/// The dialect of this name; `None` for no name.
///
/// # Safety
/// As for [`text`].
unsafe fn dialect_of(place: *const c_char) -> Result<Option<&'static Dialect>, Error> {
    if place.is_null() {
        return Ok(None);
    }
    // SAFETY: as our caller vouches for.
    let length = unsafe { length(place, PTPWATCH_DIALECT_SIZE) }?.ok_or(Error::Dialect)?;
    // SAFETY: so many bytes are there, and stay as they are until we return.
    let name = unsafe { core::slice::from_raw_parts(place.cast::<u8>(), length) };
    let known = core::str::from_utf8(name).ok().and_then(dialect::from_name);
    known.ok_or(Error::Dialect).map(Some)
}

/// # Safety
/// `place` is null or points to `count` bytes.
unsafe fn classes(place: *const u8, count: u32, parts: &mut Parts) -> Result<&'static [u8], Error> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    if count > CLASSES_MAX {
        return Err(Error::Classes);
    }
    if place.is_null() && count > 0 {
        return Err(Error::Null);
    }
    let classes = parts.take(count, || 0)?;
    for (index, class) in (0..count).zip(classes.iter_mut()) {
        // SAFETY: it is one of `count`.
        *class = unsafe { place.wrapping_add(index).read() };
    }
    Ok(classes)
}

fn resources(bits: u32) -> Result<Resources, Error> {
    match u8::try_from(bits) {
        Ok(bits) if bits >> Resource::COUNT == 0 => Ok(Resources::from_bits(bits)),
        _ => Err(Error::Code),
    }
}
