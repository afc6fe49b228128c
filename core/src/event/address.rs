//! Resource addresses, in all the shapes they come in.

use super::metric::Metric;
use super::resource::Resource;
use crate::limits::SPEED_IS_WORTH_CODE;
use crate::swar;

/// What an address says, part by part.
///
/// O-RAN.WG6 O-Cloud Notification API v04.00 section 5: `/{cluster}/{node}/{resource}`; producers put the instance
/// between the node and the resource (`StarlingX`: `/./controller-0/ptp-inst1/sync/…`) or in the place of the resource
/// (`OpenShift`: `/cluster/node/N/ens1fx/master`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Address<'b> {
    /// The node; `None` where the address stands without one or names any (`.`, `*`).
    pub node: Option<&'b [u8]>,
    /// The instance, such as `ens1fx/master`; empty if there is none.
    pub instance: &'b [u8],
    /// The resource, if the address ends in one.
    pub resource: Option<Resource>,
    /// The metric that the last segment names, which is then no part of the instance.
    pub metric: Option<Metric>,
    /// Whether the address says that there is no data (`ptp-not-set`, `event-not-found`): nothing that stands beside
    /// it is information.
    pub is_placeholder: bool,
}

impl<'b> Address<'b> {
    /// Reads an address; double and trailing slashes do not count.
    // Of what an event goes through this is much of the code, and each of its callers would have a copy.
    #[inline(never)]
    pub fn parse(text: &'b [u8]) -> Self {
        let (node, rest) = split_node(text);
        let node = node.filter(|node| !is_any_node(node));
        let Split { instance, before_last, last, resource } = split_resource(rest);
        if let Some(metric) = Metric::from_segment(last) {
            return Self {
                node,
                instance: before_last,
                resource,
                metric: Some(metric),
                is_placeholder: false,
            };
        }
        let is_placeholder = last == b"ptp-not-set" || last == b"event-not-found";
        let instance = if is_placeholder { b"" } else { instance };
        Self { node, instance, resource, metric: None, is_placeholder }
    }
}

/// Whether the node of an event is the node asked for.
///
/// Letter case does not count, and a name of a single label is the first label of a longer one.
pub fn is_same_node(ours: &[u8], theirs: &[u8]) -> bool {
    if swar::is_same(ours, theirs) {
        return true;
    }
    let first_label = |name: &'_ [u8]| name.iter().position(|byte| *byte == b'.').unwrap_or(name.len());
    let (our_label, their_label) = (first_label(ours), first_label(theirs));
    if our_label == ours.len() || their_label == theirs.len() {
        let labels = (ours.get(..our_label), theirs.get(..their_label));
        return matches!(labels, (Some(ours), Some(theirs)) if ours.eq_ignore_ascii_case(theirs));
    }
    ours.eq_ignore_ascii_case(theirs)
}

/// Whether a node's name stands for any node.
pub(super) fn is_any_node(node: &[u8]) -> bool {
    matches!(node, b"." | b"*")
}

/// Takes the first segment off an address: the segment and what follows it.
fn next_segment(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = skip_slashes(text);
    if text.is_empty() {
        return None;
    }
    text.split_at_checked(swar::find(text, |chunk| swar::mark(chunk, b'/'), |byte| *byte == b'/'))
}

fn skip_slashes(mut text: &[u8]) -> &[u8] {
    while let [b'/', behind @ ..] = text {
        text = behind;
    }
    text
}

/// Splits the node from what follows it.
fn split_node(text: &[u8]) -> (Option<&[u8]>, &[u8]) {
    // As almost all begin.
    if SPEED_IS_WORTH_CODE
        && let Some(rest) = text.strip_prefix(b"/cluster/node/")
        && let Some((node, rest)) = next_segment(rest)
    {
        return (Some(node), rest);
    }
    let Some((cluster, after_cluster)) = next_segment(text) else { return (None, text) };
    let Some((second, after_second)) = next_segment(after_cluster) else { return (None, text) };
    let is_dot = cluster == b".";
    if !is_dot && cluster != b"cluster" {
        (None, text)
    } else if !is_dot && second == b"node" {
        next_segment(after_second).map_or((None, after_second), |(node, rest)| (Some(node), rest))
    } else if second != b"sync" {
        // StarlingX: a dot or a cluster's name, then the node.
        (Some(second), after_second)
    } else if is_dot {
        (None, after_cluster)
    } else {
        (None, text)
    }
}

/// What follows the node, part by part.
#[derive(Default)]
struct Split<'b> {
    /// Everything before the resource.
    instance: &'b [u8],
    /// The same without its last segment.
    before_last: &'b [u8],
    last: &'b [u8],
    resource: Option<Resource>,
}

fn split_resource(text: &[u8]) -> Split<'_> {
    let mut split = Split::default();
    // As almost all end.
    if SPEED_IS_WORTH_CODE && let Some(resource) = Resource::from_suffix(text) {
        split.resource = Some(resource);
        return split;
    }
    let text = skip_slashes(text);
    let mut rest = text;
    while let Some((segment, behind)) = next_segment(rest) {
        if segment == b"sync" {
            split.resource = parse_resource(behind);
            break;
        }
        split.before_last = split.instance;
        split.instance = text.get(..text.len().saturating_sub(behind.len())).unwrap_or_default();
        split.last = segment;
        rest = behind;
    }
    split
}

/// The resource of the group and name behind `sync`.
fn parse_resource(text: &[u8]) -> Option<Resource> {
    let (group, behind) = next_segment(text)?;
    let (name, _) = next_segment(behind)?;
    Resource::from_segments(group, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Option<&str>, &str, Option<Resource>, Option<Metric>, bool) {
        let address = Address::parse(text.as_bytes());
        let text = |bytes| core::str::from_utf8(bytes).unwrap();
        (
            address.node.map(text),
            text(address.instance),
            address.resource,
            address.metric,
            address.is_placeholder,
        )
    }

    #[test]
    fn openshift_addresses() {
        let lock = Some(Resource::LockState);
        let class = Some(Metric::ClockClass);
        assert_eq!(parse("/cluster/node/n1/sync/ptp-status/lock-state"), (Some("n1"), "", lock, None, false));
        assert_eq!(parse("/cluster/node/n1/ens1fx/master"), (Some("n1"), "ens1fx/master", None, None, false));
        assert_eq!(
            parse("/cluster/node/n1/CLOCK_REALTIME"),
            (Some("n1"), "CLOCK_REALTIME", None, None, false)
        );
        assert_eq!(
            parse("/cluster/node/n1/ens1fx/master/CLOCK_CLASS"),
            (Some("n1"), "ens1fx/master", None, class, false)
        );
        assert_eq!(parse("/cluster/node/n1/master/CLOCK_CLASS"), (Some("n1"), "master", None, class, false));
        assert_eq!(
            parse("/cluster/node/n.example.com/ens1f0.100/master/gpsFix"),
            (Some("n.example.com"), "ens1f0.100/master", None, Some(Metric::GnssFix), false)
        );
        assert_eq!(
            parse("/cluster/node/n1/synce1/ens7f0/extQl"),
            (Some("n1"), "synce1/ens7f0", None, Some(Metric::ExtendedQualityLevel), false)
        );
        assert_eq!(
            parse("synce1/ens7f0/ExtQL"),
            (None, "synce1/ens7f0", None, Some(Metric::ExtendedQualityLevel), false)
        );
        assert_eq!(parse("/cluster/node/n1/ptp-not-set"), (Some("n1"), "", None, None, true));
        assert_eq!(parse("/cluster/node/n1/event-not-found"), (Some("n1"), "", None, None, true));
        assert_eq!(
            parse("/cluster/node/n1/sync/ptp-status/ptp-clock-class-change"),
            (Some("n1"), "", Some(Resource::ClockClass), None, false)
        );
    }

    #[test]
    fn starlingx_addresses() {
        let lock = Some(Resource::LockState);
        assert_eq!(
            parse("/././ptp-inst1/sync/ptp-status/lock-state"),
            (None, "ptp-inst1", lock, None, false)
        );
        assert_eq!(
            parse("/./controller-0/ptp-inst1/sync/ptp-status/lock-state"),
            (Some("controller-0"), "ptp-inst1", lock, None, false)
        );
        assert_eq!(
            parse("/././sync/sync-status/sync-state"),
            (None, "", Some(Resource::SyncState), None, false)
        );
        assert_eq!(parse("/./sync/ptp-status/lock-state"), (None, "", lock, None, false));
        assert_eq!(
            parse("/cluster/controller-0/sync/sync-status/sync-state"),
            (Some("controller-0"), "", Some(Resource::SyncState), None, false)
        );
    }

    #[test]
    fn odd_addresses() {
        assert_eq!(parse(""), (None, "", None, None, false));
        assert_eq!(parse("///"), (None, "", None, None, false));
        assert_eq!(parse("/r"), (None, "r", None, None, false));
        assert_eq!(parse("/cluster/node"), (None, "", None, None, false));
        assert_eq!(parse("/sync/ptp-status/lock-state/"), (None, "", Some(Resource::LockState), None, false));
        assert_eq!(
            parse("//cluster//node//n1//ens1fx//sync//ptp-status//lock-state/"),
            (Some("n1"), "ens1fx", Some(Resource::LockState), None, false)
        );
        assert_eq!(parse("/cluster/node/*/sync/x/y"), (None, "", None, None, false));
        assert_eq!(parse("/cluster/node/n1/sync"), (Some("n1"), "", None, None, false));
    }

    #[test]
    fn nodes_match_by_their_first_label_where_one_side_has_no_more() {
        assert!(is_same_node(b"compute-1.example.com", b"COMPUTE-1.example.com"));
        assert!(is_same_node(b"compute-1.example.com", b"compute-1"));
        assert!(is_same_node(b"compute-1", b"compute-1.example.com"));
        assert!(!is_same_node(b"compute-1.example.com", b"compute-1.example.org"));
        assert!(!is_same_node(b"compute-1", b"compute-11"));
        assert!(!is_same_node(b"compute-1.example.com", b"compute-2"));
    }
}
