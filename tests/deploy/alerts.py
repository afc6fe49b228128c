"""Takes the alerts out of the PrometheusRule, for promtool and for README.

alerts.py rules MANIFEST                 writes them as a file of rules
alerts.py silent|loud MANIFEST NUMBER    the same, with alert NUMBER, from 0, never or always firing
alerts.py readme MANIFEST README         compares them with README's table
"""

import re
import sys
from pathlib import Path

import yaml


def main() -> int:
    what, manifest, *more = sys.argv[1:]
    spec = yaml.safe_load(Path(manifest).read_text())["spec"]
    rules = [rule for group in spec["groups"] for rule in group["rules"]]
    if what == "readme":
        return compare(rules, Path(more[0]).read_text())
    if what in ("silent", "loud"):
        spoil(rules[int(more[0])], what)
    yaml.safe_dump(spec, sys.stdout)
    return 0


def spoil(rule: dict, how: str):
    rule.pop("for", None)
    rule["expr"] = "vector(0) > 0" if how == "silent" else f"({rule['expr']}) or vector(1)"


def compare(rules: list[dict], readme: str) -> int:
    """Each alert has its row: its name, how severe it is, after how long."""
    told = set(re.findall(r"^\| `(Ptpwatch\w+)` \| (\w+), (at once|\w+) \|", readme, re.MULTILINE))
    real = {(rule["alert"], rule["labels"]["severity"], rule.get("for", "at once")) for rule in rules}
    for row in sorted(told ^ real):
        print(f"README.md and the alerts differ: {row}", file=sys.stderr)
    return told != real


if __name__ == "__main__":
    sys.exit(main())
