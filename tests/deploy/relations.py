"""Whether the objects of an overlay go together: selectors, ports, names, volumes, and the program's own options."""

import re
from collections.abc import Iterator
from pathlib import PurePath

from cluster import NAME, Cluster, image_name, selects

# CRI-O starts nothing with less.
MEMORY_LIMIT_MIN = 12 << 20
# What the program also takes, and Kubernetes alone can tell.
FIELDS = {"NODE_NAME": "spec.nodeName", "POD_IP": "status.podIP"}
PROMETHEUS = {"app.kubernetes.io/name": "prometheus"}
PRODUCER_NAMESPACES = [
    {"kubernetes.io/metadata.name": "openshift-ptp"},
    {"policy-group.network.openshift.io/host-network": ""},
]
# What alerts call it.
JOB = "ptpwatch"
UNITS = {"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30}


def problems(cluster: Cluster, helps: dict[str, str], version: str) -> Iterator[str]:
    yield from names(cluster, version)
    yield from options(cluster, helps)
    yield from selectors(cluster)
    yield from probes(cluster)
    yield from ingress(cluster)
    yield from page(cluster)
    yield from producer(cluster)
    yield from resources(cluster)


def names(cluster: Cluster, version: str) -> Iterator[str]:
    for thing in cluster.things:
        if (
            thing["kind"] != "Namespace"
            and thing["metadata"].get("namespace") != cluster.one("Namespace")["metadata"]["name"]
        ):
            yield f"{thing['kind']} {thing['metadata']['name']}: is in no namespace of ours"
    if cluster.pod["serviceAccountName"] not in [
        account["metadata"]["name"] for account in cluster.all("ServiceAccount")
    ]:
        yield "the pod has an account that is nowhere"
    volumes = {volume["name"] for volume in cluster.pod.get("volumes", [])}
    for container in cluster.containers():
        for mount in container.get("volumeMounts", []):
            if mount["name"] not in volumes:
                yield f"{container['name']}: mounts {mount['name']}, which is nowhere"
    for container in cluster.ours():
        if not container["image"].endswith(f":{version}"):
            yield f"{container['name']}: runs {container['image']}, and this is version {version}"


def options(cluster: Cluster, helps: dict[str, str]) -> Iterator[str]:
    """What a container of ours is told, and the program's help does not know."""
    for container in cluster.ours():
        command, *arguments = container["args"]
        known = set(re.findall(r"--[a-z][a-z-]+|PTPWATCH_[A-Z_]+|NODE_NAME|POD_IP", helps.get(command, "")))
        flags = {argument.split("=")[0] for argument in arguments if argument.startswith("-")}
        environment = cluster.environment(container)
        for unknown in sorted((flags | set(environment)) - known):
            yield f"{container['name']}: ptpwatch {command} knows no {unknown}"
        for variable, field in FIELDS.items():
            if environment.get(variable, field) != field:
                yield f"{container['name']}: {variable} is {environment[variable]} and not {field}"
    for variable in FIELDS.keys() - cluster.options.keys():
        yield f"nobody tells ptpwatch its {variable}"


def selectors(cluster: Cluster) -> Iterator[str]:
    labels = cluster.template["metadata"]["labels"]
    if not selects(labels, cluster.one("DaemonSet")["spec"]["selector"]):
        yield "the DaemonSet does not select its own pods"
    service = cluster.one("Service")
    if not service["spec"].get("selector") or not selects(labels, {"matchLabels": service["spec"]["selector"]}):
        yield "the Service does not select the pods"
    ports = {port["name"]: port["targetPort"] for port in service["spec"]["ports"]}
    for monitor in cluster.all("ServiceMonitor"):
        yield from scrape(monitor["spec"], service["metadata"].get("labels", {}), set(ports))
    for target in ports.values():
        if target not in container_ports(cluster):
            yield f"the Service leads to a port {target} that no container has"
    for policy in cluster.all("NetworkPolicy"):
        if not selects(labels, policy["spec"]["podSelector"]):
            yield f"NetworkPolicy {policy['metadata']['name']}: does not select the pods"


def scrape(monitor: dict, labels: dict[str, str], ports: set[str]) -> Iterator[str]:
    if not selects(labels, monitor["selector"]):
        yield "the ServiceMonitor does not select the Service"
    if labels.get(monitor.get("jobLabel")) != JOB:
        yield f"the job is not called {JOB}, as the alerts have it"
    for endpoint in monitor["endpoints"]:
        if endpoint["port"] not in ports:
            yield f"the ServiceMonitor asks for a port {endpoint['port']} that the Service does not have"


def container_ports(cluster: Cluster) -> dict[str, int]:
    ports = [port for container in cluster.containers() for port in container.get("ports", [])]
    return {port["name"]: port["containerPort"] for port in ports}


def probes(cluster: Cluster) -> Iterator[str]:
    admin = port_of(cluster.options.get("PTPWATCH_ADMIN", ""))
    container = cluster.container()
    if {port["name"]: port["containerPort"] for port in container["ports"]}.get("admin") != admin:
        yield f"the port called admin is not that of PTPWATCH_ADMIN, {admin}"
    if is_local(cluster.options.get("PTPWATCH_ADMIN", "")):
        yield "kubelet and Prometheus cannot reach an admin port on localhost"
    for kind, path in {"livenessProbe": "/livez", "readinessProbe": "/readyz"}.items():
        get = container.get(kind, {}).get("httpGet", {"path": path, "port": "admin"})
        if (get["path"], get["port"]) != (path, "admin"):
            yield f"{kind}: asks {get}"
    if "livenessProbe" not in container:
        yield "nobody looks whether ptpwatch is alive"


def ingress(cluster: Cluster) -> Iterator[str]:
    """Each port that is open to the cluster has exactly the peers that it is for."""
    expected = {port_of(cluster.options["PTPWATCH_ADMIN"]): is_prometheus}
    if not is_local(cluster.options["PTPWATCH_LISTEN"]):
        expected[port_of(cluster.options["PTPWATCH_LISTEN"])] = is_producer
    expected |= {port: is_producer for name, port in container_ports(cluster).items() if name == "transport"}
    opened = set()
    for policy in cluster.all("NetworkPolicy"):
        if policy["spec"]["policyTypes"] != ["Ingress"]:
            yield f"NetworkPolicy {policy['metadata']['name']}: is not understood"
        for rule in policy["spec"]["ingress"]:
            if not rule.get("from") or not rule.get("ports"):
                yield f"NetworkPolicy {policy['metadata']['name']}: lets everybody in, or into every port"
            for port in (port["port"] for port in rule.get("ports", [])):
                opened.add(port)
                if port not in expected:
                    yield f"port {port} is open, and for nobody"
                elif not all(expected[port](peer) for peer in rule.get("from", [])):
                    yield f"port {port} is open to others than it is for"
    if closed := set(expected) - opened:
        yield f"nobody can reach {sorted(closed)}"
    if closed := set(expected) - set(container_ports(cluster).values()):
        yield f"no container says that it has {sorted(closed)}"


def is_prometheus(peer: dict) -> bool:
    return set(peer) == {"namespaceSelector", "podSelector"} and peer["podSelector"] == {"matchLabels": PROMETHEUS}


def is_producer(peer: dict) -> bool:
    return (
        peer.get("podSelector") == {} and peer.get("namespaceSelector", {}).get("matchLabels") in PRODUCER_NAMESPACES
    )


def page(cluster: Cluster) -> Iterator[str]:
    """Whoever else mounts the page's volume mounts the directory, and reads."""
    directory = str(PurePath(cluster.options["PTPWATCH_PAGE"]).parent)
    own = [mount for mount in cluster.container().get("volumeMounts", []) if mount["mountPath"] == directory]
    if len(own) != 1 or own[0].get("readOnly") or "subPath" in own[0]:
        yield f"ptpwatch cannot write its page in {directory}"
        return
    for container in cluster.containers():
        for mount in container.get("volumeMounts", []):
            if (
                mount["name"] == own[0]["name"]
                and container["name"] != NAME
                and (not mount.get("readOnly") or "subPath" in mount)
            ):
                yield f"{container['name']}: mounts the page's volume otherwise than to read its directory"


def producer(cluster: Cluster) -> Iterator[str]:
    """A sidecar is asked where it is told to answer; without one, the Service of the node's producer is."""
    address = cluster.options["PTPWATCH_PRODUCER"]
    sidecars = [container for container in cluster.containers() if image_name(container) != "ptpwatch"]
    if not sidecars:
        if "-NODE_NAME." not in address:
            yield f"{address} is the same for all nodes"
        return
    told = " ".join(sidecars[0].get("args", [])) + " ".join(
        f" {name}={value}" for name, value in cluster.environment(sidecars[0]).items()
    )
    answers = re.search(r"(?:--api-port|SIDECAR_API_PORT)=(\d+)", told)
    if not is_local(address.removeprefix("http://")) or answers is None or int(answers[1]) != port_of(address):
        yield f"{address} is not where {sidecars[0]['name']} answers"
    if not is_local(cluster.options["PTPWATCH_LISTEN"]):
        yield "a sidecar is in the pod, and events are taken from everywhere"


def resources(cluster: Cluster) -> Iterator[str]:
    for container in cluster.containers():
        asked, limits = container["resources"]["requests"], container["resources"]["limits"]
        if not {"cpu", "memory"} <= asked.keys() or bytes_of(limits.get("memory", "0")) < MEMORY_LIMIT_MIN:
            yield f"{container['name']}: asks for too little, or may have too little: {container['resources']}"
    # An L1 in the pod is there for CPUs of its own.
    if any(container["name"] == "vdu" for container in cluster.containers()):
        for container in cluster.ours():
            if container["resources"]["requests"] != container["resources"]["limits"]:
                yield f"{container['name']}: keeps the pod from being Guaranteed"


def port_of(address: str) -> int:
    return int(address.rsplit(":", 1)[-1])


def is_local(address: str) -> bool:
    return address.startswith(("127.0.0.1:", "[::1]:", "localhost:"))


def bytes_of(quantity: str) -> int:
    return int(quantity[:-2]) * UNITS[quantity[-2:]] if quantity[-2:] in UNITS else int(quantity)
