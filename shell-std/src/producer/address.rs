//! Addresses of resources: what one asks for, and what stands in events.

use super::event::Site;
use super::manners::Duplicate;
use super::resources::Resource;
use super::subscriptions::{Subscription, Wanted};

/// How resources are addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Addressing {
    /// `/cluster/node/N` and the suffix: subscribers may write anything around the suffix, but get what they ask for
    /// to the letter.
    Letters,
    /// `/C/N`, the instance if only that is meant, and the suffix, or `/sync` for all of them. C is anything; N may be
    /// `.`, for subscribers also `*`.
    Tree,
    /// By the node alone, which may be `.` or `*`; the resource is the only one.
    Node,
}

/// What an address asks for.
#[derive(Debug)]
pub(super) struct Sought {
    pub resources: Vec<&'static Resource>,
    /// The only instance that is meant; empty: all.
    pub instance: String,
    /// What the node is called in events.
    pub node: String,
}

/// What there is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Miss {
    Address,
    Node,
    Resource,
}

impl Site {
    /// What the subscriber to an address asks for.
    ///
    /// # Errors
    /// What it names that there is not.
    pub(super) fn seek(&self, address: &str) -> Result<Sought, Miss> {
        let resources = self.manners.resources;
        let all = |resources: Vec<&'static Resource>, node: &str| Sought {
            resources,
            instance: String::new(),
            node: node.into(),
        };
        match self.manners.addressing {
            Addressing::Letters => {
                let found = resources.iter().find(|resource| address.contains(resource.suffix));
                found.map(|resource| all(vec![resource], &self.node)).ok_or(Miss::Resource)
            }
            Addressing::Tree => self.seek_in_tree(address),
            Addressing::Node if self.is_called(address) || address == "*" => {
                Ok(all(resources.iter().collect(), &self.node))
            }
            Addressing::Node => Err(Miss::Node),
        }
    }

    /// What one who asks for the current state at an address asks for.
    ///
    /// # Errors
    /// What it names that there is not.
    pub(super) fn seek_current(&self, address: &str) -> Result<Sought, Miss> {
        match self.manners.addressing {
            Addressing::Letters => {
                let sought = self.seek(address)?;
                let is_exact = sought.resources.iter().any(|resource| self.address(resource) == address);
                if is_exact { Ok(sought) } else { Err(Miss::Resource) }
            }
            Addressing::Tree if Branch::of(address).is_some_and(|branch| branch.node == "*") => {
                Err(Miss::Node)
            }
            Addressing::Tree => self.seek_in_tree(address),
            Addressing::Node if address.eq_ignore_ascii_case("/PTP") => self.seek(&self.node),
            Addressing::Node => Err(Miss::Resource),
        }
    }

    /// Whether a subscription wants events about a resource and instance.
    pub(super) fn is_wanted(&self, wanted: &Wanted, resource: &Resource, instance: &str) -> bool {
        if self.manners.addressing == Addressing::Letters {
            return wanted.resource == self.address(resource);
        }
        self.seek(&wanted.resource).is_ok_and(|sought| {
            (sought.instance.is_empty() || sought.instance == instance)
                && sought.resources.iter().any(|one| one.suffix == resource.suffix)
        })
    }

    /// Whether a subscription stands in the way of what is wanted.
    pub(super) fn is_duplicate(&self, kept: &Subscription, wanted: &Wanted) -> bool {
        let is_same = kept.wanted.resource == wanted.resource;
        let has_same_endpoint = kept.wanted.endpoint == wanted.endpoint;
        match self.manners.duplicate {
            Duplicate::Old => is_same,
            Duplicate::Another => false,
            Duplicate::Conflict => is_same && has_same_endpoint,
            Duplicate::Overlap => {
                let branches = (Branch::of(&kept.wanted.resource), Branch::of(&wanted.resource));
                has_same_endpoint
                    && matches!(branches, (Some(one), Some(other)) if one.overlaps(&other, &self.node))
            }
        }
    }

    /// The address of a resource on this node.
    pub(super) fn address(&self, resource: &Resource) -> String {
        format!("/cluster/node/{}{}", self.node, resource.suffix)
    }

    /// The address of a value, for someone who calls the node `node`. `place` is the instance with all that belongs to
    /// it, or empty for the resource itself.
    pub(super) fn place(&self, node: &str, resource: &Resource, place: &str) -> String {
        let slash = if place.is_empty() { "" } else { "/" };
        match self.manners.addressing {
            Addressing::Letters if place.is_empty() => self.address(resource),
            Addressing::Letters => format!("/cluster/node/{}/{place}", self.node),
            Addressing::Tree | Addressing::Node => format!("/./{node}{slash}{place}{}", resource.suffix),
        }
    }

    fn seek_in_tree(&self, address: &str) -> Result<Sought, Miss> {
        let branch = Branch::of(address).ok_or(Miss::Address)?;
        if !self.is_called(branch.node) && branch.node != "*" {
            return Err(Miss::Node);
        }
        let is_below = |resource: &&Resource| {
            resource.suffix == branch.suffix || branch.suffix == ROOT && branch.instance.is_empty()
        };
        let resources: Vec<_> = self.manners.resources.iter().filter(is_below).collect();
        if resources.is_empty() {
            return Err(Miss::Resource);
        }
        let node = if branch.node == "*" { &self.node } else { branch.node };
        Ok(Sought { resources, instance: branch.instance.into(), node: node.into() })
    }

    fn is_called(&self, node: &str) -> bool {
        node == "." || node == self.node
    }
}

/// The suffix of an address, for whoever has to name it.
pub(super) fn suffix(address: &str) -> &str {
    Branch::of(address).map_or(address, |branch| branch.suffix)
}

/// An address of the tree, taken apart.
struct Branch<'t> {
    node: &'t str,
    instance: &'t str,
    suffix: &'t str,
}

impl<'t> Branch<'t> {
    fn of(address: &'t str) -> Option<Self> {
        let (_, rest) = address.strip_prefix('/')?.split_once('/')?;
        let suffix_at = rest.match_indices(ROOT).map(|(at, _)| at).find(|at| {
            let after = &rest[at + ROOT.len()..];
            after.is_empty() || after.starts_with('/')
        })?;
        let (front, suffix) = rest.split_at(suffix_at);
        let (node, instance) = front.split_once('/').unwrap_or((front, ""));
        Some(Self { node, instance, suffix })
    }

    /// Whether one of the two holds the other. `own` is what `.` stands for.
    fn overlaps(&self, other: &Self, own: &str) -> bool {
        let name = |node: &'t str| if node == "." { own.to_string() } else { node.into() };
        let is_held = |one: &str, other: &str| one.is_empty() || other.is_empty() || one == other;
        let is_root = self.suffix == ROOT || other.suffix == ROOT;
        (name(self.node) == name(other.node) || self.node == "*" || other.node == "*")
            && is_held(self.instance, other.instance)
            && (is_root || self.suffix == other.suffix)
    }
}

/// The parent of all suffixes.
const ROOT: &str = "/sync";

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(address: &str) -> Option<(&str, &str, &str)> {
        Branch::of(address).map(|branch| (branch.node, branch.instance, branch.suffix))
    }

    #[test]
    fn addresses_are_taken_apart() {
        for (address, expected) in [
            ("/././sync", Some((".", "", "/sync"))),
            ("/./n1/sync/ptp-status/lock-state", Some(("n1", "", "/sync/ptp-status/lock-state"))),
            ("/c/n1/ptp-inst2/sync/x", Some(("n1", "ptp-inst2", "/sync/x"))),
            ("/./syncer/synced/sync", Some(("syncer", "synced", "/sync"))),
            ("/./n1/ptp-inst2", None),
            ("/sync", None),
            ("sync", None),
        ] {
            assert_eq!(parts(address), expected, "{address}");
        }
    }

    #[test]
    fn parents_children_and_other_names_overlap() {
        let lock = "/././sync/ptp-status/lock-state";
        for (other, expected) in [
            (lock, true),
            ("/././sync", true),
            ("/./n1/sync/ptp-status/lock-state", true),
            ("/./*/sync/ptp-status/lock-state", true),
            ("/././ptp-inst1/sync/ptp-status/lock-state", true),
            ("/././sync/ptp-status/clock-class", false),
            ("/./n2/sync/ptp-status/lock-state", false),
        ] {
            let (one, other) = (Branch::of(lock).unwrap(), Branch::of(other).unwrap());
            assert_eq!((one.overlaps(&other, "n1"), other.overlaps(&one, "n1")), (expected, expected));
        }
    }
}
