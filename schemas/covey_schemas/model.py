"""What a catalog is: kinds by name, each with one closed JSON Schema that is made when it is first asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Make = Callable[[], "KindSchema"]

_VERSION = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?\Z")
_STABILITY = {None: 2, "beta": 1, "alpha": 0}


@dataclass(frozen=True, slots=True, order=True)
class KindName:
    """A kind as the API server names it; `group` is empty for the core group."""

    group: str
    version: str
    kind: str

    @classmethod
    def of(cls, api_version: str, kind: str) -> KindName:
        group, _, version = api_version.rpartition("/")
        return cls(group, version, kind)

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    def __str__(self) -> str:
        return f"{self.api_version} {self.kind}"


@dataclass(frozen=True, slots=True)
class KindSchema:
    """A kind's JSON Schema 2020-12 and where it comes from.

    Every `$ref` points to `#/$defs/<name>` of the same schema, and every definition is an object. `cel` says whether
    any part of it has `x-kubernetes-validations`.
    """

    name: KindName
    schema: dict[str, Any] = field(hash=False, repr=False)
    namespaced: bool
    origin: str
    cel: bool


class Catalog(Protocol):
    """Where schemas are looked up."""

    def find(self, name: KindName) -> KindSchema | None: ...

    def kinds(self) -> tuple[KindName, ...]: ...

    def versions_of(self, group: str, kind: str) -> tuple[str, ...]:
        """The versions of a kind, most stable and newest first."""
        ...


class LazyCatalog:
    """A catalog whose index is read at the first question, and each schema when it is asked for."""

    def __init__(self, load: Callable[[], Mapping[KindName, Make]]) -> None:
        self._load = load
        self._index: Mapping[KindName, Make] | None = None
        self._made: dict[KindName, KindSchema] = {}

    def find(self, name: KindName) -> KindSchema | None:
        if name not in self._made:
            make = self._makers().get(name)
            if make is None:
                return None
            self._made[name] = make()
        return self._made[name]

    def kinds(self) -> tuple[KindName, ...]:
        return tuple(sorted(self._makers()))

    def versions_of(self, group: str, kind: str) -> tuple[str, ...]:
        return _versions(self._makers(), group, kind)

    def _makers(self) -> Mapping[KindName, Make]:
        if self._index is None:
            self._index = self._load()
        return self._index


class LayeredCatalog:
    """Several catalogs as one; the first that knows a kind answers."""

    def __init__(self, layers: tuple[Catalog, ...]) -> None:
        self._layers = layers

    def find(self, name: KindName) -> KindSchema | None:
        return next((found for layer in self._layers if (found := layer.find(name)) is not None), None)

    def kinds(self) -> tuple[KindName, ...]:
        return tuple(sorted({name for layer in self._layers for name in layer.kinds()}))

    def versions_of(self, group: str, kind: str) -> tuple[str, ...]:
        return _versions(self.kinds(), group, kind)


def _versions(names: Mapping[KindName, Make] | tuple[KindName, ...], group: str, kind: str) -> tuple[str, ...]:
    versions = {name.version for name in names if name.group == group and name.kind == kind}
    return tuple(sorted(versions, key=_priority, reverse=True))


def _priority(version: str) -> tuple[int, int, int, str]:
    """Kubernetes' order of versions: stable before beta before alpha, then by number."""
    match = _VERSION.match(version)
    if match is None:
        return (-1, 0, 0, version)
    return (_STABILITY[match[2]], int(match[1]), int(match[3] or 0), version)
