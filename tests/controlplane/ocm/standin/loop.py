"""How a controller runs: its kinds are mirrored by watches, and `act` is called whenever one of them has changed.

    mirror = Mirror(Api(kubeconfig, manager="work-agent"))
    works = mirror.of(WORK, namespace)              # a `Kept`: all(), get(name, namespace)
    run([Loop("works", act, works)], [mirror], stop)  # until `stop` is set; every loop in a thread of its own

`act` looks at everything and does what is missing; it is called again after the seconds that it returns, after changes,
and after errors with a back-off. What a write through the mirror's API returns is seen by the next `act` at once. Kept
objects are shared: change copies.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

import httpx2 as httpx

from controlplane.ocm.api import Object, Refused, path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from controlplane.ocm.api import Api
    from controlplane.rest import Kind

_log = logging.getLogger("standin")
_CALM = 0.02  # seconds in which events that belong together arrive
_FIRST_RETRY, _LAST_RETRY = 0.1, 5.0
_RELIST = 0.5
_GONE = 410
_CONFLICT = 409
_Key = tuple[str, str]
_T = TypeVar("_T")


class Controller(Protocol):
    name: str

    def run(self, stop: threading.Event) -> None: ...


@dataclass(eq=False)
class Kept:
    """All objects of one kind, in one namespace or in all; with `name` one object, for who may read no other."""

    api: Api
    kind: Kind
    namespace: str = ""
    labels: str = ""
    name: str = ""
    synced: threading.Event = field(default_factory=threading.Event)
    listeners: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._objects: dict[_Key, Object] = {}
        self._gone: dict[_Key, int] = {}
        self._lock = threading.Lock()

    def all(self, namespace: str = "") -> list[Object]:
        with self._lock:
            return [one for (where, _), one in sorted(self._objects.items()) if not namespace or where == namespace]

    def get(self, name: str, namespace: str = "") -> Object | None:
        return self._objects.get((namespace or self.namespace, name))

    def run(self, stop: threading.Event) -> None:
        """Keeps watching until `stop`."""
        while not stop.is_set():
            try:
                self._follow(self._list(), stop)
            except Refused as refused:
                if refused.code != _GONE:
                    _log.info("%s: %s", self.kind.plural, refused)
                    stop.wait(_RELIST)
            except httpx.HTTPError as error:
                _log.info("%s: %r", self.kind.plural, error)
                stop.wait(_RELIST)

    def put(self, one: Object, *, gone: bool = False) -> None:
        """What the API has said, unless something newer is known."""
        key, version = _key(one), _version(one)
        with self._lock:
            known = self._objects.get(key)
            if version <= max(self._gone.get(key, 0), _version(known) if known else 0) and not gone:
                return
            if gone:
                self._gone[key] = version
                self._objects.pop(key, None)
            else:
                self._objects[key] = one
        self._say()

    def _list(self) -> str:
        found = self.api.ask("GET", path(self.kind, self.namespace), params=self._selectors())
        what = {"apiVersion": self.kind.group_version, "kind": self.kind.kind}
        with self._lock:
            self._objects = {_key(one): {**what, **one} for one in found["items"]}
        self.synced.set()
        self._say()
        return str(found["metadata"]["resourceVersion"])

    def _follow(self, since: str, stop: threading.Event) -> None:
        while not stop.is_set():
            for event, one in self.api.watch(self.kind, self.namespace, since, self._selectors()):
                since = one["metadata"]["resourceVersion"]
                if event != "BOOKMARK":
                    self.put(one, gone=event == "DELETED")

    def _selectors(self) -> dict[str, str]:
        fields = f"metadata.name={self.name}" if self.name else ""
        given = {"labelSelector": self.labels, "fieldSelector": fields}
        return {name: selector for name, selector in given.items() if selector}

    def _say(self) -> None:
        for tell in list(self.listeners):
            tell()


class Mirror:
    """What one identity watches at one cluster; every kind is watched once."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._kept: dict[tuple[Kind, str, str, str], Kept] = {}
        self._stop: threading.Event | None = None
        api.tell = self._told

    def of(self, kind: Kind, namespace: str = "", *, labels: str = "", name: str = "") -> Kept:
        """Also while it runs: then it is watched from now on."""
        key = (kind, namespace, labels, name)
        if key not in self._kept:
            self._kept[key] = Kept(self.api, *key)
            if self._stop:
                _thread(self._kept[key].run, self._stop)
        return self._kept[key]

    def start(self, stop: threading.Event) -> None:
        self._stop = stop
        for kept in list(self._kept.values()):
            _thread(kept.run, stop)

    def _told(self, kind: Kind, one: Object) -> None:
        metadata = one.get("metadata", {})
        for (kept_kind, where, labels, name), kept in list(self._kept.items()):
            if kept_kind != kind or labels:
                continue
            if where in {"", metadata.get("namespace")} and name in {"", metadata.get("name")}:
                kept.put(one)


class Loop:
    """Calls `act` when something that it keeps has changed, never twice at once."""

    def __init__(self, name: str, act: Callable[[], float | None], *kept: Kept) -> None:
        self.name, self._act, self._kept = name, act, kept
        self._changed = threading.Event()
        for one in kept:
            one.listeners.append(self._changed.set)

    def run(self, stop: threading.Event) -> None:
        for one in self._kept:
            while not one.synced.wait(0.2):
                if stop.is_set():
                    return
        retry, again = _FIRST_RETRY, 0.0
        while not stop.is_set():
            self._changed.wait(again)
            time.sleep(_CALM)
            self._changed.clear()
            again, failed = self._once(retry)
            retry = min(2 * retry, _LAST_RETRY) if failed else _FIRST_RETRY

    def _once(self, retry: float) -> tuple[float | None, bool]:
        """Seconds to wait, and whether it failed."""
        try:
            return self._act(), False
        except Refused as refused:
            if refused.code != _CONFLICT:
                _log.warning("%s: %s", self.name, refused)
            return retry, True
        except Exception:  # noqa: BLE001 - a controller outlives its faults, as OCM's do
            _log.exception("%s", self.name)
            return retry, True


def each(objects: Iterable[Object], act: Callable[[Object], _T]) -> list[_T]:
    """The others go on when it fails for one; then that is raised."""
    done: list[_T] = []
    errors: list[Exception] = []
    for one in objects:
        try:
            done.append(act(one))
        except Exception as error:  # noqa: BLE001 - raised below
            errors.append(error)
    if errors:
        raise errors[0]
    return done


def run(controllers: Iterable[Controller], mirrors: Iterable[Mirror], stop: threading.Event) -> None:
    """Until `stop` is set."""
    for mirror in mirrors:
        mirror.start(stop)
    for controller in controllers:
        _thread(controller.run, stop)
    stop.wait()


def _thread(target: Callable[[threading.Event], None], stop: threading.Event) -> None:
    threading.Thread(target=target, args=(stop,), daemon=True).start()


def _key(one: Object) -> _Key:
    metadata = one["metadata"]
    return metadata.get("namespace", ""), metadata["name"]


def _version(one: Object) -> int:
    return int(one["metadata"].get("resourceVersion", 0))
