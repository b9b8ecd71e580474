"""From a container as a Pod has it to what `container.py` makes of it. Pure, but for which folders there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from controlplane.node import images

if TYPE_CHECKING:
    from pathlib import Path

    from controlplane.node.images import Image

_PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
_USUAL = {  # what container runtimes leave to root
    *("CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP"),
    *("NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE"),
}
MESSAGE = "/dev/termination-log"


class RefusedError(Exception):
    """A container that a node does not start as it is asked for."""


@dataclass(frozen=True)
class Place:
    """Where the files of one start of a container are."""

    root: Path
    log: Path
    message: Path
    hosts: Path


def specification(
    pod: dict[str, Any],
    container: dict[str, Any],
    image: Image,
    *,
    place: Place,
    volumes: dict[str, Path],
    all_users: bool,
) -> dict[str, Any]:
    """All but `argv` and `env`."""
    _refuse_unknown(container)
    context = container.get("securityContext", {})
    return {
        "root": str(place.root),
        "log": str(place.log),
        "links": images.links(),
        "mounts": _mounts(container, image, place, volumes),
        "readOnlyRoot": context.get("readOnlyRootFilesystem", False),
        "noNewPrivileges": context.get("allowPrivilegeEscalation") is False,
        "capabilities": _capabilities(context.get("capabilities", {})),
        "folder": container.get("workingDir") or image.folder,
        "allUsers": all_users,
        **_users(pod["spec"].get("securityContext", {}), context, image),
    }


def _refuse_unknown(container: dict[str, Any]) -> None:
    """What would be left out without a word."""
    for name in _PROBES:
        if "grpc" in container.get(name, {}):
            raise RefusedError(f"the node of these tests has no gRPC probes, and {name} is one")
    if "postStart" in container.get("lifecycle", {}):
        raise RefusedError("the node of these tests runs no postStart hooks")


def _users(of_pod: dict[str, Any], own: dict[str, Any], image: Image) -> dict[str, Any]:
    context = of_pod | own
    user = context.get("runAsUser", image.user)
    if context.get("runAsNonRoot") and user == 0:
        raise RefusedError("container has runAsNonRoot and image will run as root")
    group = context.get("runAsGroup", user if user == image.user else 0)
    groups = {*of_pod.get("supplementalGroups", ())} | ({of_pod["fsGroup"]} if "fsGroup" in of_pod else set())
    return {"user": user, "group": group, "groups": sorted(groups)}


def _capabilities(said: dict[str, Any]) -> list[str]:
    kept = set() if "ALL" in said.get("drop", ()) else _USUAL - {*said.get("drop", ())}
    return sorted(kept | {*said.get("add", ())})


def _mounts(container: dict[str, Any], image: Image, place: Place, volumes: dict[str, Path]) -> list[dict[str, Any]]:
    made = [_mount(source, target, read_only=True) for source, target in images.mounts(image)]
    made.append(_mount(place.hosts, "/etc/hosts", read_only=True))
    made.append(_mount(place.message, container.get("terminationMessagePath") or MESSAGE))
    for one in sorted(container.get("volumeMounts", ()), key=lambda one: len(one["mountPath"])):
        source = volumes[one["name"]]
        if sub := one.get("subPath"):
            source = _inside(source, sub)
        made.append(_mount(source, one["mountPath"].rstrip("/"), read_only=one.get("readOnly", False)))
    return made


def _inside(volume: Path, sub: str) -> Path:
    """What is there now: a file that is exchanged later stays the old one in the container, as on a real node."""
    found = (volume / sub).resolve()
    if not found.is_relative_to(volume.resolve()):
        raise RefusedError(f'failed to prepare subPath "{sub}": it leads out of its volume')
    if not found.exists():
        found.mkdir(parents=True)
    return found


def _mount(source: Path | str, target: str, *, read_only: bool = False) -> dict[str, Any]:
    return {"source": str(source), "target": target, "readOnly": read_only}
