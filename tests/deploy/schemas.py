"""Whether objects are what their API takes: known fields alone, of the right type."""

import json
from collections.abc import Iterator
from functools import cache
from importlib import import_module

import kubernetes_validate

# OpenShift 4.12 has the first; the second is the newest that there is.
VERSIONS = ["1.25", kubernetes_validate.latest_version()]
OPERATOR = "monitoring.coreos.com/"


def problems(thing: dict) -> list[str]:
    """What is wrong with one object. One that was seen before is not looked at again: it takes long."""
    return seen(json.dumps(thing))


@cache
def seen(text: str) -> list[str]:
    return list(fresh_problems(json.loads(text)))


def fresh_problems(thing: dict) -> Iterator[str]:
    api, kind = thing["apiVersion"], thing["kind"]
    if api.startswith(OPERATOR):
        yield from operator_problems(thing, kind, api.removeprefix(OPERATOR))
        return
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(thing, version, strict=True)
        except kubernetes_validate.SchemaNotFoundError:
            yield f"{kind}: Kubernetes {version} has no schema for {api}"
        except kubernetes_validate.ValidationError as error:
            yield f"{kind}: Kubernetes {version}: {'/'.join(map(str, error.path))}: {error.message}"


def operator_problems(thing: dict, kind: str, version: str) -> Iterator[str]:
    model = getattr(operator_models(version), kind, None)
    if model is None:
        yield f"{kind}: the Prometheus operator has no such kind"
        return
    try:
        read = model.model_validate(thing)
    except ValueError as error:
        yield f"{kind}: {error}"
        return
    # The models pass over what they do not know: it is missing from what they write.
    for path in lost(thing, read.model_dump(by_alias=True, exclude_unset=True, mode="json")):
        yield f"{kind}: the Prometheus operator has no field {path}"


@cache
def operator_models(version: str):
    return import_module(f"cloudcoil.models.prometheus_operator.{version}")


def lost(before, after, path: str = "") -> Iterator[str]:
    """The paths of what is in `before` and not in `after`."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            below = f"{path}/{key}"
            yield from lost(value, after[key], below) if key in after else [below]
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, pair in enumerate(zip(before, after, strict=True)):
            yield from lost(*pair, f"{path}/{index}")
    elif before != after:
        yield path
