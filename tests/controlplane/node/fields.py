"""What a Pod says of itself, for its environment and its files (the downward API). Pure."""

from __future__ import annotations

import re
from typing import Any

from controlplane.node.quantities import divided

_KEYED = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")
_PLAIN = {
    "metadata.name": ("metadata", "name"),
    "metadata.namespace": ("metadata", "namespace"),
    "metadata.uid": ("metadata", "uid"),
    "spec.nodeName": ("spec", "nodeName"),
    "spec.serviceAccountName": ("spec", "serviceAccountName"),
    "status.podIP": ("status", "podIP"),
    "status.hostIP": ("status", "hostIP"),
}


def field(pod: dict[str, Any], path: str) -> str:
    if keyed := _KEYED.fullmatch(path):
        return str((pod["metadata"].get(keyed[1]) or {}).get(keyed[2], ""))
    if path in {"metadata.labels", "metadata.annotations"}:
        said = pod["metadata"].get(path.rpartition(".")[2]) or {}
        return "\n".join(f'{key}="{_quoted(value)}"' for key, value in sorted(said.items()))
    if path in {"status.podIPs", "status.hostIPs"}:
        path = path.removesuffix("s")
    part, name = _PLAIN[path]
    return str((pod.get(part) or {}).get(name, ""))


def resource(pod: dict[str, Any], ref: dict[str, Any], *, container: str, allocatable: dict[str, str]) -> str:
    """A limit that is not set is all that the node has."""
    name = ref.get("containerName", container)
    every = [*pod["spec"]["containers"], *pod["spec"].get("initContainers", ())]
    said = next(one for one in every if one["name"] == name).get("resources", {})
    kind, _, what = ref["resource"].partition(".")
    value = said.get(kind, {}).get(what)
    if value is None:
        value = allocatable.get(what, "0") if kind == "limits" else "0"
    return divided(value, ref.get("divisor") or "1")


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
