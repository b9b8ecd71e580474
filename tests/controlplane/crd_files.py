"""CRDs as files, read once and quickly: other projects' are megabytes of YAML."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from pathlib import Path


def load(path: Path) -> dict[str, Any]:
    """The one document of a file, for the caller to change."""
    return deepcopy(_parsed(path))


@cache
def _parsed(path: Path) -> dict[str, Any]:
    value: dict[str, Any] = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    return value
