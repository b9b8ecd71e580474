"""Reads this package's own data files; parsers are imported when one is read."""
# ruff: noqa: PLC0415 - importing the catalog stays cheap

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def json(path: Path) -> dict[str, Any]:
    import json as parser

    found: dict[str, Any] = parser.loads(path.read_bytes())
    return found


def yaml(path: Path) -> dict[str, Any]:
    from yaml_rs import loads

    found: dict[str, Any] = loads(path.read_text(encoding="utf-8"), parse_datetime=False)  # type: ignore[assignment]  # one document
    return found
