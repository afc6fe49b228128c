"""The Pod Security Standards, as a namespace enforces them, and what ptpwatch keeps to beyond them."""

from collections.abc import Iterator

from cluster import Cluster

LABEL = "pod-security.kubernetes.io/enforce"
RESTRICTED_VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
BASELINE_CAPABILITIES = {
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
}


def problems(cluster: Cluster) -> Iterator[str]:
    level = cluster.one("Namespace")["metadata"]["labels"][LABEL]
    pod = cluster.pod
    if level != "privileged":
        yield from baseline(pod, cluster.containers())
    if level == "restricted":
        yield from restricted(pod, cluster.containers())
        yield from volumes(pod)
    # Whatever else is in the pod.
    yield from restricted(pod, cluster.ours())
    for container in cluster.ours():
        if not container["securityContext"].get("readOnlyRootFilesystem"):
            yield f"{container['name']}: its root file system can be written to"
    if pod.get("automountServiceAccountToken", True):
        yield "a token for the API server is in the pod"


def baseline(pod: dict, containers: list[dict]) -> Iterator[str]:
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(field):
            yield f"the pod has {field}"
    for volume in pod.get("volumes", []):
        if "hostPath" in volume:
            yield f"{volume['name']}: mounts from the host"
    for container in containers:
        name, context = container["name"], container.get("securityContext", {})
        if context.get("privileged"):
            yield f"{name}: is privileged"
        if not set(context.get("capabilities", {}).get("add", [])) <= BASELINE_CAPABILITIES:
            yield f"{name}: adds capabilities"
        if any(port.get("hostPort") for port in container.get("ports", [])):
            yield f"{name}: takes a port of the host"
        if seccomp(pod, container) not in (None, "RuntimeDefault", "Localhost"):
            yield f"{name}: has no seccomp profile"


def restricted(pod: dict, containers: list[dict]) -> Iterator[str]:
    for container in containers:
        name, context = container["name"], container.get("securityContext", {})
        inherited = pod.get("securityContext", {}) | context
        if context.get("allowPrivilegeEscalation") is not False:
            yield f"{name}: may gain privileges"
        if inherited.get("runAsNonRoot") is not True or inherited.get("runAsUser") == 0:
            yield f"{name}: may be root"
        capabilities = context.get("capabilities", {})
        if "ALL" not in capabilities.get("drop", []) or set(capabilities.get("add", [])) - {"NET_BIND_SERVICE"}:
            yield f"{name}: keeps capabilities"
        if seccomp(pod, container) not in ("RuntimeDefault", "Localhost"):
            yield f"{name}: has no seccomp profile"


def volumes(pod: dict) -> Iterator[str]:
    for volume in pod.get("volumes", []):
        kinds = set(volume) - {"name"}
        if not kinds <= RESTRICTED_VOLUMES:
            yield f"{volume['name']}: a volume of the kind {kinds}"


def seccomp(pod: dict, container: dict) -> str | None:
    inherited = pod.get("securityContext", {}) | container.get("securityContext", {})
    return inherited.get("seccompProfile", {}).get("type")
