//! File descriptors for all connections that there are seats for.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises our own limit as far as `connections` need it, and warns if the system's is below that.
///
/// Whoever connects and says nothing yields to a newcomer once there is no free seat: without a file descriptor for each
/// seat the newcomer is never let in, and the producer cannot be connected to.
pub(super) fn make_room(connections: usize) {
    let wanted = (connections as u64).saturating_add(OURS);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= wanted) {
        return;
    }
    let most = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let result = setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum });
    if result.is_err() || most < wanted {
        log::warn!("{connections} connections need {wanted} file descriptors, and we get {most} at most");
    }
}

/// File descriptors for anything else, the connections of the admin port among it.
const OURS: u64 = 48;
