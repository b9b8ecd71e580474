"""What tests of OCM's works share: writing works, and waiting for what hub and spoke say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from controlplane.ocm.api import Api, Object, Refused
from controlplane.ocm.kinds import APPLIED_WORK, WORK
from controlplane.rest import Kind
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

CONFIG_MAP = Kind("v1", "ConfigMap", "configmaps", namespaced=True)
POD_TEMPLATE = Kind("v1", "PodTemplate", "podtemplates", namespaced=True)
JOB = Kind("batch/v1", "Job", "jobs", namespaced=True)
SITE = "default"  # the namespace on the spoke, unless the test is about namespaces


def config_map(name: str, data: dict[str, str] | None = None, *, namespace: str = SITE) -> Object:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data or {"v": "hub"}}


def job(name: str, *, suspend: bool = True) -> Object:
    """No node runs it; a test writes its status."""
    container = {"name": "c", "image": "example.invalid/x", "command": ["true"]}
    template = {"spec": {"containers": [container], "restartPolicy": "Never"}}
    spec = {"suspend": suspend, "template": template}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "namespace": SITE}, "spec": spec}


def pod_template(name: str, image: str = "example.invalid/x") -> Object:
    template = {"spec": {"containers": [{"name": "c", "image": image}]}}
    metadata = {"name": name, "namespace": SITE}
    return {"apiVersion": "v1", "kind": "PodTemplate", "metadata": metadata, "template": template}


def config(manifest: Object, resource: str, **said: Any) -> Object:
    """A work's configuration for one of its manifests."""
    group = manifest["apiVersion"].rpartition("/")[0]
    metadata = manifest["metadata"]
    identifier = {"group": group, "resource": resource, "name": metadata["name"]}
    namespace = {"namespace": metadata["namespace"]} if "namespace" in metadata else {}
    return {"resourceIdentifier": identifier | namespace, **said}


class Works:
    """One cluster's works on the hub, and its spoke."""

    def __init__(self, hub: Api, spoke: Api, cluster: str = "cluster1") -> None:
        self.hub, self.spoke, self.cluster = hub, spoke, cluster

    def create(self, name: str, *manifests: Object, **spec: Any) -> Object:
        whole = {"workload": {"manifests": list(manifests)}, **spec}
        return self.hub.create(WORK, {"metadata": {"name": name, "namespace": self.cluster}, "spec": whole})

    def change(self, name: str, **spec: Any) -> Object:
        return self.hub.patch(WORK, name, {"spec": spec}, namespace=self.cluster)

    def touch(self, name: str) -> None:
        """So that the agent applies it again."""
        self.hub.patch(WORK, name, {"metadata": {"labels": {"touched": "yes"}}}, namespace=self.cluster)

    def delete(self, name: str) -> None:
        self.hub.delete(WORK, name, self.cluster)

    def get(self, name: str) -> Object | None:
        return self.hub.get(WORK, name, self.cluster)

    def applied(self, name: str) -> Object | None:
        """What the agent keeps on the spoke."""
        found = [one for one in self.spoke.list(APPLIED_WORK) if one["spec"]["manifestWorkName"] == name]
        return found[0] if found else None

    def condition(self, name: str, kind: str) -> Object:
        """That of the work's present generation; empty until there is one."""
        work = self.get(name) or {}
        found = _condition(work.get("status", {}).get("conditions", []), kind)
        return found if found.get("observedGeneration") == work.get("metadata", {}).get("generation") else {}

    def manifest(self, name: str, ordinal: int = 0) -> Object:
        """What the status says of one manifest, with its conditions by type."""
        status = (self.get(name) or {}).get("status", {}).get("resourceStatus", {})
        for one in status.get("manifests", []):
            if one["resourceMeta"]["ordinal"] == ordinal:
                return {**one, "by_type": {it["type"]: it for it in one["conditions"]}}
        return {"by_type": {}, "conditions": [], "resourceMeta": {}, "statusFeedback": {}}

    def wait(self, name: str, kind: str = "Applied", status: str = "True") -> Object:
        """Until a condition of the work has this status."""

        def look() -> Object | None:
            found = self.condition(name, kind)
            return found if found.get("status") == status else None

        return until(look)

    def wait_manifest(self, name: str, kind: str, status: str, ordinal: int = 0) -> Object:
        """The same for one manifest."""

        def look() -> Object | None:
            found = self.manifest(name, ordinal)["by_type"].get(kind, {})
            return found if found.get("status") == status else None

        return until(look)

    def values(self, name: str, ordinal: int = 0) -> dict[str, Any]:
        """Feedback: each value without its type."""
        said = self.manifest(name, ordinal)["statusFeedback"].get("values", [])
        return {one["name"]: one["fieldValue"][one["fieldValue"]["type"].lower()] for one in said}

    def wait_gone(self, name: str) -> None:
        until(lambda: self.get(name) is None)


def refused(act: Callable[[], Any]) -> str:
    """The API server's words."""
    try:
        act()
    except Refused as refusal:
        return str(refusal)
    raise AssertionError("the API server took it")


def _condition(conditions: list[Object], kind: str) -> Object:
    return next((one for one in conditions if one["type"] == kind), {})
