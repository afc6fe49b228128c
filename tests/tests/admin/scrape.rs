//! Metrics as Prometheus and promtool take them. `tests/admin/run` installs both.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ptpwatch_tests::peer::address_of_our_own;
use ptpwatch_tests::process::{PATIENCE, Running};

use super::{Instance, ROUND, restless};

/// A Prometheus of our own.
struct Prometheus {
    url: String,
    place: PathBuf,
    running: Running,
}

impl Prometheus {
    /// One that scrapes `instance` each second.
    fn of(instance: &Instance) -> Self {
        let address = address_of_our_own().to_string();
        let place = std::env::temp_dir().join(format!("ptpwatch-prometheus-{}", std::process::id()));
        std::fs::create_dir_all(&place).expect("it can be made");
        let config = place.join("prometheus.yml");
        let text = format!(
            "global: {{scrape_interval: 1s}}\nscrape_configs: [{{job_name: ptpwatch, static_configs: [{{targets: ['{}']}}]}}]\n",
            instance.admin
        );
        std::fs::write(&config, text).expect("it can be written");
        let mut command = Command::new("prometheus");
        command
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", place.join("data").display()))
            .arg(format!("--web.listen-address={address}"));
        let running = Running::spawn(&mut command);
        Self { url: format!("http://{address}"), place, running }
    }

    /// What a question comes to: a series and its value a line.
    fn ask(&self, question: &str) -> String {
        let answer = Command::new("promtool").args(["query", "instant", &self.url, question]).output();
        let answer = answer.expect("promtool is installed");
        String::from_utf8_lossy(&answer.stdout).into_owned()
    }

    /// Waits until a question has an answer.
    fn wait_for(&self, question: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let answer = self.ask(question);
            if answer.contains("=>") {
                return answer;
            }
            assert!(Instant::now() < end, "{question}: nothing\n{}", self.running.errors());
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.place);
    }
}

#[test]
#[ignore = "needs Prometheus: tests/admin/run"]
fn prometheus_takes_all_of_it() {
    let (_simulate, producer) = restless();
    let instance = Instance::of(&producer, &["--openshift-metrics", "--holdover-budget", "60s"]);
    let prometheus = Prometheus::of(&instance);
    prometheus.wait_for("up == 1");
    for state in &ROUND[..3] {
        prometheus.wait_for(&format!("max_over_time(ptpwatch_verdict_state{{state=\"{state}\"}}[5m]) == 1"));
    }
    for question in [
        "sum(ptpwatch_verdict_state) == 1",
        "ptpwatch_verdict_transitions_total > 0",
        "increase(ptpwatch_verdict_transitions_total[5m]) > 0",
        "count(ptpwatch_verdict_reason) == 28",
        "ptpwatch_channel_state{resource=\"lock-state\",instance_name=\"ens1fx/master\",state=\"LOCKED\"}",
        "ptpwatch_channel_offset_seconds < 0.001",
        "histogram_quantile(0.9, ptpwatch_event_latency_seconds_bucket) < 1",
        "sum(ptpwatch_events_total{outcome=\"changed\"}) > 0",
        "openshift_ptp_clock_state{process=\"ptp4l\",iface=\"ens1fx\",node=\"node1\"} == 1",
        "ptpwatch_subscriptions{state=\"held\"} == 5",
        "ptpwatch_verdict_state == 1 and on(job,instance) ptpwatch_ready == 1",
        "ptpwatch_verdict_state{state=\"LOCKED\"} * on(job,instance) group_left(node) ptpwatch_node_info == 1",
        "time() - process_start_time_seconds < 3600",
    ] {
        prometheus.wait_for(question);
    }
    assert!(
        !prometheus.ask("up == 0").contains("=>") && !prometheus.running.errors().contains("level=error")
    );
}

#[test]
#[ignore = "needs promtool: tests/admin/run"]
fn promtool_finds_nothing_to_say() {
    let instance =
        Instance::alone(&["--openshift-metrics", "--holdover-budget", "60s", "--journal", "/dev/null"]);
    let mut producer = instance.producer();
    producer.post(2);
    producer.post_lock("a\\b\"c\nd\u{e9}\u{202e}", "FREERUN");
    let (_, metrics) = instance.get("/metrics");
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool is installed");
    promtool.stdin.take().expect("it is piped").write_all(metrics.as_bytes()).expect("it reads");
    let said = promtool.wait_with_output().expect("it ends");
    let words = [said.stdout, said.stderr].concat();
    assert!(said.status.success() && words.is_empty(), "{}", String::from_utf8_lossy(&words));
}
