"""Has a real Prometheus scrape an overlay's pod while a simulated producer goes through story.txt, and asks it for
all that the alerts and the dashboard ask for: a metric, a label or a value that the program does not have is found.

scrape.py IMAGE RENDERED RULES DASHBOARD
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import yaml

from cluster import Cluster
from dashboard import queries
from pod import NODE, Pod, running, wait
from relations import port_of

PROMETHEUS = "http://127.0.0.1:9090"
METRIC = re.compile(r"\b(?:(?:ptpwatch|openshift)_\w+|up(?=\{))(?:\{[^}]*\})?")
# Asked often, that the story may be short; and with a budget, that there is something left of it.
OPTIONS = {"PTPWATCH_POLL": "1s", "PTPWATCH_HOLDOVER_BUDGET": "1m"}
# A query that shows nothing, for there is no such series and no such label; together with a metric that is not there.
MISTAKE = {"mistake": ('ptpwatch_verdict_state{state="NONE"}', "{{none}}")}
MISTAKE_PROBLEMS = 4
# What the story makes fire that needs no time of its own.
FIRES = ["PtpwatchOutOfSync"]


@contextmanager
def scraped(pod: Pod, rules: str) -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        target = f"127.0.0.1:{port_of(pod.cluster.options['PTPWATCH_ADMIN'])}"
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(Path(rules).resolve())],
            "scrape_configs": [{"job_name": "ptpwatch", "static_configs": [{"targets": [target]}]}],
        }
        (Path(folder) / "prometheus.yml").write_text(yaml.safe_dump(config))
        program = [
            "prometheus",
            f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address={PROMETHEUS.removeprefix('http://')}",
            "--log.level=error",
        ]
        with subprocess.Popen(["nsenter", "-t", pod.producer.inside, "-n", *program]) as prometheus:
            try:
                wait(lambda: pod.producer.get(f"{PROMETHEUS}/-/ready")[0] == 200, lambda: "Prometheus")
                yield
            finally:
                prometheus.terminate()


def ask(pod: Pod, what: str, **parameters: object) -> list:
    status, body = pod.producer.get(f"{PROMETHEUS}/api/v1/{what}?{urlencode(parameters)}")
    assert status == 200, f"{parameters}: {body}"
    data = json.loads(body)["data"]
    return data["result"] if isinstance(data, dict) else data


def go_through(pod: Pod):
    """Waits until the story is over, and for two scrapes more."""
    ptpwatch, seen = pod["ptpwatch"], 0
    for line in ('"state":"LOCKED"', '"state":"HOLDOVER"', '"state":"FREERUN"', '"state":"LOCKED"'):
        seen = ptpwatch.wait_for(f'"kind":"verdict".*{line}', seen)
    seen = ptpwatch.wait_for('"kind":"link".*"up":false', seen)
    ptpwatch.wait_for('"kind":"link".*"up":true', seen)
    time.sleep(2)


def problems(pod: Pod, rules: list[dict], asked: dict[str, tuple[str, str]], start: float) -> Iterator[str]:
    span = {"start": start, "end": time.time()}
    expressions = [rule["expr"] for rule in rules] + [query for query, _ in asked.values()]
    for metric in sorted({metric for expression in expressions for metric in METRIC.findall(expression)}):
        if not ask(pod, "series", **{"match[]": metric}, **span):
            yield f"there was no {metric}"
    for title, (query, legend) in asked.items():
        answer = ask(pod, "query_range", query=query, step=1, **span)
        if not any(value != "NaN" for series in answer for _, value in series["values"]):
            yield f"{title}: shows nothing: {query}"
        for label in re.findall(r"\{\{(\w+)\}\}", legend):
            if not any(label in series["metric"] for series in answer):
                yield f"{title}: has no label {label}"
    for alert in FIRES:
        match = f'ALERTS{{alertname="{alert}", alertstate="firing", node="{NODE}"}}'
        if not ask(pod, "series", **{"match[]": match}, **span):
            yield f"{alert} did not fire"


def main() -> int:
    image, rendered, rules, dashboard = sys.argv[1:]
    board = json.loads(Path(dashboard).read_text())
    legends = [target["legendFormat"] for panel in board["panels"] for target in panel.get("targets", [])]
    asked = {title: (query, legend) for (title, query), legend in zip(queries(board).items(), legends, strict=True)}
    alerts = [rule for group in yaml.safe_load(Path(rules).read_text())["groups"] for rule in group["rules"]]
    story = Path(__file__).with_name("story.txt").read_text()
    with running(Cluster.read(Path(rendered)), image, story, OPTIONS) as pod, scraped(pod, rules):
        start = time.time()
        go_through(pod)
        found = list(problems(pod, alerts, asked, start))
        if len(list(problems(pod, [{"expr": "ptpwatch_none"}], MISTAKE, start))) != MISTAKE_PROBLEMS:
            found.append("a mistake is not found")
    print(*found, sep="\n", file=sys.stderr)
    print(f"{len(asked)} queries of the dashboard and {len(alerts)} alerts, asked of Prometheus")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
