"""Modules that run in OpenFL's environment, as far as they need no OpenFL."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import covey_runtimes.openfl

INSIDE = Path(covey_runtimes.openfl.__file__).parent / "inside"


def inside(name):
    if str(INSIDE) not in sys.path:
        sys.path.append(str(INSIDE))
    return import_module(f"covey_openfl.{name}")
