"""What is in a rendered overlay, by kind."""

from dataclasses import dataclass
from pathlib import Path

import yaml

IMAGE = "ptpwatch"
NAME = "ptpwatch"


@dataclass
class Cluster:
    things: list[dict]

    @classmethod
    def read(cls, path: Path) -> "Cluster":
        return cls([thing for thing in yaml.safe_load_all(path.read_text()) if thing])

    def all(self, kind: str) -> list[dict]:
        return [thing for thing in self.things if thing["kind"] == kind]

    def one(self, kind: str, name: str | None = None) -> dict:
        (thing,) = [thing for thing in self.all(kind) if name in (None, thing["metadata"]["name"])]
        return thing

    @property
    def template(self) -> dict:
        return self.one("DaemonSet")["spec"]["template"]

    @property
    def pod(self) -> dict:
        return self.template["spec"]

    def containers(self) -> list[dict]:
        return self.pod.get("initContainers", []) + self.pod["containers"]

    def container(self, name: str = NAME) -> dict:
        (container,) = [container for container in self.containers() if container["name"] == name]
        return container

    def ours(self) -> list[dict]:
        """The containers that run our program."""
        return [container for container in self.containers() if image_name(container) == IMAGE]

    def environment(self, container: dict) -> dict[str, str]:
        """What a container gets; of what only the cluster knows, where it comes from."""
        values = {}
        for source in container.get("envFrom", []):
            values |= self.one("ConfigMap", source["configMapRef"]["name"])["data"]
        for entry in container.get("env", []):
            origin = entry.get("valueFrom", {})
            values[entry["name"]] = entry.get("value") or origin.get("fieldRef", {}).get("fieldPath", "")
        return values

    @property
    def options(self) -> dict[str, str]:
        """The environment of `ptpwatch run`."""
        return self.environment(self.container())


def image_name(container: dict) -> str:
    return container["image"].rsplit("/", 1)[-1].split(":")[0].split("@")[0]


def selects(labels: dict | None, selector: dict | None) -> bool:
    """Whether a selector, of which we use `matchLabels` alone, takes in `labels`."""
    assert set(selector or {}) <= {"matchLabels"}, f"not understood: {selector}"
    return (selector or {}).get("matchLabels", {}).items() <= (labels or {}).items()
