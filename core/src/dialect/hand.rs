//! What it takes to ask a producer by hand, for who looks at it without being its consumer.

use super::{Dialect, Filling};
use crate::event::Resource;

impl Dialect {
    /// The names of the fields of a subscription: of its id, its endpoint and its address.
    pub const fn subscription_fields(&self) -> [&'static str; 3] {
        [self.fields.id, self.fields.endpoint, self.fields.address]
    }

    /// Whether there is one subscription for a resource, whoever asked for it.
    pub const fn has_one_subscription_per_resource(&self) -> bool {
        self.has_one_subscription_per_resource
    }

    /// What follows the base where the current state of `resource` on `node` is asked for, in `buffer`; `None` if it does
    /// not fit.
    pub fn current_state_of<'b>(
        &self,
        resource: Resource,
        node: &str,
        buffer: &'b mut [u8],
    ) -> Option<&'b [u8]> {
        self.fill(self.current_state, &Filling { node, endpoint: "", id: &[], resource }, buffer)
    }

    /// The body that subscribes `endpoint` to `resource` on `node`, in `buffer`; `None` if it does not fit.
    pub fn subscription_to<'b>(
        &self,
        resource: Resource,
        node: &str,
        endpoint: &str,
        buffer: &'b mut [u8],
    ) -> Option<&'b [u8]> {
        self.fill(self.subscribe, &Filling { node, endpoint, id: &[], resource }, buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ALL, OPENSHIFT_V2, STARLINGX_V1};
    use super::*;

    #[test]
    fn targets_and_bodies_fit_or_are_none() {
        let mut buffer = [0; 256];
        for (dialect, target, body) in [
            (
                &OPENSHIFT_V2,
                "/cluster/node/n1/sync/ptp-status/lock-state/CurrentState",
                r#"{"EndpointUri":"http://h/e","ResourceAddress":"/cluster/node/n1/sync/ptp-status/lock-state"}"#,
            ),
            (
                &STARLINGX_V1,
                "/PTP/CurrentState",
                r#"{"ResourceType":"PTP","ResourceQualifier":{"NodeName":"n1"},"EndpointUri":"http://h/e"}"#,
            ),
        ] {
            let filled = dialect.current_state_of(Resource::LockState, "n1", &mut buffer);
            assert_eq!(filled, Some(target.as_bytes()));
            let filled = dialect.subscription_to(Resource::LockState, "n1", "http://h/e", &mut buffer);
            assert_eq!(filled, Some(body.as_bytes()));
            assert_eq!(dialect.current_state_of(Resource::LockState, "n1", &mut buffer[..8]), None);
            assert_eq!(dialect.subscription_to(Resource::LockState, "n1", "e", &mut buffer[..8]), None);
        }
    }

    #[test]
    fn a_probe_is_a_path() {
        assert!(ALL.iter().all(|dialect| dialect.probe.is_none_or(|path| path.starts_with('/'))));
    }
}
