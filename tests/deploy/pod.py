"""A pod of a rendered overlay as containers of podman, on a network that has nothing but localhost."""

import json
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from cluster import Cluster
from relations import bytes_of

NODE = "compute-1.example.com"
# A pod's name, which its containers keep when they are started again.
HOST = "ptpwatch-x7k2p"
# What only a cluster knows.
FIELDS = {"spec.nodeName": NODE, "status.podIP": "127.0.0.1"}
# runc, for it does with the control groups of old and new kernels; limits that need no right of the machine's.
PODMAN = ["podman", "--runtime", "runc", "--cgroup-manager", "cgroupfs"]
LIMITS = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]
# The image that has the simulated producer.
SIMULATOR = "localhost/ptpwatch:simulator"
# Longest wait for anything, in seconds; nothing here takes nearly that long unless it never comes.
PATIENCE = 60


def podman(*arguments: str) -> str:
    done = subprocess.run([*PODMAN, *arguments], check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"podman {' '.join(arguments)}: {done.stderr}"
    return done.stdout.strip()


class Container:
    def __init__(self, *arguments: str):
        self.id = podman("run", "--detach", *LIMITS, *arguments)
        self.inside = podman("inspect", "--format", "{{.State.Pid}}", self.id)

    def lines(self) -> str:
        done = subprocess.run([*PODMAN, "logs", self.id], check=False, capture_output=True, text=True)
        return done.stdout + done.stderr

    def wait_for(self, what: str, after: int = 0) -> int:
        """Waits for a line with `what` past `after` characters of its lines; answers how many there were then."""
        wait(lambda: re.search(what, self.lines()[after:]), lambda: f"{what!r} among {self.lines()[after:]}")
        return len(self.lines())

    def status(self, field: str) -> str:
        (line,) = [
            line
            for line in Path(f"/proc/{self.inside}/status").read_text().splitlines()
            if line.startswith(f"{field}:")
        ]
        return line.split(":")[1].strip()

    def get(self, url: str) -> tuple[int, str]:
        """Status and body of what its network has at `url`."""
        curl = ["curl", "--silent", "--max-time", "10", "--write-out", "\n%{http_code}", url]
        enter = ["nsenter", "-t", self.inside, "-n"]
        done = subprocess.run([*enter, *curl], check=False, capture_output=True, text=True)
        body, status = done.stdout.rsplit("\n", 1)
        return int(status), body

    def wait_for_ok(self, url: str):
        wait(lambda: self.get(url)[0] == 200, lambda: f"200 at {url}, but {self.get(url)}")

    def stop(self) -> int:
        """Its exit code after SIGTERM."""
        podman("stop", "--time", "10", self.id)
        return int(podman("inspect", "--format", "{{.State.ExitCode}}", self.id))


class Pod:
    """The containers of ours; a simulated producer is in the place of all others, and of the node's."""

    def __init__(self, cluster: Cluster, image: str, script: str, folder: Path, extra: dict[str, str]):
        self.cluster, self.image, self.folder = cluster, image, folder
        producer = urlsplit(cluster.options["PTPWATCH_PRODUCER"].replace("NODE_NAME", NODE.partition(".")[0]))
        self.hostname = producer.hostname
        (folder / "page").mkdir()
        (folder / "page").chmod(0o777)
        (folder / "script").write_text(script)
        dialect = cluster.options.get("PTPWATCH_DIALECT", "openshift-v2")
        self.extra = extra
        self.producer = Container(
            "--network=none",
            "--volume",
            f"{folder}/script:/script:ro",
            SIMULATOR,
            "simulate",
            "--dialect",
            dialect,
            "--node",
            NODE,
            "--listen",
            f"127.0.0.1:{producer.port}",
            "--script",
            "/script",
        )
        self.containers: dict[str, Container] = {}

    def name_producer(self, name: str):
        """What the producer's address is known as in the pod."""
        (self.folder / "hosts").write_text(f"127.0.0.1 localhost {name}\n")

    def start_all(self) -> "Pod":
        for container in self.cluster.ours():
            self.start(container["name"])
        return self

    def start(self, name: str):
        spec = self.cluster.container(name)
        self.containers[name] = Container(*self.arguments(spec), self.image, *spec["args"])

    def arguments(self, spec: dict) -> Iterator[str]:
        yield from (
            f"--network=container:{self.producer.id}",
            "--hostname",
            HOST,
            "--volume",
            f"{self.folder}/hosts:/etc/hosts:ro",
        )
        for name, value in (self.cluster.environment(spec) | self.extra).items():
            yield from ("--env", f"{name}={FIELDS.get(value, value)}")
        context = spec["securityContext"]
        yield from ("--read-only",) if context["readOnlyRootFilesystem"] else ()
        yield from () if context["allowPrivilegeEscalation"] else ("--security-opt", "no-new-privileges")
        yield from (f"--cap-drop={capability}" for capability in context["capabilities"]["drop"])
        yield from ("--memory", str(bytes_of(spec["resources"]["limits"]["memory"])))
        for mount in spec["volumeMounts"]:
            how = "ro" if mount.get("readOnly") else "rw"
            yield from ("--volume", f"{self.folder}/page:{mount['mountPath']}:{how}")

    def __getitem__(self, name: str) -> Container:
        return self.containers[name]


@contextmanager
def running(
    cluster: Cluster, image: str, script: str, extra: dict[str, str] | None = None, alias=""
) -> Iterator[Pod]:
    """The pod, in which the producer has the name that it is asked by, or `alias`."""
    with tempfile.TemporaryDirectory() as folder:
        # Readable for whoever the containers run as.
        Path(folder).chmod(0o755)
        pod = Pod(cluster, image, script, Path(folder), extra or {})
        pod.name_producer(alias or pod.hostname)
        try:
            yield pod.start_all()
        finally:
            podman("rm", "--depend", "--force", "--time", "0", pod.producer.id)


def wait(until: Callable[[], object], what: Callable[[], str]):
    end = time.monotonic() + PATIENCE
    while not until():
        assert time.monotonic() < end, f"never seen: {what()}"
        time.sleep(0.1)


def image_config(image: str) -> dict:
    return json.loads(podman("inspect", "--type", "image", image))[0]["Config"]
