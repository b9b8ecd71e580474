"""Finds runtimes by name: our own at once, others by the entry point group `covey.runtimes`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from covey_core.model.runtime import Runtime

ENTRY_POINTS = "covey.runtimes"
_OWN = {"flower": "covey_runtimes.flower", "openfl": "covey_runtimes.openfl"}


class BadRuntimeError(Exception):
    """An installed runtime that is no runtime; the message is one sentence."""


def find(name: str) -> Runtime | None:
    """The runtime of that name, or None; raises BadRuntimeError for a plug-in that does not load."""
    place = _place(name)
    return _load(name, place) if place else None


def module(name: str) -> str | None:
    """The name of the runtime's module, once it has proved to be one."""
    place = _place(name)
    if place:
        _load(name, place)
    return place


def _place(name: str) -> str | None:
    if name in _OWN:
        return _OWN[name]
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow to import, and only strangers need it

    return next((entry.module for entry in entry_points(group=ENTRY_POINTS, name=name)), None)


def names() -> tuple[str, ...]:
    """The names of all installed runtimes, sorted."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - as above

    return tuple(sorted({*_OWN, *(entry.name for entry in entry_points(group=ENTRY_POINTS))}))


def _load(name: str, module: str) -> Runtime:
    from covey_core.model.runtime import Runtime  # noqa: PLC0415 - keeps `names` cheap

    try:
        runtime = getattr(importlib.import_module(module), "RUNTIME", None)
    except ImportError as error:
        raise BadRuntimeError(f"The runtime {name!r} does not load: {error}.") from error
    if not isinstance(runtime, Runtime) or runtime.name != name:
        raise BadRuntimeError(f"The module {module!r} of the runtime {name!r} has no RUNTIME of that name.")
    return runtime
