//! What a sidecar counts of itself: events that arrived, that it could deliver, and what failed.

use ptpwatch_core::event::Decimal;
use ptpwatch_core::http::Method;

use super::report::{Grade, Report};
use crate::api::Api;
use crate::options::{SidecarMetrics, Uri};

/// Reads the sidecar's metrics, if there is one.
pub(super) fn judge(api: &mut Api, asked: Option<&SidecarMetrics>, report: &mut Report<'_>) {
    let usual = Uri { host: "127.0.0.1".to_owned(), port: 9091, path: "/metrics".to_owned() };
    let uri = match asked {
        Some(SidecarMetrics::None) => return report.say(Grade::Skipped, format_args!("not asked for")),
        Some(SidecarMetrics::At(uri)) => uri,
        None if api.address.ip().to_canonical().is_loopback() => &usual,
        None => {
            return report
                .say(Grade::Skipped, format_args!("the producer is no sidecar: see --sidecar-metrics"));
        }
    };
    let problem = match api.desk.ask_uri(Method::Get, uri, None) {
        Ok(outcome) => match Counts::of(&String::from_utf8_lossy(&api.desk.body)) {
            Some(counts) => {
                let Counts { arrived, delivered, failed, resets } = counts;
                let (grade, advice) = counts.judge();
                return report.say(
                    grade,
                    format_args!(
                        "{arrived} events arrived, {delivered} delivered, {failed} not delivered, {resets} connection \
                         resets{advice}"
                    ),
                );
            }
            None => outcome.to_string(),
        },
        Err(problem) => problem,
    };
    let grade = if asked.is_some() { Grade::Warn } else { Grade::Skipped };
    report.say(
        grade,
        format_args!(
            "{uri}: {problem}, no cne_ metric\tthe sidecar has them elsewhere, or there is none\tgive --sidecar-metrics as \
             its --metrics-addr is"
        ),
    );
}

/// Sums over all addresses and types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    /// Events that came from the publisher.
    arrived: i64,
    /// Events that consumers took, and did not.
    delivered: i64,
    failed: i64,
    /// Connections to the publisher that were reset.
    resets: i64,
}

impl Counts {
    /// Reads the text format 0.0.4; `None` if there is nothing of a sidecar in it.
    fn of(text: &str) -> Option<Self> {
        let mut counts = Self::default();
        let mut is_sidecar = false;
        for line in text.lines() {
            let Some(series) = line.strip_prefix("cne_") else { continue };
            is_sidecar = true;
            // Of 4.10 and 4.11, which know no transport but AMQ, the sidecar has `amqp_`.
            let transport =
                series.strip_prefix("transport_").or(series.strip_prefix("amqp_")).unwrap_or_default();
            let sum = if transport.starts_with("events_received") {
                &mut counts.arrived
            } else if transport.starts_with("connection_reset") {
                &mut counts.resets
            } else if !series.starts_with("events_received") {
                continue;
            } else if series.contains("status=\"fail") {
                &mut counts.failed
            } else {
                &mut counts.delivered
            };
            let value = series.rsplit(' ').next().unwrap_or_default();
            *sum = sum.saturating_add(Decimal::parse(value.as_bytes()).map_or(0, Decimal::whole));
        }
        is_sidecar.then_some(counts)
    }

    fn judge(self) -> (Grade, &'static str) {
        let advice = if self.failed > 0 {
            "\tconsumers did not answer 204 within 2 s, or were not there\tsee that there is a consumer behind each \
             subscription: ptpwatch subscriptions list"
        } else if self.resets > 0 {
            "\tthe connection between sidecar and publisher is unsteady\tlook at the network between them, and at the \
             publisher's restarts"
        } else if self.arrived == 0 {
            "\tno clock has changed since the sidecar started, or the publisher does not know it\tsee that its \
             --http-event-publishers is the publisher's Service of this node, and its --transport-host leads to this pod"
        } else {
            return (Grade::Ok, "");
        };
        (Grade::Warn, advice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_summed_by_what_they_mean() {
        let text = "# HELP cne_events_received x\n# TYPE cne_events_received gauge\n\
            cne_events_received{status=\"failed\",type=\"/a\"} 19\n\
            cne_events_received{status=\"success\",type=\"/a\"} 16\n\
            cne_events_received{status=\"success\",type=\"/b c\"} 8\n\
            cne_transport_events_received{address=\"/a\",status=\"success\"} 35\n\
            cne_transport_events_received{address=\"/b\",status=\"success\"} 8\n\
            cne_transport_connection_reset 1.5e+01\n\
            cne_api_subscriptions{status=\"active\"} -2\ngo_info 1\n";
        let expected = Counts { arrived: 43, delivered: 24, failed: 19, resets: 15 };
        assert_eq!(Counts::of(text), Some(expected));
        assert_eq!(Counts::of(&text.replace("cne_transport_", "cne_amqp_")), Some(expected), "of 4.10");
        assert_eq!(Counts::of("go_info 1\n# cne_\n"), None);
    }

    #[test]
    fn what_is_worst_is_said() {
        let fine = Counts { arrived: 3, delivered: 3, ..Counts::default() };
        assert_eq!(fine.judge(), (Grade::Ok, ""));
        for (counts, cause) in [
            (Counts { failed: 1, resets: 1, ..fine }, "204"),
            (Counts { resets: 1, ..fine }, "unsteady"),
            (Counts::default(), "--http-event-publishers is the publisher's"),
        ] {
            let (grade, advice) = counts.judge();
            assert!(grade == Grade::Warn && advice.contains(cause), "{advice}");
        }
    }
}
