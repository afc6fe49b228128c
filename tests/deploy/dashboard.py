"""Checks the dashboard against Grafana's own models, and what they do not say.

dashboard.py DASHBOARD QUERIES: writes the dashboard's queries, as a file of rules, to QUERIES.
"""

import copy
import enum
import json
import re
import sys
import typing
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from schemas import lost

COLUMNS = 24
# What Grafana puts in the place of its own variables.
BUILT_IN = {"__rate_interval": "1m", "__range": "1h"}


def problems(board: dict) -> Iterator[str]:
    model = Dashboard.from_json(board)
    # The models pass over what they do not know: it is missing from what they write.
    yield from (f"Grafana has no {path}" for path in lost(board, json.loads(JSONEncoder().encode(model))))
    if found := list(misfits(model, Dashboard, "")):
        yield from found
        return
    yield from places(board["panels"])
    yield from variables(board)


def misfits(value, hint, path: str) -> Iterator[str]:
    """What in `value` is of another type than `hint` says."""
    if hint in (object, typing.Any) and type(value).__module__.startswith("grafana"):
        hint = type(value)
    origin, options = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Union:
        options = [option for option in options if (option is type(None)) == (value is None)] or options
        yield from min((list(misfits(value, option, path)) for option in options), key=len)
    elif origin in (list, dict) and isinstance(value, origin):
        for key, element in value.items() if origin is dict else enumerate(value):
            yield from misfits(element, options[-1], f"{path}/{key}")
    elif origin is typing.Literal or isinstance(hint, enum.EnumMeta):
        if value not in (options or [member.value for member in hint]):
            yield f"{path}: {value!r} is none that Grafana knows"
    elif isinstance(value, dict) and hasattr(hint, "from_json"):
        yield from misfits(hint.from_json(value), hint, path)
    elif isinstance(hint, type) and hint is not object:
        if not isinstance(value, (int, float) if hint is float else hint) or isinstance(value, bool) > (hint is bool):
            yield f"{path}: {value!r} is no {hint.__name__}"
        elif hint not in (str, int, float, bool, type(None)):
            for name, below in typing.get_type_hints(type(value)).items():
                yield from misfits(getattr(value, name), below, f"{path}/{name}")


def places(panels: list[dict]) -> Iterator[str]:
    if len({panel["id"] for panel in panels}) < len(panels):
        yield "two panels have one id"
    for panel in panels:
        at = panel["gridPos"]
        if at["x"] + at["w"] > COLUMNS:
            yield f"{panel['title']}: is wider than the page"
        if panel["type"] != "row" and not (panel.get("targets") and panel.get("description")):
            yield f"{panel['title']}: shows nothing, or does not say what"
    for one, other in combinations(panels, 2):
        a, b = one["gridPos"], other["gridPos"]
        if all(a[at] < b[at] + b[size] and b[at] < a[at] + a[size] for at, size in ("xw", "yh")):
            yield f"{one['title']} and {other['title']} lie over each other"


def variables(board: dict) -> Iterator[str]:
    known = {variable["name"] for variable in board["templating"]["list"]} | BUILT_IN.keys()
    for used in set(re.findall(r"\$\{?(\w+)", json.dumps(board["panels"]))):
        if used not in known:
            yield f"nobody knows ${used}"
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            if target["datasource"]["uid"] != "${datasource}" or panel["datasource"]["uid"] != "${datasource}":
                yield f"{panel['title']}: asks another data source than the one that is chosen"


def queries(board: dict) -> dict[str, str]:
    """Every query by the title of its panel, as Grafana would send it for all nodes."""
    values = BUILT_IN | {"node": ".*"}
    return {
        f"{panel['title']} {target['refId']}": re.sub(r"\$(\w+)", lambda name: values[name[1]], target["expr"])
        for panel in board["panels"]
        for target in panel.get("targets", [])
    }


# What may go wrong, and a word of the problem that has to be seen.
MISTAKES: dict[str, tuple[str, Callable[[dict], object]]] = {
    "a field that is none": ("titel", lambda b: b["panels"][0].update(titel="x")),
    "an option that is none": ("colourMode", lambda b: b["panels"][0]["options"].update(colourMode="value")),
    "a word that is none": ("colour", lambda b: b["panels"][0]["options"].update(colorMode="colour")),
    "a text for a number": ("four", lambda b: b["panels"][0]["gridPos"].update(w="four")),
    "panels over each other": ("over each other", lambda b: b["panels"][1]["gridPos"].update(x=0)),
    "one id twice": ("one id", lambda b: b["panels"][1].update(id=1)),
    "an unknown variable": ("$host", lambda b: b["panels"][0]["targets"][0].update(expr='x{node="$host"}')),
    "a data source of its own": ("data source", lambda b: b["panels"][0]["targets"][0]["datasource"].update(uid="x")),
}


def main() -> int:
    register_default_plugins()
    board = json.loads(Path(sys.argv[1]).read_text())
    found = list(problems(board))
    for mistake, (word, make) in MISTAKES.items():
        spoiled = copy.deepcopy(board)
        make(spoiled)
        if not any(word in problem for problem in problems(spoiled)):
            found.append(f"a mistake is not found: {mistake}")
    rules = [{"record": f"query:{number}", "expr": expr} for number, expr in enumerate(queries(board).values())]
    Path(sys.argv[2]).write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    print(*found, sep="\n", file=sys.stderr)
    print(f"{len(board['panels'])} panels, {len(rules)} queries, {len(MISTAKES)} mistakes")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
