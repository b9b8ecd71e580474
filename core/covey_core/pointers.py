"""JSON pointers (RFC 6901)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def pointer(*parts: str | int) -> str:
    """The pointer that names `parts`, for example `/spec/rounds`."""
    return join(parts)


def join(parts: Iterable[str | int]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def split(text: str) -> tuple[str, ...]:
    """The parts of a pointer; the empty pointer names the whole document."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])
