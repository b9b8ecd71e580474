"""Modules that run in OpenFL's environment, as far as they need no OpenFL."""

from __future__ import annotations

import os
import sys
from importlib import import_module

from covey_runtimes import own_code


def inside(name, *, package="covey_openfl"):
    sys.path.extend(path for path in own_code.inside("openfl").split(os.pathsep) if path not in sys.path)
    return import_module(f"{package}.{name}")
