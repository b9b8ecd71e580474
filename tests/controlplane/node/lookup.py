"""Looks up what the environment of a container is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from controlplane.node.environment import environment, wanted
from controlplane.node.fields import field, resource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from controlplane.node.host import Host


async def lookup(
    host: Host, pod: dict[str, Any], container: dict[str, Any], *, base: Mapping[str, str], address: str
) -> dict[str, str]:
    """`base` is the image's, `address` the Pod's; raises MissingError."""
    namespace = pod["metadata"]["namespace"]
    objects = {
        (kind, name): await host.api.get(f"/api/v1/namespaces/{namespace}/{kind.lower()}s/{name}")
        for kind, name in wanted(container)
    }
    now = {**pod, "status": {"podIP": address, "hostIP": host.address}}

    def said(source: dict[str, Any]) -> str:
        if "fieldRef" in source:
            return field(now, source["fieldRef"]["fieldPath"])
        return resource(pod, source["resourceFieldRef"], container=container["name"], allocatable=host.allocatable)

    own = {
        "HOSTNAME": pod["metadata"]["name"],
        # The API's certificate names the loopback address; each Pod's loopback leads there.
        "KUBERNETES_SERVICE_HOST": "127.0.0.1",
        "KUBERNETES_SERVICE_PORT": str(host.api_port),
        "KUBERNETES_SERVICE_PORT_HTTPS": str(host.api_port),
    }
    return environment(container, objects, base={**base, **own}, field=said)
