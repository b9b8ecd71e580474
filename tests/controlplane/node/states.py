"""What a Pod's status says, from what is known of its containers. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

_OURS = ("PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready")


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Container:
    """One container over all its restarts."""

    name: str
    image: str
    init: bool = False
    sidecar: bool = False
    restarts: int = 0
    waiting: dict[str, str] = field(default_factory=lambda: {"reason": "PodInitializing"})
    running: dict[str, str] | None = None
    ended: dict[str, Any] | None = None
    last: dict[str, Any] | None = None
    started: bool = False
    ready: bool = False
    id: str = ""

    @property
    def state(self) -> dict[str, Any]:
        if self.running:
            return {"running": self.running}
        return {"terminated": self.ended} if self.ended else {"waiting": self.waiting}

    def status(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "image": self.image,
            "imageID": f"covey-tests/{self.image}" if self.id else "",
            "containerID": self.id or None,
            "state": {"running": None, "terminated": None, "waiting": None} | self.state,
            "lastState": {"terminated": self.last} if self.last else {},
            "ready": self.ready,
            "started": self.started,
            "restartCount": self.restarts,
        }


@dataclass
class Known:
    """A Pod on its node."""

    init: list[Container]
    main: list[Container]
    address: str = ""
    host: str = ""
    began: str = ""
    sandbox: bool = False
    initialized: bool = False
    over: bool = False  # nothing runs any more, nor will
    failed: tuple[str, str] | None = None  # reason and message, where the node has ended it

    @property
    def nothing_left(self) -> bool:
        """Whether there is nothing to start (any more): all is done, or an init container has failed."""
        broken = any(one.ended and one.ended["exitCode"] for one in self.init if not one.sidecar)
        return broken or all(one.ended for one in self.main)


def known(pod: dict[str, Any], host: str) -> Known:
    """What ran here before this program did is dead, as after a loss of power; what had ended stays so."""
    said = pod.get("status", {})
    before = {one["name"]: one for one in [*said.get("initContainerStatuses", ()), *said.get("containerStatuses", ())]}
    policy = pod["spec"].get("restartPolicy", "Always")

    def made(spec: dict[str, Any], *, init: bool) -> Container:
        sidecar = init and spec.get("restartPolicy") == "Always"
        one = Container(spec["name"], spec["image"], init=init, sidecar=sidecar)
        if not pod["spec"].get("initContainers"):
            one.waiting = {"reason": "ContainerCreating"}
        if spec["name"] in before:
            _take_over(one, before[spec["name"]], "Always" if sidecar else policy)
        return one

    init = [made(spec, init=True) for spec in pod["spec"].get("initContainers", ())]
    main = [made(spec, init=False) for spec in pod["spec"]["containers"]]
    return Known(init, main, host=host, began=said.get("startTime") or now())


def _take_over(one: Container, old: dict[str, Any], policy: str) -> None:
    """Its count, and its end: for good where it does not start again, else as that of its last start."""
    state = old.get("state", {})
    end = state.get("terminated")
    if state.get("running"):
        end = {"exitCode": 137, "reason": "ContainerStatusUnknown", "finishedAt": now()}
    one.restarts, one.last = old.get("restartCount", 0), old.get("lastState", {}).get("terminated")
    waits_for_next = (state.get("waiting") or {}).get("reason") == "CrashLoopBackOff"
    if end and not _again(one, end, policy):
        one.ended, one.id = end, old.get("containerID") or ""
    elif end or waits_for_next:
        one.restarts += 1
        one.last = end or one.last


def _again(one: Container, end: dict[str, Any], policy: str) -> bool:
    """A new sandbox runs plain init containers again, but a Pod that never restarts gets none."""
    return policy == "Always" or (policy == "OnFailure" and (one.init or bool(end["exitCode"])))


def phase(known: Known) -> str:
    """A terminal phase only when nothing runs any more, sidecars included."""
    if known.over:
        codes = [one.ended["exitCode"] if one.ended else 1 for one in known.main]
        bad = any(one.ended and one.ended["exitCode"] for one in known.init if not one.sidecar)
        return "Failed" if known.failed or bad or any(codes) else "Succeeded"
    if any(one.running or one.ended or one.last for one in known.main):
        return "Running"
    return "Pending"


def status(known: Known, pod: dict[str, Any]) -> dict[str, Any]:
    """Whole, for a merge patch; conditions that others write are kept."""
    reason, message = known.failed or (None, None)
    addresses = {"podIP": known.address or None, "podIPs": [{"ip": known.address}] if known.address else None}
    return {
        "phase": phase(known),
        "reason": reason,
        "message": message,
        "startTime": known.began,
        "hostIP": known.host,
        "hostIPs": [{"ip": known.host}],
        **addresses,
        "observedGeneration": pod["metadata"].get("generation"),
        "conditions": _conditions(known, pod),
        "initContainerStatuses": [one.status() for one in known.init],
        "containerStatuses": [one.status() for one in known.main],
    }


def _conditions(known: Known, pod: dict[str, Any]) -> list[dict[str, Any]]:
    done = known.over and phase(known) == "Succeeded"
    unready = [one.name for one in [*known.main, *(one for one in known.init if one.sidecar)] if not one.ready]
    incomplete = f"containers with unready status: [{' '.join(unready)}]"
    why = ("PodCompleted", None) if done else ("PodFailed", None) if known.over else ("ContainersNotReady", incomplete)
    ready = (not unready and not known.over, *why)
    said = {
        "PodReadyToStartContainers": (known.sandbox and not known.over, None, None),
        "Initialized": (known.initialized, "PodCompleted" if done else "ContainersNotInitialized", None),
        "ContainersReady": ready,
        "Ready": ready,
    }
    old = {one["type"]: one for one in pod.get("status", {}).get("conditions", ())}
    kept = [one for name, one in old.items() if name not in _OURS]
    return [*kept, *(_condition(name, old.get(name), *value) for name, value in said.items())]


def _condition(
    name: str, old: dict[str, Any] | None, holds: bool, reason: str | None, message: str | None
) -> dict[str, Any]:
    value = "True" if holds else "False"
    since = old["lastTransitionTime"] if old and old["status"] == value else now()
    made: dict[str, Any] = {"type": name, "status": value, "lastTransitionTime": since}
    if not holds or reason == "PodCompleted":
        made |= {key: text for key, text in (("reason", reason), ("message", message)) if text}
    return made
