"""Takes the alerts out of the PrometheusRule, for promtool and for README.

alerts.py rules MANIFEST FOLDER      writes them as FOLDER/rules.yaml
alerts.py spoiled MANIFEST FOLDER    the same in FOLDER/ALERT-HOW, but one alert fires never, too early or always
alerts.py readme MANIFEST README     compares them with README's table
"""

import copy
import re
import sys
from pathlib import Path

import yaml

SPOILT = {"never": "vector(0) > 0", "early": "{}", "always": "{} or vector(1)"}


def main() -> int:
    what, manifest, path = sys.argv[1], *map(Path, sys.argv[2:])
    spec = yaml.safe_load(manifest.read_text())["spec"]
    if what == "readme":
        return compare(alerts(spec), path.read_text())
    if what == "rules":
        write(spec, path)
        return 0
    for number, alert in enumerate(alerts(spec)):
        for how, expression in SPOILT.items():
            spoiled = copy.deepcopy(spec)
            alerts(spoiled)[number] |= {"expr": expression.format(f"({alert['expr']})"), "for": "0s"}
            if how != "early" or "for" in alert:
                write(spoiled, path / f"{alert['alert']}-{how}")
    return 0


def alerts(spec: dict) -> list[dict]:
    (group,) = spec["groups"]
    return group["rules"]


def write(spec: dict, folder: Path):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rules.yaml").write_text(yaml.safe_dump(spec))


def compare(rules: list[dict], readme: str) -> int:
    """Each alert has its row: its name, how severe it is, after how long."""
    told = set(re.findall(r"^\| `(Ptpwatch\w+)` \| (\w+), (at once|\w+) \|", readme, re.MULTILINE))
    real = {(rule["alert"], rule["labels"]["severity"], rule.get("for", "at once")) for rule in rules}
    for row in sorted(told ^ real):
        print(f"README.md and the alerts differ: {row}", file=sys.stderr)
    return told != real


if __name__ == "__main__":
    sys.exit(main())
