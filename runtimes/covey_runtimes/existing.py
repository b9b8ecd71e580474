"""What an app that exists already says of itself, so that a job's spec can be written for it.

A runtime's module may have `APPS`, a few words that say by what its apps are known, and `existing_app(folder)`, which
returns None for a folder that is none of its apps.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Scalar = str | int | float | bool


class BadAppError(Exception):
    """An app of this runtime that can't run; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class ExistingApp:
    """None is what the app does not say; `configuration` are its own settings, which a job may change."""

    name: str
    rounds: int | None = None
    minimum: int | None = None
    configuration: Mapping[str, Scalar] = field(default_factory=dict)


def mapping_at(document: Mapping[str, Any], *path: str) -> dict[str, Any]:
    """The mapping at `path`, or an empty one."""
    found: Any = document
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def positive(value: object) -> int | None:
    """The value where it is a number of rounds or collaborators, else None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
