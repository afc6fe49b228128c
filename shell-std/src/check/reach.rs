//! The way to the producer: its name, and a connection.

use std::fmt::{self, Write};
use std::net::{IpAddr, SocketAddr};

use ptpwatch_core::consumer::Resources;

use super::Visit;
use super::report::{Grade, Report};
use crate::api::{Api, Desk, Outcome};
use crate::failure::Failure;
use crate::options::{Uri, Watch};
use crate::resolver::Addresses;
use crate::watch::{self, Manner};

impl<'c> Visit<'c> {
    /// # Errors
    /// If the system lacks something.
    pub(super) fn new(watch: &'c Watch) -> Result<Self, Failure> {
        let desk = Desk::new(watch.request_timeout)?;
        Ok(Self {
            watch,
            api: Api { desk, address: watch.listen, authority: watch.producer.authority() },
            addresses: Addresses::default(),
            own: String::new(),
            is_answered: false,
            endpoint: String::new(),
            is_aside: false,
            listed: Vec::new(),
            is_lax: false,
            made: Vec::new(),
            subscribed: Resources::NONE,
            is_unsure: false,
            dated: None,
            future_ns: 0,
        })
    }

    /// Looks the producer's name up, and connects to the first address that takes it; whether one does.
    pub(super) fn reach(&mut self, report: &mut Report<'_>) -> bool {
        let Watch { producer: Uri { host, port, .. }, node, callback, listen, .. } = self.watch;
        let advice = judge_service(host, node);
        report.step = "resolve";
        match self.api.desk.resolve(host, *port) {
            Ok(addresses) => self.addresses = addresses,
            Err(error) => {
                let advice = if advice.is_empty() { NO_NAME } else { &advice };
                report.say(Grade::Fail, format_args!("{host}: {error}{advice}"));
                return false;
            }
        }
        let grade = if advice.is_empty() { Grade::Ok } else { Grade::Warn };
        report.say(grade, format_args!("{host}: {}{advice}", List(&self.addresses)));
        report.step = "connect";
        let mut last = Outcome::Unreachable;
        for address in &self.addresses {
            match self.api.desk.connect(*address) {
                Ok(_) => {
                    report.say(Grade::Ok, format_args!("{address}"));
                    self.api.address = *address;
                    let own = watch::endpoint(callback.as_ref(), *listen, &self.addresses, Manner::Host);
                    self.own = own.unwrap_or_default();
                    return true;
                }
                Err(outcome) => last = outcome,
            }
        }
        let advice = if last == Outcome::Refused { REFUSED } else { NO_WAY };
        report.say(Grade::Fail, format_args!("port {port}: {last}{advice}"));
        false
    }
}

/// Addresses without their port.
struct List<'a>(&'a [SocketAddr]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, address) in self.0.iter().enumerate() {
            f.write_str(if index > 0 { ", " } else { "" })?;
            write!(f, "{}", address.ip())?;
        }
        Ok(())
    }
}

/// What is wrong with the name of a publisher's Service, and the right one; empty if it is right, or another name.
fn judge_service(host: &str, node: &str) -> String {
    let mut advice = String::new();
    let Some(rest) = host.strip_prefix(SERVICE) else { return advice };
    let label = node.split('.').next().unwrap_or(node);
    let (named, namespace) = rest.split_once('.').unwrap_or((rest, ""));
    let cause = if node != label && rest.starts_with(node) {
        "a Service has the first label of the node's name, not all of it"
    } else if !named.eq_ignore_ascii_case(label) {
        "this is the Service of another node"
    } else if namespace.is_empty() {
        "without its namespace the name is looked for in ours"
    } else {
        return advice;
    };
    let _ =
        write!(advice, "\t{cause}\t--producer http://{SERVICE}{label}.openshift-ptp.svc.cluster.local:9043");
    advice
}

/// Whether a producer at `producer` posts to itself if it is told `host`: a loopback, while it is in another place.
pub(super) fn is_foreign_loopback(host: &str, producer: IpAddr) -> bool {
    let is_loopback = match host.parse::<IpAddr>() {
        Ok(ip) => ip.to_canonical().is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    };
    is_loopback && !producer.to_canonical().is_loopback()
}

const SERVICE: &str = "ptp-event-publisher-service-";
const NO_NAME: &str =
    "\tthere is no such name, or no DNS answers here\tcorrect --producer; give a Service with its namespace";
const REFUSED: &str = "\tnobody listens there\tstart the producer, or correct --producer: a v1 sidecar is at port 8089, that \
                       of StarlingX at 8080, v2 at 9043";
const NO_WAY: &str =
    "\ta NetworkPolicy or a firewall drops it, or the host is gone\tlet this pod connect to that port";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_named_by_the_first_label_and_with_their_namespace() {
        let node = "compute-1.example.com";
        let judge = |rest: &str| judge_service(&format!("{SERVICE}{rest}"), node);
        let right =
            "\t--producer http://ptp-event-publisher-service-compute-1.openshift-ptp.svc.cluster.local:9043";
        for (rest, expected) in [
            ("compute-1.example.com.openshift-ptp.svc.cluster.local", "first label"),
            ("compute-1.example.com", "first label"),
            ("compute-2.openshift-ptp.svc.cluster.local", "another node"),
            ("compute-1", "namespace"),
        ] {
            let advice = judge(rest);
            assert!(advice.contains(expected) && advice.ends_with(right), "{rest}: {advice}");
        }
        assert_eq!(judge("compute-1.openshift-ptp.svc.cluster.local"), "");
        assert_eq!(judge("Compute-1.openshift-ptp.svc"), "");
        assert_eq!(judge_service("localhost", node), "");
        assert_eq!(judge_service("ptp-event-publisher-service-n1.ns", "n1"), "");
    }

    #[test]
    fn a_loopback_is_the_producers_own_unless_it_is_here() {
        let [here, there]: [IpAddr; 2] = ["127.0.0.1".parse().unwrap(), "10.128.0.9".parse().unwrap()];
        for host in ["localhost", "127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", "LOCALHOST"] {
            assert!(is_foreign_loopback(host, there) && !is_foreign_loopback(host, here), "{host}");
        }
        for host in ["10.0.0.1", "vdu.ns.svc", "fd00::1"] {
            assert!(!is_foreign_loopback(host, there) && !is_foreign_loopback(host, here), "{host}");
        }
    }
}
