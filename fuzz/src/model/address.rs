//! Resource addresses, as lists of segments.

use ptpwatch_core::event::{Metric, Resource};

use super::words;

/// What an address says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Address {
    pub(super) node: Option<String>,
    pub(super) instance: String,
    pub(super) resource: Option<Resource>,
    pub(super) metric: Option<Metric>,
    pub(super) is_placeholder: bool,
}

impl Address {
    pub(super) fn parse(text: &str) -> Self {
        let segments: Vec<_> = text.split('/').filter(|segment| !segment.is_empty()).collect();
        let (node_name, rest) = match segments.as_slice() {
            ["cluster", "node"] => (None, &[][..]),
            ["cluster", "node", name, rest @ ..] => (Some(*name), rest),
            [".", rest @ ..] if rest.first() == Some(&"sync") => (None, rest),
            ["." | "cluster", name, rest @ ..] if *name != "sync" => (Some(*name), rest),
            all => (None, all),
        };
        let mut address = Self { node: node_name.and_then(node), ..Self::default() };
        let mut instance = rest;
        if let Some(place) = rest.iter().position(|segment| *segment == "sync") {
            instance = &rest[..place];
            if let [group, name, ..] = &rest[place + 1..] {
                address.resource = words::resource_of_address(group, name);
            }
        }
        if let [before @ .., last] = instance {
            address.metric = words::metric_of_segment(last);
            address.is_placeholder = matches!(*last, "ptp-not-set" | "event-not-found");
            if address.metric.is_some() {
                instance = before;
            } else if address.is_placeholder {
                instance = &[];
            }
        }
        address.instance = instance.join("/");
        address
    }
}

/// The node of this name; `None` if that names any.
pub(super) fn node(name: &str) -> Option<String> {
    if matches!(name, "." | "*") { None } else { Some(name.to_owned()) }
}
