"""Checks rendered overlays, and that each check finds what it is there for.

manifests.py HELP VERSION RENDERED...: HELP is a directory with `ptpwatch help COMMAND` in a file for each command.
"""

import copy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import relations
import schemas
import security
from cluster import Cluster


def problems(cluster: Cluster, helps: dict[str, str], version: str) -> Iterator[str]:
    for thing in cluster.things:
        yield from schemas.problems(thing)
    yield from relations.problems(cluster, helps, version)
    yield from security.problems(cluster)


# What may go wrong, on OpenShift v2 with an L1 in the pod, and a word of the problem that has to be seen.
MISTAKES: dict[str, tuple[str, Callable[[Cluster], object]]] = {
    "a field that Kubernetes does not have": ("replcas", lambda c: c.one("DaemonSet")["spec"].update(replcas=1)),
    "a text for a number": ("containerPort", lambda c: c.container()["ports"][0].update(containerPort="8990")),
    "a field that the operator does not have": ("scrape", lambda c: monitor(c).update(scrape="15s")),
    "a duration that is none": ("interval", lambda c: monitor(c).update(interval="soon")),
    "a rule's field that is none": ("fro", lambda c: rules(c)[0].update(fro="1m")),
    "an option that is none": ("PTPWATCH_ROLL", lambda c: config(c).update(PTPWATCH_ROLL="oc")),
    "a flag that is none": ("--wach", lambda c: c.container("vdu").update(args=["page", "--wach"])),
    "a command that is none": ("pages", lambda c: c.container("vdu").update(args=["pages", "--watch"])),
    "no node": ("NODE_NAME", lambda c: c.container().update(env=[])),
    "another namespace": ("no namespace", lambda c: c.one("Service")["metadata"].update(namespace="default")),
    "another account": ("account", lambda c: c.pod.update(serviceAccountName="other")),
    "another version": ("version", lambda c: c.container().update(image="ptpwatch:0.0.0")),
    "a label less": ("select", lambda c: c.template["metadata"].update(labels={})),
    "a Service for others": ("Service", lambda c: c.one("Service")["spec"].update(selector={"app": "other"})),
    "a job of another name": ("job", lambda c: c.one("ServiceMonitor")["spec"].pop("jobLabel")),
    "a scrape of another port": ("metrics", lambda c: monitor(c).update(port="metrics")),
    "a policy for others": (
        "does not select",
        lambda c: policy(c, "events")["spec"]["podSelector"].update(matchLabels={"a": "b"}),
    ),
    "a Prometheus that is ourselves": (
        "others",
        lambda c: prometheus(c)["matchLabels"].update({"app.kubernetes.io/name": "ptpwatch"}),
    ),
    "an event port for all": ("everybody", lambda c: policy(c, "events")["spec"]["ingress"][0].pop("from")),
    "an event port for a namespace more": (
        "others",
        lambda c: policy(c, "events")["spec"]["ingress"][0]["from"].append(
            {"namespaceSelector": {}, "podSelector": {}}
        ),
    ),
    "an event port for nobody": ("8989", lambda c: c.things.remove(policy(c, "events"))),
    "an admin port on localhost": ("localhost", lambda c: config(c).update(PTPWATCH_ADMIN="127.0.0.1:8990")),
    "an admin port elsewhere": ("admin", lambda c: config(c).update(PTPWATCH_ADMIN="[::]:8991")),
    "a probe of another page": (
        "livenessProbe",
        lambda c: c.container()["livenessProbe"]["httpGet"].update(path="/state"),
    ),
    "a page in no volume": ("page", lambda c: config(c).update(PTPWATCH_PAGE="/tmp/state")),
    "an L1 that could write": ("vdu", lambda c: c.container("vdu")["volumeMounts"][0].pop("readOnly")),
    "an L1 that holds the file": ("vdu", lambda c: c.container("vdu")["volumeMounts"][0].update(subPath="state")),
    "one producer for all": (
        "same",
        lambda c: config(c).update(PTPWATCH_PRODUCER="http://ptp-event-publisher-service:9043"),
    ),
    "too little memory": ("too little", lambda c: c.container()["resources"]["limits"].update(memory="8Mi")),
    "a pod without CPUs of its own": ("Guaranteed", lambda c: c.container()["resources"]["limits"].pop("cpu")),
    "root": ("root", lambda c: c.container()["securityContext"].update(runAsUser=0)),
    "privileges to gain": ("privileges", lambda c: c.container()["securityContext"].pop("allowPrivilegeEscalation")),
    "capabilities": ("capabilities", lambda c: c.container()["securityContext"].pop("capabilities")),
    "a privileged container": ("privileged", lambda c: c.container()["securityContext"].update(privileged=True)),
    "no seccomp": ("seccomp", lambda c: c.pod.pop("securityContext")),
    "a root file system to write to": (
        "written",
        lambda c: c.container()["securityContext"].pop("readOnlyRootFilesystem"),
    ),
    "the host's network": ("hostNetwork", lambda c: c.pod.update(hostNetwork=True)),
    "a mount from the host": ("host", lambda c: c.pod["volumes"].append({"name": "x", "hostPath": {"path": "/"}})),
    "a token": ("token", lambda c: c.pod.pop("automountServiceAccountToken")),
}


def config(cluster: Cluster) -> dict:
    name = cluster.container()["envFrom"][0]["configMapRef"]["name"]
    return cluster.one("ConfigMap", name)["data"]


def monitor(cluster: Cluster) -> dict:
    return cluster.one("ServiceMonitor")["spec"]["endpoints"][0]


def rules(cluster: Cluster) -> list[dict]:
    return cluster.one("PrometheusRule")["spec"]["groups"][0]["rules"]


def policy(cluster: Cluster, name: str) -> dict:
    return cluster.one("NetworkPolicy", f"ptpwatch-{name}")


def prometheus(cluster: Cluster) -> dict:
    return policy(cluster, "admin")["spec"]["ingress"][0]["from"][0]["podSelector"]


def main() -> int:
    helps = {path.name: path.read_text() for path in Path(sys.argv[1]).iterdir()}
    version = sys.argv[2]
    clusters = {path.stem: Cluster.read(path) for path in map(Path, sys.argv[3:])}
    found = [
        f"{name}: {problem}" for name, cluster in clusters.items() for problem in problems(cluster, helps, version)
    ]
    for name, cluster in clusters.items():
        if ("openshift" in name or "monitoring" in name) != bool(cluster.all("ServiceMonitor")):
            found.append(f"{name}: Prometheus finds it, and should not, or the other way round")
    for mistake, (word, make) in MISTAKES.items():
        spoiled = copy.deepcopy(clusters["openshift-v2+vdu"])
        make(spoiled)
        if not any(word in problem for problem in problems(spoiled, helps, version)):
            found.append(f"a mistake is not found: {mistake}")
    print(*found, sep="\n", file=sys.stderr)
    objects = sum(len(cluster.things) for cluster in clusters.values())
    print(f"{len(clusters)} overlays, {objects} objects, {len(MISTAKES)} mistakes")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
