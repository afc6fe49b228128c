"""Runs the image as the overlays say: alone, then each overlay's pod beside a simulated producer.

containers.py IMAGE VERSION RENDERED...
"""

import sys
import tarfile
import tempfile
from pathlib import Path

from cluster import Cluster
from pod import HOST, Container, Pod, image_config, podman, running, wait
from relations import bytes_of, port_of

LOCKED = "os-clock LOCKED offset 20\nlock-state LOCKED offset -3\nclock-class 6\nwait 10m\n"
LISTS = {
    "openshift-v1": "/api/ocloudNotifications/v1/subscriptions",
    "openshift-v2": "/api/ocloudNotifications/v2/subscriptions",
    "starlingx-v2": "/ocloudNotifications/v2/subscriptions",
}
# How producers spell an empty list.
NOTHING = ("", "null", "[]")
FILES = {"licenses/LICENSE-APACHE", "licenses/LICENSE-MIT", "ptpwatch"}


def check_image(image: str, version: str):
    config = image_config(image)
    assert config["User"] == "65532:65532" and config["Entrypoint"] == ["/ptpwatch"] and config["Cmd"] == ["run"], (
        config
    )
    with tempfile.TemporaryDirectory() as folder:
        created = podman("create", image)
        podman("export", "--output", f"{folder}/image.tar", created)
        podman("rm", created)
        with tarfile.open(f"{folder}/image.tar") as files:
            entries = [entry for entry in files if entry.isfile() and entry.size]
    names = {entry.name for entry in entries}
    assert names == FILES, f"the image has {names}"
    for entry in entries:
        assert entry.uid == 0 and entry.mode & 0o7222 == 0, f"{entry.name}: {entry.mode:o} of {entry.uid}"
    # As whom the image says, and as somebody of OpenShift's.
    for user in ([], ["--user", "1000650000:0"]):
        said = podman(
            "run",
            "--rm",
            "--network=none",
            "--read-only",
            "--cap-drop=ALL",
            "--ulimit",
            "nofile=1024:1024",
            "--ulimit",
            "nproc=1024:1024",
            *user,
            image,
            "--version",
        )
        assert said == f"ptpwatch {version}", said
    print(f"the image has {sum(entry.size for entry in entries):,} bytes in {len(entries)} files")


def check_overlay(name: str, cluster: Cluster, image: str):
    with running(cluster, image, LOCKED) as pod:
        ptpwatch = pod["ptpwatch"]
        ptpwatch.wait_for('"kind":"verdict".*"state":"LOCKED"')
        check_rights(ptpwatch)
        check_probes(ptpwatch, cluster)
        check_memory(name, ptpwatch, cluster)
        if "vdu" in pod.containers:
            check_page(pod)
        check_subscriptions(pod)
    print(f"{name}: locked, ready, and gone with its subscriptions")


def check_unnamed(cluster: Cluster, image: str):
    """Nobody restarts ptpwatch for a producer that has no name yet; and it is found once it has."""
    with running(cluster, image, LOCKED, alias="other") as pod:
        ptpwatch = pod["ptpwatch"]
        ptpwatch.wait_for("cannot resolve")
        admin = f"http://127.0.0.1:{port_of(cluster.options['PTPWATCH_ADMIN'])}"
        ptpwatch.wait_for_ok(f"{admin}/livez")
        assert ptpwatch.get(f"{admin}/readyz")[0] == 503
        pod.name_producer(pod.hostname)
        ptpwatch.wait_for('"kind":"verdict".*"state":"LOCKED"')
    print("up before its producer has a name")


def check_rights(ptpwatch: Container):
    assert ptpwatch.status("Uid").split() == ["65532"] * 4, ptpwatch.status("Uid")
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(ptpwatch.status(kind), 16) == 0, f"{kind}: {ptpwatch.status(kind)}"
    assert ptpwatch.status("NoNewPrivs") == "1" and ptpwatch.status("Seccomp") == "2"
    (root,) = [
        line.split()
        for line in Path(f"/proc/{ptpwatch.inside}/mounts").read_text().splitlines()
        if line.split()[1] == "/"
    ]
    assert "ro" in root[3].split(","), root


def check_probes(ptpwatch: Container, cluster: Cluster):
    ports = {port["name"]: port["containerPort"] for port in cluster.container()["ports"]}
    for kind in ("livenessProbe", "readinessProbe"):
        if get := cluster.container().get(kind, {}).get("httpGet"):
            ptpwatch.wait_for_ok(f"http://127.0.0.1:{ports[get['port']]}{get['path']}")


def check_memory(name: str, ptpwatch: Container, cluster: Cluster):
    peak_kb = int(ptpwatch.status("VmHWM").split()[0])
    asked = bytes_of(cluster.container()["resources"]["requests"]["memory"])
    assert peak_kb << 10 < asked, f"{peak_kb} kB, and {asked} bytes are asked for"
    print(f"{name}: {peak_kb} kB at most")


def check_subscriptions(pod: Pod):
    """They name the pod's own address, and go with it."""
    dialect = pod.cluster.options.get("PTPWATCH_DIALECT", "openshift-v2")
    url = f"http://127.0.0.1:{port_of(pod.cluster.options['PTPWATCH_PRODUCER'])}{LISTS[dialect]}"
    wait(
        lambda: f"http://127.0.0.1:8989/event/{HOST}" in pod.producer.get(url)[1],
        lambda: f"subscriptions of ours among {pod.producer.get(url)}",
    )
    assert pod["ptpwatch"].stop() == 0, pod["ptpwatch"].lines()
    status, body = pod.producer.get(url)
    assert status == 200 and body.strip() in NOTHING, body


def check_page(pod: Pod):
    """What the L1 reads: the verdict; UNKNOWN once ptpwatch is killed; and the verdict again, in the same file."""
    seen = pod["vdu"].wait_for("LOCKED")
    podman("kill", "--signal", "KILL", pod["ptpwatch"].id)
    seen = pod["vdu"].wait_for("UNKNOWN", seen)
    pod.start("ptpwatch")
    pod["vdu"].wait_for("LOCKED", seen)


def main():
    image, version, *rendered = sys.argv[1:]
    check_image(image, version)
    for path in map(Path, rendered):
        check_overlay(path.stem, Cluster.read(path), image)
    check_unnamed(Cluster.read(Path(rendered[0])), image)


if __name__ == "__main__":
    main()
